//! Logs of JSON objects: one reader for all services that write so.
//!
//! A record is an object; sometimes a line that holds several, or a list of them. The reader offers each object to the service that its
//! file is of, then to whichever of [`SERVICES`] knows it by its members: relays of events mix services in one file. What no service
//! knows may be an envelope (a notification of Amazon SNS, a batch, a page of an API), whose contents are read in its place, to a fixed
//! depth. A new service is one file with its [`Service`] and one line in the list.
//!
//! Measured on records of `KumoMTA`: `serde_json` over text that is checked to be UTF-8 once (0.9 GB/s a core) against sonic-rs (0.6).

mod form;
mod members;
mod repair;
mod rows;
mod story;
mod survey;
mod telling;
mod value;
mod walk;

use serde::de::Deserialize;

pub(crate) use members::{Members, Name, Shape, fields};
pub(crate) use repair::repair;
pub(crate) use story::{Meaning, NOTHING, Story};
pub(crate) use survey::{framing, tops};
pub(crate) use telling::{Message, Telling, address};
pub(crate) use value::{Many, Value};
pub(crate) use walk::object;

use super::clock::Clock;
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Framing, Head, Kind, Pos, Sink};

/// The services, in the order in which they are asked for an object that could be several's.
static SERVICES: [&Service; 15] = [
    &super::kumomta::KUMOMTA,
    &super::sparkpost::SPARKPOST,
    &super::ses::SES,
    &super::mailgun::MAILGUN,
    &super::postmark::POSTMARK,
    &super::mandrill::MANDRILL,
    &super::mailjet::MAILJET,
    &super::brevo::BREVO,
    &super::mailtrap::MAILTRAP,
    &super::postal::POSTAL,
    &super::resend::RESEND,
    &super::mailersend::MAILERSEND,
    &super::mailerq::MAILERQ,
    &super::haraka::HARAKA,
    &super::sendgrid::SENDGRID,
];

/// A service, or an MTA, whose records are objects.
pub(crate) struct Service {
    /// The name of its format.
    pub(crate) name: &'static str,
    /// Whether an object is its own, by its members.
    pub(crate) knows: fn(&Object<'_>) -> bool,
    /// Reads the object at the beginning of the text into events: what it was, and its length. None, and nothing was told: it is
    /// another's, or cannot be read.
    pub(crate) read: fn(&str, &mut Telling<'_>) -> Option<(Kind, usize)>,
}

impl Format for Service {
    fn name(&self) -> &'static str {
        self.name
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        survey::recognise(self, head)
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        let first = SERVICES.into_iter().find(|service| service.name == self.name);
        let reader =
            JsonReader { first, clock: Clock::new(context), id: Vec::new(), reply: Vec::new(), envelope: String::new() };
        if rows::messages(head).is_some() { Box::new(rows::Rows::new(reader)) } else { Box::new(reader) }
    }
}

/// Reads a `T` from the object at the beginning of `text`; gives its length, too.
pub(crate) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<(T, usize)> {
    walk::value(text)
}

/// The members of an object, unread: to tell whose it is.
pub(crate) struct Object<'a>(Vec<(std::borrow::Cow<'a, str>, &'a str)>);

/// Members looked at: no service's object has half as many before those that tell it.
const MOST_MEMBERS: usize = 256;

impl<'a> Object<'a> {
    /// The object at the beginning of `text`.
    fn of(text: &'a str) -> Self {
        Self(walk::members(text).take(MOST_MEMBERS).collect())
    }

    /// The object at the beginning of `text`, and its length; None if it is not whole.
    fn whole(text: &'a str) -> Option<(Self, usize)> {
        let mut members = Vec::new();
        let length = match walk::whole(text, MOST_MEMBERS, |name, value| members.push((name, value))) {
            Some(length) => length,
            // Too many members to look at, or no object: one look tells.
            None => walk::length(text)?,
        };
        Some((Self(members), length))
    }

    /// Whether there is a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The text of a member as it stands in the object; empty if there is none.
    pub(crate) fn raw(&self, name: &str) -> &'a str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The text of a member that is a string without escapes; empty if it is none.
    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.raw(name).strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default()
    }
}

