//! What single refusals by policy cost, by their reason: the sum of many that are no block of hours.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Harm, Tone, evidence, figure, name, number};
use crate::tables::Tables;
use crate::tables::blocks::THROTTLING;
use crate::tables::reasons::ReasonRow;

/// Reasons that have no finding of their own, and what is to be done about each.
const REASONS: [(&str, &str); 3] = [
    (
        "spam-content",
        "Look at what these mails have in common, links first, and change it; send it to a few accounts of one's own first.",
    ),
    (
        "reputation-block",
        "Look at how readers take the mail: complaints, dead addresses, mail to people who never open it; send less of that.",
    ),
    ("policy-other", "Read what the replies ask for: each provider has rules of its own."),
];
/// Fewer recipients lost to a reason are no finding.
const WORTH_SAYING: i64 = 20;
/// How many providers are named.
const NAMED: usize = 3;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    REASONS.iter().filter_map(|&(category, todo)| finding(tables, category, todo)).collect()
}

fn finding(tables: &Tables, category: &str, todo: &str) -> Option<Finding> {
    // Who refused us for hours with these words has a finding of its own.
    let blocks = tables.blocks.iter().filter(|row| row.category == category && row.kind != THROTTLING);
    let blocks: BTreeSet<&str> = blocks.map(|row| row.provider.as_str()).collect();
    let mut by_provider: BTreeMap<&str, i64> = BTreeMap::new();
    let of_category = tables.reasons.iter().filter(|row| row.category == category);
    for row in of_category.filter(|row| !blocks.contains(name::route(&row.provider))) {
        *by_provider.entry(row.provider.as_str()).or_default() += lost_to(row);
    }
    by_provider.retain(|_, n| *n > 0);
    let mut lost: Vec<(&str, i64)> = by_provider.iter().map(|(provider, n)| (*provider, *n)).collect();
    lost.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let all: i64 = lost.iter().map(|(_, n)| n).sum();
    if all < WORTH_SAYING {
        return None;
    }
    let named: Vec<String> =
        lost.iter().take(NAMED).map(|(provider, n)| format!("{} ({})", name::provider(provider), number::count(*n))).collect();
    let routes: BTreeSet<&str> = by_provider.keys().map(|provider| name::route(provider)).collect();
    let rows = evidence::signatures(tables, |row| row.category == category && routes.contains(row.provider.as_str()));
    let headline = format!(
        "{} lost to refusals that are no block of hours: {}",
        number::many(all, "recipient was", "recipients were"),
        name::category(category)
    );
    let providers = lost.len() as i64;
    Some(Finding {
        id: format!("refusals-{category}"),
        tone: Tone::Problem,
        sentence: format!(
            "{headline}, at {}{}{}.",
            number::many(providers, "provider", "providers"),
            if providers > NAMED as i64 { ", most at " } else { ": " },
            named.join(", "),
        ),
        headline,
        why: "Nobody closed the door, but mail by mail it adds up; it is often seen before a block.".to_owned(),
        todo: todo.to_owned(),
        figures: vec![figure("recipients lost", number::count(all)), figure("providers", number::count(providers))],
        table: "reasons",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        harm: Harm::of(all, 0),
    })
}

/// Outcomes that a reason of policy cost: refused, or given up for it.
const fn lost_to(row: &ReasonRow) -> i64 {
    row.blocked + row.expired
}
