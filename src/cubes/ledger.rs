//! Distinct addresses: what does not add up over days, hosts and parts.
//!
//! An entry is 16 bytes per address and day. Entries are collected, sorted and put together; when they are many, they are put away as
//! [`runs`](super::runs). One merge at the end counts every address once. Holds no address, only a hash of it.

mod entry;

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use entry::{Entry, tidy};

use super::runs::{Record, Runs};
use crate::event::Micros;
use crate::intern::{Id, Translation};

/// Entries that are collected before they are sorted: 16 MiB.
const RUN: usize = 1 << 20;

/// Minutes of a day.
const MINUTES: i32 = 24 * 60;

/// The seed of address hashes: fixed, so that a run can be repeated exactly, and not the hasher's default, since strangers choose
/// addresses.
const SEED: u64 = 0x6164_6472_6573_7321;

/// The ledger could not be written or read: the temporary folder is full or gone.
#[derive(Debug, thiserror::Error)]
#[error(
    "the list of addresses could not be kept in a temporary file: {0}. Make room there, or name another folder with TMPDIR"
)]
pub struct LedgerError(#[from] std::io::Error);

/// What was learned of an address on a day. Facts add up by union.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts(u16);

impl Facts {
    /// A real attempt was made.
    pub const TRIED: Self = Self(1);
    /// A reply about the recipient: accepted, unknown, full or disabled.
    pub const JUDGED: Self = Self(1 << 1);
    /// Unknown user or inactive mailbox, of class hard.
    pub const UNKNOWN: Self = Self(1 << 2);
    /// Over quota in the end, or more than once.
    pub const FULL: Self = Self(1 << 3);
    const ACCEPTED: Self = Self(1 << 4);
    const FLAGS: u16 = (1 << Self::ACCEPTED_AT) - 1;
    /// The minute of the day takes the other eleven bits.
    const ACCEPTED_AT: u16 = 5;

    /// Accepted at this time.
    #[must_use]
    pub const fn accepted(time: Micros) -> Self {
        Self(Self::alive(time).0 | Self::JUDGED.0)
    }

    /// Accepted at this time, which is not of the period: proof of life, and in no figure.
    #[must_use]
    pub const fn alive(time: Micros) -> Self {
        Self(Self::ACCEPTED.0 | (time.minute().rem_euclid(MINUTES) as u16) << Self::ACCEPTED_AT)
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let minute = self.accepted_minute().max(other.accepted_minute());
        Self(((self.0 | other.0) & Self::FLAGS) | (minute << Self::ACCEPTED_AT))
    }

    const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 & Self::FLAGS != 0
    }

    /// The last minute of the day in which it was accepted; 0 where it was not.
    const fn accepted_minute(self) -> u16 {
        self.0 >> Self::ACCEPTED_AT
    }
}

/// Collects what was learned of addresses.
pub struct Ledger {
    open: Vec<Entry>,
    /// So many are collected before they are sorted.
    most: usize,
    runs: Runs<Entry>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self::collecting(RUN, Runs::default())
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Ledger").field("open", &self.open.len()).field("runs", &self.runs.len()).finish_non_exhaustive()
    }
}

/// Distinct addresses of a group, of a day or of the whole period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressTotals {
    /// That were tried.
    pub attempted: u64,
    /// Of these, those with a reply about the recipient.
    pub judged: u64,
    /// Of the judged, unknown.
    pub unknown: u64,
    /// Of the judged, over quota.
    pub full: u64,
}

/// What the ledger knows of one address.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The same for all spellings.
    pub address: u64,
    days: &'a [Entry],
}

impl Known<'_> {
    /// The minute, as [`Micros::minute`] gives it, in which it was last accepted; None: never.
    #[must_use]
    pub fn last_accepted(&self) -> Option<i32> {
        self.accepted().last()
    }

    /// The minute in which it was last accepted before another, as far as the last of each day tell; None: never.
    #[must_use]
    pub fn accepted_before(&self, minute: i32) -> Option<i32> {
        self.accepted().take_while(|&accepted| accepted < minute).last()
    }

    /// The last minute of each day in which it was accepted, in order.
    fn accepted(&self) -> impl Iterator<Item = i32> {
        let accepted = self.days.iter().filter(|entry| entry.facts.has(Facts::ACCEPTED));
        accepted.map(|entry| i32::from(entry.day) * MINUTES + i32::from(entry.facts.accepted_minute()))
    }
}

/// Distinct addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressCounts {
    /// All together.
    pub all: AddressTotals,
    /// By group, the whole period.
    pub by_group: BTreeMap<usize, AddressTotals>,
    /// By group and day, since 1970-01-01. An address that was tried on several days is counted on each.
    pub by_group_day: BTreeMap<(usize, i32), AddressTotals>,
}

