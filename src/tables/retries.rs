//! How often mail was tried until it was delivered or given up: one row per route and number of real attempts.

use super::column::{Row, row};
use super::reconcile::SENDER_STATES;
use super::{Table, each};

row! {
/// One row of `retries`; counts are outcomes.
pub struct Retry {
    /// Route: who runs the mailbox, as the attempts show it.
    pub provider: String => "",
    /// Real attempts of an outcome; 11 stands for all above 10.
    pub tries: i64 => "attempts",
    /// Real attempts of all these outcomes together.
    pub attempts: i64 => "attempts",
    /// Messages × recipients that were tried so often: the nine end states that follow, added up.
    pub outcomes: i64 => "outcomes",
    /// Accepted by their server, and not bounced later.
    pub delivered: i64 => "outcomes",
    /// Accepted, then returned by a DSN.
    pub bounced_later: i64 => "outcomes",
    /// Failed for good, not by policy.
    pub bounced: i64 => "outcomes",
    /// Failed for good by policy.
    pub blocked: i64 => "outcomes",
    /// Given up by our MTA after retries.
    pub expired: i64 => "outcomes",
    /// A temporary failure is the last event.
    pub deferred: i64 => "outcomes",
    /// Received, never tried.
    pub queued: i64 => "outcomes",
    /// Removed by the operator.
    pub cancelled: i64 => "outcomes",
    /// Left the queue without a record of how.
    pub unknown: i64 => "outcomes",
    /// With at least one temporary failure, real or suspended.
    pub deferred_once: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "retries",
    about: "How often mail was tried until it was delivered or given up: one row per provider and number of real attempts.",
    counts: "outcomes",
    sql: Some(include_str!("retries.sql")),
    columns: Retry::COLUMNS,
    derived: &[],
    reconciles: SENDER_STATES,
    rows: |tables, take| each(&tables.retries, take),
};
