//! `ZoneMTA`: npm's log lines, often behind those of syslog or of a process manager.
//!
//! `LEVEL Sender/ZONE/PID[n] id=SESSION QID.SEQ STATUS …`: QID is the message, SEQ one recipient. The word in brackets behind a status is the
//! verdict of `ZoneMTA`'s own rules: the status is believed, the reason is the reply. Sources: `lib/sender.js` and `lib/mail-drop.js` of
//! `ZoneMTA` 3.
//!
//! Kinds: ACCEPTED, DEFERRED and REJECTED are deliveries; other lines about a message are context; the rest other.

use super::cursor::{Cursor, number, split_byte, split_text};
use super::json::attempt;
use super::relay::Relay;
use super::said::{said, sort};
use super::syslog::{Line, Program, Syslog};
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Attempt, Event, Framing, Head, Key, Kind, Micros, Sink, Speaker, Stage, Status, What};

/// The format.
pub(crate) struct ZoneMta;

/// Its lines among those of other programs.
pub(crate) struct Lines;

/// The log of lines.
static LINES: Syslog = Syslog(&Lines);

/// Lines of the head that are looked at.
const MOST_LINES: usize = 4_096;

impl Format for ZoneMta {
    fn name(&self) -> &'static str {
        LINES.name()
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        // Without a header only what tells of a message is sure, and a log may begin with other things.
        let has_message = || head.split(|&byte| byte == b'\n').take(MOST_LINES).any(|line| part(line).is_some());
        let by_syslog = LINES.recognise(head).filter(|&(sure, _)| sure == Confidence::Certain);
        by_syslog.or_else(|| has_message().then_some((Confidence::Certain, Framing::Lines)))
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        LINES.reader(head, context)
    }
}

impl Program for Lines {
    fn name(&self) -> &'static str {
        "zonemta"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let envelope = &line.envelope;
        let is_ours = envelope.tag.starts_with(b"zone-mta") || envelope.tag.starts_with(b"zonemta");
        let may_be = is_ours || envelope.tag.is_empty() || envelope.tag.starts_with(b"node") || !envelope.framed;
        if !may_be {
            return None;
        }
        let host = if is_level(envelope.host) { b"" } else { envelope.host };
        let head = Head { host, ..line.head(b"zonemta") };
        match part(line.plain) {
            Some(Part::Sender(text)) => return Some(sender(text, head, into).unwrap_or(Kind::Other)),
            Some(Part::Queue(text)) => return Some(queue(text, head, into).unwrap_or(Kind::Other)),
            None => {}
        }
        (is_ours || is_other_part(envelope.text)).then_some(Kind::Other)
    }

    fn queued(&self, _: &Line<'_>) -> Option<Micros> {
        None
    }
}

/// The parts of `ZoneMTA` that tell of messages.
#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    /// From `Sender/` on.
    Sender(&'a [u8]),
    /// What follows `Queue/`.
    Queue(&'a [u8]),
}

/// The part that wrote a line, wherever its words begin.
fn part(line: &[u8]) -> Option<Part<'_>> {
    let line = line.trim_ascii_end();
    let sender = split_text(line, b"Sender/").filter(|(before, _)| is_front(before));
    if let Some((before, _)) = sender {
        return line.get(before.len()..).map(Part::Sender);
    }
    split_text(line, b"Queue/").filter(|(before, _)| is_front(before)).map(|(_, rest)| Part::Queue(rest))
}

/// The levels of npm's log, as it writes them.
fn is_level(word: &[u8]) -> bool {
    matches!(word, b"sill" | b"verb" | b"info" | b"http" | b"notice" | b"WARN" | b"ERR!")
}

/// Whether what stands before a part's name is a level, or the parenthesis that older versions have.
fn is_front(before: &[u8]) -> bool {
    let last = before.trim_ascii_end().rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    // RFC 5424 lets a mark stand before text that is UTF-8.
    before.ends_with(b"(") || is_level(last.strip_prefix(b"\xef\xbb\xbf").unwrap_or(last))
}

/// `info Plugins/…`, `verb SMTP/…`
fn is_other_part(text: &[u8]) -> bool {
    let mut at = Cursor(text);
    let is_levelled = is_level(at.word()) && at.blanks();
    is_levelled && at.0.first().is_some_and(u8::is_ascii_uppercase) && at.word().contains(&b'/')
}

/// A message and the number of its recipient: `191bfdfe8afc5000.001`.
fn message<'a>(at: &mut Cursor<'a>) -> Option<&'a [u8]> {
    if at.take(b"id=") {
        at.until(b' ')?;
    }
    let word = at.word();
    let id = split_byte(word, b'.').map_or(word, |(id, _)| id);
    at.blanks();
    (id.len() >= 10 && id.iter().all(u8::is_ascii_alphanumeric) && id.iter().any(u8::is_ascii_digit)).then_some(id)
}

