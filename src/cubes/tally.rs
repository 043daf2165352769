//! What a run counted.

use super::evidence::Evidence;
use super::keys::{
    AttemptCode, AttemptHour, AttemptReply, BlockCounts, Cube, Delay, OutcomeBlock, OutcomeCounts, OutcomeDomain, ReplyCounts,
};
use super::ledger::Ledger;

/// All that the tables are made from.
#[derive(Default)]
pub struct Tally {
    /// Outcomes by day, domain, route, state, reason.
    pub outcome_domains: Cube<OutcomeDomain, OutcomeCounts>,
    /// Attempts by hour.
    pub attempt_hours: Cube<AttemptHour, u64>,
    /// Failed attempts by reply.
    pub attempt_replies: Cube<AttemptReply, ReplyCounts>,
    /// Attempts by code.
    pub attempt_codes: Cube<AttemptCode, u64>,
    /// Ages of outcomes.
    pub delays: Cube<Delay, u64>,
    /// Outcomes that a block touched.
    pub outcome_blocks: Cube<OutcomeBlock, BlockCounts>,
    /// Distinct addresses.
    pub ledger: Ledger,
    /// Example records.
    pub evidence: Evidence,
    /// What is in no figure.
    pub apart: Apart,
}

/// What is counted apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Apart {
    /// Suspended attempt rows.
    pub suspended: u64,
    /// Hops.
    pub hops: u64,
    /// Hops whose next id began.
    pub hops_found: u64,
    /// Internal outcomes.
    pub internal: u64,
    /// Own bounces.
    pub own_bounces: u64,
    /// Probes.
    pub probes: u64,
    /// Handed on.
    pub handed_on: u64,
    /// Repeated lines.
    pub repeated: u64,
}
