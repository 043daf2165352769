//! The head of the page: the month in a sentence, what must be known before any figure is read, six figures, what was read.

use askama::Template;

use crate::insights::interval::Days;
use crate::insights::thresholds::{HARD_BOUNCES, Threshold, UNKNOWN_USERS};
use crate::insights::{blocks, gaps, number, total};
use crate::report::Error;
use crate::report::charts::spark::spark;
use crate::report::charts::whisker::whisker;
use crate::report::facts::{self, Facts};
use crate::report::text;
use crate::stats::{Interval, Rate};
use crate::tables::blocks::Block;
use crate::tables::delays::DelayRow;

/// A larger share without a known end than this makes every rate doubtful.
const TOO_MUCH_UNRESOLVED: f64 = 0.2;
/// A larger share than this is said beside the delivered rate.
const WORTH_SAYING: f64 = 0.005;

#[derive(Template)]
#[template(path = "sections/opening.html")]
struct Opening {
    title: String,
    sentence: String,
    warnings: Vec<String>,
    cards: Vec<Card>,
    read: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

/// One of the six figures.
struct Card {
    /// Its definition's id.
    id: &'static str,
    label: &'static str,
    value: String,
    base: String,
    interval: String,
    is_faint: bool,
    whisker: String,
    spark: String,
    spark_label: &'static str,
}

/// The head of the page.
pub(in crate::report) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let opening = Opening {
        title: facts.title(),
        sentence: sentence(facts),
        warnings: warnings(facts),
        cards: cards(facts)?,
        read: read(facts),
        notes: facts.about.notes.clone(),
    };
    Ok(opening.render()?)
}

/// The month in one sentence, or three short ones.
pub(in crate::report) fn sentence(facts: &Facts<'_>) -> String {
    let rate = Facts::delivered_rate(&facts.all);
    if rate.of == 0 {
        return format!("{} to recipients, none with a known end.", number::many(facts.all.outcomes, "message", "messages"));
    }
    let unresolved = total::rate(total::unresolved(&facts.all), facts.all.outcomes);
    let of_those = if unresolved.value().is_some_and(|share| share > WORTH_SAYING) { " of those with a known end" } else { "" };
    let mut sentence = format!(
        "Of {} to recipients, {}{of_those} were delivered.",
        number::many(facts.all.outcomes, "message", "messages"),
        number::rate(rate),
    );
    if let Some(block) = worst_block(facts) {
        sentence.push(' ');
        sentence.push_str(&block_sentence(block));
    }
    let dead = facts.tables.totals.hard_addresses;
    if dead > 0 {
        sentence.push_str(&format!(" {} leave the list.", number::many(dead, "address must", "addresses must")));
    }
    sentence
}

/// The episode that cost most.
fn worst_block<'a>(facts: &Facts<'a>) -> Option<&'a Block> {
    let blocks = facts.tables.blocks.iter().filter(|row| row.kind == blocks::BLOCK);
    blocks.max_by_key(|row| (row.lost, row.refused, std::cmp::Reverse(row.first_hour)))
}

fn block_sentence(row: &Block) -> String {
    let cost = match row.lost {
        0 => String::new(),
        lost => format!("; it cost {}", number::many(lost, "recipient", "recipients")),
    };
    format!(
        "{} refused {} for {} from {}{cost}.",
        text::provider(&row.provider),
        text::shortened(&blocks::refused_source(row), 40),
        number::many(row.hours, "hour", "hours"),
        number::short_time(row.first_hour),
    )
}

/// What puts the figures in doubt.
pub(in crate::report) fn warnings(facts: &Facts<'_>) -> Vec<String> {
    let mut warnings = facts.about.warnings.clone();
    let gaps = gaps::gaps(facts.tables);
    if let Some((from, to)) = gaps.first() {
        let more = match gaps.len() - 1 {
            0 => String::new(),
            more => format!(", and {} more", number::many(more as i64, "gap", "gaps")),
        };
        warnings.push(format!(
            "There is no log from {} to {}{more}: figures for that time are missing, not zero.",
            number::short_time(*from),
            number::short_time(*to),
        ));
    }
    let unresolved = total::rate(total::unresolved(&facts.all), facts.all.outcomes);
    if unresolved.value().is_some_and(|share| share > TOO_MUCH_UNRESOLVED) {
        warnings.push(format!(
            "{} of the mail ({}) has no known end in these logs: every rate here is about the rest.",
            number::rate(unresolved),
            number::base(unresolved),
        ));
    }
    warnings
}

/// What a card is made of.
struct Figure<'a> {
    id: &'static str,
    label: &'static str,
    rate: Rate,
    interval: Option<Interval>,
    marks: Option<Threshold>,
    days: &'a [Option<f64>],
    spark_label: &'static str,
}

