//! Tails and quantiles of the distributions that the tests need, over `statrs`, in the few shapes that occur here.

use statrs::distribution::{Continuous, StudentsT};
use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::gamma_ur;

/// The quantile of the normal distribution for a two-sided 95 % interval.
pub const Z95: f64 = 1.959_964;

/// Two-sided p of a standard normal value.
#[must_use]
pub fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Two-sided p of a Student's t value. The degrees of freedom need not be whole (Satterthwaite).
#[must_use]
pub fn student_two_sided(t: f64, freedom: f64) -> f64 {
    // `beta_reg` is exact in the far tail, where 2 * (1 - cdf) has lost all digits.
    if freedom.is_nan() || freedom <= 0.0 || t.is_nan() {
        return 1.0;
    }
    beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t))
}

/// The quantile of Student's t for a two-sided 95 % interval. Falls back on the normal one where there is no freedom to speak of.
#[must_use]
pub fn student95(freedom: f64) -> f64 {
    let Ok(student) = StudentsT::new(0.0, 1.0, freedom) else { return Z95 };
    // Newton on the tail, not the inverse of `statrs`, which is off by a percent for many degrees of freedom. The tail is convex and
    // the start lies left of the root: each step goes right and none goes too far.
    let mut t = Z95;
    for _ in 0..64 {
        let step = (student_two_sided(t, freedom) - 0.05) / (2.0 * student.pdf(t));
        t += step;
        if step.abs() < 1e-12 * t {
            break;
        }
    }
    t
}

/// Upper tail of chi-square.
#[must_use]
pub fn chi_square_upper(x: f64, freedom: f64) -> f64 {
    if x.is_nan() || x <= 0.0 || freedom.is_nan() || freedom <= 0.0 {
        return 1.0;
    }
    gamma_ur(0.5 * freedom, 0.5 * x)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    #[track_caller]
    pub(in crate::stats) fn close(got: f64, wanted: f64, within: f64) {
        assert!((got - wanted).abs() <= within, "{got} is not {wanted}");
    }

    // The t table that every textbook prints (e.g. Fisher & Yates, table III; R: qt(0.975, df)).
    #[test]
    fn student_quantiles_are_those_of_the_table() {
        for (freedom, wanted) in
            [(1.0, 12.706), (2.0, 4.303), (7.0, 2.365), (10.0, 2.228), (29.0, 2.045), (30.0, 2.042), (120.0, 1.980)]
        {
            close(student95(freedom), wanted, 5e-4);
        }
        close(student95(1e7), Z95, 1e-5);
        close(student95(0.0), Z95, 0.0);
    }

    #[test]
    fn student_tails_invert_the_quantiles() {
        for freedom in [1.0, 2.5, 7.0, 29.0, 57.3] {
            close(student_two_sided(student95(freedom), freedom), 0.05, 1e-9);
        }
        close(student_two_sided(0.0, 5.0), 1.0, 1e-12);
    }

    // Chi-square table, 5 % points: 3.841 (1), 12.592 (6). Normal: 1.96.
    #[test]
    fn chi_square_and_normal_tails_are_those_of_the_table() {
        close(chi_square_upper(3.841_459, 1.0), 0.05, 1e-6);
        close(chi_square_upper(12.591_587, 6.0), 0.05, 1e-6);
        close(normal_two_sided(Z95), 0.05, 1e-6);
    }
}
