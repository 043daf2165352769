//! Providers that call too many of our addresses unknown.

use super::bad_days::{self, BadDays};
use super::blocks;
use super::interval::Days;
use super::thresholds::{Threshold, UNKNOWN_USERS};
use super::{Finding, Harm, Tone, Unit, evidence, figure, name, number, total};
use crate::tables::Tables;
use crate::tables::blocks::Block;
use crate::tables::lists::Listed;
use crate::tables::unknown_users::UnknownUsers;

/// Fewer unknown addresses than this are no finding of their own: the list of dead addresses has them.
const WORTH_SAYING: i64 = 20;
/// How many providers are named.
const NAMED: usize = 5;
/// A block that begins so many days after a day of many unknown users is told beside it.
const DAYS_AFTER: i32 = 7;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let worth_saying = |row: &&UnknownUsers| row.day.is_none() && dead(row) >= WORTH_SAYING;
    let mut rows: Vec<&UnknownUsers> = tables.unknown_users.iter().filter(worth_saying).collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let days = Days::dead_addresses(tables);
    // The whole interval must lie above, else a small provider's luck would be a finding.
    rows.retain(|row| days.interval(&row.provider, total::rate(dead(row), row.judged)).lower > UNKNOWN_USERS.watch);
    rows.sort_by(|a, b| dead(b).cmp(&dead(a)).then_with(|| a.provider.cmp(&b.provider)));
    rows.truncate(NAMED);
    rows.into_iter().map(|row| finding(tables, &days, row)).collect()
}

/// Addresses that are unknown by themselves: those called so all at once with many good ones are a finding of their own, and stay.
const fn dead(row: &UnknownUsers) -> i64 {
    row.unknown - row.held_back
}

fn finding(tables: &Tables, days: &Days<'_>, row: &UnknownUsers) -> Finding {
    let provider = name::provider(&row.provider);
    let rate = total::rate(dead(row), row.judged);
    let interval = days.interval(&row.provider, rate);
    let Threshold { watch, act, .. } = UNKNOWN_USERS;
    let (mark, verdict) = if interval.lower > act { (act, "far above") } else { (watch, "above") };
    let does = name::verb(&provider, "does", "do");
    let is_unknown = |category: &str| matches!(category, "unknown-user" | "inactive-mailbox");
    let aside = match row.held_back {
        0 => String::new(),
        held => format!(
            " {} more are not in this: called unknown all at once with many good ones, which is no word about them.",
            number::count(held)
        ),
    };
    let bad_days = bad_days::find(tables, &row.provider);
    let is_of_one_day =
        tables.unknown_users.iter().filter(|day| day.provider == row.provider && day.day.is_some()).count() == 1;
    let came = bad_days
        .as_ref()
        .map_or_else(String::new, |bad| format!(" {}{}", bad.sentence(), block_after(tables, &row.provider, bad)));
    // Of the whole period: which sender's mail met which unknown address on which day no table holds.
    let sender = sender(tables, &row.provider)
        .map_or_else(String::new, |domain| format!(" Most hard bounces there were mail of {}.", name::domain(domain)));
    // They are told among all that must leave the list, too.
    let leaves = |one: &&Listed| *one.provider == *row.provider && is_unknown(&one.reason);
    let leaving = tables.suppress.iter().filter(leaves).count() as i64;
    let rows = evidence::signatures(tables, |sig| sig.provider == row.provider && is_unknown(&sig.category));
    Finding {
        id: format!("unknown-users-{}", name::slug(&row.provider)),
        tone: Tone::Problem,
        headline: format!("{provider} {does} not know {} of our addresses there", number::rate(rate)),
        sentence: format!(
            "{provider} {does} not know {} of our addresses there ({}; 95\u{a0}%: {}), {verdict} the mark of {}.{came}{sender}{aside}",
            number::rate(rate),
            number::base(rate),
            number::interval(rate, interval),
            number::tick(mark),
        ),
        why: "The best senders stay below 1\u{a0}%; from 5\u{a0}% on providers block or filter for it.".to_owned(),
        todo: format!(
            "Remove those that suppress.csv names, and ask where they came from: a form, an import or an old list. {}",
            match bad_days {
                Some(bad) => format!("Look at what was sent on {}.", bad.names()),
                None if is_of_one_day => "All were met on one day: look at what was sent on it.".to_owned(),
                None => "No day stands out: look at the list as a whole, not at one mailing.".to_owned(),
            }
        ),
        figures: vec![
            figure("addresses unknown, of judged", number::base(rate)),
            figure("addresses tried", number::count(row.attempted)),
            figure("of them full", number::count(row.full)),
            figure("of the unknown, on the list of those to be removed", number::count(leaving)),
        ],
        table: "unknown_users",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        harm: Harm::of(dead(row), 0).counted(Unit::Addresses),
    }
}

/// The first block there that began after such days; that it did proves nothing, and is said to prove nothing.
fn block_after(tables: &Tables, provider: &str, bad: &BadDays) -> String {
    let Some(last) = bad.days.last() else { return String::new() };
    let is_after = |row: &&Block| {
        row.kind == blocks::BLOCK && row.provider == *provider && (1..=DAYS_AFTER).contains(&(row.first_hour.day() - last))
    };
    let Some(block) = blocks::distinct(tables).filter(is_after).min_by_key(|row| row.first_hour) else { return String::new() };
    let later = number::many(i64::from(block.first_hour.day() - last), "day", "days");
    format!(
        " A block there began {later} later, on {}: an order in time, no proof; the section on unknown users weighs more.",
        number::short_time(blocks::began(block))
    )
}

/// The sender domain of more than half of the hard bounces at a provider; None: no single one, or there is but one.
fn sender<'a>(tables: &'a Tables, provider: &str) -> Option<&'a str> {
    let there = || tables.senders.iter().filter(|row| row.provider == provider && row.outcomes > 0);
    let hard: i64 = there().map(|row| row.hard).sum();
    let worst = there().max_by(|a, b| a.hard.cmp(&b.hard).then_with(|| b.sender_domain.cmp(&a.sender_domain)))?;
    let stands_out = there().count() > 1 && 2 * worst.hard > hard && !worst.sender_domain.is_empty();
    stands_out.then_some(worst.sender_domain.as_str())
}
