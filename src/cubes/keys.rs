//! The keys and measures of each cube.

use std::hash::Hash;

use crate::classify::{Category, Class};
use crate::event::{Enhanced, Micros, Speaker, Stage, Status};
use crate::intern::{Id, Translation};

/// Why something failed: the classifier's answer as far as it is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// What the reply means.
    pub category: Category,
    /// Whose problem it is.
    pub class: Class,
}

/// The end states of an outcome, exclusive, in order of precedence. The first five are called resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A 2xx of the remote host, then a DSN that says it failed.
    BouncedLater,
    /// A 2xx of the remote host.
    Delivered,
    /// Failed for good, the deciding reply of class policy (a person's own refusal is `Bounced`).
    Blocked,
    /// Failed for good, any other class.
    Bounced,
    /// Given up by our MTA after retries; its reason is that of its last informative reply.
    Expired,
    /// A temporary failure is its last event.
    Deferred,
    /// Received, no attempt seen.
    Queued,
    /// Removed by the operator.
    Cancelled,
    /// Left the queue without a record of how: a gap in the log.
    Unknown,
}

impl State {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::BouncedLater,
        Self::Delivered,
        Self::Blocked,
        Self::Bounced,
        Self::Expired,
        Self::Deferred,
        Self::Queued,
        Self::Cancelled,
        Self::Unknown,
    ];

    /// Whether the end is known: the denominator of rates.
    #[must_use]
    pub const fn is_resolved(self) -> bool {
        match self {
            Self::BouncedLater | Self::Delivered | Self::Blocked | Self::Bounced | Self::Expired => true,
            Self::Deferred | Self::Queued | Self::Cancelled | Self::Unknown => false,
        }
    }

    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BouncedLater => "bounced_later",
            Self::Delivered => "delivered",
            Self::Blocked => "blocked",
            Self::Bounced => "bounced",
            Self::Expired => "expired",
            Self::Deferred => "deferred",
            Self::Queued => "queued",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

/// What a single attempt came to, verdict included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// A 2xx.
    Delivered,
    /// A temporary failure, whatever its class.
    Deferred,
    /// A permanent failure of any class but policy.
    Bounced,
    /// A permanent failure of class policy.
    Blocked,
    /// The record is cut before it says.
    Unknown,
}

impl Disposition {
    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// Outcomes of the scope by day of reception, recipient domain, route, state and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutcomeDomain {
    /// Day of reception, since 1970-01-01.
    pub day: i32,
    /// Recipient domain.
    pub domain: Id,
    /// Route of the last attempt that shows one.
    pub route: Id,
    /// How it ended.
    pub state: State,
    /// Why, for what is not delivered and has a failure; of the last informative reply.
    pub reason: Option<Reason>,
}

/// What is added up for [`OutcomeDomain`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    /// Outcomes.
    pub outcomes: u64,
    /// Messages: counted at the first outcome of each.
    pub messages: u64,
    /// Real attempts.
    pub attempts: u64,
    /// Outcomes with at least one temporary failure, real or suspended.
    pub deferred_once: u64,
    /// Outcomes with at least one attempt row, real or suspended: the denominator of `deferral_rate`.
    pub attempted: u64,
    /// Delivered at the first real attempt.
    pub first_try: u64,
    /// Delivered at a later real attempt than the first, after a temporary failure.
    pub recovered: u64,
    /// Resolved outcomes with at least one reply of a block category, received or inherited by a suspended row.
    pub touched_by_block: u64,
    /// Σ of (end − first temporary failure) over outcomes with one, milliseconds.
    pub waited_ms: u64,
}

/// Real attempts by hour; hours since 1970-01-01T00 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptHour {
    /// Hour of the attempt.
    pub hour: i32,
    /// Route.
    pub route: Id,
    /// Source.
    pub source: Id,
    /// As logged.
    pub status: Status,
    /// Why, for failures.
    pub reason: Option<Reason>,
    /// At which command.
    pub stage: Stage,
    /// Who spoke.
    pub speaker: Speaker,
    /// The first real attempt of its outcome.
    pub is_first: bool,
}

/// What is added up for [`AttemptHour`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HourCounts {
    /// Attempts.
    pub attempts: u64,
    /// The minutes of the hour that had any, the first the lowest bit: by them the edges of a block are known better than to the hour.
    pub minutes: u64,
}

