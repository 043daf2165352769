//! What log shippers, collectors, containers, spreadsheets and searches put before a line.
//!
//! Looked for where a line begins with no stamp of its own, or between its stamp and the line that was collected. Sources: grep(1), RFC
//! 6587, the manuals of OSSEC, Loki, `docker compose` and `kubectl logs`, the templates of `stern`, `NethServer` 8, macOS' log(1).

use memchr::{memchr_iter, memchr3};

use super::{Clock, Envelope, rfc5424};
use crate::format::cursor::{Cursor, number, skip_blanks, split_byte, split_pair, split_text};

/// Longest path or host name that `grep -H` may have put before a line.
pub(super) const LONGEST_PREFIX: usize = 256;

impl<'a> Envelope<'a> {
    /// What log shippers, spreadsheets and searches put before a stamped line.
    pub(super) fn shipped(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        if let Some(rest) = line.strip_prefix(b"\"") {
            // A cell of a spreadsheet.
            let first = Self::stamped(rest, clock).or_else(|| Self::of_cells(rest, clock));
            return first.or_else(|| Self::of_later_cell(rest, clock));
        }
        if let Some(rest) = line.strip_prefix(b"- ") {
            return Self::alerted(rest, clock);
        }
        if line.first().is_some_and(u8::is_ascii_digit)
            && let Some(envelope) = Self::numbered(line, clock).or_else(|| Self::counted(line, clock))
        {
            return Some(envelope);
        }
        if line.first().is_some_and(u8::is_ascii_lowercase)
            && let Some(envelope) = Self::of_pod(line, clock)
        {
            return Some(envelope);
        }
        // `mail.log.1:`, `/var/log/mail.log:217:` of grep: no blank before the stamp; `mail-1  | ` and `[pod/mail] ` of containers;
        // `host1: ` of pdsh.
        let mut rest = line;
        let mut left = LONGEST_PREFIX.min(line.len());
        while let Some(length) = memchr3(b':', b'|', b']', rest.get(..left)?) {
            let is_colon = rest.get(length) == Some(&b':');
            let is_word = rest.len() == line.len() && !rest.get(..length)?.contains(&b' ');
            (left, rest) = (left - length - 1, rest.get(length + 1..)?);
            let rest = skip_colour(rest);
            let may_follow = is_colon != rest.starts_with(b" ") || is_word;
            if let Some(envelope) = Self::stamped(skip_colour(skip_blanks(rest)), clock).filter(|_| may_follow) {
                return Some(envelope);
            }
        }
        Self::beside_match(line, clock).or_else(|| Self::of_later_cell(line, clock))
    }

