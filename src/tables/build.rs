//! From what a run counted to its tables.

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::dimensions::{DomainProviders, OTHER, Verdicts};
use super::fold::{Fold, Folded};
use super::frames::{self, ATTEMPT_CODES, ATTEMPT_REPLIES, OUTCOME_DOMAINS, count};
use super::lists::{self, Addresses, ListRules, Lists, Maker};
use super::names::Names;
use super::queries::Asked;
use super::reconcile::{self, Sums, Total};
use super::{
    TABLES, Tables, TablesError, Totals, async_bounces, blocks, bulk_days, complaints, concentration, delays, feedback,
    greylisting, heatmap, inputs, lifetimes, networks, retry_schedule, seeds, smarthosts, unjoined, unknown_user_effect,
    unknown_users,
};
use crate::classify::Classifier;
use crate::cubes::keys::HourCounts;
use crate::cubes::ledger::AddressCounts;
use crate::cubes::retries::{Deferred, Retry, RetryCounts};
use crate::cubes::{
    AttemptChannel, AttemptCode, AttemptHour, AttemptReply, Delay, OutcomeBlock, OutcomeDomain, OutcomeSender, RefusedSender,
    SenderCounts, State, Tally, ToConsumers,
};
use crate::event::Micros;
use crate::feedback::Returned;
use crate::intern::{Id, Interner};

/// What is told of the inputs.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// The rows of `inputs`.
    pub inputs: Vec<inputs::Input>,
    /// Paths of the files by rank: what [`crate::event::Pos::file`] counts.
    pub paths: Vec<String>,
    /// Hosts that wrote the logs.
    pub hosts: Vec<String>,
    /// First and last stamp of all inputs.
    pub stamps: Option<(Micros, Micros)>,
    /// Digest of what was read.
    pub digest: String,
    /// Mails that came back, and the cases that they make.
    pub returned: Returned,
}

/// How wide cubes may be, and by which numbers lists are made.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Rows of a cube beyond which its tail is put together as `(other)`, and of a list beyond which addresses are only counted.
    pub rows: usize,
    /// When an address is suppressed.
    pub lists: ListRules,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 2_000_000, lists: ListRules::default() }
    }
}

/// What was counted, as whoever looks beside the tables sees it: folded, with the texts of its ids.
pub struct Cubes<'a> {
    pub(super) tally: &'a Tally,
    pub(super) names: &'a Names<'a>,
    pub(super) domain_providers: &'a DomainProviders,
    pub(super) addresses: &'a AddressCounts,
    /// As in [`Totals::knows_later`].
    pub(super) knows_later: bool,
}

impl Cubes<'_> {
    /// Who runs the mailboxes of a domain.
    pub(super) fn provider(&self, domain: Id) -> &str {
        self.domain_providers.names().get(self.domain_providers.place(domain)).map_or("", String::as_str)
    }
}

impl Tables {
    /// Makes all tables of a run, and checks that they add up. `interner` holds the texts of the tally's ids.
    ///
    /// # Errors
    /// If a table does not add up, a query fails or the ledger cannot be read: then there is nothing to show.
    pub fn build(
        tally: Tally,
        interner: &mut Interner,
        classifier: &Classifier,
        account: Account,
        limits: &Limits,
    ) -> Result<Self, TablesError> {
        Ok(Self::build_and(tally, interner, classifier, account, limits, |_| ())?.0)
    }

