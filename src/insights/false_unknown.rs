//! A provider that called many good addresses unknown at once: an incident of theirs, not dead addresses.

use std::collections::{BTreeMap, HashSet};

use super::{Finding, Harm, Tone, Unit, evidence, figure, name, number};
use crate::event::Micros;
use crate::tables::Tables;
use crate::tables::lists::{HELD_BACK, Listed};

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let mut by_provider: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for row in tables.retry.iter().filter(|row| &*row.basis == HELD_BACK) {
        by_provider.entry(&row.provider).or_default().push(row);
    }
    let mut found: Vec<_> = by_provider.into_iter().collect();
    found.sort_by_key(|(provider, rows)| (std::cmp::Reverse(rows.len()), *provider));
    found.into_iter().filter_map(|(provider, rows)| finding(tables, provider, &rows)).collect()
}

fn finding(tables: &Tables, provider: &str, rows: &[&Listed]) -> Option<Finding> {
    let from: Micros = rows.iter().map(|row| row.first).min()?;
    let to = rows.iter().map(|row| row.last).max()?;
    let called = name::provider(provider);
    let held = rows.len() as i64;
    // Those too that took mail since, or failed again.
    let met = tables.unknown_users.iter().find(|row| row.day.is_none() && row.provider == provider);
    let met = met.map_or(held, |row| row.held_back.max(held));
    let addresses = number::many(met, "address", "addresses");
    let (from_then, to_then) = (number::short_time(from), number::short_time(to));
    let (when, they) = if met == held {
        (format!("between {from_then} and {to_then} that had accepted mail in the 30 days before"), "they".to_owned())
    } else {
        let last_word = format!("for {} this was the last word, between {from_then} and {to_then}", number::count(held));
        (format!("all at once that had accepted mail in the 30 days before; {last_word}"), "these".to_owned())
    };
    let said: HashSet<&str> = rows.iter().map(|row| &*row.reply).collect();
    let replies = evidence::signatures(tables, |row| said.contains(row.signature.as_str()));
    Some(Finding {
        id: format!("false-unknown-{}-{}", name::slug(provider), number::hour_id(from)),
        tone: Tone::Problem,
        headline: format!("{called} called {addresses} unknown that had just taken mail"),
        sentence: format!(
            "{called} called {addresses} unknown {when}. This looks like an incident at {called}; {they} are not in the suppression list.",
        ),
        why: "So many good addresses do not die in an hour; who removes them loses readers.".to_owned(),
        todo: "Send to them again, a few first. If they are unknown then too, they leave the list. Ask the provider's postmaster what happened."
            .to_owned(),
        figures: vec![
            figure("addresses called unknown", number::count(met)),
            figure("of them held back", number::count(held)),
            figure("first of these replies", number::time(from)),
            figure("last of these replies", number::time(to)),
        ],
        table: "retry",
        help: evidence::help(&replies),
        evidence: evidence::lines(&replies),
        harm: Harm::of(held, 0).counted(Unit::Addresses),
    })
}
