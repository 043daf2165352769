//! Postfix: from the text of one record to its events.
//!
//! Between `syslog`, which took the header off, and the stitch, which joins records by queue id. Keeps no state. The last part of the
//! tag is the program, the first the instance; services are renamed at will (`postfix/relay/smtp`, `mail_out/bounce`), so that what
//! tells a delivery is the record's own shape. Sources: `log_adhoc(3)`, `qmgr(8)`, `bounce(8)`, `cleanup(8)`, `smtpd(8)`, `postscreen(8)`,
//! `postsuper(1)` of Postfix 2.0 to 3.11.

mod delivery;
mod queue;
mod speech;

#[cfg(test)]
mod tests;

use super::cursor::split_text;
use super::{Confidence, FileContext, Format, Reader, syslog::SyslogReader};
use crate::event::Framing;
use crate::event::{Event, Head, Key, Kind, Sink, What};

/// The format.
pub(super) struct Postfix;

impl Format for Postfix {
    fn name(&self) -> &'static str {
        "postfix"
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        let has = |needle: &[u8]| memchr::memmem::find(head, needle).is_some();
        if has(b"postfix/") || has(b" status=") && has(b"relay=") && has(b"to=<") {
            return Some((Confidence::Certain, Framing::Lines));
        }
        let is_named = |name: &&[u8]| has(name);
        let services: [&[u8]; 6] = [b"/smtpd[", b"/qmgr[", b"/cleanup[", b"/smtp[", b"/pickup[", b"/bounce["];
        services.iter().any(is_named).then_some((Confidence::Likely, Framing::Lines))
    }

    fn reader(&self, _head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        Box::new(SyslogReader::new(context))
    }
}

/// Where a text comes from.
pub(super) struct Source<'a> {
    /// The record.
    pub(super) head: Head<'a>,
    /// Its tag, whole.
    pub(super) tag: &'a [u8],
    /// Relays of our own, lower case.
    pub(super) own_relays: &'a [String],
    /// How often the text stands for itself.
    pub(super) times: u32,
}

impl<'a> Source<'a> {
    /// The program: the last part of the tag.
    fn program(&self) -> &'a [u8] {
        self.tag.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    }

    fn say(&self, id: &[u8], what: What<'_>, into: &mut dyn Sink) {
        into.event(&Event { head: self.head, key: Key::Message(id), what });
    }
}

/// Programs of Postfix that write records of their own.
const PROGRAMS: [&[u8]; 31] = [
    b"anvil",
    b"bounce",
    b"cleanup",
    b"defer",
    b"discard",
    b"dnsblog",
    b"error",
    b"flush",
    b"lmtp",
    b"local",
    b"master",
    b"nqmgr",
    b"oqmgr",
    b"pickup",
    b"pipe",
    b"postdrop",
    b"postfix-script",
    b"postlog",
    b"postqueue",
    b"postscreen",
    b"postsuper",
    b"proxymap",
    b"qmgr",
    b"qmqpd",
    b"retry",
    b"sendmail",
    b"smtp",
    b"smtpd",
    b"tlsproxy",
    b"trace",
    b"virtual",
];

/// Reads the text of a record; None if Postfix did not write it.
pub(super) fn read(source: &Source<'_>, text: &[u8], into: &mut dyn Sink) -> Option<Kind> {
    if let Some((id, rest)) = queue_id(text) {
        if rest.starts_with(b"to=")
            && let Some(kind) = delivery::read(source, id, rest, into)
        {
            return Some(kind);
        }
        let is_refusal = rest.starts_with(b"reject: ") || rest.starts_with(b"milter-reject: ");
        if is_ours(source) || (source.tag.is_empty() && is_refusal) {
            return Some(queue::read(source, id, rest, into));
        }
        return None;
    }
    if let Some(rest) = text.strip_prefix(b"NOQUEUE: ")
        && (is_ours(source) || source.tag.is_empty())
    {
        return Some(refused(source, rest, into));
    }
    if !is_ours(source) {
        return None;
    }
    let talks =
        matches!(source.program(), b"smtp" | b"lmtp" | b"smtpd" | b"postscreen" | b"bounce" | b"qmgr" | b"nqmgr" | b"cleanup");
    Some(if talks { Kind::Context } else { Kind::Other })
}

/// Whether the tag is one of Postfix: `postfix`, or a path that ends in one of its programs. An export without stamps may name the
/// program alone.
fn is_ours(source: &Source<'_>) -> bool {
    let tag = source.tag;
    let may_be_bare = tag.contains(&b'/') || source.head.time.is_none();
    tag.starts_with(b"postfix") || (may_be_bare && PROGRAMS.contains(&source.program()))
}

/// `QID: rest`. The alphabet is wider than Postfix's own, for logs with changed ids.
fn queue_id(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
    let (id, rest) = text.split_at_checked(end)?;
    let rest = rest.strip_prefix(b": ")?;
    (id.len() >= 5 && id != b"NOQUEUE" && is_id_like(id)).then_some((id, rest))
}

/// Words that stand where a queue id may stand: `warning`, `fatal`, `connect`. An id has a digit, or upper case throughout.
fn is_id_like(id: &[u8]) -> bool {
    id.iter().any(u8::is_ascii_digit) || id.iter().all(u8::is_ascii_uppercase)
}

/// `reject: …`, `milter-reject: …`: a mail of somebody else that we did not take.
fn refused(source: &Source<'_>, rest: &[u8], into: &mut dyn Sink) -> Kind {
    let reply = rest.strip_prefix(b"reject: ").or_else(|| rest.strip_prefix(b"milter-reject: "));
    let Some(reply) = reply else { return Kind::Context };
    let reply = split_text(reply, b": ").map_or(reply, |(_, reply)| reply);
    into.event(&Event { head: source.head, key: Key::Whole, what: What::Inbound { reply } });
    Kind::Inbound
}