    /// Likewise, and what `also` makes of the same cubes.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn build_and<T>(
        tally: Tally,
        interner: &mut Interner,
        classifier: &Classifier,
        account: Account,
        limits: &Limits,
        also: impl FnOnce(&Cubes<'_>) -> T,
    ) -> Result<(Self, T), TablesError> {
        let sums = Sums::of(&tally);
        reconcile::check_cubes(&tally, &sums)?;
        let domain_providers = DomainProviders::of(&tally, interner);
        let other = interner.intern(OTHER.as_bytes());
        let names = Names::of(interner);
        let mut folded = Vec::new();
        let mut tally = fold(tally, limits.rows, &names, &domain_providers, other, &mut folded);
        let verdicts = Verdicts::of(&tally.counts.attempt_replies, interner, classifier);
        let known = Addresses { ledger: std::mem::take(&mut tally.ledger), failures: std::mem::take(&mut tally.failures) };
        let asked = Asked {
            tally: &tally,
            names: &names,
            domain_providers: &domain_providers,
            verdicts: &verdicts,
            paths: &account.paths,
        };
        let maker = Maker {
            names: &names,
            interner,
            classifier,
            providers: &domain_providers,
            paths: &account.paths,
            rules: &limits.lists,
            most: limits.rows,
        };
        let (queried, counted) = rayon::join(|| asked.tables(), || counted(&asked, &maker, known, &account, &sums, folded));
        let (counted, addresses) = counted?;
        let queried = queried?;
        let concentration = concentration::rows(&queried.providers, &queried.domains);
        let tables = Self { inputs: account.inputs, concentration, ..queried.beside(counted) };
        let checked: Vec<_> = TABLES.par_iter().map(|table| reconcile::check(table, &tables, &sums)).collect();
        checked.into_iter().collect::<Result<(), _>>()?;
        let knows_later = tables.totals.knows_later;
        let cubes =
            Cubes { tally: &tally, names: &names, domain_providers: &domain_providers, addresses: &addresses, knows_later };
        Ok((tables, also(&cubes)))
    }
}

/// The tables that no query makes, but for the inputs; and the addresses. `known`: what is known of addresses.
fn counted(
    asked: &Asked<'_>,
    maker: &Maker<'_>,
    known: Addresses,
    account: &Account,
    sums: &Sums,
    mut folded: Vec<Folded>,
) -> Result<(Tables, AddressCounts), TablesError> {
    let Asked { tally, names, domain_providers, verdicts, .. } = *asked;
    let (blocks, block_senders) = blocks::rows(tally, names, verdicts, account.stamps.map(|(_, last)| last));
    let (made, others) = rayon::join(
        || maker.make(known, tally, &blocks, &mut folded),
        || {
            let unknown_user_effect = unknown_user_effect::rows(tally, names, verdicts, &blocks, &account.digest);
            Tables { unknown_user_effect, ..of_cubes(asked, maker, account) }
        },
    );
    let (addresses, lists) = made?;
    let tables = Tables {
        unknown_users: unknown_users::rows(&addresses, &lists.held, domain_providers.names()),
        blocks,
        block_senders,
        totals: Totals { suppressed: suppressed(&lists, &folded), ..totals(tally, names, sums, &addresses, account, folded) },
        suppress: lists.suppress,
        retry: lists.retry,
        fix: lists.fix,
        ..others
    };
    Ok((tables, addresses))
}

/// Of these the tables that need neither blocks nor addresses.
fn of_cubes(asked: &Asked<'_>, maker: &Maker<'_>, account: &Account) -> Tables {
    let Asked { tally, names, domain_providers, paths, .. } = *asked;
    let Maker { interner, classifier, .. } = *maker;
    let seeds = seeds::Maker { names, interner, classifier, providers: domain_providers, paths };
    let (seeds, seed_providers) = seeds.rows(&tally.watch);
    Tables {
        delays: delays::rows(&tally.counts.delays, names),
        heatmap: heatmap::rows(&tally.counts.attempt_hours, names),
        retry_schedule: retry_schedule::rows(&tally.counts.retries, names),
        lifetimes: lifetimes::rows(&tally.counts.deferred, &tally.counts.retries, names),
        greylisting: greylisting::rows(tally, names),
        networks: networks::rows(&tally.counts.attempt_channels, names),
        bulk_days: bulk_days::rows(&tally.counts.to_consumers, names),
        smarthosts: smarthosts::rows(&tally.counts.handovers, names),
        seeds,
        seed_providers,
        async_bounces: async_bounces::rows(&tally.counts.async_bounces, names),
        complaints: complaints::rows(&tally.counts.outcome_senders, names),
        feedback: feedback::rows(tally, &account.returned),
        unjoined: unjoined::rows(&tally.cases, &account.returned.cases, classifier),
        ..Tables::default()
    }
}

