//! Quantiles that are the same to the last digit wherever they are computed: nearest rank over whole numbers.

/// A value and how often it occurs, in whole units (milliseconds, attempts).
pub type Weighted = (i64, u64);

/// The nearest-rank quantile: the smallest value that at least `per_mille` of all do not exceed. `values` ascend. None: no value.
#[must_use]
pub fn nearest_rank(values: &[Weighted], per_mille: u32) -> Option<i64> {
    let total = total(values);
    let rank = (u128::from(total) * u128::from(per_mille)).div_ceil(1_000) as u64;
    at_rank(values, rank.clamp(1, total.max(1)))
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
        }
    }
}
