//! Stamps of digits alone, RFC 3339 and its neighbours, and the header of RFC 5424.
//!
//! `2023-03-14T00:00:31.185246+01:00` of rsyslog and syslog-ng, `2023-03-14 00:00:31` of scripts and Exim, `2023-03-14T00:00:31+0100`
//! of `journalctl -o short-iso`, `2023:03:14-00:00:31` of Sophos UTM, seconds since 1970 of `-o short-unix`. A stamp that names no zone is in the file's.

use super::Envelope;
use crate::event::Micros;
use crate::format::clock::{Clock, HourKey, Stamp, within_hour};
use crate::format::cursor::{Cursor, millionths, number, two};

/// The bytes of `yyyy-mm-ddThh`.
const HOUR: HourKey = (1 << (13 * 8)) - 1;

/// `yyyy-mm-ddThh:mm:ss[.fraction][zone]` at the front of `line`; the moment and what follows.
pub(crate) fn stamp<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    let (front, rest) = line.split_first_chunk::<19>()?;
    let [_, _, _, _, first, _, _, second, _, _, middle, _, _, b':', m1, m2, b':', s1, s2] = *front else { return None };
    let ((b'-', b'-', b'T' | b't' | b' ' | b'_') | (b':', b':', b'-')) = (first, second, middle) else { return None };
    let mut at = Cursor(rest);
    let fraction = match at.0 {
        [b'.' | b',', digits @ ..] => {
            at.0 = digits;
            millionths(at.digits())
        }
        _ => 0,
    };
    let within = within_hour(two(m1, m2)?, two(s1, s2)?)? + fraction;
    // The hour as it is written, and a mark that no stamp with a month's name has.
    let key = HourKey::from_le_bytes(*line.first_chunk()?) & HOUR | 1 << 127;
    let moment = match zone(&mut at) {
        Some(east) => clock.zoned(key, within, east, || hour(front))?,
        None => clock.local(key, within, || hour(front))?,
    };
    matches!(at.0, [] | [b' ' | b'\t' | b':', ..]).then_some((moment, at.0))
}

fn hour(stamp: &[u8; 19]) -> Option<Stamp> {
    let [y1, y2, y3, y4, _, o1, o2, _, d1, d2, _, h1, h2, ..] = *stamp;
    let year = i16::from(two(y1, y2)?) * 100 + i16::from(two(y3, y4)?);
    Some(Stamp { year: Some(year), month: two(o1, o2)? as i8, day: two(d1, d2)? as i8, hour: two(h1, h2)? as i8 })
}

/// `Z`, ` UTC`, `+01:00`, `+0100`, `+01`, also after a blank when it has four digits: microseconds east of UTC.
fn zone(at: &mut Cursor<'_>) -> Option<i64> {
    let (sign, mut rest) = match at.0 {
        [b'Z' | b'z', rest @ ..] => {
            at.0 = rest;
            return Some(0);
        }
        [b' ', b'U', b'T', b'C', rest @ ..] | [b' ', b'G', b'M', b'T', rest @ ..] if rest.starts_with(b" ") => {
            at.0 = rest;
            return Some(0);
        }
        [sign @ (b'+' | b'-'), rest @ ..] => (*sign, rest),
        [b' ', sign @ (b'+' | b'-'), rest @ ..] if rest.get(4) == Some(&b' ') => (*sign, rest),
        _ => return None,
    };
    let [h1, h2, after @ ..] = rest else { return None };
    rest = after;
    let hours = two(*h1, *h2)?;
    let minutes = match rest {
        [b':', m1, m2, after @ ..] | [m1, m2, after @ ..] if two(*m1, *m2).is_some() => {
            rest = after;
            two(*m1, *m2)?
        }
        _ => 0,
    };
    at.0 = rest;
    let east = (i64::from(hours) * 60 + i64::from(minutes)) * 60 * Micros::SECOND;
    Some(if sign == b'-' { -east } else { east })
}

/// Seconds since 1970, with a fraction or not, and a blank.
pub(crate) fn epoch(line: &[u8]) -> Option<(Micros, &[u8])> {
    epoch_before(line, b' ')
}

/// The same, with something else than a blank behind it.
pub(crate) fn epoch_before(line: &[u8], end: u8) -> Option<(Micros, &[u8])> {
    let mut at = Cursor(line);
    let digits = at.digits();
    let seconds = number(digits).filter(|_| (9..=11).contains(&digits.len()))?;
    let fraction = if at.take(b".") { millionths(at.digits()) } else { 0 };
    (at.0.first() == Some(&end)).then_some((Micros(seconds as i64 * Micros::SECOND + fraction), at.0))
}

/// What follows `<PRI>1 ` in RFC 5424 section 6: `STAMP HOST APP PROCID MSGID SD[ MSG]`. A nil value is `-`.
pub(super) fn message<'a>(line: &'a [u8], clock: &mut Clock) -> Option<Envelope<'a>> {
    let (time, rest) = match line.strip_prefix(b"- ") {
        Some(rest) => (None, rest),
        None => stamp(line, clock).map(|(time, rest)| (Some(time), rest))?,
    };
    let mut at = Cursor(rest);
    at.blanks();
    let mut field = || {
        let word = at.word();
        at.blanks();
        if word == b"-" { &b""[..] } else { word }
    };
    let (host, tag, pid, _message_id) = (field(), field(), field(), field());
    skip_structured_data(&mut at)?;
    at.blanks();
    at.take(b"\xef\xbb\xbf");
    let pid = if pid.iter().all(u8::is_ascii_digit) { pid } else { b"" };
    Some(Envelope { time, host, tag, pid, text: at.0, framed: true })
}

