//! The times of a mapped log: told by themselves, or of a form that the mapping names.

use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::event::Micros;
use crate::format::clock::Clock;
use crate::format::json::Value;

/// How times are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Dates and times with or without a zone, or numbers whose size tells their unit.
    Told,
    /// Seconds since 1970, with or without a fraction.
    Seconds,
    /// Thousandths of seconds since 1970.
    Thousandths,
    /// As `strptime` would read it.
    Pattern(String),
}

impl Form {
    /// The form of this name or pattern.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "rfc3339" | "iso8601" => Some(Self::Told),
            "epoch" => Some(Self::Seconds),
            "epoch_ms" => Some(Self::Thousandths),
            // A pattern that cannot be meant is told when it is written, not with the first record.
            pattern if pattern.contains('%') => is_pattern(pattern).then(|| Self::Pattern(pattern.to_owned())),
            _ => None,
        }
    }

    /// The moment that `value` names; where it names no zone, in `zone`, which is `clock`'s too.
    pub(super) fn moment(&self, value: &Value<'_>, clock: &mut Clock, zone: &TimeZone) -> Option<Micros> {
        match self {
            Self::Told => value.time(clock),
            Self::Seconds => scaled(value, 1e6),
            Self::Thousandths => scaled(value, 1e3),
            Self::Pattern(pattern) => pattern_moment(pattern, value.text(), zone),
        }
    }
}

/// Whether all of a pattern is known: a stamp that is printed by it can be read by it.
fn is_pattern(pattern: &str) -> bool {
    let Ok(sample) = jiff::Timestamp::from_second(1_790_000_000) else { return false };
    strtime::format(pattern, &jiff::ZonedDateTime::new(sample, TimeZone::UTC))
        .is_ok_and(|text| pattern_moment(pattern, &text, &TimeZone::UTC).is_some())
}

/// A number of units of which `micros` microseconds each have passed since 1970. Zero is no time.
fn scaled(value: &Value<'_>, micros: f64) -> Option<Micros> {
    let number = match value {
        Value::Whole(whole) => *whole as f64,
        Value::Real(real) => *real,
        Value::Text(_) => value.text().parse().ok()?,
        Value::Nothing | Value::Flag(_) => return None,
    };
    let moment = (number * micros).round();
    (1.0..1e17).contains(&moment).then_some(Micros(moment as i64))
}

fn pattern_moment(pattern: &str, text: &str, zone: &TimeZone) -> Option<Micros> {
    let broken = strtime::parse(pattern, text).ok()?;
    if let Ok(moment) = broken.to_timestamp() {
        return Some(Micros(moment.as_microsecond()));
    }
    let civil = broken.to_datetime().or_else(|_| broken.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?;
    zone.to_timestamp(civil).ok().map(|moment| Micros(moment.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::FileContext;

    #[track_caller]
    fn check(form: &str, text: &str, expected: Option<&str>) {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let context = FileContext { anchor: Micros(0), zone: zone.clone(), own_relays: Vec::new() };
        let form = Form::read(form).unwrap();
        let found = form.moment(&Value::Text(text.into()), &mut Clock::new(&context), &zone);
        let found = found.map(|time| jiff::Timestamp::from_microsecond(time.0).unwrap().to_string());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn times_are_read_in_their_form() {
        check("rfc3339", "2026-10-07T18:30:00+02:00", Some("2026-10-07T16:30:00Z"));
        check("rfc3339", "2026-10-07 18:30:00", Some("2026-10-07T16:30:00Z"));
        check("rfc3339", "1791390600", Some("2026-10-07T16:30:00Z"));
        check("epoch", "1791390600.5", Some("2026-10-07T16:30:00.5Z"));
        check("epoch_ms", "1791390600500", Some("2026-10-07T16:30:00.5Z"));
        check("%d/%m/%Y %H:%M", "07/10/2026 18:30", Some("2026-10-07T16:30:00Z"));
        check("%m/%d/%Y %I:%M:%S %p", "10/07/2026 06:30:00 PM", Some("2026-10-07T16:30:00Z"));
        check("%d/%b/%Y:%H:%M:%S %z", "07/Oct/2026:18:30:00 +0000", Some("2026-10-07T18:30:00Z"));
        check("%d.%m.%Y", "07.10.2026", Some("2026-10-06T22:00:00Z"));
        for (form, text) in
            [("rfc3339", "yesterday"), ("epoch", "0"), ("epoch", "1e300"), ("epoch_ms", "x"), ("%d/%m/%Y", "2026-10-07")]
        {
            check(form, text, None);
        }
    }

    #[test]
    fn forms_that_cannot_be_meant_are_none() {
        for text in ["", "iso", "%", "%Q!", "%H:%M"] {
            assert_eq!(Form::read(text), None, "{text}");
        }
    }
}
