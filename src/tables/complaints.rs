//! Complaints over delivered outcomes, per route and sender domain: of providers that tell of complaints.

use std::collections::{BTreeMap, BTreeSet};

use super::column::{Row, row};
use super::derived::COMPLAINT_RATES;
use super::frames::count;
use super::names::Names;
use super::reconcile::COMPLAINTS;
use super::{Table, each};
use crate::cubes::{Cube, OutcomeSender, SenderCounts, State};

row! {
/// One row of `complaints`; counts are outcomes.
pub struct ComplaintRow {
    /// Route: who runs the mailbox, as the attempts show it. Only those of whose users at least one complaint came in.
    pub provider: String => "",
    /// Domain of the envelope sender; empty for the null reverse-path and where it is not known.
    pub sender_domain: String => "",
    /// Delivered.
    pub delivered: i64 => "outcomes",
    /// Of these, those of which a complaint came in: by the log or by a mail (ARF). Counted on the day of the mail, not of the complaint.
    pub complained: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "complaints",
    about: "Complaints of delivered mail, per provider that tells of them and sender domain. Gmail tells of none: see its Postmaster Tools.",
    counts: "outcomes",
    sql: None,
    columns: ComplaintRow::COLUMNS,
    derived: COMPLAINT_RATES,
    reconciles: COMPLAINTS,
    rows: |tables, take| each(&tables.complaints, take),
};

/// The rows: most complaints first.
pub(super) fn rows(cube: &Cube<OutcomeSender, SenderCounts>, names: &Names<'_>) -> Vec<ComplaintRow> {
    let delivered = || cube.iter().filter(|(key, _)| key.state == State::Delivered);
    let telling: BTreeSet<_> = delivered().filter(|(_, counts)| counts.complained > 0).map(|(key, _)| key.route).collect();
    let mut groups: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for (key, counts) in delivered().filter(|(key, _)| telling.contains(&key.route)) {
        let group = groups.entry((names.text(key.route), names.text(key.sender_domain))).or_default();
        group.0 += counts.outcomes;
        group.1 += counts.complained;
    }
    let row = |((provider, sender), (delivered, complained)): ((&str, &str), (u64, u64))| ComplaintRow {
        provider: provider.to_owned(),
        sender_domain: sender.to_owned(),
        delivered: count(delivered),
        complained: count(complained),
    };
    let mut rows: Vec<ComplaintRow> = groups.into_iter().map(row).collect();
    // Stable: equals stay in the order of their keys.
    rows.sort_by_key(|row| std::cmp::Reverse((row.complained, row.delivered)));
    rows
}
