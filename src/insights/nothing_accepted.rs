//! Of all mail nothing was accepted: something is wrong before any other figure is read.

use std::collections::BTreeMap;

use super::{Finding, Harm, Tone, Unit, figure, name, number, total};
use crate::stats::Rate;
use crate::tables::Tables;

pub(super) fn find(tables: &Tables) -> Vec<Finding> {
    let all = total::all(tables);
    let accepted = all.delivered + all.bounced_later;
    let of_resolved = total::rate(accepted, total::resolved(&all));
    let of_tried = total::rate(accepted, all.attempted);
    match (accepted, of_resolved.is_too_little(), of_tried.is_too_little()) {
        (0, false, _) => vec![of_decided(of_resolved)],
        (0, true, false) => vec![of_waiting(tables, of_tried, all.deferred + all.queued)],
        _ => Vec::new(),
    }
}

/// All that has an end failed.
fn of_decided(accepted: Rate) -> Finding {
    let of = number::many(accepted.of as i64, "message", "messages");
    Finding {
        sentence: format!("{HEADLINE}: of {of} with a known end not one."),
        why: "No real list is dead as a whole. Either the log tells of failures alone, or this server cannot send at all."
            .to_owned(),
        figures: vec![figure("accepted, of those with a known end", number::base(accepted))],
        harm: Harm::of(accepted.of as i64, 0),
        ..common()
    }
}

/// Hardly anything has an end, and no try succeeded.
fn of_waiting(tables: &Tables, accepted: Rate, waiting: i64) -> Finding {
    let of = number::many(accepted.of as i64, "message", "messages");
    let mut reasons: BTreeMap<&str, i64> = BTreeMap::new();
    for row in &tables.signatures {
        *reasons.entry(row.category.as_str()).or_default() += row.attempts;
    }
    let failed = reasons.values().sum();
    let commonest = reasons.iter().max_by_key(|(category, n)| (**n, std::cmp::Reverse(**category)));
    let commonest = commonest.map_or_else(String::new, |(category, n)| {
        let share = number::rate_in_full(total::rate(*n, failed));
        format!(" The commonest reason of the attempts: {}, {share}.", name::category(category))
    });
    Finding {
        sentence: format!("{HEADLINE}: of {of} that were tried not one.{commonest}"),
        why: "Hardly ever does everybody refuse at once. Either the log tells of failures alone, or this server cannot send at all: then more \
              days settle nothing."
            .to_owned(),
        figures: vec![figure("accepted, of those that were tried", number::base(accepted))],
        harm: Harm::of(0, waiting).counted(Unit::Waiting),
        ..common()
    }
}

const HEADLINE: &str = "Nothing was accepted";

fn common() -> Finding {
    Finding {
        id: "nothing-accepted".to_owned(),
        tone: Tone::Problem,
        headline: HEADLINE.to_owned(),
        sentence: String::new(),
        why: String::new(),
        todo: "Look whether the log is whole, and whether the server reaches others on port 25 and is who it says, before any \
               address leaves the list."
            .to_owned(),
        figures: Vec::new(),
        table: "providers",
        help: None,
        evidence: Vec::new(),
        harm: Harm::default(),
    }
}
