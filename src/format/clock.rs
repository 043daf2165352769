//! From the digits of a stamp to a moment.
//!
//! Neighbouring records share their hour, so the calendar and the time zone are asked once an hour of log: what is left for a
//! record is to compare the bytes of the hour and to add minutes and seconds. The memory is a cache only: no answer depends on
//! what was read before.

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::event::Micros;
use crate::format::FileContext;

/// The hour that a stamp names, as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// None: the stamp has no year.
    pub(crate) year: Option<i16>,
    /// 1 to 12.
    pub(crate) month: i8,
    /// 1 to 31.
    pub(crate) day: i8,
    /// 0 to 23.
    pub(crate) hour: i8,
}

/// The bytes that name an hour in a record, to see whether the next record names the same one. Zero is no key.
pub(crate) type HourKey = u128;

/// Turns stamps of one file into moments.
pub(crate) struct Clock {
    /// The latest hour that a stamp without a year may mean.
    latest: Micros,
    zone: TimeZone,
    known: Known,
    /// A stamp of RFC 3164 with the two bytes behind it, as written, and its moment.
    second: Option<([u8; 17], Micros)>,
}

/// The hour of the record before.
#[derive(Clone, Copy, Debug)]
struct Known {
    key: HourKey,
    start: civil::DateTime,
    /// The hour's first moment, were its zone UTC.
    utc: i64,
    /// What to add to make it UTC from the file's zone; None where the zone's offset changes within the hour.
    shift: Option<i64>,
}

/// A stamp without a year takes the largest year that does not lie beyond the anchor and one day: clocks and zones differ a little.
const SLACK: i64 = Micros::DAY;

/// How far the clock of a record's writer may run before that of who took it down.
const MOST_BEHIND: i64 = 30 * Micros::DAY;
/// No shorter than any year.
const YEAR: i64 = 366 * Micros::DAY;

/// From one leap year to the next: at most eight years (1896, 1904).
const YEARS_TRIED: i16 = 9;

impl Clock {
    /// A clock for the file of `context`.
    pub(crate) fn new(context: &FileContext) -> Self {
        let known = Known { key: 0, start: civil::DateTime::default(), utc: 0, shift: None };
        Self { latest: Micros(context.anchor.0.saturating_add(SLACK)), zone: context.zone.clone(), known, second: None }
    }

    /// The moment of a stamp, if it is the one that was remembered.
    #[inline]
    pub(crate) fn recall(&self, written: &[u8; 17]) -> Option<Micros> {
        self.second.as_ref().filter(|(stamp, _)| stamp == written).map(|(_, moment)| *moment)
    }

    /// Remembers the moment of a stamp.
    pub(crate) fn remember(&mut self, written: &[u8; 17], moment: Micros) {
        self.second = Some((*written, moment));
    }

    /// The moment `within` microseconds after the start of an hour that names no zone.
    #[inline]
    pub(crate) fn local(&mut self, key: HourKey, within: i64, hour: impl FnOnce() -> Option<Stamp>) -> Option<Micros> {
        let known = self.known(key, hour)?;
        if let Some(shift) = known.shift {
            return Some(Micros(known.utc + shift + within));
        }
        let known = *known;
        let span = jiff::SignedDuration::from_micros(within);
        self.moment(known.start.checked_add(span).ok()?)
    }

    /// The moment `within` microseconds after the start of an hour in a zone that is `east` microseconds ahead of UTC.
    pub(crate) fn zoned(
        &mut self,
        key: HourKey,
        within: i64,
        east: i64,
        hour: impl FnOnce() -> Option<Stamp>,
    ) -> Option<Micros> {
        Some(Micros(self.known(key, hour)?.utc + within - east))
    }

    #[inline]
    fn known(&mut self, key: HourKey, hour: impl FnOnce() -> Option<Stamp>) -> Option<&Known> {
        if self.known.key != key {
            self.known = self.look_up(key, hour()?)?;
        }
        Some(&self.known)
    }

