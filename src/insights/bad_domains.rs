//! Mail to domains that take none: gone, mistyped, or declared so (null MX).

use std::collections::BTreeMap;

use super::{Finding, Harm, Tone, evidence, figure, near_miss, number};
use crate::tables::Tables;

/// How many domains are named.
const NAMED: usize = 5;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let mut by_domain: BTreeMap<&str, i64> = BTreeMap::new();
    for row in tables.reasons.iter().filter(|row| row.category == "bad-domain") {
        *by_domain.entry(&row.provider).or_default() += row.outcomes;
    }
    let mut rows: Vec<(&str, i64)> = by_domain.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let outcomes: i64 = rows.iter().map(|(_, outcomes)| outcomes).sum();
    if outcomes == 0 {
        return Vec::new();
    }
    let named: Vec<String> = rows.iter().take(NAMED).map(|(domain, n)| described(domain, *n)).collect();
    let lines = evidence::signatures(tables, |row| row.category == "bad-domain");
    let domains = number::many(rows.len() as i64, "domain that takes", "domains that take");
    let headline = format!("{} sent to {domains} no mail", number::many(outcomes, "message was", "messages were"));
    vec![Finding {
        id: "bad-domains".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}. The most: {}.", named.join(", ")),
        headline,
        why: "These addresses can never work, and each costs queue time until it is given up.".to_owned(),
        todo: "Remove them; where a domain is a slip of the finger, check the sign-up form for it.".to_owned(),
        figures: vec![figure("outcomes", number::count(outcomes)), figure("domains", number::count(rows.len() as i64))],
        table: "reasons",
        help: None,
        evidence: evidence::lines(&lines),
        harm: Harm { lost: outcomes, delayed: 0 },
    }]
}

/// `gmial.com (1,204; gmail.com?)`
fn described(domain: &str, outcomes: i64) -> String {
    let count = number::count(outcomes);
    near_miss::meant(domain).map_or_else(|| format!("{domain} ({count})"), |known| format!("{domain} ({count}; {known}?)"))
}
