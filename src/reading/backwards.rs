//! Files whose records stand from the newest to the oldest, as searches, interfaces of services and `journalctl -r` give them.
//!
//! What a message's records mean depends on their order: read as they stand, its end would come before its attempts, and it would be lost
//! without a word. So such a file is told by the stamps of its head, kept in memory, and read from its end. Logs are written by several
//! processes, so that here and there a stamp goes back: only a head that falls nearly always is one.

use crate::event::Micros;
use crate::source::LINE_BYTES;

/// How often the stamps of a head must have fallen. A file of fewer records is left as it stands: they may be a piece of a log.
const FALLS: u32 = 4;

/// How many falls there must be for a rise.
const FALLS_FOR_A_RISE: u32 = 8;

/// So much of a file is kept. A longer one is turned piece by piece.
pub(super) const MOST_BYTES: usize = 256 << 20;

/// The steps from stamp to stamp in a head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    before: Option<Micros>,
    falls: u32,
    rises: u32,
}

impl Steps {
    /// Sees the next stamp.
    pub(super) fn see(&mut self, time: Micros) {
        if let Some(before) = self.before.replace(time) {
            self.falls += u32::from(time < before);
            self.rises += u32::from(time > before);
        }
    }

    /// Whether they nearly always fall.
    pub(super) fn fall(self) -> bool {
        self.falls >= FALLS && self.rises.saturating_mul(FALLS_FOR_A_RISE) <= self.falls
    }
}

/// The records of a file, kept until the last of them is known.
#[derive(Default)]
pub(super) struct Backwards {
    bytes: Vec<u8>,
    /// Where each begins in the file, and where it ends in `bytes`.
    records: Vec<(u64, usize)>,
    /// How often all that was kept was given.
    pieces: usize,
}

impl Backwards {
    /// Takes the next record.
    pub(super) fn push(&mut self, offset: u64, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.records.push((offset, self.bytes.len()));
    }

    /// Takes the last line, which has no end.
    pub(super) fn push_tail(&mut self, offset: u64, line: &[u8]) {
        self.push(offset, line.get(..LINE_BYTES).unwrap_or_else(|| line.strip_suffix(b"\r").unwrap_or(line)));
    }

    /// Whether no more fits.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() + self.records.len() * size_of::<(u64, usize)>() >= MOST_BYTES
    }

    /// Gives all that is kept, from the last to the first, and keeps it no more; says in how many pieces the file was given so far.
    pub(super) fn give(&mut self, mut each: impl FnMut(u64, &[u8])) -> usize {
        while let Some((offset, end)) = self.records.pop() {
            let begin = self.records.last().map_or(0, |&(_, end)| end);
            each(offset, self.bytes.get(begin..end).unwrap_or_default());
        }
        self.bytes.clear();
        self.pieces += 1;
        self.pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_falls_if_nearly_every_step_does() {
        let fall = |times: &[i64]| {
            let mut steps = Steps::default();
            times.iter().for_each(|&time| steps.see(Micros(time)));
            steps.fall()
        };
        assert!(fall(&[9, 8, 8, 7, 5, 1]));
        assert!(!fall(&[9, 8, 7, 5]), "too few");
        assert!(!fall(&[9, 8, 7, 5, 1, 2]), "a rise in five falls");
        assert!(!fall(&[1, 2, 3, 2, 4, 5]));
        assert!(!fall(&[]));
    }

    #[test]
    fn records_come_from_the_last_to_the_first() {
        let mut backwards = Backwards::default();
        for (offset, record) in [(0, &b"one"[..]), (4, b""), (5, b"two")] {
            backwards.push(offset, record);
        }
        backwards.push_tail(9, b"three\r");
        let mut seen = Vec::new();
        assert_eq!(backwards.give(|offset, record| seen.push((offset, record.to_vec()))), 1);
        assert_eq!(seen, [(9, b"three".to_vec()), (5, b"two".to_vec()), (4, vec![]), (0, b"one".to_vec())]);
        backwards.push(20, b"four");
        assert_eq!(backwards.give(|offset, record| assert_eq!((offset, record), (20, &b"four"[..]))), 2);
    }

    #[test]
    fn memory_is_bounded() {
        let (mut backwards, record) = (Backwards::default(), vec![b'x'; LINE_BYTES]);
        let mut kept = 0;
        while !backwards.is_full() {
            backwards.push(0, &record);
            kept += record.len();
        }
        assert!((MOST_BYTES - LINE_BYTES..=MOST_BYTES).contains(&kept), "{kept}");
        let mut backwards = Backwards::default();
        (0..MOST_BYTES / 16).for_each(|_| backwards.push(0, b""));
        assert!(backwards.is_full(), "records without a byte take memory too");
    }
}
