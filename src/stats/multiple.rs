//! Many looks at once: the false discovery rate.

/// The adjusted values (q) of Benjamini and Hochberg (J. R. Statist. Soc. B 57, 1995) of one family of p-values, in the order given.
/// Calling everything with q ≤ 0.05 keeps the expected share of false calls at 5 % or less. What was not tested (NaN) counts as 1.
#[must_use]
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> =
        p_values.iter().map(|&p| if p.is_nan() { 1.0 } else { p.clamp(0.0, 1.0) }).enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let tests = p_values.len();
    let mut least = 1.0_f64;
    // From the largest p down, so that q never falls as p rises.
    for (above, (_, p)) in order.iter_mut().enumerate() {
        least = least.min(*p * (tests as f64 / (tests - above) as f64));
        *p = least;
    }
    order.sort_by_key(|&(place, _)| place);
    order.into_iter().map(|(_, q)| q).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The example of the paper: 15 comparisons, of which the first four are called at 0.05.
    #[test]
    fn the_papers_example() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
        ];
        let q = adjusted(&p);
        assert_eq!(q.iter().filter(|&&q| q <= 0.05).count(), 4);
        assert!((q[0] - 0.0015).abs() < 1e-12 && (q[3] - 0.0095 * 15.0 / 4.0).abs() < 1e-12);
    }

    #[test]
    fn what_was_not_tested_is_never_called() {
        assert_eq!(adjusted(&[f64::NAN, 0.01]), [1.0, 0.02]);
        assert!(adjusted(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn q_is_at_least_p_and_keeps_its_order(p in prop::collection::vec(0.0_f64..=1.0, 1..40)) {
            let q = adjusted(&p);
            for (a, qa) in p.iter().zip(&q) {
                prop_assert!(qa >= a && *qa <= 1.0);
                prop_assert!(p.iter().zip(&q).all(|(b, qb)| a > b || qa <= qb));
            }
        }
    }
}
