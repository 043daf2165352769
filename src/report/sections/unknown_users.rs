//! Unknown users: the rate per provider against the marks that others have set, day by day, and whether they come before blocking.

use askama::Template;

use crate::insights::thresholds::UNKNOWN_USERS;
use crate::insights::{effect, name, number, total};
use crate::report::Error;
use crate::report::charts::dots::{Axis, Dot, dots};
use crate::report::charts::strip::strip;
use crate::report::facts::Facts;
use crate::report::figure::{Figure, Tile, Tiles, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::unknown_user_effect::Effect;
use crate::tables::unknown_users::UnknownUsers;

/// How far the axis of rates reaches.
const REACH: f64 = 0.15;
/// How many providers have a dot, a strip, a row.
const DOTS: usize = 20;
const STRIPS: usize = 6;
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "sections/unknown_users.html")]
struct View {
    lead: String,
    dots: String,
    strips: String,
    source: &'static str,
    effect_lead: String,
    effect: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let rows = ranked(facts);
    let view = View {
        lead: lead(facts),
        dots: chart(facts, &rows)?,
        strips: strips(facts, &rows)?,
        source: UNKNOWN_USERS.source,
        effect_lead: effect_lead(facts.tables),
        effect: if effects(facts.tables).is_empty() { String::new() } else { effect_grid(facts.tables).html()? },
    };
    Ok(view.render()?)
}

fn rate(row: &UnknownUsers) -> Rate {
    total::rate(row.unknown, row.judged)
}

/// The whole period's rows: those with enough judged addresses, the most unknown ones first.
fn ranked<'a>(facts: &Facts<'a>) -> Vec<&'a UnknownUsers> {
    let period = facts.tables.unknown_users.iter().filter(|row| row.day.is_none() && !rate(row).is_too_little());
    let mut rows: Vec<&UnknownUsers> = period.collect();
    rows.sort_by(|a, b| b.unknown.cmp(&a.unknown).then_with(|| a.provider.cmp(&b.provider)));
    rows
}

fn lead(facts: &Facts<'_>) -> String {
    let rate = total::unknown_users(facts.tables);
    let dead = total::rate(facts.tables.totals.suppressed, facts.tables.totals.addresses);
    if rate.of == 0 {
        return "No server judged an address: none was accepted, unknown, closed or full.".to_owned();
    }
    let leaving = match dead.part {
        0 => "No address has to leave the list for this or another reason.".to_owned(),
        n => format!(
            "For this and other reasons {} must leave the list, {} of all that were tried.",
            number::many(n as i64, "address", "addresses"),
            number::rate(dead),
        ),
    };
    format!(
        "{} of the addresses that a server judged are unknown or closed ({}). {leaving}",
        number::rate(rate),
        number::base(rate),
    )
}

fn chart(facts: &Facts<'_>, rows: &[&UnknownUsers]) -> Result<String, Error> {
    if rows.is_empty() {
        return Ok(String::new());
    }
    let dot = |row: &UnknownUsers| Dot {
        name: text::provider(&row.provider),
        value: rate(row).value().unwrap_or(0.0),
        interval: facts.unknown_users.interval(&row.provider, rate(row)),
        label: format!("{} of {}", number::rate(rate(row)), number::count(row.judged)),
    };
    let marks: Vec<Dot> = rows.iter().take(DOTS).map(|row| dot(row)).collect();
    let above = |mark: f64| marks.iter().filter(|dot| dot.interval.lower > mark).count() as i64;
    let title = match (above(UNKNOWN_USERS.act), above(UNKNOWN_USERS.watch)) {
        (0, 0) => format!("No provider is surely above {}", number::tick(UNKNOWN_USERS.watch)),
        (0, watch) => {
            let providers = number::many(watch, "provider is", "providers are");
            format!("{providers} surely above {}", number::tick(UNKNOWN_USERS.watch))
        }
        (act, _) => {
            let providers = number::many(act, "provider is", "providers are");
            format!("{providers} surely above {}, where blocking begins", number::tick(UNKNOWN_USERS.act))
        }
    };
    let axis = Axis {
        reaches: (0.0, UNKNOWN_USERS.act),
        ends: Some((0.0, REACH)),
        marks: [UNKNOWN_USERS.watch, UNKNOWN_USERS.act].map(|mark| (mark, number::tick(mark))).to_vec(),
        all: None,
    };
    let most = marks.iter().map(|dot| dot.value).fold(0.0, f64::max);
    let words = Words {
        id: "unknown".to_owned(),
        title,
        measure: "Distinct addresses unknown or closed, of those judged, with 95 % interval; the most unknown ones first. A ring lies beyond the axis, an interval with an arrow goes on".to_owned(),
        description: format!("The highest rate is {}.", number::percent(most)),
        keys: Vec::new(),
    };
    Figure::new(words, |width| dots(&marks, &axis, width), &grid(facts, rows))?.html()
}

