//! Fisher's exact test: for comparisons of so little mail that nothing else may be trusted. It takes mails for independent.

use statrs::function::factorial::ln_binomial;

use super::Rate;

/// Two-sided p that two rates are the same: all tables with these margins that are no more probable than the one seen.
#[must_use]
pub fn two_sided(a: Rate, b: Rate) -> f64 {
    let (part, of) = (a.part + b.part, a.of + b.of);
    if a.of == 0 || b.of == 0 || part == 0 || part == of {
        return 1.0;
    }
    // Probability of k parts falling to `a`: hypergeometric, by logarithms, as the binomials do not fit.
    let all = ln_binomial(of, part);
    let ln_probability = |k: u64| ln_binomial(a.of, k) + ln_binomial(b.of, part - k) - all;
    // Tables of equal probability differ by rounding, and belong together.
    let seen = ln_probability(a.part) + 1e-7;
    let possible = part.saturating_sub(b.of)..=part.min(a.of);
    possible.map(ln_probability).filter(|&ln| ln <= seen).map(f64::exp).sum::<f64>().min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(a: (u64, u64), b: (u64, u64), wanted: f64) {
        let got = two_sided(Rate::new(a.0, a.1), Rate::new(b.0, b.1));
        assert!((got - wanted).abs() < 1e-7 + wanted * 1e-3, "{a:?} {b:?}: {got}, not {wanted}");
    }

    // The lady tasting tea: 3 of 4 against 1 of 4, (1 + 16 + 16 + 1) / 70. Convictions of criminals' twins, Fisher 1962: R's
    // `fisher.test` gives 0.0005367 in its own example.
    #[test]
    fn fishers_own_examples() {
        check((3, 4), (1, 4), 34.0 / 70.0);
        check((4, 4), (0, 4), 2.0 / 70.0);
        check((2, 17), (10, 13), 0.000_536_7);
    }

    #[test]
    fn nothing_to_compare_is_no_difference() {
        check((0, 10), (0, 20), 1.0);
        check((10, 10), (20, 20), 1.0);
        check((0, 0), (3, 20), 1.0);
    }

    proptest! {
        #[test]
        fn sides_and_complements_may_be_swapped(a in (0_u64..60, 0_u64..60), b in (0_u64..60, 0_u64..60)) {
            let [a, b] = [a, b].map(|(x, y)| Rate::new(x.min(y), y));
            let p = two_sided(a, b);
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - two_sided(b, a)).abs() < 1e-9);
            let rest = |rate: Rate| Rate::new(rate.of - rate.part, rate.of);
            prop_assert!((p - two_sided(rest(a), rest(b))).abs() < 1e-9);
        }
    }
}
