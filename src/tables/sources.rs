//! Who sent: one row per source and route of the provider, the largest first.

use super::column::{Row, row};
use super::derived::SENDER_RATES;
use super::reconcile::SENDER_STATES;
use super::{Table, each};

row! {
/// One row of `sources`; counts are outcomes, but messages and attempts.
pub struct Source {
    /// IP or virtual MTA, else host and instance of the MTA; empty for mail that was never tried.
    pub source: String => "",
    /// Route: who runs the mailbox, as the attempts show it.
    pub provider: String => "",
    /// Real attempts.
    pub attempts: i64 => "attempts",
    /// Messages, each counted where its first outcome is.
    pub messages: i64 => "messages",
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
    /// That were tried at all, or put back without trying.
    pub attempted: i64 => "outcomes",
    /// Blocked, and expired whose last informative reply is of class policy.
    pub lost_to_blocks: i64 => "outcomes",
    /// Resolved as anything but delivered, of class hard.
    pub hard: i64 => "outcomes",
    /// Forwarded: asked for under another address, or taken from a stranger.
    pub forwarded: i64 => "outcomes",
    /// With a complaint that the log itself records.
    pub complained: i64 => "outcomes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "sources",
    about: "Who sent: one row per source (address, virtual MTA, else host and instance) and provider, the largest first.",
    counts: "outcomes",
    sql: Some(include_str!("sources.sql")),
    columns: Source::COLUMNS,
    derived: SENDER_RATES,
    reconciles: SENDER_STATES,
    rows: |tables, take| each(&tables.sources, take),
};