/// Puts together the tails of cubes that are too wide.
fn fold(
    mut tally: Tally,
    rows: usize,
    names: &Names<'_>,
    domain_providers: &DomainProviders,
    other: Id,
    folded: &mut Vec<Folded>,
) -> Tally {
    let of_provider = |domain: Id| domain_providers.other(domain);
    let plain = |_: Id| other;
    tally.counts.outcome_domains = OUTCOME_DOMAIN_FOLD.apply(tally.counts.outcome_domains, rows, names, &of_provider, folded);
    tally.counts.attempt_codes = ATTEMPT_CODE_FOLD.apply(tally.counts.attempt_codes, rows, names, &of_provider, folded);
    tally.counts.attempt_replies = ATTEMPT_REPLY_FOLD.apply(tally.counts.attempt_replies, rows, names, &plain, folded);
    tally.counts.attempt_hours = ATTEMPT_HOUR_FOLD.apply(tally.counts.attempt_hours, rows, names, &plain, folded);
    tally.counts.delays = DELAY_FOLD.apply(tally.counts.delays, rows, names, &plain, folded);
    tally.counts.outcome_blocks = OUTCOME_BLOCK_FOLD.apply(tally.counts.outcome_blocks, rows, names, &plain, folded);
    tally.counts.refused_senders = REFUSED_SENDER_FOLD.apply(tally.counts.refused_senders, rows, names, &plain, folded);
    tally.counts.outcome_senders = OUTCOME_SENDER_FOLD.apply(tally.counts.outcome_senders, rows, names, &plain, folded);
    tally.counts.retries = RETRY_FOLD.apply(tally.counts.retries, rows, names, &plain, folded);
    tally.counts.deferred = DEFERRED_FOLD.apply(tally.counts.deferred, rows, names, &plain, folded);
    tally.counts.to_consumers = TO_CONSUMERS_FOLD.apply(tally.counts.to_consumers, rows, names, &plain, folded);
    tally.counts.attempt_channels = ATTEMPT_CHANNEL_FOLD.apply(tally.counts.attempt_channels, rows, names, &plain, folded);
    tally
}

const OUTCOME_DOMAIN_FOLD: Fold<OutcomeDomain, crate::cubes::keys::OutcomeCounts> = Fold {
    view: OUTCOME_DOMAINS.name,
    name_of: |key| key.domain,
    volume: |counts| counts.outcomes,
    renamed: |key, domain| OutcomeDomain { domain, ..key },
};
const ATTEMPT_CODE_FOLD: Fold<AttemptCode, u64> = Fold {
    view: ATTEMPT_CODES.name,
    name_of: |key| key.domain,
    volume: |&attempts| attempts,
    renamed: |key, domain| AttemptCode { domain, ..key },
};
const ATTEMPT_REPLY_FOLD: Fold<AttemptReply, crate::cubes::keys::ReplyCounts> = Fold {
    view: ATTEMPT_REPLIES.name,
    name_of: |key| key.signature,
    volume: |counts| counts.attempts,
    renamed: |key, signature| AttemptReply { signature, ..key },
};
const ATTEMPT_HOUR_FOLD: Fold<AttemptHour, HourCounts> = Fold {
    view: frames::ATTEMPT_HOURS.name,
    name_of: |key| key.source,
    volume: |counts| counts.attempts,
    renamed: |key, source| AttemptHour { source, ..key },
};
const DELAY_FOLD: Fold<Delay, u64> = Fold {
    view: frames::DELAYS.name,
    name_of: |key| key.route,
    volume: |&outcomes| outcomes,
    renamed: |key, route| Delay { route, ..key },
};
const OUTCOME_BLOCK_FOLD: Fold<OutcomeBlock, crate::cubes::keys::BlockCounts> = Fold {
    view: frames::OUTCOME_BLOCKS.name,
    name_of: |key| key.source,
    volume: |counts| counts.outcomes,
    renamed: |key, source| OutcomeBlock { source, ..key },
};

