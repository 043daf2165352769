//! Replies of failed attempts, masked: what each means, how often, from when to when, and where an example stands in the log.

use super::column::{Row, row};
use super::reconcile::SIGNATURES;
use super::{Table, each};
use crate::event::Micros;

row! {
/// One row of `signatures`; counts are real attempts.
pub struct Signature {
    /// Route: who answered.
    pub provider: String => "",
    /// Who sent.
    pub source: String => "",
    /// The masked reply.
    pub signature: String => "",
    /// What it means.
    pub category: String => "",
    /// Whose problem it is.
    pub class: String => "",
    /// Suppress, retry, fix-then-retry, investigate.
    pub action: String => "",
    /// The rule that decided.
    pub rule: String => "",
    /// What the rule rests on: signature, text, enhanced, code or fallback.
    pub evidence: String => "",
    /// The provider's page on it.
    pub help: Option<String> => "",
    /// Failed real attempts with it.
    pub attempts: i64 => "attempts",
    /// The earliest.
    pub first_seen: Micros => "",
    /// The latest.
    pub last_seen: Micros => "",
    /// The earliest record in the log, whole; empty where none was kept.
    pub example: String => "",
    /// File of the example.
    pub path: String => "",
    /// Byte of the file's decompressed content where it begins.
    pub offset: i64 => "bytes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "signatures",
    about: "Masked replies of failed attempts: what each means, how often, from when to when, and an example.",
    counts: "attempts",
    sql: Some(include_str!("signatures.sql")),
    columns: Signature::COLUMNS,
    derived: &[],
    reconciles: SIGNATURES,
    rows: |tables, take| each(&tables.signatures, take),
};
