//! Sorted runs of entries: put together, put away in temporary files, and merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::{Facts, LedgerError};
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

impl Entry {
    const BYTES: usize = 16;

    pub(super) const fn place(&self) -> (u64, u16) {
        (self.address, self.day)
    }

    pub(super) fn bytes(self) -> [u8; Self::BYTES] {
        let whole = u128::from(self.address)
            | u128::from(self.domain.0) << 64
            | u128::from(self.day) << 96
            | u128::from(self.facts.0) << 112;
        whole.to_le_bytes()
    }

    pub(super) fn of(bytes: [u8; Self::BYTES]) -> Self {
        let whole = u128::from_le_bytes(bytes);
        Self {
            address: whole as u64,
            domain: Id((whole >> 64) as u32),
            day: (whole >> 96) as u16,
            facts: Facts((whole >> 112) as u16),
        }
    }
}

/// A sorted run of entries, each address and day once, in a temporary file.
pub(super) struct Run {
    pub(super) file: File,
    /// The domains of its entries are numbers of the interner that it was written under; None: of ours.
    pub(super) by: Option<Translation>,
}

/// Sorts entries and puts those of one address and day together.
pub(super) fn tidy(entries: &mut Vec<Entry>) {
    // By one number first, which is compared in one step: few addresses are met on several days.
    entries.sort_unstable_by_key(|entry| entry.address);
    for days in entries.chunk_by_mut(|a, b| a.address == b.address).filter(|days| days.len() > 1) {
        days.sort_unstable_by_key(|entry| entry.day);
    }
    entries.dedup_by(|later, kept| {
        let is_same = later.place() == kept.place();
        if is_same {
            kept.facts = kept.facts.and(later.facts);
        }
        is_same
    });
}

/// The entries in a temporary file, at its beginning.
pub(super) fn written(entries: &[Entry]) -> std::io::Result<File> {
    let mut to = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
    for entry in entries {
        to.write_all(&entry.bytes())?;
    }
    let mut file = to.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// Entries in order.
pub(super) enum Source {
    Memory(std::vec::IntoIter<Entry>),
    File(BufReader<File>, u64, Option<Translation>),
}

impl Source {
    pub(super) fn spilled(run: Run) -> std::io::Result<Self> {
        let left = run.file.metadata()?.len() / Entry::BYTES as u64;
        Ok(Self::File(BufReader::with_capacity(1 << 18, run.file), left, run.by))
    }

    fn next(&mut self) -> std::io::Result<Option<Entry>> {
        match self {
            Self::Memory(entries) => Ok(entries.next()),
            Self::File(_, 0, _) => Ok(None),
            Self::File(from, left, by) => {
                let mut bytes = [0; Entry::BYTES];
                from.read_exact(&mut bytes)?;
                *left -= 1;
                let entry = Entry::of(bytes);
                Ok(Some(Entry { domain: by.as_ref().map_or(entry.domain, |by| by.of(entry.domain)), ..entry }))
            }
        }
    }
}

/// Gives all entries in order of address and day.
pub(super) fn merge(
    mut sources: Vec<Source>,
    mut take: impl FnMut(Entry) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let mut heads: Vec<Option<Entry>> = Vec::with_capacity(sources.len());
    let mut heap = BinaryHeap::new();
    for (index, source) in sources.iter_mut().enumerate() {
        let head = source.next()?;
        heap.extend(head.map(|entry| Reverse((entry.place(), index))));
        heads.push(head);
    }
    while let Some(mut first) = heap.peek_mut() {
        let Reverse((_, index)) = *first;
        if let Some(entry) = heads.get_mut(index).and_then(Option::take) {
            take(entry)?;
        }
        match sources.get_mut(index).map_or(Ok(None), Source::next)? {
            Some(next) => {
                *first = Reverse((next.place(), index));
                if let Some(head) = heads.get_mut(index) {
                    *head = Some(next);
                }
            }
            None => {
                PeekMut::pop(first);
            }
        }
    }
    Ok(())
}
