//! Labels of TAI64N, as multilog and s6-log put them before lines: `@400000004bdf95342c638c5c `.
//!
//! Source: tai64n(8) of daemontools, libtai's TAI64N. Sixteen hexadecimal digits of seconds, eight of nanoseconds, which some tools cut.

use crate::event::Micros;

/// What daemontools adds to the seconds since 1970: 2^62, and the ten seconds by which TAI was ahead then. It knows no leap seconds.
const EPOCH: u64 = (1 << 62) + 10;

/// The last second that is a time of a log: the year 9999.
const LATEST: u64 = 253_402_300_799;

/// The label at the front of `line`; the moment and what follows.
pub(crate) fn stamp(line: &[u8]) -> Option<(Micros, &[u8])> {
    let label = line.strip_prefix(b"@")?;
    let length = label.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(label.len());
    let (digits, rest) = label.split_at_checked(length).filter(|_| (16..=24).contains(&length))?;
    matches!(rest, [] | [b' ' | b'\t', ..]).then_some(())?;
    let (seconds, fraction) = digits.split_at_checked(16)?;
    let seconds = hexadecimal(seconds).checked_sub(EPOCH).filter(|&seconds| seconds <= LATEST)?;
    // Digits that were cut are zeros.
    let nanoseconds = hexadecimal(fraction) << (4 * (8 - fraction.len()));
    Some((Micros(seconds as i64 * Micros::SECOND + (nanoseconds / 1_000).min(999_999) as i64), rest))
}

fn hexadecimal(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, &digit| sum << 4 | u64::from(char::from(digit).to_digit(16).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str)>) {
        let found = stamp(line.as_bytes())
            .map(|(at, rest)| (Timestamp::from_microsecond(at.0).unwrap().to_string(), String::from_utf8_lossy(rest)));
        assert_eq!(found.as_ref().map(|(at, rest)| (at.as_str(), &**rest)), expected, "{line}");
    }

    #[test]
    fn a_label_is_ten_seconds_ahead() {
        check("@4000000052fafd8d3298434c new msg 3890", Some(("2014-02-12T04:50:11.848839Z", " new msg 3890")));
        check("@4000000052FAFD8D x", Some(("2014-02-12T04:50:11Z", " x")));
        check("@4000000052fafd8d3298", Some(("2014-02-12T04:50:11.848822Z", "")));
    }

    #[test]
    fn what_is_no_label_is_none() {
        for line in [
            "@4000000052fafd8dx",
            "@40000000",
            "@7fffffffffffffff00000000 x",
            "@000000000000000000000000 x",
            "4000000052fafd8d x",
            "",
        ] {
            check(line, None);
        }
    }
}
