//! Retries: what trying again brought, when, by which schedule, and what another lifetime of the queue would have meant.

use std::collections::BTreeMap;

use askama::Template;

use super::effort;
use crate::insights::{name, number, total};
use crate::report::Error;
use crate::report::charts::ages::ages;
use crate::report::facts::Facts;
use crate::report::figure::{Figure, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::stats::Rate;
use crate::tables::greylisting::GreylistRow;
use crate::tables::lifetimes::Lifetime;
use crate::tables::retry_schedule::Scheduled;
use crate::tables::{ALL, Tables};

/// The lifetime that sentences speak of: where the guide gives up at the latest.
const GUIDE_HOURS: i64 = 48;
/// How many that greylist are listed.
const GREYLISTERS: usize = 10;

#[derive(Template)]
#[template(path = "sections/retries.html")]
struct View {
    lead: String,
    load: String,
    chart: String,
    shorter: String,
    longer: String,
    schedule: String,
    numbers: String,
    greylisting: String,
    greylisters: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let tables = facts.tables;
    let lifetimes: Vec<&Lifetime> = tables.lifetimes.iter().filter(|row| row.provider == ALL).collect();
    let schedule: Vec<&Scheduled> = tables.retry_schedule.iter().filter(|row| row.provider == ALL).collect();
    Ok(View {
        lead: lead(&lifetimes),
        load: effort::told(tables),
        chart: chart(&lifetimes)?,
        shorter: shorter(&lifetimes),
        longer: longer(&lifetimes),
        schedule: if schedule.len() > 1 { schedule_grid(&schedule).html()? } else { String::new() },
        greylisting: greylisting(tables),
        greylisters: if tables.greylisting.is_empty() { String::new() } else { greylisters(tables).html()? },
        numbers: if tables.retries.is_empty() { String::new() } else { numbers(tables).html()? },
    }
    .render()?)
}

fn lead(lifetimes: &[&Lifetime]) -> String {
    let Some(row) = lifetimes.first() else { return "No mail was put off: nothing had to be tried again.".to_owned() };
    let when = |share: f64| lifetimes.iter().find(|row| row.delivered_within as f64 >= share * row.delivered as f64);
    let hours = |row: &&&Lifetime| number::many(row.hours, "hour", "hours");
    let (half, most) = (when(0.5).as_ref().map(hours), when(0.95).as_ref().map(hours));
    let when = match (half, most) {
        (Some(half), Some(most)) if row.delivered > 0 => {
            format!(", half of that within {half} and 95\u{a0}% within {most} of reception")
        }
        _ => String::new(),
    };
    let put_off = number::many(row.deferred, "outcome was", "outcomes were");
    let known = total::rate(row.delivered, row.deferred - row.open);
    if known.of == 0 {
        return format!("{put_off} put off at least once; none has a known end.");
    }
    format!("{put_off} put off at least once; of those with a known end {} were delivered{when}.", number::rate_in_full(known))
}

/// How much was greylisted first, and how soon it passed.
fn greylisting(tables: &Tables) -> String {
    let Some(row) = tables.greylisting.iter().find(|row| row.provider == ALL) else { return String::new() };
    let soon = row.passed_p50_ms.map_or_else(String::new, |half| format!(", half of these within {}", number::span(half)));
    format!(
        "{} of all messages were greylisted first, by the words of the reply; {} passed{soon}.",
        number::rate_in_full(total::rate(row.greylisted, row.outcomes)),
        number::rate_in_full(total::rate(row.passed, row.greylisted)),
    )
}

fn greylisters(tables: &Tables) -> Grid {
    let mut rows: Vec<&GreylistRow> = tables.greylisting.iter().filter(|row| row.provider != ALL).collect();
    rows.sort_by(|a, b| b.greylisted.cmp(&a.greylisted).then_with(|| a.provider.cmp(&b.provider)));
    let line = |row: &&GreylistRow| {
        let cells = vec![
            Cell::count(row.greylisted),
            Cell::rate(total::rate(row.greylisted, row.outcomes)),
            Cell::rate(total::rate(row.passed, row.greylisted)),
            Cell::span(row.passed_p50_ms),
            Cell::span(row.passed_p90_ms),
        ];
        Row::new(name::provider(&row.provider), cells)
    };
    Grid {
        caption: "Mail that was greylisted first, and the time until it was accepted".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Greylisted", "outcomes"),
            Head::numbers("Greylisted", "of outcomes"),
            Head::numbers("Passed", "of greylisted"),
            Head::numbers("Median", "until accepted"),
            Head::numbers("90 %", "until accepted"),
        ],
        rows: rows.iter().take(GREYLISTERS).map(line).collect(),
        more: more(rows.len(), GREYLISTERS, "greylisting"),
        is_sortable: true,
    }
}

