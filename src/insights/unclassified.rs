//! Replies that no rule understands.

use super::{Finding, Harm, Tone, evidence, figure, number, total};
use crate::tables::Tables;

/// More than this share of failed attempts without a known reason is worth reading.
const ALLOWED: f64 = 0.01;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let rows = evidence::signatures(tables, |row| row.category == "unclassified");
    let rate = total::rate(evidence::attempts(&rows), total::failed_attempts(tables));
    let Some(top) = rows.first().filter(|_| rate.value().is_some_and(|share| share > ALLOWED)) else { return Vec::new() };
    let headline =
        format!("{} failed for a reason that no rule understands", number::many(rate.part as i64, "attempt", "attempts"));
    vec![Finding {
        id: "unclassified".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}, {} of all failures. The commonest: “{}”", number::rate(rate), top.signature),
        headline,
        why: "What is not understood is in no category: the reasons below are incomplete by as much.".to_owned(),
        todo: "Read them; a rule of your own, or a word to the makers of this program, settles each for good.".to_owned(),
        figures: vec![
            figure("failed attempts", number::base(rate)),
            figure("different replies", number::count(rows.len() as i64)),
        ],
        table: "signatures",
        help: None,
        evidence: evidence::lines(&rows),
        harm: Harm::default(),
    }]
}
