//! Whether providers changed or the mail among them: the change of the total rate, split into parts that add up to it exactly.

use super::column::{Row, row};
use super::{Table, each};

row! {
/// One row of `mix`: a provider's part in the change of the total rate. In whole billionths, so that nothing is lost by adding.
pub struct MixRow {
    /// Who runs the mailbox.
    pub provider: String => "",
    /// Numerator of its rate before.
    pub before_part: i64 => "outcomes",
    /// Outcomes with a known end before.
    pub before_of: i64 => "outcomes",
    /// Numerator of its rate after.
    pub after_part: i64 => "outcomes",
    /// Outcomes with a known end after.
    pub after_of: i64 => "outcomes",
    /// Change of the total by this provider's share of the mail; 10,000,000 are one point.
    pub mix: i64 => "billionths",
    /// Change of the total by this provider's own rate. All rows, both columns, add up to the change of the total rate.
    pub performance: i64 => "billionths",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "mix",
    about: "How the change of the total rate came about: by providers' shares of the mail (mix) and by their own rates.",
    counts: "outcomes",
    sql: None,
    columns: MixRow::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.mix, take),
};
