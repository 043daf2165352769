//! How long it took: accepted within so many milliseconds of reception (cumulative incidence, unfinished mail included), one row per
//! route and `(all)`.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::frames::count;
use super::names::Names;
use super::reconcile::DELAYS;
use super::{ALL, Table, each};
use crate::cubes::keys::DelayEvent;
use crate::cubes::{Cube, Delay};
use crate::stats::Rate;
use crate::stats::incidence::{AtAge, Incidence, known_within};
use crate::stats::quantile::{Weighted, nearest_rank};

row! {
/// One row of `delays`; counts are outcomes.
pub struct DelayRow {
    /// Route; `(all)` for all together.
    pub provider: String => "",
    /// That were tried.
    pub outcomes: i64 => "outcomes",
    /// Of these, accepted.
    pub accepted: i64 => "outcomes",
    /// Of these, failed or given up for good.
    pub failed: i64 => "outcomes",
    /// Of these, unfinished as far as the log goes.
    pub open: i64 => "outcomes",
    /// Share accepted within 1 minute of reception (Aalen–Johansen: failures compete, unfinished mail is censored).
    pub within_1min: Option<f64> => "share",
    /// Share accepted within 10 minutes.
    pub within_10min: Option<f64> => "share",
    /// Share accepted within 1 hour.
    pub within_1h: Option<f64> => "share",
    /// Share accepted within 4 hours.
    pub within_4h: Option<f64> => "share",
    /// Share accepted within 24 hours.
    pub within_24h: Option<f64> => "share",
    /// Share accepted within 48 hours.
    pub within_48h: Option<f64> => "share",
    /// Time to acceptance of the accepted, median (nearest rank, three significant digits, rounded down).
    pub p50_ms: Option<i64> => "ms",
    /// Likewise, 90th percentile.
    pub p90_ms: Option<i64> => "ms",
    /// Likewise, 95th percentile.
    pub p95_ms: Option<i64> => "ms",
    /// Likewise, 99th percentile.
    pub p99_ms: Option<i64> => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "delays",
    about: "How long it took: shares accepted within so much time of reception, and quantiles; per route and all together.",
    counts: "outcomes",
    sql: None,
    columns: DelayRow::COLUMNS,
    derived: &[],
    reconciles: DELAYS,
    rows: |tables, take| each(&tables.delays, take),
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Outcomes by age.
type Histogram = BTreeMap<i64, AtAge>;

/// The rows: `(all)` first, then routes, the largest first.
pub(super) fn rows(cube: &Cube<Delay, u64>, names: &Names<'_>) -> Vec<DelayRow> {
    let mut routes: BTreeMap<&str, Histogram> = BTreeMap::new();
    let mut all = Histogram::new();
    for (key, &outcomes) in cube.iter() {
        add(routes.entry(names.text(key.route)).or_default(), key, outcomes);
        add(&mut all, key, outcomes);
    }
    if all.is_empty() {
        return Vec::new();
    }
    let mut rows: Vec<_> = routes.iter().map(|(route, ages)| summary(route, ages)).collect();
    rows.sort_by(|a, b| b.outcomes.cmp(&a.outcomes).then_with(|| a.provider.cmp(&b.provider)));
    rows.insert(0, summary(ALL, &all));
    rows
}

/// By route and day of reception: accepted within an hour, of the outcomes whose fate by then is known.
pub(super) fn within_hour(cube: &Cube<Delay, u64>, names: &Names<'_>) -> Vec<(String, i32, Rate)> {
    let mut days: BTreeMap<(&str, i32), Histogram> = BTreeMap::new();
    for (key, &outcomes) in cube.iter() {
        add(days.entry((names.text(key.route), key.day)).or_default(), key, outcomes);
    }
    let known = |ages: &Histogram| known_within(&ages.values().copied().collect::<Vec<_>>(), HOUR_MS);
    days.iter().map(|((route, day), ages)| ((*route).to_owned(), *day, known(ages))).collect()
}

fn add(ages: &mut Histogram, key: &Delay, outcomes: u64) {
    let at = ages.entry(key.age_q_ms).or_insert(AtAge { age: key.age_q_ms, ..AtAge::default() });
    match key.event {
        DelayEvent::Accepted => at.accepted += outcomes,
        DelayEvent::Failed => at.failed += outcomes,
        DelayEvent::Open => at.unfinished += outcomes,
    }
}

fn summary(route: &str, ages: &Histogram) -> DelayRow {
    let histogram: Vec<AtAge> = ages.values().copied().collect();
    let accepted: Vec<Weighted> = histogram.iter().map(|at| (at.age, at.accepted)).filter(|&(_, n)| n > 0).collect();
    let sum = |of: fn(&AtAge) -> u64| histogram.iter().map(of).sum::<u64>();
    let incidence = Incidence::of(&histogram);
    let within = |age_ms| incidence.accepted_within(age_ms);
    DelayRow {
        provider: route.to_owned(),
        outcomes: count(sum(|at| at.accepted + at.failed + at.unfinished)),
        accepted: count(sum(|at| at.accepted)),
        failed: count(sum(|at| at.failed)),
        open: count(sum(|at| at.unfinished)),
        within_1min: within(MINUTE_MS),
        within_10min: within(10 * MINUTE_MS),
        within_1h: within(HOUR_MS),
        within_4h: within(4 * HOUR_MS),
        within_24h: within(24 * HOUR_MS),
        within_48h: within(48 * HOUR_MS),
        p50_ms: nearest_rank(&accepted, 500),
        p90_ms: nearest_rank(&accepted, 900),
        p95_ms: nearest_rank(&accepted, 950),
        p99_ms: nearest_rank(&accepted, 990),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::{Id, Interner};

    fn cube(rows: &[(Id, DelayEvent, i64, u64)]) -> Cube<Delay, u64> {
        let mut cube = Cube::default();
        for &(route, event, age_q_ms, outcomes) in rows {
            cube.add(Delay { route, day: 0, event, age_q_ms }, outcomes);
        }
        cube
    }

    #[test]
    fn unfinished_mail_counts_as_neither_accepted_nor_failed() {
        let mut interner = Interner::default();
        let (google, other) = (interner.intern(b"google"), interner.intern(b"microsoft"));
        let cube = cube(&[
            (google, DelayEvent::Accepted, 1_000, 6),
            (google, DelayEvent::Accepted, 900_000, 2),
            (google, DelayEvent::Failed, 2_000, 2),
            (other, DelayEvent::Open, 30_000, 1),
        ]);
        let rows = rows(&cube, &Names::of(&interner));
        let keys: Vec<_> = rows.iter().map(|row| (row.provider.as_str(), row.outcomes)).collect();
        assert_eq!(keys, [("(all)", 11), ("google", 10), ("microsoft", 1)]);
        assert_eq!((rows[1].accepted, rows[1].failed, rows[1].open), (8, 2, 0));
        assert_eq!((rows[1].within_1min, rows[1].within_1h), (Some(0.6), Some(0.8)));
        assert_eq!((rows[1].p50_ms, rows[1].p99_ms), (Some(1_000), Some(900_000)));
        assert_eq!((rows[2].within_48h, rows[2].p50_ms), (Some(0.0), None));
    }

    #[test]
    fn no_mail_gives_no_row() {
        assert_eq!(rows(&Cube::default(), &Names::of(&Interner::default())), []);
    }
}
