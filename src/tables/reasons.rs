//! Why mail was not delivered: outcomes by provider, category and class of the last informative reply.

/// One row of `reasons`; counts are outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct ReasonRow {
    /// Who runs the mailbox.
    pub provider: String,
    /// What the reply means.
    pub category: String,
    /// Hard, soft, policy, config, unknown.
    pub class: String,
    /// Outcomes not delivered (bounced later, blocked, bounced, expired) or still deferred, for this reason.
    pub outcomes: i64,
    /// Of these, accepted and then returned.
    pub bounced_later: i64,
    /// Of these, bounced.
    pub bounced: i64,
    /// Of these, blocked.
    pub blocked: i64,
    /// Of these, expired.
    pub expired: i64,
    /// Of these, still deferred.
    pub deferred: i64,
}
