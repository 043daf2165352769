//! Addresses that must leave the list.

use super::{Finding, Harm, Tone, evidence, figure, number, total};
use crate::tables::Tables;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let dead = tables.totals.hard_addresses;
    if dead == 0 {
        return Vec::new();
    }
    let share = total::rate(dead, tables.totals.addresses);
    let by_category = |category: &str| -> i64 {
        tables.reasons.iter().filter(|row| row.category == category && row.class == "hard").map(|row| row.outcomes).sum()
    };
    let rows = evidence::signatures(tables, |row| row.class == "hard");
    vec![Finding {
        id: "dead-addresses".to_owned(),
        tone: Tone::Problem,
        headline: format!("{} leave the list", number::many(dead, "address must", "addresses must")),
        sentence: format!(
            "{} leave the list: {} of the {} addresses that were tried. Their servers call them unknown or closed, or their domain takes no mail.",
            number::many(dead, "address must", "addresses must"),
            number::rate(share),
            number::count(tables.totals.addresses),
        ),
        why: "Providers read mail to dead addresses as a sign of a bought or neglected list; it comes before blocks."
            .to_owned(),
        todo: "Remove them before the next mailing; at the latest after the second hard bounce.".to_owned(),
        figures: vec![
            figure("addresses", number::base(share)),
            figure("outcomes: unknown user", number::count(by_category("unknown-user"))),
            figure("outcomes: inactive mailbox", number::count(by_category("inactive-mailbox"))),
            figure("outcomes: bad domain", number::count(by_category("bad-domain"))),
        ],
        table: "reasons",
        help: None,
        evidence: evidence::lines(&rows),
        harm: Harm { lost: dead, delayed: 0 },
    }]
}
