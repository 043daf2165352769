//! What stands before the text of a syslog record: stamp, priority, host, program, process.
//!
//! Between the file's lines and the programs of [`super::syslog`]. Takes a line of any of the framings that syslog daemons, the
//! journal, log shippers and `grep` write and gives the text and what the header said of it; knows no mail. A line without a header
//! is all text. Sources: RFC 3164, RFC 5424, journalctl(1), syslogd(8) of the BSDs, Solaris `log(7D)`.

mod columns;
mod exim;
mod journal;
mod json;
mod members;
mod months;
mod rfc3164;
mod rfc5424;
mod shipped;
mod tai64n;
mod zones;

pub(crate) use journal::{entries, holds_entries};
pub(crate) use json::Unwrapped;
pub(crate) use rfc5424::{epoch, epoch_before, stamp as iso};
pub(crate) use tai64n::stamp as tai64n;

use memchr::memchr3;

use super::clock::Clock;
use super::cursor::{Cursor, near, skip_blanks, split_byte, split_pair};
use crate::event::Micros;

/// A record without its header.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Envelope<'a> {
    /// The stamp; None where there is none.
    pub(crate) time: Option<Micros>,
    /// The host as logged; empty where not logged.
    pub(crate) host: &'a [u8],
    /// What wrote the record, without process id and colon: `postfix/smtp`; empty where not logged.
    pub(crate) tag: &'a [u8],
    /// Digits of the process id; empty where not logged.
    pub(crate) pid: &'a [u8],
    /// The record's own words.
    pub(crate) text: &'a [u8],
    /// Whether there was a header: a stamp, or a tag that can be nothing else.
    pub(crate) framed: bool,
}

impl<'a> Envelope<'a> {
    /// Takes the header off `line`.
    #[inline]
    pub(crate) fn open(line: &'a [u8], clock: &mut Clock) -> Self {
        let line = shipped::without_end(line);
        if let Some((time, rest)) = rfc3164::fixed(line, clock) {
            return Self::after_stamp(time, rest, clock);
        }
        let dated = if line.first().is_some_and(u8::is_ascii_digit) { Self::stamped(line, clock) } else { None };
        dated.unwrap_or_else(|| Self::of_any_shape(line, clock))
    }

    /// Takes a header off `line` that may be of any shape.
    fn of_any_shape(line: &'a [u8], clock: &mut Clock) -> Self {
        // The mark that Windows puts at the front of a file, and what pasting puts at the front of a line.
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let line = shipped::skip_colour(skip_blanks(line.strip_prefix(b"> ").unwrap_or(line)));
        Self::stamped(line, clock)
            .or_else(|| Self::shipped(line, clock))
            .or_else(|| Self::stampless(line))
            .unwrap_or(Self { text: line, ..Self::default() })
    }

    /// With the stamp that `record` begins with, if it has none itself.
    pub(crate) fn dated_by(self, record: &[u8], clock: &mut Clock) -> Self {
        Self { time: self.time.or_else(|| stamp(record, clock).map(|(time, _)| time)), ..self }
    }

    /// Whether the header is Exim's own, without syslog.
    pub(crate) fn is_of_exim(&self) -> bool {
        self.host.is_empty() && self.time.is_some() && self.tag == exim::TAG
    }

