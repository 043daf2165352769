//! One rate: a part of a whole, its interval and whether it is enough to say anything.

use super::Interval;
use super::distribution::Z95;

/// Below this whole a rate is "too little mail": shown, but neither marked nor ranked.
pub const TOO_LITTLE: u64 = 30;

/// `part` of `of`, both counts of the same thing. A day of such counts is the cell that everything clustered works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    /// How many of them have the property.
    pub part: u64,
    /// How many there are.
    pub of: u64,
}

impl Rate {
    /// `part` of `of`.
    #[must_use]
    pub const fn new(part: u64, of: u64) -> Self {
        Self { part, of }
    }

    /// All of `rates` together.
    #[must_use]
    pub fn sum(rates: &[Self]) -> Self {
        rates.iter().fold(Self::default(), |sum, rate| Self::new(sum.part + rate.part, sum.of + rate.of))
    }

    /// Between 0 and 1. None: a part of nothing.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| self.part as f64 / self.of as f64)
    }

    /// Whether there is too little to mark or rank the rate.
    #[must_use]
    pub const fn is_too_little(self) -> bool {
        self.of < TOO_LITTLE
    }

    /// The 95 % interval of Wilson, for trials that are independent. Mail by the month is not: see [`super::effective`].
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        self.value().map(|value| wilson(value, self.of as f64, Z95))
    }

    /// How many more have the property than the rate `expected` of all others would give: the harm, in mails. Rankings go by this,
    /// since the highest raw rate is mostly the smallest sample.
    #[must_use]
    pub fn excess(self, expected: f64) -> f64 {
        (self.of as f64).mul_add(-expected, self.part as f64)
    }
}

/// The score interval of a rate: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
/// `n` is the effective number of trials and may be fractional; `quantile` is of the normal or of Student's t distribution.
#[must_use]
pub fn wilson(rate: f64, n: f64, quantile: f64) -> Interval {
    if n.is_nan() || n <= 0.0 {
        return Interval { lower: 0.0, upper: 1.0 };
    }
    let square = quantile * quantile;
    let scale = 1.0 + square / n;
    let centre = (rate + square / (2.0 * n)) / scale;
    let half = quantile * (rate * (1.0 - rate) / n + square / (4.0 * n * n)).sqrt() / scale;
    // Rounding must not put 0 of n at a hair above or below zero.
    Interval {
        lower: if rate <= 0.0 { 0.0 } else { (centre - half).clamp(0.0, rate) },
        upper: if rate >= 1.0 { 1.0 } else { (centre + half).clamp(rate, 1.0) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(part: u64, of: u64, lower: f64, upper: f64) {
        let got = Rate::new(part, of).interval().unwrap();
        assert!((got.lower - lower).abs() < 5e-5 && (got.upper - upper).abs() < 5e-5, "{part} of {of}: {got:?}");
    }

    // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I, method 3.
    #[test]
    fn intervals_are_those_of_newcombe() {
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0, 0.1611);
        check(1, 29, 0.0061, 0.1718);
    }

    #[test]
    fn nothing_seen_gives_nearly_the_rule_of_three() {
        let upper = Rate::new(0, 1_000).interval().unwrap().upper;
        assert!((upper - 3.84 / 1_003.84).abs() < 1e-5, "{upper}");
    }

    #[test]
    fn a_part_of_nothing_has_no_value() {
        assert_eq!(Rate::new(0, 0).value(), None);
        assert_eq!(Rate::new(0, 0).interval(), None);
        assert!(Rate::new(3, 29).is_too_little() && !Rate::new(3, 30).is_too_little());
    }

    #[test]
    fn excess_is_harm_in_mails() {
        assert!((Rate::new(80, 1_000).excess(0.02) - 60.0).abs() < 1e-9);
        assert!(Rate::new(1, 1_000).excess(0.02) < 0.0);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_rate_and_lies_within_zero_and_one(of in 1_u64..1_000_000, share in 0.0_f64..=1.0) {
            let rate = Rate::new((of as f64 * share) as u64, of);
            let interval = rate.interval().unwrap();
            prop_assert!(interval.contains(rate.value().unwrap()));
            prop_assert!(0.0 <= interval.lower && interval.upper <= 1.0);
        }

        #[test]
        fn the_complement_has_the_mirrored_interval(of in 1_u64..100_000, share in 0.0_f64..=1.0) {
            let part = (of as f64 * share) as u64;
            let (a, b) = (Rate::new(part, of).interval().unwrap(), Rate::new(of - part, of).interval().unwrap());
            prop_assert!((a.lower - (1.0 - b.upper)).abs() < 1e-9 && (a.upper - (1.0 - b.lower)).abs() < 1e-9);
        }
    }
}