impl Ledger {
    /// Puts `most` entries away at once, into `runs`.
    fn collecting(most: usize, runs: Runs<Entry>) -> Self {
        Self { open: Vec::new(), most, runs }
    }

    /// Notes what was learned of an address at `time`. Addresses that differ in case alone are one.
    pub fn note(&mut self, address: &[u8], domain: Id, time: Micros, facts: Facts) {
        let day = u16::try_from(time.day().max(0)).unwrap_or(u16::MAX);
        self.open.push(Entry { address: hash(address), domain, day, facts });
        if self.open.len() >= self.most {
            self.settle();
        }
    }

    /// Takes over what another part noted in its own numbers.
    pub fn absorb(&mut self, other: Self, by: &Translation) {
        self.runs.absorb(other.runs, by);
        self.open.extend(other.open.into_iter().map(|entry| entry.translated(by)));
        if self.open.len() >= self.most {
            self.settle();
        }
    }

    /// Puts the collected entries together, and away if there are still many.
    fn settle(&mut self) {
        tidy(&mut self.open);
        if self.open.len() >= self.most / 2 {
            self.runs.put(|to| self.open.iter().try_for_each(|entry| entry.write(to)));
            self.open.clear();
        }
    }

    /// Counts every address once. `group` tells the group of a domain; `see` is shown each address in the order of hashes.
    ///
    /// # Errors
    ///
    /// A temporary file could not be written or read, or `see` failed.
    pub fn summarise(
        mut self,
        group: &dyn Fn(Id) -> usize,
        see: &mut dyn FnMut(Known<'_>) -> Result<(), LedgerError>,
    ) -> Result<AddressCounts, LedgerError> {
        tidy(&mut self.open);
        let mut entries = self.runs.merge(self.open.into_iter())?;
        let mut counting = Counting::default();
        let mut days: Vec<Entry> = Vec::new();
        let mut take = |days: &[Entry]| {
            counting.take(days, group);
            days.first().map_or(Ok(()), |first| see(Known { address: first.address, days }))
        };
        while let Some(entry) = entries.take()? {
            if days.first().is_some_and(|first| first.address != entry.address) {
                take(&days)?;
                days.clear();
            }
            match days.last_mut() {
                Some(last) if last.day == entry.day => last.facts = last.facts.and(entry.facts),
                _ => days.push(entry),
            }
        }
        take(&days)?;
        Ok(counting.done())
    }
}

/// [`AddressCounts`] in the making: addresses come in the order of hashes, so groups and days come in none.
#[derive(Default)]
struct Counting {
    all: AddressTotals,
    by_group: Vec<AddressTotals>,
    by_group_day: HashMap<(usize, u16), AddressTotals, FixedState>,
}

impl Counting {
    /// Counts the days of one address.
    fn take(&mut self, days: &[Entry], group: &dyn Fn(Id) -> usize) {
        // What was accepted outside of the period is in no figure.
        let tried = || days.iter().filter(|entry| entry.facts.has(Facts::TRIED));
        let Some(first) = tried().next() else { return };
        let group = group(first.domain);
        for entry in tried() {
            self.by_group_day.entry((group, entry.day)).or_default().add(entry.facts);
        }
        let facts = tried().fold(Facts::default(), |facts, entry| facts.and(entry.facts));
        if self.by_group.len() <= group {
            self.by_group.resize(group + 1, AddressTotals::default());
        }
        if let Some(totals) = self.by_group.get_mut(group) {
            totals.add(facts);
        }
        self.all.add(facts);
    }

