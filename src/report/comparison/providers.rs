//! Provider by provider: before and after, and how sure the difference is.

use askama::Template;

use super::{Sides, grids, words};
use crate::compare::verdict;
use crate::insights::{name, number};
use crate::report::Error;
use crate::report::charts::dumbbell::{Pair, dumbbell};
use crate::report::figure::{Figure, Words};
use crate::report::text;
use crate::tables::changes::Change;
use crate::tables::daily::Metric;

/// How many providers have a pair.
const PAIRS: usize = 12;
/// How many rows the table of all figures has.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "comparison/providers.html")]
struct Providers {
    chart: String,
    deferred: String,
    table: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let rows: Vec<&Change> = sides.comparison.changes.iter().filter(|row| row.within == "provider").collect();
    let named = |row: &Change| format!("{}: {}", words::subject(row), words::figure(row));
    let table = if rows.is_empty() {
        String::new()
    } else {
        grids::grid("All figures of all providers, most mail affected first", &rows, ROWS, &named).html()?
    };
    let headline = sides.comparison.headline;
    let providers =
        Providers { chart: chart(sides, headline, "accepted")?, deferred: chart(sides, Metric::Deferred, "deferred")?, table };
    Ok(providers.render()?)
}

/// A figure at each provider, most mail affected first; nothing where no provider has enough mail.
fn chart(sides: &Sides<'_>, metric: Metric, id: &str) -> Result<String, Error> {
    let of_metric = |within: &'static str| {
        sides.comparison.changes.iter().filter(move |row| row.metric == metric.name() && row.within == within)
    };
    let all: Vec<&Change> = of_metric("total").chain(of_metric("provider")).collect();
    if all.len() < 2 {
        return Ok(String::new());
    }
    let shown: Vec<&Change> = all.iter().take(PAIRS + 1).copied().collect();
    let pairs: Vec<Pair> = shown.iter().map(|row| pair(row)).collect();
    let (before, after) = sides.names();
    let words = Words {
        id: id.to_owned(),
        title: title(metric, &all),
        measure: format!(
            "Share {}; ring: {before}, dot: {after}. To the right the difference with its 95 % interval, days being the unit; grey where \
             no change is called; one with an arrow goes on. All mail first, then most mail affected",
            metric.title(),
        ),
        description: description(&shown),
        keys: Vec::new(),
    };
    let named = |row: &Change| words::subject(row);
    let twin = grids::grid(&format!("{} by provider", metric.title()), &all, ROWS, &named);
    Figure::new(words, |width| dumbbell(&pairs, width), &twin)?.html()
}

fn pair(row: &Change) -> Pair {
    let name = if row.within == "total" { "All mail".to_owned() } else { text::provider(&row.provider) };
    Pair {
        name,
        before: row.before_rate.unwrap_or(0.0),
        after: row.after_rate.unwrap_or(0.0),
        difference: row.difference,
        interval: words::interval(row),
        verdict: words::verdict_words(row).to_owned(),
        is_change: verdict::is_change(&row.verdict),
    }
}

/// The provider that moved most mail, as the message.
fn title(metric: Metric, rows: &[&Change]) -> String {
    let moved = rows.iter().filter(|row| row.within == "provider" && verdict::is_change(&row.verdict));
    match moved.clone().next() {
        None => format!("{}: no provider changed for sure", capital(metric.title())),
        Some(row) => {
            let others = moved.count() - 1;
            let more = if others == 0 { String::new() } else { format!("; {others} more changed") };
            let (before, after) = words::rates(row);
            format!(
                "{} at {}: {} → {}{more}",
                capital(metric.title()),
                name::provider(&row.provider),
                number::rate(before),
                number::rate(after),
            )
        }
    }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn description(rows: &[&Change]) -> String {
    let changed = rows.iter().filter(|row| verdict::is_change(&row.verdict)).count();
    format!("{} rows, of which {changed} are called a change; the table below has the numbers.", rows.len())
}
