//! `last message repeated N times`: counts for the attempt that the record right before it told.

use super::fragment::Fragment;
use crate::event::{Head, Pos};

/// Where the attempt of a record is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In the life of this identity, as its last.
    Life(u64),
    /// In the log, as its last.
    Log,
}

/// What a repetition needs: the attempt that the record just before it told.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// The last attempt, and where the record after its own begins.
    pub(super) last: Option<(Place, Pos)>,
    /// A repetition at the very start of the stretch, whose record is in the one before.
    pub(super) first: Option<(Pos, u32)>,
}

impl Repeats {
    /// An attempt was kept.
    pub(super) fn tried(&mut self, place: Place, head: &Head<'_>) {
        let end = Pos { offset: head.pos.offset + head.record.len() as u64 + 1, ..head.pos };
        self.last = Some((place, end));
    }

    /// The last attempt was put somewhere else; the record after its own begins where it did.
    pub(super) fn place(&mut self, place: Place) {
        self.last = Some((place, self.last.map(|(_, end)| end).unwrap_or_default()));
    }
}

impl Fragment {
    pub(super) fn repeat(&mut self, at: Pos, times: u32) {
        self.noted.repeated += u64::from(times);
        match self.repeats.last {
            Some((place, end)) if is_next(end, at) => self.again(place, times),
            _ if self.repeats.first.is_none() => self.repeats.first = Some((at, times)),
            _ => {}
        }
    }

    /// Joins a repetition at the start of the stretch that comes next to its record.
    pub(super) fn repeat_across(&mut self, first: Option<(Pos, u32)>) {
        if let (Some((place, end)), Some((at, times))) = (self.repeats.last, first)
            && is_next(end, at)
        {
            self.again(place, times);
        }
    }

    fn again(&mut self, place: Place, times: u32) {
        let tried = match place {
            Place::Life(identity) => {
                let place = self.lives.find_any(identity);
                place.and_then(|place| self.lives.get_mut(place)).and_then(|named| named.life.tale.tries.last_mut())
            }
            Place::Log => self.log.tale.tries.last_mut(),
        };
        if let Some(tried) = tried {
            tried.times = tried.times.saturating_add(times);
        }
    }
}

/// Whether a record at `at` is the one that follows a record that ended before `end`; a line end may be CR LF.
fn is_next(end: Pos, at: Pos) -> bool {
    end.file == at.file && (at.offset == end.offset || at.offset == end.offset + 1)
}
