//! How each provider treats the mail: day by day, as a rate with its interval, and how soon.

use std::collections::BTreeSet;

use askama::Template;

use super::soon;
use crate::insights::{name, number, total};
use crate::report::Error;
use crate::report::charts::dots::{Axis, Dot, dots};
use crate::report::charts::ink::Ink;
use crate::report::charts::tile;
use crate::report::facts::{self, Facts, PROVIDERS as ROWS};
use crate::report::figure::{Figure, Key, Tile, Tiles, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::rate::TOO_LITTLE;
use crate::tables::ALL;
use crate::tables::providers::Provider;
use crate::tables::timeline::Day;

/// How many providers have a month, a dot.
const TILES: usize = 12;
const DOTS: usize = 16;
/// How many of the largest always have a dot.
const LARGEST: usize = 4;
/// How far below the rate of all the axis of rates reaches.
const REACH: f64 = 0.15;
/// Fewer resolved outcomes than this have no dot.
const ENOUGH: i64 = 100;

#[derive(Template)]
#[template(path = "sections/providers.html")]
struct Providers {
    tiles: String,
    dots: String,
    table: String,
    within: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    Ok(Providers { tiles: tiles(facts)?, dots: rates(facts)?, table: grid(facts).html()?, within: soon::html(facts)? }
        .render()?)
}

// --- Day by day ---------------------------------------------------------------------------------------------------------------

/// Blocked, failed otherwise, delivered after a deferral, delivered at once: what went wrong stands on the ground, where days compare.
fn parts(day: &Day) -> [(Ink, i64); 4] {
    [
        (Ink::Blocked, day.blocked),
        (Ink::Bounced, day.bounced + day.expired + day.bounced_later),
        (Ink::Deferred, day.recovered),
        (Ink::Delivered, day.delivered - day.recovered),
    ]
}

fn tiles(facts: &Facts<'_>) -> Result<String, Error> {
    let rows: Vec<&Provider> =
        facts.tables.providers.iter().filter(|row| !Facts::delivered_rate(row).is_too_little()).collect();
    let mut tiles = Vec::new();
    let mut twins = Vec::new();
    for row in rows.iter().take(TILES) {
        let days = facts.days_of(&row.provider);
        let drawn: Vec<tile::Day> = days.iter().map(shares_of).collect();
        let name = text::provider(&row.provider);
        let rate = number::rate(Facts::delivered_rate(row));
        let description = format!("{rate} delivered of {} with a known end.", number::count(total::resolved(row)));
        let svg = tile::tile(&drawn).paint(&format!("month-{}", name::anchor("p", &row.provider)), &name, &description)?;
        tiles.push(Tile {
            id: String::new(),
            name: name.clone(),
            note: format!("{rate} of {}", number::count(total::resolved(row))),
            svg,
        });
        twins.push(day_grid(&name, &days).html()?);
    }
    if tiles.is_empty() {
        return Ok(String::new());
    }
    let words = Words {
        id: "months".to_owned(),
        title: worst_day(facts, &rows),
        measure: "Share of the day's outcomes by day of reception, from 0 to 100 %; faint: fewer than 30 with a known end. Below, grey, the \
                  day's volume on a scale of its own. What is left blank has no known end"
            .to_owned(),
        description: String::new(),
        keys: vec![
            Key::new(Ink::Blocked, "blocked"),
            Key::new(Ink::Bounced, "bounced or expired"),
            Key::new(Ink::Deferred, "delivered after a deferral"),
            Key::new(Ink::Delivered, "delivered at once"),
        ],
    };
    Tiles { words, tiles, twins }.html()
}

fn shares_of(day: &Day) -> tile::Day {
    let whole = day.outcomes.max(1) as f64;
    let parts = if day.outcomes > 0 { parts(day).map(|(ink, part)| (ink, part as f64 / whole)).to_vec() } else { Vec::new() };
    let is_faint = total::rate(day.delivered, facts::resolved(day)).is_too_little();
    tile::Day { day: day.day, parts, volume: day.outcomes as f64, is_faint }
}

/// The share not delivered from which on a day is bad.
const BAD_DAY: f64 = 0.05;

/// The worst day of any of them, as the message: that of most failures beyond the usual.
fn worst_day(facts: &Facts<'_>, rows: &[&Provider]) -> String {
    let named: BTreeSet<&str> = rows.iter().map(|row| row.provider.as_str()).collect();
    let of_rows = || facts.tables.timeline.iter().filter(|day| named.contains(day.provider.as_str()));
    let failed = |day: &Day| total::rate(facts::resolved(day) - day.delivered, facts::resolved(day));
    // The days that are not faint.
    let judged = of_rows().filter(|day| !failed(day).is_too_little());
    let share = |day: &Day| failed(day).value().unwrap_or(0.0);
    // By harm among those that are bad: the highest rate is mostly that of the smallest sample.
    let usual = total::rate(self::failed(&facts.all), total::resolved(&facts.all)).value().unwrap_or(0.0);
    let worth = |day: &Day| if share(day) >= BAD_DAY { failed(day).excess(usual) } else { share(day) - 1.0 };
    let worst =
        judged.max_by(|a, b| worth(a).total_cmp(&worth(b)).then_with(|| (b.day, &b.provider).cmp(&(a.day, &a.provider))));
    let all: i64 = of_rows().map(facts::resolved).sum();
    let loud: i64 = of_rows().filter(|day| !failed(day).is_too_little()).map(facts::resolved).sum();
    match worst {
        Some(day) if share(day) >= BAD_DAY => format!(
            "The worst day: {} at {}, {} not delivered",
            number::short_date(day.day),
            text::provider(&day.provider),
            number::rate_in_full(failed(day)),
        ),
        // Where most days are of little mail, the rest says nothing of all.
        Some(_) if 2 * loud < all => "Each provider's month".to_owned(),
        Some(day) if failed(day).part == 0 => format!("No day of {TOO_LITTLE} and more lost anything"),
        Some(day) => format!("No provider had a bad day: the worst lost {}", number::rate(failed(day))),
        None => "Each provider's month".to_owned(),
    }
}

fn day_grid(name: &str, days: &[Day]) -> Grid {
    let line = |day: &Day| {
        let mut cells = vec![Cell::count(day.outcomes)];
        cells.extend(parts(day).map(|(_, part)| Cell::count(part)));
        Row::new(number::date(day.day), cells)
    };
    Grid {
        caption: format!("{name}: outcomes by day of reception"),
        heads: vec![
            Head::words("Day"),
            Head::numbers("Outcomes", ""),
            Head::numbers("Blocked", ""),
            Head::numbers("Bounced, expired", ""),
            Head::numbers("After a deferral", ""),
            Head::numbers("Delivered at once", ""),
        ],
        rows: days.iter().map(line).collect(),
        ..Grid::default()
    }
}

// --- Rates --------------------------------------------------------------------------------------------------------------------

/// Outcomes with a known end that were not delivered.
const fn failed(row: &Provider) -> i64 {
    total::resolved(row) - row.delivered
}

/// The share that failed at all other providers together.
fn others(facts: &Facts<'_>, row: &Provider) -> f64 {
    let others = total::rate(failed(&facts.all) - failed(row), total::resolved(&facts.all) - total::resolved(row));
    others.value().unwrap_or(0.0)
}

/// How many more failed than at the rate of all other providers.
fn excess(facts: &Facts<'_>, row: &Provider) -> f64 {
    total::rate(failed(row), total::resolved(row)).excess(others(facts, row))
}

/// The providers with enough mail, those that lost most beyond the others' rate first.
fn ranked<'a>(facts: &Facts<'a>) -> Vec<(&'a Provider, f64)> {
    let enough = facts.tables.providers.iter().filter(|row| total::resolved(row) >= ENOUGH);
    let mut rows: Vec<(&Provider, f64)> = enough.map(|row| (row, excess(facts, row))).collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.provider.cmp(&b.0.provider)));
    rows
}

