//! Counts the rows of the stitch into the cubes: where verdicts meet facts.
//!
//! Every outcome of the scope is counted once in each outcome cube, and each of its real attempts once in each attempt cube. What is
//! out of the scope is counted apart. A verdict is asked for once per distinct masked reply.

mod settle;

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use foldhash::fast::FixedState;

use super::evidence::Evidence;
use super::failures::{Failure, Failures, How};
use super::handover::{Handover, Handovers};
use super::kept::{Keep, Kept, Seen};
use super::keys::{BlockCounts, DelayEvent, OutcomeCounts, ReplyCounts};
use super::later::{AsyncBounce, Candidates};
use super::ledger::{Facts, Ledger};
use super::retries::{Deferred, Fate, MOST_ATTEMPTS, Retry, RetryCounts, lifetime_of};
use super::traffic::{AttemptChannel, InboundReject, MOST_TRIES, OutcomeSender, SenderCounts};
use super::watch::{Other, Watch, Watched};
use super::{AttemptCode, AttemptHour, AttemptReply, Cube, Delay, Disposition, OutcomeBlock, OutcomeDomain, Reason, State};
use crate::classify::{Category, Class, Classifier, Scratch};
use crate::event::{Enhanced, Micros, Pos, Sort, Speaker, Stage, Status};
use crate::feedback::{self, By, Settled};
use crate::intern::{Id, Interner, Translation};
use crate::provider::UNREACHED;
use crate::rows::{AttemptRow, End, FeedbackRow, OutcomeRow, RowSink, Traffic};
use crate::seeds::Seeds;
use crate::stitch::Noted;

/// Which mail a run is about. An outcome belongs to the time of its reception, an attempt to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Where the period begins.
    pub since: Micros,
    /// Where it ends, exclusive.
    pub until: Micros,
    /// How long after its end records may still finish its outcomes, microseconds; what comes later is not looked at.
    pub settle: i64,
    /// Local and internal deliveries count too.
    pub is_all: bool,
}

impl Default for Scope {
    /// All outbound mail of any time.
    fn default() -> Self {
        Self { since: Micros(i64::MIN), until: Micros(i64::MAX), settle: 0, is_all: false }
    }
}

impl Scope {
    fn holds(&self, time: Micros) -> bool {
        (self.since..self.until).contains(&time)
    }

    /// The last moment that may finish an outcome.
    fn end(&self) -> Micros {
        Micros(self.until.0.saturating_add(self.settle))
    }

    fn counts(&self, sort: Sort) -> bool {
        match sort {
            Sort::Real | Sort::Suspended | Sort::Own => true,
            Sort::Local => self.is_all,
            Sort::Hop | Sort::Probe | Sort::NotSent => false,
        }
    }

    /// Whether an attempt of this sort is in attempt figures.
    fn is_real(&self, sort: Sort) -> bool {
        sort == Sort::Real || (self.is_all && sort == Sort::Local)
    }
}

/// What stands apart from the figures of the scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// Attempt rows that the MTA put back without trying.
    pub suspended: u64,
    /// Deliveries to a content filter or own relay that name a next queue id.
    pub hops: u64,
    /// Of these, those whose next id was seen to begin.
    pub hops_found: u64,
    /// Outcomes of mail stored, piped or forwarded at home.
    pub internal: u64,
    /// Outcomes of notifications that our own MTA wrote.
    pub own_bounces: u64,
    /// Address probes.
    pub probes: u64,
    /// Outcomes handed on to another queue id.
    pub handed_on: u64,
    /// Outcomes of mail that the service itself refused to send.
    pub not_sent: u64,
    /// Records that the log says were repeated without being written.
    pub repeated: u64,
    /// Attempt records that were written twice and counted once.
    pub duplicates: u64,
    /// Attempt records that several files hold which overlap: counted once.
    pub overlapped: u64,
    /// Attempt records of messages that were over by then: not counted.
    pub late: u64,
    /// Attempt records whose message or recipient no record names.
    pub orphans: u64,
    /// Outcomes of mail that was received before or after the period.
    pub elsewhere: u64,
    /// Real attempts of the period's outcomes that were made before or after it.
    pub attempts_outside: u64,
    /// Real attempts of the period for mail that was received before or after it.
    pub attempts_of_elsewhere: u64,
}

