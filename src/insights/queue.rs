//! Mail that has no end yet: deferred, or never tried, when the log ends.

use super::{Finding, Harm, Tone, Unit, figure, name, number, total};
use crate::tables::Tables;

/// Shares below this are the ordinary tail of a log.
const WORTH_SAYING: f64 = 0.002;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let all = total::all(tables);
    let waiting = total::rate(all.deferred + all.queued, all.outcomes);
    if waiting.value().is_none_or(|share| share < WORTH_SAYING) {
        return Vec::new();
    }
    let mut rows: Vec<_> = tables.providers.iter().map(|row| (row.deferred + row.queued, &row.provider)).collect();
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let most = match rows.first() {
        None => String::new(),
        Some((n, id)) if *n == waiting.part as i64 && !id.is_empty() => format!(" All of it for {}.", name::provider(id)),
        Some((n, id)) if id.is_empty() => format!(" Of most no recipient is logged: {}.", number::count(*n)),
        Some((n, id)) => format!(" Most wait for {}: {}.", name::provider(id), number::count(*n)),
    };
    let headline =
        format!("{} in the queue when the log ends", number::many(waiting.part as i64, "outcome waits", "outcomes wait"));
    vec![Finding {
        id: "queue".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}, {} of all.{most}", number::rate(waiting)),
        headline,
        why: "Their end is not in this log: they are in no rate of delivered or failed mail.".to_owned(),
        todo: "Run the report again with the days that follow; five days settle nearly everything.".to_owned(),
        figures: vec![figure("deferred", number::count(all.deferred)), figure("never tried", number::count(all.queued))],
        table: "providers",
        help: None,
        evidence: Vec::new(),
        harm: Harm::of(0, waiting.part as i64).counted(Unit::Waiting),
    }]
}
