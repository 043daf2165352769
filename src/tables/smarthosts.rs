//! Hosts that stand between us and the mailbox providers.
//!
//! A relay that belongs to no known provider and accepts mail for the consumer domains of two or more of them, for one host on one
//! day, is a smarthost: what it accepts is not yet delivered. (The share of the busiest relay alone would misfire.)

use std::collections::{BTreeMap, BTreeSet};

use super::column::{Row, row};
use super::frames::count;
use super::names::Names;
use super::reconcile::SMARTHOSTS;
use super::{Table, each};
use crate::cubes::{Cube, Handover};
use crate::intern::Id;

row! {
/// One row of `smarthosts`; counts are outcomes to the consumer domains of known providers.
pub struct Smarthost {
    /// The relay that stands between.
    pub relay: String => "",
    /// Host that wrote the log.
    pub host: String => "",
    /// First day of reception, UTC.
    pub first_day: i32 => "",
    /// Last day of reception, UTC.
    pub last_day: i32 => "",
    /// Providers for whose consumer domains it accepted mail.
    pub providers: i64 => "providers",
    /// Outcomes to these domains that it accepted.
    pub handed_over: i64 => "outcomes",
    /// All outcomes of the host to consumer domains of known providers that were accepted, by whomever.
    pub accepted: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "smarthosts",
    about: "Relays of no known provider that took mail for the consumer domains of several: what they took is not yet delivered.",
    counts: "outcomes",
    sql: None,
    columns: Smarthost::COLUMNS,
    derived: &[],
    reconciles: SMARTHOSTS,
    rows: |tables, take| each(&tables.smarthosts, take),
};

/// What one relay took from one host.
#[derive(Default)]
struct Taken {
    days: BTreeMap<i32, BTreeSet<&'static str>>,
    outcomes: u64,
}

/// The rows: the most mail first, then by name.
pub(super) fn rows(cube: &Cube<Handover, u64>, names: &Names<'_>) -> Vec<Smarthost> {
    let mut accepted: BTreeMap<&str, u64> = BTreeMap::new();
    let mut taken: BTreeMap<(&str, &str), Taken> = BTreeMap::new();
    for (key, &outcomes) in cube.iter() {
        let host = names.text(key.host);
        *accepted.entry(host).or_default() += outcomes;
        if key.relay != Id::EMPTY {
            let relay = taken.entry((names.text(key.relay), host)).or_default();
            relay.outcomes += outcomes;
            relay.days.entry(key.day).or_default().insert(key.provider);
        }
    }
    let row = |((relay, host), taken): ((&str, &str), Taken)| {
        let is_smarthost = taken.days.values().any(|providers| providers.len() >= 2);
        let (first, last) = (taken.days.keys().next()?, taken.days.keys().next_back()?);
        let providers: BTreeSet<&str> = taken.days.values().flatten().copied().collect();
        is_smarthost.then(|| Smarthost {
            relay: relay.to_owned(),
            host: host.to_owned(),
            first_day: *first,
            last_day: *last,
            providers: providers.len() as i64,
            handed_over: count(taken.outcomes),
            accepted: count(accepted.get(host).copied().unwrap_or_default()),
        })
    };
    let mut rows: Vec<Smarthost> = taken.into_iter().filter_map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.handed_over));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    #[test]
    fn a_relay_that_takes_the_mail_of_two_providers_on_one_day_is_a_smarthost() {
        let mut texts = Interner::default();
        let [mx, relay, odd] = ["mx1", "smtp.relay.example", "mail.odd.example"].map(|text| texts.intern(text.as_bytes()));
        let mut cube = Cube::default();
        let mut add = |day, relay, provider, outcomes| cube.add(Handover { day, host: mx, relay, provider }, outcomes);
        add(1, relay, "google", 60);
        add(1, relay, "microsoft", 30);
        add(2, relay, "google", 5);
        add(1, Id::EMPTY, "google", 5);
        // One provider a day: a name that the table does not know yet.
        add(1, odd, "yahoo", 50);
        add(2, odd, "gmx", 50);
        let rows = rows(&cube, &Names::of(&texts));
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.relay.as_str(), row.first_day, row.last_day, row.providers, row.handed_over, row.accepted))
            .collect();
        assert_eq!(told, [("smtp.relay.example", 1, 2, 2, 95, 200)]);
    }
}