impl Apart {
    fn add(&mut self, other: Self) {
        self.suspended += other.suspended;
        self.hops += other.hops;
        self.hops_found += other.hops_found;
        self.internal += other.internal;
        self.own_bounces += other.own_bounces;
        self.probes += other.probes;
        self.handed_on += other.handed_on;
        self.not_sent += other.not_sent;
        self.repeated += other.repeated;
        self.duplicates += other.duplicates;
        self.overlapped += other.overlapped;
        self.late += other.late;
        self.orphans += other.orphans;
        self.elsewhere += other.elsewhere;
        self.attempts_outside += other.attempts_outside;
        self.attempts_of_elsewhere += other.attempts_of_elsewhere;
    }
}

/// What was counted: by one worker alone, or by all together.
#[derive(Debug, Default)]
pub struct Tally {
    /// Outcomes by day, domain, route, state and reason.
    pub outcome_domains: Cube<OutcomeDomain, OutcomeCounts>,
    /// Real attempts by hour, route and source.
    pub attempt_hours: Cube<AttemptHour, u64>,
    /// Failed real attempts by hour, route, source and reply.
    pub attempt_replies: Cube<AttemptReply, ReplyCounts>,
    /// Real attempts by domain and code.
    pub attempt_codes: Cube<AttemptCode, u64>,
    /// Outcomes by age.
    pub delays: Cube<Delay, u64>,
    /// Outcomes that a block touched.
    pub outcome_blocks: Cube<OutcomeBlock, BlockCounts>,
    /// Outcomes by who sent them.
    pub outcome_senders: Cube<OutcomeSender, SenderCounts>,
    /// Real attempts by channel.
    pub attempt_channels: Cube<AttemptChannel, u64>,
    /// Mail of others that we refused.
    pub inbound_rejects: Cube<InboundReject, u64>,
    /// Accepted outcomes to consumer domains by who accepted them.
    pub handovers: Cube<Handover, u64>,
    /// Real attempts by how many came before.
    pub retries: Cube<Retry, RetryCounts>,
    /// Outcomes that were put off, by what became of them.
    pub deferred: Cube<Deferred, u64>,
    /// Bounces of the period's mail that came after delivery.
    pub async_bounces: Cube<AsyncBounce, u64>,
    /// Bounces and complaints that the log itself records: by sort, and whether an outcome carries them.
    pub told_by_log: BTreeMap<(feedback::Sort, bool), u64>,
    /// What became of the cases that mails make, once [`Tally::settle`] said so.
    pub cases: Vec<Settled>,
    /// Distinct addresses.
    pub ledger: Ledger,
    /// Failed outcomes by address.
    pub failures: Failures,
    /// Records that show replies.
    pub evidence: Evidence,
    /// Outcomes of watched addresses.
    pub watch: Watch,
    /// What stands apart.
    pub apart: Apart,
    /// The rows behind the counts; None where nobody asked for them.
    pub kept: Option<Box<Kept>>,
    taken: Handovers,
    scope: Scope,
    rules: Rules,
    candidates: Candidates,
    /// Why each masked reply was given, by the route that gave it and its id.
    reasons: HashMap<(Id, Id), Reason, FixedState>,
}

/// The rules that tell why a reply was given.
struct Rules {
    classifier: &'static Classifier,
    scratch: Scratch,
}

impl Default for Rules {
    fn default() -> Self {
        Self { classifier: Classifier::builtin(), scratch: Scratch::default() }
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Rules").field("rules", &self.classifier.rules().len()).finish_non_exhaustive()
    }
}

/// One attempt with its verdict.
#[derive(Clone, Copy)]
struct Judged<'a> {
    row: &'a AttemptRow,
    /// None for what is no failure.
    reason: Option<Reason>,
}

impl Judged<'_> {
    fn is_failure(&self) -> bool {
        self.reason.is_some()
    }

    fn is_block(&self) -> bool {
        self.reason.is_some_and(|reason| reason.category.is_block())
    }

    fn is_throttle(&self) -> bool {
        self.reason.is_some_and(|reason| reason.category == Category::RateLimit)
    }
}

impl Tally {
    /// Counts the mail of `scope`, its replies classified by `classifier`.
    #[must_use]
    pub fn new(scope: Scope, classifier: &'static Classifier) -> Self {
        let rules = Rules { classifier, scratch: Scratch::default() };
        Self { scope, rules, ..Self::default() }
    }

    /// The same tally, which keeps the rows that it counts.
    #[must_use]
    pub fn keeping(self, keep: Option<Keep>) -> Self {
        Self { kept: keep.map(|keep| Box::new(Kept::new(keep))), ..self }
    }

    /// The same, with an eye on the addresses of a list.
    #[must_use]
    pub fn watching(self, seeds: Arc<Seeds>) -> Self {
        Self { watch: Watch::new(seeds), ..self }
    }

