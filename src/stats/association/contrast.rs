//! E3: how much more is refused after buckets with many unknown users than after those with few?

use std::ops::Range;

use super::lag::Remainders;
use super::{Bucket, Width};
use crate::stats::compare::newcombe;
use crate::stats::effective::{Clustered, pooled_phi};
use crate::stats::ranks::correlation;
use crate::stats::{Interval, Rate};

/// Fewer pairs than this are not cut into thirds of volume first.
const ENOUGH_FOR_STRATA: usize = 27;

/// "Blocked 9.1 % after dirty hours, 1.2 % after clean ones: +7.9 points (4.0 … 12.1)".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Buckets between unknown users and blocking: the best lag of the odd days.
    pub lag: usize,
    /// Blocked after the third of the buckets with the highest unknown-user rate, on the even days.
    pub after_many: Rate,
    /// The same after the third with the lowest.
    pub after_few: Rate,
    /// Many − few, 0.01 being one point.
    pub difference: f64,
    /// Of the difference: Newcombe with the effective volume by days, 95 %.
    pub interval: Interval,
}

/// A bucket with the unknown-user rate that preceded it.
#[derive(Clone, Copy)]
struct Pair {
    bucket: usize,
    before: f64,
    blocked: Rate,
}

impl Contrast {
    /// The lag is chosen on odd days and judged on even ones, so that the choice does not flatter the result.
    pub(super) fn of(buckets: &[Bucket], width: Width, remainders: &Remainders) -> Option<Self> {
        let lag = best_lag(width, remainders)?;
        let mut pairs: Vec<Pair> = buckets
            .iter()
            .enumerate()
            .skip(lag)
            .zip(buckets)
            .filter(|((bucket, _), _)| is_even_day(*bucket, width))
            .filter_map(|((bucket, here), earlier)| {
                here.blocked_rate()?;
                Some(Pair { bucket, before: earlier.unknown_rate()?, blocked: here.blocked })
            })
            .collect();
        let days = buckets.len().div_ceil(width.of_day());
        let (mut many, mut few) = (Arm::new(days), Arm::new(days));
        pairs.sort_by_key(|pair| (pair.blocked.of, pair.bucket));
        let strata = if pairs.len() >= ENOUGH_FOR_STRATA { 3 } else { 1 };
        for stratum in 0..strata {
            let range = third(pairs.len(), stratum, strata);
            let stratum = pairs.get_mut(range)?;
            // Equal rates keep the order of volume and time, which is the same in every run.
            stratum.sort_by(|a, b| a.before.total_cmp(&b.before));
            few.add(stratum.get(third(stratum.len(), 0, 3))?, width);
            many.add(stratum.get(third(stratum.len(), 2, 3))?, width);
        }
        let phi = pooled_phi([many.buckets.as_slice(), few.buckets.as_slice()]);
        let (many, few) = (Clustered::of(&many.days, phi), Clustered::of(&few.days, phi));
        let (value_many, value_few) = (many.rate.value()?, few.rate.value()?);
        let interval = newcombe(value_few, few.interval(), value_many, many.interval());
        Some(Self { lag, after_many: many.rate, after_few: few.rate, difference: value_many - value_few, interval })
    }
}

/// The lag at which unknown users and blocking of the odd days go together most. None: the series is too short for any.
fn best_lag(width: Width, remainders: &Remainders) -> Option<usize> {
    let on_odd_days = |lag: usize| {
        let blocked = remainders.blocked.iter().enumerate().skip(lag);
        let pairs = blocked.zip(&remainders.unknown).filter(|((bucket, _), _)| !is_even_day(*bucket, width));
        correlation(pairs.filter_map(|((_, blocked), unknown)| Some(((*unknown)?, (*blocked)?))))
    };
    let fitting = width.lags().iter().copied().filter(|lag| 4 * lag <= remainders.unknown.len());
    fitting.max_by(|&a, &b| on_odd_days(a).total_cmp(&on_odd_days(b)))
}

/// Days are counted from 1: the first is odd.
const fn is_even_day(bucket: usize, width: Width) -> bool {
    (bucket / width.of_day()) % 2 == 1
}

/// The `part`-th of `parts` about equal parts of `length` places.
const fn third(length: usize, part: usize, parts: usize) -> Range<usize> {
    length * part / parts..length * (part + 1) / parts
}

/// What one side of the contrast consists of.
struct Arm {
    days: Vec<Rate>,
    buckets: Vec<Rate>,
}

impl Arm {
    fn new(days: usize) -> Self {
        Self { days: vec![Rate::default(); days], buckets: Vec::new() }
    }

    fn add(&mut self, pairs: &[Pair], width: Width) {
        for pair in pairs {
            self.buckets.push(pair.blocked);
            if let Some(day) = self.days.get_mut(pair.bucket / width.of_day()) {
                *day = Rate::sum(&[*day, pair.blocked]);
            }
        }
    }
}
