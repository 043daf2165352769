//! The recipients of a life, which attempts are whose, and how far each got.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};

use super::answers::{Answer, Line};
use super::life::{Fact, Life, Note};
use super::recipient::{Recipient, Turn, is_same_try};
use super::shares::Shares;
use super::tale::{Span, Try, Whom, Words};
use crate::event::Status;
use crate::intern::Id;
use crate::rows::{AttemptRow, Bounced};

/// Up to this many recipients a search is cheaper than a hash.
const FEW: usize = 8;

/// Finds the recipients of one life after the other; owns the buffers that every life needs.
#[derive(Debug, Default)]
pub(super) struct Recipients {
    /// In order of first mention.
    pub(super) all: Vec<Recipient>,
    by_address: HashTable<u32>,
    /// The first recipient that each number in the log meant.
    by_index: HashMap<u32, u32, FixedState>,
    /// The attempts of the first recipient, then those of the next.
    pub(super) order: Vec<Turn>,
    /// Attempt and the words that another record tells of it.
    pub(super) said: HashMap<u32, Words, FixedState>,
    /// The last line of the words that stood before an attempt. In order.
    pub(super) ahead: Vec<(Turn, u32)>,
    /// Lines of words that stood before attempts.
    pub(super) lines: Vec<Line>,
    pub(super) answers: Vec<Answer>,
    /// Addresses of recipients by number, of the message that this one was made from too: those that were told last.
    known: HashMap<u32, Span, FixedState>,
    /// Likewise, as its records tell them up to its end. None: nobody asked for one yet.
    named_later: Option<HashMap<u32, Span, FixedState>>,
    /// Further original addresses of recipients: each stands in the queue file on its own.
    others: Vec<(u32, u64)>,
    /// The queue ids that the message goes on under.
    pub(super) handed_to: Vec<Span>,
    /// Attempts that are none.
    pub(super) unlisted: Vec<u32>,
    /// Which recipients each share has, as far as that was asked.
    pub(super) shares: Shares,
    /// Whose attempt was told last.
    recent: Option<u32>,
    hasher: FixedState,
}

impl Recipients {
    /// Takes all that a life tells of recipients.
    pub(super) fn tell(&mut self, life: &Life) {
        self.forget();
        self.said.clear();
        self.ahead.clear();
        self.lines.clear();
        self.answers.clear();
        self.known.clear();
        self.named_later = None;
        self.handed_to.clear();
        self.unlisted.clear();
        self.shares.clear();
        self.recent = None;
        for &note in &life.notes {
            self.note(life, note);
        }
        self.hand_on(life);
        self.order.sort_unstable();
        self.ahead.sort_unstable();
        self.others.sort_unstable();
        self.others.dedup();
    }

    /// There are no recipients.
    pub(super) fn forget(&mut self) {
        self.all.clear();
        self.by_address.clear();
        self.by_index.clear();
        self.order.clear();
        self.others.clear();
    }

    fn note(&mut self, life: &Life, note: Note) {
        match note.fact {
            Fact::Recipient { index, address } => {
                let number = match index {
                    Some(index) if address.is_empty() => self.numbered(life, index),
                    _ => self.number(life, address, index, Span::default(), Id::EMPTY),
                };
                if let Some(index) = index {
                    self.know(index, address);
                }
                self.index(number, index);
                self.change(number, |recipient| {
                    recipient.last = recipient.last.max(note.time);
                    recipient.is_awaited = true;
                });
            }
            Fact::Known { index, address } => self.know(index, address),
            Fact::Attempt(index) => {
                if let Some(tried) = life.tale.tries.get(index as usize) {
                    self.attempt(life, index, tried);
                }
            }
            Fact::GaveUp(whom) => self.end(life, whom, |recipient| recipient.give_up(note.time)),
            Fact::Cancelled(whom) => self.end(life, whom, |recipient| recipient.cancel(note.time)),
            Fact::ReplyAhead { whom, line, speaker } => self.foretell(life, whom, line, speaker),
            Fact::Reply(index) => {
                if let Some(words) = life.tale.words.get(index as usize) {
                    self.reply(life, words);
                }
            }
            Fact::HandedTo(id) => {
                if !self.handed_to.iter().any(|known| life.tale.text(*known) == life.tale.text(id)) {
                    self.handed_to.push(id);
                }
                if let Some(number) = self.recent {
                    self.change(number, |recipient| recipient.handed_to = id);
                }
            }
            Fact::Feedback(index) => {
                if let Some(&words) = life.tale.words.get(index as usize) {
                    self.feedback(life, words, note.time);
                }
            }
            Fact::Begin(_)
            | Fact::Sender { .. }
            | Fact::MessageId(_)
            | Fact::Redirected
            | Fact::Split
            | Fact::Campaign(_)
            | Fact::Offered { .. }
            | Fact::Started(_)
            | Fact::Continues { .. }
            | Fact::OwnBounce
            | Fact::Probed
            | Fact::Close(_) => {}
        }
    }

