//! Queue ids of Sendmail.
//!
//! Since 8.10: year, month, day, hour, minute and second, one digit each in base 60, one or two digits of a sequence, and the process
//! id; local time, and no two messages of one host share one. Before: an hour's letter, two letters and the process id, used again every
//! day. Source: `assign_queueid()` of `sendmail/queue.c`.

use memchr::memmem::find;

use crate::event::Micros;
use crate::format::cursor::{Cursor, alphanumerics, number, skip_blanks, split_text};

/// `MAA00150` has eight; before 8.6 there were seven.
const SHORTEST: usize = 7;
/// Fourteen digits with a process id of six; the largest process id of Linux has seven.
const LONGEST: usize = 20;

/// Shorter words are those of texts: `to: to=`.
const SHORTEST_MASKED: usize = 4;

/// The id at the front of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Split<'a> {
    /// The id.
    pub(super) id: &'a [u8],
    /// The number of this part of a record that was too long for one line: `ID[2]: `. Source: `sm_syslog()`.
    pub(super) part: Option<u32>,
    /// What follows.
    pub(super) rest: &'a [u8],
}

/// `ID: rest`, `ID[part]: rest`
pub(super) fn split(text: &[u8]) -> Option<Split<'_>> {
    let length = alphanumerics(text);
    let (id, rest) = text.split_at_checked(length).filter(|(id, _)| ends_in_process(id))?;
    let mut at = Cursor(rest);
    let part = if at.take(b"[") {
        let digits = at.digits();
        at.take(b"]").then_some(())?;
        Some(u32::try_from(number(digits)?).ok()?)
    } else {
        None
    };
    at.take(b":").then(|| Split { id, part, rest: skip_blanks(at.0) })
}

/// The same of an id that somebody masked or made up: any word, before the fields that only a main record has. Asked only of lines under
/// a tag of Sendmail's.
pub(super) fn split_masked(text: &[u8]) -> Option<Split<'_>> {
    let (id, rest) = split_text(text, b": ")?;
    let rest = skip_blanks(rest);
    let has = |field: &[u8]| find(rest, field).is_some();
    let is_record = match rest.first() {
        Some(b't') => rest.starts_with(b"to=") && has(b", stat="),
        Some(b'f') => rest.starts_with(b"from=") && has(b", size="),
        Some(_) | None => false,
    };
    let is_word = (SHORTEST_MASKED..=LONGEST).contains(&id.len()) && !id.contains(&b' ') && id != b"NOQUEUE";
    (is_record && is_word).then_some(Split { id, part: None, rest })
}

/// Letters and digits that end in digits: at least four of a process id.
pub(super) fn is_id(word: &[u8]) -> bool {
    ends_in_process(word) && alphanumerics(word) == word.len()
}

fn ends_in_process(word: &[u8]) -> bool {
    let end = word.last_chunk::<4>();
    (SHORTEST..=LONGEST).contains(&word.len()) && end.is_some_and(|end| end.iter().all(u8::is_ascii_digit))
}

/// Whether Sendmail made it, beyond doubt: a date in base 60 and a process id, or the older letters and a process id. Ids of Postfix
/// are hexadecimal, or have a `z` where the process id stands here.
pub(super) fn is_certain(id: &[u8]) -> bool {
    queued(id).is_some() || is_old(id)
}

/// `MAA00150`
fn is_old(id: &[u8]) -> bool {
    let mut at = Cursor(id);
    let letters = at.run(|byte| byte.is_ascii_uppercase());
    let pid = at.digits();
    matches!(letters.len(), 2 | 3) && at.0.is_empty() && (5..=7).contains(&pid.len()) && letters.get(1) == Some(&b'A')
}

/// The years that a digit of base 60 may mean are taken from this one on.
const FIRST_YEAR: i16 = 1990;