    /// A header that begins with a stamp, with or without a priority before it. Nothing here nests without end: a stranger makes lines
    /// of nothing but headers.
    fn stamped(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let line = if line.starts_with(b"<") { skip_blanks(skip_priority(line)?) } else { line };
        if let Some(message) = line.strip_prefix(b"1 ") {
            return rfc5424::message(message, clock);
        }
        if line.starts_with(b"@") {
            return Self::labelled(line, clock);
        }
        let (mut time, mut rest) = stamp(line, clock)?;
        if !line.first().is_some_and(u8::is_ascii_digit) {
            return Some(Self::after_stamp(time, rest, clock));
        }
        let of_exim = |time, (pid, text)| Self { time: Some(time), pid, text, tag: exim::TAG, framed: true, ..Self::default() };
        if let Some(parts) = exim::by_id(rest) {
            return Some(of_exim(time, parts));
        }
        // A container's log has its own stamp before the line's. Hosts begin as stamps do, but seldom: for most lines this look is all.
        let after = skip_blanks(rest);
        let may_follow = after.first().is_some_and(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if may_follow && let Some((inner, behind)) = stamp(after, clock) {
            (time, rest) = (dated_within(time, inner, after, clock), behind);
            if let Some(parts) = exim::by_id(rest) {
                return Some(of_exim(time, parts));
            }
        }
        let envelope = Self::after_stamp(time, rest, clock);
        let parts = if envelope.is_placed() { None } else { exim::by_phrase(rest) };
        Some(parts.map_or(envelope, |parts| of_exim(time, parts)))
    }

    /// Whether host and program are both told, and the program has a name of one.
    fn is_placed(&self) -> bool {
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
        !self.host.is_empty() && !self.tag.is_empty() && self.tag.iter().all(is_name)
    }

    /// What multilog and s6-log put before a line that a program wrote, or a syslog daemon: no host, and no tag. socklog names the
    /// priority before the line that it was sent: `mail.info: `.
    fn labelled(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let (time, rest) = tai64n(line)?;
        let text = skip_blanks(rest);
        let text = split_pair(text, *b": ").filter(|(word, _)| is_priority_word(word)).map_or(text, |(_, text)| text);
        let stamped = stamp(text, clock);
        let stamped = stamped.map(|(inner, rest)| Self::after_stamp(dated_within(time, inner, text, clock), rest, clock));
        Some(stamped.unwrap_or(Self { time: Some(time), text, framed: true, ..Self::default() }))
    }

    /// Takes a second header off the text of a line: a container's or a relay's daemon put its own before it.
    pub(crate) fn nested(self, clock: &mut Clock) -> Option<Self> {
        let (text, outer) = (self.text, self.time);
        let inner = match text.first()? {
            b'A'..=b'Z' | b'0'..=b'9' | b'<' | b'@' => Self::stamped(text, clock),
            _ => None,
        };
        let dated = inner.map(|inner| {
            let time = inner.time.zip(outer).map(|(inner, outer)| dated_within(outer, inner, text, clock));
            Self { time: time.or(inner.time), ..inner }
        });
        dated.or_else(|| Self::stampless(text)).or_else(|| self.behind_host())
    }

    /// `host tag[pid]: text`: Graylog leaves the host before the text that it keeps. No other host than the one that the header names.
    fn behind_host(self) -> Option<Self> {
        let (host, rest) = split_byte(self.text, b' ')?;
        let is_same = self.host.is_empty() || self.host == host;
        is_same.then(|| Self::stampless(rest))?.map(|inner| Self { host, ..inner })
    }

    /// `tag[pid]: text` or `a/b: text`, cut out of a log without its stamps; `agent<TAB>text` of an export.
    fn stampless(line: &'a [u8]) -> Option<Self> {
        let head = line.get(..line.len().min(64))?;
        let end = memchr3(b' ', b'\t', b'=', head)?;
        let first = line.get(..end)?;
        if line.get(end) == Some(&b'\t') {
            let is_name = |byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-' | b'/');
            let text = skip_blanks(line.get(end..)?);
            return first.iter().all(is_name).then_some(Self { tag: first, text, ..Self::default() });
        }
        let is_tag = first.ends_with(b"]:") || (first.ends_with(b":") && first.contains(&b'/'));
        (is_tag && !first.contains(&b'@')).then(|| Self::default().with_tag(line)).filter(|found| !found.tag.is_empty())
    }

    /// What follows a stamp.
    #[inline]
    fn after_stamp(time: Micros, rest: &'a [u8], clock: &Clock) -> Self {
        match usual(rest) {
            Some(Usual { host, tag, pid, text }) => Self { time: Some(time), host, tag, pid, text, framed: true },
            None => match zones::after(rest) {
                Some((zone, rest)) => Self::after_stamp_of_any_shape(zone.moment(time, clock), rest),
                None => Self::after_stamp_of_any_shape(time, rest),
            },
        }
    }

    /// What follows a stamp: `[<facility.level>] [host] tag[pid]: text`.
    fn after_stamp_of_any_shape(time: Micros, rest: &'a [u8]) -> Self {
        if let Some(envelope) = Self::of_kiwi(time, rest) {
            return envelope;
        }
        let mut rest = skip_blanks(rest.strip_prefix(b":").unwrap_or(rest));
        if rest.starts_with(b"<") {
            // FreeBSD's `syslogd -v`.
            rest = skip_priority(rest).map_or(rest, skip_blanks);
        }
        if let Some(text) = after_stream(rest) {
            return Self { time: Some(time), text, framed: true, ..Self::default() };
        }
        let envelope = Self { time: Some(time), framed: true, ..Self::default() };
        if let Some((host, text)) = shipped::collected(rest) {
            return Self { host, text, ..envelope };
        }
        if let Some((host, tag, text)) = shipped::of_module(rest) {
            return Self { host, tag, text, ..envelope };
        }
        if let Some((tag, pid, text)) = shipped::of_unified(rest) {
            return Self { tag, pid, text, ..envelope };
        }
        if rest.starts_with(b"last message repeated ") {
            // No host, and nothing else to tell it from one.
            return Self { text: rest, ..envelope };
        }
        let mut at = Cursor(rest);
        let first = at.word();
        if first.ends_with(b":") {
            // No host.
            return envelope.with_tag(rest);
        }
        at.blanks();
        if begins_with_hour(at.0) {
            return Self { host: first, text: at.0, ..envelope };
        }
        Self { host: first, ..envelope }.with_tag(at.0)
    }

    /// `tag[pid]: text`, `tag: text`, or text alone.
    fn with_tag(self, rest: &'a [u8]) -> Self {
        let rest = skip_priority_word(rest);
        if let Some(forwarded) = rest.strip_prefix(b"Message forwarded from ")
            && let Some((host, rest)) = split_byte(forwarded, b':')
        {
            // AIX: the host before was the one that took it in.
            return match tag(skip_blanks(rest)) {
                Some((tag, pid, text)) => Self { host, tag, pid, text, framed: true, ..self },
                None => Self { host, text: skip_blanks(rest), ..self },
            };
        }
        match tag(rest) {
            Some((tag, pid, text)) => Self { tag, pid, text: skip_message_id(text), framed: true, ..self },
            None => Self { text: rest, ..self },
        }
    }
}

/// A stamp of any shape.
pub(crate) fn stamp<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    match line.first()? {
        b'A'..=b'Z' | b'a'..=b'z' => rfc3164::stamp(line, clock).or_else(|| with_weekday(line, clock)),
        b'0'..=b'9' => rfc5424::stamp(line, clock).or_else(|| rfc3164::stamp(line, clock)).or_else(|| rfc5424::epoch(line)),
        // A month of another language.
        0x80.. => rfc3164::stamp(line, clock),
        _ => None,
    }
}