impl HourCounts {
    /// One attempt.
    #[must_use]
    pub const fn at(time: Micros) -> Self {
        Self { attempts: 1, minutes: 1 << (time.0.rem_euclid(Micros::HOUR) / Micros::MINUTE) }
    }
}

/// Failed real attempts by hour and reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptReply {
    /// Hour of the attempt.
    pub hour: i32,
    /// Route.
    pub route: Id,
    /// Source.
    pub source: Id,
    /// Masked reply.
    pub signature: Id,
}

/// What is added up for [`AttemptReply`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyCounts {
    /// Attempts.
    pub attempts: u64,
    /// The earliest.
    pub first: Micros,
    /// The latest.
    pub last: Micros,
}

/// Real attempts by domain and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptCode {
    /// Recipient domain.
    pub domain: Id,
    /// Route.
    pub route: Id,
    /// What it came to.
    pub disposition: Disposition,
    /// Reply code; 0 where no server answered or none is logged.
    pub code: u16,
    /// Enhanced status.
    pub enhanced: Option<Enhanced>,
}

/// Time from reception to acceptance, permanent failure, or the end of what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Delay {
    /// Route.
    pub route: Id,
    /// Day of reception.
    pub day: i32,
    /// What ended the waiting.
    pub event: DelayEvent,
    /// Milliseconds, rounded down to three significant digits.
    pub age_q_ms: i64,
}

/// What ended the waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DelayEvent {
    /// Accepted by the remote host.
    Accepted,
    /// Failed or given up for good.
    Failed,
    /// Unfinished as far as the log goes.
    Open,
}

/// Outcomes that a block or a rate limit touched; one that both touched has an entry for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OutcomeBlock {
    /// Route of the first such attempt.
    pub route: Id,
    /// Its source.
    pub source: Id,
    /// Its hour.
    pub first_hour: i32,
    /// Hour of the last such attempt.
    pub last_hour: i32,
    /// Whether the replies were rate limits; else they were of a block category.
    pub is_throttle: bool,
    /// How it ended.
    pub state: State,
}

/// What is added up for [`OutcomeBlock`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockCounts {
    /// Outcomes.
    pub outcomes: u64,
    /// Σ of (end − first such reply), milliseconds.
    pub waited_ms: u64,
}

/// Measures that add up, in any order.
pub trait Measures: Copy {
    /// Adds what another part counted.
    fn add(&mut self, other: Self);
}

impl Measures for u64 {
    fn add(&mut self, other: Self) {
        *self += other;
    }
}

impl Measures for OutcomeCounts {
    fn add(&mut self, other: Self) {
        self.outcomes += other.outcomes;
        self.messages += other.messages;
        self.attempts += other.attempts;
        self.deferred_once += other.deferred_once;
        self.attempted += other.attempted;
        self.first_try += other.first_try;
        self.recovered += other.recovered;
        self.touched_by_block += other.touched_by_block;
        self.waited_ms += other.waited_ms;
    }
}

impl Measures for HourCounts {
    fn add(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.minutes |= other.minutes;
    }
}

impl Measures for ReplyCounts {
    fn add(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Measures for BlockCounts {
    fn add(&mut self, other: Self) {
        self.outcomes += other.outcomes;
        self.waited_ms += other.waited_ms;
    }
}

/// A key whose ids can be put into another interner's numbers.
pub trait Translate: Copy + Eq + Hash {
    /// The same key in the other numbers.
    #[must_use]
    fn translated(self, by: &Translation) -> Self;
}

impl Translate for OutcomeDomain {
    fn translated(self, by: &Translation) -> Self {
        Self { domain: by.of(self.domain), route: by.of(self.route), ..self }
    }
}

impl Translate for AttemptHour {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), source: by.of(self.source), ..self }
    }
}

impl Translate for AttemptReply {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), source: by.of(self.source), signature: by.of(self.signature), ..self }
    }
}

impl Translate for AttemptCode {
    fn translated(self, by: &Translation) -> Self {
        Self { domain: by.of(self.domain), route: by.of(self.route), ..self }
    }
}

impl Translate for Delay {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), ..self }
    }
}

impl Translate for OutcomeBlock {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), source: by.of(self.source), ..self }
    }
}
