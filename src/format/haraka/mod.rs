//! Haraka, outbound: its own format, logfmt, or JSON.
//!
//! The default is `[LEVEL] [UUID] [origin] message`, with a stamp before it only if that is switched on, and whatever carried the line
//! before that. A UUID is `CONNECTION.TRANSACTION.ITEM`: Haraka makes one item for each destination domain, and most of its lines tell of
//! the item and name no recipient. Those of the transaction stand in the lines of `core`, and so connection and transaction are the
//! message. Sources: `logger.js`, `outbound/hmail.js` and `outbound/qfile.js` of Haraka 3.1, and its `CHANGELOG`.
//!
//! Kinds: deliveries, named recipients that failed, items that failed for now or for good are deliveries; other lines of the outbound
//! side and those of receptions are context; the rest other.

mod entry;
mod format;
mod outbound;

pub(crate) use format::{HARAKA, Haraka};

use super::cursor::{Cursor, split_byte, split_text};
use super::syslog::{Line, Program};
use crate::event::{Head, Kind, Micros, Sink, What};
use entry::Entry;
use outbound::Telling;

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

/// `recipient <a@b> code=OK msg="" sender="s@t"`, `queue code=OK msg="Message Queued (UUID)"`
fn reception(entry: &Entry<'_>, telling: &mut Telling<'_>) -> Kind {
    let Some(rest) = entry.message.strip_prefix(b"recipient ") else {
        return if entry.message.starts_with(b"queue ") { Kind::Context } else { Kind::Other };
    };
    let mut at = Cursor(rest);
    let named = at.take(b"<").then(|| at.until(b'>')).flatten();
    let Some(recipient) = named.or_else(|| split_byte(rest, b' ').map(|(recipient, _)| recipient)) else { return Kind::Other };
    let code = split_text(rest, b"code=").map_or(&b""[..], |(_, rest)| Cursor(rest).word());
    let quoted = |name: &[u8]| split_text(rest, name).and_then(|(_, rest)| split_byte(rest, b'"')).map(|(value, _)| value);
    match code {
        b"OK" | b"\"OK\"" | b"CONT" => {
            if let Some(sender) = quoted(b"sender=\"") {
                let address = sender.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).unwrap_or(sender);
                telling.say(entry, What::Sender { address, size: None, recipients: None });
            }
            telling.say(entry, What::Recipient { index: None, address: recipient });
            Kind::Context
        }
        _ => {
            telling.say(entry, What::Inbound { reply: quoted(b"msg=\"").unwrap_or_default() });
            Kind::Inbound
        }
    }
}
