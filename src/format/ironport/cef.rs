//! Consolidated event logs, since 13.0: one line for a message, in the Common Event Format.
//!
//! `CEF:0|Cisco|MODEL|VERSION|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|name=value name=value …`. Values hold blanks, and `=`
//! behind a backslash; a name begins behind a blank, outside of braces and quotes that begin a value. Says how a message ended and
//! not in which words: there is no reply, no relay and no deferral.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::super::clock::Clock;
use super::super::cursor::{split_byte, split_text};
use super::super::envelope;
use super::super::row::trim;
use super::bounce::LONGEST_REPLY;
use super::mail::{plain, reason};
use crate::event::{Attempt, Closing, Enhanced, Event, Head, Key, Kind, Micros, Sink, Sort, Speaker, Status, Target, What};

/// The class of the events that tell of messages.
pub(super) const CLASS: &[u8] = b"|ESA_CONSOLIDATED_LOG_EVENT|";

/// The event in a line, from `CEF:0|` on.
pub(super) fn event(line: &[u8]) -> Option<&[u8]> {
    let (_, event) = split_text(line, b"CEF:0|")?;
    holds(event).then_some(event)
}

/// Whether the class stands in a text.
pub(super) fn holds(text: &[u8]) -> bool {
    static CLASSES: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(CLASS));
    CLASSES.find(text).is_some()
}

/// An event has some sixty values; a stranger who writes more is not read to the end.
const MOST_VALUES: usize = 512;
/// How far braces or quotes are looked for that close a value: a list of attachments has a few hundred bytes each.
const LONGEST_CLOSED: usize = 64 << 10;

/// The values that are read; each where it stands first, since a subject may look like more of them.
#[derive(Clone, Copy, Debug, Default)]
struct Values<'a> {
    message: &'a [u8],
    sender: Option<&'a [u8]>,
    recipients: &'a [u8],
    act: &'a [u8],
    details: &'a [u8],
    start: &'a [u8],
    end: &'a [u8],
    appliance: &'a [u8],
    message_id: &'a [u8],
    tls: &'a [u8],
}

impl<'a> Values<'a> {
    fn read(extension: &'a [u8]) -> Self {
        let mut values = Self::default();
        let first = |into: &mut &'a [u8], value: &'a [u8]| {
            if into.is_empty() {
                *into = value;
            }
        };
        for (name, value) in pairs(extension).take(MOST_VALUES) {
            match name {
                b"ESAMID" => first(&mut values.message, value),
                b"suser" => values.sender = values.sender.or(Some(value)),
                b"duser" => first(&mut values.recipients, value),
                b"act" => first(&mut values.act, value),
                b"ESAFinalActionDetails" => first(&mut values.details, value),
                // Since 15.0 by the names that the format itself has for them.
                b"startTime" | b"start" => first(&mut values.start, value),
                b"endTime" | b"EndTime" | b"end" => first(&mut values.end, value),
                b"dvc" => first(&mut values.appliance, value),
                b"cs4" => first(&mut values.message_id, value),
                b"ESATLSOutProtocol" => first(&mut values.tls, value),
                _ => {}
            }
        }
        values
    }
}

/// Names and values of an extension, in order.
fn pairs(extension: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = extension;
    std::iter::from_fn(move || {
        let (name, after) = split_byte(rest, b'=')?;
        let name = name.rsplit(|&byte| byte == b' ').next().unwrap_or_default();
        let end = end_of_value(after);
        let (value, next) = after.split_at_checked(end).unwrap_or((after, b""));
        rest = next;
        Some((name, trim(value)))
    })
}

/// Where a value ends: before the blank and the name that the next `=` follows.
fn end_of_value(text: &[u8]) -> usize {
    let mut from = closed(text);
    while let Some(at) = memchr::memchr(b'=', text.get(from..).unwrap_or_default()).map(|at| from + at) {
        let before = text.get(..at).unwrap_or_default();
        let name = before.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let is_name = name > 0 && before.len().checked_sub(name + 1).is_some_and(|blank| before.get(blank) == Some(&b' '));
        if is_name {
            return at - name;
        }
        from = at + 1;
    }
    text.len()
}

