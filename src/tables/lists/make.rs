//! Makes the lists: joins failures and ledger address by address, asks for verdicts, decides, and writes the rows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Listed;
use super::decide::{Basis, Case, Decision, List, Rules, Sending, Wave};
use super::rules::ListRules;
use super::wave::{Good, Held, Waves};
use crate::classify::{Action, Classifier, Scratch, Verdict};
use crate::cubes::evidence::Evidence;
use crate::cubes::failures::{Failed, Failure, Failures, How};
use crate::cubes::ledger::{AddressCounts, Known, Ledger, LedgerError};
use crate::cubes::{Cube, OutcomeSender, SenderCounts, Tally};
use crate::event::{Micros, Pos};
use crate::intern::{Id, Interner};
use crate::tables::blocks::Block;
use crate::tables::dimensions::DomainProviders;
use crate::tables::fold::Folded;
use crate::tables::frames::count;
use crate::tables::names::{Names, utf8};

/// The rows of the three lists, each in the order of addresses.
#[derive(Debug, Default)]
pub(in crate::tables) struct Lists {
    pub(in crate::tables) suppress: Vec<Listed>,
    pub(in crate::tables) retry: Vec<Listed>,
    pub(in crate::tables) fix: Vec<Listed>,
    /// Whom waves met, on a list or not.
    pub(in crate::tables) held: Held,
}

/// What the lists are made with.
pub(in crate::tables) struct Maker<'a> {
    pub(in crate::tables) names: &'a Names<'a>,
    pub(in crate::tables) interner: &'a Interner,
    pub(in crate::tables) classifier: &'a Classifier,
    pub(in crate::tables) providers: &'a DomainProviders,
    pub(in crate::tables) paths: &'a [String],
    pub(in crate::tables) rules: &'a ListRules,
    /// Rows that a list may have; what is beyond is counted.
    pub(in crate::tables) most: usize,
}

impl Maker<'_> {
    /// Counts the addresses, and makes the lists on the way.
    pub(in crate::tables) fn make(
        &self,
        (ledger, failures): (Ledger, Failures),
        tally: &Tally,
        blocks: &[Block],
        folded: &mut Vec<Folded>,
    ) -> Result<(AddressCounts, Lists), LedgerError> {
        let mut work = Work {
            maker: self,
            sending: sending(&tally.counts.outcome_senders, self.rules),
            verdicts: Verdicts {
                interner: self.interner,
                classifier: self.classifier,
                known: HashMap::new(),
                scratch: Scratch::default(),
            },
            writer: Writer {
                maker: self,
                evidence: &tally.evidence,
                words: HashMap::new(),
                texts: HashMap::new(),
                samples: HashMap::new(),
            },
            rows: [const { Vec::new() }; 3],
            beyond: [0; 3],
            turned: Vec::new(),
            good: Vec::new(),
        };
        let mut failures = failures.sorted()?;
        let counts = ledger.summarise(&|domain| self.providers.place(domain), &mut |known| {
            while failures.peek().is_some_and(|next| next < known.address) {
                work.take(failures.next_address()?, None);
            }
            if failures.peek() == Some(known.address) {
                work.take(failures.next_address()?, Some(known));
            }
            Ok(())
        })?;
        while let Some(failed) = failures.next_address()? {
            work.take(Some(failed), None);
        }
        Ok((counts, work.finish(tally, blocks, folded)))
    }
}

/// How often each sender domain sends: by the most days with mail in any 30 days.
fn sending(cube: &Cube<OutcomeSender, SenderCounts>, rules: &ListRules) -> HashMap<Id, Sending> {
    let mut days: HashMap<Id, BTreeSet<i32>> = HashMap::new();
    for (key, _) in cube.iter() {
        days.entry(key.sender_domain).or_default().insert(key.day);
    }
    let most = |days: &BTreeSet<i32>| {
        days.iter().map(|&first| days.range(first..first.saturating_add(30)).count()).max().unwrap_or_default() as u32
    };
    days.into_iter().map(|(sender, days)| (sender, Sending::of(most(&days), &rules.thresholds.soft))).collect()
}

/// What replies mean, each asked for once.
struct Verdicts<'a> {
    interner: &'a Interner,
    classifier: &'a Classifier,
    known: HashMap<(Id, Id), Verdict<'a>>,
    scratch: Scratch,
}

