//! `MailerQ`: result messages as JSON, and the lines of its send log.
//!
//! A result holds all attempts of its message so far, the last of which decides; a message that is tried again is published again with a
//! longer list. It has no id: sender, recipient and the time of its first attempt stand for one. The layout of the send log can be
//! configured; the documented one is read: `[TIME] STATE:RESULT N <SENDER> <RECIPIENT> [SOURCE] [RELAY] [ TAGS ] CODE STATUS TEXT`. Times
//! name no zone. Sources: "JSON results" and "Logging" of the `MailerQ` documentation.
//!
//! Kinds: results and lines of attempts are deliveries; messages that were not tried are context.

use super::clock::Clock;
use super::cursor::{Cursor, skip_blanks};
use super::detect::lines;
use super::json::{Many, Object, Service, Telling, Value, fields, read};
use super::said::{attempt, said, sort};
use super::{Confidence, FileContext, Format, Reader, envelope};
use crate::event::{Attempt, Enhanced, Event, Framing, Head, Key, Kind, Pos, Sink, Speaker, Stage, Status, What};

/// The format of both.
pub(crate) struct MailerQ;

/// The results.
pub(crate) static MAILERQ: Service = Service { name: "mailerq", knows, read: read_result };

impl Format for MailerQ {
    fn name(&self) -> &'static str {
        MAILERQ.name
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let has_line = || lines(head).any(|line| Line::of(line).is_some());
        MAILERQ.recognise(head).or_else(|| has_line().then_some((Confidence::Certain, Framing::Lines)))
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        if lines(head).any(|line| Line::of(line).is_some()) {
            return Box::new(LineReader { clock: Clock::new(context), reply: Vec::new() });
        }
        MAILERQ.reader(head, context)
    }
}

fields! {
    Message<'a> {
        "envelope" => sender: Value<'a>,
        "recipient" => recipient: Value<'a>,
        "results" => results: Option<Many<Try<'a>>>,
    }
}

fields! {
    Try<'a> {
        "time" => time: Value<'a>,
        "state" => state: Value<'a>,
        "result" => result: Value<'a>,
        "from" => source: Value<'a>,
        "to" => relay_ip: Value<'a>,
        "code" => code: Value<'a>,
        "status" => status: Value<'a>,
        "description" => description: Value<'a>,
    }
}

fn knows(object: &Object<'_>) -> bool {
    object.has("envelope") && object.has("recipient") && object.raw("results").starts_with('[') && !object.has("event")
}

fn read_result(text: &str, telling: &mut Telling<'_>) -> Option<(Kind, usize)> {
    let (message, length) = read::<Message<'_>>(text)?;
    let results = message.results.as_ref()?;
    (message.sender.is_some() && message.recipient.is_some()).then(|| (tell(&message, results.all(), telling), length))
}

fn tell(message: &Message<'_>, results: &[Try<'_>], telling: &mut Telling<'_>) -> Kind {
    telling.id.clear();
    for part in [&message.sender, &message.recipient, results.first().map_or(&Value::Nothing, |first| &first.time)] {
        part.write(telling.id);
        telling.id.push(b' ');
    }
    for result in results {
        let time = telling.time(&result.time);
        let (mut tells, buffer) = telling.keyed(b"", MAILERQ.name, time);
        tells.sender(&message.sender, None);
        let status = status(result.result.text(), result.code.code());
        let words = said(result.code.code(), Enhanced::read(result.status.bytes()), result.description.bytes(), buffer);
        let speaker = speaker(result.state.text(), words.speaker);
        tells.attempt(Attempt {
            sort: sort(status, speaker),
            speaker,
            stage: stage(result.state.text(), status),
            relay_ip: result.relay_ip.bytes(),
            source: result.source.bytes(),
            ..attempt(message.recipient.bytes(), status, &words)
        });
    }
    if results.is_empty() { Kind::Context } else { Kind::Delivery }
}