    /// The same, and looks for the outcomes that mails which came back are about.
    #[must_use]
    pub fn looking_for(self, cases: Arc<feedback::Watch>) -> Self {
        Self { candidates: Candidates::new(cases), ..self }
    }

    /// Takes over what the stitch noticed beside outcomes.
    pub fn note(&mut self, noted: &Noted) {
        self.apart.hops_found += noted.hops_found;
        self.apart.probes += noted.probes;
        self.apart.repeated += noted.repeated;
        self.apart.duplicates += noted.duplicates;
        self.apart.overlapped += noted.overlapped;
        self.apart.late += noted.late;
        self.apart.orphans += noted.orphans;
    }

    /// Why the masked reply was given by `route`.
    fn reason(&mut self, texts: &Interner, route: Id, signature: Id) -> Reason {
        let Rules { classifier, scratch } = &mut self.rules;
        *self.reasons.entry((route, signature)).or_insert_with(|| {
            let provider = std::str::from_utf8(texts.text(route)).ok();
            let verdict = classifier.classify_signature(texts.text(signature), provider, scratch);
            Reason { category: verdict.category, class: verdict.class }
        })
    }

    fn judged<'a>(&mut self, texts: &Interner, row: &'a AttemptRow) -> Judged<'a> {
        let reason = match row.status {
            Status::Deferred | Status::Failed | Status::Expired => Some(self.reason(texts, row.route, row.signature)),
            Status::Delivered | Status::Unknown => None,
        };
        Judged { row, reason }
    }

    /// Counts the real attempts that lie in the period, and gives the number of all.
    fn attempts(&mut self, outcome: &OutcomeRow<'_>, attempts: &[Judged<'_>], is_of_period: bool) -> u64 {
        let mut real = 0;
        let scope = self.scope;
        for attempt in attempts.iter().filter(|attempt| scope.is_real(attempt.row.sort)) {
            let is_inside = scope.holds(attempt.row.time);
            if is_inside {
                self.attempt(attempt, outcome.domain, real == 0);
            }
            self.apart.attempts_of_elsewhere += u64::from(is_inside && !is_of_period);
            self.apart.attempts_outside += u64::from(!is_inside && is_of_period);
            real += 1;
        }
        real
    }

    /// Counts a real attempt.
    fn attempt(&mut self, attempt: &Judged<'_>, domain: Id, is_first: bool) {
        let row = attempt.row;
        let (hour, route, source, reason) = (row.time.hour(), row.route, row.source, attempt.reason);
        let key =
            AttemptHour { hour, route, source, status: row.status, reason, stage: row.stage, speaker: row.speaker, is_first };
        self.attempt_hours.add(key, 1);
        let is_delivered = row.status == Status::Delivered;
        self.attempt_channels.add(AttemptChannel { route, source, network: row.network, tls: row.tls, is_delivered }, 1);
        let disposition = disposition(row.status, reason);
        self.attempt_codes.add(AttemptCode { domain, route, disposition, code: row.code, enhanced: row.enhanced }, 1);
        if attempt.is_failure() {
            let counts = ReplyCounts { attempts: 1, first: row.time, last: row.time };
            self.attempt_replies.add(AttemptReply { hour, route, source, signature: row.signature }, counts);
        }
    }

    /// Notes deliveries outside of the period: they prove that an address lives. One that was bounced later proves nothing.
    fn alive(&mut self, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let scope = self.scope;
        let is_proof = |row: &&AttemptRow| row.status == Status::Delivered && scope.is_real(row.sort) && !scope.holds(row.time);
        if outcome.bounced_later.is_none() && !outcome.recipient.is_empty() {
            for row in attempts.iter().filter(is_proof) {
                self.ledger.note(
                    outcome.recipient,
                    outcome.domain,
                    row.time,
                    Facts::alive(row.time.hour().rem_euclid(24) as u16),
                );
            }
        }
    }

    /// Notes what an outcome's attempts tell of the address.
    fn address(&mut self, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        if outcome.recipient.is_empty() {
            return;
        }
        let full =
            attempts.iter().filter(|attempt| attempt.reason.is_some_and(|why| why.category == Category::MailboxFull)).count();
        let is_full = full > 1 || !matches!(state, State::Delivered | State::Deferred);
        let scope = self.scope;
        let is_counted = |row: &AttemptRow| scope.is_real(row.sort) && scope.holds(row.time);
        for attempt in attempts.iter().filter(|attempt| is_counted(attempt.row)) {
            let time = attempt.row.time;
            let facts = Facts::TRIED.and(learned(attempt, state, is_full));
            self.ledger.note(outcome.recipient, outcome.domain, time, facts);
        }
    }

    /// Keeps the outcome of a watched address, and counts that of any other beside it.
    fn watched(
        &mut self,
        texts: &Interner,
        outcome: &OutcomeRow<'_>,
        state: State,
        (route, attempts): (Id, u64),
        judged: &[Judged<'_>],
    ) {
        let Some(is_watched) = self.watch.holds(outcome.recipient) else { return };
        let is_delivered = state == State::Delivered;
        if !is_watched {
            let is_resolved =
                matches!(state, State::BouncedLater | State::Delivered | State::Blocked | State::Bounced | State::Expired);
            if is_resolved && self.watch.holds_domain(texts.text(outcome.domain)) {
                let domain = outcome.domain;
                self.watch.others.add(Other { domain, hour: outcome.received.hour(), is_delivered }, 1);
            }
            return;
        }
        let failed = match state {
            State::Blocked | State::Bounced => refused(judged),
            State::Expired | State::Deferred => informative(judged),
            State::Delivered | State::BouncedLater | State::Queued | State::Cancelled | State::Unknown => None,
        };
        let bounced = outcome.bounced_later.filter(|_| state == State::BouncedLater).map(|bounced| bounced.signature);
        let last = judged.last().map(|attempt| attempt.row);
        self.watch.take(Watched {
            received: outcome.received,
            last: outcome.last,
            outcome: (outcome.message, outcome.recipient_no),
            address: outcome.recipient.to_ascii_lowercase().into(),
            queue_id: outcome.queue_id.into(),
            campaign: outcome.campaign,
            domain: outcome.domain,
            route,
            source: last.map(|row| row.source).unwrap_or_default(),
            sender_domain: outcome.sender_domain,
            state,
            signature: bounced.or_else(|| failed.map(|attempt| attempt.row.signature)).unwrap_or_default(),
            attempts,
            pos: last.map(|row| row.pos).unwrap_or_default(),
        });
    }

    /// Notes a failed outcome, and a complaint about one, for the lists.
    fn failure(&mut self, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        let last = attempts.last().map(|attempt| attempt.row);
        let (row, bounced) = match state {
            State::BouncedLater => (last, outcome.bounced_later),
            State::Blocked | State::Bounced => (refused(attempts).map(|attempt| attempt.row), None),
            State::Expired => (informative(attempts).map(|attempt| attempt.row), None),
            State::Delivered | State::Deferred | State::Queued | State::Cancelled | State::Unknown => (last, None),
        };
        let failure = Failure {
            time: bounced.map_or_else(|| row.map_or(outcome.last, |row| row.time), |bounced| bounced.time),
            pos: row.map(|row| row.pos).unwrap_or_default(),
            how: if bounced.is_some() { How::Returned } else { row.map_or(How::Own, how) },
            domain: outcome.domain,
            route: row.map(|row| row.route).unwrap_or_default(),
            signature: bounced.map_or_else(|| row.map(|row| row.signature).unwrap_or_default(), |bounced| bounced.signature),
            source: row.map(|row| row.source).unwrap_or_default(),
            sender_domain: outcome.sender_domain,
        };
        if let Some(time) = outcome.complained {
            let complaint = Failure { time, how: How::Complaint, signature: Id::EMPTY, ..failure };
            self.failures.note(outcome.recipient, complaint);
        }
        if matches!(state, State::BouncedLater | State::Blocked | State::Bounced | State::Expired) {
            self.failures.note(outcome.recipient, failure);
        }
    }

    /// Counts how long an outcome that was tried took.
    fn delay(&mut self, outcome: &OutcomeRow<'_>, state: State, route: Id, attempts: &[Judged<'_>]) {
        let (event, age_ms) = match state {
            State::Delivered | State::BouncedLater => {
                let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
                let logged = accepted.and_then(|attempt| attempt.row.delay_ms);
                let at = accepted.map_or(outcome.last, |attempt| attempt.row.time);
                (DelayEvent::Accepted, logged.unwrap_or_else(|| span_ms(outcome.received, at)))
            }
            State::Blocked | State::Bounced | State::Expired => (DelayEvent::Failed, span_ms(outcome.received, outcome.last)),
            State::Deferred | State::Queued | State::Cancelled | State::Unknown => {
                (DelayEvent::Open, span_ms(outcome.received, outcome.last))
            }
        };
        self.delays.add(Delay { route, day: outcome.received.day(), event, age_q_ms: three_digits(age_ms.max(0)) }, 1);
    }

    /// Counts each real attempt of an outcome by how many came before, and what became of one that was put off.
    fn retries(&mut self, outcome: &OutcomeRow<'_>, state: State, route: Id, attempts: &[Judged<'_>]) {
        let (mut number, mut before) = (0_u8, None);
        let scope = self.scope;
        for row in attempts.iter().map(|attempt| attempt.row).filter(|row| scope.is_real(row.sort)) {
            number = number.saturating_add(1).min(MOST_ATTEMPTS);
            let key = Retry {
                route: row.route,
                number,
                gap_q_ms: before.map_or(0, |before| three_digits(span_ms(before, row.time).max(0))),
                lifetime: lifetime_of(span_ms(outcome.received, row.time).max(0)),
            };
            let delivered = u64::from(row.status == Status::Delivered);
            self.retries.add(key, RetryCounts { attempts: 1, delivered });
            before = Some(row.time);
        }
        if attempts.iter().any(|attempt| attempt.row.status == Status::Deferred) {
            let fate = match state {
                State::Delivered => Fate::Delivered,
                State::BouncedLater | State::Blocked | State::Bounced => Fate::Failed,
                State::Expired => Fate::Expired,
                State::Deferred | State::Queued | State::Cancelled | State::Unknown => Fate::Open,
            };
            let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
            let end = accepted.filter(|_| fate == Fate::Delivered).map_or(outcome.last, |attempt| attempt.row.time);
            let age_q_ms = three_digits(span_ms(outcome.received, end).max(0));
            self.deferred.add(Deferred { route, fate, age_q_ms }, 1);
        }
    }

    /// Counts an outcome by who sent it.
    fn sender(&mut self, outcome: &OutcomeRow<'_>, key: OutcomeDomain, counts: OutcomeCounts, last: Option<&Judged<'_>>) {
        let source = last.map(|attempt| attempt.row.source).unwrap_or_default();
        let tries = u8::try_from(counts.attempts).unwrap_or(MOST_TRIES).min(MOST_TRIES);
        let OutcomeDomain { day, route, state, reason, .. } = key;
        let sent = OutcomeSender { day, route, source, sender_domain: outcome.sender_domain, state, reason, tries };
        let OutcomeCounts { outcomes, messages, attempts, deferred_once, attempted, touched_by_block, .. } = counts;
        let (forwarded, complained) = (u64::from(outcome.is_forwarded()), u64::from(outcome.complained.is_some()));
        let counts =
            SenderCounts { outcomes, messages, attempts, deferred_once, attempted, touched_by_block, forwarded, complained };
        self.outcome_senders.add(sent, counts);
    }

    /// Keeps the attempts of an outcome, where rows were asked for.
    fn keep_attempts(&mut self, outcome: &OutcomeRow<'_>, attempts: &[Judged<'_>]) {
        let Some(kept) = &mut self.kept else { return };
        let scope = self.scope;
        let seen = attempts.iter().map(|&Judged { row, reason }| Seen {
            row,
            reason,
            disposition: disposition(row.status, reason),
            is_real: scope.is_real(row.sort),
            is_inside: scope.holds(row.time),
        });
        kept.attempts(outcome, seen);
    }

    /// Counts an outcome that a block or a rate limit touched.
    fn block(&mut self, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        let Some(first) = attempts.iter().find(|attempt| attempt.is_block() || attempt.is_throttle()) else { return };
        let row = first.row;
        let key = OutcomeBlock {
            route: row.route,
            source: row.source,
            hour: row.time.hour(),
            is_throttle: first.is_throttle(),
            state,
        };
        let waited_ms = span_ms(row.time, outcome.last).max(0) as u64;
        self.outcome_blocks.add(key, BlockCounts { outcomes: 1, waited_ms });
    }

    /// Counts who accepted mail for a consumer domain.
    fn handover(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        if !matches!(state, State::Delivered | State::BouncedLater) {
            return;
        }
        let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
        let relay = accepted.map(|attempt| attempt.row.relay).unwrap_or_default();
        if let Some(key) = self.taken.key(texts, outcome.received.day(), outcome.host, outcome.domain, relay) {
            self.handovers.add(key, 1);
        }
    }

    /// Counts what is in no figure of the scope; true if the outcome is such.
    fn is_apart(&mut self, outcome: &OutcomeRow<'_>) -> bool {
        let count = match (outcome.traffic, outcome.end) {
            (_, End::HandedOn) => &mut self.apart.handed_on,
            (_, End::NotSent) => &mut self.apart.not_sent,
            (Traffic::OwnBounce, _) => &mut self.apart.own_bounces,
            (Traffic::Internal, _) | (_, End::Local) if !self.scope.is_all => &mut self.apart.internal,
            (Traffic::Internal | Traffic::Outbound, _) => return false,
        };
        *count += 1;
        true
    }
}

