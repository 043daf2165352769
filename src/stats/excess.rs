//! How many more were refused than usual at the same hours of the week, and how many more or fewer that may have been.
//!
//! Refusals are counts of independent events at best, and mail comes in bursts: the Poisson interval is widened by the dispersion of
//! the hours outside, as if each φ refusals were one.

use super::distribution::Z95;
use super::rate::TOO_LITTLE;
use super::segments::robust_phi;
use super::{Interval, Rate};

const WEEK_HOURS: i32 = 168;

/// Refusals beyond those to be expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// As many as the same attempts would have met at other times, at the same hours of the week.
    pub expected: f64,
    /// Observed less expected.
    pub excess: f64,
    /// Where it may lie.
    pub interval: Interval,
}

/// What the hours `inside` met beyond those `outside`, both with their refused of attempts and numbered alike. An hour of the week of
/// which fewer than thirty attempts lie outside is expected to be as all outside together. None: nothing lies outside.
#[must_use]
pub fn excess(inside: &[(i32, Rate)], outside: &[(i32, Rate)]) -> Option<Excess> {
    let mut usual = [Rate::default(); WEEK_HOURS as usize];
    let place = |hour: i32| hour.rem_euclid(WEEK_HOURS) as usize;
    for &(hour, rate) in outside {
        if let Some(usual) = usual.get_mut(place(hour)) {
            *usual = Rate::sum(&[*usual, rate]);
        }
    }
    let all = Rate::sum(&usual);
    // Attempts inside by the rate that they are held against: that of their hour of the week, or at last that of all.
    let mut attempts = [0_u64; WEEK_HOURS as usize + 1];
    for &(hour, rate) in inside {
        let is_known = usual.get(place(hour)).is_some_and(|usual| usual.of >= TOO_LITTLE);
        let at = if is_known { place(hour) } else { WEEK_HOURS as usize };
        if let Some(attempts) = attempts.get_mut(at) {
            *attempts += rate.of;
        }
    }
    let phi = robust_phi(&outside.iter().map(|&(_, rate)| rate).filter(|rate| rate.of > 0).collect::<Vec<_>>());
    let (mut expected, mut variance) = (0.0, 0.0);
    for (usual, attempts) in usual.iter().chain([&all]).zip(attempts).filter(|(_, attempts)| *attempts > 0) {
        let (attempts, rate) = (attempts as f64, usual.value()?);
        expected += attempts * rate;
        variance += attempts * attempts * rate * phi / usual.of as f64;
    }
    let observed = inside.iter().map(|(_, rate)| rate.part).sum::<u64>() as f64;
    let of_observed = poisson(observed, phi);
    // That of a difference, of which both sides are uncertain (Zou and Donner, Statistics in Medicine 27, 2008).
    let together = |end: f64| ((end - observed).powi(2) + Z95 * Z95 * variance).sqrt();
    let excess = observed - expected;
    // No more can be refused than is tried.
    let most = inside.iter().map(|(_, rate)| rate.of).sum::<u64>() as f64;
    let upper = (excess + together(of_observed.upper)).min(most);
    let interval = Interval { lower: excess - together(of_observed.lower), upper };
    Some(Excess { expected, excess, interval })
}

/// Where the mean of a count may lie that was seen once, at 95 %: Byar's approximation to the exact Poisson limits (Breslow and Day,
/// "Statistical Methods in Cancer Research" II, 1987, p. 69). `phi` of the counted come together.
fn poisson(count: f64, phi: f64) -> Interval {
    let (count, next) = (count / phi, count / phi + 1.0);
    let cube = |of: f64, z: f64| of * (1.0 - 1.0 / (9.0 * of) + z / (3.0 * of.sqrt())).powi(3);
    let lower = if count > 0.0 { cube(count, -Z95).max(0.0) } else { 0.0 };
    Interval { lower: phi * lower, upper: phi * cube(next, Z95) }
}

