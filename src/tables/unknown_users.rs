//! Unknown users: distinct addresses per provider, for the whole period (day null) and per day. Days do not add up to the period.

use super::column::{Row, row};
use super::derived::rate;
use super::frames::count;
use super::lists::Held;
use super::reconcile::Identity;
use super::{Table, each};
use crate::cubes::ledger::{AddressCounts, AddressTotals};

row! {
/// One row of `unknown_users`; counts are distinct addresses.
pub struct UnknownUsers {
    /// Who runs the mailbox.
    pub provider: String => "",
    /// Day of the attempts, UTC; null for the whole period. An address is in every day in which it was tried.
    pub day: Option<i32> => "",
    /// With a real attempt.
    pub attempted: i64 => "addresses",
    /// Of these, with a reply about the recipient: accepted, unknown, full, disabled.
    pub judged: i64 => "addresses",
    /// Of these, unknown user or inactive mailbox of class hard.
    pub unknown: i64 => "addresses",
    /// Of the unknown, called so all at once with many good ones, also where they took mail since: an incident of the provider's.
    pub held_back: i64 => "addresses",
    /// Of the judged, mailbox full.
    pub full: i64 => "addresses",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "unknown_users",
    about: "Unknown users: distinct addresses per provider, for the whole period and day by day.",
    counts: "addresses",
    sql: None,
    columns: UnknownUsers::COLUMNS,
    derived: &[
        rate!("unknown_user_rate", &["unknown"], &["judged"], "Unknown of judged: what providers look at."),
        rate!("unknown_user_rate_attempted", &["unknown"], &["attempted"], "Unknown of attempted: Validity's definition."),
        rate!("mailbox_full_rate", &["full"], &["judged"], "Full of judged."),
    ],
    reconciles: &[
        Identity::AtMost { part: "judged", whole: "attempted" },
        Identity::AtMost { part: "unknown", whole: "judged" },
        Identity::AtMost { part: "held_back", whole: "unknown" },
        Identity::AtMost { part: "full", whole: "judged" },
    ],
    rows: |tables, take| each(&tables.unknown_users, take),
};

/// The rows: providers by name, the whole period before its days. `held`: whom the lists hold back.
pub(super) fn rows(counts: &AddressCounts, held: &Held, providers: &[String]) -> Vec<UnknownUsers> {
    let row = |group: usize, day: Option<i32>, totals: &AddressTotals| UnknownUsers {
        provider: providers.get(group).cloned().unwrap_or_default(),
        day,
        attempted: count(totals.attempted),
        judged: count(totals.judged),
        unknown: count(totals.unknown),
        // A mail of the period may have failed after its end: then no attempt of the period says unknown.
        held_back: count(held.get(&(group, day)).map_or(0, |&held| held.min(totals.unknown))),
        full: count(totals.full),
    };
    let period = counts.by_group.iter().map(|(&group, totals)| row(group, None, totals));
    let days = counts.by_group_day.iter().map(|(&(group, day), totals)| row(group, Some(day), totals));
    let mut rows: Vec<_> = period.chain(days).collect();
    rows.sort_by(|a, b| (&a.provider, a.day).cmp(&(&b.provider, b.day)));
    rows
}
