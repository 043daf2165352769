//! Do unknown users come before blocking? Four kinds of evidence for one provider × source, and what to call them together.
//!
//! The trap: a source that is refused before RCPT never has a recipient judged, so unknown users, counted over all attempts, *fall*
//! because of a block, and the link looks reversed. And retries of refused mail inflate the block side. So the series that come in are
//! unknown users of first attempts whose recipient was judged, and block replies of first attempts that got a remote reply.
//!
//! Nothing here says "cause". The strongest evidence, a reply that names unknown users, is counted elsewhere and handed in.

mod contrast;
mod lag;
mod onsets;

use super::Rate;

pub use contrast::Contrast;
pub use lag::{LagTest, Strongest};
pub use onsets::BeforeOnsets;

/// A bucket with fewer judged recipients has no unknown-user rate, one with fewer replies no block rate.
const FEWEST: u64 = 20;

/// One bucket of time. Both sides are of first attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Unknown users of recipients judged (accepted, unknown, inactive or full).
    pub unknown: Rate,
    /// Block replies of remote replies.
    pub blocked: Rate,
}

impl Bucket {
    /// The unknown-user rate, where enough recipients were judged.
    fn unknown_rate(&self) -> Option<f64> {
        self.unknown.value().filter(|_| self.unknown.of >= FEWEST)
    }

    /// The block rate, where there were enough replies. Apart from the other side: during a full block nobody is judged, and just those
    /// hours must stay in.
    fn blocked_rate(&self) -> Option<f64> {
        self.blocked.value().filter(|_| self.blocked.of >= FEWEST)
    }
}

/// How much time a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// An hour.
    Hour,
    /// A day: for mail with fewer than 20 attempts in the median active hour.
    Day,
}

impl Width {
    /// By how many buckets blocking may lag behind unknown users.
    const fn lags(self) -> &'static [usize] {
        match self {
            Self::Hour => &[1, 2, 3, 6, 12, 24, 48],
            Self::Day => &[1, 2, 3],
        }
    }

    /// Buckets of a day.
    const fn of_day(self) -> usize {
        match self {
            Self::Hour => 24,
            Self::Day => 1,
        }
    }

    /// The least shift that parts two series: six hours, or a day.
    const fn least_shift(self) -> usize {
        match self {
            Self::Hour => 6,
            Self::Day => 1,
        }
    }

    /// Buckets with a rate that there must be.
    const fn fewest_buckets(self) -> usize {
        match self {
            Self::Hour => 48,
            Self::Day => 14,
        }
    }
}

/// What the series show.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// E1: attempts whose reply names unknown users as the reason.
    pub said_so: u64,
    /// Whether there is enough of both to look at the series at all.
    pub is_enough: bool,
    /// E2: rank correlation by lag. None: too little.
    pub lag: Option<LagTest>,
    /// E3: blocking after many and after few unknown users. None: too little.
    pub contrast: Option<Contrast>,
    /// E4: unknown users before blocks began. None: no block began in the series, or too little.
    pub before_onsets: Option<BeforeOnsets>,
}

/// What to call the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider says so.
    SaidSo,
    /// Likely contributor.
    LikelyContributor,
    /// Unknown users come with the blocks or after them, not before.
    FollowsRatherThanLeads,
    /// The difference is within two points.
    NoSign,
    /// Cannot tell.
    CannotTell,
}

impl Evidence {
    /// From consecutive buckets, the first of which begins a day. `onsets` are the buckets in which blocks began
    /// ([`super::episodes`]), `said_so` the attempts that name unknown users.
    #[must_use]
    pub fn of(buckets: &[Bucket], width: Width, onsets: &[usize], said_so: u64, seed: u64) -> Self {
        if !is_enough(buckets, width) {
            return Self { said_so, is_enough: false, lag: None, contrast: None, before_onsets: None };
        }
        let remainders = lag::Remainders::of(buckets, width);
        Self {
            said_so,
            is_enough: true,
            lag: remainders.test(width),
            contrast: Contrast::of(buckets, width, &remainders),
            before_onsets: BeforeOnsets::of(buckets, width, onsets, seed),
        }
    }

    /// What to call it. `q` is the p of [`LagTest::leads`] adjusted over all provider × source
    /// ([`super::multiple::adjusted`]; NaN where there is none).
    #[must_use]
    pub fn verdict(&self, q: f64) -> Verdict {
        if self.said_so > 0 {
            return Verdict::SaidSo;
        }
        let (Some(lag), Some(contrast)) = (&self.lag, &self.contrast) else { return Verdict::CannotTell };
        if lag.follows() {
            return Verdict::FollowsRatherThanLeads;
        }
        if q <= 0.05 && contrast.interval.lower > 0.0 {
            return Verdict::LikelyContributor;
        }
        if contrast.interval.lower >= -0.02 && contrast.interval.upper <= 0.02 {
            return Verdict::NoSign;
        }
        Verdict::CannotTell
    }
}

/// Enough buckets with a rate; 1 % unknown users or 50 of them; 20 blocked.
fn is_enough(buckets: &[Bucket], width: Width) -> bool {
    let judged = buckets.iter().filter(|bucket| bucket.unknown_rate().is_some()).count();
    let replied = buckets.iter().filter(|bucket| bucket.blocked_rate().is_some()).count();
    let unknown = buckets.iter().fold(Rate::default(), |sum, bucket| Rate::sum(&[sum, bucket.unknown]));
    let blocked: u64 = buckets.iter().map(|bucket| bucket.blocked.part).sum();
    judged.min(replied) >= width.fewest_buckets()
        && (unknown.part >= 50 || unknown.value().is_some_and(|rate| rate >= 0.01))
        && blocked >= 20
}

#[cfg(test)]
mod tests;