    fn know(&mut self, index: u32, address: Span) {
        if !address.is_empty() {
            self.known.insert(index, address);
        }
    }

    /// The address that was told last for this number. Asked here alone, where all that a message tells is in order: while its
    /// records are read, what it goes on from may be beyond a cut.
    fn address_of(&self, index: u32) -> Option<Span> {
        self.known.get(&index).copied()
    }

    pub(super) fn change(&mut self, number: u32, change: impl FnOnce(&mut Recipient)) {
        if let Some(recipient) = self.all.get_mut(number as usize) {
            change(recipient);
        }
    }

    fn attempt(&mut self, life: &Life, index: u32, tried: &Try) {
        match tried.whom {
            Whom::Address(address) => {
                let number = self.number(life, address, None, tried.original, tried.domain);
                self.attempt_of(life, number, index, tried);
            }
            Whom::Index(place) => {
                let number = self.numbered(life, place);
                self.change(number, |recipient| {
                    if !recipient.is_tried {
                        recipient.original = tried.original;
                    }
                });
                self.attempt_of(life, number, index, tried);
            }
            Whom::AllOpen => self.attempt_of_each(life, index, tried, Recipient::is_open),
            Whom::Awaited => self.attempt_of_each(life, index, tried, |recipient| recipient.is_awaited),
            Whom::Share(share) => {
                let from = self.order.len();
                for number in self.of_share(life, share, Some(tried)) {
                    self.attempt_of(life, number, index, tried);
                }
                self.shares.told(life, share, index, from..self.order.len());
            }
        }
    }

    fn attempt_of_each(&mut self, life: &Life, index: u32, tried: &Try, is_meant: impl Fn(&Recipient) -> bool) {
        for number in (0..).take(self.all.len()) {
            if self.all.get(number as usize).is_some_and(&is_meant) {
                self.attempt_of(life, number, index, tried);
            }
        }
    }

    fn attempt_of(&mut self, life: &Life, number: u32, index: u32, tried: &Try) {
        let turn = Turn { recipient: number, attempt: index };
        self.recent = Some(number);
        let Some(recipient) = self.all.get_mut(number as usize) else { return };
        if let Some(line) = recipient.words.take() {
            self.ahead.push((turn, line));
        }
        let is_first_original = life.tale.is_same(tried.original, recipient.original);
        if !is_first_original {
            self.others.push((number, self.hasher.hash_one(life.tale.text(tried.original))));
        } else if recipient.is_bounced_by(&tried.row) {
            let AttemptRow { time, code, enhanced, signature, .. } = tried.row;
            recipient.bounced = Some(Bounced { time, code, enhanced, signature });
            self.unlisted.push(index);
            return;
        }
        let before = recipient.last_try.and_then(|last| life.tale.tries.get(last as usize));
        let is_repeated =
            |before: &Try| life.tale.is_same(before.original, tried.original) && is_same_try(&before.row, &tried.row);
        let is_end = is_first_original && matches!(tried.row.status, Status::Delivered | Status::Failed);
        recipient.repeat(before.is_some_and(is_repeated), is_end);
        recipient.last_try = Some(index);
        recipient.take(&tried.row);
        self.order.push(turn);
    }

    /// Ends recipients that are open.
    fn end(&mut self, life: &Life, whom: Whom, mut end: impl FnMut(&mut Recipient)) {
        match whom {
            Whom::AllOpen => self.all.iter_mut().for_each(end),
            Whom::Awaited => self.all.iter_mut().filter(|recipient| recipient.is_awaited).for_each(end),
            Whom::Share(share) => {
                for number in self.of_share(life, share, None) {
                    self.change(number, &mut end);
                }
            }
            Whom::Address(_) | Whom::Index(_) => {
                let number = self.whose(life, whom);
                self.change(number, end);
            }
        }
    }

    /// Number of the recipient that is meant, new if need be.
    pub(super) fn whose(&mut self, life: &Life, whom: Whom) -> u32 {
        match whom {
            Whom::Address(address) => self.number(life, address, None, Span::default(), Id::EMPTY),
            Whom::Index(index) => self.numbered(life, index),
            Whom::AllOpen | Whom::Awaited | Whom::Share(_) => u32::MAX,
        }
    }

    /// Number of the recipient that has this number in the log.
    fn numbered(&mut self, life: &Life, index: u32) -> u32 {
        let known = self.address_of(index);
        if known.is_none()
            && let Some(number) = self.find_index(index)
        {
            return number;
        }
        // Its name may stand in a later record.
        let address = known.or_else(|| self.named_later(life, index)).unwrap_or_default();
        let number = self.number(life, address, Some(index), Span::default(), Id::EMPTY);
        self.index(number, Some(index));
        number
    }

