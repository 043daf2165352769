//! What a month of mail is worth in independent trials.
//!
//! Mails of one campaign share their fate, so the spread from day to day, not the number of mails, tells how sure a rate is. The
//! variance is that of a ratio over day clusters; the effective number of mails is the number of independent trials that would have
//! given this variance. Source of the estimator: Cochran, "Sampling Techniques", section 6.3 (ratio estimate of clusters).

use super::distribution::{Z95, student95};
use super::rate::wilson;
use super::{Interval, Rate};

/// With fewer active days than this their spread says nothing, and the pooled dispersion stands in.
pub const FEWEST_DAYS: usize = 8;
/// Above this lag-1 correlation neighbouring days are no longer taken for independent.
pub const NEIGHBOURS_ALIKE: f64 = 0.3;
/// Days over which neighbours are then followed.
const LAGS: usize = 3;

/// Where the variance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The spread of the days.
    Days,
    /// The spread of the days, neighbouring days being alike (Newey–West over three days).
    AlikeDays,
    /// Too few days: the dispersion of all series together.
    Pooled,
}

/// A rate of a period with what its days tell about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clustered {
    /// The rate of the whole period.
    pub rate: Rate,
    /// Days with any mail.
    pub days: usize,
    /// Variance of the rate.
    pub variance: f64,
    /// Independent trials that would be as sure; at most `rate.of`.
    pub effective: f64,
    /// Quantile for a two-sided 95 % interval: of Student's t with days − 1, or of the normal distribution where pooled.
    pub quantile: f64,
    /// Where the variance comes from.
    pub basis: Basis,
}

impl Clustered {
    /// From one cell per calendar day in order, days without mail included as 0 of 0. `pooled_phi` is [`pooled_phi`] over all
    /// series of the same figure; it is used with too few days only.
    #[must_use]
    pub fn of(days: &[Rate], pooled_phi: f64) -> Self {
        let rate = Rate::sum(days);
        let active = days.iter().filter(|day| day.of > 0).count();
        let n = rate.of as f64;
        let Some(value) = rate.value() else {
            return Self { rate, days: 0, variance: 0.0, effective: 0.0, quantile: Z95, basis: Basis::Pooled };
        };
        let independent = value * (1.0 - value);
        if active < FEWEST_DAYS {
            let phi = pooled_phi.max(1.0);
            let variance = phi * independent / n;
            return Self { rate, days: active, variance, effective: n / phi, quantile: Z95, basis: Basis::Pooled };
        }
        let (variance, basis) = variance(days);
        let effective = if variance > 0.0 { n.min(independent / variance) } else { n };
        Self { rate, days: active, variance, effective, quantile: student95(active as f64 - 1.0), basis }
    }

    /// The 95 % interval; all from 0 to 1 where there is no mail.
    #[must_use]
    pub fn interval(&self) -> Interval {
        wilson(self.rate.value().unwrap_or(0.5), self.effective, self.quantile)
    }
}

/// Variance of the ratio over days, and whether neighbouring days had to be followed.
fn variance(days: &[Rate]) -> (f64, Basis) {
    let plain = day_variance(days);
    if lag_one_correlation(days) <= NEIGHBOURS_ALIKE {
        return (plain, Basis::Days);
    }
    // Following the neighbours may only widen: a smaller estimate would be luck of a short series.
    (plain.max(newey_west_variance(days)), Basis::AlikeDays)
}

/// D/(D−1) · Σ(k − r·n)² / (Σn)², over the days with mail. 0 with fewer than two of them.
#[must_use]
pub fn day_variance(days: &[Rate]) -> f64 {
    scaled(days, residuals(days).iter().map(|e| e * e).sum())
}

/// [`day_variance`] for few days of uneven volume, such as the Tuesdays of a month: each residual by what chance leaves of it, since a day that
/// is half of the mail draws the rate to itself. Without bias where days differ in their rate, not in the luck of single mails; equal to
/// [`day_variance`] where all days are equally large.
#[must_use]
pub fn few_days_variance(days: &[Rate]) -> f64 {
    let n = Rate::sum(days).of as f64;
    let share = |day: &Rate| if n > 0.0 { day.of as f64 / n } else { 0.0 };
    let squares: f64 = days.iter().map(|day| share(day).powi(2)).sum();
    let left = |day: &Rate| (1.0 - 2.0 * share(day) + squares).max(f64::EPSILON);
    let sum: f64 = days.iter().zip(residuals(days)).map(|(day, e)| e * e / left(day)).sum();
    if n > 0.0 { sum / (n * n) } else { 0.0 }
}