/// The moment of a stamp within a line that has another before it, of a moment that its writer took down. What names no year is of
/// the outer stamp's, not of the file's: it lies less than a year before that, or little behind it, since clocks differ.
fn dated_within(outer: Micros, inner: Micros, text: &[u8], clock: &mut Clock) -> Micros {
    if rfc3164::fixed(text, clock).is_some() { clock.year_of(inner, outer) } else { inner }
}

/// The parts of ` host tag[pid]: text`.
struct Usual<'a> {
    host: &'a [u8],
    tag: &'a [u8],
    pid: &'a [u8],
    text: &'a [u8],
}

/// What follows nearly every stamp. None: one of the many other shapes, or maybe one.
#[expect(
    clippy::inline_always,
    reason = "asked of every line; what it finds is written where it belongs, and not copied there"
)]
#[inline(always)]
fn usual(rest: &[u8]) -> Option<Usual<'_>> {
    let (host, rest) = split_byte(rest.strip_prefix(b" ")?, b' ')?;
    let (tag, rest) = rest.split_at_checked(near(rest, [b'[', b':', b' '])?)?;
    let mut at = Cursor(rest.strip_prefix(b"[")?);
    let pid = at.digits();
    let text = at.0.strip_prefix(b"]: ")?;
    let is_host = !matches!(host, [] | [b'<' | b'\t', ..] | [.., b':'] | b"stdout" | b"stderr" | b"last");
    let is_whole = is_host && !matches!(tag, [b'\t', ..]) && !matches!(text, [b' ' | b'\t' | b'[', ..]);
    is_whole.then_some(Usual { host, tag, pid, text })
}

