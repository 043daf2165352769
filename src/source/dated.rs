//! Dates in the names of files: `maillog-20261001`, `mail.log-2026-10-01.gz`, `acct-2026-10-01-0003.csv`, `mail.log-1790812800`.
//!
//! They put rotated files in order and tell the year of stamps that have none. A lone year is not taken: `mx2025.log` may be a port
//! or a host.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::bytes::{Captures, Regex};

use crate::event::Micros;

/// Year and month, perhaps a day with a time glued to it, then numbers of any kind (a time, an end date, a part).
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?x-u) (?: ^ | [^0-9] )
        (?<all>
            (?<year> 199[0-9] | 20[0-9]{2} ) [-._]? (?<month> 0[1-9] | 1[0-2] )
            (?: [-._]? (?<day> 0[1-9] | [12][0-9] | 3[01] ) (?<glued> (?: [0-9]{2} ){0,3} ) )?
            (?<numbers> (?: [-._:T] [0-9]+ )* )
        )
        (?: [^0-9] | $ )",
    )
});

/// Unix seconds of 2001 to 2033, as `dateformat -%s` of logrotate writes them.
static SECONDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?x-u) [-._] (?<all> (?<seconds> 1[0-9]{9} ) ) (?: [^0-9] | $ )"));

/// A TAI64N label, as multilog and svlogd name the logs of qmail: <https://cr.yp.to/libtai/tai64.html>.
static TAI: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?x-u) ^ (?<all> @ (?<tai> 4[0-9a-f]{15} ) [0-9a-f]{8} (?: \.[a-z] )? ) $"));

/// A pattern that stands in the code, as those of file names do.
#[expect(clippy::expect_used, reason = "the patterns are constants, and each is used by a test")]
pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

/// A date in a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    /// What orders files that carry such dates: the moment named, UTC. Where only a month is named, its first day.
    pub begins: Micros,
    /// The numbers behind the date: a time, an end date, a part. They order files of one date.
    pub numbers: Vec<u64>,
    /// The latest day that the name tells, 00:00 UTC: the last one if it names several, the end of the month if only a month.
    pub latest: Micros,
    /// The part of the name that is date and numbers.
    pub place: std::ops::Range<usize>,
}

/// The date in `name`, a file's name without its folder.
pub(crate) fn dated(name: &[u8]) -> Option<Dated> {
    if let Some(found) = TAI.captures(name) {
        // The label counts from 1970 TAI, ten seconds before 1970 UTC, with 2^62 added. Leap seconds order nothing.
        let label = i64::from_str_radix(std::str::from_utf8(group(&found, "tai")).ok()?, 16).ok()?;
        return single(label.checked_sub((1 << 62) + 10)?, &found);
    }
    if let Some(found) = DATE.captures(name).filter(|found| month_and_day(found).is_some()) {
        let (begins, mut latest, day_end) = month_and_day(&found)?;
        let mut next = day_end;
        while let Some((_, later, end)) = DATE.captures_at(name, next).as_ref().and_then(month_and_day) {
            (latest, next) = (latest.max(later), end);
        }
        let numbers = [group(&found, "glued"), group(&found, "numbers")].into_iter().flat_map(numbers).collect();
        return Some(Dated { begins, numbers, latest, place: found.name("all")?.range() });
    }
    let found = SECONDS.captures(name)?;
    single(i64::try_from(numbers(group(&found, "seconds")).next()?).ok()?, &found)
}

/// A date that is one moment, in Unix seconds.
fn single(seconds: i64, found: &Captures<'_>) -> Option<Dated> {
    let moment = Micros(seconds.checked_mul(Micros::SECOND)?);
    let latest = Micros(i64::from(moment.day()) * Micros::DAY);
    Some(Dated { begins: moment, numbers: Vec::new(), latest, place: found.name("all")?.range() })
}