impl<'a> Verdicts<'a> {
    fn of(&mut self, failure: &Failure) -> Verdict<'a> {
        let Self { interner, classifier, known, scratch } = self;
        *known.entry((failure.route, failure.signature)).or_insert_with(|| {
            let provider = std::str::from_utf8(interner.text(failure.route)).ok();
            classifier.classify_signature(interner.text(failure.signature), provider, scratch)
        })
    }
}

/// An address that took mail shortly before it was called unknown: decided when all are known.
struct Turned {
    failed: Failed,
    accepted: Option<i32>,
    good: Good,
}

/// The lists in the making.
struct Work<'a> {
    maker: &'a Maker<'a>,
    sending: HashMap<Id, Sending>,
    verdicts: Verdicts<'a>,
    writer: Writer<'a>,
    rows: [Vec<Listed>; 3],
    /// How many addresses each list has beyond its limit.
    beyond: [i64; 3],
    turned: Vec<Turned>,
    /// When good addresses turned unknown, those too that were accepted again: an incident is told by all whom it met.
    good: Vec<Good>,
}

impl<'a> Work<'a> {
    /// Takes an address: it fails still only if it was not accepted in the minute of the failure or later.
    fn take(&mut self, failed: Option<Failed>, known: Option<Known<'_>>) {
        let Some(mut failed) = failed else { return };
        let names = self.maker.names;
        // The order of records in a file is no order between files of several hosts: what they say decides between equal times.
        failed.failures.sort_by_key(|failure| {
            (failure.time, failure.how, names.rank(failure.signature), names.rank(failure.source), failure.pos)
        });
        let turned = known.and_then(|known| self.turned(&failed, known));
        let accepted = known.and_then(|known| known.last_accepted());
        let is_since = |failure: &Failure| match failure.how {
            How::Complaint => true,
            // The acceptance of the very mail that came back proves nothing.
            How::Returned => accepted.is_none_or(|minute| failure.time.minute() >= minute),
            How::Told | How::Early | How::Own => accepted.is_none_or(|minute| failure.time.minute() > minute),
        };
        failed.failures.retain(is_since);
        if failed.failures.is_empty() {
            return;
        }
        match turned {
            Some(good) if self.turned.len() < self.maker.most => self.turned.push(Turned { failed, accepted, good }),
            _ => self.decide(&failed, accepted, None),
        }
    }

    /// Notes each time that the address was good and turned unknown; gives the one since which it was not accepted.
    fn turned(&mut self, failed: &Failed, known: Known<'_>) -> Option<Good> {
        let within = i64::from(self.maker.rules.thresholds.wave.accepted_days) * 24 * 60;
        let (mut before, mut last) = (None, None);
        for failure in failed.failures.iter().filter(|failure| failure.how == How::Told) {
            let verdict = self.verdicts.of(failure);
            let minute = failure.time.minute();
            let Some(accepted) = known.accepted_before(minute) else { continue };
            // It turns once: what is said again after the same acceptance is no other turn.
            let is_turn = verdict.category.is_unknown(verdict.class) && before != Some(accepted);
            if is_turn && i64::from(minute) - i64::from(accepted) <= within {
                let provider = self.maker.providers.place(failure.domain);
                let good = Good { address: failed.address, provider, time: failure.time };
                self.good.push(good);
                last = (known.last_accepted() == Some(accepted)).then_some(good);
            }
            before = if is_turn { Some(accepted) } else { before };
        }
        last
    }

    /// Decides on an address and writes its row.
    fn decide(&mut self, failed: &Failed, accepted: Option<i32>, wave: Option<Wave>) {
        let cases: Vec<Case<'_>> = failed.failures.iter().map(|failure| self.case(failure)).collect();
        let rules = &self.maker.rules;
        let rules = Rules { thresholds: &rules.thresholds, is_kept: rules.keeps(&failed.text), wave };
        let Some(decision) = rules.decide(&cases) else { return };
        let (Some(case), Some(failure)) = (cases.get(decision.case), failed.failures.get(decision.case)) else { return };
        let list = decision.list as usize;
        let (Some(rows), Some(beyond)) = (self.rows.get_mut(list), self.beyond.get_mut(list)) else { return };
        if rows.len() < self.maker.most {
            rows.push(self.writer.row(&failed.text, (failure, &case.verdict), &decision, accepted));
        } else {
            *beyond += 1;
        }
    }

