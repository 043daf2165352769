//! Mail of others that we refused: never our deliverability, and counted apart.

use super::column::{Row, row};
use super::reconcile::INBOUND;
use super::{Table, each};

row! {
/// One row of `inbound_rejects`; counts are refusals as logged.
pub struct InboundReject {
    /// Day, UTC.
    pub day: i32 => "",
    /// Host that refused.
    pub host: String => "",
    /// Code of our reply; null where none is logged.
    pub code: Option<i64> => "",
    /// Enhanced status of our reply; null where none is logged.
    pub enhanced: Option<String> => "",
    /// Refusals.
    pub rejects: i64 => "rejects",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "inbound_rejects",
    about: "Mail of others that we refused, by day, host and the code of our reply: in no other figure.",
    counts: "rejects",
    sql: Some(include_str!("inbound_rejects.sql")),
    columns: InboundReject::COLUMNS,
    derived: &[],
    reconciles: INBOUND,
    rows: |tables, take| each(&tables.inbound_rejects, take),
};
