//! What mails that came back are about: settled when all is counted but the outcomes that they may be about.

use std::collections::BTreeSet;

use super::super::later::Within;
use super::Tally;
use crate::classify::{Stated, mask};
use crate::event::Micros;
use crate::feedback::{Settled, Sort};
use crate::intern::Interner;
use crate::rows::{Bounced, RowSink};

impl Tally {
    /// Counts the outcomes that no case can mean any more.
    pub(super) fn let_go(&mut self, texts: &Interner) {
        for held in self.candidates.free() {
            let (outcome, attempts, by) = held.parts();
            self.count(texts, &outcome, attempts, by);
        }
    }

    /// Settles what the mails that came back are about, and counts the outcomes that were held for that: those that bounced count as
    /// bounced later, those complained of are marked. `hosts` wrote the logs. Called once, when all else is counted.
    pub fn settle(&mut self, texts: &mut Interner, hosts: &BTreeSet<Vec<u8>>) {
        let mut candidates = std::mem::take(&mut self.candidates);
        let within = Within { since: self.scope.since, until: self.scope.until, end: self.scope.end() };
        let watch = candidates.watch().cloned().unwrap_or_default();
        let mut masked = Vec::new();
        for sort in [Sort::Bounce, Sort::Complaint] {
            for (number, case) in watch.cases().iter().enumerate().filter(|(_, case)| case.sort == sort) {
                let fate = match sort {
                    Sort::Bounce => {
                        masked.clear();
                        mask(case.reply.as_bytes(), &mut masked);
                        let Stated { code, status } = Stated::of(case.reply.as_bytes());
                        let (code, signature) = (code.unwrap_or(0), texts.intern(&masked));
                        let told = Bounced { time: Micros::default(), code, enhanced: status, signature };
                        candidates.bounce(number as u32, case.time, case.is_own(hosts), told, within)
                    }
                    Sort::Complaint => candidates.complaint(number as u32, case.time, within),
                };
                self.cases.push(Settled { case: number, sort, fate });
            }
        }
        for held in candidates.into_held() {
            let (outcome, attempts, by) = held.parts();
            self.count(texts, &outcome, attempts, by);
        }
        self.close();
    }
}
