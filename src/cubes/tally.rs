//! Counts the rows of the stitch into the cubes: where verdicts meet facts.
//!
//! Every outcome of the scope is counted once in each outcome cube, and each of its real attempts once in each attempt cube. What is
//! out of the scope is counted apart. A verdict is asked for once per distinct masked reply.

mod count;
mod judged;
mod settle;
mod sink;

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use smallvec::SmallVec;

use judged::{Ended, Judged, ended, measured, route, span_ms, three_digits};

use super::evidence::Evidence;
use super::failures::Failures;
use super::handover::Handovers;
use super::kept::{Keep, Kept};
use super::later::{AsyncBounce, Candidates};
use super::ledger::Ledger;
use super::scope::{Apart, Scope};
use super::watch::SeedWatch;
use super::{Counts, OutcomeDomain, Reason, State};
use crate::classify::{Classifier, Scratch};
use crate::event::{Micros, Sort, Status};
use crate::feedback::{self, By, Settled};
use crate::intern::{Id, Interner};
use crate::rows::{AttemptRow, End, OutcomeRow, Traffic};
use crate::seeds::Seeds;
use crate::stitch::Noted;

/// Most outcomes have no more attempts: of these no memory is asked for.
const FEW: usize = 4;

/// What was counted: by one worker alone, or by all together.
#[derive(Debug, Default)]
pub struct Tally {
    /// What adds up.
    pub counts: Counts,
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
    pub watch: SeedWatch,
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
#[derive(Default)]
struct Rules {
    /// None: those that are built in, which are compiled when they are asked first.
    classifier: Option<&'static Classifier>,
    scratch: Scratch,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rules = self.classifier.map(|classifier| classifier.rules().len());
        to.debug_struct("Rules").field("rules", &rules).finish_non_exhaustive()
    }
}

impl Tally {
    /// Counts the mail of `scope`, its replies classified by `classifier`.
    #[must_use]
    pub fn new(scope: Scope, classifier: &'static Classifier) -> Self {
        let rules = Rules { classifier: Some(classifier), scratch: Scratch::default() };
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
        Self { watch: SeedWatch::new(seeds), ..self }
    }

    /// The same, and looks for the outcomes that mails which came back are about.
    #[must_use]
    pub fn looking_for(self, cases: Arc<feedback::CaseWatch>) -> Self {
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
            let classifier = classifier.unwrap_or_else(Classifier::builtin);
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
        let (scope, end) = (self.scope, self.scope.end());
        let counted = attempts.iter().filter(move |row| scope.counts(row.sort) && row.time <= end);
        let then = if outcome.last > end {
            Some(settled(outcome, counted.clone(), end))
        } else {
            (outcome.seen_until > end).then_some(OutcomeRow { seen_until: end, ..*outcome })
        };
        let outcome = then.as_ref().unwrap_or(outcome);
        let mut attempts: SmallVec<[Judged<'_>; FEW]> = counted.map(|row| self.judged(texts, row)).collect();
        judged::inherit(&mut attempts);
        let later = outcome.bounced_later.filter(|later| outcome.end == End::Accepted && later.time <= end);
        let ended = match later {
            Some(later) => {
                let route = attempts.last().map(|attempt| attempt.row.route).unwrap_or_default();
                Ended { state: State::BouncedLater, reason: Some(self.reason(texts, route, later.signature)) }
            }
            None => ended(outcome.end, &attempts),
        };
        let Ended { state, reason } = ended;
        let route = route(texts, &attempts);
        let is_of_period = self.scope.holds(outcome.received);
        let real = self.attempts(outcome, &attempts, is_of_period);
        self.address(outcome, ended, &attempts);
        self.keep_attempts(outcome, &attempts);
        if !is_of_period {
            self.apart.elsewhere += 1;
            return;
        }
        let key = OutcomeDomain { day: outcome.received.day(), domain: outcome.domain, route, state, reason };
        let counts = measured(outcome, state, scope, &attempts);
        self.counts.outcome_domains.add_near(outcome.domain.0, key, counts);
        self.sender(outcome, key, counts, attempts.last());
        if let Some(kept) = &mut self.kept {
            kept.outcome(outcome, (key, counts), attempts.last().map(|attempt| attempt.row));
        }
        if attempts.iter().any(|attempt| attempt.row.sort != Sort::Own) {
            self.delay(outcome, state, route, &attempts);
            self.sent_to_consumers(texts, outcome);
        }
        if let (Some(later), Some(reason)) = (later, reason) {
            let accepted = attempts.iter().rev().find(|attempt| attempt.row.status == Status::Delivered);
            let from = accepted.map_or(outcome.last, |attempt| attempt.row.time);
            let (by, is_timed) = by.unwrap_or((By::Log, true));
            let lag_q_ms = is_timed.then(|| three_digits(span_ms(from, later.time).max(0)));
            self.counts.async_bounces.add(AsyncBounce { route, by, reason, lag_q_ms }, 1);
        }
        self.block(outcome, state, &attempts);
        self.handover(texts, outcome, state, &attempts);
        self.retries(outcome, state, route, &attempts);
        self.failure(outcome, state, &attempts);
        self.watched(texts, outcome, state, route, real, &attempts);
    }
}

/// The outcome as those of its attempts left it that count and were made before the settling time was over.
fn settled<'a, 'b>(outcome: &OutcomeRow<'a>, counted: impl Iterator<Item = &'b AttemptRow>, over: Micros) -> OutcomeRow<'a> {
    let mut then = OutcomeRow { end: End::Queued, last: outcome.received, ..*outcome };
    for row in counted {
        then.last = row.time;
        then.end = match row.status {
            Status::Delivered => End::Accepted,
            Status::Failed => End::Refused,
            Status::Expired => End::Expired,
            Status::Deferred if then.end == End::Queued => End::Deferred,
            Status::Deferred | Status::Unknown => then.end,
        };
    }
    then.seen_until = if matches!(then.end, End::Deferred | End::Queued) { over } else { then.last };
    then
}