const OUTCOME_SENDER_FOLD: Fold<OutcomeSender, SenderCounts> = Fold {
    view: frames::OUTCOME_SENDERS.name,
    name_of: |key| key.sender_domain,
    volume: |counts| counts.outcomes,
    renamed: |key, sender_domain| OutcomeSender { sender_domain, ..key },
};
const REFUSED_SENDER_FOLD: Fold<RefusedSender, u64> = Fold {
    view: blocks::senders::TABLE.name,
    name_of: |key| key.sender_domain,
    volume: |&outcomes| outcomes,
    renamed: |key, sender_domain| RefusedSender { sender_domain, ..key },
};
const TO_CONSUMERS_FOLD: Fold<ToConsumers, u64> = Fold {
    view: bulk_days::TABLE.name,
    name_of: |key| key.sender_domain,
    volume: |&outcomes| outcomes,
    renamed: |key, sender_domain| ToConsumers { sender_domain, ..key },
};
const RETRY_FOLD: Fold<Retry, RetryCounts> = Fold {
    view: "retry_schedule",
    name_of: |key| key.route,
    volume: |counts| counts.attempts,
    renamed: |key, route| Retry { route, ..key },
};
const DEFERRED_FOLD: Fold<Deferred, u64> = Fold {
    view: "lifetimes",
    name_of: |key| key.route,
    volume: |&outcomes| outcomes,
    renamed: |key, route| Deferred { route, ..key },
};
const ATTEMPT_CHANNEL_FOLD: Fold<AttemptChannel, u64> = Fold {
    view: frames::ATTEMPT_CHANNELS.name,
    name_of: |key| key.source,
    volume: |&attempts| attempts,
    renamed: |key, source| AttemptChannel { source, ..key },
};

/// Addresses on the suppression list, those beyond its limit too.
fn suppressed(lists: &Lists, folded: &[Folded]) -> i64 {
    let beyond = folded.iter().filter(|folded| folded.view == lists::SUPPRESS.name).map(|folded| folded.names);
    count(lists.suppress.len() as u64) + beyond.sum::<i64>()
}

fn totals(
    tally: &Tally,
    names: &Names<'_>,
    sums: &Sums,
    addresses: &AddressCounts,
    account: &Account,
    folded: Vec<Folded>,
) -> Totals {
    let (mut messages, mut days) = (0, None);
    let mut knows_later = account.returned.knows_bounces();
    for (key, counts) in tally.counts.outcome_domains.iter() {
        messages += counts.messages;
        knows_later |= key.state == State::BouncedLater;
        let (first, last) = days.unwrap_or((key.day, key.day));
        days = Some((first.min(key.day), last.max(key.day)));
    }
    let mut hosts = account.hosts.clone();
    hosts.sort_unstable();
    hosts.dedup();
    Totals {
        outcomes: sums.get(Total::Outcomes),
        messages: count(messages),
        attempts: sums.get(Total::CodeAttempts),
        addresses: count(addresses.all.attempted),
        consumer_accepted: count(tally.counts.handovers.iter().map(|(_, &outcomes)| outcomes).sum()),
        suppressed: 0,
        suspended: count(tally.apart.suspended),
        hops: count(tally.apart.hops),
        hops_found: count(tally.apart.hops_found),
        internal: count(tally.apart.internal),
        own_bounces: count(tally.apart.own_bounces),
        probes: count(tally.apart.probes),
        handed_on: count(tally.apart.handed_on),
        not_sent: count(tally.apart.not_sent),
        repeated: count(tally.apart.repeated),
        duplicates: count(tally.apart.duplicates),
        overlapped: count(tally.apart.overlapped),
        late: count(tally.apart.late),
        orphans: count(tally.apart.orphans),
        elsewhere: count(tally.apart.elsewhere),
        knows_later,
        within_hour: delays::within_hour(&tally.counts.delays, names),
        days,
        stamps: account.stamps,
        hosts,
        folded,
        digest: account.digest.clone(),
    }
}
