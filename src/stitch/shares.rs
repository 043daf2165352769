//! Which recipients are those of a share of a message, where records name the share alone.
//!
//! Shares are numbered in the order in which their recipients were named: one for each domain, or one for each recipient. Which of the
//! two it is, no record says; a share beyond the number of domains tells, or one of a single recipient at a domain where several wait.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::life::{Fact, Life};
use super::recipient::{Recipient, is_same_record};
use super::recipients::Recipients;
use super::tale::{Share, Span, Try, Whom};
use crate::intern::Id;
use crate::provider::normalise_domain;

/// The shares of one message.
#[derive(Debug, Default)]
pub(super) struct Shares {
    is_known: bool,
    /// Recipients in the order in which they were named, each with the number of its domain, from 0.
    listed: Vec<(u32, u32)>,
    /// Likewise, as domain and recipient, sorted by domains.
    by_domain: Vec<(u32, u32)>,
    /// Numbers of domains, by their hashes.
    domains: HashMap<u64, u32, FixedState>,
    /// Each recipient is a share.
    is_split: bool,
    /// Records name one share alone.
    is_single: bool,
    /// Of recipients that attempts name: those of each domain, by its hash, and how many recipients were looked at.
    by_name: HashMap<u64, Vec<u32>, FixedState>,
    looked_at: usize,
    /// Recipients of each share that no record names.
    unknown: HashMap<u16, Vec<u32>, FixedState>,
    /// The last attempt that was told of each share, by the hash of what names it, and where it stands in [`Recipients::order`].
    told: HashMap<u64, (u32, Range<usize>), FixedState>,
    hasher: FixedState,
    scratch: Vec<u8>,
}

impl Shares {
    /// Nothing is known.
    pub(super) fn clear(&mut self) {
        self.listed.clear();
        self.by_domain.clear();
        self.domains.clear();
        self.by_name.clear();
        self.unknown.clear();
        self.told.clear();
        self.looked_at = 0;
        (self.is_known, self.is_split, self.is_single) = (false, false, false);
    }

    /// Hash of the domain of an address, however it is written.
    fn domain(&mut self, address: &[u8]) -> u64 {
        let domain = memchr::memrchr(b'@', address).and_then(|at| address.get(at + 1..)).unwrap_or_default();
        self.scratch.clear();
        normalise_domain(domain, &mut self.scratch);
        self.hasher.hash_one(&self.scratch)
    }

    /// Takes what a life tells of shares; `find` gives the number of a recipient by its address.
    fn read(&mut self, life: &Life, find: impl Fn(&[u8]) -> Option<u32>) {
        let mut asked = Vec::new();
        for note in &life.notes {
            match note.fact {
                Fact::Recipient { address, .. } => {
                    let address = life.tale.text(address);
                    let Some(number) = find(address) else { continue };
                    let next = self.domains.len() as u32;
                    let domain = self.domain(address);
                    let domain = *self.domains.entry(domain).or_insert(next);
                    self.listed.push((number, domain));
                }
                Fact::Attempt(index) => asked.extend(life.tale.tries.get(index as usize).map(|tried| tried.whom)),
                Fact::GaveUp(whom) | Fact::Cancelled(whom) => asked.push(whom),
                Fact::Begin(_)
                | Fact::Sender { .. }
                | Fact::MessageId(_)
                | Fact::Redirected
                | Fact::Split
                | Fact::Campaign(_)
                | Fact::Offered { .. }
                | Fact::Started(_)
                | Fact::Known { .. }
                | Fact::Reply(_)
                | Fact::ReplyAhead { .. }
                | Fact::Probed
                | Fact::HandedTo(_)
                | Fact::Continues { .. }
                | Fact::OwnBounce
                | Fact::Feedback(_)
                | Fact::Close(_) => {}
            }
        }
        self.by_domain.extend(self.listed.iter().map(|&(number, domain)| (domain, number)));
        self.by_domain.sort_by_key(|&(domain, _)| domain);
        let numbers =
            asked.iter().filter_map(|whom| if let Whom::Share(share) = whom { Some(usize::from(share.number)) } else { None });
        let (first, last) = (numbers.clone().min(), numbers.max().unwrap_or_default());
        self.is_split = last > self.domains.len() && last <= self.listed.len();
        self.is_single = first == Some(last);
        self.is_known = true;
    }

    /// The recipients of a share, open or not; none where they are not known.
    fn members(&mut self, life: &Life, share: Share, all: &[Recipient]) -> Vec<u32> {
        let domain = (!share.domain.is_empty()).then(|| self.domain(life.tale.text(share.domain)));
        let named = domain.and_then(|domain| self.domains.get(&domain).copied());
        if self.listed.is_empty() || named.is_none() && domain.is_some() {
            // What is not listed is an alias, or of a plugin's making.
            return self.by_name(life, domain, all);
        }
        if named.is_some() && share.of > 0 && !self.is_split {
            let is_open = |number: u32| all.get(number as usize).is_some_and(Recipient::is_open);
            let waiting = self.at(named).into_iter().filter(|&number| is_open(number)).count();
            self.is_split = waiting > usize::from(share.of);
        }
        let Some(place) = usize::from(share.number).checked_sub(1) else { return self.at(named) };
        if !self.is_split {
            return self.at(named.or(u32::try_from(place).ok()));
        }
        let own = self.listed.get(place).filter(|&&(_, domain)| named.is_none_or(|named| named == domain));
        own.map_or_else(|| self.at(named), |&(number, _)| vec![number])
    }

