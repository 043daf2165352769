//! The bytes of an input as they are stored: read in full buffers, counted, and cut at the length fixed when the input was listed.

use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How much of the inputs was taken, in bytes as they are stored, and whether to go on. Clones count into the same sum, so that all readers of a run share
/// one; it is advanced per block, never per line.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    taken: AtomicU64,
    is_interrupted: AtomicBool,
}

impl Progress {
    /// Bytes taken so far.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.0.taken.load(Ordering::Relaxed)
    }

    /// Begins to count anew: everything is read a second time.
    pub fn begin_again(&self) {
        self.0.taken.store(0, Ordering::Relaxed);
    }

    /// Asks all readers to stop: no more bytes come, and what came is not to be used.
    pub fn interrupt(&self) {
        self.0.is_interrupted.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.0.is_interrupted.load(Ordering::Relaxed)
    }

    /// Counts `bytes` more.
    fn advance(&self, bytes: u64) {
        self.0.taken.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// How many stored bytes are looked at together where they have to be decompressed.
const BUFFER_BYTES: usize = 64 << 10;

/// Why no more bytes come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The end as it was fixed, or the end of a pipe.
    End,
    /// The file ended before the length that it had.
    Shrank,
    /// The system's words.
    Failed(String),
}

/// Stored bytes, with a look ahead.
pub(crate) struct Input {
    source: Source,
    /// Bytes that were looked at; allocated by the first look.
    buffer: Vec<u8>,
    /// The part of `buffer` that was not consumed.
    start: usize,
    end: usize,
}

/// Where the bytes come from.
struct Source {
    from: Box<dyn Read + Send>,
    /// Bytes up to the fixed length. None: a pipe, read to its end.
    left: Option<u64>,
    /// Bytes that still count as progress: what a segment reads beyond its end counts for the next one.
    countable: u64,
    progress: Progress,
    stop: Option<Stop>,
}

impl Input {
    /// Reads `from` up to `left` bytes; of these, `countable` are told to `progress`.
    pub(crate) fn new(from: Box<dyn Read + Send>, left: Option<u64>, countable: u64, progress: Progress) -> Self {
        Self { source: Source { from, left, countable, progress, stop: None }, buffer: Vec::new(), start: 0, end: 0 }
    }

    /// Lets later bytes count into `progress`, and those that were taken already.
    pub(crate) fn count_into(&mut self, progress: &Progress) {
        progress.advance(self.source.progress.taken());
        self.source.progress = progress.clone();
    }

    /// The next bytes, at least `least` of them unless the input ends before. Consumes nothing.
    pub(crate) fn look(&mut self, least: usize) -> &[u8] {
        if self.end - self.start < least && self.source.stop.is_none() {
            if self.buffer.is_empty() {
                self.buffer = vec![0; BUFFER_BYTES];
            }
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            self.end += self.source.fill(self.buffer.get_mut(self.end..).unwrap_or_default());
        }
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Goes on by `bytes`, which were looked at.
    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }

    /// Fills `into` as far as the input goes, and says how far.
    pub(crate) fn fill(&mut self, into: &mut [u8]) -> usize {
        let seen = self.buffer.get(self.start..self.end).unwrap_or_default();
        let both = seen.len().min(into.len());
        let (head, rest) = into.split_at_mut(both);
        head.copy_from_slice(seen.get(..both).unwrap_or_default());
        self.consume(both);
        both + self.source.fill(rest)
    }

    /// Why no more bytes come; None while some may.
    pub(crate) fn stop(&self) -> Option<&Stop> {
        if self.start == self.end { self.source.stop.as_ref() } else { None }
    }
}

impl Source {
    /// Reads until `into` is full or no more bytes come: a pipe gives them in pieces, and what a reader sees must not depend on them.
    fn fill(&mut self, into: &mut [u8]) -> usize {
        let mut filled = 0;
        while self.stop.is_none() && filled < into.len() {
            if self.progress.is_interrupted() {
                self.stop = Some(Stop::End);
                break;
            }
            let wanted = self.left.map_or(into.len() - filled, |left| left.min((into.len() - filled) as u64) as usize);
            if wanted == 0 {
                self.stop = Some(Stop::End);
                break;
            }
            match self.from.read(into.get_mut(filled..filled + wanted).unwrap_or_default()) {
                Ok(0) => self.stop = Some(if self.left.is_some() { Stop::Shrank } else { Stop::End }),
                Ok(bytes) => filled += self.took(bytes),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.stop = Some(Stop::Failed(error.to_string())),
            }
        }
        filled
    }

    /// Counts `bytes` that were read.
    fn took(&mut self, bytes: usize) -> usize {
        self.left = self.left.map(|left| left.saturating_sub(bytes as u64));
        let counted = self.countable.min(bytes as u64);
        self.countable -= counted;
        self.progress.advance(counted);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a call, with interruptions, and an error at its end if asked.
    struct Drip(&'static [u8], bool, bool);

    impl Read for Drip {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            match (self.0.split_first(), into.first_mut()) {
                (Some((byte, rest)), Some(place)) => {
                    *place = *byte;
                    self.0 = rest;
                    Ok(1)
                }
                (None, _) if self.2 => Err(std::io::Error::other("the disk is gone")),
                _ => Ok(0),
            }
        }
    }

    fn input(bytes: &'static [u8], left: Option<u64>, fails: bool) -> (Input, Progress) {
        let progress = Progress::default();
        (Input::new(Box::new(Drip(bytes, false, fails)), left, 4, progress.clone()), progress)
    }

    #[test]
    fn a_look_takes_nothing_and_a_fill_goes_on_from_it() {
        let (mut input, progress) = input(b"abcdefgh", None, false);
        assert_eq!(input.look(3), b"abcdefgh");
        input.consume(2);
        let mut into = [0; 3];
        assert_eq!((input.fill(&mut into), &into), (3, b"cde"));
        let mut into = [0; 9];
        assert_eq!((input.fill(&mut into), into.get(..3)), (3, Some(&b"fgh"[..])));
        assert_eq!(input.stop(), Some(&Stop::End));
        assert_eq!(progress.taken(), 4, "what lies beyond the countable bytes is not told");
    }

    #[test]
    fn a_grown_file_ends_where_it_ended() {
        let (mut input, _) = input(b"abcdefgh", Some(5), false);
        let mut into = [0; 9];
        assert_eq!(input.fill(&mut into), 5);
        assert_eq!(input.stop(), Some(&Stop::End));
    }

    #[test]
    fn a_shrunken_file_and_a_failing_disk_are_told_apart() {
        let mut into = [0; 20];
        let (mut shrunken, _) = input(b"abc", Some(5), false);
        assert_eq!((shrunken.fill(&mut into), shrunken.stop()), (3, Some(&Stop::Shrank)));
        let (mut failing, _) = input(b"abc", Some(5), true);
        assert_eq!((failing.fill(&mut into), failing.stop()), (3, Some(&Stop::Failed("the disk is gone".into()))));
    }
}
