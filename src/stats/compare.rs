//! Two periods, one figure: how far it moved, whether that is more than days differ anyway, and what to call it.
//!
//! A plain test of two proportions calls most unchanged months different once days differ a little; here days are the unit. Below
//! eight active days in a period the dispersion of all series stands in, and where even that has too little, Fisher's exact test.

use super::distribution::{normal_two_sided, student_two_sided};
use super::effective::{Basis, Clustered, freedom};
use super::rate::wilson;
use super::{Interval, Rate, fisher};

/// Which test gave the p-value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// t test over days.
    Days,
    /// Two proportions with the dispersion of all series, as a period has fewer than eight active days.
    Pooled,
    /// Fisher's exact test. Assumes independent mail: to be said.
    Fisher,
}

/// Whether more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// As of delivered mail.
    HigherIsBetter,
    /// As of bounces.
    HigherIsWorse,
}

/// What to call a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Sure, and large enough to matter.
    Worse,
    /// Sure, and large enough to matter.
    Better,
    /// Sure, but too small to matter.
    MovedSmall,
    /// Within what days differ anyway.
    NoClearChange,
    /// A change that matters could have been missed.
    TooLittleMail,
}

/// One period of a comparison: the rate with what its days tell, perhaps standardised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    /// Counts and spread.
    pub clustered: Clustered,
    /// The rate that is compared: that of the counts, or the standardised one.
    pub value: f64,
    /// Degrees of freedom of the variance.
    pub freedom: f64,
}

impl Side {
    /// From one cell per calendar day: see [`Clustered::of`]. None: no mail.
    #[must_use]
    pub fn of(days: &[Rate], pooled_phi: f64) -> Option<Self> {
        let clustered = Clustered::of(days, pooled_phi);
        let value = clustered.rate.value()?;
        Some(Self { clustered, value, freedom: freedom(days) })
    }

    /// The 95 % interval of the rate.
    #[must_use]
    pub fn interval(&self) -> Interval {
        wilson(self.value, self.clustered.effective, self.clustered.quantile)
    }

    /// The variance that a plan has to reckon with: at least that of independent mail, for a rate that two mails more of either kind
    /// would give (Agresti and Coull). Days that are all 0 of n have no spread, but are not sure of zero.
    fn planning_variance(&self) -> f64 {
        let n = self.clustered.rate.of as f64;
        let value = self.value.mul_add(n, 2.0) / (n + 4.0);
        self.clustered.variance.max(value * (1.0 - value) / n)
    }
}

/// One figure in two periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateComparison {
    /// The first period.
    pub before: Side,
    /// The second.
    pub after: Side,
    /// After − before, 0.01 being one point.
    pub difference: f64,
    /// Of the difference, 95 %.
    pub interval: Interval,
    /// That nothing changed.
    pub p: f64,
    /// What gave `p`.
    pub test: Test,
    /// The least change that would be found four times out of five (α 0.05): below this, silence means nothing.
    pub detectable: f64,
}

impl RateComparison {
    /// Compares the days of two periods; `pooled_phi` as for [`Clustered::of`]. None: a period without mail.
    #[must_use]
    pub fn of(before: &[Rate], after: &[Rate], pooled_phi: f64) -> Option<Self> {
        Some(Self::of_sides(Side::of(before, pooled_phi)?, Side::of(after, pooled_phi)?, pooled_phi))
    }

    /// Compares two sides.
    #[must_use]
    pub fn of_sides(before: Side, after: Side, pooled_phi: f64) -> Self {
        let (p, test) = test(&before, &after, pooled_phi);
        // Normal quantiles: 1.96 for the error of the first kind and 0.84 for the power.
        let detectable = 2.80 * (before.planning_variance() + after.planning_variance()).sqrt();
        let interval = newcombe(before.value, before.interval(), after.value, after.interval());
        Self { before, after, difference: after.value - before.value, interval, p, test, detectable }
    }

    /// After / before. None where nothing was before.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.before.value > 0.0).then(|| self.after.value / self.before.value)
    }

    /// What to call the change, `q` being [`super::multiple::adjusted`] over everything that is compared at once.
    #[must_use]
    pub fn verdict(&self, q: f64, sense: Sense) -> Verdict {
        if q <= 0.05 {
            return match (self.is_beyond_minimum(), sense, self.difference > 0.0) {
                (false, ..) => Verdict::MovedSmall,
                (true, Sense::HigherIsBetter, true) | (true, Sense::HigherIsWorse, false) => Verdict::Better,
                (true, Sense::HigherIsBetter, false) | (true, Sense::HigherIsWorse, true) => Verdict::Worse,
            };
        }
        // Twice as much, of the rarer side: twice as much of 98 % delivered is nothing that could happen.
        let doubling = self.before.value.min(1.0 - self.before.value);
        if self.detectable > doubling.max(0.02) { Verdict::TooLittleMail } else { Verdict::NoClearChange }
    }

    /// 0.5 points or × 1.25 where the larger rate is 2 % or more; below, × 1.5 and 20 outcomes more or less than before.
    fn is_beyond_minimum(&self) -> bool {
        let (larger, smaller) = (self.before.value.max(self.after.value), self.before.value.min(self.after.value));
        let change = self.difference.abs();
        if larger >= 0.02 {
            return change >= 0.005 || larger >= 1.25 * smaller;
        }
        larger >= 1.5 * smaller && change * self.after.clustered.rate.of as f64 >= 20.0
    }
}

/// The hybrid score interval of b − a: Newcombe, "Interval estimation for the difference between independent proportions",
/// Statistics in Medicine 17 (1998), method 10.
#[must_use]
pub fn newcombe(a: f64, a_interval: Interval, b: f64, b_interval: Interval) -> Interval {
    let difference = b - a;
    Interval {
        lower: difference - (b - b_interval.lower).hypot(a_interval.upper - a),
        upper: difference + (b_interval.upper - b).hypot(a - a_interval.lower),
    }
}

/// p, and the test that it comes from.
fn test(before: &Side, after: &Side, pooled_phi: f64) -> (f64, Test) {
    let (a, b) = (&before.clustered, &after.clustered);
    if a.basis != Basis::Pooled && b.basis != Basis::Pooled {
        let variance = a.variance + b.variance;
        if variance > 0.0 {
            let t = (after.value - before.value) / variance.sqrt();
            return (student_two_sided(t, satterthwaite(before, after)), Test::Days);
        }
    }
    let both = Rate::new(a.rate.part + b.rate.part, a.rate.of + b.rate.of);
    let value = both.value().unwrap_or(0.0);
    let rarer = value.min(1.0 - value);
    if rarer * a.rate.of.min(b.rate.of) as f64 >= 5.0 {
        let variance = pooled_phi.max(1.0) * value * (1.0 - value) * (1.0 / a.rate.of as f64 + 1.0 / b.rate.of as f64);
        return (normal_two_sided((after.value - before.value) / variance.sqrt()), Test::Pooled);
    }
    (fisher::two_sided(a.rate, b.rate), Test::Fisher)
}

/// Degrees of freedom of a sum of two variances: Satterthwaite, Biometrics Bulletin 2 (1946).
fn satterthwaite(before: &Side, after: &Side) -> f64 {
    let (a, b) = (before.clustered.variance, after.clustered.variance);
    (a + b).powi(2) / (a * a / before.freedom.max(1.0) + b * b / after.freedom.max(1.0))
}

#[cfg(test)]
mod tests;
