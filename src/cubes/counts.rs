//! All cubes that count rows: a new one is one line here.

use super::handover::{Handover, ToConsumers};
use super::keys::{BlockCounts, HourCounts, OutcomeCounts, ReplyCounts};
use super::later::AsyncBounce;
use super::retries::{Deferred, Greylisted, Retry, RetryCounts};
use super::traffic::{AttemptChannel, InboundReject, OutcomeSender, RefusedSender, SenderCounts};
use super::{AttemptCode, AttemptHour, AttemptReply, Cube, Delay, OutcomeBlock, OutcomeDomain};
use crate::intern::Translation;

/// Declares the cubes, and what is done to each of them alike, so that none can be forgotten.
macro_rules! cubes {
    ($($(#[$about:meta])* $name:ident: $key:ty => $measures:ty,)*) => {
        /// What was counted, cube by cube.
        #[derive(Clone, Debug, Default)]
        pub struct Counts {
            $($(#[$about])* pub $name: Cube<$key, $measures>,)*
        }

        impl Counts {
            /// No more is added: the cubes may be read.
            pub(super) fn close(&mut self) {
                $(self.$name.close();)*
            }

            /// Adds all that another part counted in its own numbers.
            pub(super) fn absorb(&mut self, other: &Self, by: &Translation) {
                $(self.$name.absorb(&other.$name, by);)*
            }
        }
    };
}

cubes! {
    /// Outcomes by day, domain, route, state and reason.
    outcome_domains: OutcomeDomain => OutcomeCounts,
    /// Real attempts by hour, route and source.
    attempt_hours: AttemptHour => HourCounts,
    /// Failed real attempts by hour, route, source and reply.
    attempt_replies: AttemptReply => ReplyCounts,
    /// Real attempts by domain and code.
    attempt_codes: AttemptCode => u64,
    /// Outcomes by age.
    delays: Delay => u64,
    /// Outcomes that a block touched.
    outcome_blocks: OutcomeBlock => BlockCounts,
    /// Outcomes that were refused by policy or for their number, by who sent them.
    refused_senders: RefusedSender => u64,
    /// Outcomes by who sent them.
    outcome_senders: OutcomeSender => SenderCounts,
    /// Real attempts by channel.
    attempt_channels: AttemptChannel => u64,
    /// Mail of others that we refused.
    inbound_rejects: InboundReject => u64,
    /// Accepted outcomes to consumer domains by who accepted them.
    handovers: Handover => u64,
    /// Outcomes to consumer domains by who sent them.
    to_consumers: ToConsumers => u64,
    /// Real attempts by how many came before.
    retries: Retry => RetryCounts,
    /// Outcomes that were put off, by what became of them.
    deferred: Deferred => u64,
    /// Outcomes that were greylisted first.
    greylisted: Greylisted => u64,
    /// Bounces of the period's mail that came after delivery.
    async_bounces: AsyncBounce => u64,
}
