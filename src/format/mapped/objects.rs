//! Objects of a mapped log, one a line or in any other arrangement.

use std::borrow::Cow;
use std::fmt;

use jiff::tz::TimeZone;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::record::Record;
use super::written::Mapping;
use crate::event::{Framing, Head, Kind, Pos, Sink};
use crate::format::clock::Clock;
use crate::format::json::{self, Many, Name, Telling, Value};
use crate::format::{Confidence, FileContext, Reader};

/// Whether an object in the head of a file has the members without which nothing can be read.
pub(super) fn recognise(mapping: &Mapping, head: &[u8]) -> Option<(Confidence, Framing)> {
    memchr::memchr(b'{', head)?;
    let text = String::from_utf8_lossy(head);
    let paths = Paths::of(&mapping.sources);
    let is_ours = |object: &str| {
        let slots = paths.slots(object, mapping.sources.len()).unwrap_or_default();
        mapping.telling().all(|source| slots.get(source).is_some_and(is_some))
    };
    json::tops(&text).any(is_ours).then(|| (Confidence::Certain, json::framing(&text)))
}

/// Why the head of a file that was named to be of the mapping, or nearly is, is not: the members that no object has.
pub(super) fn misfit(mapping: &Mapping, head: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let paths = Paths::of(&mapping.sources);
    let mut seen = vec![false; mapping.sources.len()];
    for object in json::tops(&text) {
        for (seen, slot) in seen.iter_mut().zip(paths.slots(object, mapping.sources.len()).unwrap_or_default()) {
            *seen |= is_some(&slot);
        }
    }
    let is_missing = |source: &usize| seen.get(*source) == Some(&false);
    let missing: Vec<&str> =
        mapping.telling().filter(is_missing).filter_map(|source| mapping.sources.get(source)).map(String::as_str).collect();
    (!missing.is_empty() && seen.contains(&true)).then(|| format!("no object has {}", missing.join(", ")))
}

fn is_some(slot: &Many<Value<'_>>) -> bool {
    slot.all().iter().any(Value::is_some)
}

/// Members of interest, at any depth: `mail.recipient` is the member `recipient` of the object `mail`, or the member of that whole name.
#[derive(Clone, Debug, Default)]
struct Paths {
    /// By name.
    members: Vec<(String, Paths)>,
    /// Which source ends here.
    source: Option<usize>,
}

impl Paths {
    fn of(sources: &[String]) -> Self {
        let mut root = Self::default();
        for (source, path) in sources.iter().enumerate() {
            root.add(path, source);
        }
        root
    }

    fn add(&mut self, path: &str, source: usize) {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let known = self.members.iter().position(|(known, _)| known == name);
        let place = known.unwrap_or(self.members.len());
        if known.is_none() {
            self.members.push((name.to_owned(), Self::default()));
        }
        let Some((_, member)) = self.members.get_mut(place) else { return };
        match rest {
            Some(rest) => member.add(rest, source),
            None => member.source = Some(source),
        }
    }

    /// What lies at a member's name, whose points may be steps too.
    fn find(&self, name: &str) -> Option<&Self> {
        if let Some(found) = self.step(name) {
            return Some(found);
        }
        name.contains('.').then_some(())?;
        name.split('.').try_fold(self, Self::step)
    }

    fn step(&self, name: &str) -> Option<&Self> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, found)| found)
    }

    /// The values of the object at the beginning of `text`, one for each source. None: it is no object that is whole.
    fn slots<'a>(&self, text: &'a str, sources: usize) -> Option<Vec<Many<Value<'a>>>> {
        let mut slots = vec![Many::None; sources];
        let mut from = serde_json::Deserializer::from_str(text);
        Seek { paths: self, slots: &mut slots }.deserialize(&mut from).ok()?;
        Some(slots)
    }
}

/// Goes through a value and keeps what the paths name.
struct Seek<'p, 's, 'a> {
    paths: &'p Paths,
    slots: &'s mut Vec<Many<Value<'a>>>,
}

impl<'a> Seek<'_, '_, 'a> {
    fn keep(&mut self, value: Value<'a>) {
        if let Some(slot) = self.paths.source.and_then(|source| self.slots.get_mut(source)) {
            *slot = std::mem::take(slot).with(value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = members.next_key()? {
            match self.paths.find(&name) {
                Some(paths) => members.next_value_seed(Seek { paths, slots: &mut *self.slots })?,
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Seek { paths: self.paths, slots: &mut *self.slots })?.is_some() {}
        Ok(())
    }

    fn visit_borrowed_str<E>(mut self, text: &'de str) -> Result<(), E> {
        self.keep(Value::Text(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.keep(Value::Text(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_i64<E>(mut self, whole: i64) -> Result<(), E> {
        self.keep(Value::Whole(whole));
        Ok(())
    }

    fn visit_u64<E>(mut self, whole: u64) -> Result<(), E> {
        self.keep(i64::try_from(whole).map_or(Value::Real(whole as f64), Value::Whole));
        Ok(())
    }

    fn visit_f64<E>(mut self, real: f64) -> Result<(), E> {
        self.keep(Value::Real(real));
        Ok(())
    }

    fn visit_bool<E>(mut self, flag: bool) -> Result<(), E> {
        self.keep(Value::Flag(flag));
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads the objects of a file.
pub(super) struct ObjectReader {
    mapping: Mapping,
    paths: Paths,
    clock: Clock,
    zone: TimeZone,
    id: Vec<u8>,
    reply: Vec<u8>,
}

impl ObjectReader {
    pub(super) fn new(mapping: Mapping, context: &FileContext) -> Self {
        let paths = Paths::of(&mapping.sources);
        Self { clock: Clock::new(context), zone: context.zone.clone(), id: Vec::new(), reply: Vec::new(), paths, mapping }
    }

    fn object(&mut self, text: &str, at: Pos, record: &[u8], into: &mut dyn Sink) -> Option<Kind> {
        let Self { mapping, paths, clock, zone, id, reply } = self;
        let slots = paths.slots(text, mapping.sources.len())?;
        if !mapping.telling().any(|source| slots.get(source).is_some_and(is_some)) {
            return Some(Kind::Other);
        }
        let head = Head { pos: at, time: None, host: b"", instance: b"", pid: None, record };
        let mut telling = Telling { head, into, posted: None, clock, id, reply };
        Some(Record { mapping, slots: &slots, zone }.tell(&mut telling))
    }
}

impl Reader for ObjectReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let sound = std::str::from_utf8(record).unwrap_or_default();
        if let Some(text) = json::object(sound)
            && let Some(kind) = self.object(text, at, record, into)
        {
            return kind;
        }
        let repaired = json::repair(record);
        match json::object(&repaired) {
            Some(text) => self.object(text, at, record, into).unwrap_or(Kind::Unparsed),
            None => json::without_object(&repaired),
        }
    }
}