fn rates(facts: &Facts<'_>) -> Result<String, Error> {
    let ranked = ranked(facts);
    let Some((worst, excess)) = ranked.first() else { return Ok(String::new()) };
    let dot = |row: &Provider| {
        let rate = Facts::delivered_rate(row);
        Dot {
            name: text::provider(&row.provider),
            value: rate.value().unwrap_or(0.0),
            interval: facts.delivered.interval(&row.provider, rate),
            label: format!("{} of {}", number::rate(rate), number::count(rate.of as i64)),
        }
    };
    // Those who take most of the mail are looked for first, whatever they lost.
    let mut largest: Vec<&Provider> = ranked.iter().map(|(row, _)| *row).collect();
    largest.sort_by_key(|row| std::cmp::Reverse(row.outcomes));
    let is_large = |row: &Provider| largest.iter().take(LARGEST).any(|large| std::ptr::eq(*large, row));
    let shown = ranked.iter().enumerate().filter(|(rank, (row, _))| *rank < DOTS - LARGEST || is_large(row));
    let marks: Vec<Dot> = shown.map(|(_, (row, _))| dot(row)).collect();
    let is_surely_worse = marks.first().is_some_and(|dot| dot.interval.upper < 1.0 - others(facts, worst));
    let title = if facts.tables.providers.len() == 1 {
        let rate = number::rate(Facts::delivered_rate(worst));
        format!("{} took {rate} of the mail; there is no other provider beside it", text::provider(&worst.provider))
    } else if *excess >= 1.0 && is_surely_worse {
        let n = number::many(excess.round() as i64, "message", "messages");
        format!("At {} {n} more failed than at the others' rate", text::provider(&worst.provider))
    } else {
        "No provider is surely worse than the others".to_owned()
    };
    let all = Facts::delivered_rate(&facts.all).value();
    let axis = Axis { all, reaches: (1.0, 1.0), ends: Some((all.unwrap_or(0.0) - REACH, 1.0)), ..Axis::default() };
    let (low, high) = marks.iter().fold((1.0_f64, 0.0_f64), |(low, high), dot| (low.min(dot.value), high.max(dot.value)));
    let words = Words {
        id: "rates".to_owned(),
        title,
        measure: format!(
            "Delivered of resolved outcomes with 95 % interval (days as clusters), providers with {ENOUGH} or more; the most lost first. \
             The axis does not begin at 0; a ring lies beyond it, an interval with an arrow goes on"
        ),
        description: format!("Rates from {} to {}.", number::percent(low), number::percent(high)),
        keys: Vec::new(),
    };
    Figure::new(words, |width| dots(&marks, &axis, width), &rate_grid(facts, &ranked))?.html()
}

