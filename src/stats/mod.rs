//! The statistics behind every figure that carries an interval, a comparison or a verdict.
//!
//! Pure functions over counts: no frames, no files, no clock, no words for the reader. `tables` and `insights` collect counts and
//! ask here; whoever writes sentences takes the enums. Mail comes in bursts, so nearly everything is clustered by day: an interval
//! that takes mails for independent trials is far too narrow (the glossary says by how much). What needs chance takes a seed, so
//! that equal input gives equal output.
//!
//! `rate` is the smallest, read it first; `effective` is what most of the rest stands on.

pub mod association;
pub mod bootstrap;
pub mod compare;
pub mod distribution;
pub mod effective;
pub mod episodes;
pub mod excess;
pub mod fisher;
pub mod incidence;
pub mod log_odds;
pub mod mix;
pub mod multiple;
pub mod quantile;
pub mod random;
pub mod ranks;
pub mod rate;
pub mod segments;
pub mod weekday;

pub use rate::Rate;

/// From where to where a value may lie, at 95 % unless its maker says otherwise. Same unit as the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

impl Interval {
    /// Whether `value` lies within, the ends included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }
}
