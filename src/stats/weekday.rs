//! Months differ in their weekdays: whether that matters here, and rates as if they did not.

use super::Rate;
use super::compare::Side;
use super::distribution::{chi_square_upper, student95};
use super::effective::{Basis, Clustered, few_days_variance, freedom};
use super::ranks::mid_ranks;

/// Days of a week.
const WEEK: usize = 7;

/// One day's counts with its day of the week, 0 to 6 from whichever day the caller likes.
pub type Weekday = (usize, Rate);

/// p that the daily rate does not depend on the weekday: Kruskal and Wallis (JASA 47, 1952) with the correction for ties. 1 where
/// there is nothing to tell apart. Over many series, adjust with [`super::multiple::adjusted`].
#[must_use]
pub fn effect(days: &[Weekday]) -> f64 {
    let (weekdays, rates): (Vec<usize>, Vec<f64>) =
        days.iter().filter_map(|&(weekday, day)| Some((weekday % WEEK, day.value()?))).unzip();
    let n = rates.len() as f64;
    let ranks = mid_ranks(&rates);
    let mut groups = [(0.0, 0.0); WEEK];
    for (&weekday, rank) in weekdays.iter().zip(&ranks) {
        if let Some((sum, count)) = groups.get_mut(weekday) {
            *sum += rank;
            *count += 1.0;
        }
    }
    // With mid-ranks in the variance the correction for ties comes by itself.
    let mean = f64::midpoint(n, 1.0);
    let within: f64 = ranks.iter().map(|rank| (rank - mean).powi(2)).sum();
    let used = groups.iter().filter(|(_, count)| *count > 0.0);
    let freedom = used.clone().count() as f64 - 1.0;
    let between: f64 = used.map(|(sum, count)| count * (sum / count - mean).powi(2)).sum();
    if within > 0.0 { chi_square_upper((n - 1.0) * between / within, freedom) } else { 1.0 }
}

/// Mail by weekday of both periods together: the standard to which both are brought.
#[must_use]
pub fn weights(before: &[Weekday], after: &[Weekday]) -> [u64; WEEK] {
    let mut weights = [0; WEEK];
    for &(weekday, day) in before.iter().chain(after) {
        if let Some(weight) = weights.get_mut(weekday % WEEK) {
            *weight += day.of;
        }
    }
    weights
}

/// A period as if its mail fell on the weekdays as `weights` say (direct standardisation); the days of one weekday are the clusters.
/// None where a weekday that has weight has fewer than two days with mail: then the plain comparison is all there is.
#[must_use]
pub fn standardised(days: &[Weekday], weights: &[u64; WEEK]) -> Option<Side> {
    let all = weights.iter().sum::<u64>() as f64;
    let (mut value, mut variance, mut squares) = (0.0, 0.0, 0.0);
    for (weekday, _) in weights.iter().enumerate().filter(|&(_, &weight)| weight > 0) {
        let share = *weights.get(weekday)? as f64 / all;
        let same: Vec<Rate> = days.iter().filter(|day| day.0 % WEEK == weekday && day.1.of > 0).map(|day| day.1).collect();
        if same.len() < 2 {
            return None;
        }
        let part = share * share * few_days_variance(&same);
        value += share * Rate::sum(&same).value()?;
        variance += part;
        squares += part * part / freedom(&same);
    }
    let cells: Vec<Rate> = days.iter().map(|day| day.1).collect();
    let (rate, active) = (Rate::sum(&cells), cells.iter().filter(|day| day.of > 0).count());
    rate.value()?;
    let freedom = if squares > 0.0 { variance * variance / squares } else { active.saturating_sub(WEEK).max(1) as f64 };
    let n = rate.of as f64;
    let effective = if variance > 0.0 { n.min(value * (1.0 - value) / variance) } else { n };
    let clustered = Clustered { rate, days: active, variance, effective, quantile: student95(freedom), basis: Basis::Days };
    Some(Side { clustered, value, freedom })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::compare::RateComparison;

    // By hand: ranks 1 to 9 in three groups of three: H = 12/90 * (6² + 15² + 24²)/3 - 30 = 7.2; exp(-3.6) at two degrees.
    #[test]
    fn three_groups_by_hand() {
        let days: Vec<Weekday> = (0_u8..9).map(|day| (usize::from(day / 3), Rate::new(u64::from(day), 100))).collect();
        assert!((effect(&days) - (-3.6_f64).exp()).abs() < 1e-9);
        assert!((effect(&[]) - 1.0).abs() < f64::EPSILON);
        assert!((effect(&[(0, Rate::new(1, 2)), (1, Rate::new(1, 2))]) - 1.0).abs() < f64::EPSILON);
    }

    /// `length` days from weekday `first`: 10 % on Sundays, 2 % else, with a little noise; Sundays are day 6.
    fn month(first: usize, length: usize) -> Vec<Weekday> {
        (first..first + length)
            .map(|day| (day % WEEK, Rate::new(if day % WEEK == 6 { 100 } else { 20 } + (day * 5 % 3) as u64, 1_000)))
            .collect()
    }

    #[test]
    fn a_fifth_sunday_is_no_change() {
        // 30 days that hold five Sundays against 28 that hold four.
        let (before, after) = (month(0, 28), month(5, 30));
        assert!(effect(&[before.clone(), after.clone()].concat()) < 0.01);
        let weights = weights(&before, &after);
        let (a, b) = (standardised(&before, &weights).unwrap(), standardised(&after, &weights).unwrap());
        let comparison = RateComparison::of_sides(a, b, 1.0);
        let plain = Rate::sum(&after.iter().map(|day| day.1).collect::<Vec<_>>()).value().unwrap()
            - Rate::sum(&before.iter().map(|day| day.1).collect::<Vec<_>>()).value().unwrap();
        assert!(plain > 0.0015, "{plain}");
        assert!(comparison.difference.abs() < 0.0003, "{comparison:?}");
    }

    #[test]
    fn a_weekday_seen_once_cannot_be_standardised() {
        let days = month(0, 12);
        assert_eq!(standardised(&days, &weights(&days, &days)), None);
    }

    #[test]
    fn equal_weekdays_change_nothing() {
        let days: Vec<Weekday> = (0..28).map(|day| (day % WEEK, Rate::new(10 + (day % 4) as u64, 500))).collect();
        let side = standardised(&days, &weights(&days, &[])).unwrap();
        assert!((side.value - side.clustered.rate.value().unwrap()).abs() < 1e-12);
        assert!(side.interval().contains(side.value));
    }
}