impl Tally {
    /// Counts an outcome. `by`: the key by which a mail told that it bounced later, and whether that mail tells its time; None: the log
    /// told of it, if it did.
    fn count(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow], by: Option<(By, bool)>) {
        self.alive(outcome, attempts);
        let (outcome, attempts) = self.settled(outcome, attempts);
        let attempts: Vec<Judged<'_>> = attempts.map(|row| self.judged(texts, row)).collect();
        let later = outcome.bounced_later.filter(|later| outcome.end == End::Accepted && later.time <= self.scope.end());
        let (state, reason) = match later {
            Some(later) => {
                let route = attempts.last().map(|attempt| attempt.row.route).unwrap_or_default();
                (State::BouncedLater, Some(self.reason(texts, route, later.signature)))
            }
            None => ended(outcome.end, &attempts),
        };
        let route = route(texts, &attempts);
        let is_of_period = self.scope.holds(outcome.received);
        let real = self.attempts(&outcome, &attempts, is_of_period);
        self.address(&outcome, state, &attempts);
        self.keep_attempts(&outcome, &attempts);
        if !is_of_period {
            self.apart.elsewhere += 1;
            return;
        }
        let key = OutcomeDomain { day: outcome.received.day(), domain: outcome.domain, route, state, reason };
        let counts = measured(&outcome, state, real, &attempts);
        self.outcome_domains.add(key, counts);
        self.sender(&outcome, key, counts, attempts.last());
        if let Some(kept) = &mut self.kept {
            kept.outcome(&outcome, (key, counts), attempts.last().map(|attempt| attempt.row));
        }
        if attempts.iter().any(|attempt| attempt.row.sort != Sort::Own) {
            self.delay(&outcome, state, route, &attempts);
        }
        if let (Some(later), Some(reason)) = (later, reason) {
            let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
            let from = accepted.map_or(outcome.last, |attempt| attempt.row.time);
            let (by, is_timed) = by.unwrap_or((By::Log, true));
            let lag_q_ms = is_timed.then(|| three_digits(span_ms(from, later.time).max(0)));
            self.async_bounces.add(AsyncBounce { route, by, reason, lag_q_ms }, 1);
        }
        self.block(&outcome, state, &attempts);
        self.handover(texts, &outcome, state, &attempts);
        self.retries(&outcome, state, route, &attempts);
        self.failure(&outcome, state, &attempts);
        self.watched(texts, &outcome, state, (route, real), &attempts);
    }

    /// The outcome as it stood when the settling time was over, and those of its attempts that count.
    fn settled<'a, 'b>(
        &self,
        outcome: &OutcomeRow<'a>,
        attempts: &'b [AttemptRow],
    ) -> (OutcomeRow<'a>, impl Iterator<Item = &'b AttemptRow> + use<'b>) {
        let (scope, end) = (self.scope, self.scope.end());
        let counted = attempts.iter().filter(move |row| scope.counts(row.sort) && row.time <= end);
        if outcome.last <= end {
            return (*outcome, counted);
        }
        let mut then = OutcomeRow { end: End::Queued, last: outcome.received, ..*outcome };
        for row in counted.clone() {
            then.last = row.time;
            then.end = match row.status {
                Status::Delivered => End::Accepted,
                Status::Failed => End::Refused,
                Status::Expired => End::Expired,
                Status::Deferred if then.end == End::Queued => End::Deferred,
                Status::Deferred | Status::Unknown => then.end,
            };
        }
        (then, counted)
    }
}

