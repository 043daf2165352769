//! From two periods' days to verdicts: the test, the correction for many looks, the row.

use std::collections::BTreeMap;

use super::Observed;
use super::family::{Pair, family};
use super::replies::Categories;
use crate::stats::Rate;
use crate::stats::compare::{RateComparison, Side, Test, Verdict};
use crate::stats::effective::{Basis, pooled_phi};
use crate::stats::multiple::adjusted;
use crate::stats::weekday::{self, Weekday};
use crate::tables::changes::Change;
use crate::tables::daily::{Metric, Within};

/// Below this adjusted p a figure's days depend on the weekday.
const WEEKDAYS_MATTER: f64 = 0.05;

/// The verdicts as tables write them.
pub mod verdict {
    /// Sure, and large enough to matter.
    pub const WORSE: &str = "worse";
    /// Sure, and large enough to matter.
    pub const BETTER: &str = "better";
    /// Sure, but too small to matter.
    pub const SMALL: &str = "moved-small";
    /// Within what days differ anyway.
    pub const NONE: &str = "no-clear-change";
    /// A change that matters could have been missed.
    pub const LITTLE: &str = "too-little-mail";

    /// Whether it says that something changed.
    #[must_use]
    pub fn is_change(verdict: &str) -> bool {
        matches!(verdict, WORSE | BETTER | SMALL)
    }
}

const fn name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Worse => verdict::WORSE,
        Verdict::Better => verdict::BETTER,
        Verdict::MovedSmall => verdict::SMALL,
        Verdict::NoClearChange => verdict::NONE,
        Verdict::TooLittleMail => verdict::LITTLE,
    }
}

/// A pair with its test.
struct Tested {
    pair: Pair,
    comparison: RateComparison,
    is_standardised: bool,
}

/// Compares all that two periods share; most mail affected first, equals in the order of their subjects.
pub(super) fn changes(before: Observed<'_>, after: Observed<'_>, categories: &Categories) -> Vec<Change> {
    let pairs = family(before, after);
    let phis = phis(&pairs);
    let firsts = (before.days.0, after.days.0);
    let weekdays = weekdays(&pairs, firsts);
    let tested: Vec<Tested> = pairs
        .into_iter()
        .zip(weekdays)
        .filter_map(|(pair, p)| {
            let phi = phis.get(&(pair.subject.metric, pair.subject.within)).copied().unwrap_or(1.0);
            test(pair, firsts, phi, p < WEEKDAYS_MATTER)
        })
        .collect();
    let p_values: Vec<f64> = tested.iter().map(|tested| tested.comparison.p).collect();
    let mut rows: Vec<Change> = tested.iter().zip(adjusted(&p_values)).map(|(tested, q)| row(tested, q, categories)).collect();
    // Stable: the pairs came in the order of their subjects.
    rows.sort_by_key(|row| std::cmp::Reverse(row.affected.abs()));
    rows
}

/// How much the days of a figure spread beyond independent mail: over all of its keys of one sort. For keys that have mail on a few
/// days only (a campaign, a sender), whose own days tell nothing.
fn phis(pairs: &[Pair]) -> BTreeMap<(Metric, Within), f64> {
    let mut series: BTreeMap<(Metric, Within), Vec<&[Rate]>> = BTreeMap::new();
    for pair in pairs {
        let sort = (pair.subject.metric, pair.subject.within);
        series.entry(sort).or_default().extend([pair.before.as_slice(), pair.after.as_slice()]);
    }
    series.into_iter().map(|(sort, series)| (sort, pooled_phi(series))).collect()
}

/// 0 for Monday to 6 for Sunday: 1970-01-01 was a Thursday.
fn with_weekdays(days: &[Rate], first: i32) -> Vec<Weekday> {
    let weekday = |at: usize| ((i64::from(first) + at as i64 + 3).rem_euclid(7)) as usize;
    days.iter().enumerate().map(|(at, &day)| (weekday(at), day)).collect()
}

