//! Distinct addresses.

use std::collections::BTreeMap;

use crate::intern::Id;

/// Distinct addresses of a run.
#[derive(Default)]
pub struct Ledger(Vec<(Id, i32, AddressTotals)>);

/// Why the ledger could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the address ledger cannot be read: {0}")]
pub struct LedgerError(#[from] std::io::Error);

/// Distinct addresses by group, by group and day, and in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressCounts {
    /// By group.
    pub by_group: BTreeMap<usize, AddressTotals>,
    /// By group and day.
    pub by_group_day: BTreeMap<(usize, i32), AddressTotals>,
    /// All.
    pub all: AddressTotals,
}

/// Distinct addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressTotals {
    /// Tried.
    pub attempted: u64,
    /// Judged.
    pub judged: u64,
    /// Unknown.
    pub unknown: u64,
    /// Full.
    pub full: u64,
    /// Hard.
    pub hard: u64,
}

impl Ledger {
    /// Adds addresses of a domain on a day.
    pub fn add(&mut self, domain: Id, day: i32, totals: AddressTotals) {
        self.0.push((domain, day, totals));
    }

    /// Sums up.
    pub fn summarise(self, group_of: &dyn Fn(Id) -> usize) -> Result<AddressCounts, LedgerError> {
        let mut counts = AddressCounts::default();
        for (domain, day, totals) in self.0 {
            let group = group_of(domain);
            for sum in [
                counts.by_group.entry(group).or_default(),
                counts.by_group_day.entry((group, day)).or_default(),
                &mut counts.all,
            ] {
                sum.attempted += totals.attempted;
                sum.judged += totals.judged;
                sum.unknown += totals.unknown;
                sum.full += totals.full;
                sum.hard += totals.hard;
            }
        }
        Ok(counts)
    }
}
