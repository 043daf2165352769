//! E4: were there more unknown users than usual in the day before a block began?

use super::{Bucket, FEWEST, Width};
use crate::stats::Rate;
use crate::stats::random::Random;
use crate::stats::segments::median;

/// Random placements of the onsets.
const PLACEMENTS: usize = 999;

/// Unknown users in the 24 hours before blocks began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeforeOnsets {
    /// Onsets with enough mail before them.
    pub onsets: usize,
    /// Unknown-user rate before an onset, the mean over onsets.
    pub before: f64,
    /// The median of all windows of that length.
    pub usual: f64,
    /// How often as many random times have at least as many unknown users before them.
    pub p: f64,
}

impl BeforeOnsets {
    /// How many times as many unknown users as usual. None where usually there are none.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.usual > 0.0).then(|| self.before / self.usual)
    }

    pub(super) fn of(buckets: &[Bucket], width: Width, onsets: &[usize], seed: u64) -> Option<Self> {
        // windows[t]: the rate of the day before bucket t, where enough recipients were judged in it.
        let window = |end: usize| {
            let begin = end.checked_sub(width.of_day())?;
            let judged = Rate::sum(&buckets.get(begin..end)?.iter().map(|bucket| bucket.unknown).collect::<Vec<_>>());
            judged.value().filter(|_| judged.of >= FEWEST)
        };
        let windows: Vec<Option<f64>> = (0..buckets.len()).map(window).collect();
        let mut usable: Vec<f64> = windows.iter().copied().flatten().collect();
        let found: Vec<f64> = onsets.iter().filter_map(|&onset| *windows.get(onset)?).collect();
        if found.is_empty() {
            return None;
        }
        let usual = median(&mut usable);
        let total: f64 = found.iter().sum();
        let mut random = Random::new(seed);
        let mut draw = || -> f64 {
            let mut one = || usable.get(random.below(usable.len())).copied().unwrap_or(0.0);
            found.iter().map(|_| one()).sum()
        };
        // Sums in another order differ by rounding, and equal ones must count.
        let reached = (0..PLACEMENTS).filter(|_| draw() >= total - 1e-12).count();
        let p = (reached + 1) as f64 / (PLACEMENTS + 1) as f64;
        Some(Self { onsets: found.len(), before: total / found.len() as f64, usual, p })
    }
}