/// [`day_variance`] with the products of days up to three apart, weighted 3/4, 2/4, 1/4 (Newey and West, Econometrica 55, 1987). At least 0.
#[must_use]
pub fn newey_west_variance(days: &[Rate]) -> f64 {
    let residuals = residuals(days);
    let squares: f64 = residuals.iter().map(|e| e * e).sum();
    let neighbours: f64 = (1..=LAGS)
        .map(|lag| {
            let weight = 1.0 - lag as f64 / (LAGS + 1) as f64;
            weight * residuals.iter().zip(residuals.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>()
        })
        .sum();
    scaled(days, 2.0_f64.mul_add(neighbours, squares).max(0.0))
}

/// Degrees of freedom of [`day_variance`]: one less than the days with mail where all are equally large, fewer where a few days make
/// most of the mail, since the variance then rests on those few (Satterthwaite, for residuals that grow with the day's volume). At
/// least 1.
#[must_use]
pub fn freedom(days: &[Rate]) -> f64 {
    let power = |exponent: i32| days.iter().map(|day| (day.of as f64).powi(exponent)).sum::<f64>();
    let (squares, fourths) = (power(2), power(4));
    if fourths > 0.0 { (squares * squares / fourths - 1.0).max(1.0) } else { 1.0 }
}

/// Correlation of the residuals of neighbouring days; 0 where they do not vary.
#[must_use]
pub fn lag_one_correlation(days: &[Rate]) -> f64 {
    let residuals = residuals(days);
    let squares: f64 = residuals.iter().map(|e| e * e).sum();
    let products: f64 = residuals.iter().zip(residuals.iter().skip(1)).map(|(a, b)| a * b).sum();
    if squares > 0.0 { products / squares } else { 0.0 }
}

/// k − r·n of each day; they sum to zero. The difference is taken in whole numbers: days of exactly one rate must give exact zeros,
/// not rounding that looks like a pattern.
fn residuals(days: &[Rate]) -> Vec<f64> {
    let sum = Rate::sum(days);
    let (part, of) = (i128::from(sum.part), i128::from(sum.of));
    days.iter().map(|day| (i128::from(day.part) * of - part * i128::from(day.of)) as f64 / of.max(1) as f64).collect()
}

fn scaled(days: &[Rate], sum_of_squares: f64) -> f64 {
    let active = days.iter().filter(|day| day.of > 0).count();
    if active < 2 {
        return 0.0;
    }
    let (active, n) = (active as f64, Rate::sum(days).of as f64);
    active / (active - 1.0) * sum_of_squares / (n * n)
}

/// How much more the days of all series spread than independent mail would: Pearson's X² over its degrees of freedom, all series
/// together, at least 1. Each series is compared with its own rate.
#[must_use]
pub fn pooled_phi<'a>(series: impl IntoIterator<Item = &'a [Rate]>) -> f64 {
    let (mut pearson, mut freedom) = (0.0, 0.0);
    for days in series {
        let Some(value) = Rate::sum(days).value().filter(|&value| value > 0.0 && value < 1.0) else { continue };
        let active = days.iter().filter(|day| day.of > 0);
        freedom += active.clone().count() as f64 - 1.0;
        pearson += active.map(|day| day.excess(value).powi(2) / (day.of as f64 * value * (1.0 - value))).sum::<f64>();
    }
    if freedom > 0.0 { (pearson / freedom).max(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::Random;
    use proptest::prelude::*;

    /// A month whose daily volume and daily rate vary: log-normal volume, Beta rate.
    fn month(random: &mut Random, days: usize, volume: f64, rate: f64, icc: f64) -> Vec<Rate> {
        (0..days)
            .map(|_| {
                let of = (volume * (0.4 * random.normal() - 0.08).exp()).round().max(1.0) as u64;
                let daily = random.rate(rate, icc);
                Rate::new(random.binomial(of, daily), of)
            })
            .collect()
    }

    // By hand: r = 6/40; e = 2 - 1.5, 4 - 1.5, 0 - 1.5, 0 - 1.5; squares 0.25 + 6.25 + 2.25 + 2.25 = 11; 4/3 * 11 / 1600.
    #[test]
    fn variance_of_four_days_by_hand() {
        let days = [2, 4, 0, 0].map(|part| Rate::new(part, 10));
        assert!((day_variance(&days) - 4.0 / 3.0 * 11.0 / 1600.0).abs() < 1e-12);
        // Neighbours: (0.5*2.5 - 2.5*1.5 + 1.5*1.5) = -0.25; two apart: -0.75 - 3.75 = -4.5; three apart: -0.75.
        let sum = 11.0 + 2.0 * (0.75 * -0.25 + 0.5 * -4.5 + 0.25 * -0.75);
        assert!((newey_west_variance(&days) - 4.0 / 3.0 * sum / 1600.0).abs() < 1e-12);
        assert!((lag_one_correlation(&days) - -0.25 / 11.0).abs() < 1e-12);
    }

    #[test]
    fn few_days_take_the_pooled_dispersion() {
        let clustered = Clustered::of(&[Rate::new(10, 100); 7], 4.0);
        assert_eq!((clustered.basis, clustered.days), (Basis::Pooled, 7));
        assert!((clustered.effective - 175.0).abs() < 1e-9);
    }

    #[test]
    fn equal_days_are_worth_all_their_mail() {
        let clustered = Clustered::of(&[Rate::new(10, 100); 30], 4.0);
        assert_eq!(clustered.basis, Basis::Days);
        assert!((clustered.effective - 3_000.0).abs() < 1e-9);
        assert!(clustered.quantile > Z95);
    }

    #[test]
    fn uneven_days_are_worth_fewer() {
        assert!((freedom(&[Rate::new(1, 100); 30]) - 29.0).abs() < 1e-9);
        // By hand: one day of 10 beside four of 1: (100 + 4)² / (10,000 + 4) - 1 = 0.08, which is less than one.
        let days = [10, 1, 1, 1, 1].map(|of| Rate::new(0, of));
        assert!((freedom(&days) - 1.0).abs() < f64::EPSILON);
        let halves = [2, 2, 1, 1].map(|of| Rate::new(0, of));
        assert!((freedom(&halves) - (100.0 / 34.0 - 1.0)).abs() < 1e-9);
        assert!((freedom(&[]) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn of_few_uneven_days_the_largest_hides_its_own_spread() {
        const RUNS: usize = 4_000;
        let mut random = Random::new(4);
        let (mut plain, mut corrected, mut squares, mut sum) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..RUNS {
            let days = [6_000, 3_000, 2_000, 1_000].map(|of| {
                let rate = random.rate(0.5, 0.02);
                Rate::new(random.binomial(of, rate), of)
            });
            let value = Rate::sum(&days).value().unwrap();
            (sum, squares) = (sum + value, squares + value * value);
            (plain, corrected) = (plain + day_variance(&days), corrected + few_days_variance(&days));
        }
        let runs = RUNS as f64;
        let true_variance = squares / runs - (sum / runs).powi(2);
        let (plain, corrected) = (plain / runs / true_variance, corrected / runs / true_variance);
        assert!((0.93..1.07).contains(&corrected) && plain < 0.8, "{plain} {corrected}");
        let equal = [40, 55, 61, 43].map(|part| Rate::new(part, 100));
        assert!((few_days_variance(&equal) - day_variance(&equal)).abs() < 1e-12);
        assert!(few_days_variance(&[]).abs() < f64::EPSILON && few_days_variance(&[Rate::new(1, 2)]).abs() < f64::EPSILON);
    }

    #[test]
    fn a_bad_week_is_seen_as_one_event() {
        let days: Vec<Rate> = (0..28).map(|day| Rate::new(if (7..14).contains(&day) { 400 } else { 10 }, 1_000)).collect();
        let clustered = Clustered::of(&days, 1.0);
        assert_eq!(clustered.basis, Basis::AlikeDays);
        assert!(clustered.variance > 1.9 * day_variance(&days), "{clustered:?}");
    }

    #[test]
    fn no_mail_is_not_a_rate() {
        for days in [&[][..], &[Rate::default(); 30][..]] {
            let interval = Clustered::of(days, 1.0).interval();
            assert_eq!((interval.lower, interval.upper), (0.0, 1.0));
        }
    }

    #[test]
    fn pooled_phi_finds_the_planted_dispersion() {
        let mut random = Random::new(11);
        // Intra-class correlation 0.01 at about 1,000 a day: phi near 1 + 999 * 0.01 = 11, a little more as volumes vary.
        let series: Vec<Vec<Rate>> = (0..20).map(|_| month(&mut random, 30, 1_000.0, 0.05, 0.01)).collect();
        let phi = pooled_phi(series.iter().map(Vec::as_slice));
        assert!((8.0..16.0).contains(&phi), "{phi}");
        assert!((pooled_phi([&[Rate::new(0, 10); 9][..]]) - 1.0).abs() < f64::EPSILON);
    }

    // What the day clusters are for: 95 % means 95 %, where independent mail would be taken for sure far too often.
    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        let mut random = Random::new(5);
        for (volume, rate, icc) in [(200.0, 0.02, 0.002), (5_000.0, 0.02, 0.01), (50_000.0, 0.02, 0.002), (5_000.0, 0.2, 0.02)]
        {
            let (mut clustered, mut plain) = (0, 0);
            for _ in 0..400 {
                let days = month(&mut random, 30, volume, rate, icc);
                clustered += u32::from(Clustered::of(&days, 1.0).interval().contains(rate));
                plain += u32::from(Rate::sum(&days).interval().unwrap().contains(rate));
            }
            assert!(clustered >= 364, "{volume} {rate} {icc}: {clustered} of 400");
            assert!(volume < 1_000.0 || plain < 220, "{volume} {rate} {icc}: plain {plain} of 400");
        }
    }

    proptest! {
        #[test]
        fn effective_mail_is_positive_and_at_most_all_mail(
            days in prop::collection::vec((0_u64..500, 0_u64..500), 0..40), phi in 0.5_f64..60.0,
        ) {
            let days: Vec<Rate> = days.into_iter().map(|(a, b)| Rate::new(a.min(b), b)).collect();
            let clustered = Clustered::of(&days, phi);
            prop_assert!(clustered.effective <= clustered.rate.of as f64);
            prop_assert!(clustered.effective > 0.0 || clustered.rate.of == 0);
            let interval = clustered.interval();
            prop_assert!(interval.lower <= interval.upper && clustered.rate.value().is_none_or(|value| interval.contains(value)));
        }
    }
}
