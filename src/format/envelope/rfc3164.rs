//! Stamps with a month's name, RFC 3164 section 4.1.2 and what syslog daemons make of it.
//!
//! The day padded with a blank, a zero or not at all; a fraction of the second; a year after the day, after the time or before all
//! of it. The month in another language, as `journalctl` writes it. No zone: the file's is meant.

use super::months;
use crate::event::Micros;
use crate::format::clock::{Clock, HourKey, Stamp, within_hour};
use crate::format::cursor::{Cursor, millionths, number, two};

/// A stamp of this RFC at the front of `line`, of any shape; the moment and what follows.
pub(super) fn stamp<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    fixed(line, clock).or_else(|| variant(line, clock))
}

/// `Mmm dd hh:mm:ss `: nearly every record of nearly every log. Many share their second with the record before.
#[inline]
pub(super) fn fixed<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    let (written, _) = line.split_first_chunk::<17>()?;
    let moment = match clock.recall(written) {
        Some(moment) => moment,
        None => another_second(written, clock)?,
    };
    Some((moment, line.get(15..)?))
}

/// The moment of a stamp that the record before did not have, and which is followed by a blank and a byte.
fn another_second(written: &[u8; 17], clock: &mut Clock) -> Option<Micros> {
    let [a, b, c, b' ', d1, d2, b' ', h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = *written else { return None };
    // A digit may begin a year.
    let [b' ', b'!'..=b'/' | b':'..=b'~' | b' '] = rest else { return None };
    let key = key([a, b, c, d1, d2, h1, h2], 0);
    let within = within_hour(two(m1, m2)?, two(s1, s2)?)?;
    let moment = clock.local(key, within, || Some(hour(None, month_number([a, b, c])?, day(d1, d2)?, two(h1, h2)?)))?;
    clock.remember(written, moment);
    Some(moment)
}

/// `[yyyy ]Mmm d[d] [yyyy ]h[h]:mm:ss[.fraction][ yyyy]`
fn variant<'a>(line: &'a [u8], clock: &mut Clock) -> Option<(Micros, &'a [u8])> {
    let mut at = Cursor(line);
    let mut year = take_year(&mut at);
    let name = at.word();
    (name.len() <= months::LONGEST && at.blanks()).then_some(())?;
    let day = short(at.digits())?;
    at.blanks().then_some(())?;
    year = year.or_else(|| take_year(&mut at));
    let hour_digit = short(at.digits())?;
    at.take(b":").then_some(())?;
    let minute = short(at.digits())?;
    at.take(b":").then_some(())?;
    let second = short(at.digits())?;
    let fraction = if at.take(b".") || at.take(b",") { millionths(at.digits()) } else { 0 };
    // Asked last: many words stand where a month may, few before a time of day.
    let month = month_called(name)?;
    // `Mar 14 00:00:31 2023 host`: no host is called 2023.
    if year.is_none() {
        let mut after = Cursor(at.0.strip_prefix(b" ").unwrap_or_default());
        if let Some(found) = take_year(&mut after) {
            (year, at.0) = (Some(found), after.0);
            at.0 = line.get(line.len() - at.0.len() - 1..).unwrap_or_default(); // the blank before the host stays
        }
    }
    matches!(at.0, [] | [b' ' | b'\t' | b':', ..]).then_some(())?;
    let within = within_hour(minute, second)? + fraction;
    // No month's name begins with a zero.
    let key = key([0, month as u8, 0, day, 0, hour_digit, 0], year.unwrap_or_default());
    clock.local(key, within, || Some(hour(year, month, day, hour_digit))).map(|moment| (moment, at.0))
}

/// Four digits of a likely year and the blank after them.
fn take_year(at: &mut Cursor<'_>) -> Option<i16> {
    let (digits, rest) = at.0.split_first_chunk::<4>()?;
    let year = number(digits).filter(|year| (1970..=2099).contains(year))?;
    at.0 = rest.strip_prefix(b" ")?;
    Some(year as i16)
}

/// One or two digits.
fn short(digits: &[u8]) -> Option<u8> {
    number(digits).filter(|_| digits.len() <= 2).map(|number| number as u8)
}

