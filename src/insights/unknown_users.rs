//! Providers that call too many of our addresses unknown.

use super::interval::Days;
use super::thresholds::{Threshold, UNKNOWN_USERS};
use super::{Finding, Harm, Tone, Unit, evidence, figure, name, number, total};
use crate::tables::Tables;
use crate::tables::lists::Listed;
use crate::tables::unknown_users::UnknownUsers;

/// Fewer unknown addresses than this are no finding of their own: the list of dead addresses has them.
const WORTH_SAYING: i64 = 20;
/// How many providers are named.
const NAMED: usize = 5;

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
    let day = worst_day(tables, row);
    let came = day.map_or_else(String::new, |(day, unknown)| {
        format!(" {} of them came on {}.", number::count(unknown), number::date(day))
    });
    // Of the whole period: which sender's mail met which unknown address on which day no table holds.
    let sender = sender(tables, &row.provider)
        .map_or_else(String::new, |domain| format!(" Most hard bounces there were mail of {domain}."));
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
            match day {
                Some((day, _)) => format!("Look at what was sent on {}.", number::date(day)),
                None => format!("Look at the days at {provider} when the rate rose."),
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

/// The day on which half of a provider's unknown addresses or more were met, and how many; None: no day stands out.
fn worst_day(tables: &Tables, whole: &UnknownUsers) -> Option<(i32, i64)> {
    let days = tables.unknown_users.iter().filter(|row| row.provider == whole.provider);
    let days: Vec<(i32, i64)> = days.filter_map(|row| Some((row.day?, dead(row)))).collect();
    let worst = days.iter().copied().max_by_key(|&(day, unknown)| (unknown, std::cmp::Reverse(day)))?;
    (days.len() > 1 && 2 * worst.1 >= dead(whole)).then_some(worst)
}

/// The sender domain of more than half of the hard bounces at a provider; None: no single one, or there is but one.
fn sender<'a>(tables: &'a Tables, provider: &str) -> Option<&'a str> {
    let there = || tables.senders.iter().filter(|row| row.provider == provider && row.outcomes > 0);
    let hard: i64 = there().map(|row| row.hard).sum();
    let worst = there().max_by(|a, b| a.hard.cmp(&b.hard).then_with(|| b.sender_domain.cmp(&a.sender_domain)))?;
    let stands_out = there().count() > 1 && 2 * worst.hard > hard && !worst.sender_domain.is_empty();
    stands_out.then_some(worst.sender_domain.as_str())
}
