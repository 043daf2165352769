//! The change of the total rate, by provider, in whole numbers that add up.

use std::collections::BTreeMap;

use crate::insights::total;
use crate::stats::mix::{Part, decompose};
use crate::tables::daily::Metric;
use crate::tables::mix::MixRow;
use crate::tables::providers::Provider;

/// Billionths of one.
const UNIT: f64 = 1e9;

/// The rows: the largest part in the change first, equals by name.
pub(super) fn rows(before: &[Provider], after: &[Provider], headline: Metric) -> Vec<MixRow> {
    let later = |row: &Provider| if headline == Metric::Delivered { 0 } else { row.bounced_later };
    let rate = |row: &Provider| total::rate(row.delivered + later(row), total::resolved(row));
    let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
    for row in before {
        parts.entry(&row.provider).or_insert(NOTHING).before = rate(row);
    }
    for row in after {
        parts.entry(&row.provider).or_insert(NOTHING).after = rate(row);
    }
    parts.retain(|_, part| part.before.of + part.after.of > 0);
    let of_providers: Vec<Part> = parts.values().copied().collect();
    let Some(split) = decompose(&of_providers) else { return Vec::new() };
    let terms: Vec<f64> = split.contributions.iter().flat_map(|one| [one.mix, one.performance]).collect();
    let whole = whole_numbers(&terms, split.total);
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let row = |((provider, part), terms): ((&&str, &Part), &[i64])| MixRow {
        provider: (*provider).to_owned(),
        before_part: count(part.before.part),
        before_of: count(part.before.of),
        after_part: count(part.after.part),
        after_of: count(part.after.of),
        mix: terms.first().copied().unwrap_or_default(),
        performance: terms.last().copied().unwrap_or_default(),
    };
    let mut rows: Vec<MixRow> = parts.iter().zip(whole.chunks_exact(2)).map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.mix + row.performance).abs()));
    rows
}

const NOTHING: Part = Part { before: crate::stats::Rate::new(0, 0), after: crate::stats::Rate::new(0, 0) };

/// The terms in billionths, rounded so that they add up to the total, rounded: the largest remainders are rounded up.
fn whole_numbers(terms: &[f64], total: f64) -> Vec<i64> {
    let mut whole: Vec<i64> = terms.iter().map(|term| (term * UNIT).floor() as i64).collect();
    let missing = (total * UNIT).round() as i64 - whole.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..terms.len()).collect();
    let remainder = |at: &usize| terms.get(*at).map_or(0.0, |term| term * UNIT - (term * UNIT).floor());
    order.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(b)));
    // Each term lacks less than one: `missing` lies between none and all of them, but for the rounding of the sums.
    for at in order.iter().cycle().take(missing.unsigned_abs() as usize) {
        if let Some(term) = whole.get_mut(*at) {
            *term += missing.signum();
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_add_up_to_the_change_to_the_last_digit(
            before in prop::collection::vec((0_i64..100_000, 0_i64..5_000), 0..40),
            after in prop::collection::vec((0_i64..100_000, 0_i64..5_000), 0..40),
        ) {
            let rows_of = |counts: &[(i64, i64)]| -> Vec<Provider> {
                let row = |(at, &(delivered, bounced)): (usize, &(i64, i64))| {
                    Provider { provider: format!("p{at}"), delivered, bounced, outcomes: delivered + bounced, ..Provider::default() }
                };
                counts.iter().enumerate().map(row).collect()
            };
            let (before, after) = (rows_of(&before), rows_of(&after));
            let all = |rows: &[Provider]| total::rate(total::sum(rows).delivered, total::resolved(&total::sum(rows))).value();
            let rows = rows(&before, &after, Metric::Accepted);
            if let (Some(a), Some(b)) = (all(&before), all(&after)) {
                let sum: i64 = rows.iter().map(|row| row.mix + row.performance).sum();
                prop_assert_eq!(sum, ((b - a) * UNIT).round() as i64);
            } else {
                prop_assert!(rows.is_empty());
            }
        }
    }
}
