//! A tally as the stitch and the threads meet it: what it is told, and how two become one.

use super::super::Reason;
use super::super::failures::{Failure, How};
use super::super::traffic::InboundReject;
use super::Tally;
use crate::event::{Micros, Pos, Sort};
use crate::feedback;
use crate::intern::{Id, Interner, Translation};
use crate::rows::{AttemptRow, FeedbackRow, OutcomeRow, RowSink};
use crate::stitch::codes;

impl RowSink for Tally {
    fn close(&mut self) {
        self.counts.close();
    }

    fn outcome(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        for attempt in attempts {
            self.apart.suspended += u64::from(attempt.sort == Sort::Suspended);
            self.apart.hops += u64::from(attempt.sort == Sort::Hop);
        }
        self.candidates.mark_own(outcome);
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
        // What is shown beside the counts of a period is of that period.
        if self.scope.holds(attempt.time) {
            self.evidence.see(attempt.route, attempt.signature, attempt.source, attempt.time, attempt.pos, record);
        }
    }

    fn inbound(&mut self, _: &Interner, host: Id, time: Micros, reply: &[u8]) {
        if self.scope.holds(time) {
            let (code, enhanced) = codes(reply);
            self.counts.inbound_rejects.add(InboundReject { day: time.day(), host, code, enhanced }, 1);
        }
    }

    fn absorb(&mut self, other: Self, by: &Translation) {
        let Self {
            counts,
            told_by_log,
            // Settled once all parts are one.
            cases: _,
            ledger,
            failures,
            evidence,
            watch,
            apart,
            kept,
            // What the outcome at hand needs, and what all parts were given alike.
            taken: _,
            scope: _,
            rules: _,
            candidates,
            reasons,
        } = other;
        self.counts.absorb(&counts, by);
        self.candidates.absorb(candidates, by);
        for (key, count) in told_by_log {
            *self.told_by_log.entry(key).or_default() += count;
        }
        self.ledger.absorb(ledger, by);
        self.failures.absorb(failures, by);
        self.evidence.absorb(evidence, by);
        if let (Some(own), Some(kept)) = (&mut self.kept, kept) {
            own.absorb(*kept, by);
        }
        self.watch.absorb(watch, by);
        self.apart.add(apart);
        let translated = |(&(route, signature), &reason): (&(Id, Id), &Reason)| ((by.of(route), by.of(signature)), reason);
        self.reasons.extend(reasons.iter().map(translated));
    }
}
