//! A provider refused us for hours: from when to when, what it cost, and in which words.

use std::collections::BTreeMap;

use super::evidence::ByProvider;
use super::{Finding, Harm, Tone, evidence, figure, name, number, total};
use crate::tables::blocks::Block;
use crate::tables::signatures::Signature;
use crate::tables::{ALL, Tables};

/// `kind` of an episode that is a block, not throttling.
pub const BLOCK: &str = "block";

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let signatures = ByProvider::of(tables);
    let blocks = distinct(tables).filter(|row| row.kind == BLOCK);
    let found: Vec<Finding> = blocks.map(|row| finding(&signatures, row)).collect();
    if found.is_empty() && total::all(tables).outcomes > 0 {
        let sentence = "No provider blocked a source of ours for hours on end.".to_owned();
        return vec![Finding::quiet("no-block", "blocks", sentence)];
    }
    found
}

/// The episodes without those of a single source that are but a part of one of all sources.
pub fn distinct(tables: &Tables) -> impl Iterator<Item = &Block> {
    fn who(row: &Block) -> (&str, &str) {
        (&row.provider, &row.kind)
    }
    let mut of_all: BTreeMap<_, Vec<&Block>> = BTreeMap::new();
    for row in tables.blocks.iter().filter(|row| row.source == ALL) {
        of_all.entry(who(row)).or_default().push(row);
    }
    let is_within = |row: &Block, all: &Block| row.first_hour <= all.last_hour && all.first_hour <= row.last_hour;
    let is_part = move |row: &Block| {
        row.source != ALL && of_all.get(&who(row)).is_some_and(|all| all.iter().any(|all| is_within(row, all)))
    };
    tables.blocks.iter().filter(move |row| !is_part(row))
}

/// An episode as a noun: who was refused.
#[must_use]
pub fn refused_source(row: &Block) -> String {
    if row.source == ALL { "all our sources".to_owned() } else { row.source.clone() }
}

fn finding(signatures: &ByProvider<'_>, row: &Block) -> Finding {
    let provider = name::provider(&row.provider);
    let source = refused_source(row);
    let begin = number::short_time(row.first_hour);
    let hours = number::count(row.hours);
    let until = row.lift_before.map_or_else(|| "the end of the log".to_owned(), number::short_time);
    let refused = total::rate(row.refused, row.attempts);
    let waited = match row.lost + row.delayed {
        touched if touched > 0 && row.waited_ms > 0 => {
            format!(" They waited {} on average.", number::span(row.waited_ms / touched))
        }
        _ => String::new(),
    };
    let delayed = if row.delayed == 0 { String::new() } else { format!(" and {} delayed", number::count(row.delayed)) };
    let to_all = signatures.signatures(&row.provider, |sig| sig.signature == row.signature);
    let to_it = |sig: &&&Signature| [sig.source.as_str(), ALL].contains(&row.source.as_str());
    let rows: Vec<&Signature> = to_all.iter().filter(to_it).copied().collect();
    let rows = if rows.is_empty() { to_all } else { rows };
    Finding {
        id: format!("block-{}-{}-{}", name::slug(&row.provider), name::slug(&row.source), number::hour_id(row.first_hour)),
        tone: Tone::Problem,
        headline: format!(
            "{provider} refused {source} for {hours}\u{a0}h from {begin}; {}",
            if row.lost == 0 && row.delayed > 0 {
                format!("{} delayed", number::many(row.delayed, "recipient was", "recipients were"))
            } else {
                format!("{} lost", number::many(row.lost, "recipient was", "recipients were"))
            }
        ),
        sentence: format!(
            "{provider} refused {source} from {begin} to {until} ({hours}\u{a0}h): {} of {} attempts ({}; usual {}). {} lost{delayed}.{waited}",
            number::count(row.refused),
            number::count(row.attempts),
            number::rate(refused),
            number::percent(row.baseline),
            number::many(row.lost, "recipient was", "recipients were"),
        ),
        why: format!("The reason that they gave ({}): “{}”", name::category(&row.category), row.signature),
        todo: todo(row),
        figures: vec![
            figure("attempts refused", number::base(refused)),
            figure("recipients lost", number::count(row.lost)),
            figure("recipients delayed", number::count(row.delayed)),
            figure("waiting, all together", number::hours(row.waited_ms)),
            figure("last acceptance before", row.onset_after.map_or_else(|| "none seen".to_owned(), number::time)),
            figure("first acceptance after", row.lift_before.map_or_else(|| "none seen".to_owned(), number::time)),
        ],
        table: "blocks",
        help: evidence::help(&rows),
        evidence: evidence::lines(&rows),
        harm: Harm { lost: row.lost, delayed: row.delayed },
    }
}

/// What the category of the reply asks for.
fn todo(row: &Block) -> String {
    let cause = match row.category.as_str() {
        "dns-blocklist" => "Ask the list named in the reply for removal, after the cause is mended",
        "authentication" => "Set right what the reply names (SPF, DKIM, DMARC or PTR)",
        "spam-content" => "Find the mailing that began shortly before and change it",
        _ => "Mend the cause that the reply names and ask the provider's postmaster desk",
    };
    let open = if row.lift_before.is_none() { " It was still in force when the log ended." } else { "" };
    format!(
        "{cause}; send no retries from this source until it is lifted. Do not remove these addresses: nobody said that they are dead.{open}"
    )
}