/// `Sender/ZONE/PID[n] id=SESSION QID.SEQ STATUS …`
fn sender(text: &[u8], head: Head<'_>, into: &mut dyn Sink) -> Option<Kind> {
    let mut at = Cursor(text);
    at.until(b' ')?;
    at.blanks();
    let id = message(&mut at)?;
    let word = at.word();
    let (status, category) = split_byte(word, b'[').unwrap_or((word, b""));
    let status = match status {
        b"ACCEPTED" => Status::Delivered,
        b"DEFERRED" => Status::Deferred,
        b"REJECTED" => Status::Failed,
        _ => return Some(Kind::Context),
    };
    at.blanks();
    let mut reply = Vec::new();
    let found = Fields::of(at.0)?;
    let words = said(None, None, found.reply, &mut reply);
    let speaker = match category.strip_suffix(b"]").unwrap_or(category) {
        _ if words.code.is_some() || status == Status::Delivered => Speaker::Remote,
        b"dns" => Speaker::Dns,
        b"network" => Speaker::Connection,
        b"policy" => Speaker::Own,
        _ => words.speaker,
    };
    let mut say = |what: What<'_>| into.event(&Event { head, key: Key::Message(id), what });
    say(What::Sender { address: found.sender, size: None, recipients: None });
    say(What::Attempt(Attempt {
        sort: sort(status, speaker),
        speaker,
        stage: if status == Status::Delivered { Stage::EndOfData } else { Stage::Unknown },
        relay: found.relay.host,
        relay_ip: found.relay.ip,
        source: found.source,
        ..attempt(found.recipient, status, &words)
    }));
    Some(Kind::Delivery)
}

/// `from=… to=… src=… mx=HOST[IP] message-id=<…> (REPLY)`; older versions have no `src=`, and call the last `id=`.
#[derive(Clone, Copy, Debug, Default)]
struct Fields<'a> {
    sender: &'a [u8],
    recipient: &'a [u8],
    source: &'a [u8],
    relay: Relay<'a>,
    reply: &'a [u8],
}

impl<'a> Fields<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        // A long reply goes on in lines of its own, and its end with it.
        let (fields, reply) = split_text(text, b" (").unwrap_or((text, b""));
        let reply = reply.strip_suffix(b")").unwrap_or(reply);
        let (sender, rest) = split_text(fields.strip_prefix(b"from=")?, b" to=")?;
        let field = |name: &[u8]| split_text(rest, name).map_or(&b""[..], |(_, value)| Cursor(value).word());
        let recipient = Cursor(rest).word();
        let relay = Relay::read(field(b" mx="));
        // Where no host was found, the domain stands in its place.
        let is_domain = relay.ip.is_empty() && recipient.ends_with(relay.host);
        let relay = if is_domain { Relay::default() } else { relay };
        Some(Self { sender: envelope_sender(sender), recipient, source: field(b" src="), relay, reply })
    }
}

/// `FROM[ENVELOPE]` where a plugin set an envelope sender of its own; `<>` for none.
fn envelope_sender(text: &[u8]) -> &[u8] {
    let inner = text.strip_suffix(b"]").and_then(|text| split_byte(text, b'[')).map(|(_, inner)| inner);
    let address = inner.unwrap_or(text);
    if address == b"<>" { b"" } else { address }
}

/// `PID id=SESSION QID QUEUED (message-id=<…> from=… to=a,b src=… body=…)`
fn queue(rest: &[u8], head: Head<'_>, into: &mut dyn Sink) -> Option<Kind> {
    let mut at = Cursor(rest);
    at.until(b' ')?;
    let id = message(&mut at)?;
    at.take(b"QUEUED (").then_some(())?;
    let text = at.0.strip_suffix(b")").unwrap_or(at.0);
    let field = |name: &[u8]| {
        let (before, value) = split_text(text, name)?;
        (before.is_empty() || before.ends_with(b" ")).then(|| Cursor(value).word())
    };
    let mut say = |what: What<'_>| into.event(&Event { head, key: Key::Message(id), what });
    if let Some(sender) = field(b"from=") {
        let size = field(b"body=").and_then(number);
        say(What::Sender { address: if sender == b"<>" { b"" } else { sender }, size, recipients: None });
    }
    let message_id = field(b"message-id=").and_then(|id| id.strip_prefix(b"<")?.strip_suffix(b">"));
    if let Some(message_id) = message_id.filter(|id| !id.is_empty()) {
        say(What::MessageId(message_id));
    }
    for address in field(b"to=").unwrap_or_default().split(|&byte| byte == b',').filter(|address| !address.is_empty()) {
        say(What::Recipient { index: None, address });
    }
    Some(Kind::Context)
}