/// First day, last day, and where in the name the day ends. None: no such day (`2026-02-30`).
fn month_and_day(found: &Captures<'_>) -> Option<(Micros, Micros, usize)> {
    let number = |name| numbers(group(found, name)).next().and_then(|number| i8::try_from(number).ok());
    let year = i16::try_from(numbers(group(found, "year")).next()?).ok()?;
    let month = number("month")?;
    let day = found.name("day");
    let first = Date::new(year, month, number("day").unwrap_or(1)).ok()?;
    let last = if day.is_some() { first } else { first.last_of_month() };
    Some((midnight(first)?, midnight(last)?, day.or_else(|| found.name("month"))?.end()))
}

/// 00:00 UTC.
fn midnight(date: Date) -> Option<Micros> {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok().map(|time| Micros(time.as_microsecond()))
}

/// The text of a group; empty if it took no part.
fn group<'a>(found: &Captures<'a>, name: &str) -> &'a [u8] {
    found.name(name).map_or(&[], |text| text.as_bytes())
}

/// The decimal numbers in `text`; one that is too large counts as the largest.
fn numbers(text: &[u8]) -> impl Iterator<Item = u64> {
    let digits = text.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
    digits.map(|digits| digits.iter().fold(0, |sum: u64, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `first..latest numbers`, and what the name is without the date.
    fn shown(name: &str) -> Option<(String, String)> {
        let found = dated(name.as_bytes())?;
        let date = |micros: Micros| jiff::Timestamp::from_microsecond(micros.0).unwrap().strftime("%F").to_string();
        let numbers = found.numbers.iter().fold(String::new(), |text, number| text + " " + &number.to_string());
        let mut rest = name.to_owned();
        rest.replace_range(found.place.clone(), "#");
        Some((format!("{}..{}{numbers}", date(found.begins), date(found.latest)), rest))
    }

    #[track_caller]
    fn check(name: &str, date: &str, rest: &str) {
        assert_eq!(shown(name), Some((date.to_owned(), rest.to_owned())), "{name}");
    }

    #[test]
    fn a_day_stands_in_the_name() {
        check("maillog-20261001", "2026-10-01..2026-10-01", "maillog-#");
        check("mail.log-2026-10-01", "2026-10-01..2026-10-01", "mail.log-#");
        check("mail.log.2026.10.01.gz", "2026-10-01..2026-10-01", "mail.log.#.gz");
        check("20261001_mail.log", "2026-10-01..2026-10-01", "#_mail.log");
        check("maillog-20280229.xz", "2028-02-29..2028-02-29", "maillog-#.xz");
    }

    #[test]
    fn numbers_behind_the_day_are_kept() {
        check("mail.log-2026100113.gz", "2026-10-01..2026-10-01 13", "mail.log-#.gz");
        check("acct-2026-10-01-0003.csv", "2026-10-01..2026-10-01 3", "acct-#.csv");
        check("mail.log-2026-10-01_03-15-00", "2026-10-01..2026-10-01 3 15 0", "mail.log-#");
        check("mail.log-20261001T0315.zst", "2026-10-01..2026-10-01 315", "mail.log-#.zst");
    }

    #[test]
    fn the_last_day_told_is_the_latest() {
        check("mail-20260901-20260930.log", "2026-09-01..2026-09-30 20260930", "mail-#.log");
        check("mail-202602.log", "2026-02-01..2026-02-28", "mail-#.log");
        check("mail-2026-12.log.gz", "2026-12-01..2026-12-31", "mail-#.log.gz");
    }

    #[test]
    fn unix_seconds_and_tai_labels_are_dates() {
        check("mail.log-1790812800.gz", "2026-10-01..2026-10-01", "mail.log-#.gz");
        check("@400000006abdae0a00000000.s", "2026-10-01..2026-10-01", "#");
    }

    #[test]
    fn other_numbers_are_none() {
        let names =
            ["mail.log", "mail.log.1", "mail.log.20", "mx2025.log", "mx-2025.log", "mail-20261301.log", "mail-20260230.log"];
        for name in
            names.into_iter().chain(["mail-120261001.log", "mail-202610011.log", "192.0.2.10.log", "mail-2026101.log", "@4.s"])
        {
            assert_eq!(shown(name), None, "{name}");
        }
    }
}