/// What a shorter lifetime would have lost and saved.
fn shorter(lifetimes: &[&Lifetime]) -> String {
    let Some(row) = lifetimes.iter().find(|row| row.hours == GUIDE_HOURS) else { return String::new() };
    if row.attempts_later == 0 && row.delivered_later == 0 {
        return format!(
            "Nothing was tried after {GUIDE_HOURS}\u{a0}hours: a shorter lifetime down to that would have changed nothing."
        );
    }
    let lost = match row.delivered_later {
        0 => "no mail lost".to_owned(),
        lost => format!(
            "at most {} lost: {} of what was put off",
            number::many(lost, "outcome", "outcomes"),
            number::rate(total::rate(lost, row.deferred)),
        ),
    };
    format!(
        "Had the queue given up after {GUIDE_HOURS}\u{a0}hours, {} fewer would have been made, and {lost}. The other ages are in the table below the \
         chart.",
        number::many(row.attempts_later, "attempt", "attempts"),
    )
}

/// What can be said of a longer one.
fn longer(lifetimes: &[&Lifetime]) -> String {
    let Some(last) = lifetimes.last() else { return String::new() };
    if last.expired_within == 0 {
        return "No mail was given up because of its age, so that a longer lifetime would have changed nothing here."
            .to_owned();
    }
    // The last stretch of ages in which there still were attempts tells how much trying on brings.
    let tail = lifetimes.iter().zip(lifetimes.iter().skip(1)).rev().find(|(_, row)| row.attempts_up_to > 0);
    let brought = tail.map_or_else(String::new, |(before, row)| {
        let rate = total::rate(row.accepted_up_to, row.attempts_up_to);
        format!(
            " All that it shows: of the attempts between {} and {}\u{a0}hours of age {} were accepted.",
            number::count(before.hours),
            number::count(row.hours),
            number::rate_in_full(rate),
        )
    });
    format!(
        "{} given up because of age. What a longer lifetime would have brought no log can tell.{brought}",
        number::many(last.expired_within, "outcome was", "outcomes were"),
    )
}

fn chart(lifetimes: &[&Lifetime]) -> Result<String, Error> {
    let points: Vec<(i64, f64)> = lifetimes.iter().filter_map(|row| Some((row.hours, row.delivered_share?))).collect();
    let Some(marked) = points.iter().find(|(hours, _)| *hours == 24) else { return Ok(String::new()) };
    if lifetimes.first().is_none_or(|row| total::rate(0, row.deferred).is_too_little()) {
        return Ok(String::new());
    }
    let words = Words {
        id: "rescued".to_owned(),
        title: format!("{} of what was put off is delivered within a day", number::percent(marked.1)),
        measure: "Share of mail with at least one temporary failure that is delivered by that age; unfinished mail counts as long as it was seen"
            .to_owned(),
        description: format!(
            "From {} within an hour to {} within a week.",
            number::percent(points.first().map_or(0.0, |point| point.1)),
            number::percent(points.last().map_or(0.0, |point| point.1)),
        ),
        keys: Vec::new(),
    };
    Figure::new(words, |width| ages(&points, 24, width), &lifetime_grid(lifetimes))?.html()
}

fn lifetime_grid(lifetimes: &[&Lifetime]) -> Grid {
    let line = |row: &&Lifetime| {
        let cells = vec![
            Cell::share(row.delivered_share),
            Cell::count(row.delivered_within),
            Cell::count(row.delivered_later),
            Cell::count(row.attempts_later),
            Cell::rate(total::rate(row.accepted_up_to, row.attempts_up_to)),
            Cell::count(row.expired_within),
            Cell::count(row.open_within),
        ];
        Row::new(number::many(row.hours, "hour", "hours"), cells)
    };
    Grid {
        caption: "What another lifetime of the queue would have meant".to_owned(),
        heads: vec![
            Head::words("Lifetime"),
            Head::numbers("Delivered by then", "of deferred"),
            Head::numbers("Delivered by then", "outcomes"),
            Head::numbers("Delivered later: lost", "outcomes, at most"),
            Head::numbers("Attempts saved", "attempts"),
            Head::numbers("Accepted since the age above", "of attempts"),
            Head::numbers("Given up by then", "outcomes"),
            Head::numbers("Last seen by then", "outcomes"),
        ],
        rows: lifetimes.iter().map(line).collect(),
        more: String::new(),
        is_sortable: false,
    }
}

fn name(number: i64) -> String {
    if number > 10 { "11 and more".to_owned() } else { number::count(number) }
}

