//! Columns that files have and rows have not: sums and rates of the row's own counts.
//!
//! A rate stands in the file beside its counts, made of them when it is written, so that it cannot differ from them.

use super::column::{Cell, Column, Kind};
use crate::stats::Rate;

/// A column, or three, made of a row's counts.
#[derive(Clone, Copy, Debug)]
pub enum Derived {
    /// Several counts added up.
    Sum {
        /// The column.
        column: Column,
        /// Names of the counts.
        parts: &'static [&'static str],
    },
    /// A share from 0 to 1 and its 95 % interval; all three null where the whole is 0.
    Rate {
        /// The rate, the lower and the upper end of its interval.
        columns: [Column; 3],
        /// Names of the counts that are the part.
        part: &'static [&'static str],
        /// Names of the counts that are the whole.
        of: &'static [&'static str],
    },
}

/// Writes a rate with its three columns.
macro_rules! rate {
    ($name:literal, $part:expr, $of:expr, $meaning:literal) => {
        $crate::tables::derived::Derived::Rate {
            columns: [
                $crate::tables::derived::share($name, $meaning),
                $crate::tables::derived::share(concat!($name, "_low"), "Lower end of its 95 % interval (Wilson)."),
                $crate::tables::derived::share(concat!($name, "_high"), "Upper end of its 95 % interval (Wilson)."),
            ],
            part: $part,
            of: $of,
        }
    };
}

pub(super) use rate;

pub(super) const fn share(name: &'static str, meaning: &'static str) -> Column {
    Column { name, kind: Kind::Real, is_nullable: true, unit: "share", meaning }
}

const RESOLVED: &[&str] = &["delivered", "bounced_later", "bounced", "blocked", "expired"];

/// The rates of `domains` and `providers`. Their intervals take outcomes for independent: mail comes in bursts, so they are the
/// narrowest that can be claimed, and the page widens them by the spread of the days.
pub(super) const OUTCOME_RATES: &[Derived] = &[
    Derived::Sum {
        column: Column::count(
            "resolved",
            "outcomes",
            "Delivered, bounced later, bounced, blocked and expired: the whole of the rates.",
        ),
        parts: RESOLVED,
    },
    rate!("delivered_rate", &["delivered"], RESOLVED, "Delivered of resolved."),
    rate!("accepted_rate", &["delivered", "bounced_later"], RESOLVED, "Accepted at the door, of resolved."),
    rate!("deferral_rate", &["deferred_once"], &["attempted"], "Deferred at least once, of outcomes with an attempt."),
    rate!("hard_rate", &["hard"], RESOLVED, "Hard bounces of resolved."),
    rate!("soft_rate", &["soft"], RESOLVED, "Soft failures of resolved."),
    rate!("block_rate", &["lost_to_blocks"], RESOLVED, "Lost to blocks, of resolved."),
];

/// The rate of `complaints`.
pub(super) const COMPLAINT_RATES: &[Derived] =
    &[rate!("complaint_rate", &["complained"], &["delivered"], "Complained of, of delivered outcomes.")];

/// The rates of the tables over who sent.
pub(super) const SENDER_RATES: &[Derived] = &[
    Derived::Sum {
        column: Column::count(
            "resolved",
            "outcomes",
            "Delivered, bounced later, bounced, blocked and expired: the whole of the rates.",
        ),
        parts: RESOLVED,
    },
    rate!("delivered_rate", &["delivered"], RESOLVED, "Delivered of resolved."),
    rate!("deferral_rate", &["deferred_once"], &["attempted"], "Deferred at least once, of outcomes with an attempt."),
    rate!("hard_rate", &["hard"], RESOLVED, "Hard bounces of resolved."),
    rate!("block_rate", &["lost_to_blocks"], RESOLVED, "Lost to blocks, of resolved."),
];

impl Derived {
    /// Its columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        match self {
            Self::Sum { column, .. } => std::slice::from_ref(column),
            Self::Rate { columns, .. } => columns,
        }
    }

    /// The counts that it needs.
    pub fn needs(&self) -> impl Iterator<Item = &'static str> {
        let (part, of): (&[&str], &[&str]) = match self {
            Self::Sum { parts, .. } => (parts, &[]),
            Self::Rate { part, of, .. } => (part, of),
        };
        part.iter().chain(of).copied()
    }

    /// The rate that it makes of a row's counts; None: it is a sum.
    #[must_use]
    pub fn rate(&self, columns: &[Column], cells: &[Cell<'_>]) -> Option<Rate> {
        let Self::Rate { part, of, .. } = self else { return None };
        let count = |names| u64::try_from(sum(columns, cells, names)).unwrap_or(0);
        Some(Rate::new(count(part), count(of)))
    }

    /// Appends its cells to those of a row.
    pub fn append(&self, columns: &[Column], cells: &mut Vec<Cell<'_>>) {
        let Some(rate) = self.rate(columns, cells) else {
            if let Self::Sum { parts, .. } = self {
                cells.push(Cell::Whole(sum(columns, cells, parts)));
            }
            return;
        };
        let interval = rate.interval();
        let real = |value: Option<f64>| value.map_or(Cell::Null, Cell::Real);
        cells.push(real(rate.value()));
        cells.push(real(interval.map(|interval| interval.lower)));
        cells.push(real(interval.map(|interval| interval.upper)));
    }
}

/// The named counts of a row, added up; a count that is null or not there counts nothing.
pub(super) fn sum(columns: &[Column], cells: &[Cell<'_>], names: &[&str]) -> i64 {
    let named = columns.iter().zip(cells).filter(|(column, _)| names.contains(&column.name));
    named.map(|(_, cell)| if let Cell::Whole(count) = cell { *count } else { 0 }).fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_stands_with_its_interval_and_is_null_of_nothing() {
        let columns =
            ["delivered", "bounced_later", "bounced", "blocked", "expired", "hard"].map(|name| Column::count(name, "", ""));
        let mut cells = [81, 100, 50, 30, 2, 0].map(Cell::Whole).to_vec();
        let rate = rate!("delivered_rate", &["delivered"], RESOLVED, "");
        rate.append(&columns, &mut cells);
        let Some([Cell::Real(value), Cell::Real(low), Cell::Real(high)]) = cells.get(6..) else { panic!("{cells:?}") };
        assert!((value - 81.0 / 263.0).abs() < 1e-12 && (low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);

        let mut none = [0; 6].map(Cell::Whole).to_vec();
        rate.append(&columns, &mut none);
        assert_eq!(none[6..], [Cell::Null; 3]);
        let names: Vec<_> = rate.columns().iter().map(|column| column.name).collect();
        assert_eq!(names, ["delivered_rate", "delivered_rate_low", "delivered_rate_high"]);
    }
}