/// For each pair the adjusted p that its days do not depend on the weekday.
fn weekdays(pairs: &[Pair], (first, other_first): (i32, i32)) -> Vec<f64> {
    let effect = |pair: &Pair| {
        let days = [with_weekdays(&pair.before, first), with_weekdays(&pair.after, other_first)].concat();
        weekday::effect(&days)
    };
    adjusted(&pairs.iter().map(effect).collect::<Vec<_>>())
}

fn test(pair: Pair, (first, other_first): (i32, i32), phi: f64, by_weekday: bool) -> Option<Tested> {
    if by_weekday && !pair.is_distinct() {
        let (before, after) = (with_weekdays(&pair.before, first), with_weekdays(&pair.after, other_first));
        let weights = weekday::weights(&before, &after);
        let sides = weekday::standardised(&before, &weights).zip(weekday::standardised(&after, &weights));
        if let Some((before, after)) = sides {
            return Some(Tested { pair, comparison: RateComparison::of_sides(before, after, phi), is_standardised: true });
        }
    }
    let sides = [(&pair.before, pair.wholes.0), (&pair.after, pair.wholes.1)];
    let [before, after] = sides.map(|(days, whole)| Some(of_whole(Side::of(days, phi)?, whole)));
    Some(Tested { comparison: RateComparison::of_sides(before?, after?, phi), pair, is_standardised: false })
}

/// The side with the figure of the whole period, where days do not add up to it: they tell the spread, never the value.
fn of_whole(side: Side, whole: Rate) -> Side {
    let days = side.clustered.rate;
    let Some(value) = whole.value().filter(|_| days != whole) else { return side };
    let mut clustered = side.clustered;
    clustered.rate = whole;
    clustered.effective = clustered.effective * whole.of as f64 / days.of.max(1) as f64;
    // As sure as the days, at another rate and base.
    clustered.variance = if clustered.variance > 0.0 && clustered.effective > 0.0 {
        value * (1.0 - value) / clustered.effective
    } else {
        clustered.variance
    };
    Side { clustered, value, freedom: side.freedom }
}

/// Days on which it happened.
fn seen(days: &[Rate]) -> i64 {
    days.iter().filter(|day| day.part > 0).count() as i64
}

fn row(tested: &Tested, q: f64, categories: &Categories) -> Change {
    let Tested { pair, comparison, is_standardised } = tested;
    let subject = &pair.subject;
    let (before, after) = pair.wholes;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let is_alike = [comparison.before, comparison.after].iter().any(|side| side.clustered.basis == Basis::AlikeDays);
    let category = match subject.within {
        Within::Reason | Within::ProviderReason => subject.key.clone(),
        Within::Reply => categories.get(&(subject.provider.clone(), subject.key.clone())).cloned().unwrap_or_default(),
        Within::Total | Within::Provider | Within::Domain | Within::Source | Within::Sender => String::new(),
    };
    Change {
        metric: subject.metric.name().to_owned(),
        within: subject.within.name().to_owned(),
        provider: subject.provider.clone(),
        key: subject.key.clone(),
        counts: subject.metric.counts().to_owned(),
        before_part: count(before.part),
        before_of: count(before.of),
        before_rate: before.value(),
        after_part: count(after.part),
        after_of: count(after.of),
        after_rate: after.value(),
        difference: comparison.difference,
        difference_low: comparison.interval.lower,
        difference_high: comparison.interval.upper,
        ratio: comparison.ratio(),
        affected: (comparison.difference * after.of as f64).round() as i64,
        q,
        test: match comparison.test {
            Test::Days => "days",
            Test::Pooled => "pooled",
            Test::Fisher => "fisher",
        }
        .to_owned(),
        detectable: comparison.detectable,
        verdict: name(comparison.verdict(q, subject.metric.sense())).to_owned(),
        before_days: comparison.before.clustered.days as i64,
        after_days: comparison.after.clustered.days as i64,
        before_days_seen: seen(&pair.before),
        after_days_seen: seen(&pair.after),
        note: if *is_standardised {
            "weekdays"
        } else if is_alike {
            "neighbours"
        } else {
            ""
        }
        .to_owned(),
        presence: pair.presence.name().to_owned(),
        reworded: pair.reworded.clone(),
        category,
    }
}
