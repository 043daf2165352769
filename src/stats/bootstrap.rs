//! How far a quantile moved between two periods: resampling whole days, since mails of one day share their fate.

use super::quantile::Weighted;
use super::random::Random;

/// Resamplings of each period.
const RESAMPLINGS: usize = 999;

/// The shift of a quantile, in the unit of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The quantile of the first period, by nearest rank.
    pub before: i64,
    /// Of the second.
    pub after: i64,
    /// 95 % interval of after − before, lower end.
    pub lower: i64,
    /// Upper end.
    pub upper: i64,
}

/// Compares a quantile of two periods, each given as one ascending histogram per day. `seed` comes from the input, so that equal
/// input gives equal intervals. None: a period without values.
#[must_use]
pub fn quantile_shift(before: &[Vec<Weighted>], after: &[Vec<Weighted>], per_mille: u32, seed: u64) -> Option<Shift> {
    let (before, after) = (Days::of(before), Days::of(after));
    let mut random = Random::new(seed);
    let plain = (before.quantile(&before.each_once(), per_mille)?, after.quantile(&after.each_once(), per_mille)?);
    let mut shifts: Vec<i64> = (0..RESAMPLINGS)
        .filter_map(|_| {
            let (one, other) = (before.resampled(&mut random), after.resampled(&mut random));
            Some(after.quantile(&other, per_mille)?.saturating_sub(before.quantile(&one, per_mille)?))
        })
        .collect();
    shifts.sort_unstable();
    // The 25th and 975th of 999, which leave 2.5 % beyond them.
    let at = |per_mille: usize| shifts.get(((shifts.len() + 1) * per_mille / 1_000).saturating_sub(1)).copied();
    Some(Shift { before: plain.0, after: plain.1, lower: at(25)?, upper: at(975)? })
}

/// The days of a period, made for asking quantiles of many resamplings.
struct Days {
    /// All values that occur, ascending.
    values: Vec<i64>,
    /// Per day with values: how many lie at or below each of `values`.
    at_or_below: Vec<Vec<u64>>,
}

impl Days {
    fn of(days: &[Vec<Weighted>]) -> Self {
        let mut values: Vec<i64> = days.iter().flatten().filter(|value| value.1 > 0).map(|value| value.0).collect();
        values.sort_unstable();
        values.dedup();
        let counted = |day: &Vec<Weighted>| {
            let (mut rest, mut below) = (day.iter().peekable(), 0);
            let until = |value: &i64| {
                while let Some(next) = rest.next_if(|next| next.0 <= *value) {
                    below += next.1;
                }
                below
            };
            values.iter().map(until).collect()
        };
        let at_or_below = days.iter().filter(|day| day.iter().any(|value| value.1 > 0)).map(counted).collect();
        Self { values, at_or_below }
    }

    /// The period itself as a resampling: how often each day is in it.
    fn each_once(&self) -> Vec<u64> {
        vec![1; self.at_or_below.len()]
    }

    /// As many days, drawn with replacement.
    fn resampled(&self, random: &mut Random) -> Vec<u64> {
        let days = self.at_or_below.len();
        let mut times = vec![0; days];
        for _ in 0..days {
            if let Some(day) = times.get_mut(random.below(days)) {
                *day += 1;
            }
        }
        times
    }

    /// The nearest-rank quantile of a resampling, by bisection.
    fn quantile(&self, times: &[u64], per_mille: u32) -> Option<i64> {
        let below = |place: usize| -> u64 {
            let one = |(day, times): (&Vec<u64>, &u64)| day.get(place).map_or(0, |count| count * times);
            self.at_or_below.iter().zip(times).map(one).sum()
        };
        let total = below(self.values.len().checked_sub(1)?);
        let rank = (u128::from(total) * u128::from(per_mille)).div_ceil(1_000).max(1) as u64;
        let (mut low, mut high) = (0, self.values.len() - 1);
        while low < high {
            let middle = usize::midpoint(low, high);
            if below(middle) >= rank {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.values.get(low).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::quantile::nearest_rank;
    use proptest::prelude::*;

    /// Days whose delays share a factor of their day.
    fn month(random: &mut Random, median: f64) -> Vec<Vec<Weighted>> {
        (0..30)
            .map(|_| {
                let of_day = median * (0.3 * random.normal()).exp();
                let mut delays: Vec<i64> = (0..60).map(|_| (of_day * random.normal().exp()) as i64).collect();
                delays.sort_unstable();
                delays.into_iter().map(|delay| (delay, 1)).collect()
            })
            .collect()
    }

    #[test]
    fn unchanged_delays_have_an_interval_round_zero() {
        let mut random = Random::new(1);
        let held = (0..40).filter(|&seed| {
            let (a, b) = (month(&mut random, 5_000.0), month(&mut random, 5_000.0));
            let shift = quantile_shift(&a, &b, 500, seed).unwrap();
            shift.lower <= 0 && 0 <= shift.upper
        });
        assert!(held.count() >= 35);
    }

    #[test]
    fn a_doubled_delay_is_seen_and_repeatable() {
        let mut random = Random::new(2);
        let (a, b) = (month(&mut random, 5_000.0), month(&mut random, 10_000.0));
        let shift = quantile_shift(&a, &b, 500, 3).unwrap();
        assert!(shift.lower > 0 && shift.lower <= shift.after - shift.before && shift.after - shift.before <= shift.upper);
        assert_eq!(quantile_shift(&a, &b, 500, 3), Some(shift));
    }

    #[test]
    fn a_period_without_values_has_no_shift() {
        assert_eq!(quantile_shift(&[vec![]], &[vec![(1, 1)]], 500, 0), None);
        assert_eq!(quantile_shift(&[vec![(1, 1)]], &[vec![(1, 0)]], 500, 0), None);
    }

    proptest! {
        #[test]
        fn the_quantile_of_all_days_is_the_nearest_rank(
            days in prop::collection::vec(prop::collection::btree_map(0_i64..40, 0_u64..5, 0..10), 1..6), per_mille in 0_u32..=1_000,
        ) {
            let days: Vec<Vec<Weighted>> = days.into_iter().map(|day| day.into_iter().collect()).collect();
            let mut all: Vec<Weighted> = days.concat();
            all.sort_unstable();
            let period = Days::of(&days);
            prop_assert_eq!(period.quantile(&period.each_once(), per_mille), nearest_rank(&all, per_mille));
        }
    }
}
