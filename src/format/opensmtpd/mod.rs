//! OpenSMTPD, from one line to events.
//!
//! Four generations of the delivery's line are read, told by their words and not by the program's name, since `smtpd` is others' name
//! too and privilege separation logs as `transfer` and `smtp`. Sixteen hexadecimal digits name an envelope, which is one recipient; the
//! first eight of them name the message. A session's digits are a slot: what is said of its TLS belongs to its deliveries. Keeps no
//! state. Sources: `mta.c`, `mda.c`, `to.c`, `mta_session.c`, `smtp_session.c` of OpenSMTPD 5.3 to 7; smtpd(8).

mod delivery;
mod session;

use super::cursor::{Cursor, split_byte};
use super::syslog::{Line, Program};
use crate::event::{Event, Key, Kind, Micros, Sink, What};

/// What its records carry as instance.
const INSTANCE: &[u8] = b"smtpd";

/// Lines of OpenSMTPD.
pub(super) struct OpenSmtpd;

impl Program for OpenSmtpd {
    fn name(&self) -> &'static str {
        "opensmtpd"
    }

    fn read(&self, line: &Line<'_>, into: &mut dyn Sink) -> Option<Kind> {
        let text = line.envelope.text;
        let written = Written { line };
        if let Some((session, rest)) = id::<16>(text) {
            let (program, rest) = split_byte(rest.strip_prefix(b" ")?, b' ')?;
            // The third generation says `event=delivery` where the fourth says `delivery`.
            let rest = rest.strip_prefix(b"event=").unwrap_or(rest);
            return match program {
                b"mta" | b"mda" => Some(match rest.strip_prefix(b"delivery ") {
                    Some(fields) => delivery::by_session(&written, program, session, fields, into),
                    None => session::outgoing(&written, session, rest, into),
                }),
                b"smtp" => Some(session::incoming(&written, rest, into)),
                _ => None,
            };
        }
        match text.first()? {
            b'r' | b'd' => delivery::by_word(&written, text, into),
            b's' | b'm' => delivery::by_status(&written, text, into).or_else(|| session::before_six(&written, text, into)),
            _ => None,
        }
        .or_else(|| is_phrase(line).then_some(Kind::Other))
    }

    fn queued(&self, _: &Line<'_>) -> Option<Micros> {
        None
    }
}

/// A line that has events.
struct Written<'a> {
    line: &'a Line<'a>,
}

impl Written<'_> {
    fn say(&self, key: Key<'_>, what: What<'_>, into: &mut dyn Sink) {
        into.event(&Event { head: self.line.head(INSTANCE), key, what });
    }
}

/// `N` hexadecimal digits at the front of a text, no more, and what follows.
fn id<const N: usize>(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = Cursor(text);
    let digits = at.run(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (digits.len() == N).then_some((digits, at.0))
}

/// The message of an envelope: its first eight digits.
fn message_of(envelope: &[u8]) -> Option<&[u8]> {
    envelope.get(..8)
}

/// An address at the front, in angle brackets or, in the oldest versions, without. A quoted local part is skipped whole: what a stranger
/// puts there forges no field.
fn address<'a>(at: &mut Cursor<'a>) -> &'a [u8] {
    let Some(inside) = at.0.strip_prefix(b"<") else {
        return at.run(|byte| !matches!(byte, b',' | b' '));
    };
    let mut from = 0;
    if inside.starts_with(b"\"") {
        let mut is_escaped = false;
        let closing = inside.iter().skip(1).position(|&byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        from = closing.map_or(0, |closing| closing + 2);
    }
    let end = memchr::memchr(b'>', inside.get(from..).unwrap_or_default()).map_or(inside.len(), |end| from + end);
    let (address, rest) = inside.split_at_checked(end).unwrap_or((inside, b""));
    at.0 = rest.get(1..).unwrap_or_default();
    address
}

/// The comma and blank, or the blank, between fields.
fn between(at: &mut Cursor<'_>) {
    at.take(b",");
    at.blanks();
}

/// `name=<ADDRESS>`, if that is next, and what stands between it and the next field.
fn address_of<'a>(at: &mut Cursor<'a>, name: &[u8]) -> Option<&'a [u8]> {
    at.take(name).then_some(())?;
    let address = address(at);
    between(at);
    Some(address)
}

/// What `smtpd -d` writes beside: without syslog's header, nothing else tells that it is a log.
fn is_phrase(line: &Line<'_>) -> bool {
    const PHRASES: [&[u8]; 8] =
        [b"debug: ", b"info: OpenSMTPD", b"warn: ", b"imsg: ", b"mproc: ", b"scheduler: ", b"smtp-in: ", b"smtp-out: "];
    !line.envelope.framed && PHRASES.iter().any(|phrase| line.envelope.text.starts_with(phrase))
}
