//! Did the providers get worse, or did more mail go to the worse ones? The change of a total rate, split exactly.

use super::Rate;

/// One provider (or source, or sender domain) in two periods; 0 of 0 where it had no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// In the first period.
    pub before: Rate,
    /// In the second.
    pub after: Rate,
}

/// What one part adds to the change of the total.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution {
    /// By its share of the mail: (its mean rate − the mean total rate) · the change of its share. Taking off the total changes no sum,
    /// as the changes of the shares sum to zero, and keeps growth at a good provider from looking bad.
    pub mix: f64,
    /// By its own rate: its mean share · the change of its rate.
    pub performance: f64,
}

/// The whole change, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Decomposition {
    /// In the order of the parts.
    pub contributions: Vec<Contribution>,
    /// Sum of the mix contributions.
    pub mix: f64,
    /// Sum of the performance contributions.
    pub performance: f64,
    /// Total rate after − before. Equals `mix + performance` but for rounding.
    pub total: f64,
}

/// Splits the change of the total rate: the midpoint form of Marshall, Edgeworth and Kitagawa (JASA 50, 1955), which leaves no
/// remainder. A part without mail in one period is given that period's total rate there, so that coming and going is mix alone,
/// judged by the rate that it has. None: a period without mail.
#[must_use]
pub fn decompose(parts: &[Part]) -> Option<Decomposition> {
    let before = Rate::sum(&parts.iter().map(|part| part.before).collect::<Vec<_>>());
    let after = Rate::sum(&parts.iter().map(|part| part.after).collect::<Vec<_>>());
    let (total_before, total_after) = (before.value()?, after.value()?);
    let centre = f64::midpoint(total_before, total_after);
    let contributions: Vec<Contribution> = parts
        .iter()
        .map(|part| {
            let share_before = part.before.of as f64 / before.of as f64;
            let share_after = part.after.of as f64 / after.of as f64;
            let rate_before = part.before.value().unwrap_or(total_before);
            let rate_after = part.after.value().unwrap_or(total_after);
            Contribution {
                mix: (f64::midpoint(rate_before, rate_after) - centre) * (share_after - share_before),
                performance: f64::midpoint(share_before, share_after) * (rate_after - rate_before),
            }
        })
        .collect();
    let mix = contributions.iter().map(|one| one.mix).sum();
    let performance = contributions.iter().map(|one| one.performance).sum();
    Some(Decomposition { contributions, mix, performance, total: total_after - total_before })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn part(before: (u64, u64), after: (u64, u64)) -> Part {
        Part { before: Rate::new(before.0, before.1), after: Rate::new(after.0, after.1) }
    }

    // By hand: no provider changed; the worse one went from a quarter to half of the mail: (0.8 - 0.9) * 0.25 + ... = -0.05.
    #[test]
    fn more_mail_to_the_worse_provider_is_mix() {
        let split = decompose(&[part((300, 300), (200, 200)), part((80, 100), (160, 200))]).unwrap();
        assert!((split.total - -0.05).abs() < 1e-12 && (split.mix - -0.05).abs() < 1e-12, "{split:?}");
        assert!(split.performance.abs() < 1e-12);
        assert!(split.contributions.iter().all(|one| one.mix < 0.0), "less to the good, more to the bad: {split:?}");
    }

    #[test]
    fn equal_shares_leave_performance_alone() {
        let split = decompose(&[part((90, 100), (80, 100)), part((50, 100), (50, 100))]).unwrap();
        assert!((split.performance - -0.05).abs() < 1e-12 && split.mix.abs() < 1e-12);
    }

    #[test]
    fn a_period_without_mail_cannot_be_split() {
        assert_eq!(decompose(&[part((0, 0), (1, 2))]), None);
        assert_eq!(decompose(&[]), None);
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_change(
            parts in prop::collection::vec(((0_u64..1_000_000, 0_u64..1_000_000), (0_u64..1_000_000, 0_u64..1_000_000)), 1..30),
        ) {
            let parts: Vec<Part> =
                parts.into_iter().map(|(b, a)| part((b.0.min(b.1), b.1), (a.0.min(a.1), a.1))).collect();
            if let Some(split) = decompose(&parts) {
                prop_assert!((split.mix + split.performance - split.total).abs() < 1e-12);
                prop_assert_eq!(split.contributions.len(), parts.len());
            }
        }
    }
}
