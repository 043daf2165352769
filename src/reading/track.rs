//! Files that are read one after the other: those of one lane, or all that are in none.

use std::collections::VecDeque;

use super::queue::{Part, Spare, Unit};
use super::told::Told;
use crate::event::Micros;
use crate::format::Reader;
use crate::source::{Decompress, Lengths, Progress, Range, Stretch, Stretches};

/// Of how many lines at the end of a stretch one must have a stamp, so that it is known up to when it tells.
const LAST_LINES: usize = 64;

/// How the units of a file come about.
#[derive(Clone, Copy)]
pub(super) enum Plan {
    /// As one range of its content.
    Range(Range, Decompress),
    /// As stretches of such lengths, by whoever asks for the next.
    Stretches(Lengths),
}

/// Files that are read one after the other, and how far they were.
pub(super) struct Track {
    /// By rank of their file.
    plans: VecDeque<(usize, Plan)>,
    open: Option<Open>,
    /// What comes next was not written before this.
    clock: Micros,
}

/// A file of which stretches are taken.
struct Open {
    rank: usize,
    stretches: Stretches,
    reader: Option<Box<dyn Reader>>,
}

impl Track {
    pub(super) fn new(plans: VecDeque<(usize, Plan)>) -> Self {
        Self { plans, open: None, clock: Micros(i64::MIN) }
    }

    pub(super) fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().map(|(_, plan)| plan)
    }

    pub(super) fn plans_mut(&mut self) -> impl Iterator<Item = &mut Plan> {
        self.plans.iter_mut().map(|(_, plan)| plan)
    }

    /// When what comes next was written, as far as that is known, and of which file it is. None: nothing comes.
    pub(super) fn next_at(&self, files: &[Told]) -> Option<(Micros, usize)> {
        if let Some(open) = &self.open {
            return Some((self.clock, open.rank));
        }
        let &(rank, _) = self.plans.front()?;
        let first = files.get(rank).and_then(Told::first);
        Some((first.map_or(self.clock, |first| first.max(self.clock)), rank))
    }

    /// The next unit.
    pub(super) fn next(&mut self, files: &[Told], progress: &Progress, spare: &Spare) -> Option<Unit> {
        if self.open.is_none() {
            (self.clock, _) = self.next_at(files)?;
            let (rank, plan) = self.plans.pop_front()?;
            let told = files.get(rank)?;
            let lengths = match plan {
                Plan::Range(range, decompress) => {
                    let is_last = self.plans.front().is_none_or(|&(next, _)| next != rank);
                    return Some(Unit { rank, part: Part::Range(range, decompress), is_last });
                }
                Plan::Stretches(lengths) => lengths,
            };
            match told.file.stretches(lengths, progress) {
                Ok(stretches) => self.open = Some(Open { rank, stretches, reader: told.reader() }),
                Err(damage) => return Some(Unit { rank, part: Part::Stretch(Stretch::failed(damage)), is_last: true }),
            }
        }
        let open = self.open.as_mut()?;
        let stretch = open.stretches.next(spare.take())?;
        let (rank, is_last) = (open.rank, open.stretches.is_over());
        if is_last {
            self.open = None;
        } else if let Some(time) = open.reader.as_mut().and_then(|reader| last_stamp(&stretch, &mut **reader)) {
            self.clock = self.clock.max(time);
        }
        Some(Unit { rank, part: Part::Stretch(stretch), is_last })
    }
}

/// The stamp of the last whole line that has one.
fn last_stamp(stretch: &Stretch, reader: &mut dyn Reader) -> Option<Micros> {
    let mut lines = stretch.lines_from_the_end().take(LAST_LINES);
    lines.find_map(|line| reader.opening(line)).map(|opening| opening.time)
}