/// The day of a fixed column: padded with a blank or a zero.
fn day(tens: u8, ones: u8) -> Option<u8> {
    two(if tens == b' ' { b'0' } else { tens }, ones)
}

/// Month, day and hour as written, and the year or 0.
fn key(written: [u8; 7], year: i16) -> HourKey {
    let mut bytes = [0; 8];
    if let Some(front) = bytes.first_chunk_mut() {
        *front = written;
    }
    HourKey::from(u64::from_be_bytes(bytes)) << 16 | HourKey::from(year as u16)
}

fn hour(year: Option<i16>, month: i8, day: u8, hour: u8) -> Stamp {
    Stamp { year, month, day: day as i8, hour: hour as i8 }
}

/// A month by its name in any language.
fn month_called(name: &[u8]) -> Option<i8> {
    let english = name.first_chunk().filter(|_| name.len() == 3);
    english.and_then(|name| month_number(*name)).or_else(|| months::number(name))
}

/// English names: syslog daemons do not translate them.
fn month_number(name: [u8; 3]) -> Option<i8> {
    const NAMES: [&[u8; 3]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    NAMES.iter().zip(1..).find_map(|(known, number)| known.eq_ignore_ascii_case(&name).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FileContext;
    use jiff::{Timestamp, tz::TimeZone};

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str)>) {
        let anchor = Micros("2023-06-30T00:00:00Z".parse::<Timestamp>().unwrap().as_microsecond());
        let mut clock = Clock::new(&FileContext { anchor, zone: TimeZone::UTC, own_relays: Vec::new() });
        let found = stamp(line.as_bytes(), &mut clock)
            .map(|(at, rest)| (Timestamp::from_microsecond(at.0).unwrap().to_string(), String::from_utf8_lossy(rest)));
        assert_eq!(found.as_ref().map(|(at, rest)| (at.as_str(), &**rest)), expected, "{line}");
    }

    #[test]
    fn the_day_is_padded_or_not() {
        for line in ["Mar  4 00:00:31 h", "Mar 04 00:00:31 h", "Mar 4 00:00:31 h", "Mar 4 0:00:31 h"] {
            check(line, Some(("2023-03-04T00:00:31Z", " h")));
        }
        check("Nov 14 23:59:60 h", Some(("2022-11-15T00:00:00Z", " h")));
    }

    #[test]
    fn the_month_may_be_of_another_language() {
        for line in ["Mär 04 00:00:31 h", "mars 04 00:00:31 h", "bře 04 00:00:31 h", "мар 04 00:00:31 h", "3月 04 00:00:31 h"]
        {
            check(line, Some(("2023-03-04T00:00:31Z", " h")));
        }
        check("déc. 04 00:00:31 h", Some(("2022-12-04T00:00:31Z", " h")));
        check("März04 00:00:31 h", None);
    }

    #[test]
    fn a_year_stands_in_four_places_or_nowhere() {
        check("2013 Jun 16 16:05:06.123 h", Some(("2013-06-16T16:05:06.123Z", " h")));
        check("Jun 16 2013 16:05:06 h", Some(("2013-06-16T16:05:06Z", " h")));
        check("Jun 16 16:05:06 2013 h", Some(("2013-06-16T16:05:06Z", " h")));
        check("Jun 16 16:05:06.5 h", Some(("2023-06-16T16:05:06.5Z", " h")));
        check("Jun 16 16:05:06 9host x", Some(("2023-06-16T16:05:06Z", " 9host x")));
        check("Jun 16 16:05:06 192.0.2.1 x", Some(("2023-06-16T16:05:06Z", " 192.0.2.1 x")));
    }

    #[test]
    fn what_is_no_stamp_is_none() {
        for line in ["", "Mar", "Mar 14", "Mar 14 00:00", "Mar 14 24:00:00 h", "Mar 14 00:60:00 h", "Mar 34 00:00:00 h"] {
            check(line, None);
        }
        check("Foo 14 00:00:00 h", None);
        check("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", None);
        check("Mar 14 00:00:31x h", None);
    }
}
