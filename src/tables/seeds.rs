//! What became of the mail to seeds: one row per seed and message, and per seed that no message was sent to.
//!
//! The log tells how a mail ended, the list what an inbox monitor saw of it: a verdict needs both. A row of the list with a day belongs
//! to the mail received on that day, or failing that the day before or after; one with a campaign to that campaign, where the log names campaigns.

use std::collections::{HashMap, HashSet};

use super::column::{Row, row};
use super::dimensions::DomainProviders;
use super::frames::count;
use super::names::{Names, utf8};
use super::seed_providers::{self, SeedProvider};
use super::{Table, each};
use crate::classify::{Class, Classifier, Scratch};
use crate::cubes::State;
use crate::cubes::watch::{SeedWatch, Watched};
use crate::event::{Micros, Pos};
use crate::intern::{Id, Interner};
use crate::provider::{Providers, registrable};
use crate::seeds::{Seed, Seen};

row! {
/// One row of `seeds`: a seed and a message, or a seed that no message was sent to.
pub struct SeedRow {
    /// The seed, in lower case.
    pub address: String => "",
    /// Who runs the mailbox.
    pub provider: String => "",
    /// The provider as the list names it.
    pub listed_as: String => "",
    /// The day that the list names, UTC; null where it names none.
    pub day: Option<i32> => "",
    /// The campaign: as logged, else as the list names it.
    pub campaign: String => "",
    /// What the monitor saw: inbox, spam, missing; empty where the list does not say.
    pub seen: String => "",
    /// not-sent, waiting, refused, dead, bounced, given-up, bounced-later, accepted, vanished (accepted but missing), filtered (accepted, in spam), arrived, removed, untold.
    pub verdict: String => "",
    /// End state of the outcome; empty where none is in the log.
    pub state: String => "",
    /// Reception.
    pub received: Option<Micros> => "",
    /// The last event of it.
    pub last: Option<Micros> => "",
    /// Real attempts.
    pub attempts: i64 => "attempts",
    /// Who sent.
    pub source: String => "",
    /// Domain of the envelope sender.
    pub sender_domain: String => "",
    /// The deciding failure, masked; empty where there is none.
    pub reply: String => "",
    /// What that reply means.
    pub category: String => "",
    /// Queue id.
    pub queue_id: String => "",
    /// The file that holds the record of the last attempt.
    pub path: String => "",
    /// Byte of that file's decompressed content where it begins.
    pub place: i64 => "bytes",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "seeds",
    about: "What became of the mail to seeds, beside what an inbox monitor saw of it: one row per seed and message.",
    counts: "outcomes",
    sql: None,
    columns: SeedRow::COLUMNS,
    derived: &[],
    reconciles: &[],
    rows: |tables, take| each(&tables.seeds, take),
};

/// What the log and the monitor say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// No message to the seed is in the log.
    NotSent,
    /// Still in our queue.
    Waiting,
    /// Refused by policy.
    Refused,
    /// The seed itself is dead.
    Dead,
    /// Failed for another reason.
    Bounced,
    /// Given up after retries.
    GivenUp,
    /// Accepted, then returned.
    BouncedLater,
    /// Accepted; the monitor says nothing.
    Accepted,
    /// Accepted, and not found anywhere: filtered after acceptance.
    Vanished,
    /// Accepted, and found among spam.
    Filtered,
    /// Accepted, and in the inbox.
    Arrived,
    /// Removed by the operator.
    Removed,
    /// The log does not tell.
    Untold,
}

impl Verdict {
    /// All of them, from what never left to what arrived.
    pub const ALL: [Self; 13] = [
        Self::NotSent,
        Self::Waiting,
        Self::Refused,
        Self::Dead,
        Self::Bounced,
        Self::GivenUp,
        Self::BouncedLater,
        Self::Accepted,
        Self::Vanished,
        Self::Filtered,
        Self::Arrived,
        Self::Removed,
        Self::Untold,
    ];

