//! Quantiles that are the same to the last digit wherever they are computed: nearest rank over whole numbers.

use super::distribution::{binomial_lower, normal_quantile};

/// A value and how often it occurs, in whole units (milliseconds, attempts).
pub type Weighted = (i64, u64);

/// The nearest-rank quantile: the smallest value that at least `per_mille` of all do not exceed. `values` ascend. None: no value.
#[must_use]
pub fn nearest_rank(values: &[Weighted], per_mille: u32) -> Option<i64> {
    let total = total(values);
    let rank = (u128::from(total) * u128::from(per_mille)).div_ceil(1_000) as u64;
    at_rank(values, rank.clamp(1, total.max(1)))
}

/// The 95 % interval of a quantile from order statistics: values whose ranks hold the true quantile at least 95 % of the time,
/// whatever the distribution, for values that are independent. An end is None where there are too few values beyond it.
#[must_use]
pub fn rank_interval(values: &[Weighted], per_mille: u32) -> (Option<i64>, Option<i64>) {
    let total = total(values);
    if total == 0 {
        return (None, None);
    }
    let p = f64::from(per_mille) / 1_000.0;
    let lower = binomial_quantile(total, p, 0.025);
    let upper = binomial_quantile(total, p, 0.975) + 1;
    (if lower == 0 { None } else { at_rank(values, lower) }, at_rank(values, upper))
}

/// How many there are.
fn total(values: &[Weighted]) -> u64 {
    values.iter().map(|&(_, count)| count).sum()
}

/// The value of the `rank`-th smallest, counted from 1.
fn at_rank(values: &[Weighted], rank: u64) -> Option<i64> {
    let mut seen = 0;
    values
        .iter()
        .find(|&&(_, count)| {
            seen += count;
            count > 0 && seen >= rank
        })
        .map(|&(value, _)| value)
}

/// The smallest k with P(X ≤ k) ≥ `at`, for k of `n` trials. The normal approximation leads near it, exact tails decide.
fn binomial_quantile(n: u64, p: f64, at: f64) -> u64 {
    let (mean, spread) = (n as f64 * p, (n as f64 * p * (1.0 - p)).sqrt());
    let mut k = normal_quantile(at).mul_add(spread, mean).round().clamp(0.0, n as f64) as u64;
    while k > 0 && binomial_lower(k - 1, n, p) >= at {
        k -= 1;
    }
    while k < n && binomial_lower(k, n, p) < at {
        k += 1;
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The example of the nearest-rank method in most textbooks: 15, 20, 35, 40, 50 -> p5 15, p30 20, p40 20, p50 35, p100 50.
    #[test]
    fn nearest_rank_by_the_textbook() {
        let values = [15, 20, 35, 40, 50].map(|value| (value, 1));
        let got = [50, 300, 400, 500, 1_000].map(|p| nearest_rank(&values, p).unwrap());
        assert_eq!(got, [15, 20, 20, 35, 50]);
        assert_eq!(nearest_rank(&[], 500), None);
    }

    // Ranks for the median (Conover, "Practical Nonparametric Statistics"; 95 % at least): n = 10: 2 and 9; n = 20: 6 and 15;
    // n = 5: none, as even the extremes hold it only 93.75 % of the time.
    #[test]
    fn ranks_of_the_median_are_those_of_the_table() {
        let ordered = |n: i64| (1..=n).map(|value| (value, 1)).collect::<Vec<_>>();
        assert_eq!(rank_interval(&ordered(10), 500), (Some(2), Some(9)));
        assert_eq!(rank_interval(&ordered(20), 500), (Some(6), Some(15)));
        assert_eq!(rank_interval(&ordered(5), 500), (None, None));
        assert_eq!(rank_interval(&[], 500), (None, None));
    }

    #[test]
    fn many_values_have_a_narrow_interval() {
        let values: Vec<Weighted> = (0..1_000).map(|value| (value, 10_000)).collect();
        assert_eq!(nearest_rank(&values, 950), Some(949));
        assert_eq!(rank_interval(&values, 950), (Some(949), Some(950)));
    }

    proptest! {
        #[test]
        fn a_histogram_is_its_values_written_out(
            mut values in prop::collection::btree_map(-50_i64..50, 0_u64..6, 0..20), per_mille in 0_u32..=1_000,
        ) {
            values.retain(|_, count| *count > 0);
            let histogram: Vec<Weighted> = values.into_iter().collect();
            let written: Vec<i64> = histogram.iter().flat_map(|&(value, count)| (0..count).map(move |_| value)).collect();
            let rank = (written.len() * per_mille as usize).div_ceil(1_000).max(1);
            prop_assert_eq!(nearest_rank(&histogram, per_mille), written.get(rank - 1).copied());
            if let (Some(lower), Some(value)) = (rank_interval(&histogram, per_mille).0, nearest_rank(&histogram, per_mille)) {
                prop_assert!(lower <= value);
            }
        }
    }
}
