//! Where the rate of an hourly series changes: exact optimal partitioning with a binomial cost.
//!
//! The dynamic programme of Jackson et al., "An algorithm for optimal partitioning of data on an interval" (IEEE Signal Processing
//! Letters 12, 2005). It is exact and takes time with the square of the hours, a few milliseconds a month; the pruning of PELT
//! (Killick et al. 2012) saves nothing on months without changes, which are nearly all.

use std::ops::Range;

use super::Rate;

/// Shortest segment, in hours with mail.
const SHORTEST_HOURS: usize = 2;
/// Smallest segment, in attempts.
const SMALLEST: u64 = 20;
/// Median of a chi-square with one degree of freedom.
const CHI_SQUARE_MEDIAN: f64 = 0.455;

/// Cuts a series into stretches of one rate each. `hours` are the hours with mail, in order; `phi` is their dispersion. Empty where
/// there is too little for a single segment; else the ranges cover all hours.
#[must_use]
pub fn partition(hours: &[Rate], phi: f64) -> Vec<Range<usize>> {
    let sums = running_sums(hours);
    let cost = Cost::of(&sums);
    // A change must pay twice the logarithm of the number of hours.
    let penalty = 2.0 * (hours.len().max(1) as f64).ln();
    // best[j]: the least cost of the first j hours, and where its last segment begins; infinite where no partition is allowed.
    let mut best: Vec<(f64, usize)> = Vec::with_capacity(sums.len());
    best.push((0.0, 0));
    for (end, &until) in sums.iter().enumerate().skip(1) {
        let starts = best.iter().zip(&sums).take((end + 1).saturating_sub(SHORTEST_HOURS)).enumerate();
        let mut least = (f64::INFINITY, 0);
        for (start, (&(before, _), &from)) in starts {
            let of = until.of - from.of;
            if of < SMALLEST || before == f64::INFINITY {
                continue;
            }
            let total = before + cost.of_segment(until.part - from.part, of) / phi + penalty;
            if total < least.0 {
                least = (total, start);
            }
        }
        best.push(least);
    }
    walk_back(&best)
}

/// The segments that led to the last entry, in order.
fn walk_back(best: &[(f64, usize)]) -> Vec<Range<usize>> {
    let mut segments = Vec::new();
    let mut end = best.len().saturating_sub(1);
    while let Some(&(cost, start)) = best.get(end).filter(|_| end > 0) {
        if cost == f64::INFINITY {
            return Vec::new();
        }
        segments.push(start..end);
        end = start;
    }
    segments.reverse();
    segments
}

/// Sums of the first 0, 1, 2 … hours.
fn running_sums(hours: &[Rate]) -> Vec<Rate> {
    let mut sum = Rate::default();
    let add = |hour: &Rate| {
        sum = Rate::new(sum.part + hour.part, sum.of + hour.of);
        sum
    };
    std::iter::once(Rate::default()).chain(hours.iter().map(add)).collect()
}

/// What segments of a series cost.
struct Cost {
    /// x ln x of 0, 1, 2 …: every pair of hours asks for three of them.
    known: Vec<f64>,
}

impl Cost {
    fn of(sums: &[Rate]) -> Self {
        let attempts = sums.last().map_or(0, |sum| sum.of);
        // No more of them than are asked for at all.
        let most = (attempts + 1).min(sums.len().pow(2) as u64);
        Self { known: (0..most).map(x_ln_x).collect() }
    }

    /// −[X ln(X/N) + (N−X) ln(1−X/N)], 0 · ln 0 being 0: the negative log-likelihood of N attempts at their own rate.
    fn of_segment(&self, part: u64, of: u64) -> f64 {
        let x_ln_x = |x: u64| self.known.get(x as usize).copied().unwrap_or_else(|| x_ln_x(x));
        x_ln_x(of) - x_ln_x(part) - x_ln_x(of.saturating_sub(part))
    }
}