/// `error` leaves open whether the mail is tried again: the code decides, and without one it is.
fn status(result: &str, code: Option<u16>) -> Status {
    match result {
        "accepted" | "delivered" | "success" => Status::Delivered,
        "failed" | "rejected" | "bounced" => Status::Failed,
        "expired" => Status::Expired,
        "retry" | "deferred" => Status::Deferred,
        _ if code.is_some_and(|code| code >= 500) => Status::Failed,
        _ => Status::Deferred,
    }
}

/// What could not be reached did not speak.
fn speaker(state: &str, by_words: Speaker) -> Speaker {
    match (state, by_words) {
        (_, Speaker::Remote) => Speaker::Remote,
        ("dns" | "mx" | "resolve", _) => Speaker::Dns,
        ("connect" | "socket" | "bind", _) => Speaker::Connection,
        (_, by_words) => by_words,
    }
}

fn stage(state: &str, status: Status) -> Stage {
    match state {
        "connect" | "intro" | "banner" => Stage::Connect,
        "ehlo" | "helo" | "lhlo" => Stage::Hello,
        "starttls" | "tls" => Stage::Tls,
        "auth" => Stage::Auth,
        "mailfrom" => Stage::Mail,
        "rcptto" => Stage::Recipient,
        "data" => Stage::Data,
        "message" => Stage::EndOfData,
        _ if status == Status::Delivered => Stage::EndOfData,
        _ => Stage::Unknown,
    }
}

/// A line of the send log.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    time: &'a [u8],
    state: &'a str,
    result: &'a str,
    recipient: &'a [u8],
    source: &'a [u8],
    relay_ip: &'a [u8],
    reply: &'a [u8],
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Option<Self> {
        let mut at = Cursor(line.trim_ascii_end().strip_prefix(b"[")?);
        let time = at.until(b']')?;
        at.take(b" ").then_some(())?;
        let word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        let state = std::str::from_utf8(at.run(word)).ok()?;
        at.take(b":").then_some(())?;
        let result = std::str::from_utf8(at.run(word)).ok()?;
        at.take(b" ").then_some(())?;
        let _attempt = at.digits();
        at.take(b" <").then_some(())?;
        at.until(b'>')?;
        at.take(b" <").then_some(())?;
        let recipient = at.until(b'>')?;
        at.take(b" [").then_some(())?;
        let source = at.until(b']')?;
        at.take(b" [").then_some(())?;
        let relay_ip = at.until(b']')?;
        at.take(b" ");
        if at.0.starts_with(b"[") {
            skip_list(&mut at);
        }
        (!state.is_empty() && !result.is_empty()).then_some(())?;
        Some(Self { time, state, result, recipient, source, relay_ip, reply: skip_blanks(at.0) })
    }
}

/// `[ "a", "b" ]`, whose strings may hold brackets.
fn skip_list(at: &mut Cursor<'_>) {
    let mut values = serde_json::Deserializer::from_slice(at.0).into_iter::<serde::de::IgnoredAny>();
    if matches!(values.next(), Some(Ok(_))) {
        at.0 = at.0.get(values.byte_offset()..).unwrap_or_default();
    } else {
        at.until(b']');
    }
}

/// Reads the lines of one segment.
struct LineReader {
    clock: Clock,
    reply: Vec<u8>,
}

impl Reader for LineReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let Some(line) = Line::of(record) else {
            return if record.trim_ascii().is_empty() { Kind::Other } else { Kind::Unparsed };
        };
        let time = envelope::stamp(line.time, &mut self.clock).map(|(time, _)| time);
        let head = Head { pos: at, time, host: b"", instance: MAILERQ.name.as_bytes(), pid: None, record };
        let words = said(None, None, line.reply, &mut self.reply);
        let status = status(line.result, words.code);
        let speaker = speaker(line.state, words.speaker);
        // The line is whole: nothing joins it to the earlier tries of its message, and so nothing tells the sender.
        let what = What::Attempt(Attempt {
            sort: sort(status, speaker),
            speaker,
            stage: stage(line.state, status),
            relay_ip: line.relay_ip,
            source: line.source,
            ..attempt(line.recipient, status, &words)
        });
        into.event(&Event { head, key: Key::Whole, what });
        Kind::Delivery
    }
}