impl RowSink for Tally {
    fn outcome(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        for attempt in attempts {
            self.apart.suspended += u64::from(attempt.sort == Sort::Suspended);
            self.apart.hops += u64::from(attempt.sort == Sort::Hop);
        }
        if self.is_apart(outcome) {
            return;
        }
        if !self.candidates.hold(outcome, attempts) {
            self.count(texts, outcome, attempts, None);
        }
        self.let_go(texts);
    }

    fn feedback(&mut self, _: &Interner, told: &FeedbackRow<'_>) {
        let sort = if told.is_complaint { feedback::Sort::Complaint } else { feedback::Sort::Bounce };
        *self.told_by_log.entry((sort, told.is_matched)).or_default() += 1;
        // What an outcome carries is noted with it.
        if told.is_complaint && !told.is_matched && self.scope.holds(told.time) {
            let (none, how) = (Id::EMPTY, How::Complaint);
            let complaint = Failure {
                time: told.time,
                pos: Pos::default(),
                how,
                domain: told.domain,
                route: none,
                signature: none,
                source: none,
                sender_domain: none,
            };
            self.failures.note(told.recipient, complaint);
        }
    }

    fn evidence(&mut self, attempt: &AttemptRow, record: &[u8]) {
        self.evidence.see(attempt.route, attempt.signature, attempt.source, attempt.time, attempt.pos, record);
    }

