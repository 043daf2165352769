//! The head: whether delivery changed, in a sentence; what must be known first; six figures; what was read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use askama::Template;

use super::{Sides, words};
use crate::compare::verdict;
use crate::insights::{gaps, number, smarthost, total};
use crate::report::Error;
use crate::report::sections::opening::{files, hosts};
use crate::report::taken::Taken;
use crate::report::text;
use crate::stats::Rate;
use crate::stats::effective::FEWEST_DAYS;
use crate::tables::Tables;
use crate::tables::daily::Metric;

/// Mail may be under way for about so long: a period that was followed for less is preliminary.
const QUEUE_LIFETIME_MS: i64 = 5 * 24 * 3_600_000;
/// A hundredth of a point: the least that is told.
const LEAST: f64 = 0.01;
/// Billionths of one in a point.
const POINT: f64 = 1e7;

#[derive(Template)]
#[template(path = "comparison/opening.html")]
struct Opening {
    title: String,
    sentence: String,
    warnings: Vec<String>,
    cards: Vec<Card>,
    /// What delivered or accepted means: the words of weight, then the rest.
    meaning: (&'static str, &'static str),
    read: Vec<(String, String)>,
    notes: Vec<String>,
}

/// A figure of all mail.
struct Card {
    label: &'static str,
    metric: &'static str,
    after: String,
    before: String,
    change: String,
    verdict: &'static str,
    is_faint: bool,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let (before, after) = sides.names();
    let opening = Opening {
        title: sides.title(),
        sentence: sentence(sides),
        warnings: warnings(sides),
        cards: cards(sides, &before),
        meaning: meaning(sides),
        read: vec![(before, read(sides.before)), (after, read(sides.after))],
        notes: notes(sides),
    };
    Ok(opening.render()?)
}

/// Whether delivery changed, by how much and through whom.
#[must_use]
pub fn sentence(sides: &Sides<'_>) -> String {
    let comparison = sides.comparison;
    if comparison.is_withheld {
        return "Most of the mail was handed to a smarthost: what the mailbox providers made of it stands in its log, not in these."
            .to_owned();
    }
    let Some(row) = comparison.total(comparison.headline) else {
        return "Too little mail with a known end in one of the periods: nothing can be said of delivery.".to_owned();
    };
    let figure = words::figure(row);
    let movement = words::movement(row);
    let mut text = match row.verdict.as_str() {
        verdict::WORSE => format!("Delivery got worse: {figure} {movement}."),
        verdict::BETTER => format!("Delivery got better: {figure} {movement}."),
        verdict::SMALL => format!("Delivery moved a little: {figure} {movement}."),
        // A rate of much mail is unsure only because its days differ.
        verdict::LITTLE if words::is_much(row) => {
            format!("The days differ too much to call it a lasting change: {figure} {movement}.{}", worst_days(sides))
        }
        verdict::LITTLE => format!("Too little mail to say whether delivery changed: {figure} {movement}."),
        _ => format!("No clear change in delivery: {figure} {movement}."),
    };
    if verdict::is_change(&row.verdict) {
        text.push_str(&through_whom(sides));
    } else if !words::interval(row).contains(0.0) {
        text.push_str(" That interval leaves out 0, but of so many comparisons some do by chance.");
    }
    let changed = comparison.changes.iter().filter(|row| verdict::is_change(&row.verdict)).count();
    let comparisons = number::many(comparison.changes.len() as i64, "comparison", "comparisons");
    // Writing to a string cannot fail.
    let _infallible = match changed {
        0 => write!(text, " Of {comparisons} nothing changed for sure."),
        changed => write!(text, " Of {comparisons}, {} found a change.", number::count(changed as i64)),
    };
    text
}

/// The day of each period that alone has a third of its failures.
fn worst_days(sides: &Sides<'_>) -> String {
    let (before, after) = sides.names();
    let told = [(before, sides.before), (after, sides.after)].into_iter().filter_map(|(name, tables)| {
        let (day, share) = worst_day(tables)?;
        Some(format!(" {} of what failed in {name} was received on {}.", number::rate(share), number::date(day)))
    });
    told.collect()
}