fn cards(facts: &Facts<'_>) -> Result<Vec<Card>, Error> {
    let all = &facts.all;
    let resolved = total::resolved(all);
    let daily = |part: &dyn Fn(&crate::tables::timeline::Day) -> (i64, i64)| -> Vec<Option<f64>> {
        facts.days.iter().map(|day| part(day)).map(|(part, of)| total::rate(part, of).value()).collect()
    };
    let of_days = |days: &Days, rate: Rate| (rate.of > 0).then(|| days.interval(total::ALL, rate));
    let delivered = Facts::delivered_rate(all);
    let lost = total::rate(all.lost_to_blocks, resolved);
    let hard = total::rate(all.hard, resolved);
    let unknown = total::unknown_users(facts.tables);
    let (within, within_days) = within(facts.delay(total::ALL));
    let waiting = total::rate(all.deferred + all.queued, all.outcomes);
    let unknown_days: Vec<Option<f64>> = facts.unknown_users.of(total::ALL).iter().map(|day| day.value()).collect();
    let figures = [
        Figure {
            id: "delivered_rate",
            label: "Delivered",
            rate: delivered,
            interval: of_days(&facts.delivered, delivered),
            marks: None,
            days: &daily(&|day| (day.delivered, facts::resolved(day))),
            spark_label: "delivered, day by day",
        },
        Figure {
            id: "block_rate",
            label: "Lost to blocks",
            rate: lost,
            interval: of_days(&facts.blocked, lost),
            marks: None,
            days: &daily(&|day| (day.blocked, facts::resolved(day))),
            spark_label: "blocked, day by day",
        },
        Figure {
            id: "hard_rate",
            label: "Hard bounces",
            rate: hard,
            interval: of_days(&facts.bounced, hard),
            marks: Some(HARD_BOUNCES),
            days: &daily(&|day| (day.bounced, facts::resolved(day))),
            spark_label: "bounced, day by day",
        },
        Figure {
            id: "unknown_user_rate",
            label: "Unknown users",
            rate: unknown,
            interval: of_days(&facts.unknown_users, unknown),
            marks: Some(UNKNOWN_USERS),
            days: &unknown_days,
            spark_label: "unknown, day by day",
        },
        Figure {
            id: "accepted_within",
            label: "Within 1 hour",
            rate: within,
            interval: of_days(&facts.delivered, within),
            marks: None,
            days: &within_days,
            spark_label: "within 1 min, 10 min, 1, 4, 24, 48 h",
        },
        Figure {
            id: "waiting_share",
            label: "Still waiting",
            rate: waiting,
            interval: None,
            marks: None,
            days: &daily(&|day| (day.deferred + day.queued, day.outcomes)),
            spark_label: "waiting, by day of reception",
        },
    ];
    figures.iter().map(card).collect()
}

/// Accepted within an hour as a rate of what was tried, and the shares at all ages.
fn within(row: Option<&DelayRow>) -> (Rate, Vec<Option<f64>>) {
    let Some(row) = row else { return (Rate::default(), Vec::new()) };
    let accepted = (row.within_1h.unwrap_or(0.0) * row.outcomes as f64).round() as i64;
    (total::rate(accepted, row.outcomes), super::providers::within_shares(row).to_vec())
}

fn card(figure: &Figure<'_>) -> Result<Card, Error> {
    let rate = figure.rate;
    let is_faint = rate.is_too_little();
    let marks: Vec<f64> = figure.marks.map_or_else(Vec::new, |marks| vec![marks.watch, marks.act]);
    let interval = figure.interval.filter(|_| !is_faint);
    let words = interval.map_or_else(String::new, |interval| number::interval(rate, interval));
    let whisker = match (rate.value(), interval) {
        (Some(value), Some(interval)) => {
            let marks_words = marks.iter().map(|mark| number::tick(*mark)).collect::<Vec<_>>().join(" and ");
            let marked = if marks.is_empty() { String::new() } else { format!(" Marks at {marks_words}.") };
            let description = format!("{}; 95 % interval {words}.{marked}", number::rate_in_full(rate));
            whisker(value, interval, &marks).paint(&format!("w-{}", figure.id), figure.label, &description)?
        }
        (None | Some(_), None | Some(_)) => String::new(),
    };
    let known = || figure.days.iter().flatten().copied();
    let spark = if known().count() > 1 {
        let (low, high) = (known().fold(f64::MAX, f64::min), known().fold(0.0, f64::max));
        let description = format!("Between {} and {}.", number::percent(low), number::percent(high));
        let mark = figure.marks.map(|marks| marks.watch);
        spark(figure.days, mark).paint(&format!("k-{}", figure.id), figure.spark_label, &description)?
    } else {
        String::new()
    };
    Ok(Card {
        id: figure.id,
        label: figure.label,
        value: number::rate(rate),
        base: if is_faint { format!("{}: too little mail", number::base(rate)) } else { number::base(rate) },
        interval: words,
        is_faint,
        whisker,
        spark_label: if spark.is_empty() { "" } else { figure.spark_label },
        spark,
    })
}

/// What was read, in short.
fn read(facts: &Facts<'_>) -> Vec<(&'static str, String)> {
    let (tables, about) = (facts.tables, facts.about);
    let sum = |of: fn(&crate::tables::inputs::Input) -> i64| tables.inputs.iter().map(of).sum::<i64>();
    let files = number::many(tables.inputs.len() as i64, "file", "files");
    let mut read = vec![(
        "Read",
        format!("{files}, {}, {}", number::bytes(sum(|row| row.bytes)), number::many(sum(|row| row.lines), "line", "lines")),
    )];
    if !tables.totals.hosts.is_empty() {
        read.push(("Hosts", hosts(&tables.totals.hosts)));
    }
    if let Some((first, last)) = tables.totals.stamps {
        read.push(("Log", format!("{} to {}, UTC", number::time(first), number::time(last))));
    }
    read.push(("Made by", format!("mailtally {}", about.version)));
    if !about.command.is_empty() {
        read.push(("Command", text::shortened(&about.command, 300)));
    }
    if !tables.totals.digest.is_empty() {
        read.push(("Inputs' SHA-256", tables.totals.digest.chars().take(16).collect()));
    }
    read
}

/// The first few hosts by name.
pub(in crate::report) fn hosts(hosts: &[String]) -> String {
    const NAMED: usize = 6;
    let named: Vec<String> = hosts.iter().take(NAMED).map(|host| text::shortened(host, 40)).collect();
    match hosts.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {} more", named.join(", "), number::count(more as i64)),
    }
}
