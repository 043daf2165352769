//! A row that was re-emitted as a JSON object: its values as the cells of the columns of their names.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::row::{Cells, Span};
use super::columns::{self, Column};

/// Reads objects. Its buffers are used again from object to object.
#[derive(Default)]
pub(super) struct Object {
    text: Vec<u8>,
    spans: Vec<Span>,
}

impl Object {
    /// The cells of `record`, one object. None: it is none.
    pub(super) fn read(&mut self, record: &[u8]) -> Option<Cells<'_>> {
        self.text.clear();
        self.spans.clear();
        self.spans.resize(Column::COUNT, (0, 0));
        serde_json::Deserializer::from_slice(record).deserialize_map(Fields(self)).ok()?;
        Some(Cells::new(&self.text, &self.spans))
    }
}

struct Fields<'a>(&'a mut Object);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a record of an accounting file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(column) = map.next_key_seed(Name)? {
            let Some(column) = column else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let start = self.0.text.len();
            map.next_value_seed(Text(&mut self.0.text))?;
            if let Some(span) = self.0.spans.get_mut(column)
                && *span == (0, 0)
            {
                *span = (start, self.0.text.len());
            }
        }
        Ok(())
    }
}

/// The column that a key names.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<usize>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the name of a column")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(columns::known(name.as_bytes()))
    }
}

/// Appends a value as text.
struct Text<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a cell")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.0.extend_from_slice(number.to_string().as_bytes());
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.0.extend_from_slice(number.to_string().as_bytes());
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.0.extend_from_slice(number.to_string().as_bytes());
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Objects of a head that are looked at.
const MOST_OBJECTS: usize = 256;

/// Whether one of the first objects of `text` has the names of an accounting record.
pub(super) fn is_ours(text: &[u8]) -> bool {
    memchr::memchr_iter(b'{', text).take(MOST_OBJECTS).filter_map(|at| text.get(at..)).any(is_record)
}

/// How often the bytes of a record may be read to find others within it: strangers nest objects as deep as a record is long.
const MOST_READINGS: usize = 16;

/// The accounting records within an object that is none itself: a batch, or what a shipper wrapped. What a record holds is its own.
pub(super) fn within(object: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut readable = object.len().saturating_mul(MOST_READINGS);
    let mut rest = object.get(1..).unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            let found = rest.get(memchr::memchr(b'{', rest)?..)?;
            let (whole, behind) = found.split_at_checked(length(found)?)?;
            readable = readable.checked_sub(whole.len())?;
            if is_record(whole) {
                rest = behind;
                return Some(whole);
            }
            rest = found.get(1..)?;
        }
    })
}

/// The length of the object at the beginning of a text, if it is whole.
fn length(text: &[u8]) -> Option<usize> {
    let mut objects = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    objects.next()?.ok().map(|_| objects.byte_offset())
}

/// Whether the object at the beginning of a text has the names of an accounting record.
fn is_record(object: &[u8]) -> bool {
    let mut first = Object::default();
    // Whether all of it is there does not matter: what was read of it is.
    first.read(object);
    let has = |column: Column| first.spans.get(column as usize).is_some_and(|&span| span != (0, 0));
    let is_timed = has(Column::TimeLogged) || has(Column::TimeQueued);
    has(Column::Type)
        && (is_timed || has(Column::DsnStatus) || has(Column::BounceCat))
        && (has(Column::Rcpt) || has(Column::Orig))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_at_the_columns_of_their_names() {
        let mut object = Object::default();
        let record = br#"{"type":"d","timelogged":1178807903,"rcpt":"a@b.example","x":{"rcpt":"no"},"dsnDiag":"smtp;250 \"ok\"","vmta":null}"#;
        let cells = object.read(record).unwrap();
        let cell = |column: Column| cells.get(column as usize);
        assert_eq!((cell(Column::Type), cell(Column::TimeLogged)), (&b"d"[..], &b"1178807903"[..]));
        assert_eq!((cell(Column::Rcpt), cell(Column::Vmta)), (&b"a@b.example"[..], &b""[..]));
        assert_eq!(cell(Column::DsnDiag), b"smtp;250 \"ok\"");
        assert!(object.read(b"[1]").is_none() && object.read(b"{\"type\":").is_none());
    }

    #[test]
    fn records_are_found_within_what_wraps_them() {
        let found = |text: &str| within(text.as_bytes()).count();
        let record = r#"{"type":"d","timeLogged":"1178807903","rcpt":"a@b.example","headers":{"x":{}}}"#;
        assert_eq!(found(&format!(r#"{{"batch":7,"rows":[{record},{record}],"more":{{"type":"x"}}}}"#)), 2);
        assert_eq!(found(&format!(r#"{{"_source":{record}}}"#)), 1);
        let hits = vec![format!(r#"{{"_index":"x","_source":{record}}}"#); 100].join(",");
        assert_eq!(found(&format!(r#"{{"hits":{{"hits":[{hits}]}}}}"#)), 100);
        assert_eq!(found(&format!(r#"{{"message":{record:?}}}"#)), 0);
        assert_eq!(found(&format!(r#"{{"rows":[{record},{}"#, &record[..20])), 1, "cut");
    }

    #[test]
    fn nested_objects_are_read_a_few_times_at_most() {
        let nest = |front: &str, depth: usize| format!(r#"{{"rows":{}1{}}}"#, front.repeat(depth), "}".repeat(depth));
        let record = r#"{"type":"d","timeLogged":"1178807903","rcpt":"a@b.example","x":"#;
        assert_eq!(within(nest(record, 2_000).as_bytes()).count(), 1, "what a record holds is its own");
        let wrapped = format!(r#"{{"record":{record}1}},"next":"#);
        assert!(within(nest(&wrapped, 2_000).as_bytes()).count() < 2 * MOST_READINGS);
    }

    #[test]
    fn an_accounting_object_is_told_by_its_names() {
        assert!(is_ours(br#"{"type":"d","timeLogged":"1178807903","rcpt":"a@b.example"}"#));
        assert!(is_ours(br#"[ {"orig":"c@d.example","timeQueued":"1","type":"t","dsnDiag":"smtp;45"#));
        assert!(!is_ours(br#"{"type":"Delivery","id":"1","recipient":"a@b.example"}"#));
        assert!(!is_ours(br#"{"type":"open","rcpt":"a@b.example"}"#));
        assert!(!is_ours(b"{"));
    }
}