/// The day on which most failed, and its share of all that failed; None: no day stands out.
fn worst_day(tables: &Tables) -> Option<(i32, Rate)> {
    let mut days: BTreeMap<i32, i64> = BTreeMap::new();
    for row in &tables.timeline {
        *days.entry(row.day).or_default() += row.bounced_later + row.bounced + row.blocked + row.expired;
    }
    let all: i64 = days.values().sum();
    let (&day, &failed) = days.iter().max_by_key(|&(day, failed)| (failed, std::cmp::Reverse(day)))?;
    (days.len() >= 8 && 3 * failed >= all && failed > 0).then(|| (day, total::rate(failed, all)))
}

/// The largest part that one provider's own rate has, and that of the mix.
fn through_whom(sides: &Sides<'_>) -> String {
    let rows = &sides.comparison.mix;
    let mix: i64 = rows.iter().map(|row| row.mix).sum();
    let Some(first) = rows.iter().max_by_key(|row| (row.performance.abs(), std::cmp::Reverse(&row.provider))) else {
        return String::new();
    };
    let points = |billionths: i64| number::points(billionths as f64 / POINT / 100.0);
    // Less than is shown of a point is no part to be told with a sign.
    let of_mix = if (mix as f64 / POINT).abs() < LEAST { "hardly any".to_owned() } else { points(mix) };
    format!(
        " {} points come from {}’s own rate, {of_mix} from another mix of providers.",
        points(first.performance),
        text::provider(&first.provider),
    )
}

/// What puts the comparison in doubt.
#[must_use]
pub fn warnings(sides: &Sides<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let is_behind = |tables| smarthost::hides_providers(tables);
    if is_behind(sides.before) || is_behind(sides.after) {
        warnings.push(format!(
            "A smarthost took most of the mail of {}: “delivered” is what it accepted, and nothing here tells what the mailbox \
             providers did. Add its log or its events, with --own-relay.",
            match (is_behind(sides.before), is_behind(sides.after)) {
                (true, true) => "both periods",
                (true, false) => "the first period",
                (false, _) => "the second period",
            },
        ));
    }
    warnings.extend(one_sided(sides));
    warnings.extend(few_days(sides));
    let days = |tables: &Tables| total::period(tables).unwrap_or_default();
    let (before, after) = (days(sides.before), days(sides.after));
    let shared = before.1.min(after.1) - before.0.max(after.0) + 1;
    if shared > 0 && !sides.about.are_apart {
        let days = number::many(i64::from(shared), "day", "days");
        warnings.push(format!("The periods overlap by {days}: what is in both is compared with itself."));
    }
    let length = |(first, last): (i32, i32)| i64::from(last - first + 1);
    let (one, other) = (length(before), length(after));
    if (one - other).abs() > 3 {
        let many = |n: i64| number::many(n, "day", "days");
        warnings.push(format!(
            "The periods are of unequal length, {} and {}: counts cannot be compared, rates can.",
            many(one),
            many(other)
        ));
    }
    for (name, tables) in [(sides.names().0, sides.before), (sides.names().1, sides.after)] {
        if let Some((from, to)) = gaps::gaps(tables).first() {
            warnings.push(format!(
                "{name}: there is no log from {} to {}.",
                number::short_time(*from),
                number::short_time(*to)
            ));
        }
    }
    warnings
}

/// Periods of which it cannot be seen how much their days differ.
fn few_days(sides: &Sides<'_>) -> Option<String> {
    let (before, after) = sides.names();
    let days = |tables: &Tables| {
        let with_mail = tables.timeline.iter().filter(|row| row.outcomes > 0).map(|row| row.day);
        with_mail.collect::<BTreeSet<i32>>().len()
    };
    let few: Vec<String> = [(before, sides.before), (after, sides.after)]
        .into_iter()
        .map(|(name, tables)| (name, days(tables)))
        .filter(|(_, days)| (1..FEWEST_DAYS).contains(days))
        .map(|(name, days)| format!("{name} has mail on {} only", number::many(days as i64, "day", "days")))
        .collect();
    (!few.is_empty()).then(|| {
        format!(
            "{}: of fewer than {FEWEST_DAYS} days it cannot be seen how much they differ, and what is called a change may be no more than that.",
            few.join(", ")
        )
    })
}

