//! An object of JSON as a row: its values as the cells of the columns of their names.
//!
//! Sites turn the rows of a table into objects with the same names, alone, in lists, or within others.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::row::{Cells, Span};

/// The column of a name.
pub(crate) type Known = fn(&[u8]) -> Option<usize>;

/// Reads objects. Its buffers are used again from object to object.
pub(crate) struct ObjectRow {
    text: Vec<u8>,
    spans: Vec<Span>,
    known: Known,
    columns: usize,
}

impl ObjectRow {
    /// Reads objects whose members are those of so many `columns`.
    pub(crate) fn new(known: Known, columns: usize) -> Self {
        Self { text: Vec::new(), spans: Vec::new(), known, columns }
    }

    /// The cells of `record`, one object. None: it is none.
    pub(crate) fn read(&mut self, record: &[u8]) -> Option<Cells<'_>> {
        self.text.clear();
        self.spans.clear();
        self.spans.resize(self.columns, (0, 0));
        serde_json::Deserializer::from_slice(record).deserialize_map(Fields(self)).ok()?;
        Some(self.cells())
    }

    /// The cells of the object read last.
    pub(crate) fn cells(&self) -> Cells<'_> {
        Cells::new(&self.text, &self.spans)
    }

    /// Whether the object read last has a column, also where the object was not whole.
    pub(crate) fn has(&self, column: usize) -> bool {
        self.spans.get(column).is_some_and(|&span| span != (0, 0))
    }
}

struct Fields<'a>(&'a mut ObjectRow);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a row as an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(column) = map.next_key_seed(Name(self.0.known))? {
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
struct Name(Known);

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
        Ok((self.0)(name.as_bytes()))
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

    /// A list of a cell has semicolons between its entries.
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let start = self.0.len();
        loop {
            let end = self.0.len();
            if end > start {
                self.0.push(b';');
            }
            if items.next_element_seed(Text(self.0))?.is_none() {
                self.0.truncate(end);
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Objects of a head that are looked at.
const MOST_OBJECTS: usize = 256;

/// Whether `is_record` is true of one of the first objects of `text`, of which the last may be cut.
pub(crate) fn any(text: &[u8], is_record: impl Fn(&[u8]) -> bool) -> bool {
    memchr::memchr_iter(b'{', text).take(MOST_OBJECTS).filter_map(|at| text.get(at..)).any(is_record)
}

/// How often the bytes of a record may be read to find others within it: strangers nest objects as deep as a record is long.
const MOST_READINGS: usize = 16;

/// The records within an object that is none itself: a batch, or what a shipper wrapped. What a record holds is its own.
pub(crate) fn within(object: &[u8], is_record: impl Fn(&[u8]) -> bool) -> impl Iterator<Item = &[u8]> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &[u8]) -> Option<usize> {
        [&b"type"[..], b"rcpt"].iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    fn is_record(object: &[u8]) -> bool {
        let mut row = ObjectRow::new(known, 2);
        row.read(object);
        row.has(0) && row.has(1)
    }

    #[test]
    fn values_stand_at_the_columns_of_their_names() {
        let mut row = ObjectRow::new(known, 2);
        let cells = row.read(br#"{"Type":1178807903,"x":{"rcpt":"no"},"rcpt":["a\"b","c",[]],"type":"later"}"#).unwrap();
        assert_eq!((cells.get(0), cells.get(1)), (&b"1178807903"[..], &b"a\"b;c;"[..]));
        let cells = row.read(br#"{"type":null,"rcpt":[]}"#).unwrap();
        assert_eq!((cells.get(0), cells.get(1)), (&b""[..], &b""[..]));
        assert!(row.read(b"[1]").is_none() && row.read(b"{\"type\":").is_none());
    }

    #[test]
    fn records_are_found_within_what_wraps_them() {
        let found = |text: &str| within(text.as_bytes(), is_record).count();
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
        assert_eq!(within(nest(record, 2_000).as_bytes(), is_record).count(), 1, "what a record holds is its own");
        let wrapped = format!(r#"{{"record":{record}1}},"next":"#);
        assert!(within(nest(&wrapped, 2_000).as_bytes(), is_record).count() < 2 * MOST_READINGS);
    }
}
