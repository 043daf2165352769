//! One row per input file: what it is and how every line of it was counted.

use crate::event::Micros;

/// One row of `inputs`; counts are lines as logged.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// As named or found.
    pub path: String,
    /// Name of the format, or `unknown`.
    pub format: String,
    /// Plain, gzip, zstd, bzip2, xz.
    pub compression: String,
    /// Bytes of decompressed content read.
    pub bytes: i64,
    /// Lines (records of JSON or CSV) read.
    pub lines: i64,
    /// Lines of a delivery agent, suspended deliveries included.
    pub delivery: i64,
    /// Lines that tell of a message or connection, inbound rejects and probes included.
    pub context: i64,
    /// Understood, and not about mail of ours.
    pub other: i64,
    /// Not understood.
    pub unparsed: i64,
    /// Attempts as logged, before hops are followed.
    pub attempts: i64,
    /// Of these, logged as delivered.
    pub delivered: i64,
    /// Of these, logged as deferred.
    pub deferred: i64,
    /// Of these, logged as bounced.
    pub bounced: i64,
    /// Of these, logged as expired.
    pub expired: i64,
    /// Mail of others that we refused.
    pub inbound_rejects: i64,
    /// Distinct recipient domains of attempts.
    pub recipient_domains: i64,
    /// First stamp, UTC.
    pub first: Option<Micros>,
    /// Last stamp, UTC.
    pub last: Option<Micros>,
    /// Damage, duplication, guessed year; empty if none.
    pub note: String,
}