    fn inbound(&mut self, _: &Interner, host: Id, time: Micros, reply: &[u8]) {
        if self.scope.holds(time) {
            let (code, enhanced) = codes(reply);
            self.inbound_rejects.add(InboundReject { day: time.day(), host, code, enhanced }, 1);
        }
    }

    fn absorb(&mut self, other: Self, by: &Translation) {
        self.outcome_domains.absorb(&other.outcome_domains, by);
        self.attempt_hours.absorb(&other.attempt_hours, by);
        self.attempt_replies.absorb(&other.attempt_replies, by);
        self.attempt_codes.absorb(&other.attempt_codes, by);
        self.delays.absorb(&other.delays, by);
        self.outcome_blocks.absorb(&other.outcome_blocks, by);
        self.outcome_senders.absorb(&other.outcome_senders, by);
        self.attempt_channels.absorb(&other.attempt_channels, by);
        self.inbound_rejects.absorb(&other.inbound_rejects, by);
        self.handovers.absorb(&other.handovers, by);
        self.retries.absorb(&other.retries, by);
        self.deferred.absorb(&other.deferred, by);
        self.async_bounces.absorb(&other.async_bounces, by);
        self.candidates.absorb(other.candidates, by);
        for (key, count) in other.told_by_log {
            *self.told_by_log.entry(key).or_default() += count;
        }
        self.ledger.absorb(other.ledger, by);
        self.failures.absorb(other.failures, by);
        self.evidence.absorb(other.evidence, by);
        if let (Some(kept), Some(other)) = (&mut self.kept, other.kept) {
            kept.absorb(*other, by);
        }
        self.watch.absorb(other.watch, by);
        self.apart.add(other.apart);
        let translated = |(&(route, signature), &reason): (&(Id, Id), &Reason)| ((by.of(route), by.of(signature)), reason);
        self.reasons.extend(other.reasons.iter().map(translated));
    }
}

