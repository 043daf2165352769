//! Greylisting: how much mail was put off by it first, and how long it took to pass.

use std::collections::{BTreeMap, HashMap};

use super::column::{Row, row};
use super::derived::rate;
use super::frames::count;
use super::names::Names;
use super::reconcile::Identity;
use super::{ALL, Table, each};
use crate::cubes::retries::Greylisted;
use crate::cubes::{Cube, Tally};
use crate::stats::quantile::nearest_rank;

row! {
/// One row of `greylisting`; counts are outcomes.
pub struct GreylistRow {
    /// Route: whose server it was; `(all)` for all together.
    pub provider: String => "",
    /// All outcomes.
    pub outcomes: i64 => "outcomes",
    /// Of these, those whose first failure names greylisting.
    pub greylisted: i64 => "outcomes",
    /// Of these, accepted in the end.
    pub passed: i64 => "outcomes",
    /// From that failure to acceptance, median (nearest rank, three significant digits, rounded down); null where none passed.
    pub passed_p50_ms: Option<i64> => "ms",
    /// Likewise, 90th percentile.
    pub passed_p90_ms: Option<i64> => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "greylisting",
    about: "Mail whose first failure was greylisting, and how long it took to pass; per route that does it, and all together.",
    counts: "outcomes",
    sql: None,
    columns: GreylistRow::COLUMNS,
    derived: &[rate!("greylist_rate", &["greylisted"], &["outcomes"], "Greylisted first, of all outcomes.")],
    reconciles: &[
        Identity::AtMost { part: "greylisted", whole: "outcomes" },
        Identity::AtMost { part: "passed", whole: "greylisted" },
    ],
    rows: |tables, take| each(&tables.greylisting, take),
};

/// What one route, or all together, put off.
#[derive(Default)]
struct Seen {
    greylisted: u64,
    waits: BTreeMap<i64, u64>,
}

/// The rows: `(all)` first, then routes by name. None without greylisting.
pub(super) fn rows(tally: &Tally, names: &Names<'_>) -> Vec<GreylistRow> {
    let mut outcomes: HashMap<&str, u64> = HashMap::new();
    for (key, counts) in tally.counts.outcome_domains.iter() {
        for provider in [ALL, names.text(key.route)] {
            *outcomes.entry(provider).or_default() += counts.outcomes;
        }
    }
    let row = |((_, provider), seen): ((bool, &str), Seen)| {
        let waits: Vec<(i64, u64)> = seen.waits.into_iter().collect();
        GreylistRow {
            provider: provider.to_owned(),
            outcomes: count(outcomes.get(provider).copied().unwrap_or_default()),
            greylisted: count(seen.greylisted),
            passed: count(waits.iter().map(|(_, outcomes)| outcomes).sum()),
            passed_p50_ms: nearest_rank(&waits, 500),
            passed_p90_ms: nearest_rank(&waits, 900),
        }
    };
    seen(&tally.counts.greylisted, names).into_iter().map(row).collect()
}

fn seen<'a>(cube: &Cube<Greylisted, u64>, names: &'a Names<'_>) -> BTreeMap<(bool, &'a str), Seen> {
    let mut seen: BTreeMap<(bool, &str), Seen> = BTreeMap::new();
    for (key, &outcomes) in cube.iter() {
        for place in [(false, ALL), (true, names.text(key.route))] {
            let seen = seen.entry(place).or_default();
            seen.greylisted += outcomes;
            if let Some(waited) = key.passed_q_ms {
                *seen.waits.entry(waited).or_default() += outcomes;
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cubes::keys::OutcomeCounts;
    use crate::cubes::{OutcomeDomain, State};
    use crate::intern::{Id, Interner};

    #[test]
    fn what_was_greylisted_is_told_of_all_mail_with_the_time_that_it_took() {
        let mut texts = Interner::default();
        let [slow, quick] = ["slow.example", "google"].map(|text| texts.intern(text.as_bytes()));
        let mut tally = Tally::default();
        for route in [slow, quick] {
            let key = OutcomeDomain { day: 1, domain: Id::EMPTY, route, state: State::Delivered, reason: None };
            tally.counts.outcome_domains.add(key, OutcomeCounts { outcomes: 100, ..OutcomeCounts::default() });
        }
        for (passed_q_ms, outcomes) in [(Some(300_000), 20), (Some(900_000), 5), (None, 3)] {
            tally.counts.greylisted.add(Greylisted { route: slow, passed_q_ms }, outcomes);
        }
        let rows = rows(&tally, &Names::of(&texts));
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.provider.as_str(), row.outcomes, row.greylisted, row.passed, row.passed_p50_ms, row.passed_p90_ms))
            .collect();
        let (half, most) = (Some(300_000), Some(900_000));
        assert_eq!(told, [("(all)", 200, 28, 25, half, most), ("slow.example", 100, 28, 25, half, most)]);
    }
}
