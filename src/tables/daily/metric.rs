//! The figures that are compared, and what each is about.

use crate::stats::compare::Sense;

/// A figure that is compared: a rate with a numerator and a denominator a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Delivered and not bounced later, of resolved outcomes: where bounces that come later are known.
    Delivered,
    /// Accepted at the door, of resolved outcomes.
    Accepted,
    /// Deferred at least once, of outcomes with an attempt.
    Deferred,
    /// Final class hard, of resolved outcomes.
    Hard,
    /// Distinct addresses that are unknown, of those judged.
    UnknownUsers,
    /// Attempts refused by policy, of real attempts with a remote reply.
    BlockShare,
    /// Outcomes with a block reply, of resolved outcomes.
    TouchedByBlock,
    /// Given up, of resolved outcomes.
    Expired,
    /// Bounced later, of accepted outcomes.
    Async,
    /// Outcomes with a complaint, of delivered outcomes to providers that complain.
    Complaint,
    /// Accepted within a minute of reception, of outcomes whose fate by then is known.
    WithinMinute,
    /// Accepted within an hour of reception, of outcomes whose fate by then is known.
    WithinHour,
    /// Not delivered for one reason, of resolved outcomes.
    Reason,
    /// Attempts that failed with one reply, of the provider's real attempts.
    Reply,
}

impl Metric {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 14] = [
        Self::Delivered,
        Self::Accepted,
        Self::Deferred,
        Self::Hard,
        Self::UnknownUsers,
        Self::BlockShare,
        Self::TouchedByBlock,
        Self::Expired,
        Self::Async,
        Self::Complaint,
        Self::WithinMinute,
        Self::WithinHour,
        Self::Reason,
        Self::Reply,
    ];

    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered_rate",
            Self::Accepted => "accepted_rate",
            Self::Deferred => "deferral_rate",
            Self::Hard => "hard_rate",
            Self::UnknownUsers => "unknown_user_rate",
            Self::BlockShare => "block_share",
            Self::TouchedByBlock => "touched_by_block",
            Self::Expired => "expired_rate",
            Self::Async => "async_rate",
            Self::Complaint => "complaint_rate",
            Self::WithinMinute => "accepted_within_1min",
            Self::WithinHour => "accepted_within_1h",
            Self::Reason => "reason_share",
            Self::Reply => "reply_share",
        }
    }

    /// The figure of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// As a reader calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred at least once",
            Self::Hard => "hard bounces",
            Self::UnknownUsers => "unknown users",
            Self::BlockShare => "attempts refused by policy",
            Self::TouchedByBlock => "touched by a block",
            Self::Expired => "given up",
            Self::Async => "bounced later",
            Self::Complaint => "complaints",
            Self::WithinMinute => "accepted within a minute",
            Self::WithinHour => "accepted within an hour",
            Self::Reason => "not delivered for this reason",
            Self::Reply => "attempts with this reply",
        }
    }

    /// Numerator and denominator.
    #[must_use]
    pub const fn formula(self) -> (&'static str, &'static str) {
        match self {
            Self::Delivered => ("outcomes accepted and not bounced later", "outcomes with a known end"),
            Self::Accepted => ("outcomes accepted at the door", "outcomes with a known end"),
            Self::Deferred => ("outcomes with a temporary failure", "outcomes with an attempt"),
            Self::Hard => ("outcomes that failed for good, class hard", "outcomes with a known end"),
            Self::UnknownUsers => ("distinct addresses unknown or inactive, class hard", "distinct addresses judged"),
            Self::BlockShare => ("attempts refused in a block category by the provider", "real attempts with a remote reply"),
            Self::TouchedByBlock => ("outcomes with a known end and a block reply", "outcomes with a known end"),
            Self::Expired => ("outcomes given up by our own server", "outcomes with a known end"),
            Self::Async => ("outcomes accepted, then returned", "outcomes accepted at the door"),
            Self::Complaint => ("outcomes with a complaint", "outcomes delivered to providers from which a complaint came"),
            Self::WithinMinute => ("outcomes accepted within a minute of reception", "outcomes whose fate by then is known"),
            Self::WithinHour => ("outcomes accepted within an hour of reception", "outcomes whose fate by then is known"),
            Self::Reason => ("outcomes not delivered for the reason", "outcomes with a known end"),
            Self::Reply => ("failed real attempts with the masked reply", "real attempts at the provider"),
        }
    }

    /// What is counted.
    #[must_use]
    pub const fn counts(self) -> &'static str {
        match self {
            Self::Delivered
            | Self::Accepted
            | Self::Deferred
            | Self::Hard
            | Self::TouchedByBlock
            | Self::Expired
            | Self::Async
            | Self::Complaint
            | Self::WithinMinute
            | Self::WithinHour
            | Self::Reason => "outcomes",
            Self::UnknownUsers => "addresses",
            Self::BlockShare | Self::Reply => "attempts",
        }
    }

    /// Whether it tells what mailbox providers did: a smarthost between them and the log hides it.
    #[must_use]
    pub const fn is_of_providers(self) -> bool {
        match self {
            Self::Delivered
            | Self::Accepted
            | Self::Hard
            | Self::UnknownUsers
            | Self::BlockShare
            | Self::TouchedByBlock
            | Self::WithinMinute
            | Self::WithinHour => true,
            Self::Deferred | Self::Expired | Self::Async | Self::Complaint | Self::Reason | Self::Reply => false,
        }
    }

    /// Whether more of it is better.
    #[must_use]
    pub const fn sense(self) -> Sense {
        match self {
            Self::Delivered | Self::Accepted | Self::WithinMinute | Self::WithinHour => Sense::HigherIsBetter,
            Self::Deferred
            | Self::Hard
            | Self::UnknownUsers
            | Self::BlockShare
            | Self::TouchedByBlock
            | Self::Expired
            | Self::Async
            | Self::Complaint
            | Self::Reason
            | Self::Reply => Sense::HigherIsWorse,
        }
    }
}

/// About which part of the mail a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Within {
    /// All of it.
    Total,
    /// That of one provider.
    Provider,
    /// That to one recipient domain.
    Domain,
    /// That of one source.
    Source,
    /// That of one envelope-sender domain.
    Sender,
    /// All of it, failed for one reason.
    Reason,
    /// That of one provider, failed for one reason.
    ProviderReason,
    /// That of one provider, with one masked reply.
    Reply,
}

impl Within {
    /// As it is written in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Provider => "provider",
            Self::Domain => "domain",
            Self::Source => "source",
            Self::Sender => "sender",
            Self::Reason => "reason",
            Self::ProviderReason => "provider-reason",
            Self::Reply => "reply",
        }
    }
}

/// A figure and the mail that it is about. The order is that of the tables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which part of the mail.
    pub within: Within,
    /// Who runs the mailbox, where the part is a provider's; empty otherwise.
    pub provider: String,
    /// The domain, source, category or reply; empty where the provider is all there is.
    pub key: String,
    /// Which figure.
    pub metric: Metric,
}
