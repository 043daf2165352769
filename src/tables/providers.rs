//! How each mailbox provider treated it: one row per provider, the largest first.

/// One row of `providers`; counts are outcomes, but attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Id of a known provider, else the registrable domain of the recipients.
    pub provider: String,
    /// Recipient domains behind it.
    pub domains: i64,
    /// Real attempts.
    pub attempts: i64,
    /// Messages × recipients.
    pub outcomes: i64,
    /// Accepted by their server, and not bounced later.
    pub delivered: i64,
    /// Accepted, then returned by a DSN.
    pub bounced_later: i64,
    /// Failed for good, not by policy.
    pub bounced: i64,
    /// Failed for good by policy.
    pub blocked: i64,
    /// Given up by our MTA.
    pub expired: i64,
    /// A temporary failure is the last event.
    pub deferred: i64,
    /// Never tried.
    pub queued: i64,
    /// Removed by the operator.
    pub cancelled: i64,
    /// Left the queue without a record of how.
    pub unknown: i64,
    /// Outcomes with at least one temporary failure, real or suspended.
    pub deferred_once: i64,
    /// Outcomes with at least one attempt row.
    pub attempted: i64,
    /// Blocked, and expired whose last informative reply is of class policy.
    pub lost_to_blocks: i64,
    /// Final class hard.
    pub hard: i64,
    /// Final class soft, expired included.
    pub soft: i64,
    /// Delivered at the first real attempt.
    pub first_try: i64,
    /// Delivered after at least one temporary failure.
    pub recovered: i64,
    /// With at least one reply of a block category.
    pub touched_by_block: i64,
    /// Σ of end − first temporary failure, milliseconds.
    pub waited_ms: i64,
}