#[cfg(test)]
mod tests {
    use super::super::distribution::tests::close;
    use super::*;

    // The exact limits of a Poisson mean (Garwood 1936; e.g. Breslow and Day, table 2.10): 10: 4.80 to 18.39; 100: 81.4 to 121.6; 0: 0 to 3.69.
    #[test]
    fn limits_are_those_of_the_table() {
        for (count, lower, upper) in [(10.0, 4.80, 18.39), (100.0, 81.4, 121.6), (0.0, 0.0, 3.69)] {
            let got = poisson(count, 1.0);
            close(got.lower, lower, 0.05);
            close(got.upper, upper, 0.05);
        }
        // A hundred that come by fours are 25 to be counted: 16.18 to 36.91, times four.
        let got = poisson(100.0, 4.0);
        close(got.lower, 64.7, 0.2);
        close(got.upper, 147.6, 0.2);
    }

    #[test]
    fn what_is_expected_is_that_of_the_same_hours_of_other_weeks() {
        // Mondays at nine a tenth was refused (20 of 200 in two weeks), at ten nothing; the third Monday is the episode.
        let mut outside: Vec<(i32, Rate)> = (0..2)
            .flat_map(|week| [9, 10].map(|hour| (week * 168 + hour, hour)))
            .map(|(at, hour)| (at, Rate::new(if hour == 9 { 10 } else { 0 }, 100)))
            .collect();
        let inside = [(2 * 168 + 9, Rate::new(80, 100)), (2 * 168 + 10, Rate::new(90, 150))];
        let got = excess(&inside, &outside).unwrap();
        // 100 x 20/200 + 150 x 0/200.
        close(got.expected, 10.0, 1e-9);
        close(got.excess, 160.0, 1e-9);
        // Another hour of the week: of it nothing is known but what all hours say, 20 of 400.
        let got = excess(&[(50, Rate::new(30, 60))], &outside).unwrap();
        close(got.expected, 3.0, 1e-9);
        // An hour of the week with 29 attempts says no more; with 30 it does.
        outside.push((50 + 168, Rate::new(29, 29)));
        close(excess(&[(50, Rate::new(30, 60))], &outside).unwrap().expected, 60.0 * 49.0 / 429.0, 1e-9);
        outside.push((50 + 336, Rate::new(0, 1)));
        close(excess(&[(50, Rate::new(30, 60))], &outside).unwrap().expected, 58.0, 1e-9);
    }

    #[test]
    fn both_what_was_seen_and_what_is_expected_are_uncertain() {
        // Hours of one rate: φ is 1. 400 of 1,000 refused, 5 of 100 expected of each of two weeks: 1,000 x 10/200 = 50.
        let outside = [(9, Rate::new(5, 100)), (177, Rate::new(5, 100))];
        let got = excess(&[(345, Rate::new(400, 1_000))], &outside).unwrap();
        close(got.expected, 50.0, 1e-9);
        // By hand: Poisson limits of 400 are 361.8 and 441.2; the expectation's variance is 1000² x 0.05 / 200 = 250, its half-width 30.99.
        close(got.interval.lower, 350.0 - 38.2_f64.hypot(30.99), 0.1);
        close(got.interval.upper, 350.0 + 41.2_f64.hypot(30.99), 0.1);
    }

    #[test]
    fn no_more_may_be_refused_than_was_tried() {
        // Ten of seventeen: the limits of Poisson, which know no whole, are 4.8 and 18.4.
        let got = excess(&[(345, Rate::new(10, 17))], &[(9, Rate::new(0, 100))]).unwrap();
        close(got.interval.lower, 4.8, 0.05);
        close(got.interval.upper, 17.0, 1e-9);
    }

    #[test]
    fn of_a_series_that_is_all_episode_nothing_is_expected() {
        assert_eq!(excess(&[(9, Rate::new(5, 9))], &[]), None);
        assert_eq!(excess(&[(9, Rate::new(5, 9))], &[(10, Rate::default())]), None);
    }
}
