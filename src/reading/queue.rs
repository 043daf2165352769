//! What the threads of a run ask for: the units of all files, in order.

use std::sync::{Mutex, PoisonError};

use super::told::Told;
use crate::event::Framing;
use crate::source::{Decompress, Progress, Range, Stretch, Stretches};

/// A file that can only be read from its beginning is shared by the threads if it is more than one part in so many of all that is read:
/// one thread alone would still be at it when the others are done. Whole files are faster, since no stretch of them has to wait in
/// memory.
const SHARED: u64 = 6;

/// A part of a file that is read alone.
pub(super) struct Unit {
    /// Rank of the file.
    pub(super) rank: usize,
    pub(super) part: Part,
}

/// Which part.
pub(super) enum Part {
    /// A range, and whether it is decompressed on a thread of its own.
    Range(Range, Decompress),
    /// What was decompressed already.
    Stretch(Stretch),
}

impl Unit {
    /// The byte of the content with which it begins.
    pub(super) fn start(&self) -> u64 {
        match self.part {
            Part::Range(Range::Whole, _) => 0,
            Part::Range(Range::Segment { start, .. }, _) | Part::Stretch(Stretch { start, .. }) => start,
        }
    }
}

/// How the units of a file come about.
#[derive(Clone, Copy)]
enum Plan {
    Range(Range, Decompress),
    /// By whoever asks for the next.
    Stretches,
}

/// The units of all files that are read, in order.
pub(super) struct Queue<'a> {
    files: &'a [Told],
    plans: std::vec::IntoIter<(usize, Plan)>,
    /// The file of which stretches are taken now.
    open: Option<(usize, Stretches)>,
    most_bytes: usize,
    progress: &'a Progress,
    spare: &'a Spare,
    /// Rank and first byte of each unit that was asked for.
    asked: Vec<(usize, u64)>,
}

impl<'a> Queue<'a> {
    /// The units of `files`, cut at `segment_bytes` of content, for so many threads. Where files are cut does not depend on these.
    pub(super) fn new(
        files: &'a [Told],
        (threads, segment_bytes): (usize, u64),
        progress: &'a Progress,
        spare: &'a Spare,
    ) -> Self {
        let read = || files.iter().enumerate().filter(|(_, told)| told.is_read());
        let all: u64 = read().filter_map(|(_, told)| told.file.bytes_on_disk).sum();
        let is_large = |told: &Told| told.file.bytes_on_disk.is_none_or(|bytes| bytes.saturating_mul(SHARED) > all);
        let mut plans = Vec::new();
        for (rank, told) in read() {
            // Only lines can be entered in mid-file.
            let is_entered = told.framing == Framing::Lines && !told.is_backwards;
            if is_entered && !told.file.is_seekable() && is_large(told) {
                plans.push((rank, Plan::Stretches));
                continue;
            }
            let ranges = if is_entered { told.file.ranges(segment_bytes) } else { vec![Range::Whole] };
            plans.extend(ranges.into_iter().map(|range| (rank, Plan::Range(range, Decompress::Here))));
        }
        if plans.len() < threads {
            for (_, plan) in &mut plans {
                if let Plan::Range(_, decompress) = plan {
                    *decompress = Decompress::Ahead;
                }
            }
        }
        let most_bytes = usize::try_from(segment_bytes).unwrap_or(usize::MAX);
        Self { files, plans: plans.into_iter(), open: None, most_bytes, progress, spare, asked: Vec::new() }
    }

    /// How many threads have something to do.
    pub(super) fn threads(&self, threads: usize) -> usize {
        let is_shared = self.plans.as_slice().iter().any(|(_, plan)| matches!(plan, Plan::Stretches));
        if is_shared { threads } else { threads.min(self.plans.len()) }
    }

    /// The next unit. None: there is none, or somebody interrupted the run.
    pub(super) fn next(&mut self) -> Option<Unit> {
        if self.progress.is_interrupted() {
            return None;
        }
        let unit = self.make()?;
        self.asked.push((unit.rank, unit.start()));
        Some(unit)
    }

    fn make(&mut self) -> Option<Unit> {
        if let Some((rank, stretches)) = &mut self.open {
            if let Some(stretch) = stretches.next(self.spare.take()) {
                return Some(Unit { rank: *rank, part: Part::Stretch(stretch) });
            }
            self.open = None;
        }
        let (rank, plan) = self.plans.next()?;
        let part = match plan {
            Plan::Range(range, decompress) => Part::Range(range, decompress),
            Plan::Stretches => match self.files.get(rank)?.file.stretches(self.most_bytes, self.progress) {
                Ok(stretches) => {
                    self.open = Some((rank, stretches));
                    return self.make();
                }
                Err(damage) => Part::Stretch(Stretch::failed(damage)),
            },
        };
        Some(Unit { rank, part })
    }

    /// The file of a unit that was asked for, by its number, and the byte with which the unit begins.
    pub(super) fn place(&self, number: usize) -> (String, u64) {
        let Some(&(rank, start)) = self.asked.get(number) else { return (String::new(), 0) };
        (self.files.get(rank).map(|told| told.file.name.clone()).unwrap_or_default(), start)
    }
}

/// The memory of stretches that are done with, for the next.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}
