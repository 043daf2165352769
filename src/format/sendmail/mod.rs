//! Sendmail, from one line to events.
//!
//! Between [`super::syslog`], which took the header off, and the stitch, which joins lines by queue id. Keeps no state. The tag depends on
//! the vendor and the role (`sendmail`, `sm-mta`, `sm-msp-queue`, whatever `-L` says), and one message is logged under several: so the text
//! tells, and all records are of one instance. `channel.rs` is the smallest reader, see it first. Sources: the Sendmail sources (each file
//! names its own) and the Installation and Operation Guide, "The System Log".
//!
//! Kinds: `to=` with a status is a delivery (or a suspension); `from=` and other lines with a queue id are context; what is refused at the
//! door is inbound; all else is other.

mod channel;
mod delivery;
mod inbound;
mod queue;
mod queue_id;
mod record;
mod status;

use memchr::{memchr, memmem};

use crate::event::{Key, Kind, Micros, Sink};
use crate::format::cursor::skip_blanks;
use crate::format::relay::Relay;
use crate::format::syslog::{Line, Program};

/// The log of Sendmail.
pub(crate) struct Sendmail;

/// A message's records bear the tags of the submission program, of its queue runner and of the daemon: ids are unique over all.
const INSTANCE: &[u8] = b"sendmail";

impl Program for Sendmail {
    fn name(&self) -> &'static str {
        "sendmail"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let is_ours = is_ours(line.envelope.tag);
        if let Some(found) = queue_id::split(line.envelope.text) {
            if !is_ours && !is_shape(line, found.id, found.rest) {
                return None;
            }
            return Some(about_message(line, &found, into));
        }
        if is_ours && let Some(found) = queue_id::split_masked(line.envelope.text) {
            return Some(about_message(line, &found, into));
        }
        is_ours.then(|| without_id(line, into))
    }

    fn queued(&self, line: &Line<'_>) -> Option<Micros> {
        let found = queue_id::split(line.envelope.text)?;
        (is_ours(line.envelope.tag) || is_shape(line, found.id, found.rest)).then_some(())?;
        queue_id::queued(found.id)
    }
}

/// `sendmail`, `sendmail-in`, `sm-mta`, `sm-msp-queue`, `sm-que`, `sm-acceptingconnections`
fn is_ours(tag: &[u8]) -> bool {
    tag.starts_with(b"sendmail") || tag.starts_with(b"sm-")
}

/// Whether only Sendmail writes so, whatever the tag is: an id of its own making, and the fields that its two main records have.
fn is_shape(line: &Line<'_>, id: &[u8], rest: &[u8]) -> bool {
    let has = |field: &[u8]| memmem::find(rest, field).is_some();
    let is_record = match rest.first() {
        Some(b'f') => rest.starts_with(b"from=") && has(b", size=") && has(b", class="),
        Some(b't') => rest.starts_with(b"to=") && has(b", delay=") && has(b", stat="),
        Some(b'r') => rest.starts_with(b"ruleset=") && has(b", arg1="),
        Some(_) | None => false,
    };
    // A tag that names no process is a file's or a container's; a log without headers has none.
    is_record && (queue_id::is_certain(id) || line.envelope.tag.is_empty())
}

/// A record with a queue id.
fn about_message(line: &Line<'_>, found: &queue_id::Split<'_>, into: &mut dyn Sink) -> Kind {
    let (id, rest) = (found.id, found.rest);
    if found.part.is_some_and(|part| part > 1) {
        // All that tells stands in the first part; records of attempts are made to fit one.
        return Kind::Context;
    }
    let rest = if found.part.is_some() { rest.strip_suffix(b" ...").unwrap_or(rest) } else { rest };
    let told = match rest.first() {
        Some(b't') => delivery::read(line, id, rest, into),
        Some(b's') => delivery::ending(line, id, rest, into).or_else(|| queue::read(line, id, rest, into)),
        Some(b'S') => channel::source(line, rest, into),
        Some(b'r' | b'M' | b'm' | b'<') => {
            inbound::read(line, Key::Message(id), rest, into).or_else(|| queue::read(line, id, rest, into))
        }
        _ => queue::read(line, id, rest, into).or_else(|| inbound::read(line, Key::Message(id), rest, into)),
    };
    told.unwrap_or(Kind::Context)
}

/// A record without one, under a tag of Sendmail's.
fn without_id(line: &Line<'_>, into: &mut dyn Sink) -> Kind {
    let text = line.envelope.text;
    let rest = text.strip_prefix(b"NOQUEUE: ").unwrap_or(text);
    let told = match rest.first() {
        Some(b'S') => channel::tls(line, rest, into),
        Some(b':') => delivery::read(line, b"", skip_blanks(rest.strip_prefix(b":").unwrap_or(rest)), into),
        _ => None,
    };
    told.or_else(|| inbound::read(line, Key::Whole, rest, into)).unwrap_or(Kind::Other)
}

/// `host. [ip]`, `[ip] [ip]`, `host [ip] (may be forged)`, `host`: the dot is of the name as the name service has it.
fn relay_of(text: &[u8]) -> Relay<'_> {
    let text = text.trim_ascii();
    let (name, rest) = match memchr(b' ', text).and_then(|at| text.split_at_checked(at)) {
        Some((name, rest)) => (name, rest.trim_ascii_start()),
        None => (text, &b""[..]),
    };
    Relay {
        host: literal(name.strip_suffix(b".").unwrap_or(name)),
        ip: if rest.starts_with(b"[") { literal(rest) } else { b"" },
    }
}

/// What stands in brackets at the front, without the word that IPv6 has there; other text as it is.
fn literal(text: &[u8]) -> &[u8] {
    let Some(inside) = text.strip_prefix(b"[") else { return text };
    let inside = memchr(b']', inside).and_then(|end| inside.get(..end)).unwrap_or(inside);
    inside.strip_prefix(b"IPv6:").unwrap_or(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_a_name_and_an_address() {
        let read = |text: &'static str| {
            let relay = relay_of(text.as_bytes());
            (String::from_utf8_lossy(relay.host).into_owned(), String::from_utf8_lossy(relay.ip).into_owned())
        };
        let pair = |host: &str, ip: &str| (host.to_owned(), ip.to_owned());
        assert_eq!(read("mx.b.example. [192.0.2.1]"), pair("mx.b.example", "192.0.2.1"));
        assert_eq!(read("[127.0.0.1] [127.0.0.1]"), pair("127.0.0.1", "127.0.0.1"));
        assert_eq!(read("mx.b.example. [IPv6:2001:db8::1]"), pair("mx.b.example", "2001:db8::1"));
        assert_eq!(read("mx.b.example [192.0.2.1] (may be forged)"), pair("mx.b.example", "192.0.2.1"));
        assert_eq!(read("mx.b.example"), pair("mx.b.example", ""));
        assert_eq!(read("'smtp.b.example'"), pair("'smtp.b.example'", ""));
        assert_eq!(read("[192.0.2.1]"), pair("192.0.2.1", ""));
        assert_eq!(read(""), pair("", ""));
    }
}
