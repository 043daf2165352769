//! The delivery log, as the vendor's tool renders it: `<success …>` and `<bounce …>` around recipients.
//!
//! Not well-formed: quotes stand within quotes, and a blank may stand before a quote instead of behind it. A value ends at the quote
//! behind which another attribute begins, or the element ends.

use memchr::memmem::find;

use super::super::clock::Clock;
use super::super::cursor::{number, skip_blanks, split_text};
use super::super::row::trim;
use super::bounce::Told;
use super::cef::stamp;
use super::literal::Reply;
use super::mail::{plain, reason};
use crate::event::{Attempt, Event, Head, Key, Kind, Pos, Sink, Sort, Speaker, Stage, Status, Target, What};

/// Whether a file begins like a delivery log.
pub(super) fn is_ours(head: &[u8]) -> bool {
    [&b"<success del_time="[..], b"<bounce del_time="].iter().any(|begin| find(head, begin).is_some())
}

/// Reads the elements of a record; None if it holds none.
pub(super) fn read(record: &[u8], at: Pos, clock: &mut Clock, into: &mut dyn Sink) -> Option<Kind> {
    let mut rest = record;
    let mut any = false;
    while let Some((status, name, after)) = next(rest) {
        any = true;
        let (tag, after) = split_tag(after);
        let mut end = b"</".to_vec();
        end.extend_from_slice(name);
        let (body, after) = split_text(after, &end).unwrap_or((after, b""));
        one(record, at, status, tag, body, clock, into);
        rest = after;
    }
    if any {
        return Some(Kind::Delivery);
    }
    (record.starts_with(b"<?") || record.starts_with(b"<!")).then_some(Kind::Header)
}

/// The next element of a delivery: its status, its name, and what follows the name.
fn next(text: &[u8]) -> Option<(Status, &'static [u8], &[u8])> {
    memchr::memchr_iter(b'<', text).find_map(|at| {
        let tag = text.get(at + 1..)?;
        let begins = |name: &'static [u8], status| {
            let after = tag.strip_prefix(name).filter(|after| after.starts_with(b" "))?;
            Some((status, name, after))
        };
        begins(b"success", Status::Delivered).or_else(|| begins(b"bounce", Status::Failed))
    })
}

/// The attributes of a tag, and what follows it.
fn split_tag(text: &[u8]) -> (&[u8], &[u8]) {
    let mut from = 0;
    while let Some(at) = find(text.get(from..).unwrap_or_default(), b"\">").map(|at| from + at) {
        let after = text.get(at + 2..).unwrap_or_default();
        if matches!(after.first(), None | Some(b'<' | b'\n' | b'\r' | b' ')) {
            return (text.get(..=at).unwrap_or_default(), after);
        }
        from = at + 2;
    }
    (text, b"")
}

/// The value of an attribute; empty where there is none.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> &'a [u8] {
    let mut from = 0;
    while let Some(at) = find(tag.get(from..).unwrap_or_default(), name).map(|at| from + at) {
        from = at + name.len();
        let is_first = at.checked_sub(1).and_then(|before| tag.get(before)).is_some_and(|byte| matches!(byte, b' ' | b'"'));
        let value = tag.get(from..).and_then(|rest| rest.strip_prefix(b"=\""));
        if let Some(value) = value.filter(|_| is_first) {
            let end = memchr::memchr_iter(b'"', value).find(|&end| ends_value(value.get(end + 1..).unwrap_or_default()));
            return trim(end.and_then(|end| value.get(..end)).unwrap_or(value));
        }
    }
    b""
}

/// Whether what follows a quote shows that it ended a value.
fn ends_value(text: &[u8]) -> bool {
    if text.starts_with(b">") {
        return true;
    }
    let text = skip_blanks(text);
    let name = text.iter().take_while(|byte| byte.is_ascii_lowercase() || **byte == b'_').count();
    text.is_empty() || text.starts_with(b"/>") || (name > 0 && text.get(name..).is_some_and(|rest| rest.starts_with(b"=\"")))
}