    fn case(&mut self, failure: &Failure) -> Case<'a> {
        let sending = self.sending.get(&failure.sender_domain).copied().unwrap_or(Sending::Often);
        Case { time: failure.time, how: failure.how, verdict: self.verdicts.of(failure), sending }
    }

    /// Decides what waited for all to be known, and puts the rows in order.
    fn finish(mut self, tally: &Tally, blocks: &[Block], folded: &mut Vec<Folded>) -> Lists {
        let (turned, good) = (std::mem::take(&mut self.turned), std::mem::take(&mut self.good));
        let waves = Waves::of(&good, &self.maker.rules.thresholds.wave).with_blocks(
            &good,
            blocks,
            &tally.counts.attempt_hours,
            self.maker.names,
            self.maker.providers.names(),
        );
        for Turned { failed, accepted, good } in &turned {
            self.decide(failed, *accepted, waves.at(good));
        }
        for (view, &addresses) in ["suppress", "retry", "fix"].into_iter().zip(&self.beyond) {
            if addresses > 0 {
                folded.push(Folded { view, names: addresses, volume: addresses });
            }
        }
        self.rows.iter_mut().for_each(|rows| super::sort(rows));
        let [suppress, retry, fix] = self.rows;
        Lists { suppress, retry, fix, held: waves.met(&good) }
    }
}

/// Writes rows; text that many rows share is kept once.
struct Writer<'a> {
    maker: &'a Maker<'a>,
    evidence: &'a Evidence,
    words: HashMap<&'a str, Arc<str>>,
    texts: HashMap<Id, Arc<str>>,
    samples: HashMap<(Id, Id, Id), Arc<str>>,
}

impl<'a> Writer<'a> {
    fn row(
        &mut self,
        address: &[u8],
        (failure, verdict): (&Failure, &Verdict<'a>),
        decision: &Decision,
        accepted: Option<i32>,
    ) -> Listed {
        let is_complaint = decision.basis == Basis::Complaint;
        let (reason, class) =
            if is_complaint { ("complaint", "policy") } else { (verdict.category.name(), verdict.class.name()) };
        let provider = self.maker.providers.names().get(self.maker.providers.place(failure.domain));
        let path = if failure.pos == Pos::default() { None } else { self.maker.paths.get(failure.pos.file as usize) };
        Listed {
            address: utf8(address).into(),
            reason: self.word(reason),
            class: self.word(class),
            action: self.word(action(decision, verdict)),
            basis: self.word(decision.basis.name()),
            failures: count(decision.count as u64),
            needed: decision.needed.map(i64::from),
            first: decision.first,
            last: decision.last,
            accepted: accepted.map(|minute| Micros(i64::from(minute) * Micros::MINUTE)),
            provider: self.word(provider.map_or("", String::as_str)),
            source: self.text(failure.source),
            reply: self.text(failure.signature),
            rule: self.word(if is_complaint { "" } else { verdict.rule }),
            sample: self.sample(failure),
            path: self.word(path.map_or("", String::as_str)),
            place: path.map_or(0, |_| count(failure.pos.offset)),
        }
    }

    fn word(&mut self, word: &'a str) -> Arc<str> {
        self.words.entry(word).or_insert_with(|| word.into()).clone()
    }

    fn text(&mut self, id: Id) -> Arc<str> {
        let names = self.maker.names;
        self.texts.entry(id).or_insert_with(|| names.text(id).into()).clone()
    }

    /// The earliest record of the reply.
    fn sample(&mut self, failure: &Failure) -> Arc<str> {
        let place = (failure.route, failure.signature, failure.source);
        let example = || self.evidence.get(place.0, place.1, place.2).map(|example| utf8(&example.record));
        self.samples.entry(place).or_insert_with(|| example().map_or_else(|| "".into(), Arc::from)).clone()
    }
}

/// What to do with an address of this decision.
const fn action(decision: &Decision, verdict: &Verdict<'_>) -> &'static str {
    match (decision.list, decision.basis) {
        (List::Suppress, _) => Action::Suppress.name(),
        (List::Retry, _) => Action::Retry.name(),
        (List::Fix, Basis::Cause) => Action::FixThenRetry.name(),
        (List::Fix, _) => match verdict.action {
            Action::FixThenRetry if !matches!(decision.basis, Basis::DomainLeft | Basis::Early) => Action::FixThenRetry.name(),
            Action::FixThenRetry | Action::Suppress | Action::Retry | Action::Investigate => Action::Investigate.name(),
        },
    }
}
