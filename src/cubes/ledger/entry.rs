//! What the ledger holds of an address on a day: 16 bytes, by which entries are sorted and put together.

use std::io::{Read, Result, Write};

use super::Facts;
use crate::cubes::runs::{Record, bytes};
use crate::intern::{Id, Translation};

/// An address on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) address: u64,
    pub(super) domain: Id,
    /// Since 1970-01-01; a day outside of 1970 to 2149 counts as the nearest of them.
    pub(super) day: u16,
    pub(super) facts: Facts,
}

impl Record for Entry {
    type Key = (u64, u16);

    fn key(&self) -> (u64, u16) {
        (self.address, self.day)
    }

    fn write(&self, to: &mut impl Write) -> Result<()> {
        let whole = u128::from(self.address)
            | u128::from(self.domain.0) << 64
            | u128::from(self.day) << 96
            | u128::from(self.facts.0) << 112;
        to.write_all(&whole.to_le_bytes())
    }

    fn read(from: &mut impl Read) -> Result<Self> {
        let whole = u128::from_le_bytes(bytes(from)?);
        Ok(Self {
            address: whole as u64,
            domain: Id((whole >> 64) as u32),
            day: (whole >> 96) as u16,
            facts: Facts((whole >> 112) as u16),
        })
    }

    fn translated(self, by: &Translation) -> Self {
        Self { domain: by.of(self.domain), ..self }
    }
}

/// Sorts entries and puts those of one address and day together.
pub(super) fn tidy(entries: &mut Vec<Entry>) {
    // By one number first, which is compared in one step: few addresses are met on several days.
    entries.sort_unstable_by_key(|entry| entry.address);
    for days in entries.chunk_by_mut(|a, b| a.address == b.address).filter(|days| days.len() > 1) {
        days.sort_unstable_by_key(|entry| entry.day);
    }
    entries.dedup_by(|later, kept| {
        let is_same = later.key() == kept.key();
        if is_same {
            kept.facts = kept.facts.and(later.facts);
        }
        is_same
    });
}
