//! Mail to domains that take none: gone, mistyped, or declared so (null MX).

use std::collections::BTreeMap;

use super::{Finding, Harm, Tone, evidence, figure, name, near_miss, number};
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
        sentence: match rows.len() {
            0 | 1 => format!("{headline}: {}.", named.concat()),
            few if few <= NAMED => format!("{headline}: {}.", named.join(", ")),
            _ => format!("{headline}. The most: {}.", named.join(", ")),
        },
        headline,
        why: "Such an address does not come back, and each costs queue time until it is given up.".to_owned(),
        todo: format!("{} Where a domain is mistyped, check the sign-up form for it.", leaving(tables)),
        figures: vec![figure("outcomes", number::count(outcomes)), figure("domains", number::count(rows.len() as i64))],
        table: "reasons",
        help: None,
        evidence: evidence::lines(&lines),
        harm: Harm::of(outcomes, 0),
    }]
}

/// Who leaves the list for it: once is no proof where a name could not be found.
fn leaving(tables: &Tables) -> String {
    match tables.suppress.iter().filter(|row| &*row.reason == "bad-domain").count() {
        0 => "Nobody leaves the list for it yet: a name that is not found counts when it is not found again three days later."
            .to_owned(),
        leaving => format!(
            "Remove the {} that suppress.csv names; the rest counts when it is not found again three days later.",
            number::many(leaving as i64, "address", "addresses")
        ),
    }
}

/// `gmial.com (1,204; gmail.com?)`
fn described(domain: &str, outcomes: i64) -> String {
    let count = number::count(outcomes);
    let shown = name::domain(domain);
    near_miss::meant(domain).map_or_else(|| format!("{shown} ({count})"), |known| format!("{shown} ({count}; {known}?)"))
}
