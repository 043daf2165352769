//! Keys of the cubes that tell who sent, over which channel, and what we refused ourselves.

use super::keys::{Measures, Reason, State, Translate};
use crate::event::Enhanced;
use crate::intern::{Id, Translation};
use crate::rows::Network;

/// Outcomes of the scope by who sent them and how often they were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutcomeSender {
    /// Day of reception, since 1970-01-01.
    pub day: i32,
    /// Route of the last attempt that shows one.
    pub route: Id,
    /// Source of the last attempt; empty for mail that was never tried.
    pub source: Id,
    /// Domain of the envelope sender; empty for the null reverse-path and where not known.
    pub sender_domain: Id,
    /// How it ended.
    pub state: State,
    /// Why, for what is not delivered and has a failure.
    pub reason: Option<Reason>,
    /// Real attempts, up to [`MOST_TRIES`].
    pub tries: u8,
}

/// More real attempts than this are counted as so many.
pub const MOST_TRIES: u8 = 11;

/// What is added up for [`OutcomeSender`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderCounts {
    /// Outcomes.
    pub outcomes: u64,
    /// Messages: counted at the first outcome of each.
    pub messages: u64,
    /// Real attempts.
    pub attempts: u64,
    /// Outcomes with at least one temporary failure, real or suspended.
    pub deferred_once: u64,
    /// Outcomes with at least one attempt row, real or suspended.
    pub attempted: u64,
    /// Resolved outcomes with at least one reply of a block category, received or inherited by a suspended row.
    pub touched_by_block: u64,
    /// Forwarded: asked for under another address, or taken from a stranger.
    pub forwarded: u64,
    /// A complaint came in.
    pub complained: u64,
}

/// Outcomes that were refused by policy or for their number, by who sent them and the hour of the first such refusal; one that met both
/// has an entry for each. Forwarded mail, whose sender is a stranger, and mail without a sender are left aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefusedSender {
    /// Hour of the first such refusal, since 1970-01-01T00 UTC.
    pub hour: i32,
    /// Its route.
    pub route: Id,
    /// Its source.
    pub source: Id,
    /// Domain of the envelope sender.
    pub sender_domain: Id,
    /// Whether it was a rate limit; else it was of a block category.
    pub is_throttle: bool,
}

/// Real attempts by the channel that they used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptChannel {
    /// Day of the attempt, since 1970-01-01.
    pub day: i32,
    /// Route.
    pub route: Id,
    /// Source.
    pub source: Id,
    /// Network protocol of the relay's address.
    pub network: Network,
    /// TLS version or policy, as logged; empty where nothing is.
    pub tls: Id,
    /// Whether the attempt was accepted.
    pub is_delivered: bool,
}

/// Mail of others that we refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InboundReject {
    /// Day, since 1970-01-01.
    pub day: i32,
    /// Host that refused.
    pub host: Id,
    /// Code of our reply; 0 where none is logged.
    pub code: u16,
    /// Enhanced status of our reply.
    pub enhanced: Option<Enhanced>,
}

impl Measures for SenderCounts {
    fn add(&mut self, other: Self) {
        self.outcomes += other.outcomes;
        self.messages += other.messages;
        self.attempts += other.attempts;
        self.deferred_once += other.deferred_once;
        self.attempted += other.attempted;
        self.touched_by_block += other.touched_by_block;
        self.forwarded += other.forwarded;
        self.complained += other.complained;
    }
}

impl Translate for OutcomeSender {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), source: by.of(self.source), sender_domain: by.of(self.sender_domain), ..self }
    }
}

impl Translate for RefusedSender {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), source: by.of(self.source), sender_domain: by.of(self.sender_domain), ..self }
    }
}

impl Translate for AttemptChannel {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), source: by.of(self.source), tls: by.of(self.tls), ..self }
    }
}

impl Translate for InboundReject {
    fn translated(self, by: &Translation) -> Self {
        Self { host: by.of(self.host), ..self }
    }
}
