//! Numbers to words: the only place that turns a count, share, time or size into text.
//!
//! Used by the sentences of findings, the page and the terminal, so that a figure reads the same wherever it stands. Rounds for the
//! eye only: tables keep every digit. A space inside a figure is a no-break space, so that "97.9 %" never falls apart at a line's end.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::event::Micros;
use crate::stats::rate::TOO_LITTLE;
use crate::stats::{Interval, Rate};

/// Between a number and its unit.
pub const GAP: char = '\u{a0}';
/// Where there is nothing to say.
pub const NONE: &str = "–";

/// `1234567` as `1,234,567`.
#[must_use]
pub fn count(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 message`, `1,234 messages`.
#[must_use]
pub fn many(n: i64, one: &str, more: &str) -> String {
    format!("{}{GAP}{}", count(n), if n == 1 { one } else { more })
}

/// A share between 0 and 1 in percent, without the sign: one decimal, two below 1 %. What is not all never reads as 100, and what
/// is not nothing never as 0.
#[must_use]
pub fn percent_figure(share: f64) -> String {
    let percent = share * 100.0;
    if share <= 0.0 {
        "0".to_owned()
    } else if share >= 1.0 {
        "100".to_owned()
    } else if percent < 0.01 {
        "<0.01".to_owned()
    } else if percent < 0.995 {
        format!("{percent:.2}")
    } else if percent > 99.95 {
        ">99.9".to_owned()
    } else {
        format!("{percent:.1}")
    }
}

/// Likewise, with its sign.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{}{GAP}%", percent_figure(share))
}

/// A difference of two shares in points, with its sign: `+0.82`, `−12.4`; two decimals below one point. What is not nothing never
/// reads as 0.
#[must_use]
pub fn points(difference: f64) -> String {
    let points = (difference * 100.0).abs();
    let sign = if difference < 0.0 { '−' } else { '+' };
    if points == 0.0 {
        "0".to_owned()
    } else if points < 0.005 {
        format!("{sign}<0.01")
    } else if points < 0.995 {
        format!("{sign}{points:.2}")
    } else {
        format!("{sign}{points:.1}")
    }
}

/// From where to where a difference may lie, in points: `−1.1 … −0.50`.
#[must_use]
pub fn points_interval(interval: Interval) -> String {
    format!("{}{GAP}…{GAP}{}", points(interval.lower), points(interval.upper))
}

/// A count with its sign: `+1,234`, `−12`.
#[must_use]
pub fn signed(n: i64) -> String {
    if n > 0 { format!("+{}", count(n)) } else { count(n) }
}

/// A round percentage for the mark of an axis: `5 %`, `0.5 %`.
#[must_use]
pub fn tick(share: f64) -> String {
    let percent = (share * 10_000.0).round() / 100.0;
    format!("{percent}{GAP}%")
}

/// The value of a rate; a dash for a part of nothing.
#[must_use]
pub fn rate(rate: Rate) -> String {
    rate.value().map_or_else(|| NONE.to_owned(), percent)
}

/// What a rate stands on: `34 of 2,870`.
#[must_use]
pub fn base(rate: Rate) -> String {
    format!("{} of {}", count(rate.part as i64), count(rate.of as i64))
}

/// Where the value of a rate may lie: `0.82–1.7 %`; `at most 3.7 %` where none of them has the property.
#[must_use]
pub fn interval(rate: Rate, interval: Interval) -> String {
    if rate.of == 0 {
        NONE.to_owned()
    } else if rate.part == 0 {
        format!("at most{GAP}{}", percent(interval.upper))
    } else if rate.part == rate.of {
        format!("at least{GAP}{}", percent(interval.lower))
    } else {
        format!("{}–{}", percent_figure(interval.lower), percent(interval.upper))
    }
}

/// A rate in full, as a sentence needs it: `1.2 % (34 of 2,870)`.
#[must_use]
pub fn rate_in_full(of: Rate) -> String {
    format!("{} ({})", rate(of), base(of))
}

/// Whether the rate is grey: too little mail to mark or rank it.
#[must_use]
pub const fn is_too_little(rate: Rate) -> bool {
    rate.of < TOO_LITTLE
}

/// A time span, in the one unit that fits, two figures at most: `0.4 s`, `38 s`, `12 min`, `5.1 h`, `3.2 d`.
#[must_use]
pub fn span(milliseconds: i64) -> String {
    let seconds = milliseconds as f64 / 1_000.0;
    let (value, unit) = if seconds < 100.0 {
        (seconds, "s")
    } else if seconds < 100.0 * 60.0 {
        (seconds / 60.0, "min")
    } else if seconds < 72.0 * 3_600.0 {
        (seconds / 3_600.0, "h")
    } else {
        (seconds / 86_400.0, "d")
    };
    if value < 9.95 && value > 0.0 && value.fract() != 0.0 {
        format!("{value:.1}{GAP}{unit}")
    } else {
        format!("{}{GAP}{unit}", count(value.round() as i64))
    }
}

/// Hours, added up over many mails: `1,234 h`.
#[must_use]
pub fn hours(milliseconds: i64) -> String {
    format!("{}{GAP}h", count((milliseconds as f64 / 3_600_000.0).round() as i64))
}

/// Bytes in decimal units: `18.4 GB`.
#[must_use]
pub fn bytes(n: i64) -> String {
    let mut value = n as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if unit == "B" || value >= 99.95 {
                format!("{value:.0}{GAP}{unit}")
            } else {
                format!("{value:.1}{GAP}{unit}")
            };
        }
        value /= 1_000.0;
    }
    format!("{value:.1}{GAP}TB")
}

/// The calendar day that many days after 1970-01-01; None far outside of any calendar.
fn civil(day: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(SignedDuration::from_hours(i64::from(day) * 24)).ok()
}

/// A day in full: `Wed 2026-10-07`.
#[must_use]
pub fn date(day: i32) -> String {
    civil(day).map_or_else(|| NONE.to_owned(), |date| date.strftime("%a\u{a0}%Y-%m-%d").to_string())
}

/// A day on an axis or inside a sentence of one period: `7 Oct`.
#[must_use]
pub fn short_date(day: i32) -> String {
    civil(day).map_or_else(|| NONE.to_owned(), |date| date.strftime("%-d\u{a0}%b").to_string())
}

/// From day to day, both included: `October 2026` for a whole calendar month, `5–11 October 2026`, `28 September – 4 October 2026`.
#[must_use]
pub fn period(first: i32, last: i32) -> String {
    let (Some(from), Some(to)) = (civil(first), civil(last)) else { return NONE.to_owned() };
    let year = |date: Date| if from.year() == to.year() { String::new() } else { date.strftime(" %Y").to_string() };
    if first == last {
        from.strftime("%-d %B %Y").to_string()
    } else if (from.year(), from.month()) != (to.year(), to.month()) {
        format!("{}{} – {}", from.strftime("%-d %B"), year(from), to.strftime("%-d %B %Y"))
    } else if from.day() == 1 && to.day() == to.days_in_month() {
        from.strftime("%B %Y").to_string()
    } else {
        format!("{}–{}", from.day(), to.strftime("%-d %B %Y"))
    }
}

/// A day for machines: `2026-10-07`.
#[must_use]
pub fn iso_date(day: i32) -> String {
    civil(day).map_or_else(String::new, |date| date.to_string())
}

/// Whether the day is a Saturday or a Sunday.
#[must_use]
pub fn is_weekend(day: i32) -> bool {
    // 1970-01-01 was a Thursday.
    matches!(day.rem_euclid(7), 2 | 3)
}

/// A time in full: `Wed 2026-10-07 04:10`. UTC.
#[must_use]
pub fn time(at: Micros) -> String {
    format_time(at, "%a\u{a0}%Y-%m-%d\u{a0}%H:%M")
}

/// A time inside a sentence of one period: `Wed 7 Oct 04:00`. UTC.
#[must_use]
pub fn short_time(at: Micros) -> String {
    format_time(at, "%a\u{a0}%-d\u{a0}%b\u{a0}%H:%M")
}

/// A time for an id: `20261007T04`. UTC.
#[must_use]
pub fn hour_id(at: Micros) -> String {
    format_time(at, "%Y%m%dT%H")
}

fn format_time(at: Micros, format: &str) -> String {
    Timestamp::from_microsecond(at.0)
        .map_or_else(|_| NONE.to_owned(), |stamp| TimeZone::UTC.to_datetime(stamp).strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        text.replace(GAP, " ")
    }

    #[test]
    fn counts_are_grouped() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-12_345, "−12,345")];
        for (n, text) in cases {
            assert_eq!(count(n), text);
        }
        assert_eq!(plain(&many(1, "address", "addresses")), "1 address");
        assert_eq!(plain(&many(6_917, "address", "addresses")), "6,917 addresses");
    }

    #[test]
    fn a_share_never_rounds_to_all_or_nothing() {
        let cases = [
            (0.0, "0 %"),
            (0.000_001, "<0.01 %"),
            (0.004_3, "0.43 %"),
            (0.009_94, "0.99 %"),
            (0.009_96, "1.0 %"),
            (0.5, "50.0 %"),
            (0.979_4, "97.9 %"),
            (0.999_4, "99.9 %"),
            (0.999_6, ">99.9 %"),
            (1.0, "100 %"),
        ];
        for (share, text) in cases {
            assert_eq!(plain(&percent(share)), text);
        }
        assert_eq!(plain(&tick(0.05)), "5 %");
        assert_eq!(plain(&tick(0.005)), "0.5 %");
    }

    #[test]
    fn a_difference_has_a_sign_and_is_never_nothing_by_rounding() {
        let cases = [
            (0.0, "0"),
            (0.000_01, "+<0.01"),
            (-0.000_01, "−<0.01"),
            (0.008_2, "+0.82"),
            (-0.009_96, "−1.0"),
            (-0.124, "−12.4"),
        ];
        for (difference, text) in cases {
            assert_eq!(points(difference), text);
        }
        assert_eq!(plain(&points_interval(Interval { lower: -0.011, upper: 0.005 })), "−1.1 … +0.50");
        assert_eq!((signed(1_234), signed(-12), signed(0)), ("+1,234".to_owned(), "−12".to_owned(), "0".to_owned()));
    }

    #[test]
    fn a_rate_says_what_it_stands_on() {
        let some = Rate::new(34, 2_870);
        assert_eq!(plain(&rate_in_full(some)), "1.2 % (34 of 2,870)");
        assert_eq!(plain(&interval(some, some.interval().unwrap())), "0.85–1.7 %");
        let none = Rate::new(0, 1_000);
        assert_eq!(plain(&interval(none, none.interval().unwrap())), "at most 0.38 %");
        let all = Rate::new(50, 50);
        assert_eq!(plain(&interval(all, all.interval().unwrap())), "at least 92.9 %");
        assert_eq!(rate(Rate::default()), NONE);
        assert!(is_too_little(Rate::new(1, 29)) && !is_too_little(Rate::new(1, 30)));
    }

    #[test]
    fn spans_take_the_unit_that_fits() {
        let cases = [
            (0, "0 s"),
            (420, "0.4 s"),
            (38_000, "38 s"),
            (120_000, "2 min"),
            (754_000, "13 min"),
            (18_360_000, "5.1 h"),
            (176_400_000, "49 h"),
            (432_000_000, "5 d"),
        ];
        for (milliseconds, text) in cases {
            assert_eq!(plain(&span(milliseconds)), text);
        }
        assert_eq!(plain(&hours(4_444_400_000)), "1,235 h");
    }

    #[test]
    fn sizes_are_decimal() {
        for (n, text) in [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (18_400_000_000, "18.4 GB"), (312_400, "312 kB")] {
            assert_eq!(plain(&bytes(n)), text);
        }
    }

    #[test]
    fn days_and_times_are_iso_with_their_weekday() {
        let day = 20_733; // 2026-10-07
        assert_eq!(plain(&date(day)), "Wed 2026-10-07");
        assert_eq!(plain(&short_date(day)), "7 Oct");
        assert_eq!(iso_date(day), "2026-10-07");
        let at = Micros(i64::from(day) * Micros::DAY + 4 * Micros::HOUR);
        assert_eq!(plain(&time(at)), "Wed 2026-10-07 04:00");
        assert_eq!(plain(&short_time(at)), "Wed 7 Oct 04:00");
        assert_eq!(hour_id(at), "20261007T04");
        assert!(is_weekend(day + 3) && is_weekend(day + 4) && !is_weekend(day));
        assert_eq!(date(i32::MAX), NONE);
    }

    #[test]
    fn a_period_is_named_as_people_name_it() {
        let cases = [
            (20_727, 20_757, "October 2026"),
            (20_727, 20_727, "1 October 2026"),
            (20_731, 20_737, "5–11 October 2026"),
            (20_724, 20_730, "28 September – 4 October 2026"),
            (20_813, 20_819, "26 December 2026 – 1 January 2027"),
        ];
        for (first, last, text) in cases {
            assert_eq!(period(first, last), text);
        }
    }
}