/// Reply code and enhanced status at the beginning of a reply.
fn codes(reply: &[u8]) -> (u16, Option<Enhanced>) {
    let mut words = reply.split(|byte| matches!(byte, b' ' | b'-'));
    let digits = words.next().unwrap_or_default();
    let code = std::str::from_utf8(digits).ok().filter(|digits| digits.len() == 3).and_then(|digits| digits.parse().ok());
    match code {
        Some(code) => (code, words.next().and_then(Enhanced::read)),
        None => (0, None),
    }
}

/// How an outcome ended, with the verdict on what decided it.
fn ended(end: End, attempts: &[Judged<'_>]) -> (State, Option<Reason>) {
    match end {
        End::Accepted | End::Local => (State::Delivered, None),
        End::Refused => {
            let reason = refused(attempts).and_then(|attempt| attempt.reason);
            let is_blocked = reason.is_some_and(is_blocked);
            (if is_blocked { State::Blocked } else { State::Bounced }, Some(reason.unwrap_or(UNTOLD)))
        }
        End::Expired => (State::Expired, Some(informative(attempts).and_then(|attempt| attempt.reason).unwrap_or(GIVEN_UP))),
        End::Deferred => (State::Deferred, Some(informative(attempts).and_then(|attempt| attempt.reason).unwrap_or(UNTOLD))),
        End::Queued => (State::Queued, None),
        End::Cancelled => (State::Cancelled, None),
        End::Unknown | End::HandedOn | End::NotSent => (State::Unknown, None),
    }
}

const UNTOLD: Reason = Reason { category: Category::Unclassified, class: Class::Unknown };
const GIVEN_UP: Reason = Reason { category: Category::Expired, class: Class::Soft };

/// Class policy makes a refusal a block; a person's own refusal is none.
fn is_blocked(reason: Reason) -> bool {
    reason.class == Class::Policy && reason.category != Category::RecipientRefusesSender
}

/// The last permanent failure.
fn refused<'a, 'b>(attempts: &'a [Judged<'b>]) -> Option<&'a Judged<'b>> {
    attempts.iter().rev().find(|attempt| attempt.row.status == Status::Failed)
}