/// What the headline's word means.
fn meaning(sides: &Sides<'_>) -> (&'static str, &'static str) {
    if sides.comparison.is_withheld {
        return (
            "Accepted means accepted by the smarthost, where one took the mail.",
            "What the mailbox providers then did, inbox or spam folder, is not visible here: such logs end where the smarthost says 250.",
        );
    }
    if sides.comparison.headline == Metric::Delivered {
        return Taken::Kept.meaning();
    }
    (
        "Accepted means accepted by their server.",
        "Inbox or spam folder is not visible here: a log ends where the other side says 250. Bounces that came later are not known of both \
         periods, so that accepted rates are compared.",
    )
}

/// What came back by mail, where one period alone knows of it: there the other would look better than it was.
fn one_sided(sides: &Sides<'_>) -> Vec<String> {
    let alone = |knows: fn(&Tables) -> bool| match (knows(sides.before), knows(sides.after)) {
        (true, false) => Some(("first", sides.before)),
        (false, true) => Some(("second", sides.after)),
        (true, true) | (false, false) => None,
    };
    let bounces = alone(|tables| tables.totals.knows_later).map(|(which, tables)| {
        let later = number::many(total::all(tables).bounced_later, "message that was bounced later", "messages that were bounced later");
        format!(
            "Bounces that came after delivery are known of the {which} period alone: {later}. Here they count as accepted, so that both \
             periods are counted alike. Name those of the other period too (--before-dsn, --after-dsn)."
        )
    });
    let complaints = alone(|tables| !tables.complaints.is_empty())
        .map(|(which, _)| format!("Complaints are known of the {which} period alone: they are not compared."));
    bounces.into_iter().chain(complaints).collect()
}

fn notes(sides: &Sides<'_>) -> Vec<String> {
    let settle = sides.about.settle_ms;
    let followed = if settle < 60_000 {
        "Both periods were followed to the end of their last day, and no further".to_owned()
    } else {
        format!("Both periods' mail was followed for {} after their end", number::span(settle))
    };
    let preliminary = if settle < QUEUE_LIFETIME_MS { ": some of it may still be under way, in both alike" } else { "" };
    let mut notes = vec![format!("{followed}{preliminary}.")];
    notes.extend(sides.about.notes.iter().cloned());
    notes
}

fn cards(sides: &Sides<'_>, before_name: &str) -> Vec<Card> {
    let wanted = [
        (sides.comparison.headline, if sides.comparison.headline == Metric::Delivered { "Delivered" } else { "Accepted" }),
        (Metric::Deferred, "Deferred at least once"),
        (Metric::Hard, "Hard bounces"),
        (Metric::UnknownUsers, "Unknown users"),
        (Metric::TouchedByBlock, "Touched by a block"),
        (Metric::WithinHour, "Within 1 hour"),
    ];
    let card = |(metric, label): (Metric, &'static str)| {
        let row = sides.comparison.total(metric)?;
        let (before, after) = words::rates(row);
        Some(Card {
            label,
            metric: metric.name(),
            after: number::rate(after),
            before: format!("{before_name}: {}", number::rate(before)),
            change: format!("{} points, {}", number::points(row.difference), number::points_interval(words::interval(row))),
            verdict: words::verdict_words(row),
            is_faint: row.verdict == verdict::LITTLE,
        })
    };
    wanted.into_iter().filter_map(card).collect()
}

/// What was read for a period, in short.
fn read(tables: &Tables) -> String {
    let sum = |of: fn(&crate::tables::inputs::Input) -> i64| tables.inputs.iter().map(of).sum::<i64>();
    let hosts = hosts(&tables.totals.hosts);
    let from = if hosts.is_empty() { String::new() } else { format!(" of {hosts}") };
    format!(
        "{}{from}, {}, {}; {}",
        files(tables),
        number::bytes(sum(|row| row.bytes)),
        number::many(sum(|row| row.lines), "line", "lines"),
        number::many(tables.totals.outcomes, "message to a recipient", "messages to recipients"),
    )
}
