//! What of a life may lie to the left of its stretch.

use super::life::Ticket;

/// A place among the notes of a life where those are missing that only the records to the left tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// How many notes stand before it.
    pub(super) at: usize,
    pub(super) missing: Missing,
    /// Another message goes on from this part: not all of it goes over, but what it is, and its recipients by number.
    pub(super) is_context: bool,
}

/// What is missing in a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Records that came right before the beginning of this life.
    Head,
    /// Records that came right before the beginning of the message of this identity, which this one goes on from.
    HeadOf(u64),
    /// The message that this one goes on from.
    Previous(Ticket),
}

/// What of a life may lie to the left of its stretch.
#[derive(Debug, Default)]
pub(super) struct Lacks {
    /// In the order of the notes.
    gaps: Vec<Gap>,
    /// Connections of this many attempts.
    pub(super) channels: u32,
}

impl Lacks {
    pub(super) const fn anything(&self) -> bool {
        !self.gaps.is_empty() || self.channels > 0
    }

    /// The gap of this number.
    pub(super) fn gap(&self, number: usize) -> Option<Gap> {
        self.gaps.get(number).copied()
    }

    /// Something is missing ahead of all notes.
    pub(super) fn ahead(&mut self, missing: Missing) {
        self.gaps.insert(0, Gap { at: 0, missing, is_context: false });
    }

    /// The gap of this number is none.
    pub(super) fn close(&mut self, number: usize) {
        self.gaps.remove(number);
    }

    /// `notes` were put in after `at` others, ahead of the gap of this number: with the gaps that those had.
    pub(super) fn insert(&mut self, number: usize, at: usize, notes: usize, other: &Self) {
        for gap in self.gaps.iter_mut().skip(number) {
            gap.at += notes;
        }
        let others = other.gaps.iter().map(|gap| Gap { at: at + gap.at, ..*gap });
        self.gaps.splice(number..number, others);
    }

    /// How many gaps there are.
    pub(super) const fn gaps(&self) -> usize {
        self.gaps.len()
    }

    /// The gaps of a message of which another has the context alone; `place` tells how many notes of it stand before so many of all.
    pub(super) fn context(&self, place: impl Fn(usize) -> usize) -> Self {
        let gaps = self.gaps.iter().map(|gap| Gap { at: place(gap.at), is_context: true, ..*gap });
        Self { gaps: gaps.collect(), channels: 0 }
    }

    /// Those of the message of this identity are another's now.
    pub(super) fn leave(&mut self, identity: u64) {
        for gap in self.gaps.iter_mut().filter(|gap| gap.missing == Missing::Head) {
            gap.missing = Missing::HeadOf(identity);
        }
    }
}
