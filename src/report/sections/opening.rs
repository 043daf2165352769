//! The head of the page: the month in a sentence, what must be known before any figure is read, six figures, what was read.

use std::fmt::Write;

use askama::Template;

use super::cards::{self, Card};
use crate::insights::{blocks, gaps, number, smarthost, total};
use crate::report::Error;
use crate::report::facts::Facts;
use crate::report::text;
use crate::tables::Tables;
use crate::tables::blocks::Block;

/// A larger share without a known end than this makes every rate doubtful.
const TOO_MUCH_UNRESOLVED: f64 = 0.2;
/// A larger share than this is said beside the delivered rate.
const WORTH_SAYING: f64 = 0.005;
/// Part of what was lost to blocks below which the blocks of hours are not the news.
const HARDLY: f64 = 0.05;

#[derive(Template)]
#[template(path = "sections/opening.html")]
struct Opening {
    title: String,
    sentence: String,
    warnings: Vec<String>,
    cards: Vec<Card>,
    /// What delivered means: the words of weight, then the rest.
    meaning: (&'static str, &'static str),
    read: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

/// The head of the page.
pub(in crate::report) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let opening = Opening {
        title: facts.title(),
        sentence: sentence(facts),
        warnings: warnings(facts),
        cards: cards::cards(facts)?,
        meaning: facts.taken.meaning(),
        read: read(facts),
        notes: facts.about.notes.clone(),
    };
    Ok(opening.render()?)
}

/// The month in one sentence, or three short ones.
pub(in crate::report) fn sentence(facts: &Facts<'_>) -> String {
    let rate = Facts::delivered_rate(&facts.all);
    let mail = number::many(facts.all.outcomes, "message to a recipient", "messages to recipients");
    if rate.of == 0 {
        return match facts.all.outcomes {
            0 => "No message to a recipient.".to_owned(),
            1 => format!("{mail}, without a known end."),
            _ => format!("{mail}, none with a known end."),
        };
    }
    if facts.is_behind_smarthost {
        return format!(
            "Of {mail}, {} were handed to the smarthost; what became of them there, these logs do not tell.",
            number::rate(rate),
        );
    }
    let unresolved = total::rate(total::unresolved(&facts.all), facts.all.outcomes);
    let of_those = if unresolved.value().is_some_and(|share| share > WORTH_SAYING) { " of those with a known end" } else { "" };
    // Of a few, how many says more than which share.
    let (share, were) = match (rate.is_too_little(), rate.part) {
        (true, 0) => ("none".to_owned(), "was"),
        (true, 1) => ("1".to_owned(), "was"),
        (true, few) => (number::count(few as i64), "were"),
        (false, _) => (number::rate(rate), "were"),
    };
    let mut sentence = format!("Of {mail}, {share}{of_those} {were} {}.", facts.taken.verb());
    if let Some(block) = worst_block(facts) {
        sentence.push(' ');
        sentence.push_str(&scattered(facts).unwrap_or_else(|| block_sentence(block)));
    }
    let dead = facts.tables.totals.suppressed;
    if dead > 0 {
        // Writing to a string cannot fail.
        let _infallible = write!(sentence, " {} leave the list.", number::many(dead, "address must", "addresses must"));
    }
    sentence
}

/// The block, or the day of refusals, that cost most.
fn worst_block<'a>(facts: &Facts<'a>) -> Option<&'a Block> {
    let at_stake = |row: &Block| row.lost + if row.is_open { row.waiting } else { 0 };
    blocks::told(facts.tables).max_by_key(|row| (at_stake(row), row.refused, std::cmp::Reverse(row.first_hour)))
}

/// The sum of what refusals by policy cost, where all blocks of hours and days that are over have hardly a part in it: then none of them is
/// the news.
fn scattered(facts: &Facts<'_>) -> Option<String> {
    let in_blocks: i64 = blocks::told(facts.tables).map(|row| row.lost).sum();
    let is_open = blocks::told(facts.tables).any(|row| row.is_open);
    let lost = facts.all.lost_to_blocks;
    let is_little = total::rate(in_blocks, lost).value().is_some_and(|share| share < HARDLY);
    (!is_open && is_little).then(|| {
        format!("Refusals by policy cost {}, hardly any in a block of hours.", number::many(lost, "recipient", "recipients"))
    })
}

fn block_sentence(row: &Block) -> String {
    let waiting = |n: i64| number::many(n, "recipient is", "recipients are");
    let cost = match (row.lost, row.waiting) {
        (0, 0) => String::new(),
        (0, n) => format!("; {} still waiting", waiting(n)),
        (lost, 0) => format!("; it cost {}", number::many(lost, "recipient", "recipients")),
        (lost, n) => format!("; it cost {}, {} still waiting", number::many(lost, "recipient", "recipients"), waiting(n)),
    };
    let when = if row.kind == blocks::REFUSED_DAY {
        format!("on {}", number::date(row.first_hour.day()))
    } else {
        format!("for {} from {}", number::many(row.hours, "hour", "hours"), number::short_time(blocks::began(row)))
    };
    format!("{} refused {} {when}{cost}.", text::provider(&row.provider), text::shortened(&blocks::refused_source(row), 40))
}

/// What puts the figures in doubt.
pub(in crate::report) fn warnings(facts: &Facts<'_>) -> Vec<String> {
    let mut warnings: Vec<String> =
        smarthost::warnings(facts.tables).iter().map(|warning| text::shortened(warning, 500)).collect();
    warnings.extend(facts.about.warnings.iter().cloned());
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
    let inputs = &facts.tables.inputs;
    let unread = inputs.iter().filter(|row| row.format == "unknown").count();
    if unread > 0 {
        warnings.push(format!(
            "{} of {} {} of no format that is known: nothing of {} is counted.",
            number::count(unread as i64),
            number::many(inputs.len() as i64, "file", "files"),
            if unread == 1 { "is" } else { "are" },
            if unread == 1 { "it" } else { "them" },
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

/// What was read, in short.
fn read(facts: &Facts<'_>) -> Vec<(&'static str, String)> {
    let (tables, about) = (facts.tables, facts.about);
    let sum = |of: fn(&crate::tables::inputs::Input) -> i64| tables.inputs.iter().map(of).sum::<i64>();
    let mut read = vec![(
        "Read",
        format!(
            "{}, {}, {}",
            files(tables),
            number::bytes(sum(|row| row.bytes)),
            number::many(sum(|row| row.lines), "line", "lines")
        ),
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

/// How many files were read; of the others nothing is in any figure.
pub(in crate::report) fn files(tables: &Tables) -> String {
    let read = tables.inputs.iter().filter(|row| row.lines > 0).count();
    let files = number::many(read as i64, "file", "files");
    match tables.inputs.len() - read {
        0 => files,
        others => format!("{files} ({} more not read)", number::count(others as i64)),
    }
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
