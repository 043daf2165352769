//! Day by day, by day of reception: outcomes per provider and state.

/// One row of `timeline`; counts are outcomes, but attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Day of reception, days since 1970-01-01, UTC.
    pub day: i32,
    /// Who runs the mailbox.
    pub provider: String,
    /// Real attempts of these outcomes.
    pub attempts: i64,
    /// Outcomes.
    pub outcomes: i64,
    /// Likewise.
    pub delivered: i64,
    /// Likewise.
    pub bounced_later: i64,
    /// Likewise.
    pub bounced: i64,
    /// Likewise.
    pub blocked: i64,
    /// Likewise.
    pub expired: i64,
    /// Likewise.
    pub deferred: i64,
    /// Likewise.
    pub queued: i64,
    /// Likewise.
    pub cancelled: i64,
    /// Likewise.
    pub unknown: i64,
    /// Delivered after at least one temporary failure.
    pub recovered: i64,
    /// With at least one temporary failure.
    pub deferred_once: i64,
}
