//! Accepted within so much time: cumulative incidence of acceptance by age.
//!
//! The plain share of mails with a delay below t is wrong twice: mail still in the queue is not failed, and failed mail can no
//! longer be accepted. The estimator of Aalen and Johansen (Scand. J. Statist. 5, 1978) takes failure as a competing event and
//! unfinished mail as censored at its age.

use super::Rate;

/// The outcomes that ended, or were last seen, at one age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AtAge {
    /// Since reception, in the caller's whole unit.
    pub age: i64,
    /// Accepted at this age.
    pub accepted: u64,
    /// Failed for good at this age.
    pub failed: u64,
    /// Unfinished, last known at this age.
    pub unfinished: u64,
}

/// A point of the curve: it holds from `age` on, up to the next point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Since reception, same unit as the input.
    pub age: i64,
    /// Share of all outcomes accepted by then, 0 to 1.
    pub share: f64,
}

/// Cumulative incidence of acceptance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incidence {
    points: Vec<Point>,
    all: u64,
}

impl Incidence {
    /// From the histogram of ages, in any order; an age may occur more than once.
    #[must_use]
    pub fn of(histogram: &[AtAge]) -> Self {
        let mut ages = histogram.to_vec();
        ages.sort_unstable_by_key(|at| at.age);
        let all: u64 = ages.iter().map(|at| at.accepted + at.failed + at.unfinished).sum();
        let mut at_risk = all;
        let mut weight = Weight { accepted: 0, share: 0.0, scale: 1.0, all: all as f64 };
        let mut points: Vec<Point> = Vec::new();
        for same in ages.chunk_by(|a, b| a.age == b.age) {
            let sum = |count: fn(&AtAge) -> u64| same.iter().map(count).sum::<u64>();
            let (accepted, failed, unfinished) = (sum(|at| at.accepted), sum(|at| at.failed), sum(|at| at.unfinished));
            weight.accepted += accepted;
            if let Some(first) = same.first().filter(|_| accepted > 0) {
                points.push(Point { age: first.age, share: weight.share() });
            }
            // What ended at this age ended before what was last seen at it.
            at_risk -= accepted + failed;
            weight.censor(unfinished, at_risk);
            at_risk -= unfinished;
        }
        Self { points, all }
    }

    /// Share of all outcomes accepted at an age of at most `age`. None: no outcomes.
    #[must_use]
    pub fn accepted_within(&self, age: i64) -> Option<f64> {
        let reached = self.points.partition_point(|point| point.age <= age);
        let share = reached.checked_sub(1).and_then(|last| self.points.get(last)).map_or(0.0, |point| point.share);
        (self.all > 0).then_some(share)
    }

    /// The whole curve: where it steps, ascending.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}

/// Each outcome weighs 1/all; when one leaves unfinished, those still at risk inherit its weight in equal parts (Efron's
/// redistribution to the right, which is the same estimator). So long as nothing leaves, only whole numbers are added: the result
/// on a finished cohort is exactly accepted / all.
struct Weight {
    /// Accepted since the weight last changed.
    accepted: u64,
    /// Share up to then.
    share: f64,
    /// How many times 1/all an outcome weighs now.
    scale: f64,
    all: f64,
}

impl Weight {
    fn share(&self) -> f64 {
        self.share + self.accepted as f64 * self.scale / self.all
    }