/// How far braces or quotes reach that begin a value; 0 if none do, or if they never close.
fn closed(text: &[u8]) -> usize {
    let text = text.get(..LONGEST_CLOSED).unwrap_or(text);
    let start = text.len() - text.trim_ascii_start().len();
    match text.get(start) {
        Some(b'{') => {
            let mut depth = 0_usize;
            for (at, byte) in text.iter().enumerate().skip(start) {
                match byte {
                    b'{' => depth += 1,
                    b'}' if depth == 1 => return at + 1,
                    b'}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            0
        }
        Some(quote @ (b'\'' | b'"')) => {
            let inside = text.get(start + 1..).unwrap_or_default();
            let closing = |&at: &usize| matches!(inside.get(at + 1), None | Some(b' '));
            memchr::memchr_iter(*quote, inside).find(closing).map_or(0, |at| start + at + 2)
        }
        Some(_) | None => 0,
    }
}

/// Reads an event. `clock` reads the stamps within it; without one the carrier's stamp stands.
pub(super) fn read<'a>(head: Head<'a>, event: &'a [u8], clock: Option<&mut Clock>, into: &mut dyn Sink) -> Kind {
    let Some((_, rest)) = split_text(event, CLASS) else { return Kind::Unparsed };
    // Name and severity, then the extension.
    let extension = split_byte(rest, b'|').and_then(|(_, rest)| split_byte(rest, b'|')).map_or(rest, |(_, rest)| rest);
    let values = Values::read(extension);
    let status = match values.act {
        b"DELIVERED" => Status::Delivered,
        b"BOUNCED" => Status::Failed,
        // Quarantined, dropped, aborted: not tried, or not yet. Or cut before it says.
        _ => return Kind::Context,
    };
    let (start, end) = clock.map_or((None, None), |clock| (stamp(values.start, clock), stamp(values.end, clock)));
    let host = if values.appliance.is_empty() { head.host } else { values.appliance };
    let head = Head { time: end.or(head.time), host, ..head };
    let delay_ms = start.zip(end).map(|(start, end)| (end.0 - start.0) / 1_000).filter(|&delay| delay >= 0);
    tell(head, &values, status, delay_ms, into);
    Kind::Delivery
}

fn tell(head: Head<'_>, values: &Values<'_>, status: Status, delay_ms: Option<i64>, into: &mut dyn Sink) {
    let key = if values.message.is_empty() { Key::Whole } else { Key::Message(values.message) };
    let mut say = |what| into.event(&Event { head, key, what });
    if let Some(address) = values.sender {
        say(What::Sender { address: if address == b"<>" { b"" } else { address }, size: None, recipients: None });
    }
    let message_id = values.message_id;
    let message_id = message_id.strip_prefix(b"'").and_then(|id| id.strip_suffix(b"'")).unwrap_or(message_id);
    let message_id = message_id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(message_id);
    if !message_id.is_empty() {
        say(What::MessageId(message_id));
    }
    let (enhanced, words) = reason(values.details.get(..LONGEST_REPLY).unwrap_or(values.details));
    let is_expired = enhanced == Some(Enhanced { class: 5, subject: 4, detail: 7 });
    let is_failure = status == Status::Failed;
    let mut recipients =
        values.recipients.split(|byte| matches!(byte, b';' | b',')).map(trim).filter(|address| !address.is_empty());
    // A subscription may leave the recipients out: somebody got the mail all the same.
    let first = recipients.next().unwrap_or_default();
    for address in std::iter::once(first).chain(recipients) {
        let attempt = Attempt {
            sort: Sort::Real,
            speaker: if is_failure { Speaker::Unknown } else { Speaker::Remote },
            enhanced: enhanced.filter(|_| is_failure),
            reply: if is_failure { words } else { b"" },
            delay_ms,
            tls: values.tls,
            ..plain(Target::Address(address), b"", if is_failure && is_expired { Status::Expired } else { status })
        };
        say(What::Attempt(attempt));
    }
    if key != Key::Whole {
        say(What::Close(Closing::Done));
    }
}

/// `Mon Aug 10 09:26:47 2020`: a time of the appliance.
pub(super) fn stamp(text: &[u8], clock: &mut Clock) -> Option<Micros> {
    // A year is known by the blank behind it.
    let mut padded = [b' '; 40];
    padded.get_mut(..text.len())?.copy_from_slice(text);
    let (time, rest) = envelope::stamp(padded.get(..text.len() + 1)?, clock)?;
    trim(rest).is_empty().then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_before_the_next_name() {
        let read = |text: &'static str| {
            pairs(text.as_bytes())
                .map(|(name, value)| (std::str::from_utf8(name).unwrap(), std::str::from_utf8(value).unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(read("a=1 b=two words c="), [("a", "1"), ("b", "two words"), ("c", "")]);
        assert_eq!(read("a={x: {y=1 z=2}} b='q=1 r=2' c=3"), [("a", "{x: {y=1 z=2}}"), ("b", "'q=1 r=2'"), ("c", "3")]);
        assert_eq!(
            read("a= {x=1;y=2} Message Filters Verdict=NO b=1"),
            [("a", "{x=1;y=2} Message Filters"), ("Verdict", "NO"), ("b", "1")]
        );
        assert_eq!(read(r"msg=1 \= 2 a=b"), [("msg", r"1 \= 2"), ("a", "b")]);
        assert_eq!(read("msg='tis a=b"), [("msg", "'tis"), ("a", "b")]);
        assert_eq!(read("a={cut b=1"), [("a", "{cut"), ("b", "1")]);
        assert_eq!(read(""), []);
    }

    #[test]
    fn what_stands_first_counts() {
        let values = Values::read(b"ESAMID=7 act=BOUNCED duser=a@b;c@d msg=x act=DELIVERED duser=e@f");
        assert_eq!((values.message, values.act, values.recipients), (&b"7"[..], &b"BOUNCED"[..], &b"a@b;c@d"[..]));
    }
}