fn rate_grid(facts: &Facts<'_>, ranked: &[(&Provider, f64)]) -> Grid {
    let line = |(row, excess): &(&Provider, f64)| {
        let rate = Facts::delivered_rate(row);
        let cells = vec![
            Cell::count(rate.part as i64),
            Cell::count(rate.of as i64),
            Cell::rate(rate),
            Cell::figure(number::interval(rate, facts.delivered.interval(&row.provider, rate))),
            // Of the only provider there are no others.
            if facts.tables.providers.len() == 1 {
                Cell::figure(number::NONE)
            } else {
                Cell::figure(number::count(excess.round() as i64))
            },
        ];
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Delivered rate by provider".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Delivered", "outcomes"),
            Head::numbers("Resolved", "outcomes"),
            Head::numbers("Rate", ""),
            Head::numbers("95 % interval", ""),
            Head::numbers("Lost beyond the others' rate", "outcomes"),
        ],
        rows: ranked.iter().take(ROWS).map(line).collect(),
        more: more(ranked.len(), ROWS, "providers"),
        is_sortable: true,
    }
}

// --- All figures ----------------------------------------------------------------------------------------------------------------

fn grid(facts: &Facts<'_>) -> Grid {
    let rows = &facts.tables.providers;
    let shown: Vec<&Provider> = rows.iter().filter(|row| facts.is_shown(&row.provider)).collect();
    let mut lines: Vec<Row> = shown.iter().map(|row| line(facts, row)).collect();
    let quiet = name::ALWAYS.iter().filter(|id| !rows.iter().any(|row| row.provider == **id));
    lines.extend(quiet.map(|quiet| {
        let nothing = Cell { is_faint: true, ..Cell::figure("no mail") };
        Row { id: facts::provider_id(quiet), ..Row::new(text::provider(quiet), vec![nothing]) }
    }));
    lines.extend(facts.self_hosted.iter().map(|together| {
        let row = line(facts, together);
        Row { is_sum: true, name: Cell::words("Self-hosted servers, together"), ..row }
    }));
    if rows.len() > 1 {
        let all = Provider { provider: ALL.to_owned(), ..facts.all.clone() };
        lines.push(Row { id: String::new(), is_sum: true, ..line(facts, &all) });
    }
    Grid {
        caption: "Delivery performance by provider".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Resolved", "outcomes"),
            Head::numbers("Delivered", "of resolved"),
            Head::numbers("95 % interval", ""),
            Head::numbers("At first try", "of resolved"),
            Head::numbers("Deferred once", "of tried"),
            Head::numbers("Lost to blocks", "of resolved"),
            Head::numbers("Hard", "of resolved"),
            Head::numbers("Within 1 h", "of tried"),
            Head::numbers("Median", "until accepted"),
            Head::words("Commonest refusal"),
        ],
        rows: lines,
        more: more(rows.len(), shown.len(), "providers"),
        is_sortable: true,
    }
}