    fn censor(&mut self, unfinished: u64, at_risk: u64) {
        if unfinished == 0 {
            return;
        }
        self.share = self.share();
        self.accepted = 0;
        if at_risk > unfinished {
            self.scale *= at_risk as f64 / (at_risk - unfinished) as f64;
        }
    }
}

/// The outcomes whose fate by `age` is known, as a rate: accepted by then, of all but those last seen unfinished before. For
/// intervals and comparisons, which want counts; biased where much is unfinished, unlike [`Incidence`].
#[must_use]
pub fn known_within(histogram: &[AtAge], age: i64) -> Rate {
    histogram.iter().fold(Rate::default(), |known, at| {
        let is_in_time = at.age <= age;
        let left = if at.age < age { at.unfinished } else { 0 };
        let all = at.accepted + at.failed + at.unfinished;
        Rate::new(known.part + if is_in_time { at.accepted } else { 0 }, known.of + all - left)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn at(age: i64, accepted: u64, failed: u64, unfinished: u64) -> AtAge {
        AtAge { age, accepted, failed, unfinished }
    }

    // By hand, in the manner of Marubini and Valsecchi, "Analysing Survival Data", chapter 10: ten at risk;
    // age 1: 2 accepted -> 2/10; age 2: 1 failed, 1 censored -> survival 7/10, 6 at risk; age 3: 3 accepted -> + 7/10 * 3/6.
    #[test]
    fn incidence_by_hand() {
        let incidence = Incidence::of(&[at(1, 2, 0, 0), at(2, 0, 1, 1), at(3, 3, 0, 0), at(9, 0, 1, 2)]);
        let got = [0, 1, 2, 3, 100].map(|age| incidence.accepted_within(age).unwrap());
        for (got, wanted) in got.into_iter().zip([0.0, 0.2, 0.2, 0.55, 0.55]) {
            assert!((got - wanted).abs() < 1e-12, "{got} is not {wanted}");
        }
        assert_eq!(incidence.points().len(), 2);
    }

    #[test]
    fn unfinished_mail_is_not_failed_mail() {
        // Half accepted at once, half seen only for a moment: those would do as the others did.
        let incidence = Incidence::of(&[at(0, 0, 0, 50), at(60, 45, 5, 0)]);
        assert!((incidence.accepted_within(60).unwrap() - 0.9).abs() < 1e-12);
        assert_eq!(known_within(&[at(0, 0, 0, 50), at(60, 45, 5, 0)], 60), Rate::new(45, 50));
    }

    #[test]
    fn no_mail_has_no_curve() {
        assert_eq!(Incidence::of(&[]).accepted_within(60), None);
        assert_eq!(Incidence::of(&[at(5, 0, 0, 3)]).accepted_within(60), Some(0.0));
    }

    fn histogram() -> impl Strategy<Value = Vec<AtAge>> {
        let one = (0_i64..50, 0_u64..1_000, 0_u64..1_000, 0_u64..300).prop_map(|(age, a, f, u)| at(age, a, f, u));
        prop::collection::vec(one, 0..30)
    }

    /// The textbook form: survival times hazard.
    fn textbook(histogram: &[AtAge], until: i64) -> f64 {
        let mut at_risk: u64 = histogram.iter().map(|at| at.accepted + at.failed + at.unfinished).sum();
        let (mut survival, mut share) = (1.0, 0.0);
        for age in 0..=until {
            let here = histogram.iter().filter(|at| at.age == age);
            let (a, f, u) = here.fold((0, 0, 0), |(a, f, u), at| (a + at.accepted, f + at.failed, u + at.unfinished));
            if at_risk > 0 {
                share += survival * a as f64 / at_risk as f64;
                survival *= 1.0 - (a + f) as f64 / at_risk as f64;
            }
            at_risk -= a + f + u;
        }
        share
    }

    proptest! {
        #[test]
        fn a_finished_cohort_ends_at_its_accepted_rate(mut ages in histogram()) {
            for at in &mut ages {
                at.unfinished = 0;
            }
            let accepted = ages.iter().map(|at| at.accepted).sum();
            let rate = Rate::new(accepted, ages.iter().map(|at| at.accepted + at.failed).sum());
            prop_assert_eq!(Incidence::of(&ages).accepted_within(i64::MAX), rate.value());
            prop_assert_eq!(known_within(&ages, i64::MAX), rate);
        }

        #[test]
        fn the_curve_is_that_of_the_textbook_and_never_falls(ages in histogram(), until in 0_i64..60) {
            let incidence = Incidence::of(&ages);
            if let Some(share) = incidence.accepted_within(until) {
                prop_assert!((share - textbook(&ages, until)).abs() < 1e-9);
                prop_assert!(share <= 1.0 + 1e-9);
            }
            prop_assert!(incidence.points().windows(2).all(|pair| pair[0].share <= pair[1].share && pair[0].age < pair[1].age));
        }
    }
}
