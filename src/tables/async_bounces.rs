//! Bounces that came after delivery: one row per route, reason and key by which they were joined, the largest first.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::frames::count;
use super::names::Names;
use super::reconcile::ASYNC;
use super::{Table, each};
use crate::classify::{Category, Class};
use crate::cubes::{AsyncBounce, Cube};
use crate::feedback::By;
use crate::stats::quantile::{Weighted, nearest_rank};

row! {
/// One row of `async_bounces`; counts are outcomes.
pub struct AsyncBounceRow {
    /// Route: who runs the mailbox, as the attempts show it.
    pub provider: String => "",
    /// Why, by the words of the bounce.
    pub category: String => "",
    /// Whose problem it is.
    pub class: String => "",
    /// How it was joined to its outcome: `log` (the log itself records it), envelope-id, message-id, verp, queue-id, header, recipient (the
    /// one delivery to it within five days before).
    pub joined_by: String => "",
    /// Accepted, then returned by a DSN.
    pub outcomes: i64 => "outcomes",
    /// Of these, those whose bounce tells its time.
    pub timed: i64 => "outcomes",
    /// From acceptance to bounce, median (nearest rank, three significant digits, rounded down).
    pub lag_p50_ms: Option<i64> => "ms",
    /// Likewise, 95th percentile.
    pub lag_p95_ms: Option<i64> => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "async_bounces",
    about: "Accepted and then returned: outcomes per provider, reason and key by which the bounce was joined, and how much later it came.",
    counts: "outcomes",
    sql: None,
    columns: AsyncBounceRow::COLUMNS,
    derived: &[],
    reconciles: ASYNC,
    rows: |tables, take| each(&tables.async_bounces, take),
};

/// Outcomes of one row, and those whose lag is known by it.
#[derive(Default)]
struct Group {
    outcomes: u64,
    lags: BTreeMap<i64, u64>,
}

/// The rows, the largest first.
pub(super) fn rows(cube: &Cube<AsyncBounce, u64>, names: &Names<'_>) -> Vec<AsyncBounceRow> {
    let mut groups: BTreeMap<(&str, Category, Class, By), Group> = BTreeMap::new();
    for (key, &outcomes) in cube.iter() {
        let group = groups.entry((names.text(key.route), key.reason.category, key.reason.class, key.by)).or_default();
        group.outcomes += outcomes;
        if let Some(lag) = key.lag_q_ms {
            *group.lags.entry(lag).or_default() += outcomes;
        }
    }
    let mut rows: Vec<AsyncBounceRow> = groups
        .into_iter()
        .map(|((provider, category, class, by), Group { outcomes, lags })| {
            let lags: Vec<Weighted> = lags.into_iter().collect();
            AsyncBounceRow {
                provider: provider.to_owned(),
                category: category.name().to_owned(),
                class: class.name().to_owned(),
                joined_by: by.name().to_owned(),
                outcomes: count(outcomes),
                timed: count(lags.iter().map(|&(_, outcomes)| outcomes).sum()),
                lag_p50_ms: nearest_rank(&lags, 500),
                lag_p95_ms: nearest_rank(&lags, 950),
            }
        })
        .collect();
    // Stable: equals stay in the order of their keys.
    rows.sort_by_key(|row| std::cmp::Reverse(row.outcomes));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cubes::Reason;
    use crate::intern::Interner;

    #[test]
    fn a_bounce_without_a_time_counts_but_has_no_lag() {
        let mut interner = Interner::default();
        let route = interner.intern(b"google");
        let reason = Reason { category: Category::UnknownUser, class: Class::Hard };
        let mut cube = Cube::default();
        for (by, lag_q_ms, outcomes) in
            [(By::Log, Some(1_000), 1), (By::Log, Some(9_000), 3), (By::Log, None, 2), (By::Verp, None, 9)]
        {
            cube.add(AsyncBounce { route, by, reason, lag_q_ms }, outcomes);
        }
        let rows = rows(&cube, &Names::of(&interner));
        let told: Vec<_> = rows.iter().map(|row| (row.joined_by.as_str(), row.outcomes, row.timed, row.lag_p50_ms)).collect();
        assert_eq!(told, [("verp", 9, 0, None), ("log", 6, 4, Some(9_000))]);
    }
}
