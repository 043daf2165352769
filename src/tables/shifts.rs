//! How far the time to acceptance moved between two periods.

use super::column::{Row, row};
use super::{Table, each};

row! {
/// One row of `shifts`: a quantile of the time to acceptance in two periods.
pub struct Shift {
    /// Route; `(all)` for all together.
    pub provider: String => "",
    /// Which quantile: 500 is the median.
    pub per_mille: i64 => "per mille",
    /// Accepted outcomes before.
    pub before_accepted: i64 => "outcomes",
    /// Accepted outcomes after.
    pub after_accepted: i64 => "outcomes",
    /// Time to acceptance before (nearest rank, three significant digits, rounded down).
    pub before_ms: i64 => "ms",
    /// Likewise after.
    pub after_ms: i64 => "ms",
    /// Lower end of the 95 % interval of after less before (whole days drawn again 999 times).
    pub shift_low_ms: i64 => "ms",
    /// Upper end of it.
    pub shift_high_ms: i64 => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "shifts",
    about: "How far quantiles of the time to acceptance moved between two periods, with intervals by drawing days again.",
    counts: "outcomes",
    sql: None,
    columns: Shift::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.shifts, take),
};
