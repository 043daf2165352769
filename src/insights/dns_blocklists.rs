//! Refusals that name a block list which someone else runs.

use super::blocks::distinct;
use super::{Finding, Harm, Tone, evidence, figure, number};
use crate::tables::Tables;
use crate::tables::blocks::THROTTLING;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let rows = evidence::signatures(tables, |row| row.category == "dns-blocklist");
    let (Some(top), Some(first)) = (rows.first(), rows.iter().map(|row| row.first_seen).min()) else {
        let sentence = "No reply named a DNS block list.".to_owned();
        return if tables.totals.attempts > 0 {
            vec![Finding::quiet("no-dns-blocklist", "signatures", sentence)]
        } else {
            Vec::new()
        };
    };
    let attempts = evidence::attempts(&rows);
    // What blocks of hours tell with these words is not told again.
    let blocks = distinct(tables).filter(|row| row.kind != THROTTLING && row.category == "dns-blocklist");
    if blocks.map(|row| row.refused).sum::<i64>() >= attempts {
        return Vec::new();
    }
    let reasons = || tables.reasons.iter().filter(|row| row.category == "dns-blocklist");
    let lost = reasons().map(|row| row.bounced_later + row.bounced + row.blocked + row.expired).sum();
    let waiting = reasons().map(|row| row.deferred).sum();
    let refusals = number::many(attempts, "refusal names", "refusals name");
    let whom = evidence::whom(rows.iter().map(|row| row.provider.as_str()));
    vec![Finding {
        id: "dns-blocklist".to_owned(),
        tone: Tone::Problem,
        headline: format!("{refusals} a DNS block list, at {whom}"),
        sentence: format!(
            "{refusals} a DNS block list, at {whom}, since {}. The commonest: “{}”",
            number::short_time(first),
            top.signature
        ),
        why: "A listed source is refused by everybody who asks that list, whatever is in the mail.".to_owned(),
        todo: "Look up the listed address at the list that the reply names, mend the cause, then ask there for removal."
            .to_owned(),
        figures: vec![figure("attempts refused", number::count(attempts)), figure("refused by", whom)],
        table: "signatures",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        harm: Harm::of(lost, waiting),
    }]
}