/// Envelopes within envelopes that are opened: a queue's message holds a notification that holds an event.
const DEEPEST: u8 = 6;

/// What may hold events of services or lists of them, as objects or as strings of JSON: Amazon SNS, SQS, Lambda, `EventBridge`; pages of
/// event APIs; posts of webhooks; log shippers and containers; documents of Elasticsearch, subscriptions and queries of `CloudWatch`,
/// exports of Splunk and Google Cloud, records of Kafka.
const ENVELOPES: [&str; 31] = [
    "Message",
    "Messages",
    "Records",
    "Body",
    "body",
    "Sns",
    "detail",
    "event-data",
    "mandrill_events",
    "msys",
    "results",
    "items",
    "events",
    "Bounces",
    "payload",
    "data",
    "message",
    "MESSAGE",
    "log",
    "_source",
    "hits",
    "logEvents",
    "@message",
    "result",
    "_raw",
    "event",
    "jsonPayload",
    "textPayload",
    "line",
    "value",
    "attributes",
];

/// The text of what an envelope holds: a list, an object, or a string that is one.
fn content<'a>(name: &str, value: &'a str) -> Option<std::borrow::Cow<'a, str>> {
    if !ENVELOPES.contains(&name) {
        return None;
    }
    let is_json = |text: &str| text.trim_start().starts_with(['{', '[']);
    match value.chars().next()? {
        '{' | '[' => Some(value.into()),
        '"' => match walk::value::<Value<'a>>(value)? {
            (Value::Text(text), _) if is_json(&text) => Some(text),
            (Value::Text(_) | Value::Nothing | Value::Whole(_) | Value::Real(_) | Value::Flag(_), _) => None,
        },
        _ => None,
    }
}

/// Reads the records of one segment.
struct JsonReader {
    /// The service that the file is of.
    first: Option<&'static Service>,
    clock: Clock,
    id: Vec<u8>,
    reply: Vec<u8>,
    /// See [`Telling::envelope`].
    envelope: String,
}

impl Reader for JsonReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        self.read_text(record, record, at, into)
    }
}

impl JsonReader {
    /// Reads the `text` of a record.
    fn read_text(&mut self, text: &[u8], record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let head = Head { pos: at, time: None, host: b"", instance: b"", pid: None, record };
        let mut telling = Telling {
            head,
            into,
            posted: None,
            clock: &mut self.clock,
            id: &mut self.id,
            reply: &mut self.reply,
            envelope: &mut self.envelope,
        };
        let sound = std::str::from_utf8(text).unwrap_or_default();
        if sound.is_empty() && !text.is_empty() {
            return broken(self.first, text, &mut telling, None);
        }
        let Found { kind, unread } = objects(self.first, sound, &mut telling, DEEPEST);
        match unread {
            Some(unread) => broken(self.first, unread.as_bytes(), &mut telling, kind),
            None => kind.or_else(|| posted(self.first, sound, &mut telling)).unwrap_or_else(|| without_object(sound)),
        }
    }
}

/// Reads a form, which holds no object as it stands.
#[cold]
fn posted(first: Option<&'static Service>, text: &str, telling: &mut Telling<'_>) -> Option<Kind> {
    let object = form::object(text)?;
    objects(first, &object, telling, DEEPEST).kind.filter(|kind| *kind != Kind::Other || !form::is_cut(text))
}

/// What a text without an object is: what stands between objects, or nothing that is understood.
pub(crate) fn without_object(text: &str) -> Kind {
    let is_between = |c: char| c.is_ascii_whitespace() || matches!(c, '[' | ']' | ',' | '\u{feff}');
    if text.chars().all(is_between) || text.trim_start().starts_with('#') || is_of_lambda(text) {
        Kind::Other
    } else {
        Kind::Unparsed
    }
}