    #[cold]
    fn look_up(&self, key: HourKey, hour: Stamp) -> Option<Known> {
        let start = match hour.year {
            Some(year) => date_time(year, hour)?,
            None => self.latest_start(hour)?,
        };
        let utc = TimeZone::UTC.to_timestamp(start).ok()?.as_microsecond();
        let last = start.checked_add(jiff::SignedDuration::from_secs(3_599)).ok()?;
        let (first, last) = (self.moment(start)?, self.moment(last)?);
        let shift = (last.0 - first.0 == 3_599 * Micros::SECOND).then_some(first.0 - utc);
        Some(Known { key, start, utc, shift })
    }

    /// The largest year in which the date exists and the hour lies before the limit. The whole hour is judged by its start, so
    /// that all its stamps get the same year.
    fn latest_start(&self, hour: Stamp) -> Option<civil::DateTime> {
        let latest = Timestamp::from_microsecond(self.latest.0).unwrap_or(Timestamp::MAX);
        // One year more than UTC has: the zone may be ahead.
        let first = TimeZone::UTC.to_datetime(latest).year().saturating_add(1);
        (0..YEARS_TRIED)
            .filter_map(|back| date_time(first.checked_sub(back)?, hour))
            .find(|&start| self.moment(start).is_some_and(|moment| moment <= self.latest))
    }

    /// The moment of which the digits say the same in UTC as those of `moment` in the file's zone.
    pub(crate) fn as_utc(&self, moment: Micros) -> Micros {
        let civil = Timestamp::from_microsecond(moment.0).map(|moment| self.zone.to_datetime(moment));
        let utc = civil.and_then(|civil| TimeZone::UTC.to_timestamp(civil));
        utc.map_or(moment, |utc| Micros(utc.as_microsecond()))
    }

    /// The moment of a stamp without a year beside another that is told: in the year that puts it least behind that one, or before it.
    pub(crate) fn year_of(&self, moment: Micros, told: Micros) -> Micros {
        let is_near = |moment: Micros| (-MOST_BEHIND..YEAR - MOST_BEHIND).contains(&(told.0 - moment.0));
        if is_near(moment) {
            return moment;
        }
        let civil = |moment: Micros| Timestamp::from_microsecond(moment.0).map(|moment| self.zone.to_datetime(moment));
        let (Ok(stamp), Ok(told)) = (civil(moment), civil(told)) else { return moment };
        let years = [told.year().saturating_add(1), told.year(), told.year().saturating_sub(1)];
        let dated = years.into_iter().filter_map(|year| self.moment(stamp.with().year(year).build().ok()?));
        dated.into_iter().find(|&dated| is_near(dated)).unwrap_or(moment)
    }

    /// Where the zone skips or repeats an hour: as if the change had not come yet.
    fn moment(&self, at: civil::DateTime) -> Option<Micros> {
        let moment = self.zone.to_ambiguous_timestamp(at).compatible().ok()?;
        Some(Micros(moment.as_microsecond()))
    }
}

fn date_time(year: i16, hour: Stamp) -> Option<civil::DateTime> {
    civil::DateTime::new(year, hour.month, hour.day, hour.hour, 0, 0, 0).ok()
}

