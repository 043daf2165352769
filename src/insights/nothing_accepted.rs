//! Of all mail nothing was accepted: something is wrong before any other figure is read.

use super::{Finding, Harm, Tone, figure, number, total};
use crate::tables::Tables;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let all = total::all(tables);
    let accepted = total::rate(all.delivered + all.bounced_later, total::resolved(&all));
    if accepted.part > 0 || accepted.is_too_little() {
        return Vec::new();
    }
    let headline = "Nothing was accepted".to_owned();
    let of = number::many(accepted.of as i64, "message", "messages");
    vec![Finding {
        id: "nothing-accepted".to_owned(),
        tone: Tone::Problem,
        sentence: format!("{headline}: of {of} with a known end not one."),
        headline,
        why: "No real list is dead as a whole. Either the log tells of failures alone, or this server cannot send at all."
            .to_owned(),
        todo: "Look whether the log is whole, and whether the server reaches others on port 25 and is who it says, before any \
               address leaves the list."
            .to_owned(),
        figures: vec![figure("accepted, of those with a known end", number::base(accepted))],
        table: "providers",
        help: None,
        evidence: Vec::new(),
        harm: Harm::of(accepted.of as i64, 0),
    }]
}
