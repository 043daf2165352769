//! Ranks, and what is left of them when the time of day and the volume are taken away.

/// Ranks from 1, equal values sharing the mean of theirs.
#[must_use]
pub fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.1.total_cmp(&b.1).is_eq()) {
        let shared = before as f64 + f64::midpoint(1.0, tied.len() as f64);
        for &(place, _) in tied {
            if let Some(rank) = ranks.get_mut(place) {
                *rank = shared;
            }
        }
        before += tied.len();
    }
    ranks
}

/// What remains of the ranks of `values` when those of `volume` and the mean of each `phase` (hour of the day) are taken out by
/// linear regression. The correlation of two such remainders is the partial Spearman correlation. Equally long, in one order.
#[must_use]
pub fn remainder(values: &[f64], volume: &[f64], phase: &[usize]) -> Vec<f64> {
    let (y, x) = (without_phase(&mid_ranks(values), phase), without_phase(&mid_ranks(volume), phase));
    let (xy, xx) = y.iter().zip(&x).fold((0.0, 0.0), |(xy, xx), (y, x)| (xy + x * y, xx + x * x));
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    y.iter().zip(&x).map(|(y, x)| y - slope * x).collect()
}

/// Each value less the mean of its phase.
fn without_phase(values: &[f64], phase: &[usize]) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); phase.iter().max().map_or(0, |last| last + 1)];
    for (value, &phase) in values.iter().zip(phase) {
        if let Some((sum, count)) = sums.get_mut(phase) {
            *sum += value;
            *count += 1;
        }
    }
    let mean = |phase: usize| sums.get(phase).map_or(0.0, |&(sum, count)| sum / f64::from(count.max(1)));
    values.iter().zip(phase).map(|(value, &phase)| value - mean(phase)).collect()
}

/// Pearson's correlation of pairs; 0 of fewer than three, or where one side does not vary.
#[must_use]
pub fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let sums = |(n, a, b): (f64, f64, f64), (x, y): (f64, f64)| (n + 1.0, a + x, b + y);
    let (n, a, b) = pairs.clone().fold((0.0, 0.0, 0.0), sums);
    if n < 3.0 {
        return 0.0;
    }
    let (mean_a, mean_b) = (a / n, b / n);
    let products = |(xx, yy, xy): (f64, f64, f64), (x, y): (f64, f64)| {
        let (x, y) = (x - mean_a, y - mean_b);
        (xx + x * x, yy + y * y, xy + x * y)
    };
    let (xx, yy, xy) = pairs.fold((0.0, 0.0, 0.0), products);
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs<'a>(a: &'a [f64], b: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + Clone + 'a {
        a.iter().copied().zip(b.iter().copied())
    }

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(mid_ranks(&[30.0, 10.0, 20.0, 20.0]), [4.0, 1.0, 2.5, 2.5]);
        assert!(mid_ranks(&[]).is_empty());
    }

    // The usual worked example (IQ and hours of television, n = 10): sum of squared rank differences 194, so
    // 1 - 6 * 194 / 990 = -29/165.
    #[test]
    fn spearman_of_the_worked_example() {
        let iq = [106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0];
        let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        let (a, b) = (mid_ranks(&iq), mid_ranks(&hours));
        assert!((correlation(pairs(&a, &b)) - -29.0 / 165.0).abs() < 1e-12);
    }

    #[test]
    fn what_the_volume_explains_is_gone() {
        let volume: Vec<f64> = (0..96).map(|hour| f64::from(hour * 37 % 96)).collect();
        let phase: Vec<usize> = (0..96).map(|hour| hour % 24).collect();
        assert!(remainder(&volume, &volume, &phase).iter().all(|left| left.abs() < 1e-9));
        // And what only the hour explains.
        let by_hour: Vec<f64> = phase.iter().map(|&hour| hour as f64).collect();
        assert!(remainder(&by_hour, &volume, &phase).iter().all(|left| left.abs() < 1e-9));
    }

    #[test]
    fn what_does_not_vary_is_not_correlated() {
        assert!(correlation(pairs(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0])).abs() < f64::EPSILON);
        assert!(correlation(pairs(&[1.0, 2.0], &[1.0, 2.0])).abs() < f64::EPSILON);
    }
}
