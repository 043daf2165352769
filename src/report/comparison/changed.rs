//! What changed, in sentences, most mail affected first; what did not, complete and folded.

use askama::Template;

use super::{Sides, grids, words};
use crate::compare::verdict;
use crate::insights::number;
use crate::report::Error;
use crate::report::text;
use crate::tables::changes::Change;

/// How many changes are told in sentences.
const TOLD: usize = 12;
/// How many rows the folded tables have.
const ROWS: usize = 200;

#[derive(Template)]
#[template(path = "comparison/changed.html")]
struct Changed {
    lead: String,
    told: Vec<Told>,
    more: String,
    all: String,
    same: String,
}

/// A change in a sentence.
struct Told {
    rank: usize,
    verdict: &'static str,
    is_better: bool,
    headline: String,
    amount: String,
    sentence: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let rows = &sides.comparison.changes;
    let (changed, same): (Vec<&Change>, Vec<&Change>) = rows.iter().partition(|row| verdict::is_change(&row.verdict));
    let sentences = told(&changed);
    let left = changed.len() - sentences.len();
    let more =
        if left == 0 { String::new() } else { format!("{} more in the table of all changes.", number::count(left as i64)) };
    let named = |row: &Change| format!("{}: {}", words::subject(row), words::figure(row));
    let table = |caption: &str, rows: &[&Change]| -> Result<String, Error> {
        if rows.is_empty() { Ok(String::new()) } else { grids::grid(caption, rows, ROWS, &named).html() }
    };
    let changed = Changed {
        lead: lead(rows),
        told: sentences,
        more,
        all: table("Everything that changed, most mail affected first", &changed)?,
        same: table("What did not change, or cannot be told", &same)?,
    };
    Ok(changed.render()?)
}

/// How many of each verdict.
fn lead(rows: &[Change]) -> String {
    let count = |verdict: &str| number::count(rows.iter().filter(|row| row.verdict == verdict).count() as i64);
    format!(
        "{} were made at once. {} worse, {} better, {} moved but little, {} without a clear change, {} that too little mail or unlike days leave open.",
        number::many(rows.len() as i64, "comparison", "comparisons"),
        count(verdict::WORSE),
        count(verdict::BETTER),
        count(verdict::SMALL),
        count(verdict::NONE),
        count(verdict::LITTLE),
    )
}

/// The first changes that matter. Replies and a provider's reasons say the same in more detail: they have sections of their own.
pub(super) fn told_rows<'a>(changed: &[&'a Change]) -> Vec<&'a Change> {
    let matters = |row: &&&Change| matches!(row.verdict.as_str(), verdict::WORSE | verdict::BETTER);
    let is_told = |row: &&&Change| !matches!(row.within.as_str(), "reply" | "provider-reason");
    changed.iter().filter(matters).filter(is_told).copied().collect()
}

fn told(changed: &[&Change]) -> Vec<Told> {
    let one = |(at, row): (usize, &Change)| Told {
        rank: at + 1,
        verdict: words::verdict_words(row),
        is_better: row.verdict == verdict::BETTER,
        headline: text::shortened(&format!("{}: {}", words::subject(row), words::figure(row)), 120),
        amount: words::amount(row),
        sentence: sentence(row),
    };
    told_rows(changed).into_iter().take(TOLD).enumerate().map(one).collect()
}

fn sentence(row: &Change) -> String {
    let (before, after) = words::rates(row);
    let times = words::times_in_words(row).map_or_else(String::new, |times| format!(" That is {times}."));
    let note = match row.note.as_str() {
        "weekdays" => " Compared as if both periods had the same weekdays.",
        "neighbours" => " Neighbouring days were alike, so it is less sure than their number says.",
        _ => "",
    };
    let exact = if row.test == "fisher" { " The test takes mails for independent, as there are few of them." } else { "" };
    format!("{}; {} before, {} after.{times}{note}{exact}", words::movement(row), number::base(before), number::base(after))
}