    fn done(self) -> AddressCounts {
        let seen = self.by_group.into_iter().enumerate().filter(|(_, totals)| totals.attempted > 0);
        let days = self.by_group_day.into_iter().map(|((group, day), totals)| ((group, i32::from(day)), totals));
        AddressCounts { all: self.all, by_group: seen.collect(), by_group_day: days.collect() }
    }
}

impl AddressTotals {
    fn add(&mut self, facts: Facts) {
        self.attempted += u64::from(facts.has(Facts::TRIED));
        self.judged += u64::from(facts.has(Facts::JUDGED));
        self.unknown += u64::from(facts.has(Facts::UNKNOWN));
        self.full += u64::from(facts.has(Facts::FULL));
    }
}

/// Hash of an address without regard to case.
pub(super) fn hash(address: &[u8]) -> u64 {
    let hasher = FixedState::with_seed(SEED);
    let mut lower = [0; 64];
    match lower.get_mut(..address.len()) {
        Some(lower) => {
            lower.copy_from_slice(address);
            lower.make_ascii_lowercase();
            hasher.hash_one(&*lower)
        }
        None => hasher.hash_one(address.to_ascii_lowercase().as_slice()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;
    use proptest::prelude::*;

    const HOUR: i64 = Micros::HOUR;

    fn counts(ledger: Ledger) -> AddressCounts {
        ledger.summarise(&|domain| domain.0 as usize, &mut |_| Ok(())).unwrap()
    }

    #[test]
    fn an_address_counts_once_whatever_its_case_and_days() {
        let mut ledger = Ledger::default();
        let tried = Facts::TRIED.and(Facts::accepted(Micros(3 * HOUR)));
        ledger.note(b"A@example.org", Id(1), Micros(0), tried);
        ledger.note(b"a@example.ORG", Id(1), Micros(50 * HOUR), tried);
        ledger.note(b"b@example.org", Id(1), Micros(0), Facts::TRIED);
        let counts = counts(ledger);
        assert_eq!(counts.all, AddressTotals { attempted: 2, judged: 1, ..AddressTotals::default() });
        assert_eq!(counts.by_group[&1], counts.all);
        assert_eq!(counts.by_group_day[&(1, 0)].attempted, 2);
        assert_eq!(counts.by_group_day[&(1, 2)].attempted, 1);
    }

    #[test]
    fn what_was_accepted_is_known_to_the_minute_also_outside_of_the_period() {
        let mut ledger = Ledger::default();
        let day = |day: i64| Micros(day * Micros::DAY);
        let minute = |minute: i64| Micros(minute * Micros::MINUTE + 59 * Micros::SECOND);
        ledger.note(b"a@b", Id(1), day(3), Facts::TRIED.and(Facts::accepted(minute(305))));
        ledger.note(b"A@B", Id(1), day(3), Facts::alive(minute(120)));
        ledger.note(b"a@b", Id(1), day(9), Facts::alive(minute(1_439)));
        ledger.note(b"c@b", Id(1), day(9), Facts::alive(minute(1)));
        let mut known = Vec::new();
        let at = |day: i32, minute: i32| day * MINUTES + minute;
        let counts = ledger.summarise(&|_| 0, &mut |one| {
            known.push((one.last_accepted(), one.accepted_before(at(9, 1_439)), one.accepted_before(at(3, 305))));
            Ok(())
        });
        known.sort();
        assert_eq!(known, [(Some(at(9, 1)), Some(at(9, 1)), None), (Some(at(9, 1_439)), Some(at(3, 305)), None)]);
        let counts = counts.unwrap();
        assert_eq!((counts.all.attempted, counts.by_group_day.len()), (1, 1), "c@b is in no figure, nor is day 9");
    }

    #[test]
    fn an_entry_reads_back_what_it_wrote() {
        let entry =
            Entry { address: u64::MAX - 5, domain: Id(77), day: 20_000, facts: Facts::FULL.and(Facts::accepted(Micros(-1))) };
        let mut bytes = Vec::new();
        entry.write(&mut bytes).unwrap();
        assert_eq!((bytes.len(), Entry::read(&mut bytes.as_slice()).unwrap()), (16, entry));
    }

    #[test]
    fn what_went_to_files_counts_as_what_stayed() {
        let mut ledger = Ledger::default();
        for number in 0..RUN + RUN / 2 {
            ledger.note(format!("{}@example.org", number % (RUN - 7)).as_bytes(), Id(1), Micros(0), Facts::TRIED);
        }
        assert_eq!(ledger.runs.len(), 1);
        let mut interner = Interner::default();
        interner.intern(b"example.org");
        let mut whole = Ledger::default();
        whole.absorb(ledger, &interner.identity());
        let counts = counts(whole);
        assert_eq!(counts.by_group[&1].attempted, (RUN - 7) as u64);
    }

    proptest! {
        #[test]
        fn facts_add_up_in_any_order_and_in_files_as_in_memory(notes in prop::collection::vec((0_u8..5, 0_i64..4, 0_u16..24, 0_u8..4), 1..40), cut in 0_usize..40) {
            let note = |ledger: &mut Ledger, &(who, day, hour, what): &(u8, i64, u16, u8)| {
                let facts = match what {
                    0 => Facts::TRIED,
                    1 => Facts::TRIED.and(Facts::accepted(Micros(i64::from(hour) * HOUR))),
                    2 => Facts::TRIED.and(Facts::UNKNOWN).and(Facts::JUDGED),
                    _ => Facts::TRIED.and(Facts::FULL).and(Facts::JUDGED),
                };
                ledger.note(&[who], Id(u32::from(who % 2)), Micros(day * Micros::DAY), facts);
            };
            // As few entries as this at once, so that most of them are put away and merged on the way.
            let few = || Ledger::collecting(3, Runs::merging(2));
            let mut whole = Ledger::default();
            notes.iter().for_each(|one| note(&mut whole, one));
            let (left, right) = notes.split_at(cut.min(notes.len()));
            let (mut first, mut second) = (few(), few());
            right.iter().for_each(|one| note(&mut first, one));
            left.iter().rev().for_each(|one| note(&mut second, one));
            let mut interner = Interner::default();
            interner.intern(b"one");
            first.absorb(second, &interner.identity());
            prop_assert_eq!(counts(first), counts(whole));
        }
    }
}
