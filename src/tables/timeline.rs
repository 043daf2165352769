//! Day by day, by day of reception: outcomes per provider and state.

use super::column::{Row, row};
use super::reconcile::END_STATES;
use super::{Table, each};

row! {
/// One row of `timeline`; counts are outcomes, but attempts.
pub struct Day {
    /// Day of reception, UTC.
    pub day: i32 => "",
    /// Who runs the mailbox.
    pub provider: String => "",
    /// Real attempts of these outcomes.
    pub attempts: i64 => "attempts",
    /// Messages × recipients: the nine end states that follow, added up.
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
    /// Delivered at a later real attempt than the first, after a temporary failure.
    pub recovered: i64 => "outcomes",
    /// With at least one temporary failure, real or suspended.
    pub deferred_once: i64 => "outcomes",
    /// Blocked, and expired whose last informative reply is of class policy.
    pub lost_to_blocks: i64 => "outcomes",
    /// Resolved as anything but delivered, of class hard.
    pub hard: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "timeline",
    about: "Day by day, by day of reception: how the mail to each provider ended.",
    counts: "outcomes",
    sql: Some(include_str!("timeline.sql")),
    columns: Day::COLUMNS,
    derived: &[],
    reconciles: END_STATES,
    rows: |tables, take| each(&tables.timeline, take),
};
