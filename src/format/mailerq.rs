//! `MailerQ`: result messages as JSON, and the lines of its send log.
//!
//! A result holds all attempts of its message so far, the last of which decides; a message that is tried again is published again with a
//! longer list. It has no id: sender, recipient and the time of its first attempt stand for one. The layout of the send log can be
//! configured; the documented one is read: `[TIME] STATE:RESULT N <SENDER> <RECIPIENT> [SOURCE] [RELAY] [ TAGS ] CODE STATUS TEXT`. Times
//! name no zone. What failed before a server could answer has a code of `MailerQ`'s own making, or none. Version 3 says `type` for `result`,
//! and has more words for it. Sources: "JSON results", "Result queue" (3.0) and "Logging" of the `MailerQ` documentation.
//!
//! Kinds: results and lines of attempts are deliveries; messages that were not tried are context.

use super::clock::Clock;
use super::cursor::{Cursor, skip_blanks, unmarked};
use super::detect::lines;
use super::json::{Many, Object, Service, Telling, Value, fields, read};
use super::said::{attempt, said, sort};
use super::{Confidence, FileContext, Format, Reader, envelope};
use crate::event::{Attempt, Enhanced, Event, Framing, Head, Key, Kind, Pos, Sink, Sort, Speaker, Stage, Status, What};

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
        "extracted" => extracted: Extracted<'a>,
    }
}

fields! {
    /// What was taken out of the mail itself.
    Extracted<'a> {
        "headers" => headers: Headers<'a>,
    }
}

fields! {
    Headers<'a> {
        "message-id" | "Message-ID" | "Message-Id" => message_id: Value<'a>,
    }
}

fields! {
    Try<'a> {
        "time" => time: Value<'a>,
        "state" => state: Value<'a>,
        "result" | "type" => result: Value<'a>,
        "fatal" => fatal: Value<'a>,
        "mta" => relay: Value<'a>,
        "from" => source: Value<'a>,
        "to" => relay_ip: Value<'a>,
        "code" => code: Value<'a>,
        "status" => status: Value<'a>,
        "description" => description: Value<'a>,
        "cipher" => cipher: Cipher<'a>,
    }
}

fields! {
    Cipher<'a> {
        "version" => version: Value<'a>,
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
        tells.message_id(&message.extracted.headers.message_id);
        let of = End { state: result.state.text(), result: result.result.text() };
        let code = result.code.code();
        let fatal = result.fatal.is_some().then(|| result.fatal.is_true());
        let status = of.status(code, fatal);
        let enhanced = Enhanced::read(result.status.bytes());
        let words = said(code.filter(|_| of.silent().is_none()), enhanced, result.description.bytes(), buffer);
        let speaker = of.speaker(words.speaker);
        tells.attempt(Attempt {
            sort: of.sort(status, speaker),
            speaker,
            stage: of.stage(status),
            relay: result.relay.bytes(),
            relay_ip: result.relay_ip.bytes(),
            source: result.source.bytes(),
            tls: result.cipher.version.bytes(),
            ..attempt(message.recipient.bytes(), status, &words)
        });
    }
    if results.is_empty() { Kind::Context } else { Kind::Delivery }
}

/// How a try ended: where in the dialogue, and in which way.
#[derive(Clone, Copy, Debug)]
struct End<'a> {
    state: &'a str,
    result: &'a str,
}

impl End<'_> {
    /// `error` leaves open whether the mail is tried again: a pattern of the site's may say so (`fatal`), else the code decides, and
    /// without one it is.
    fn status(self, code: Option<u16>, fatal: Option<bool>) -> Status {
        match (self.state, self.result) {
            (_, "accepted" | "delivered" | "success") => Status::Delivered,
            // It had waited for too long, or was tried too often, before it was taken up again.
            ("process", "timeout") | (_, "expired") => Status::Expired,
            (_, "failed" | "rejected" | "bounced" | "nodata" | "responsive") => Status::Failed,
            (_, "retry" | "deferred") => Status::Deferred,
            _ if self.silent() == Some(Speaker::Own) => Status::Failed,
            _ if fatal == Some(true) || fatal.is_none() && code.is_some_and(|code| code >= 500) => Status::Failed,
            _ => Status::Deferred,
        }
    }

    /// Who is to blame where no server could answer yet.
    fn silent(self) -> Option<Speaker> {
        match (self.state, self.result) {
            // The connection was there while the mail's content was fetched.
            ("storage", "lost" | "timeout" | "invalid") => None,
            ("process" | "suppression" | "storage" | "responsive" | "personalize" | "rewrite", _)
            | (_, "expired" | "nodata" | "responsive") => Some(Speaker::Own),
            ("dns" | "mx" | "resolve", _) | (_, "nohosts") => Some(Speaker::Dns),
            ("connect" | "socket" | "bind" | "handshake", _) | (_, "connect" | "refused" | "bind") => Some(Speaker::Connection),
            _ => None,
        }
    }

    fn speaker(self, by_words: Speaker) -> Speaker {
        match (self.silent(), self.result) {
            (Some(speaker), _) => speaker,
            (None, "timeout" | "lost" | "idle") if by_words != Speaker::Remote => Speaker::Connection,
            (None, _) => by_words,
        }
    }

    fn sort(self, status: Status, speaker: Speaker) -> Sort {
        if self.state == "suppression" { Sort::NotSent } else { sort(status, speaker) }
    }

    fn stage(self, status: Status) -> Stage {
        match self.state {
            "connect" | "intro" | "banner" => Stage::Connect,
            "ehlo" | "helo" | "lhlo" => Stage::Hello,
            "starttls" | "tls" => Stage::Tls,
            "mailfrom" | "mail from" => Stage::Mail,
            "rcptto" | "rcpt to" => Stage::Recipient,
            "data" => Stage::Data,
            "message" => Stage::EndOfData,
            // `authplain`, `authlogin`, `authcram` …
            state if state.starts_with("auth") => Stage::Auth,
            _ if status == Status::Delivered => Stage::EndOfData,
            _ => Stage::Unknown,
        }
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
        let mut at = Cursor(unmarked(line).trim_ascii_end().strip_prefix(b"[")?);
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
        let of = End { state: line.state, result: line.result };
        let status = of.status(words.code, None);
        let speaker = of.speaker(words.speaker);
        // The line is whole: nothing joins it to the earlier tries of its message, and so nothing tells the sender.
        let what = What::Attempt(Attempt {
            sort: of.sort(status, speaker),
            speaker,
            stage: of.stage(status),
            relay_ip: line.relay_ip,
            source: line.source,
            code: words.code.filter(|_| of.silent().is_none()),
            ..attempt(line.recipient, status, &words)
        });
        into.event(&Event { head, key: Key::Whole, what });
        Kind::Delivery
    }
}
