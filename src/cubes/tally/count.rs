//! Counts one outcome, or one of its attempts, in each cube.

use super::super::failures::{Failure, How};
use super::super::handover::ToConsumers;
use super::super::kept::Seen;
use super::super::keys::{BlockCounts, DelayEvent, HourCounts, OutcomeCounts, ReplyCounts};
use super::super::ledger::Facts;
use super::super::retries::{Deferred, Fate, Greylisted, MOST_ATTEMPTS, Retry, RetryCounts, lifetime_of};
use super::super::traffic::{AttemptChannel, MOST_TRIES, OutcomeSender, RefusedSender, SenderCounts};
use super::super::watch::{Other, Watched};
use super::super::{AttemptCode, AttemptHour, AttemptReply, Delay, OutcomeBlock, OutcomeDomain, Reason, State};
use super::Tally;
use super::judged::{Ended, Judged, disposition, how, informative, learned, refused, span_ms, three_digits};
use crate::classify::{Category, Class};
use crate::event::{Sort, Status};
use crate::intern::{Id, Interner};
use crate::rows::{AttemptRow, OutcomeRow};

impl Tally {
    /// Counts the real attempts that lie in the period, and gives the number of all.
    pub(super) fn attempts(&mut self, outcome: &OutcomeRow<'_>, attempts: &[Judged<'_>], is_of_period: bool) -> u64 {
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
    pub(super) fn attempt(&mut self, attempt: &Judged<'_>, domain: Id, is_first: bool) {
        let row = attempt.row;
        let (hour, route, source, reason) = (row.time.hour(), row.route, row.source, attempt.reason);
        let key =
            AttemptHour { hour, route, source, status: row.status, reason, stage: row.stage, speaker: row.speaker, is_first };
        let is_delivered = row.status == Status::Delivered;
        let near = route.0 << 2 | u32::from(is_first) << 1 | u32::from(is_delivered);
        self.counts.attempt_hours.add_near(near, key, HourCounts::at(row.time));
        let channel = AttemptChannel { day: row.time.day(), route, source, network: row.network, tls: row.tls, is_delivered };
        self.counts.attempt_channels.add_near(near, channel, 1);
        let disposition = disposition(row.status, reason);
        let code = AttemptCode { domain, route, disposition, code: row.code, enhanced: row.enhanced };
        self.counts.attempt_codes.add_near(domain.0, code, 1);
        if attempt.is_failure() {
            let counts = ReplyCounts { attempts: 1, first: row.time, last: row.time };
            self.counts.attempt_replies.add(AttemptReply { hour, route, source, signature: row.signature }, counts);
        }
    }

    /// Notes deliveries outside of the period: they prove that an address lives. One that was bounced later proves nothing.
    pub(super) fn alive(&mut self, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let scope = self.scope;
        let is_proof = |row: &&AttemptRow| row.status == Status::Delivered && scope.is_real(row.sort) && !scope.holds(row.time);
        if outcome.bounced_later.is_none() && !outcome.recipient.is_empty() {
            for row in attempts.iter().filter(is_proof) {
                self.ledger.note(outcome.recipient, outcome.domain, row.time, Facts::alive(row.time));
            }
        }
    }

    /// Notes what an outcome's attempts tell of the address.
    pub(super) fn address(&mut self, outcome: &OutcomeRow<'_>, Ended { state, reason }: Ended, attempts: &[Judged<'_>]) {
        if outcome.recipient.is_empty() {
            return;
        }
        let is_full = |why: Reason| why.category == Category::MailboxFull;
        let tried = attempts.iter().filter(|attempt| attempt.row.sort != Sort::Suspended);
        let full = tried.filter(|attempt| attempt.reason.is_some_and(is_full)).count();
        // Seen once it may have been a passing matter, unless the outcome ended over it.
        let is_end = matches!(state, State::BouncedLater | State::Blocked | State::Bounced | State::Expired);
        let is_full = full > 1 || (is_end && reason.is_some_and(is_full));
        let scope = self.scope;
        let is_counted = |row: &AttemptRow| scope.is_real(row.sort) && scope.holds(row.time);
        for attempt in attempts.iter().filter(|attempt| is_counted(attempt.row)) {
            let time = attempt.row.time;
            let facts = Facts::TRIED.and(learned(attempt, state, is_full));
            self.ledger.note(outcome.recipient, outcome.domain, time, facts);
        }
    }

    /// Keeps the outcome of a watched address, and counts that of any other beside it.
    pub(super) fn watched(
        &mut self,
        texts: &Interner,
        outcome: &OutcomeRow<'_>,
        state: State,
        route: Id,
        attempts: u64,
        judged: &[Judged<'_>],
    ) {
        let Some(is_watched) = self.watch.holds(outcome.recipient) else { return };
        let is_delivered = state == State::Delivered;
        if !is_watched {
            if state.is_resolved() && self.watch.holds_domain(texts.text(outcome.domain)) {
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
    pub(super) fn failure(&mut self, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        let is_failed = matches!(state, State::BouncedLater | State::Blocked | State::Bounced | State::Expired);
        if !is_failed && outcome.complained.is_none() {
            return;
        }
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
        if is_failed {
            self.failures.note(outcome.recipient, failure);
        }
    }

    /// Counts how long an outcome that was tried took.
    pub(super) fn delay(&mut self, outcome: &OutcomeRow<'_>, state: State, route: Id, attempts: &[Judged<'_>]) {
        let (event, age_ms) = match state {
            State::Delivered | State::BouncedLater => {
                let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
                let logged = accepted.and_then(|attempt| attempt.row.delay_ms);
                let at = accepted.map_or(outcome.last, |attempt| attempt.row.time);
                (DelayEvent::Accepted, logged.unwrap_or_else(|| span_ms(outcome.received, at)))
            }
            State::Blocked | State::Bounced | State::Expired => (DelayEvent::Failed, span_ms(outcome.received, outcome.last)),
            State::Deferred | State::Queued | State::Cancelled | State::Unknown => {
                (DelayEvent::Open, span_ms(outcome.received, outcome.seen_until))
            }
        };
        self.counts.delays.add(Delay { route, day: outcome.received.day(), event, age_q_ms: three_digits(age_ms.max(0)) }, 1);
    }

    /// Counts each real attempt of an outcome by how many came before, and what became of one that was put off.
    pub(super) fn retries(&mut self, outcome: &OutcomeRow<'_>, state: State, route: Id, attempts: &[Judged<'_>]) {
        let (mut number, mut before, mut is_dead) = (0_u8, None, false);
        let scope = self.scope;
        for attempt in attempts.iter().filter(|attempt| scope.is_real(attempt.row.sort)) {
            let row = attempt.row;
            number = number.saturating_add(1).min(MOST_ATTEMPTS);
            let key = Retry {
                route: row.route,
                number,
                gap_q_ms: before.map_or(0, |before| three_digits(span_ms(before, row.time).max(0))),
                lifetime: lifetime_of(span_ms(outcome.received, row.time).max(0)),
            };
            let delivered = u64::from(row.status == Status::Delivered);
            let near = row.route.0 << 1 | u32::from(number > 1);
            self.counts.retries.add_near(near, key, RetryCounts { attempts: 1, delivered, in_vain: u64::from(is_dead) });
            before = Some(row.time);
            is_dead |= attempt.reason.is_some_and(|reason| reason.class == Class::Hard);
        }
        if attempts.iter().any(|attempt| attempt.row.status == Status::Deferred) {
            let fate = match state {
                State::Delivered => Fate::Delivered,
                State::BouncedLater | State::Blocked | State::Bounced => Fate::Failed,
                State::Expired => Fate::Expired,
                State::Deferred | State::Queued | State::Cancelled | State::Unknown => Fate::Open,
            };
            let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
            let end = match fate {
                Fate::Delivered => accepted.map_or(outcome.last, |attempt| attempt.row.time),
                Fate::Failed | Fate::Expired => outcome.last,
                Fate::Open => outcome.seen_until,
            };
            let age_q_ms = three_digits(span_ms(outcome.received, end).max(0));
            self.counts.deferred.add(Deferred { route, fate, age_q_ms }, 1);
            let first = attempts.iter().find(|attempt| attempt.is_failure());
            if let Some(first) = first.filter(|first| first.reason.is_some_and(|why| why.category == Category::Greylisted)) {
                let passed = accepted.map(|accepted| span_ms(first.row.time, accepted.row.time).max(0));
                self.counts.greylisted.add(Greylisted { route, passed_q_ms: passed.map(three_digits) }, 1);
            }
        }
    }

    /// Counts an outcome by who sent it.
    pub(super) fn sender(
        &mut self,
        outcome: &OutcomeRow<'_>,
        key: OutcomeDomain,
        counts: OutcomeCounts,
        last: Option<&Judged<'_>>,
    ) {
        let source = last.map(|attempt| attempt.row.source).unwrap_or_default();
        let tries = u8::try_from(counts.attempts).unwrap_or(MOST_TRIES).min(MOST_TRIES);
        let OutcomeDomain { day, route, state, reason, .. } = key;
        let sent = OutcomeSender { day, route, source, sender_domain: outcome.sender_domain, state, reason, tries };
        let OutcomeCounts { outcomes, messages, attempts, deferred_once, attempted, touched_by_block, .. } = counts;
        let (forwarded, complained) = (u64::from(outcome.is_forwarded()), u64::from(outcome.complained.is_some()));
        let counts =
            SenderCounts { outcomes, messages, attempts, deferred_once, attempted, touched_by_block, forwarded, complained };
        self.counts.outcome_senders.add_near(route.0 << 1 | u32::from(state == State::Delivered), sent, counts);
    }

    /// Keeps the attempts of an outcome, where rows were asked for.
    pub(super) fn keep_attempts(&mut self, outcome: &OutcomeRow<'_>, attempts: &[Judged<'_>]) {
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

    /// Counts an outcome that a block touched, and one that a rate limit did.
    pub(super) fn block(&mut self, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        for is_throttle in [false, true] {
            let is_such = |attempt: &&Judged<'_>| if is_throttle { attempt.is_throttle() } else { attempt.is_block() };
            let mut such = attempts.iter().filter(is_such).map(|attempt| attempt.row);
            let Some(first) = such.next() else { continue };
            let last = such.next_back().unwrap_or(first);
            let (route, source) = (first.route, first.source);
            let (first_hour, last_hour) = (first.time.hour(), last.time.hour());
            let waited_ms = span_ms(first.time, outcome.last).max(0) as u64;
            let key = OutcomeBlock { route, source, first_hour, last_hour, is_throttle, state };
            self.counts.outcome_blocks.add(key, BlockCounts { outcomes: 1, waited_ms });
            let sender_domain = outcome.sender_domain;
            if sender_domain != Id::EMPTY && !outcome.is_forwarded() {
                let key = RefusedSender { hour: first_hour, route, source, sender_domain, is_throttle };
                self.counts.refused_senders.add(key, 1);
            }
        }
    }

    /// Counts mail for a consumer domain by who sent it. What is forwarded is a stranger's.
    pub(super) fn sent_to_consumers(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>) {
        let OutcomeRow { sender_domain, domain, .. } = *outcome;
        if sender_domain == Id::EMPTY || outcome.is_forwarded() {
            return;
        }
        if let Some(provider) = self.taken.provider(texts, domain) {
            let key = ToConsumers { day: outcome.received.day(), sender_domain, provider };
            self.counts.to_consumers.add_near(domain.0, key, 1);
        }
    }

    /// Counts who accepted mail for a consumer domain.
    pub(super) fn handover(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, state: State, attempts: &[Judged<'_>]) {
        if !matches!(state, State::Delivered | State::BouncedLater) {
            return;
        }
        let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
        let relay = accepted.map(|attempt| attempt.row.relay).unwrap_or_default();
        if let Some(key) = self.taken.key(texts, outcome.received.day(), outcome.host, outcome.domain, relay) {
            self.counts.handovers.add_near(outcome.domain.0, key, 1);
        }
    }
}