/// `tag[pid]: text`, `tag: text`: tag, process id and text.
fn tag(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (tag, after) = rest.split_at_checked(near(rest, [b':', b'[', b' '])?)?;
    let mut at = Cursor(after);
    let mut pid: &[u8] = b"";
    if at.take(b"[") {
        pid = at.digits();
        if !at.take(b"]") {
            pid = b"";
            at.until(b']')?;
        }
        if let Some(rest) = at.0.strip_prefix(b" <") {
            // macOS: `tag[pid] <Notice>: text`.
            at.0 = split_byte(rest, b'>').map_or(at.0, |(_, rest)| rest);
        }
    } else if tag.is_empty() || is_queue_id(tag) {
        return None;
    }
    at.take(b":").then(|| (tag, pid, skip_blanks(at.0)))
}

/// `<22>`, `<mail.info>`
fn skip_priority(line: &[u8]) -> Option<&[u8]> {
    let (priority, rest) = split_byte(line.get(1..)?, b'>')?;
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    (priority.len() <= 20 && priority.iter().all(belongs)).then_some(rest)
}

/// What follows `mail.info ` (busybox) or `mail:info ` (AIX), which stand between host and tag; all of it where none does.
fn skip_priority_word(rest: &[u8]) -> &[u8] {
    let mut at = Cursor(rest);
    if is_priority_word(at.word()) && at.blanks() { at.0 } else { rest }
}

/// `mail.info`, `Mail.Info`, `mail:info`, `auth|security:info`
fn is_priority_word(word: &[u8]) -> bool {
    const LEVELS: [&[u8]; 11] =
        [b"emerg", b"alert", b"crit", b"err", b"error", b"warn", b"warning", b"notice", b"info", b"debug", b"panic"];
    let parts = split_byte(word, b'.').or_else(|| split_byte(word, b':'));
    parts.is_some_and(|(facility, level)| {
        let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'|';
        !facility.is_empty() && facility.iter().all(belongs) && LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level))
    })
}

/// `Tue ` before a stamp: `journalctl -o short-full`, `logread` of routers.
fn with_weekday<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    let [a, b, c, b' ', rest @ ..] = line else { return None };
    [a, b, c].iter().all(|byte| byte.is_ascii_alphabetic()).then_some(())?;
    rfc5424::short_full(rest, clock).or_else(|| rfc3164::stamp(rest, clock))
}

/// `stdout F `: Kubernetes. The container's own line follows, with or without a header of its own.
#[inline]
fn after_stream(text: &[u8]) -> Option<&[u8]> {
    let stream = text.strip_prefix(b"std")?;
    let text = stream.strip_prefix(b"out ").or_else(|| stream.strip_prefix(b"err "))?;
    text.strip_prefix(b"F ").or_else(|| text.strip_prefix(b"P "))
}

/// Solaris puts `[ID 197553 mail.info] ` before the text.
#[inline]
fn skip_message_id(text: &[u8]) -> &[u8] {
    match text.strip_prefix(b"[ID ") {
        Some(rest) => split_byte(rest, b']').map_or(text, |(_, rest)| skip_blanks(rest)),
        None => text,
    }
}

/// Whether what looks like a tag is the queue id at the beginning of the text: upper-case hexadecimal digits, which no program is
/// called.
fn is_queue_id(tag: &[u8]) -> bool {
    tag.len() >= 6 && tag.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}

/// `2023-11-01T02:` where a tag may stand: a daemon put its header before one that it could not read.
fn begins_with_hour(text: &[u8]) -> bool {
    let [year @ .., b'-', _, _, b'-', _, _, b'T', _, _, b':'] = text.get(..14).unwrap_or_default() else { return false };
    year.len() == 4 && year.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests;