fn schedule_grid(schedule: &[&Scheduled]) -> Grid {
    let line = |row: &&Scheduled| {
        let cells = vec![
            Cell::count(row.attempts),
            Cell::rate(total::rate(row.delivered, row.attempts)),
            Cell::span(row.gap_p50_ms),
            Cell::span(row.guide_ms),
            Cell::span(row.rfc_5321_ms),
            Cell::span(row.postfix_ms),
            Cell::span(row.exim_ms),
        ];
        Row::new(name(row.number), cells)
    };
    Grid {
        caption: "The wait before each attempt, and how many attempts were accepted".to_owned(),
        heads: vec![
            Head::words("Attempt"),
            Head::numbers("Attempts", ""),
            Head::numbers("Accepted", "of attempts"),
            Head::numbers("Waited", "median"),
            Head::numbers("Guide of 2013", "then gives up at 48 h"),
            Head::numbers("RFC 5321", "at least"),
            Head::numbers("Postfix", "by default"),
            Head::numbers("Exim", "by default"),
        ],
        rows: schedule.iter().map(line).collect(),
        more: String::new(),
        is_sortable: false,
    }
}

/// Outcomes by the number of attempts that they took.
fn numbers(tables: &Tables) -> Grid {
    let mut sums: BTreeMap<i64, [i64; 5]> = BTreeMap::new();
    for row in &tables.retries {
        let sum = sums.entry(row.tries).or_default();
        let failed = row.bounced_later + row.bounced + row.blocked + row.expired;
        let open = row.deferred + row.queued + row.cancelled + row.unknown;
        let counts = [row.outcomes, row.delivered, failed, open, row.attempts];
        sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let row = |(&tries, &[outcomes, delivered, failed, open, attempts]): (&i64, &[i64; 5])| {
        let rate: Rate = total::rate(delivered, outcomes - open);
        let counts = [outcomes, delivered, failed, open].map(Cell::count);
        Row::new(name(tries), counts.into_iter().chain([Cell::rate(rate), Cell::count(attempts)]).collect())
    };
    Grid {
        caption: "Outcomes by the number of real attempts that they took".to_owned(),
        heads: vec![
            Head::words("Attempts"),
            Head::numbers("Outcomes", ""),
            Head::numbers("Delivered", "outcomes"),
            Head::numbers("Failed", "outcomes"),
            Head::numbers("No known end", "outcomes"),
            Head::numbers("Delivered", "of resolved"),
            Head::numbers("All attempts", "attempts"),
        ],
        rows: sums.iter().map(row).collect(),
        more: String::new(),
        is_sortable: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    fn plain(text: &str) -> String {
        text.replace(number::GAP, " ")
    }

    #[test]
    fn a_shorter_lifetime_is_told_with_what_it_loses_and_a_longer_one_with_what_is_not_known() {
        let tables = fixture::small();
        let all: Vec<&Lifetime> = tables.lifetimes.iter().filter(|row| row.provider == ALL).collect();
        assert_eq!(
            plain(&lead(&all)),
            "10,000 outcomes were put off at least once; of those with a known end 85.9 % (8,500 of 9,900) were delivered, half of that within 2 hours and \
             95 % within 48 hours of reception."
        );
        assert!(plain(&shorter(&all)).starts_with(
            "Had the queue given up after 48 hours, 9,000 attempts fewer would have been made, and at most 100 outcomes lost: 1.0 % of what"
        ));
        let longer = plain(&longer(&all));
        assert!(
            longer.contains("no log can tell") && longer.contains("between 96 and 120 hours of age 0.33 % (10 of 3,000)"),
            "{longer}"
        );
    }

    #[test]
    fn greylisting_is_told_of_all_mail_with_half_of_the_time_to_pass() {
        let row = |provider: &str| GreylistRow {
            provider: provider.to_owned(),
            outcomes: 1_000,
            greylisted: 100,
            passed: 95,
            passed_p50_ms: Some(300_000),
            passed_p90_ms: Some(900_000),
        };
        let mut tables = Tables { greylisting: vec![row(ALL), row("google")], ..Tables::default() };
        assert_eq!(
            plain(&greylisting(&tables)),
            "10.0 % (100 of 1,000) of all messages were greylisted first, by the words of the reply; 95.0 % (95 of 100) passed, half of \
             these within 5 min."
        );
        assert_eq!(greylisters(&tables).rows.len(), 1);
        tables.greylisting.clear();
        assert_eq!(greylisting(&tables), "");
    }

    #[test]
    fn of_mail_that_waits_still_no_share_is_told() {
        let row = Lifetime {
            provider: ALL.to_owned(),
            hours: 24,
            deferred: 16,
            open: 16,
            delivered_share: Some(0.0),
            ..Lifetime::default()
        };
        assert_eq!(plain(&lead(&[&row])), "16 outcomes were put off at least once; none has a known end.");
        assert_eq!(chart(&[&row]).unwrap(), "");
    }

    #[test]
    fn no_retries_are_said_to_be_none() {
        assert_eq!(lead(&[]), "No mail was put off: nothing had to be tried again.");
        assert_eq!((shorter(&[]), longer(&[]), chart(&[]).unwrap()), (String::new(), String::new(), String::new()));
    }
}