fn one(record: &[u8], at: Pos, status: Status, tag: &[u8], body: &[u8], clock: &mut Clock, into: &mut dyn Sink) {
    let (ended, begun) = (stamp(attribute(tag, b"del_time"), clock), stamp(attribute(tag, b"inj_time"), clock));
    let head = Head { pos: at, time: ended, host: b"", instance: b"", pid: None, record };
    let message = attribute(tag, b"mid");
    let key = if message.is_empty() { Key::Whole } else { Key::Message(message) };
    let size = number(attribute(tag, b"bytes"));
    let sender = What::Sender { address: attribute(tag, b"from"), size, recipients: None };
    into.event(&Event { head, key, what: sender });
    let told = told(status, tag);
    let relay_ip = Some(attribute(tag, b"ip")).filter(|ip| *ip != b"0.0.0.0").unwrap_or_default();
    let source = attribute(tag, b"source_ip");
    let mut rest = body;
    while let Some((_, after)) = split_text(rest, b"<rcpt ") {
        // A record that is cut within an address names nobody.
        let Some((recipient, after)) = split_text(after, b"/>") else { break };
        rest = after;
        // A blank in front, as before every other attribute.
        let recipient_tag = body.get(body.len() - after.len() - recipient.len() - 3..).unwrap_or(recipient);
        let attempt = Attempt {
            sort: if relay_ip.is_empty() && told.speaker == Speaker::Own { Sort::Own } else { Sort::Real },
            speaker: told.speaker,
            stage: if status == Status::Delivered { Stage::EndOfData } else { Stage::Unknown },
            relay_ip,
            source,
            code: told.code,
            enhanced: told.enhanced,
            reply: &told.reply,
            delay_ms: ended.zip(begun).map(|(ended, begun)| (ended.0 - begun.0) / 1_000).filter(|&delay| delay >= 0),
            ..plain(Target::Address(attribute(recipient_tag, b"to")), b"", told.status)
        };
        into.event(&Event { head, key, what: What::Attempt(attempt) });
    }
}

/// The reply: a code, and words that are a text (`reply`) or a list of them (`error`).
fn told(status: Status, tag: &[u8]) -> Told {
    let digits = attribute(tag, b"code");
    let code = number(digits).and_then(|code| u16::try_from(code).ok()).filter(|code| (200..600).contains(code));
    let mut text = if code.is_some() { digits.to_vec() } else { Vec::new() };
    let (reply, error) = (attribute(tag, b"reply"), attribute(tag, b"error"));
    // A list of lines in quotes, which may hold quotes themselves.
    let error = if error == b"[]" { b"" } else { error };
    let lines = error.strip_prefix(b"[\"").and_then(|error| error.strip_suffix(b"\"]"));
    let mut words = lines.unwrap_or(if reply.is_empty() { error } else { reply });
    while !words.is_empty() {
        if !text.is_empty() {
            text.push(b' ');
        }
        let (line, rest) = split_text(words, b"\", \"").unwrap_or((words, b""));
        text.extend_from_slice(line);
        words = rest;
    }
    let (own, words) = reason(attribute(tag, b"reason"));
    Told::new(status, own, Some(Reply { code, text }), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &[u8] = br#" del_time="Sun Jan 05 08:28:33.073 2003" ip="0.0.0.0" source_ip="192.0.2.1 "reason="5.1.0 - x" error="["a "b" > c"]""#;

    #[test]
    fn a_value_ends_where_another_attribute_begins() {
        assert_eq!(attribute(TAG, b"ip"), b"0.0.0.0");
        assert_eq!(attribute(TAG, b"source_ip"), b"192.0.2.1");
        assert_eq!(attribute(TAG, b"reason"), b"5.1.0 - x");
        assert_eq!(attribute(TAG, b"error"), br#"["a "b" > c"]"#);
        assert_eq!(attribute(TAG, b"to"), b"");
        assert_eq!(attribute(b" to=\"cut", b"to"), b"cut");
    }

    #[test]
    fn a_tag_ends_behind_its_last_quote() {
        let (tag, after) = split_tag(
            br#" a="1" b="["x">y"]">
<rcpt/>"#,
        );
        assert_eq!((tag, after), (&br#" a="1" b="["x">y"]""#[..], &b"\n<rcpt/>"[..]));
    }
}
