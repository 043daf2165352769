//! E2: does blocking follow unknown users at some lag, more than two such series would by chance?
//!
//! Both series wander slowly, so that a plain test of the best lag calls more than half of all independent pairs linked. Here one
//! series is turned against the other like a ring, which keeps what each does by itself, and the best lag is compared with the best
//! lag of every turn, which accounts for having searched.

use super::{Bucket, Width};
use crate::stats::ranks::remainder;

/// The strongest correlation over some lags.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strongest {
    /// Buckets by which blocking comes after unknown users; negative: before them.
    pub lag: i64,
    /// Partial Spearman correlation at that lag.
    pub rho: f64,
    /// How often a turned series reaches this.
    pub p: f64,
}

/// Correlation of unknown users and blocking by lag.
#[derive(Clone, Debug, PartialEq)]
pub struct LagTest {
    /// (lag, partial Spearman correlation), lags ascending.
    pub by_lag: Vec<(i64, f64)>,
    /// The strongest at lag 1 and more: unknown users first.
    pub leads: Strongest,
    /// The strongest at lag 0 and less: at once, or blocking first.
    pub trails: Strongest,
}

impl LagTest {
    /// Whether the link, if there is one, runs the other way. A negative correlation is no link: it is what refused mail looks like.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.trails.rho > self.leads.rho && self.trails.p <= 0.05
    }
}

/// What is left of both series when hour of day and volume are taken out; None where a bucket has no rate.
pub(super) struct Remainders {
    pub(super) unknown: Vec<Option<f64>>,
    pub(super) blocked: Vec<Option<f64>>,
}

impl Remainders {
    pub(super) fn of(buckets: &[Bucket], width: Width) -> Self {
        let one = |rate: fn(&Bucket) -> Option<f64>, volume: fn(&Bucket) -> u64| {
            let present = || buckets.iter().enumerate().filter_map(|(at, bucket)| Some((at, bucket, rate(bucket)?)));
            let rates: Vec<f64> = present().map(|(_, _, rate)| rate).collect();
            // Ranks of the volume are ranks of its logarithm.
            let volumes: Vec<f64> = present().map(|(_, bucket, _)| volume(bucket) as f64).collect();
            let phases: Vec<usize> = present().map(|(at, _, _)| at % width.of_day()).collect();
            let mut left = remainder(&rates, &volumes, &phases).into_iter();
            buckets.iter().map(|bucket| rate(bucket).and_then(|_| left.next())).collect()
        };
        Self {
            unknown: one(Bucket::unknown_rate, |bucket| bucket.unknown.of),
            blocked: one(Bucket::blocked_rate, |bucket| bucket.blocked.of),
        }
    }

    /// The test over all lags that the series is long enough for. None: not even one.
    pub(super) fn test(&self, width: Width) -> Option<LagTest> {
        let length = self.unknown.len();
        // A lag of more than a quarter of the ring would mostly pair the end with the beginning.
        let lags: Vec<i64> = width.lags().iter().filter(|&&lag| 4 * lag <= length).map(|&lag| lag as i64).collect();
        let longest = *lags.last()? as usize;
        // turned[k]: the correlation of blocking with the unknown users of k buckets before, on the ring.
        let turned: Vec<f64> = (0..length).map(|turn| ring_correlation(&self.unknown, &self.blocked, turn)).collect();
        let at = |lag: i64| turned.get(lag.rem_euclid(length as i64) as usize).copied().unwrap_or(0.0);
        // A turn by less than the longest lag would show a true link at another lag, as if by chance. Short series need those too.
        let apart = width.least_shift() + longest;
        let apart = if length >= 10 * apart { apart } else { width.least_shift() };
        let strongest = |lags: &[i64]| {
            let best = |turn: i64| lags.iter().map(|&lag| (lag, at(lag - turn))).max_by(|a, b| a.1.total_cmp(&b.1));
            let (lag, rho) = best(0)?;
            let turns = apart..=length.saturating_sub(apart);
            let reached = turns.clone().filter(|&turn| best(turn as i64).is_some_and(|(_, chance)| chance >= rho)).count();
            Some(Strongest { lag, rho, p: (reached + 1) as f64 / (turns.count() + 1) as f64 })
        };
        let trailing: Vec<i64> = lags.iter().rev().map(|lag| -lag).chain([0]).collect();
        let by_lag = trailing.iter().chain(&lags).map(|&lag| (lag, at(lag))).collect();
        Some(LagTest { by_lag, leads: strongest(&lags)?, trails: strongest(&trailing)? })
    }
}

/// Pearson's correlation of `b[t]` with `a[t − lag]`, the series closed to a ring, over the places that both have.
fn ring_correlation(a: &[Option<f64>], b: &[Option<f64>], lag: usize) -> f64 {
    let (end, beginning) = (a.get(a.len() - lag..), a.get(..a.len() - lag));
    let turned = end.into_iter().chain(beginning).flatten();
    let (mut n, mut sums, mut squares, mut product) = (0.0, (0.0, 0.0), (0.0, 0.0), 0.0);
    for pair in turned.zip(b) {
        // One pass is enough: these are remainders of ranks, whose means are near zero.
        if let (&Some(x), &Some(y)) = pair {
            n += 1.0;
            sums = (sums.0 + x, sums.1 + y);
            squares = (squares.0 + x * x, squares.1 + y * y);
            product += x * y;
        }
    }
    let spread = (squares.0 - sums.0 * sums.0 / n) * (squares.1 - sums.1 * sums.1 / n);
    if n >= 3.0 && spread > 1e-9 { (product - sums.0 * sums.1 / n) / spread.sqrt() } else { 0.0 }
}
