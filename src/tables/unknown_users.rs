//! Unknown users: distinct addresses per provider, for the whole period (day null) and per day. Days do not add up to the period.

/// One row of `unknown_users`; counts are distinct addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct UnknownUsers {
    /// Who runs the mailbox.
    pub provider: String,
    /// Days since 1970-01-01; null for the whole period.
    pub day: Option<i32>,
    /// Addresses with a real attempt.
    pub attempted: i64,
    /// Of these, with a reply about the recipient: accepted, unknown, full, disabled.
    pub judged: i64,
    /// Of these, unknown user or inactive mailbox of class hard.
    pub unknown: i64,
    /// Of these, mailbox full.
    pub full: i64,
}
