//! Which outcomes the mails that came back are about: watched for while outcomes are counted, settled when all is counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::keys::OutcomeDomain;
use super::super::later::{AsyncBounce, Candidate, Change, Settling, shift};
use super::super::traffic::SenderCounts;
use super::{Tally, UNTOLD, span_ms, three_digits};
use crate::classify::mask;
use crate::event::Micros;
use crate::feedback::{Fate, Offer, Settled, Sort};
use crate::intern::Interner;
use crate::rows::OutcomeRow;

impl Tally {
    /// Keeps an outcome that a mail may be about.
    pub(super) fn watch(&mut self, outcome: &OutcomeRow<'_>, accepted: Option<Micros>, candidate: &Candidate) {
        let Some(watch) = self.candidates.watch().map(Arc::clone) else { return };
        let OutcomeRow { message_id, queue_id, sender, recipient, original, .. } = *outcome;
        let offer = Offer { message_id, queue_id, sender, recipient, original, accepted };
        watch.each(&offer, |case, link| self.candidates.see(case, link, *candidate));
    }

    /// Settles what the mails that came back are about: the outcomes of bounces move from delivered to bounced later, those of
    /// complaints are marked. `hosts` wrote the logs. Called once, when all is counted.
    pub fn settle(&mut self, texts: &mut Interner, hosts: &BTreeSet<Vec<u8>>) {
        let candidates = std::mem::take(&mut self.candidates);
        let Some(watch) = candidates.watch().map(Arc::clone) else { return };
        let mut settling = Settling::new(&candidates, self.scope.end());
        let mut masked = Vec::new();
        for sort in [Sort::Bounce, Sort::Complaint] {
            for (number, case) in watch.cases().iter().enumerate().filter(|(_, case)| case.sort == sort) {
                masked.clear();
                mask(case.reply.as_bytes(), &mut masked);
                let signature = texts.intern(&masked);
                let change = match sort {
                    Sort::Bounce => settling
                        .bounce(number as u32, (case.time, case.is_own(hosts)), |route| self.reason(texts, route, signature)),
                    Sort::Complaint => settling.complaint(number as u32),
                };
                let fate = self.change(change, case.time);
                self.settled.push(Settled { case: number, sort, fate });
            }
        }
    }

    /// Does to the cubes what settling a case asks for.
    fn change(&mut self, change: Change, time: Option<Micros>) -> Fate {
        match change {
            Change::Nothing(fate) => fate,
            Change::Bounced(by, both) => {
                let (before, after) = *both;
                shift(&mut self.outcome_domains, before.domain, after.domain);
                shift(&mut self.outcome_senders, before.sender, after.sender);
                if let (Some(before), Some(after)) = (before.block, after.block) {
                    shift(&mut self.outcome_blocks, before, after);
                }
                let OutcomeDomain { route, reason, .. } = after.domain.0;
                let lag_q_ms = time.map(|time| three_digits(span_ms(before.at, time).max(0)));
                let reason = reason.unwrap_or(UNTOLD);
                self.async_bounces.add(AsyncBounce { route, by, reason, lag_q_ms }, 1);
                Fate::Joined(by)
            }
            Change::Complained(by, outcome) => {
                self.outcome_senders.add(outcome.sender.0, SenderCounts { complained: 1, ..SenderCounts::default() });
                Fate::Joined(by)
            }
        }
    }
}