fn x_ln_x(x: u64) -> f64 {
    let x = x as f64;
    if x > 0.0 { x * x.ln() } else { 0.0 }
}

/// How much hours of one rate spread, against independent attempts: the median Pearson term over that of chi-square, 1 to 50. The
/// median hour decides, so that a few hours of another rate hardly move it. The terms are taken round the mean rate: round the
/// median, which is 0 of bursty mail, they would be 0 as well.
#[must_use]
pub fn robust_phi(hours: &[Rate]) -> f64 {
    // A rate of exactly zero or one has no spread to compare with.
    let rate = Rate::sum(hours).value().unwrap_or(0.0).clamp(0.001, 0.999);
    let mut terms: Vec<f64> =
        hours.iter().map(|hour| hour.excess(rate).powi(2) / (hour.of.max(1) as f64 * rate * (1.0 - rate))).collect();
    (median(&mut terms) / CHI_SQUARE_MEDIAN).clamp(1.0, 50.0)
}

/// The median hourly rate; 0 of an empty series.
#[must_use]
pub fn median_rate(hours: &[Rate]) -> f64 {
    median(&mut hours.iter().filter_map(|hour| hour.value()).collect::<Vec<_>>())
}

/// The middle value, the mean of the two middle ones of an even number; 0 of nothing. Sorts its input.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied().unwrap_or(0.0);
    match values.len() % 2 {
        0 => middle.checked_sub(1).and_then(|below| values.get(below)).map_or(upper, |below| f64::midpoint(*below, upper)),
        _ => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_step_is_cut_where_it_stands() {
        let hours: Vec<Rate> = (0..60).map(|hour| Rate::new(if hour < 37 { 1 } else { 60 }, 100)).collect();
        assert_eq!(partition(&hours, 1.0), [0..37, 37..60]);
    }

    #[test]
    fn too_little_gives_no_segment() {
        assert!(partition(&[], 1.0).is_empty());
        assert!(partition(&[Rate::new(1, 500)], 1.0).is_empty());
        assert!(partition(&[Rate::new(1, 6); 3], 1.0).is_empty());
        assert_eq!(partition(&[Rate::new(1, 10); 2], 1.0), std::slice::from_ref(&(0..2)));
    }

    #[test]
    fn medians_take_the_middle() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&mut [4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&mut []).abs() < f64::EPSILON);
    }

    fn cost(part: u64, of: u64) -> f64 {
        Cost::of(&[]).of_segment(part, of)
    }

    /// The least cost over all partitions that are allowed, by trying every one.
    fn by_trying(hours: &[Rate], penalty: f64) -> f64 {
        if hours.is_empty() {
            return 0.0;
        }
        let last = |length: usize| {
            let (before, segment) = hours.split_at(hours.len() - length);
            let sum = Rate::sum(segment);
            if sum.of < SMALLEST { f64::INFINITY } else { by_trying(before, penalty) + cost(sum.part, sum.of) + penalty }
        };
        (SHORTEST_HOURS..=hours.len()).map(last).fold(f64::INFINITY, f64::min)
    }

    proptest! {
        #[test]
        fn no_partition_costs_less(hours in prop::collection::vec((0_u64..40, 1_u64..40), 0..11)) {
            let hours: Vec<Rate> = hours.into_iter().map(|(a, b)| Rate::new(a.min(b), b)).collect();
            let penalty = 2.0 * (hours.len().max(1) as f64).ln();
            let segments = partition(&hours, 1.0);
            let least = by_trying(&hours, penalty);
            if segments.is_empty() {
                prop_assert!(hours.is_empty() || least == f64::INFINITY);
            } else {
                let sums = segments.iter().map(|range| Rate::sum(&hours[range.clone()]));
                let got: f64 = sums.map(|sum| cost(sum.part, sum.of) + penalty).sum();
                prop_assert!((got - least).abs() < 1e-9);
                prop_assert_eq!(segments.iter().map(ExactSizeIterator::len).sum::<usize>(), hours.len());
            }
        }
    }
}