/// What AWS Lambda writes about its runs between the lines of a function, behind a stamp or not.
fn is_of_lambda(text: &str) -> bool {
    const BEGINNINGS: [&str; 4] =
        ["START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_START Runtime Version: "];
    let text = text.trim_start();
    let behind = if text.starts_with(|c: char| c.is_ascii_digit()) { text.split_once([' ', '\t']) } else { None };
    let text = behind.map_or(text, |(_, behind)| behind);
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

/// Reads what could not be read as it stands; `known` is what was read before it.
fn broken(first: Option<&'static Service>, text: &[u8], telling: &mut Telling<'_>, known: Option<Kind>) -> Kind {
    let repaired = repair(text);
    let Found { kind, unread } = objects(first, &repaired, telling, DEEPEST);
    let kind = more(known, kind);
    match unread {
        Some(_) => more(kind, Some(Kind::Unparsed)).unwrap_or(Kind::Unparsed),
        None => kind.unwrap_or_else(|| without_object(&repaired)),
    }
}

/// What the objects in a text were.
struct Found<'a> {
    /// None: there was no object.
    kind: Option<Kind>,
    /// The text from the object on that cannot be read.
    unread: Option<&'a str>,
}

/// Reads all objects in `text`, in lists or one after the other.
fn objects<'a>(first: Option<&'static Service>, text: &'a str, telling: &mut Telling<'_>, depth: u8) -> Found<'a> {
    let (mut kind, mut rest) = (None, text);
    while let Some(at) = object(rest) {
        let Some((found, length)) = object_of(first, at, telling, depth) else { return Found { kind, unread: Some(at) } };
        kind = more(kind, Some(found));
        rest = at.get(length..).unwrap_or_default();
    }
    Found { kind, unread: None }
}

/// Reads the object at the beginning of `text`; None if it cannot be read as it stands.
fn object_of(first: Option<&'static Service>, text: &str, telling: &mut Telling<'_>, depth: u8) -> Option<(Kind, usize)> {
    // What begins as the last envelope did is one, too: to read it as an event would take as long as to open it.
    let is_envelope = begins_with(text, telling.envelope);
    if !is_envelope && let Some(found) = first.and_then(|service| (service.read)(text, telling)) {
        return Some(found);
    }
    let (object, length) = Object::whole(text)?;
    let mut owners = SERVICES.iter().filter(|service| (service.knows)(&object)).peekable();
    if owners.peek().is_some() {
        if let Some(found) = first.filter(|_| is_envelope).and_then(|service| (service.read)(text, telling)) {
            return Some(found);
        }
        // A service's object that even its owner cannot read holds half a character where it matters.
        return owners.find_map(|service| (service.read)(text, telling));
    }
    if depth == DEEPEST
        && let Some((name, _)) = object.0.first()
    {
        telling.envelope.clear();
        telling.envelope.push_str(name);
    }
    let mut kind = None;
    if let Some(depth) = depth.checked_sub(1) {
        let posted = [object.text("Timestamp"), object.text("time")].into_iter().find(|posted| !posted.is_empty());
        telling.posted = posted.and_then(|posted| telling.time(&Value::Text(posted.into()))).or(telling.posted);
        for content in object.0.iter().filter_map(|(name, value)| content(name, value)) {
            kind = more(kind, objects(first, &content, telling, depth).kind);
        }
    }
    Some((kind.unwrap_or(Kind::Other), length))
}

/// Whether the first member of the object at the beginning of `text` is called `name`, as a machine writes it.
fn begins_with(text: &str, name: &str) -> bool {
    let named = || text.strip_prefix("{\"")?.strip_prefix(name);
    !name.is_empty() && named().is_some_and(|rest| rest.starts_with('"'))
}

/// What a record of several things was: the most telling of them.
fn more(one: Option<Kind>, other: Option<Kind>) -> Option<Kind> {
    let rank = |kind: &Kind| match kind {
        Kind::Header => 0,
        Kind::Unparsed => 1,
        Kind::Other => 2,
        Kind::Context => 3,
        Kind::Inbound => 4,
        Kind::Probe => 5,
        Kind::Suspended => 6,
        Kind::Delivery => 7,
    };
    one.into_iter().chain(other).max_by_key(rank)
}

#[cfg(test)]
mod tests;