fn grid(facts: &Facts<'_>, rows: &[&UnknownUsers]) -> Grid {
    let line = |row: &&UnknownUsers| {
        let cells = vec![
            Cell::count(row.unknown),
            Cell::count(row.judged),
            Cell::rate(rate(row)),
            Cell::figure(number::interval(rate(row), facts.unknown_users.interval(&row.provider, rate(row)))),
            Cell::count(row.attempted),
            Cell::rate(total::rate(row.unknown, row.attempted)),
            Cell::count(row.full),
        ];
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Unknown users by provider; 30 judged addresses or more".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Unknown", "addresses"),
            Head::numbers("Judged", "addresses"),
            Head::numbers("Rate", "of judged"),
            Head::numbers("95 % interval", ""),
            Head::numbers("Tried", "addresses"),
            Head::numbers("Rate", "of tried"),
            Head::numbers("Full", "addresses"),
        ],
        rows: rows.iter().take(ROWS).map(line).collect(),
        more: more(rows.len(), ROWS, "unknown_users"),
        is_sortable: true,
    }
}

fn strips(facts: &Facts<'_>, rows: &[&UnknownUsers]) -> Result<String, Error> {
    let Some((first, _)) = total::period(facts.tables) else { return Ok(String::new()) };
    let days = |row: &UnknownUsers| -> Vec<(i32, Rate)> {
        facts
            .unknown_users
            .of(&row.provider)
            .iter()
            .enumerate()
            .map(|(at, rate)| (first.saturating_add(at as i32), *rate))
            .collect()
    };
    // A day of a few addresses would set the scale.
    let shown = |rate: Rate| rate.value().filter(|_| !rate.is_too_little());
    let has_days = |row: &UnknownUsers| days(row).into_iter().any(|(_, rate)| shown(rate).is_some());
    let rows: Vec<&&UnknownUsers> = rows.iter().filter(|row| row.unknown > 0 && has_days(row)).take(STRIPS).collect();
    let highest = rows.iter().flat_map(|row| days(row)).filter_map(|(_, rate)| shown(rate)).fold(0.0, f64::max);
    if highest <= 0.0 {
        return Ok(String::new());
    }
    let high = (highest * 1.08).max(UNKNOWN_USERS.watch * 1.5);
    let mut tiles = Vec::new();
    let mut twins = Vec::new();
    for row in rows {
        let days = days(row);
        let drawn: Vec<(i32, Option<f64>)> = days.iter().map(|(day, rate)| (*day, shown(*rate))).collect();
        let name = text::provider(&row.provider);
        let description = format!("{} over the period.", number::rate_in_full(rate(row)));
        let id = format!("unknown-{}", name::anchor("p", &row.provider));
        let svg = strip(&drawn, &[UNKNOWN_USERS.watch, UNKNOWN_USERS.act], high).paint(&id, &name, &description)?;
        tiles.push(Tile {
            id: String::new(),
            name: name.clone(),
            note: format!("{} unknown", number::count(row.unknown)),
            svg,
        });
        twins.push(day_grid(&name, &days).html()?);
    }
    let words = Words {
        id: "unknown-days".to_owned(),
        title: format!("On the worst day {} were unknown", number::percent(highest)),
        measure: "Unknown of judged addresses by day of the attempt, on one scale; days of fewer than 30 judged addresses are left blank"
            .to_owned(),
        description: String::new(),
        keys: Vec::new(),
    };
    Tiles { words, tiles, twins }.html()
}

fn day_grid(name: &str, days: &[(i32, Rate)]) -> Grid {
    let line = |(day, rate): &(i32, Rate)| {
        Row::new(number::date(*day), vec![Cell::count(rate.part as i64), Cell::count(rate.of as i64), Cell::rate(*rate)])
    };
    Grid {
        caption: format!("{name}: unknown users by day"),
        heads: vec![
            Head::words("Day"),
            Head::numbers("Unknown", "addresses"),
            Head::numbers("Judged", "addresses"),
            Head::numbers("Rate", ""),
        ],
        rows: days.iter().map(line).collect(),
        ..Grid::default()
    }
}

