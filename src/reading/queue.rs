//! What the threads of a run ask for: the units of all files, in order.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::run::Sharing;
use super::told::ToldFile;
use super::track::{Plan, Track};
use crate::event::Framing;
use crate::source::{Decompress, Lengths, Progress, Range, Stretch};

/// The last of all bytes, 1 in `SHARED`, are read in short segments: one thread alone would still be at a long one when the others are done.
/// So is a file that cannot be entered in mid-file shared by the threads if it holds more than this fraction of all bytes, or is among the
/// last ones that hold no more than that together. All else is read whole, which is faster: no stretch of it waits in memory.
const SHARED: u64 = 6;

/// The longest stretch of a file in a lane: by so much of the one it may be ahead of the others.
const LANE_BYTES: usize = 8 << 20;

/// A part of a file that is read alone.
pub(super) struct Unit {
    /// Rank of the file.
    pub(super) rank: usize,
    pub(super) part: Part,
    /// Whether the file ends with it.
    pub(super) is_last: bool,
}

/// Which part.
pub(super) enum Part {
    /// A range, and whether it is decompressed on a thread of its own.
    Range(Range, Decompress),
    /// What was decompressed already.
    Stretch(Stretch),
}

impl Unit {
    /// How much it is, among units that wait to be folded: what a stretch tells is less than what a file may tell.
    pub(super) fn weight(&self) -> usize {
        match self.part {
            Part::Range(..) => 2,
            Part::Stretch(_) => 1,
        }
    }

    /// The byte of the content with which it begins.
    pub(super) fn start(&self) -> u64 {
        match self.part {
            Part::Range(Range::Whole, _) => 0,
            Part::Range(Range::Segment { start, .. }, _) | Part::Stretch(Stretch { start, .. }) => start,
        }
    }
}

/// The units of all files that are read, in order.
///
/// Files of one track follow each other. Of several tracks the one that is least far in time goes on: what lanes tell of one time is read at
/// one time, however large their files are, and little of it has to wait for the others.
pub(super) struct Queue<'a> {
    files: &'a [ToldFile],
    /// That of the files in no lane, then one for each lane.
    tracks: Vec<Track>,
    progress: &'a Progress,
    spare: &'a Spare,
    /// Rank and first byte of each unit that was asked for.
    asked: Vec<(usize, u64)>,
}

impl<'a> Queue<'a> {
    /// The units of `files`. Where these are cut does not depend on the number of threads.
    pub(super) fn new(files: &'a [ToldFile], sharing: Sharing, progress: &'a Progress, spare: &'a Spare) -> Self {
        let Sharing { threads, segment_bytes } = sharing;
        let read = || files.iter().enumerate().filter(|(_, told)| told.is_read());
        let all: u64 = read().filter_map(|(_, told)| told.file.bytes_on_disk).sum();
        let mut before = 0_u64;
        let most_bytes = usize::try_from(segment_bytes).unwrap_or(usize::MAX);
        let lanes = read().filter_map(|(_, told)| told.lane).max().map_or(0, |lane| lane + 1);
        let mut plans = vec![VecDeque::new(); 1 + lanes];
        for (rank, told) in read() {
            let bytes = told.file.bytes_on_disk;
            let is_large = bytes.is_none_or(|bytes| bytes.saturating_mul(SHARED) > all);
            let is_shared = is_large || (all - before).saturating_mul(SHARED) <= all;
            let short_from = (all - all / SHARED).saturating_sub(before);
            before += bytes.unwrap_or(0);
            let Some(own) = plans.get_mut(told.lane.map_or(0, |lane| lane + 1)) else { continue };
            // Only lines can be entered in mid-file.
            let is_entered = told.framing == Framing::Lines && !told.is_backwards;
            if is_entered && told.lane.is_some() {
                own.push_back((rank, Plan::Stretches(Lengths::growing(most_bytes.min(LANE_BYTES)))));
            } else if is_entered && !told.file.is_seekable() && is_shared {
                // Behind other files the first stretch is as long as any: a thread must not run so far ahead of them that it waits.
                let lengths = if own.is_empty() { Lengths::growing(most_bytes) } else { Lengths::even(most_bytes) };
                own.push_back((rank, Plan::Stretches(lengths)));
            } else {
                let ranges = if is_entered { told.file.ranges(segment_bytes, short_from) } else { vec![Range::Whole] };
                own.extend(ranges.into_iter().map(|range| (rank, Plan::Range(range, Decompress::Here))));
            }
        }
        let mut tracks: Vec<Track> = plans.into_iter().map(Track::new).collect();
        if tracks.iter().flat_map(Track::plans).count() < threads {
            for plan in tracks.iter_mut().flat_map(Track::plans_mut) {
                if let Plan::Range(_, decompress) = plan {
                    *decompress = Decompress::Ahead;
                }
            }
        }
        Self { files, tracks, progress, spare, asked: Vec::new() }
    }

    /// How many threads have something to do.
    pub(super) fn threads(&self, threads: usize) -> usize {
        let plans = || self.tracks.iter().flat_map(Track::plans);
        let is_shared = plans().any(|plan| matches!(plan, Plan::Stretches(_)));
        if is_shared { threads } else { threads.min(plans().count()) }
    }

    /// The next unit. None: there is none, or somebody interrupted the run.
    pub(super) fn next(&mut self) -> Option<Unit> {
        if self.progress.is_interrupted() {
            return None;
        }
        let files = self.files;
        let waiting = self.tracks.iter_mut().filter_map(|track| Some((track.next_at(files)?, track)));
        let (_, track) = waiting.min_by_key(|(at, _)| *at)?;
        let unit = track.next(files, self.progress, self.spare)?;
        self.asked.push((unit.rank, unit.start()));
        Some(unit)
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
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give(&self, buffer: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}
