//! Mail to domains that take none: gone, mistyped, or declared so (null MX).

use super::{Finding, Harm, Tone, evidence, figure, number};
use crate::tables::Tables;

/// Domains that people mistype; one slip away from one of them is said.
const WELL_KNOWN: [&str; 10] = [
    "aol.com", "comcast.net", "gmail.com", "gmx.de", "googlemail.com", "hotmail.com", "icloud.com", "outlook.com", "web.de", "yahoo.com",
];
/// How many domains are named.
const NAMED: usize = 5;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let mut rows: Vec<(&str, i64)> = Vec::new();
    for row in tables.reasons.iter().filter(|row| row.category == "bad-domain") {
        match rows.iter_mut().find(|(provider, _)| *provider == row.provider) {
            Some((_, outcomes)) => *outcomes += row.outcomes,
            None => rows.push((&row.provider, row.outcomes)),
        }
    }
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
    WELL_KNOWN
        .iter()
        .find(|known| is_one_slip(domain, known))
        .map_or_else(|| format!("{domain} ({count})"), |known| format!("{domain} ({count}; {known}?)"))
}

/// Whether the two differ by one letter missing, added or changed, or by two neighbours swapped.
fn is_one_slip(typed: &str, meant: &str) -> bool {
    let (a, b) = (typed.as_bytes(), meant.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    match (rest_a, rest_b) {
        ([], []) => false,
        ([x, rest_x @ ..], [y, rest_y @ ..]) => {
            let swapped = matches!((rest_x, rest_y), ([x2, after_x @ ..], [y2, after_y @ ..]) if x == y2 && y == x2 && after_x == after_y);
            swapped || rest_x == rest_y || rest_x == rest_b || rest_a == rest_y
        }
        (rest, []) | ([], rest) => rest.len() == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_seen_and_two_are_not() {
        for typed in ["gmial.com", "gmai.com", "gmaill.com", "gnail.com", "gmail.co", "gmail.comm"] {
            assert!(is_one_slip(typed, "gmail.com"), "{typed}");
        }
        for typed in ["gmail.com", "mail.example.com", "gmx.com", "gm.com", ""] {
            assert!(!is_one_slip(typed, "gmail.com"), "{typed}");
        }
    }
}