/// `-`, or `[id name="value" …]` one after the other; a quote within a value has a backslash before it.
fn skip_structured_data(at: &mut Cursor<'_>) -> Option<()> {
    if at.take(b"-") {
        return Some(());
    }
    at.0.starts_with(b"[").then_some(())?;
    while at.take(b"[") {
        let mut quoted = false;
        loop {
            match at.0 {
                [b'\\', _, rest @ ..] if quoted => at.0 = rest,
                [b'"', rest @ ..] => {
                    quoted = !quoted;
                    at.0 = rest;
                }
                [b']', rest @ ..] if !quoted => {
                    at.0 = rest;
                    break;
                }
                [_, rest @ ..] => at.0 = rest,
                [] => return None,
            }
        }
    }
    Some(())
}

/// `2023-03-14 00:00:31 CET ` of `journalctl -o short-full`. Names of zones other than UTC are not unique: the file's is meant.
pub(super) fn short_full<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    let (moment, rest) = stamp(line, clock)?;
    let mut at = Cursor(rest.strip_prefix(b" ")?);
    let name = at.run(|byte| byte.is_ascii_uppercase());
    let is_zone = (3..=5).contains(&name.len()) && at.0.starts_with(b" ");
    Some((moment, if is_zone { at.0 } else { rest }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FileContext;
    use jiff::{Timestamp, tz::TimeZone};

    fn clock() -> Clock {
        Clock::new(&FileContext { anchor: Micros(0), zone: TimeZone::get("Europe/Berlin").unwrap(), own_relays: Vec::new() })
    }

    #[track_caller]
    fn check(found: Option<(Micros, &[u8])>, expected: Option<(&str, &str)>) {
        let found =
            found.map(|(at, rest)| (Timestamp::from_microsecond(at.0).unwrap().to_string(), String::from_utf8_lossy(rest)));
        assert_eq!(found.as_ref().map(|(at, rest)| (at.as_str(), &**rest)), expected);
    }

    #[test]
    fn zones_are_read_in_all_their_forms() {
        for zone in ["+01:00", "+0100", "+01", " +0100"] {
            let line = format!("2023-03-14T00:00:31.185246{zone} h");
            check(stamp(line.as_bytes(), &mut clock()), Some(("2023-03-13T23:00:31.185246Z", " h")));
        }
        check(stamp(b"2023-03-14T00:00:31Z h", &mut clock()), Some(("2023-03-14T00:00:31Z", " h")));
        check(stamp(b"2023-03-14T00:00:31-03:30 h", &mut clock()), Some(("2023-03-14T03:30:31Z", " h")));
        check(stamp(b"2023-07-14 00:00:31 h", &mut clock()), Some(("2023-07-13T22:00:31Z", " h")));
        check(stamp(b"2023-07-14 00:00:31,5 -host x", &mut clock()), Some(("2023-07-13T22:00:31.5Z", " -host x")));
        check(stamp(b"2023:07:14-00:00:31 host x", &mut clock()), Some(("2023-07-13T22:00:31Z", " host x")));
    }

    #[test]
    fn what_is_no_stamp_is_none() {
        for line in [
            &b""[..],
            b"2023-03-14",
            b"2023-03-14T00:00:6",
            b"2023-02-30T00:00:00Z x",
            b"2023-03-14T00:00:31x",
            b"2023:03:14 00:00:31 x",
        ] {
            check(stamp(line, &mut clock()), None);
        }
    }

    #[test]
    fn the_journal_has_stamps_of_its_own() {
        check(epoch(b"1678750831.185246 h x"), Some(("2023-03-13T23:40:31.185246Z", " h x")));
        check(epoch(b"1678750831x"), None);
        check(short_full(b"2023-03-14 00:00:31 CET h x", &mut clock()), Some(("2023-03-13T23:00:31Z", " h x")));
        check(short_full(b"2023-03-14 00:00:31 UTC h x", &mut clock()), Some(("2023-03-14T00:00:31Z", " h x")));
    }

    #[test]
    fn a_header_of_rfc_5424_is_taken_off() {
        let read = |line: &'static str| message(line.as_bytes(), &mut clock());
        let found = read("2023-03-14T00:00:31Z h postfix/smtp 17 - [x@1 a=\"]\\\"\"][y] \u{feff}text here").unwrap();
        assert_eq!(
            (found.host, found.tag, found.pid, found.text),
            (&b"h"[..], &b"postfix/smtp"[..], &b"17"[..], &b"text here"[..])
        );
        let nothing = read("- - - - - -").unwrap();
        assert_eq!((nothing.time, nothing.host, nothing.tag, nothing.text), (None, &b""[..], &b""[..], &b""[..]));
        assert!(read("2023-03-14T00:00:31Z h tag 17 - [x").is_none());
    }
}
