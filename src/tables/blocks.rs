//! Block and throttling episodes: provider and source, from when to when, and what they cost.

use crate::event::Micros;

/// One row of `blocks`; counts are real attempts with a remote reply; lost and delayed are outcomes.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Route: who refused.
    pub provider: String,
    /// Who was refused; `(all)` for an episode of all sources together.
    pub source: String,
    /// Block or throttling.
    pub kind: String,
    /// Hour of the last acceptance before the onset; null if none was seen.
    pub onset_after: Option<Micros>,
    /// First bad hour.
    pub first_hour: Micros,
    /// Last bad hour.
    pub last_hour: Micros,
    /// Hour of the first acceptance after it; null while the log ends in it.
    pub lift_before: Option<Micros>,
    /// First to last bad hour, inclusive.
    pub hours: i64,
    /// Real attempts with a remote reply in it.
    pub attempts: i64,
    /// Of these, refused.
    pub refused: i64,
    /// Median hourly rate of the series, 0.001 to 0.05.
    pub baseline: f64,
    /// The commonest refusal in it.
    pub signature: String,
    /// What that means.
    pub category: String,
    /// Outcomes first refused in it that ended blocked or expired.
    pub lost: i64,
    /// Outcomes first refused in it that were delivered.
    pub delayed: i64,
    /// Milliseconds that the delayed and lost waited, added up.
    pub waited_ms: i64,
}
