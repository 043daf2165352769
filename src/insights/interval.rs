//! The interval of a rate of the period: mail comes in bursts, so the spread of the days decides how sure it is.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::insights::total;
use crate::stats::effective::{Clustered, pooled_phi};
use crate::stats::rate::wilson;
use crate::stats::{Interval, Rate};
use crate::tables::timeline::Day;
use crate::tables::unknown_users::UnknownUsers;
use crate::tables::{ALL, Tables};

/// The days of a figure per provider, and how much all of them spread.
pub struct Days<'a> {
    /// How many days each series has.
    length: usize,
    /// Of each provider, its place in `series`.
    places: HashMap<&'a str, usize, FixedState>,
    /// The days of each provider, one provider after the other.
    series: Vec<Rate>,
    phi: f64,
}

impl<'a> Days<'a> {
    /// Delivered of resolved, by day of reception.
    #[must_use]
    pub fn delivered(tables: &'a Tables) -> Self {
        let of = |day: &Day| total::rate(day.delivered, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Lost to blocks of resolved, by day of reception.
    #[must_use]
    pub fn lost_to_blocks(tables: &'a Tables) -> Self {
        let of = |day: &Day| total::rate(day.lost_to_blocks, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Hard bounces of resolved, by day of reception.
    #[must_use]
    pub fn hard(tables: &'a Tables) -> Self {
        let of = |day: &Day| total::rate(day.hard, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Accepted within an hour, of what was tried and whose fate by then is known, by day of reception.
    #[must_use]
    pub fn within_hour(tables: &'a Tables) -> Self {
        Self::collect(tables, tables.totals.within_hour.iter().map(|(route, day, rate)| (route.as_str(), *day, *rate)))
    }

    /// Unknown of judged addresses, by day. Addresses do not add up over days: these tell the spread, never the rate.
    #[must_use]
    pub fn unknown_users(tables: &'a Tables) -> Self {
        let rows = tables.unknown_users.iter();
        Self::collect(
            tables,
            rows.filter_map(|row| Some((row.provider.as_str(), row.day?, total::rate(row.unknown, row.judged)))),
        )
    }

    /// The same, those left aside whom their provider called unknown all at once with many good ones.
    #[must_use]
    pub fn dead_addresses(tables: &'a Tables) -> Self {
        let rows = tables.unknown_users.iter();
        let rate = |row: &UnknownUsers| total::rate(row.unknown - row.held_back, row.judged);
        Self::collect(tables, rows.filter_map(|row| Some((row.provider.as_str(), row.day?, rate(row)))))
    }

    fn collect(tables: &Tables, cells: impl Iterator<Item = (&'a str, i32, Rate)>) -> Self {
        let Some((first, last)) = total::period(tables) else { return Self::empty() };
        let days = usize::try_from(last.saturating_sub(first)).unwrap_or(0) + 1;
        let mut collected = Self { length: days, ..Self::empty() };
        let mut all = vec![Rate::default(); days];
        for (provider, day, rate) in cells {
            // What lies outside the period's days is in no daily figure.
            let Some(at) = usize::try_from(day.saturating_sub(first)).ok().filter(|&at| at < days) else { continue };
            for cell in collected.series_of(provider).get_mut(at).into_iter().chain(all.get_mut(at)) {
                *cell = Rate::sum(&[*cell, rate]);
            }
        }
        // In the order of names: fractions that are added up in another order are others.
        let mut providers: Vec<&str> = collected.places.keys().copied().collect();
        providers.sort_unstable();
        collected.phi = pooled_phi(providers.into_iter().map(|provider| collected.of(provider)));
        collected.series_of(ALL).copy_from_slice(&all);
        collected
    }

    fn empty() -> Self {
        Self { length: 0, places: HashMap::default(), series: Vec::new(), phi: 1.0 }
    }

    /// The days of a provider, made if there are none.
    fn series_of(&mut self, provider: &'a str) -> &mut [Rate] {
        let (length, series) = (self.length, &mut self.series);
        let from = *self.places.entry(provider).or_insert_with(|| {
            let from = series.len();
            series.resize(from + length, Rate::default());
            from
        });
        series.get_mut(from..from + length).unwrap_or_default()
    }

    /// The days of one provider, of [`ALL`] together; empty without mail.
    #[must_use]
    pub fn of(&self, provider: &str) -> &[Rate] {
        self.places.get(provider).and_then(|&from| self.series.get(from..from + self.length)).unwrap_or_default()
    }

    /// The 95 % interval of a rate of the whole period, as sure as the provider's days let it be.
    #[must_use]
    pub fn interval(&self, provider: &str, period: Rate) -> Interval {
        self.interval_at(provider, period.value().unwrap_or(0.5), period)
    }

    /// Likewise, round a value that is not the rate itself, such as one of a curve.
    #[must_use]
    pub fn interval_at(&self, provider: &str, value: f64, period: Rate) -> Interval {
        let clustered = Clustered::of(self.of(provider), self.phi);
        let days = clustered.rate.of.max(1) as f64;
        wilson(value, period.of as f64 * clustered.effective / days, clustered.quantile)
    }
}

/// Outcomes of the day with a known end.
const fn resolved(day: &Day) -> i64 {
    day.bounced_later + day.delivered + day.blocked + day.bounced + day.expired
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty days of 200 outcomes; what `of` makes of the days whose number it is given.
    fn tables(of: impl Fn(i32) -> Day) -> Tables {
        let days = (0..20).map(|day| Day { day, provider: "google".to_owned(), outcomes: 200, ..of(day) });
        let mut tables = Tables { timeline: days.collect(), ..Tables::default() };
        tables.totals.days = Some((0, 19));
        tables
    }

    #[test]
    fn what_was_lost_on_two_days_is_no_surer_than_two_days_let_it_be() {
        let lost = |day| if day % 10 == 3 { 150 } else { 0 };
        let tables =
            tables(|day| Day { delivered: 200 - lost(day), expired: lost(day), lost_to_blocks: lost(day), ..Day::default() });
        let interval = Days::lost_to_blocks(&tables).interval(ALL, total::rate(300, 4_000));
        // By hand: 7.5 % on average, with a standard error of the days of 5.2 points.
        assert!(interval.lower < 0.02 && interval.upper > 0.2, "{interval:?}");
    }

    #[test]
    fn hard_bounces_are_as_sure_as_their_own_days_whatever_else_bounced() {
        let hard = |day| if day % 10 == 3 { 50 } else { 0 };
        let tables = tables(|day| Day { delivered: 100, bounced: 100, hard: hard(day), ..Day::default() });
        let interval = Days::hard(&tables).interval(ALL, total::rate(100, 4_000));
        assert!(interval.lower < 0.008 && interval.upper > 0.06, "{interval:?}");
    }

    #[test]
    fn what_was_accepted_within_an_hour_is_as_sure_as_its_days() {
        let mut tables = tables(|_| Day { delivered: 200, ..Day::default() });
        let rate = |day| total::rate(if day % 5 == 3 { 20 } else { 200 }, 200);
        tables.totals.within_hour = (0..20).map(|day| ("google".to_owned(), day, rate(day))).collect();
        let days = Days::within_hour(&tables);
        let all = Rate::sum(days.of(ALL));
        let interval = days.interval_at(ALL, 0.82, all);
        assert!(interval.lower < 0.65 && interval.upper > 0.9, "{interval:?}");
    }
}