/// When the message of an id came into the queue, by the host's own clock and zone; None for an id that holds no time.
pub(super) fn queued(id: &[u8]) -> Option<Micros> {
    let (time, rest) = id.split_first_chunk::<6>()?;
    let &[year, month, day, hour, minute, second] = time;
    let pid = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    // One digit of sequence and five of process id at least.
    ((6..=10).contains(&rest.len()) && pid >= 4 && rest.len() - pid <= 2).then_some(())?;
    rest.get(..rest.len() - pid)?.iter().all(|&byte| base_60(byte).is_some()).then_some(())?;
    // 1900 to 1959: one or two rounds of sixty before the first year that is believed.
    let year = 1900 + i16::from(base_60(year)?);
    let year = year + if year + 60 < FIRST_YEAR { 120 } else { 60 };
    let digit = |byte| Some(base_60(byte)? as i8);
    let at = jiff::civil::DateTime::new(
        year,
        digit(month)?.checked_add(1)?,
        digit(day)?,
        digit(hour)?,
        digit(minute)?,
        digit(second)?,
        0,
    );
    let moment = jiff::tz::TimeZone::UTC.to_timestamp(at.ok()?).ok()?;
    Some(Micros(moment.as_microsecond()))
}

/// `0-9A-Za-x`
const fn base_60(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'Z' => Some(digit - b'A' + 10),
        b'a'..=b'x' => Some(digit - b'a' + 36),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_was_masked_is_believed_before_the_fields_of_a_main_record() {
        let id = |text: &'static str| split_masked(text.as_bytes()).map(|found| found.id);
        assert_eq!(id("1A2B3C4D: to=<b@y.example>, stat=Sent (ok)"), Some(&b"1A2B3C4D"[..]));
        assert_eq!(id("xxxxxxxx: from=<b@y.example>, size=5, class=0"), Some(&b"xxxxxxxx"[..]));
        for other in [
            "NOQUEUE: to=<b@y.example>, stat=Sent",
            "1A2B3C4D: to=<b@y.example>",
            "some words: to=<b@y.example>, stat=Sent",
            "a: b",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }

    #[track_caller]
    fn check(id: &str, expected: Option<&str>) {
        let time = queued(id.as_bytes()).map(|at| jiff::Timestamp::from_microsecond(at.0).unwrap().to_string());
        assert_eq!(time.as_deref(), expected, "{id}");
    }

    #[test]
    fn an_id_holds_its_time() {
        check("u31FFPtp032300", Some("2016-04-01T15:15:25Z"));
        check("l8E3xVpO007423", Some("2007-09-14T03:59:31Z"));
        check("e6HBWSO21997", Some("2000-07-17T11:32:28Z"));
        check("xA32R2PQ3529565", Some("2019-11-03T02:27:02Z"));
        check("55HIbcGI002794", Some("2025-06-17T18:37:38Z"));
        for id in ["MAA00150", "4F1A2B3C01", "4PbC4x469Jz3tBr", "uC1FFPtp032300", "u31oFPtp032300", "u31FFPtp03", ""] {
            check(id, None);
        }
    }

    #[test]
    fn ids_are_told_from_words() {
        let read = |text: &'static str| split(text.as_bytes()).map(|found| (found.id, found.part, found.rest));
        assert_eq!(read("u31FFPtp032300: to=x"), Some((&b"u31FFPtp032300"[..], None, &b"to=x"[..])));
        assert_eq!(read("u31FFPtp032300[2]: x"), Some((&b"u31FFPtp032300"[..], Some(2), &b"x"[..])));
        assert_eq!(read("MAA00150:  from=x"), Some((&b"MAA00150"[..], None, &b"from=x"[..])));
        for text in
            ["NOQUEUE: x", "STARTTLS=client: x", "ruleset=check_rcpt: x", "restarting: x", "u31FFPtp032300 x", "", "a[: x"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn only_sendmail_makes_such_ids() {
        for id in ["u31FFPtp032300", "MAA00150", "AA00123", "e6HBWSO21997"] {
            assert!(is_certain(id.as_bytes()), "{id}");
        }
        for id in ["4F1A2B3C01", "B1145110", "4PbC4x469Jz3tBr", "ABC12345"] {
            assert!(!is_certain(id.as_bytes()), "{id}");
        }
    }
}
