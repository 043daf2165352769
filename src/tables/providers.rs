//! How each mailbox provider treated it: one row per provider, the largest first.

use super::column::{Row, row};
use super::derived::OUTCOME_RATES;
use super::reconcile::END_STATES;
use super::{Table, each};

row! {
/// One row of `providers`; counts are outcomes, but attempts and domains.
pub struct Provider {
    /// Id of a known provider, else the registrable domain of the recipients.
    pub provider: String => "",
    /// Real attempts.
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
    /// With at least one temporary failure, real or suspended.
    pub deferred_once: i64 => "outcomes",
    /// Blocked, and expired whose last informative reply is of class policy.
    pub lost_to_blocks: i64 => "outcomes",
    /// With at least one attempt row, real or suspended.
    pub attempted: i64 => "outcomes",
    /// Resolved as anything but delivered, of class hard: addresses that must leave the list.
    pub hard: i64 => "outcomes",
    /// Resolved as anything but delivered, of class soft, expired included.
    pub soft: i64 => "outcomes",
    /// Delivered at the first real attempt.
    pub first_try: i64 => "outcomes",
    /// Delivered at a later real attempt than the first, after a temporary failure.
    pub recovered: i64 => "outcomes",
    /// Resolved, with at least one reply of a block category, received or inherited by a suspended attempt.
    pub touched_by_block: i64 => "outcomes",
    /// From the first temporary failure to the end, added up over the outcomes that had one.
    pub waited_ms: i64 => "ms",
    /// Recipient domains behind it.
    pub domains: i64 => "domains",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "providers",
    about: "How each mailbox provider treated the mail: one row per provider, the largest first.",
    counts: "outcomes",
    sql: Some(include_str!("providers.sql")),
    columns: Provider::COLUMNS,
    derived: OUTCOME_RATES,
    reconciles: END_STATES,
    rows: |tables, take| each(&tables.providers, take),
};
