//! Days and hours for which there is no log.

use super::{Finding, Harm, Tone, Unit, figure, number, total};
use crate::event::Micros;
use crate::tables::Tables;

/// Shorter silence between two files is a quiet night.
const SHORTEST: i64 = 12 * Micros::HOUR;
/// How many gaps are named.
const NAMED: usize = 3;

/// From the last stamp before a stretch that no file covers to the first stamp after it.
#[must_use]
pub fn gaps(tables: &Tables) -> Vec<(Micros, Micros)> {
    let mut spans: Vec<(Micros, Micros)> = tables.inputs.iter().filter_map(|row| Some((row.first?, row.last?))).collect();
    spans.sort_unstable();
    let mut gaps = Vec::new();
    let mut covered: Option<Micros> = None;
    for (first, last) in spans {
        if let Some(until) = covered.filter(|until| first.0.saturating_sub(until.0) >= SHORTEST) {
            gaps.push((until, first));
        }
        covered = covered.max(Some(last));
    }
    gaps
}

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let gaps = gaps(tables);
    let lost_track = total::all(tables).unknown;
    if gaps.is_empty() {
        return Vec::new();
    }
    let named: Vec<String> = gaps
        .iter()
        .take(NAMED)
        .map(|(from, to)| format!("{} to {}", number::short_time(*from), number::short_time(*to)))
        .collect();
    let hours: i64 = gaps.iter().map(|(from, to)| (to.0 - from.0) / Micros::HOUR).sum();
    let headline = format!("No log for {} of the period", number::many(hours, "hour", "hours"));
    vec![Finding {
        id: "log-gaps".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}: {}. Figures for that time are missing, not zero.", named.join("; ")),
        headline,
        why: "Mail that was sent or settled in a gap is not counted, or has no end here.".to_owned(),
        todo: "Find the missing files and run the report again.".to_owned(),
        figures: vec![
            figure("gaps of 12 hours or more", number::count(gaps.len() as i64)),
            figure("outcomes that left the queue unseen", number::count(lost_track)),
        ],
        table: "inputs",
        help: None,
        evidence: Vec::new(),
        harm: Harm::of(lost_track, 0).counted(Unit::Unseen),
    }]
}
