//! Rows of the table `changes` as a table of the page.

use super::words;
use crate::insights::number;
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::tables::changes::Change;

/// A table of changes. `named` names a row; `shown` are at most so many of them.
pub(super) fn grid(caption: &str, rows: &[&Change], most: usize, named: &dyn Fn(&Change) -> String) -> Grid {
    Grid {
        caption: caption.to_owned(),
        heads: vec![
            Head::words("What"),
            Head::words("Verdict"),
            Head::numbers("Before", ""),
            Head::numbers("After", ""),
            Head::numbers("Change", "points"),
            Head::numbers("95 %", "points"),
            Head::numbers("Amounts to", "mails more or less"),
            Head::numbers("q", "adjusted p"),
            Head::numbers("Would be found", "points"),
            Head::numbers("Base before", ""),
            Head::numbers("Base after", ""),
        ],
        rows: rows.iter().take(most).map(|row| line(row, named)).collect(),
        more: more(rows.len(), most, "changes"),
        is_sortable: true,
    }
}

fn line(row: &Change, named: &dyn Fn(&Change) -> String) -> Row {
    let (before, after) = words::rates(row);
    let change = match words::times(row) {
        Some(times) => format!("{} ({times})", number::points(row.difference)),
        None => number::points(row.difference),
    };
    let is_faint = !crate::compare::verdict::is_change(&row.verdict);
    let cells = vec![
        Cell { is_faint, ..Cell::words(words::verdict_words(row)) },
        Cell::rate(before),
        Cell::rate(after),
        Cell { order: Some((row.difference * 1e9) as i64), ..Cell::figure(change) },
        Cell::figure(number::points_interval(words::interval(row))),
        Cell { order: Some(row.affected), ..Cell::figure(number::signed(row.affected)) },
        Cell { order: Some((row.q * 1e9) as i64), ..Cell::figure(probability(row.q)) },
        Cell::figure(number::points(row.detectable).trim_start_matches('+').to_owned()),
        Cell::figure(number::base(before)),
        Cell::figure(number::base(after)),
    ];
    Row::new(named(row), cells)
}

/// An adjusted p: three decimals, never a plain 0.
pub(super) fn probability(q: f64) -> String {
    if q < 0.001 { "<0.001".to_owned() } else { format!("{q:.3}") }
}
