//! Reply codes: real attempts by domain, code, enhanced status and disposition.

use super::column::{Row, row};
use super::reconcile::CODES;
use super::{Table, each};

row! {
/// One row of `codes`; counts are real attempts.
pub struct Code {
    /// Recipient domain.
    pub domain: String => "",
    /// Who runs the mailbox.
    pub provider: String => "",
    /// Reply code; null where no server answered or none is logged.
    pub code: Option<i64> => "",
    /// Enhanced status as logged; null where none is.
    pub enhanced: Option<String> => "",
    /// Delivered, deferred, bounced, blocked, unknown.
    pub disposition: String => "",
    /// Real attempts.
    pub attempts: i64 => "attempts",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "codes",
    about: "Reply codes: real attempts by recipient domain, code, enhanced status and disposition.",
    counts: "attempts",
    sql: Some(include_str!("codes.sql")),
    columns: Code::COLUMNS,
    derived: &[],
    reconciles: CODES,
    rows: |tables, take| each(&tables.codes, take),
};
