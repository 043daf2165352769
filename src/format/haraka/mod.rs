//! Haraka, outbound: its own format, logfmt, or JSON.
//!
//! The default is `[LEVEL] [UUID] [origin] message`, with a stamp before it only if that is switched on, and whatever carried the line
//! before that. A UUID is `CONNECTION.TRANSACTION.ITEM`: Haraka makes one item for each destination domain, or for each recipient
//! (`always_split`), and most of its lines tell of the item and name no recipient. Those of the transaction stand in the lines of `core`,
//! in the order of the items, and so connection and transaction are the message, and an item is a share of it. Sources: `logger.js`,
//! `connection.js`, `outbound/hmail.js` and `outbound/qfile.js` of Haraka 3.1 and 3.3, and its `CHANGELOG`.
//!
//! Kinds: deliveries, named recipients that failed, items that failed for now or for good are deliveries; senders, recipients and messages
//! that were denied are inbound; other lines of the outbound side and those of receptions are context; the rest other.

mod entry;
mod format;
mod outbound;

pub(crate) use format::{HARAKA, Haraka};

use super::cursor::{number, split_byte, split_text};
use super::syslog::{Line, Program};
use crate::event::{Head, Kind, Micros, Sink, What};
use entry::{Entry, Fields};
use outbound::Telling;

/// Whether a line is what Haraka says as it starts, before it logs in its format; behind a stamp or not.
pub(crate) fn is_start(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 7] = [
        b"loglevel: ",
        b"log format: ",
        b"Starting up Haraka version ",
        b"Using iconv-lite only.",
        b"loaded TLD files: ",
        b"loaded Public Suffixes: ",
        b"Reloaded file: ",
    ];
    let line = line.trim_ascii_start();
    let behind = if line.first().is_some_and(u8::is_ascii_digit) { split_byte(line, b' ') } else { None };
    let text = behind.map_or(line, |(_, behind)| behind);
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
}

/// Haraka's lines among those of other programs.
pub(crate) struct Lines;

impl Program for Lines {
    fn name(&self) -> &'static str {
        HARAKA.name
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let envelope = &line.envelope;
        let is_named = envelope.tag.is_empty() || envelope.tag.starts_with(b"haraka") || envelope.tag.starts_with(b"node");
        if !is_named && !envelope.text.starts_with(b"[") && !envelope.text.starts_with(b"level=") {
            return None;
        }
        let Some(entry) = Entry::of(line.plain) else {
            return envelope.tag.starts_with(b"haraka").then_some(Kind::Other);
        };
        // Without a host in the header, what stands in its place is the level.
        let host = if envelope.host.starts_with(b"[") || envelope.host.starts_with(b"level=") { b"" } else { envelope.host };
        let head = Head { host, ..line.head(b"haraka") };
        Some(read(&entry, head, line, into))
    }

    fn queued(&self, _: &Line<'_>) -> Option<Micros> {
        None
    }
}

fn read(entry: &Entry<'_>, head: Head<'_>, line: &Line<'_>, into: &mut dyn Sink) -> Kind {
    let mut reply = Vec::new();
    let mut telling = Telling { head, own: line.own, into, reply: &mut reply };
    tell(entry, &mut telling)
}

/// Tells what an entry says, whatever its format.
fn tell(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Kind {
    if entry.is_outbound() || entry.delivered.is_some() {
        return outbound::read(entry, telling);
    }
    match entry.origin {
        b"core" => reception(entry, telling),
        _ => Kind::Other,
    }
}

/// `recipient <a@b> code=OK msg="" sender=s@t`, `message mid=<a@b> size=256 …`, `queue code=OK msg="Message Queued (UUID)"`; a recipient is
/// said to be `OK` before the client is told no, and so it counts only once the message is taken.
fn reception(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Kind {
    let (of, rest) = split_byte(&entry.message, b' ').unwrap_or((&entry.message, b""));
    let (named, fields) = match of {
        b"sender" | b"recipient" => address_and_fields(rest),
        b"message" | b"queue" => (&b""[..], rest),
        _ => return Kind::Other,
    };
    let fields = if fields.is_empty() { entry.fields.clone() } else { Fields::of(fields) };
    match (of, &*fields.code) {
        (_, code) if code.starts_with(b"DENY") => {
            telling.say(entry, What::Inbound { reply: &fields.msg });
            return Kind::Inbound;
        }
        (b"recipient", b"OK" | b"CONT") => {
            if !fields.sender.is_empty() {
                telling.say(entry, What::Sender { address: bare(&fields.sender), size: None, recipients: None });
            }
            telling.say(entry, What::Recipient { index: None, address: named });
            telling.say(entry, What::Offered { is_taken: false, size: None });
        }
        (b"message", b"OK" | b"CONT") => {
            telling.say(entry, What::Offered { is_taken: false, size: number(&fields.size) });
            if !fields.mid.is_empty() {
                telling.say(entry, What::MessageId(bare(&fields.mid)));
            }
        }
        // A queue that is not ours says something else: of that mail no more is logged.
        (b"queue", b"OK") if fields.msg.starts_with(b"Message Queued") => {
            telling.say(entry, What::Offered { is_taken: true, size: None });
        }
        _ => {}
    }
    Kind::Context
}

/// The address in `<"x> y"@b> code=OK …` and the fields behind it.
fn address_and_fields(text: &[u8]) -> (&[u8], &[u8]) {
    let of = |end: &[u8]| split_text(text, end).map(|(before, _)| before);
    let Some(whole) = of(b"> code=").and_then(|before| text.get(..=before.len())).or_else(|| of(b" code=")) else {
        return (bare(text), b"");
    };
    (bare(whole), text.get(whole.len()..).unwrap_or_default().trim_ascii_start())
}

/// What stands between angle brackets, where there are any.
fn bare(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    text.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).unwrap_or(text)
}
