//! How soon mail was accepted in both periods: shares at ages, and how far quantiles moved.

use askama::Template;

use super::{Sides, grids, words};
use crate::compare::CurvePoint;
use crate::insights::number;
use crate::report::Error;
use crate::report::charts::within::{begins, within};
use crate::report::figure::{Tile, Tiles, Words};
use crate::report::grid::{Cell, Grid, Head, Row};
use crate::report::text;
use crate::stats::Interval;
use crate::tables::changes::Change;
use crate::tables::daily::Metric;
use crate::tables::shifts::Shift;

/// How many rows the table of verdicts has.
const ROWS: usize = 60;

#[derive(Template)]
#[template(path = "comparison/delays.html")]
struct Delays {
    chart: String,
    /// Shares accepted by some age, of each provider, with their verdicts.
    verdicts: String,
    shifts: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let shifts = if sides.comparison.shifts.is_empty() { String::new() } else { shifts(sides).html()? };
    Ok(Delays { chart: chart(sides)?, verdicts: verdicts(sides)?, shifts }.render()?)
}

/// What was tested: all mail and each provider of enough of it, most mail affected first.
fn verdicts(sides: &Sides<'_>) -> Result<String, Error> {
    let ages = [Metric::WithinMinute.name(), Metric::WithinHour.name()];
    let rows: Vec<&Change> = sides.comparison.changes.iter().filter(|row| ages.contains(&row.metric.as_str())).collect();
    if rows.is_empty() {
        return Ok(String::new());
    }
    let named = |row: &Change| format!("{}: {}", words::subject(row), words::figure(row));
    grids::grid("Accepted within a minute and within an hour of reception, by provider", &rows, ROWS, &named).html()
}

fn chart(sides: &Sides<'_>) -> Result<String, Error> {
    let points = &sides.comparison.curve.points;
    let shares = |of: fn(&CurvePoint) -> f64| -> Option<[Option<f64>; 6]> {
        points.iter().map(|point| Some(of(point))).collect::<Vec<_>>().try_into().ok()
    };
    let Some((before, after)) = shares(|point| point.before).zip(shares(|point| point.after)) else { return Ok(String::new()) };
    let least = before.iter().chain(&after).flatten().fold(1.0_f64, |least, share| least.min(*share));
    let low = begins(least);
    let (before_name, after_name) = sides.names();
    let hour = points.iter().find(|point| point.age == "1 h");
    let title = hour.map_or_else(String::new, |hour| {
        format!("Within an hour: {} before, {} after", number::percent(hour.before), number::percent(hour.after))
    });
    let svg = within(&after, &before, low).paint("within-all", &title, "The table below has the numbers.")?;
    let words = Words {
        id: "within".to_owned(),
        title,
        measure: format!(
            "Share accepted by the time since reception; failures compete, unfinished mail counts as long as it was seen. Logarithmic axis, \
             1 minute to 48 hours; grey: {before_name}, blue: {after_name}. The upright axis begins at {}",
            number::tick(low),
        ),
        description: String::new(),
        keys: Vec::new(),
    };
    let tile = Tile { id: String::new(), name: "All mail".to_owned(), note: String::new(), svg };
    Tiles { words, tiles: vec![tile], twins: vec![curve(points).html()?] }.html()
}

fn curve(points: &[CurvePoint]) -> Grid {
    let line = |point: &CurvePoint| {
        let interval = Interval { lower: point.low, upper: point.high };
        let cells = vec![
            Cell::share(Some(point.before)),
            Cell::share(Some(point.after)),
            Cell::figure(number::points(point.after - point.before)),
            Cell::figure(number::points_interval(interval)),
        ];
        Row::new(point.age, cells)
    };
    Grid {
        caption: "Accepted within so much time, all mail".to_owned(),
        heads: vec![
            Head::words("Age"),
            Head::numbers("Before", ""),
            Head::numbers("After", ""),
            Head::numbers("Change", "points"),
            Head::numbers("95 %", "points"),
        ],
        rows: points.iter().map(line).collect(),
        ..Grid::default()
    }
}

fn quantile(per_mille: i64) -> &'static str {
    match per_mille {
        500 => "median",
        900 => "90th percentile",
        _ => "95th percentile",
    }
}

/// A span with its sign.
fn signed(milliseconds: i64) -> String {
    let sign = if milliseconds < 0 { "−" } else { "+" };
    if milliseconds == 0 { "0".to_owned() } else { format!("{sign}{}", number::span(milliseconds.abs())) }
}

fn shifts(sides: &Sides<'_>) -> Grid {
    let line = |row: &Shift| {
        let moved = row.after_ms - row.before_ms;
        let is_sure = row.shift_low_ms > 0 || row.shift_high_ms < 0;
        let interval = format!("{} … {}", signed(row.shift_low_ms), signed(row.shift_high_ms));
        let cells = vec![
            Cell::span(Some(row.before_ms)),
            Cell::span(Some(row.after_ms)),
            Cell { order: Some(moved), is_faint: !is_sure, ..Cell::figure(signed(moved)) },
            Cell { is_faint: !is_sure, ..Cell::figure(interval) },
            Cell::count(row.before_accepted),
            Cell::count(row.after_accepted),
        ];
        Row::new(format!("{}, {}", text::provider(&row.provider), quantile(row.per_mille)), cells)
    };
    Grid {
        caption: "Time to acceptance of what was accepted; grey where the interval of the shift holds 0".to_owned(),
        heads: vec![
            Head::words("Provider and quantile"),
            Head::numbers("Before", ""),
            Head::numbers("After", ""),
            Head::numbers("Shift", ""),
            Head::numbers("95 %", "by drawing days again"),
            Head::numbers("Accepted before", "outcomes"),
            Head::numbers("Accepted after", "outcomes"),
        ],
        rows: sides.comparison.shifts.iter().map(line).collect(),
        is_sortable: true,
        ..Grid::default()
    }
}
