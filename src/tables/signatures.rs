//! Replies of failed attempts, masked: what each means, how often, from when to when, and where an example stands in the log.

use crate::event::Micros;

/// One row of `signatures`; counts are real attempts.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Route: who answered.
    pub provider: String,
    /// Who sent.
    pub source: String,
    /// The masked reply.
    pub signature: String,
    /// What it means.
    pub category: String,
    /// Whose problem it is.
    pub class: String,
    /// Suppress, retry, fix-then-retry, investigate.
    pub action: String,
    /// The rule that decided.
    pub rule: String,
    /// Signature, text, enhanced, code or fallback.
    pub evidence: String,
    /// The provider's page on it.
    pub help: Option<String>,
    /// Failed real attempts with it.
    pub attempts: i64,
    /// The earliest.
    pub first_seen: Micros,
    /// The latest.
    pub last_seen: Micros,
    /// The earliest record in the log, whole.
    pub example: String,
    /// File of the example.
    pub path: String,
    /// Byte of the file's decompressed content where it begins.
    pub offset: i64,
}