    /// As it is written in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not-sent",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Dead => "dead",
            Self::Bounced => "bounced",
            Self::GivenUp => "given-up",
            Self::BouncedLater => "bounced-later",
            Self::Accepted => "accepted",
            Self::Vanished => "vanished",
            Self::Filtered => "filtered",
            Self::Arrived => "arrived",
            Self::Removed => "removed",
            Self::Untold => "untold",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Whether the log shows why the mail did not arrive.
    #[must_use]
    pub const fn is_delivery_problem(self) -> bool {
        matches!(self, Self::Waiting | Self::Refused | Self::Dead | Self::Bounced | Self::GivenUp | Self::BouncedLater)
    }

    /// Whether the provider took the mail, and kept it.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted | Self::Vanished | Self::Filtered | Self::Arrived)
    }

    fn of(state: State, class: Option<Class>, seen: Option<Seen>) -> Self {
        match state {
            State::Delivered => match seen {
                None => Self::Accepted,
                Some(Seen::Missing) => Self::Vanished,
                Some(Seen::Spam) => Self::Filtered,
                Some(Seen::Inbox) => Self::Arrived,
            },
            State::BouncedLater => Self::BouncedLater,
            State::Blocked => Self::Refused,
            State::Bounced if class == Some(Class::Hard) => Self::Dead,
            State::Bounced => Self::Bounced,
            State::Expired => Self::GivenUp,
            State::Deferred | State::Queued => Self::Waiting,
            State::Cancelled => Self::Removed,
            State::Unknown => Self::Untold,
        }
    }
}

/// What rows are made with.
pub(super) struct Maker<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) interner: &'a Interner,
    pub(super) classifier: &'a Classifier,
    pub(super) providers: &'a DomainProviders,
    pub(super) paths: &'a [String],
}

impl Maker<'_> {
    /// The rows of `seeds` and of `seed_providers`.
    pub(super) fn rows(&self, watch: &SeedWatch) -> (Vec<SeedRow>, Vec<SeedProvider>) {
        let mut hours = Hours::new();
        let seeds = rows(watch, self, &mut hours);
        let providers = seed_providers::rows(&seeds, watch, &hours);
        (seeds, providers)
    }
}

/// The domains and hours in which the mail of the rows was received, by provider.
pub(super) type Hours = HashMap<String, HashSet<(Id, i32)>>;

/// The rows, in the order of the list, then of reception. `hours`: theirs; a seed's mail that no row is about is not compared.
fn rows(watch: &SeedWatch, maker: &Maker<'_>, hours: &mut Hours) -> Vec<SeedRow> {
    let mut by_address: HashMap<&[u8], Vec<&Watched>> = HashMap::new();
    for watched in &watch.outcomes {
        by_address.entry(&watched.address).or_default().push(watched);
    }
    for outcomes in by_address.values_mut() {
        outcomes.sort_unstable_by_key(|watched| (watched.received, watched.outcome));
    }
    let (mut rows, mut scratch) = (Vec::new(), Scratch::default());
    for seed in watch.seeds().rows() {
        let outcomes = by_address.get(seed.address.as_bytes()).map_or(&[][..], Vec::as_slice);
        let of_campaign = || outcomes.iter().filter(|one| is_of_campaign(seed, one, maker.names));
        let nearest = of_campaign().filter_map(|one| days_off(seed, one)).min();
        match nearest {
            None => rows.push(maker.not_sent(seed)),
            nearest => {
                for one in of_campaign().filter(|one| days_off(seed, one) == nearest) {
                    let row = maker.row(seed, one, &mut scratch);
                    hours.entry(row.provider.clone()).or_default().insert((one.domain, one.received.hour()));
                    rows.push(row);
                }
            }
        }
    }
    rows
}

/// How many days lie between the row's day and the mail's reception; None: more than one. A row without a day is about every mail.
fn days_off(seed: &Seed, watched: &Watched) -> Option<u32> {
    let off = seed.day.map_or(0, |day| day.abs_diff(watched.received.day()));
    (off <= 1).then_some(off)
}

/// Whether the mail may be of the row's campaign: it is, unless both name one and they differ.
fn is_of_campaign(seed: &Seed, watched: &Watched, names: &Names<'_>) -> bool {
    let campaign = names.text(watched.campaign);
    seed.campaign.is_empty() || campaign.is_empty() || campaign == seed.campaign
}