    /// The address that the whole life tells last for this number. Looked through once: there may be as many numbers as records.
    fn named_later(&mut self, life: &Life, index: u32) -> Option<Span> {
        self.named_later.get_or_insert_with(|| life.numbered().collect()).get(&index).copied()
    }

    /// Says by which number the log means a recipient, unless it did so by another before.
    fn index(&mut self, number: u32, index: Option<u32>) {
        let Some(recipient) = self.all.get_mut(number as usize) else { return };
        recipient.index = recipient.index.or(index);
        if let Some(index) = recipient.index {
            let first = self.by_index.entry(index).or_insert(number);
            *first = number.min(*first);
        }
    }

    /// Number of the recipient that is meant, if there is one.
    pub(super) fn find(&self, life: &Life, whom: Whom) -> Option<u32> {
        match whom {
            Whom::Address(address) => self.find_address(life, life.tale.text(address)),
            Whom::Index(index) => match self.address_of(index) {
                Some(address) => self.find_address(life, life.tale.text(address)),
                None => self.find_index(index),
            },
            Whom::AllOpen | Whom::Awaited | Whom::Share(_) => None,
        }
    }

    /// Number of the recipient that was meant by this number before.
    fn find_index(&self, index: u32) -> Option<u32> {
        self.by_index.get(&index).copied()
    }

    pub(super) fn find_address(&self, life: &Life, address: &[u8]) -> Option<u32> {
        let is_same = |recipient: &Recipient| life.tale.text(recipient.address).eq_ignore_ascii_case(address);
        if self.all.len() <= FEW {
            return self.all.iter().position(is_same).map(|number| number as u32);
        }
        self.by_address.find(self.hash(address), |&number| self.all.get(number as usize).is_some_and(is_same)).copied()
    }

    /// Number of a recipient, new or known: addresses that differ in case alone are one. Without an address, those that have
    /// different numbers in the log are different.
    fn number(&mut self, life: &Life, address: Span, index: Option<u32>, original: Span, domain: Id) -> u32 {
        let is_told = !address.is_empty() || index.is_none();
        if is_told && let Some(number) = self.find_address(life, life.tale.text(address)) {
            self.change(number, |recipient| {
                if recipient.domain == Id::EMPTY {
                    recipient.domain = domain;
                }
                if !recipient.is_tried {
                    recipient.original = original;
                }
            });
            return number;
        }
        let number = self.all.len() as u32;
        self.all.push(Recipient::new(address, index, original, domain));
        self.file(life, number);
        number
    }

    /// Makes a recipient findable by its address.
    pub(super) fn file(&mut self, life: &Life, number: u32) {
        let new = if self.all.len() <= FEW {
            return;
        } else if self.by_address.is_empty() {
            0..number + 1
        } else {
            number..number + 1
        };
        let (all, hasher) = (&self.all, &self.hasher);
        let hash_of = |&number: &u32| {
            let address = all.get(number as usize).map(|recipient| recipient.address).unwrap_or_default();
            hash_lower(hasher, life.tale.text(address))
        };
        for number in new {
            self.by_address.insert_unique(hash_of(&number), number, hash_of);
        }
    }

    fn hash(&self, address: &[u8]) -> u64 {
        hash_lower(&self.hasher, address)
    }

    /// How many recipients of the queue file are surely named: one that was asked for under several addresses stands there several times.
    pub(super) fn named(&self) -> usize {
        self.all.len() + self.others.len()
    }

    /// Likewise, with those that stand there several times under one address, as far as records tell.
    pub(super) fn entries(&self) -> usize {
        self.all.iter().map(|recipient| recipient.entries).sum::<usize>() + self.others.len()
    }

    /// Whether all that is known of the recipients is decided.
    pub(super) fn are_settled(&self) -> bool {
        !self.all.is_empty() && self.all.iter().all(|recipient| !recipient.is_open())
    }

    /// Addresses of those that a remote host took.
    pub(super) fn accepted(&self) -> impl Iterator<Item = Span> + '_ {
        self.all.iter().filter(|recipient| recipient.is_accepted()).map(|recipient| recipient.address)
    }
}

/// Hash of a text in lower case.
pub(super) fn hash_lower(hasher: &FixedState, text: &[u8]) -> u64 {
    let mut sum = hasher.hash_one(text.len());
    for chunk in text.chunks(16) {
        let mut lower = [0; 16];
        for (to, from) in lower.iter_mut().zip(chunk) {
            *to = from.to_ascii_lowercase();
        }
        sum = hasher.hash_one((sum, lower));
    }
    sum
}
