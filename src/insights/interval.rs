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

    /// Blocked of resolved, by day of reception. These tell the spread of what blocks cost; mail that expired over a block is not in them.
    #[must_use]
    pub fn blocked(tables: &'a Tables) -> Self {
        let of = |day: &Day| total::rate(day.blocked, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Bounced of resolved, by day of reception. These tell the spread of hard bounces; soft ones are in them too.
    #[must_use]
    pub fn bounced(tables: &'a Tables) -> Self {
        let of = |day: &Day| total::rate(day.bounced, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
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
        let clustered = Clustered::of(self.of(provider), self.phi);
        let days = clustered.rate.of.max(1) as f64;
        let value = period.value().unwrap_or(0.5);
        wilson(value, period.of as f64 * clustered.effective / days, clustered.quantile)
    }
}

/// Outcomes of the day with a known end.
const fn resolved(day: &Day) -> i64 {
    day.bounced_later + day.delivered + day.blocked + day.bounced + day.expired
}
