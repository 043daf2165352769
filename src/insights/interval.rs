//! The interval of a rate of the period: mail comes in bursts, so the spread of the days decides how sure it is.

use std::collections::BTreeMap;

use crate::insights::total;
use crate::stats::effective::{Clustered, pooled_phi};
use crate::stats::rate::wilson;
use crate::stats::{Interval, Rate};
use crate::tables::Tables;
use crate::tables::timeline::Day;

/// The days of a figure per provider, and how much all of them spread.
pub struct Days {
    by_provider: BTreeMap<String, Vec<Rate>>,
    phi: f64,
}

impl Days {
    /// Delivered of resolved, by day of reception.
    #[must_use]
    pub fn delivered(tables: &Tables) -> Self {
        let of = |day: &Day| total::rate(day.delivered, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Blocked of resolved, by day of reception. These tell the spread of what blocks cost; mail that expired over a block is not in them.
    #[must_use]
    pub fn blocked(tables: &Tables) -> Self {
        let of = |day: &Day| total::rate(day.blocked, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Bounced of resolved, by day of reception. These tell the spread of hard bounces; soft ones are in them too.
    #[must_use]
    pub fn bounced(tables: &Tables) -> Self {
        let of = |day: &Day| total::rate(day.bounced, resolved(day));
        Self::collect(tables, tables.timeline.iter().map(|day| (day.provider.as_str(), day.day, of(day))))
    }

    /// Unknown of judged addresses, by day. Addresses do not add up over days: these tell the spread, never the rate.
    #[must_use]
    pub fn unknown_users(tables: &Tables) -> Self {
        let rows = tables.unknown_users.iter();
        Self::collect(
            tables,
            rows.filter_map(|row| Some((row.provider.as_str(), row.day?, total::rate(row.unknown, row.judged)))),
        )
    }

    fn collect<'a>(tables: &Tables, cells: impl Iterator<Item = (&'a str, i32, Rate)>) -> Self {
        let Some((first, last)) = total::period(tables) else { return Self { by_provider: BTreeMap::new(), phi: 1.0 } };
        let days = usize::try_from(last.saturating_sub(first)).unwrap_or(0) + 1;
        let mut by_provider: BTreeMap<String, Vec<Rate>> = BTreeMap::new();
        let mut all = vec![Rate::default(); days];
        for (provider, day, rate) in cells {
            // What lies outside the period's days is in no daily figure.
            let Some(at) = usize::try_from(day.saturating_sub(first)).ok().filter(|&at| at < days) else { continue };
            // Rows come by the million: no key is made anew for a provider that has one.
            if !by_provider.contains_key(provider) {
                by_provider.insert(provider.to_owned(), vec![Rate::default(); days]);
            }
            for series in by_provider.get_mut(provider).into_iter().chain([&mut all]) {
                if let Some(cell) = series.get_mut(at) {
                    *cell = Rate::sum(&[*cell, rate]);
                }
            }
        }
        let phi = pooled_phi(by_provider.values().map(Vec::as_slice));
        by_provider.insert(total::ALL.to_owned(), all);
        Self { by_provider, phi }
    }

    /// The days of one provider, of [`total::ALL`] together; empty without mail.
    #[must_use]
    pub fn of(&self, provider: &str) -> &[Rate] {
        self.by_provider.get(provider).map_or(&[], Vec::as_slice)
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