    /// `mail-0 postfix `, `prod mail-0 postfix `: what `stern` puts before a line, the pod and its container, and before these the
    /// namespace where it follows several. Names are those of Kubernetes (RFC 1123), each in its colour.
    fn of_pod(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        const FEWEST: usize = 2;
        const MOST: usize = 3;
        let mut at = Cursor(line);
        for names in 1..=MOST {
            let name = at.run(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
            at.0 = skip_colour(at.0);
            (!name.is_empty() && at.take(b" ")).then_some(())?;
            at.0 = skip_colour(at.0);
            if names >= FEWEST
                && let Some(envelope) = Self::stamped(at.0, clock)
            {
                return Some(envelope);
            }
        }
        None
    }

    /// `mail.log.1-Nov  1 …`, `217-Nov  1 …`: what `grep -C` shows around a match has a hyphen where the match has a colon.
    fn beside_match(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let head = line.get(..LONGEST_PREFIX.min(line.len()))?;
        let head = split_byte(head, b' ').map_or(head, |(word, _)| word);
        memchr_iter(b'-', head).find_map(|at| Self::stamped(line.get(at + 1..)?, clock))
    }

    /// `98 <22>1 2023-…`: a record sent over TCP has its length in front (RFC 6587 section 3.4.1), and some write down what came. A
    /// line that is longer holds more than one record, and would hide all but the first.
    fn counted(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let mut at = Cursor(line);
        let length = number(at.digits())?;
        let is_counted = at.take(b" ") && at.0.starts_with(b"<") && at.0.len() as u64 <= length;
        is_counted.then(|| Self::stamped(at.0, clock))?
    }

    /// `- 1131566490 2005.11.09 node Nov 9 12:01:30 src@node tag[pid]: text`, as supercomputer logs are published: the seconds since
    /// 1970 say what the second stamp leaves open.
    fn alerted(line: &'a [u8], clock: &mut Clock) -> Option<Self> {
        let (time, rest) = rfc5424::epoch(line)?;
        let mut at = Cursor(skip_blanks(rest));
        at.until(b' ')?;
        at.until(b' ')?;
        Self::stamped(at.0, clock).map(|envelope| Self { time: Some(time), ..envelope })
    }
}

/// What collectors put between their stamp and the line: `(agent) 192.0.2.7->/var/log/mail.log ` of OSSEC, `agent->/var/log/mail.log ` of
/// its own host, `{job="mail"} ` of Loki. The agent, and the line.
pub(super) fn collected(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    if let Some(labels) = rest.strip_prefix(b"{") {
        return split_text(labels, b"\"} ").map(|(_, text)| (&b""[..], text));
    }
    let (agent, from) = match rest.strip_prefix(b"(") {
        Some(named) => split_pair(named, *b") ").map(|(agent, from)| (Some(agent), from))?,
        None => (None, rest),
    };
    let (place, text) = split_byte(from, b' ')?;
    let (host, _) = split_pair(place, *b"->")?;
    Some((agent.unwrap_or(host), text))
}

/// `[1:mail1:postfix/smtp] text`, as `NethServer`'s collector writes: node, module, and the tag that the module's own daemon was told.
pub(super) fn of_module(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut at = Cursor(rest.strip_prefix(b"[")?);
    let node = at.digits();
    (!node.is_empty() && at.take(b":")).then_some(())?;
    let (place, text) = split_pair(at.0, *b"] ")?;
    let (module, tag) = split_byte(place, b':')?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    let is_whole = !tag.is_empty() && module.iter().chain(tag).all(is_name);
    is_whole.then_some((module, tag, skip_blanks(text)))
}

/// `0x1a2b3    Info        0x0                  123    0    smtp: text`, as macOS shows what it stored: thread, type, activity, process
/// id, time to live, program. Program, process id and text.
pub(super) fn of_unified(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut at = Cursor(rest);
    let is_number = |word: &[u8]| word.strip_prefix(b"0x").is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    (is_number(at.word()) && at.blanks()).then_some(())?;
    at.word();
    (at.blanks() && is_number(at.word()) && at.blanks()).then_some(())?;
    let pid = at.digits();
    (!pid.is_empty() && at.blanks() && !at.digits().is_empty() && at.blanks()).then_some(())?;
    let (program, text) = split_pair(at.0, *b": ")?;
    (!program.contains(&b' ')).then_some((program, pid, skip_blanks(text)))
}

/// A line without what a terminal's colours end with, and without the carriage return of Windows.
#[inline]
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // One look at the last byte is all that most lines need.
    if matches!(line.last(), Some(b'm' | b'K')) { without_colour(line) } else { line }
}

/// `grep` ends a colour with two of these.
#[inline(never)]
fn without_colour(mut line: &[u8]) -> &[u8] {
    const ENDS: [&[u8]; 3] = [b"\x1b[0m", b"\x1b[m", b"\x1b[K"];
    while let Some(rest) = ENDS.iter().find_map(|end| line.strip_suffix(*end)) {
        line = rest;
    }
    line
}

/// What follows the colours that `docker compose` gives the names of containers.
pub(super) fn skip_colour(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some(sequence) = rest.strip_prefix(b"\x1b[") {
        let mut at = Cursor(sequence);
        at.run(|byte| byte.is_ascii_digit() || byte == b';');
        if !at.take(b"m") {
            break;
        }
        rest = at.0;
    }
    rest
}
