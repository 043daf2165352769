//! Reply codes: real attempts by domain, code, enhanced status and disposition.

/// One row of `codes`; counts are real attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// Recipient domain.
    pub domain: String,
    /// Who runs the mailbox.
    pub provider: String,
    /// Reply code; null where no server answered or none is logged.
    pub code: Option<i64>,
    /// Enhanced status as logged.
    pub enhanced: Option<String>,
    /// Delivered, deferred, bounced, blocked, unknown.
    pub disposition: String,
    /// Real attempts.
    pub attempts: i64,
}