    /// The recipients at the domain of this number.
    fn at(&self, domain: Option<u32>) -> Vec<u32> {
        let Some(domain) = domain else { return Vec::new() };
        let from = self.by_domain.partition_point(|&(of, _)| of < domain);
        let own = self.by_domain.iter().skip(from).take_while(|&&(of, _)| of == domain);
        own.map(|&(_, number)| number).collect()
    }

    /// Of a message whose recipients were named in no order: those that attempts name, at this domain, or at the only one there is.
    fn by_name(&mut self, life: &Life, domain: Option<u64>, all: &[Recipient]) -> Vec<u32> {
        for (number, recipient) in (0..).zip(all).skip(self.looked_at) {
            if recipient.share.is_none() && !recipient.address.is_empty() {
                let domain = self.domain(life.tale.text(recipient.address));
                self.by_name.entry(domain).or_default().push(number);
            }
        }
        self.looked_at = all.len();
        let is_only = self.is_single && self.by_name.len() == 1;
        let only = self.by_name.values().next().filter(|_| is_only);
        domain.map_or(only, |domain| self.by_name.get(&domain)).cloned().unwrap_or_default()
    }

    /// Says which attempt was told last of a share, and where its recipients stand in [`Recipients::order`].
    pub(super) fn told(&mut self, life: &Life, share: Share, index: u32, places: Range<usize>) {
        if places.is_empty() {
            return;
        }
        self.told.insert(self.hasher.hash_one(share.borrowed(&life.tale)), (index, places));
    }

    /// The attempt that was told last of a share.
    fn last(&self, life: &Life, share: Share) -> Option<&(u32, Range<usize>)> {
        self.told.get(&self.hasher.hash_one(share.borrowed(&life.tale)))
    }
}

impl Recipients {
    /// The open recipients of a share that a record means, unknown ones made if need be. One that says how many were taken means those
    /// that no record has named for the longest time: in one try, those that were put off are named first.
    pub(super) fn of_share(&mut self, life: &Life, share: Share, tried: Option<&Try>) -> Vec<u32> {
        if let Some(places) = tried.and_then(|tried| self.told_before(life, share, tried)) {
            // A record that was written twice.
            return self.order.get(places).unwrap_or_default().iter().map(|turn| turn.recipient).collect();
        }
        if !self.shares.is_known {
            let mut shares = std::mem::take(&mut self.shares);
            shares.read(life, |address| self.find_address(life, address));
            self.shares = shares;
        }
        let members = self.shares.members(life, share, &self.all);
        let is_open = |number: &u32| self.all.get(*number as usize).is_some_and(Recipient::is_open);
        let mut open: Vec<u32> = members.iter().copied().filter(is_open).collect();
        let count = usize::from(share.count);
        if count > 0 {
            open.sort_by_key(|&number| self.all.get(number as usize).and_then(|recipient| recipient.last_try));
            open.truncate(count);
        } else if !members.is_empty() {
            return open;
        }
        if open.len() < count.max(1) {
            self.add_unknown(life, share, tried.map_or(Id::EMPTY, |tried| tried.domain), &mut open);
        }
        open
    }

    /// Adds recipients of a share that no record names, as many as are missing; those that are there, or one, where no number is told.
    fn add_unknown(&mut self, life: &Life, share: Share, domain: Id, open: &mut Vec<u32>) {
        let count = usize::from(share.count);
        let unknown = self.shares.unknown.get(&share.number).map(Vec::as_slice).unwrap_or_default();
        let is_enough = count == 0 && !unknown.is_empty();
        let is_open = |number: &u32| self.all.get(*number as usize).is_some_and(Recipient::is_open);
        open.extend(unknown.iter().copied().filter(is_open));
        if count > 0 {
            open.truncate(count);
        }
        for &number in open.iter() {
            self.change(number, |recipient| {
                if recipient.share.is_some() && recipient.domain == Id::EMPTY {
                    recipient.domain = domain;
                }
            });
        }
        while !is_enough && open.len() < count.max(1) {
            let number = self.all.len() as u32;
            let mut recipient = Recipient::new(share.domain, None, Span::default(), domain);
            recipient.share = Some(share.number);
            self.all.push(recipient);
            self.file(life, number);
            self.shares.unknown.entry(share.number).or_default().push(number);
            open.push(number);
        }
    }

    /// Where the attempt before this one of the same share stands in the order, if it says the same.
    fn told_before(&self, life: &Life, share: Share, tried: &Try) -> Option<Range<usize>> {
        let (before, places) = self.shares.last(life, share)?;
        let before = life.tale.tries.get(*before as usize)?;
        let is_same = before.print == tried.print && is_same_record(&before.row, &tried.row);
        is_same.then(|| places.clone())
    }
}
