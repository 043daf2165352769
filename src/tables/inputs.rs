//! One row per input file: what it is and how every line of it was counted.

use super::column::{Row, row};
use super::reconcile::Identity;
use super::{Table, each};
use crate::event::Micros;

row! {
/// One row of `inputs`; counts are lines as logged.
pub struct Input {
    /// As named or found.
    pub path: String => "",
    /// Name of the format, or `unknown`.
    pub format: String => "",
    /// Plain, gzip, zstd, bzip2, xz.
    pub compression: String => "",
    /// Decompressed content read.
    pub bytes: i64 => "bytes",
    /// Lines (records of JSON or CSV) read.
    pub lines: i64 => "lines",
    /// Lines of a delivery agent, suspended deliveries included.
    pub delivery: i64 => "lines",
    /// Lines that tell of a message or connection, inbound rejects and probes included.
    pub context: i64 => "lines",
    /// Understood, and not about mail of ours.
    pub other: i64 => "lines",
    /// Not understood.
    pub unparsed: i64 => "lines",
    /// Attempts as logged, before hops are followed.
    pub attempts: i64 => "lines",
    /// Of these, logged as delivered.
    pub delivered: i64 => "lines",
    /// Of these, logged as deferred.
    pub deferred: i64 => "lines",
    /// Of these, logged as bounced.
    pub bounced: i64 => "lines",
    /// Of these, logged as expired.
    pub expired: i64 => "lines",
    /// Mail of others that we refused.
    pub inbound_rejects: i64 => "lines",
    /// Distinct recipient domains of attempts.
    pub recipient_domains: i64 => "domains",
    /// First stamp, UTC.
    pub first: Option<Micros> => "",
    /// Last stamp, UTC.
    pub last: Option<Micros> => "",
    /// Some of it could not be read, is of no format that is known, or was not understood past the allowed share.
    pub is_damaged: bool => "",
    /// Damage, duplication, guessed year; empty if none.
    pub note: String => "",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "inputs",
    about: "What was read: one row per input file, and how every line of it was counted.",
    counts: "lines",
    sql: None,
    columns: Input::COLUMNS,
    derived: &[],
    reconciles: &[Identity::Parts { parts: &["delivery", "context", "other", "unparsed"], whole: "lines" }],
    rows: |tables, take| each(&tables.inputs, take),
};