fn line(facts: &Facts<'_>, row: &Provider) -> Row {
    let resolved = total::resolved(row);
    let rate = Facts::delivered_rate(row);
    let delay = facts.delay(&row.provider);
    let interval = if rate.is_too_little() {
        Cell { is_faint: true, ..Cell::figure("too little mail") }
    } else if row.provider == name::SELF_HOSTED {
        // Many that differ among each other: no days of theirs say how sure it is.
        Cell { is_faint: true, ..Cell::figure(number::NONE) }
    } else {
        Cell::figure(number::interval(rate, facts.delivered.interval(&row.provider, rate)))
    };
    let cells = vec![
        Cell::count(resolved),
        Cell::rate(rate),
        interval,
        Cell::rate(total::rate(row.first_try, resolved)),
        Cell::rate(total::rate(row.deferred_once, row.attempted)),
        Cell::rate(total::rate(row.lost_to_blocks, resolved)),
        Cell::rate(total::rate(row.hard, resolved)),
        Cell::share(delay.and_then(|delay| delay.within_1h)),
        Cell::span(delay.and_then(|delay| delay.p50_ms)),
        top_reply(facts, &row.provider),
    ];
    Row { id: facts::provider_id(&row.provider), ..Row::new(text::provider(&row.provider), cells) }
}

/// The commonest failure reply of a provider, by its category.
fn top_reply(facts: &Facts<'_>, provider: &str) -> Cell {
    facts.top_reply(provider).map_or_else(
        || Cell::words(number::NONE),
        |top| Cell::words(name::category(&top.category)).to(facts.reply_link(&top.provider, &top.signature)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    #[test]
    fn harm_ranks_and_not_the_rate() {
        let tables = fixture::small();
        let about = fixture::about();
        let facts = Facts::of(&tables, &about);
        let ranked = ranked(&facts);
        assert_eq!(ranked.first().map(|(row, _)| row.provider.as_str()), Some("microsoft"));
        assert!(ranked.iter().all(|(row, _)| total::resolved(row) >= ENOUGH));
    }

    #[test]
    fn domains_that_run_their_own_servers_stand_together_too() {
        let (tables, about) = (fixture::small(), fixture::about());
        let facts = Facts::of(&tables, &about);
        let grid = grid(&facts);
        let row = grid.rows.iter().find(|row| row.id == "provider-self-hosted").unwrap();
        let own = tables.providers.iter().filter(|row| name::route(&row.provider) == name::SELF_HOSTED);
        assert_eq!(row.cells[0].text, number::count(own.map(total::resolved).sum()));
        assert_eq!(facts.provider_link(name::SELF_HOSTED), "#provider-self-hosted");
    }

    #[test]
    fn the_large_four_are_shown_also_when_quiet() {
        let mut tables = fixture::small();
        tables.providers.retain(|row| row.provider != "apple");
        let about = fixture::about();
        let grid = grid(&Facts::of(&tables, &about));
        let apple = grid.rows.iter().find(|row| row.id == "provider-apple").unwrap();
        assert_eq!(apple.cells.first().map(|cell| cell.text.as_str()), Some("no mail"));
    }

    #[test]
    fn the_worst_day_is_that_of_most_harm() {
        let (mut tables, about) = (fixture::small(), fixture::about());
        let day = |provider: &str, bounced, delivered| Day {
            provider: provider.into(),
            outcomes: bounced + delivered,
            bounced,
            delivered,
            ..Day::default()
        };
        tables.timeline = vec![day("microsoft", 900, 9_100), day("apple", 30, 8), day("yahoo", 4_000, 96_000)];
        let title = worst_day(&Facts::of(&tables, &about), &tables.providers.iter().collect::<Vec<_>>());
        assert!(title.contains("Microsoft, 9.0\u{a0}%"), "{title}");
    }

    #[test]
    fn a_day_of_twelve_mails_is_not_as_loud_as_one_of_twelve_thousand() {
        let day = |delivered: i64| shares_of(&Day { outcomes: delivered, delivered, ..Day::default() }).is_faint;
        assert_eq!([day(0), day(12), day(29), day(30), day(12_000)], [true, true, true, false, false]);
    }

    #[test]
    fn the_parts_of_a_day_are_what_is_resolved() {
        for day in fixture::small().timeline {
            assert_eq!(parts(&day).iter().map(|(_, part)| part).sum::<i64>(), facts::resolved(&day));
        }
    }
}