/// Minutes and seconds of a stamp, as microseconds within the hour; second 60 is a leap second.
pub(crate) fn within_hour(minute: u8, second: u8) -> Option<i64> {
    (minute < 60 && second <= 60).then(|| (i64::from(minute) * 60 + i64::from(second)) * Micros::SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(anchor: &str, zone: &str) -> Clock {
        let anchor = Micros(anchor.parse::<Timestamp>().unwrap().as_microsecond());
        Clock::new(&FileContext { anchor, zone: TimeZone::get(zone).unwrap(), own_relays: Vec::new() })
    }

    #[track_caller]
    fn check(clock: &mut Clock, (month, day, hour): (i8, i8, i8), minutes: u8, expected: &str) {
        let key = HourKey::from_be_bytes([month, day, hour, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0].map(|n| n as u8));
        let within = within_hour(minutes, 0).unwrap();
        let moment = clock.local(key, within, || Some(Stamp { year: None, month, day, hour }));
        let moment = moment.map(|micros| Timestamp::from_microsecond(micros.0).unwrap().to_string());
        assert_eq!(moment.as_deref(), Some(expected));
    }

    #[test]
    fn a_stamp_without_a_year_takes_the_largest_that_is_not_in_the_future() {
        let mut clock = clock("2026-01-05T12:00:00Z", "UTC");
        check(&mut clock, (12, 31, 23), 59, "2025-12-31T23:59:00Z");
        check(&mut clock, (1, 6, 12), 30, "2026-01-06T12:30:00Z");
        check(&mut clock, (1, 6, 13), 0, "2025-01-06T13:00:00Z");
        check(&mut clock, (2, 28, 0), 0, "2025-02-28T00:00:00Z");
    }

    #[test]
    fn a_leap_day_is_in_a_leap_year() {
        check(&mut clock("2026-06-01T00:00:00Z", "UTC"), (2, 29, 1), 0, "2024-02-29T01:00:00Z");
        check(&mut clock("1903-06-01T00:00:00Z", "UTC"), (2, 29, 1), 0, "1896-02-29T01:00:00Z");
    }

    #[test]
    fn the_zone_is_asked_where_the_clocks_change() {
        let mut clock = clock("2026-12-31T00:00:00Z", "Europe/Berlin");
        check(&mut clock, (3, 29, 1), 59, "2026-03-29T00:59:00Z");
        check(&mut clock, (3, 29, 3), 0, "2026-03-29T01:00:00Z");
        check(&mut clock, (10, 25, 2), 30, "2026-10-25T00:30:00Z");
        check(&mut clock, (10, 25, 3), 0, "2026-10-25T02:00:00Z");
    }

    #[test]
    fn a_zone_that_changes_within_an_hour_is_read_by_the_minute() {
        // St. John's put its clocks forward at 00:01 until 2011.
        let mut clock = clock("2010-12-31T00:00:00Z", "America/St_Johns");
        check(&mut clock, (3, 14, 0), 0, "2010-03-14T03:30:00Z");
        check(&mut clock, (3, 14, 1), 30, "2010-03-14T04:00:00Z");
    }

    #[test]
    fn a_stamp_beside_another_is_of_its_year() {
        let clock = clock("2026-11-29T00:00:00Z", "Europe/Berlin");
        let at = |text: &str| Micros(text.parse::<Timestamp>().unwrap().as_microsecond());
        let check = |moment, told, expected| assert_eq!(clock.year_of(at(moment), at(told)), at(expected), "{moment} {told}");
        check("2026-11-01T02:11:18Z", "2023-11-01T02:11:19Z", "2023-11-01T02:11:18Z");
        check("2026-06-01T02:11:18Z", "2023-01-01T02:11:18Z", "2022-06-01T02:11:18Z");
        check("2025-12-31T23:30:00Z", "2024-01-01T00:30:00Z", "2023-12-31T23:30:00Z");
        check("2026-01-02T00:00:00Z", "2023-12-31T00:00:00Z", "2024-01-02T00:00:00Z");
        check("2026-11-01T02:11:18Z", "2026-11-01T02:11:18Z", "2026-11-01T02:11:18Z");
        check("2024-02-29T12:00:00Z", "2023-03-01T12:00:00Z", "2024-02-29T12:00:00Z");
    }

    #[test]
    fn digits_may_be_of_utc() {
        let clock = clock("2026-11-29T00:00:00Z", "Europe/Berlin");
        let at = |text: &str| Micros(text.parse::<Timestamp>().unwrap().as_microsecond());
        assert_eq!(clock.as_utc(at("2026-07-01T10:00:00Z")), at("2026-07-01T12:00:00Z"));
        assert_eq!(clock.as_utc(at("2026-11-01T10:00:00Z")), at("2026-11-01T11:00:00Z"));
    }

    #[test]
    fn a_date_that_does_not_exist_is_no_stamp() {
        let mut clock = clock("2026-12-31T00:00:00Z", "UTC");
        assert_eq!(clock.local(1, 0, || Some(Stamp { year: None, month: 2, day: 30, hour: 0 })), None);
        assert_eq!(clock.zoned(2, 0, 0, || Some(Stamp { year: Some(2026), month: 13, day: 1, hour: 0 })), None);
    }
}
