//! Refusals that say who we are was not proven: SPF, DKIM, DMARC, PTR.

use std::collections::{BTreeSet, HashMap};

use super::evidence::ByProvider;
use super::{Finding, Harm, Tone, evidence, figure, name, number};
use crate::tables::Tables;
use crate::tables::signatures::Signature;

/// What a reply may name, as it is spelled in replies and as it is spelled here.
const MECHANISMS: [(&str, &str); 7] = [
    ("SPF", "SPF"),
    ("DKIM", "DKIM"),
    ("DMARC", "DMARC"),
    ("PTR", "PTR"),
    ("RDNS", "PTR"),
    ("REVERSE DNS", "PTR"),
    ("REVERSE HOSTNAME", "PTR"),
];

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let all = evidence::signatures(tables, |row| row.category == "authentication");
    if all.is_empty() {
        let sentence = "No refusal named SPF, DKIM, DMARC or PTR.".to_owned();
        return if tables.totals.attempts > 0 {
            vec![Finding::quiet("no-authentication", "signatures", sentence)]
        } else {
            Vec::new()
        };
    }
    let providers: BTreeSet<&str> = all.iter().map(|row| row.provider.as_str()).collect();
    let signatures = ByProvider::of(tables);
    let mut lost: HashMap<&str, i64> = HashMap::new();
    for row in tables.reasons.iter().filter(|row| row.category == "authentication") {
        // Reasons name a domain that runs its own servers by itself, replies all of these together.
        *lost.entry(name::route(&row.provider)).or_default() += row.bounced_later + row.blocked + row.bounced + row.expired;
    }
    let finding = |id| {
        let rows = signatures.signatures(id, |row| row.category == "authentication");
        finding(id, &rows, lost.get(id).copied().unwrap_or_default())
    };
    providers.into_iter().map(finding).collect()
}

fn finding(id: &str, rows: &[&Signature], lost: i64) -> Finding {
    let provider = name::provider(id);
    let attempts = evidence::attempts(rows);
    let text: String = rows.iter().map(|row| row.signature.to_ascii_uppercase()).collect();
    let mut named: Vec<&str> = MECHANISMS.iter().filter(|(spelled, _)| text.contains(spelled)).map(|(_, name)| *name).collect();
    named.dedup();
    let what = if named.is_empty() { "the sender's identity".to_owned() } else { named.join(", ") };
    let headline = format!("{provider} refused {} over {what}", number::many(attempts, "attempt", "attempts"));
    Finding {
        id: format!("authentication-{}", name::slug(id)),
        tone: Tone::Problem,
        sentence: format!("{headline}. The commonest reply: “{}”", rows.first().map_or("", |row| row.signature.as_str())),
        headline,
        why: "Large providers refuse what they cannot tie to its sender; from 5,000 messages a day on they ask for SPF, DKIM and DMARC together.".to_owned(),
        todo: format!("Check {what} of the sender domains and sources in these replies, DNS first. Retrying does not help before."),
        figures: vec![figure("attempts refused", number::count(attempts)), figure("recipients lost", number::count(lost))],
        table: "signatures",
        help: evidence::help(rows),
        evidence: evidence::lines(rows),
        harm: Harm::of(lost, 0),
    }
}
