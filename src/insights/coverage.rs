//! Lines that were not understood.

use super::{Finding, Harm, Tone, figure, number, total};
use crate::tables::Tables;

/// More than this share of lines not understood puts every figure in doubt.
const ALLOWED: f64 = 0.001;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let (unparsed, lines) = tables.inputs.iter().fold((0, 0), |(bad, all), row| (bad + row.unparsed, all + row.lines));
    let rate = total::rate(unparsed, lines);
    if rate.value().is_none_or(|share| share <= ALLOWED) {
        return Vec::new();
    }
    let worst = tables.inputs.iter().max_by(|a, b| a.unparsed.cmp(&b.unparsed).then_with(|| b.path.cmp(&a.path)));
    let place = worst.map_or_else(String::new, |row| format!(" Most of them: {}, {}.", row.path, number::count(row.unparsed)));
    let headline = format!("{} not understood", number::many(unparsed, "line was", "lines were"));
    vec![Finding {
        id: "coverage".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}, {} of all.{place}", number::rate(rate)),
        headline,
        why: "Deliveries may hide among them, so every count here may be too low.".to_owned(),
        todo: "Look at these lines with `mailtally inspect`: the wrong format, a cut file, or a format that is not known yet."
            .to_owned(),
        figures: vec![figure("lines", number::base(rate))],
        table: "inputs",
        help: None,
        evidence: Vec::new(),
        harm: Harm::default(),
    }]
}
