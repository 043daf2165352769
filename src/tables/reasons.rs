//! Why mail was not delivered: one row per provider, category and class, by the last informative reply.

use super::column::{Row, row};
use super::reconcile::REASONS;
use super::{Table, each};

row! {
/// One row of `reasons`; counts are outcomes.
pub struct ReasonRow {
    /// Who runs the mailbox.
    pub provider: String => "",
    /// What the reply means; unclassified where the log holds no reply.
    pub category: String => "",
    /// Hard, soft, policy, config, unknown.
    pub class: String => "",
    /// Not delivered (bounced later, bounced, blocked, expired) or still deferred, for this reason.
    pub outcomes: i64 => "outcomes",
    /// Of these, accepted and then returned.
    pub bounced_later: i64 => "outcomes",
    /// Of these, failed for good, not by policy.
    pub bounced: i64 => "outcomes",
    /// Of these, failed for good by policy.
    pub blocked: i64 => "outcomes",
    /// Of these, given up by our MTA.
    pub expired: i64 => "outcomes",
    /// Of these, still deferred.
    pub deferred: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "reasons",
    about: "Why mail was not delivered: one row per provider, category and class, by the last informative reply.",
    counts: "outcomes",
    sql: Some(include_str!("reasons.sql")),
    columns: ReasonRow::COLUMNS,
    derived: &[],
    reconciles: REASONS,
    rows: |tables, take| each(&tables.reasons, take),
};
