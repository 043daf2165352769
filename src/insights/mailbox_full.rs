//! Mailboxes that are full: most never empty again.

use super::{Finding, Harm, Tone, evidence, figure, number, total};
use crate::tables::Tables;

/// Full addresses below this are no finding.
const WORTH_SAYING: i64 = 20;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let period = tables.unknown_users.iter().filter(|row| row.day.is_none());
    let (full, judged) = period.fold((0, 0), |(full, judged), row| (full + row.full, judged + row.judged));
    if full < WORTH_SAYING {
        return Vec::new();
    }
    let rate = total::rate(full, judged);
    let lost: i64 = tables
        .reasons
        .iter()
        .filter(|row| row.category == "mailbox-full")
        .map(|row| row.bounced + row.expired + row.bounced_later)
        .sum();
    let rows = evidence::signatures(tables, |row| row.category == "mailbox-full");
    vec![Finding {
        id: "mailbox-full".to_owned(),
        tone: Tone::Problem,
        headline: format!("{} full", number::many(full, "mailbox is", "mailboxes are")),
        sentence: format!(
            "{} full, {} of the addresses that their servers judged; {} given up over it.",
            number::many(full, "mailbox is", "mailboxes are"),
            number::rate(rate),
            number::many(lost, "outcome was", "outcomes were"),
        ),
        why: "A full mailbox is mostly an abandoned one: it becomes an unknown user, or a trap, within months.".to_owned(),
        todo: "Remove an address after four failed messages within 30 days, later for those who get mail daily.".to_owned(),
        figures: vec![figure("addresses full, of judged", number::base(rate)), figure("outcomes lost", number::count(lost))],
        table: "unknown_users",
        help: None,
        evidence: evidence::lines(&rows),
        harm: Harm::of(lost, 0),
    }]
}
