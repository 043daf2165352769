//! Which recipients are those of a share of a message, where records name the share alone.
//!
//! Shares are numbered in the order in which their recipients were named: one for each domain, or one for each recipient. Which of the
//! two it is, no record says; a share beyond the number of domains tells, or one of a single recipient at a domain where several wait.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::life::{Fact, Life};
use super::recipient::Recipient;
use super::tale::{Share, Whom};
use crate::provider::normalise_domain;

/// The shares of one message.
#[derive(Debug, Default)]
pub(super) struct Shares {
    pub(super) is_known: bool,
    /// Recipients in the order in which they were named, each with the number of its domain, from 0.
    listed: Vec<(u32, u32)>,
    /// Numbers of domains, by their hashes.
    domains: HashMap<u64, u32, FixedState>,
    /// Each recipient is a share.
    is_split: bool,
    /// Records name one share alone.
    is_single: bool,
    hasher: FixedState,
    scratch: Vec<u8>,
}

impl Shares {
    /// Nothing is known.
    pub(super) fn clear(&mut self) {
        self.listed.clear();
        self.domains.clear();
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
    pub(super) fn read(&mut self, life: &Life, find: impl Fn(&[u8]) -> Option<u32>) {
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
        let numbers =
            asked.iter().filter_map(|whom| if let Whom::Share(share) = whom { Some(usize::from(share.number)) } else { None });
        let (first, last) = (numbers.clone().min(), numbers.max().unwrap_or_default());
        self.is_split = last > self.domains.len() && last <= self.listed.len();
        self.is_single = first == Some(last);
        self.is_known = true;
    }

    /// The recipients of a share, open or not; none where they are not known.
    pub(super) fn members(&mut self, life: &Life, share: Share, all: &[Recipient]) -> Vec<u32> {
        let domain = (!share.domain.is_empty()).then(|| self.domain(life.tale.text(share.domain)));
        let named = domain.and_then(|domain| self.domains.get(&domain).copied());
        if self.listed.is_empty() || named.is_none() && domain.is_some() {
            // What is not listed is an alias, or of a plugin's making.
            return self.by_name(life, domain, all);
        }
        if let Some(domain) = named
            && share.of > 0
        {
            let is_open = |number: u32| all.get(number as usize).is_some_and(Recipient::is_open);
            let waiting = self.listed.iter().filter(|&&(number, of)| of == domain && is_open(number)).count();
            self.is_split |= waiting > usize::from(share.of);
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
        self.listed.iter().filter(|&&(_, of)| Some(of) == domain).map(|&(number, _)| number).collect()
    }

    /// Of a message whose recipients were named in no order: those that attempts name, at this domain, or at the only one there is.
    fn by_name(&mut self, life: &Life, domain: Option<u64>, all: &[Recipient]) -> Vec<u32> {
        let named = (0..).zip(all).filter(|(_, recipient)| recipient.share.is_none() && !recipient.address.is_empty());
        let named: Vec<(u32, u64)> =
            named.map(|(number, recipient)| (number, self.domain(life.tale.text(recipient.address)))).collect();
        let only = named.first().map(|&(_, first)| first);
        let only = only.filter(|&only| self.is_single && named.iter().all(|&(_, other)| other == only));
        let Some(wanted) = domain.or(only) else { return Vec::new() };
        named.into_iter().filter(|&(_, domain)| domain == wanted).map(|(number, _)| number).collect()
    }
}