/// The last failure that tells more than that the mail was given up; else the last.
fn informative<'a, 'b>(attempts: &'a [Judged<'b>]) -> Option<&'a Judged<'b>> {
    let tells = |reason: Reason| !matches!(reason.category, Category::Expired | Category::Unclassified);
    let mut failures = attempts.iter().rev().filter(|attempt| attempt.is_failure());
    let last = failures.clone().next();
    failures.find(|attempt| attempt.reason.is_some_and(tells)).or(last)
}

/// Who is behind a failed attempt.
fn how(row: &AttemptRow) -> How {
    let is_early = matches!(row.stage, Stage::Connect | Stage::Hello | Stage::Tls | Stage::Auth);
    match row.speaker {
        Speaker::Own => How::Own,
        Speaker::Remote | Speaker::Unknown if is_early => How::Early,
        Speaker::Remote | Speaker::Unknown | Speaker::Connection | Speaker::Dns => How::Told,
    }
}

/// What a single attempt came to.
fn disposition(status: Status, reason: Option<Reason>) -> Disposition {
    match status {
        Status::Delivered => Disposition::Delivered,
        Status::Deferred => Disposition::Deferred,
        Status::Failed | Status::Expired if reason.is_some_and(is_blocked) => Disposition::Blocked,
        Status::Failed | Status::Expired => Disposition::Bounced,
        Status::Unknown => Disposition::Unknown,
    }
}

/// The route of the last attempt that shows one; empty for mail that was never tried.
fn route(texts: &Interner, attempts: &[Judged<'_>]) -> Id {
    let shows = |id: &Id| *id != Id::EMPTY && texts.text(*id) != UNREACHED.as_bytes();
    let mut routes = attempts.iter().rev().map(|attempt| attempt.row.route);
    let last = routes.clone().next().unwrap_or_default();
    routes.find(shows).unwrap_or(last)
}

/// What an attempt tells of its address. `is_full`: whether a full mailbox was the end of it, or seen more than once.
fn learned(attempt: &Judged<'_>, state: State, is_full: bool) -> Facts {
    let row = attempt.row;
    if row.status == Status::Delivered {
        // What was bounced later was judged at the door, and proves no life.
        let is_proof = state != State::BouncedLater;
        return if is_proof { Facts::accepted(row.time.hour().rem_euclid(24) as u16) } else { Facts::JUDGED };
    }
    let is_reply = matches!(row.speaker, Speaker::Remote | Speaker::Unknown);
    match attempt.reason {
        Some(Reason { category: Category::UnknownUser | Category::InactiveMailbox, class: Class::Hard }) if is_reply => {
            Facts::JUDGED.and(Facts::UNKNOWN)
        }
        Some(Reason { category: Category::MailboxFull, .. }) if is_reply && is_full => Facts::JUDGED.and(Facts::FULL),
        Some(Reason { category: Category::UnknownUser | Category::InactiveMailbox | Category::MailboxFull, .. })
            if is_reply =>
        {
            Facts::JUDGED
        }
        Some(_) | None => Facts::default(),
    }
}

/// What one outcome adds to its cell.
fn measured(outcome: &OutcomeRow<'_>, state: State, real: u64, attempts: &[Judged<'_>]) -> OutcomeCounts {
    let is_tried = attempts.iter().any(|attempt| attempt.row.sort != Sort::Own);
    let deferred = attempts.iter().find(|attempt| attempt.row.status == Status::Deferred);
    let is_delivered = state == State::Delivered;
    OutcomeCounts {
        outcomes: 1,
        messages: u64::from(outcome.is_first_of_message),
        attempts: real,
        deferred_once: u64::from(deferred.is_some()),
        attempted: u64::from(is_tried),
        first_try: u64::from(is_delivered && real == 1),
        recovered: u64::from(is_delivered && deferred.is_some()),
        touched_by_block: u64::from(attempts.iter().any(Judged::is_block)),
        waited_ms: deferred.map_or(0, |first| span_ms(first.row.time, outcome.last).max(0) as u64),
    }
}

const fn span_ms(from: Micros, to: Micros) -> i64 {
    to.0.saturating_sub(from.0) / 1_000
}

/// Rounded down to three significant digits, so that ages are few.
fn three_digits(ms: i64) -> i64 {
    let mut unit = 1;
    while ms / unit >= 1_000 {
        unit *= 10;
    }
    ms / unit * unit
}