impl Maker<'_> {
    fn row(&self, seed: &Seed, watched: &Watched, scratch: &mut Scratch) -> SeedRow {
        let verdict = (watched.signature != Id::EMPTY).then(|| {
            let provider = std::str::from_utf8(self.interner.text(watched.route)).ok();
            self.classifier.classify_signature(self.interner.text(watched.signature), provider, scratch)
        });
        let campaign = self.names.text(watched.campaign);
        let path = if watched.pos == Pos::default() { None } else { self.paths.get(watched.pos.file as usize) };
        SeedRow {
            campaign: if campaign.is_empty() { seed.campaign.clone() } else { campaign.to_owned() },
            provider: self.provider(seed, Some(watched.domain)),
            verdict: Verdict::of(watched.state, verdict.map(|verdict| verdict.class), seed.seen).name().to_owned(),
            state: watched.state.name().to_owned(),
            received: Some(watched.received),
            last: Some(watched.last),
            attempts: count(watched.attempts),
            source: self.names.text(watched.source).to_owned(),
            sender_domain: self.names.text(watched.sender_domain).to_owned(),
            reply: self.names.text(watched.signature).to_owned(),
            category: verdict.map_or("", |verdict| verdict.category.name()).to_owned(),
            queue_id: utf8(&watched.queue_id).into_owned(),
            path: path.cloned().unwrap_or_default(),
            place: path.map_or(0, |_| count(watched.pos.offset)),
            ..self.not_sent(seed)
        }
    }

    fn not_sent(&self, seed: &Seed) -> SeedRow {
        SeedRow {
            address: seed.address.clone(),
            provider: self.provider(seed, None),
            listed_as: seed.provider.clone(),
            day: seed.day,
            campaign: seed.campaign.clone(),
            seen: seed.seen.map_or("", Seen::name).to_owned(),
            verdict: Verdict::NotSent.name().to_owned(),
            state: String::new(),
            received: None,
            last: None,
            attempts: 0,
            source: String::new(),
            sender_domain: String::new(),
            reply: String::new(),
            category: String::new(),
            queue_id: String::new(),
            path: String::new(),
            place: 0,
        }
    }

    /// Who runs the mailbox: as the logs show of its domain, else by its name.
    fn provider(&self, seed: &Seed, domain: Option<Id>) -> String {
        let name = seed.address.rsplit('@').next().unwrap_or_default().as_bytes();
        let logged = domain.or_else(|| self.interner.find(name)).and_then(|domain| self.providers.named(domain));
        let by_name =
            || Providers::builtin().of_domain(name).map_or_else(|| utf8(registrable(name)).into_owned(), str::to_owned);
        logged.map_or_else(by_name, str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_and_monitor_give_the_verdict_together() {
        let of = |state, class, seen| Verdict::of(state, class, seen).name();
        let missing = Some(Seen::Missing);
        for (state, class, wanted) in [
            (State::Queued, None, "waiting"),
            (State::Deferred, Some(Class::Policy), "waiting"),
            (State::Blocked, Some(Class::Policy), "refused"),
            (State::Bounced, Some(Class::Hard), "dead"),
            (State::Bounced, Some(Class::Soft), "bounced"),
            (State::Expired, Some(Class::Soft), "given-up"),
            (State::BouncedLater, Some(Class::Hard), "bounced-later"),
            (State::Delivered, None, "vanished"),
            (State::Cancelled, None, "removed"),
            (State::Unknown, None, "untold"),
        ] {
            assert_eq!(of(state, class, missing), wanted);
        }
        assert_eq!(
            [None, Some(Seen::Spam), Some(Seen::Inbox)].map(|seen| of(State::Delivered, None, seen)),
            ["accepted", "filtered", "arrived"]
        );
    }

    #[test]
    fn every_verdict_has_a_name_of_its_own_and_is_one_thing_only() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::named(verdict.name()), Some(verdict));
            assert!(!(verdict.is_delivery_problem() && verdict.is_accepted()));
        }
    }
}
