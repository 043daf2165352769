//! The days of both periods over each other, and the blocks of both.

use askama::Template;

use super::Sides;
use super::providers::capital;
use crate::compare::DayByDay;
use crate::insights::{blocks, name, number};
use crate::report::Error;
use crate::report::charts::ink::Ink;
use crate::report::charts::overlay::{Line, overlay};
use crate::report::figure::{Figure, Key, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::blocks::{Block, REFUSED_DAY, THROTTLING};

/// How many episodes of each period are shown.
const EPISODES: usize = 15;

#[derive(Template)]
#[template(path = "comparison/timeline.html")]
struct Timeline {
    charts: Vec<String>,
    episodes: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let charts: Result<Vec<String>, Error> =
        sides.comparison.days.iter().enumerate().map(|(at, days)| chart(sides, at, days)).collect();
    let episodes = episodes(sides);
    let episodes = if episodes.rows.is_empty() { String::new() } else { episodes.html()? };
    Ok(Timeline { charts: charts?, episodes }.render()?)
}

fn chart(sides: &Sides<'_>, at: usize, days: &DayByDay) -> Result<String, Error> {
    let line = |days: &[(i32, Rate)]| -> Line { days.iter().map(|&(day, rate)| (day, of_day(rate))).collect() };
    let (one, other) = (line(&days.before), line(&days.after));
    let (before, after) = sides.names();
    let words = Words {
        id: format!("overlay-{at}"),
        title: title(days),
        measure: format!(
            "Share {} by day of reception (UTC), all mail; the same weekday in the same place, days named by the second period; weekends \
             shaded. Days of fewer than 30 are left out. The upright axis does not begin at 0",
            days.metric.title(),
        ),
        description: format!("{} days before, {} after.", one.len(), other.len()),
        keys: vec![Key::new(Ink::Ghost, before), Key::new(Ink::Line, after)],
    };
    Figure::new(words, |width| overlay(&one, &other, width), &grid(days))?.html()
}

/// The rate of a day; of too little mail it would be the worst or the best of all.
fn of_day(rate: Rate) -> Option<f64> {
    rate.value().filter(|_| !rate.is_too_little())
}

/// From the worst to the best day of each.
fn title(days: &DayByDay) -> String {
    let extent = |days: &[(i32, Rate)]| -> String {
        let values = || days.iter().filter_map(|(_, rate)| of_day(*rate));
        let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(0.0, f64::max));
        if low > high {
            number::NONE.to_owned()
        } else {
            format!("{} to {}", number::percent_figure(low), number::percent(high))
        }
    };
    format!("{} on a day: {} before, {} after", capital(days.metric.title()), extent(&days.before), extent(&days.after))
}

fn grid(days: &DayByDay) -> Grid {
    let line = |(at, &(day, rate)): (usize, &(i32, Rate))| {
        let order = Some(at as i64);
        Row::new(number::date(day), vec![Cell { order, ..Cell::rate(rate) }, Cell::figure(number::base(rate))])
    };
    let mut rows: Vec<Row> = days.before.iter().enumerate().map(line).collect();
    rows.extend(days.after.iter().enumerate().map(line));
    Grid {
        caption: format!("Share {} by day of reception, the first period and then the second", days.metric.title()),
        heads: vec![Head::words("Day"), Head::numbers("Share", ""), Head::numbers("Base", "")],
        rows,
        ..Grid::default()
    }
}

/// Episodes of both periods.
fn episodes(sides: &Sides<'_>) -> Grid {
    let (before, after) = sides.names();
    let blocks = |tables: &'_ Tables, name: &str| -> (Vec<Row>, usize) {
        let mut rows: Vec<&Block> = blocks::distinct(tables).collect();
        let is_throttling = |row: &Block| row.kind == THROTTLING;
        rows.sort_by_key(|row| (is_throttling(row), std::cmp::Reverse((row.lost, row.delayed, row.refused)), row.first_hour));
        (rows.iter().take(EPISODES).map(|row| episode(row, name)).collect(), rows.len())
    };
    let ((mut rows, one), (of_after, other)) = (blocks(sides.before, &before), blocks(sides.after, &after));
    let shown = rows.len() + of_after.len();
    rows.extend(of_after);
    Grid {
        caption: "Hours in which a provider blocked or throttled a source, and days on which it refused half of it or more"
            .to_owned(),
        heads: vec![
            Head::words("Provider and source"),
            Head::words("Period"),
            Head::words("From"),
            Head::numbers("Hours", ""),
            Head::numbers("Refused", "attempts"),
            Head::numbers("Lost", "recipients"),
            Head::numbers("Delayed", "recipients"),
            Head::words("Because"),
        ],
        rows,
        more: more(one + other, shown, "blocks"),
        is_sortable: true,
    }
}

fn episode(row: &Block, period: &str) -> Row {
    // A day claims neither onset nor end.
    let is_day = row.kind == REFUSED_DAY;
    let cells = vec![
        Cell::words(period),
        Cell::words(if is_day { number::date(row.first_hour.day()) } else { number::short_time(blocks::began(row)) }),
        if is_day { Cell::figure(number::NONE) } else { Cell::count(row.hours) },
        Cell::count(row.refused),
        Cell::count(row.lost),
        Cell::count(row.delayed),
        Cell::words(format!("{}, {}", row.kind, name::category(&row.category))),
    ];
    Row::new(format!("{}: {}", text::provider(&row.provider), blocks::refused_source(row)), cells)
}