// --- Do they come before blocking? ------------------------------------------------------------------------------------------------

/// The pairs of provider and source in the order of what was found, then of refusals.
fn effects(tables: &Tables) -> Vec<&Effect> {
    let rank = |row: &Effect| effect::ORDER.iter().position(|verdict| *verdict == row.verdict);
    let mut rows: Vec<&Effect> = effect::pairs(tables).collect();
    rows.sort_by_key(|row| (rank(row), std::cmp::Reverse(row.blocked)));
    rows
}

fn effect_lead(tables: &Tables) -> String {
    let rows = effects(tables);
    if rows.is_empty() {
        return match tables.unknown_user_effect.len() {
            0 => "Nobody refused a first attempt by policy: there is no blocking that unknown users could come before.",
            _ => "No provider refused a first attempt by policy, only self-hosted servers, each for itself.",
        }
        .to_owned();
    }
    let of = |verdict: &str| rows.iter().filter(|row| row.verdict == verdict).count() as i64;
    let parts: Vec<String> = effect::ORDER
        .iter()
        .filter(|verdict| of(verdict) > 0)
        .map(|verdict| format!("{}: {}", effect::words(verdict), number::count(of(verdict))))
        .collect();
    let mut verdicts = parts.join("; ");
    if let Some(first) = verdicts.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let pairs = number::many(rows.len() as i64, "pair of provider and source was", "pairs of provider and source were");
    format!("{pairs} refused by policy at least once. {verdicts}.")
}

fn effect_grid(tables: &Tables) -> Grid {
    let rows = effects(tables);
    let line = |row: &&Effect| {
        let or_dash = |text: Option<String>| text.map_or_else(|| Cell::figure(number::NONE), Cell::figure);
        let points = |value: f64| format!("{:+.1}", value * 100.0).replace('-', "−");
        let contrast = row.difference.zip(row.difference_low).zip(row.difference_high);
        let cells = vec![
            Cell::words(&row.source),
            Cell::words(effect::words(&row.verdict)),
            Cell::rate(total::rate(row.unknown, row.judged)),
            Cell::rate(total::rate(row.blocked, row.replies)),
            Cell::count(row.said_so),
            or_dash(row.lag_hours.zip(row.rho).map(|(lag, rho)| format!("{rho:.2} after {lag}\u{a0}h"))),
            or_dash(row.q.map(|q| format!("{q:.3}"))),
            or_dash(contrast.map(|((d, low), high)| format!("{} ({} … {})", points(d), points(low), points(high)))),
            or_dash(row.before_ratio.map(|ratio| format!("× {ratio:.1}"))),
            Cell::words(if row.top_sender.is_empty() { number::NONE } else { &row.top_sender }),
        ];
        Row::new(text::provider(&row.provider), cells)
    };
    Grid {
        caption: "Unknown users and blocking, by provider and source".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::words("Source"),
            Head::words("Verdict"),
            Head::numbers("Unknown", "of judged first attempts"),
            Head::numbers("Blocked", "of replies to them"),
            Head::numbers("Said so", "attempts"),
            Head::numbers("Go together", "rank correlation"),
            Head::numbers("By chance", "q"),
            Head::numbers("After many unknown", "points more blocked"),
            Head::numbers("Before blocks", "of the usual rate"),
            Head::words("Most of them from"),
        ],
        rows: rows.iter().take(ROWS).map(line).collect(),
        more: more(rows.len(), ROWS, "unknown_user_effect"),
        is_sortable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insights::tests::fixture;

    #[test]
    fn pairs_are_told_by_what_was_found() {
        let mut tables = fixture::small();
        assert!(effect_lead(&tables).starts_with("Nobody refused"));
        tables.unknown_user_effect = fixture::effects();
        let lead = effect_lead(&tables).replace(number::GAP, " ");
        assert_eq!(
            lead,
            "3 pairs of provider and source were refused by policy at least once. The provider says so: 1; likely contributor: 1; cannot tell: 1."
        );
        let html = effect_grid(&tables).html().unwrap().replace(number::GAP, " ");
        assert!(html.contains("0.42 after 6 h") && html.contains("+7.9 (+4.0 … +12.1)"), "{html}");
        assert!(html.find("Yahoo").unwrap() < html.find("Microsoft").unwrap());
    }
}
