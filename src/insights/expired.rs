//! Mail that our queue gave up, by the last reason that somebody gave.

use std::collections::BTreeMap;

use super::{Finding, Harm, Tone, figure, name, number, total};
use crate::tables::Tables;

/// How many reasons are named.
const NAMED: usize = 3;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let all = total::all(tables);
    if all.expired == 0 {
        return Vec::new();
    }
    let mut by_category: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &tables.reasons {
        *by_category.entry(row.category.as_str()).or_default() += row.expired;
    }
    let mut reasons: Vec<(&str, i64)> = by_category.into_iter().filter(|(_, n)| *n > 0).collect();
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let named: Vec<String> = reasons
        .iter()
        .take(NAMED)
        .map(|(category, n)| format!("{} ({})", name::category(category), number::count(*n)))
        .collect();
    let rate = total::rate(all.expired, total::resolved(&all));
    let headline = format!("{} given up after retries", number::many(all.expired, "outcome was", "outcomes were"));
    vec![Finding {
        id: "expired".to_owned(),
        tone: Tone::Problem,
        sentence: format!(
            "{headline}, {} of all with a known end. The last reason given{}: {}.",
            number::rate(rate),
            if named.len() > 1 { ", most often" } else { "" },
            if named.is_empty() { "none logged".to_owned() } else { named.join(", ") },
        ),
        headline,
        why: "The queue's age ended these, not a refusal: behind it stands the reason that every retry met.".to_owned(),
        todo: "Read the last reason: a dead server is an address to watch, a block or rate limit is a cause to mend."
            .to_owned(),
        figures: vec![figure("outcomes expired", number::base(rate))],
        table: "reasons",
        help: None,
        evidence: Vec::new(),
        harm: Harm::of(all.expired, 0),
    }]
}
