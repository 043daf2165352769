//! Sorted runs of records that are too many for memory: put away in temporary files, and merged in the end.
//!
//! Who collects records sorts what fits into memory and puts it away as a run. Runs of one size lie one behind the other in one file
//! without a name; when there are [`MERGED`] of them, they become one run of the next size. So neither the open files nor the memory of a
//! merge grow with the input: of runs of 16 MiB, 4 GiB lie in one file and a terabyte in two. Knows of a record its key alone.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Error, ErrorKind, Read, Result, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use crate::intern::Translation;

/// So many runs of one size are merged into one of the next: few enough for their buffers, which take 64 MiB then.
const MERGED: usize = 256;

/// How much of a run is read or written at once.
const BUFFER_BYTES: usize = 256 << 10;

/// What is sorted.
pub(super) trait Record: Sized {
    /// What it is sorted by.
    type Key: Copy + Ord;

    fn key(&self) -> Self::Key;

    fn write(&self, to: &mut impl Write) -> Result<()>;

    fn read(from: &mut impl Read) -> Result<Self>;

    /// The same in the numbers of another interner: these are no part of its key.
    fn translated(self, by: &Translation) -> Self;
}

/// The next bytes, as many as there have to be.
pub(super) fn bytes<const N: usize>(from: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Where a run is written to.
pub(super) type Writer<'a> = BufWriter<&'a File>;

/// Runs that were put away. A failure to do so is told when they are to come back.
pub(super) struct Runs<R> {
    /// By size, the smallest first.
    levels: Vec<Level>,
    merged: usize,
    failed: Option<Error>,
    records: PhantomData<R>,
}

impl<R: Record> Default for Runs<R> {
    fn default() -> Self {
        Self::merging(MERGED)
    }
}

impl<R: Record> Runs<R> {
    /// Merges so many runs into one, two at the least.
    pub(super) fn merging(runs: usize) -> Self {
        Self { levels: Vec::new(), merged: runs.max(2), failed: None, records: PhantomData }
    }

    /// How many runs there are.
    pub(super) fn len(&self) -> usize {
        self.levels.iter().map(|level| level.runs.len()).sum()
    }

    /// Puts a run away: `write` gives its records in order.
    pub(super) fn put(&mut self, mut write: impl FnMut(&mut Writer<'_>) -> Result<()>) {
        self.put_at(0, &mut write);
    }

    /// Takes over the runs of another part, which are in its own numbers.
    pub(super) fn absorb(&mut self, other: Self, by: &Translation) {
        self.failed = self.failed.take().or(other.failed);
        for (size, level) in other.levels.iter().enumerate() {
            for mut source in level.sources::<R>() {
                self.put_at(size, &mut |to| {
                    while let Some(record) = source.read()? {
                        record.translated(by).write(to)?;
                    }
                    Ok(())
                });
            }
        }
    }

    /// All records in order, with those that are still in `memory`, which are in order too.
    pub(super) fn merge(self, memory: impl Iterator<Item = R> + 'static) -> Result<Merge<R>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let put_away = self.levels.iter().flat_map(Level::sources);
        Merge::of(put_away.chain([Source { next: None, rest: Rest::Memory(Box::new(memory)) }]).collect())
    }

    fn put_at(&mut self, size: usize, write: &mut dyn FnMut(&mut Writer<'_>) -> Result<()>) {
        if self.failed.is_none() {
            self.failed = self.try_put_at(size, write).err();
        }
    }

    fn try_put_at(&mut self, size: usize, write: &mut dyn FnMut(&mut Writer<'_>) -> Result<()>) -> Result<()> {
        while self.levels.len() <= size {
            self.levels.push(Level::new()?);
        }
        let Some(level) = self.levels.get_mut(size) else { return Ok(()) };
        level.append(write)?;
        if level.runs.len() < self.merged {
            return Ok(());
        }
        let full = std::mem::replace(level, Level::new()?);
        let mut merge = Merge::<R>::of(full.sources().collect())?;
        self.try_put_at(size + 1, &mut |to| {
            while let Some(record) = merge.take()? {
                record.write(to)?;
            }
            Ok(())
        })
    }
}

/// Runs of one size, in one file.
struct Level {
    file: Arc<File>,
    /// The bytes of each.
    runs: Vec<Range<u64>>,
}

impl Level {
    fn new() -> Result<Self> {
        Ok(Self { file: Arc::new(tempfile::tempfile()?), runs: Vec::new() })
    }

    fn append(&mut self, write: &mut dyn FnMut(&mut Writer<'_>) -> Result<()>) -> Result<()> {
        let mut file = &*self.file;
        let start = file.seek(SeekFrom::End(0))?;
        let mut to = BufWriter::with_capacity(BUFFER_BYTES, file);
        write(&mut to)?;
        to.flush()?;
        self.runs.push(start..file.stream_position()?);
        Ok(())
    }

    fn sources<R>(&self) -> impl Iterator<Item = Source<R>> {
        self.runs.iter().map(|run| {
            let run = Stored { file: Arc::clone(&self.file), left: run.clone() };
            Source { next: None, rest: Rest::Stored(BufReader::with_capacity(BUFFER_BYTES, run)) }
        })
    }
}

/// A run in a file that others are read from by turns.
struct Stored {
    file: Arc<File>,
    /// Bytes that were not read.
    left: Range<u64>,
}

impl Read for Stored {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX).min(into.len());
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.left.start))?;
        let bytes = file.read(into.get_mut(..most).unwrap_or_default())?;
        if bytes == 0 && most > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left.start += bytes as u64;
        Ok(bytes)
    }
}

/// Records in order.
struct Source<R> {
    next: Option<R>,
    rest: Rest<R>,
}

/// Those behind the next.
enum Rest<R> {
    Memory(Box<dyn Iterator<Item = R>>),
    Stored(BufReader<Stored>),
}

impl<R: Record> Source<R> {
    /// Takes the first of the rest.
    fn read(&mut self) -> Result<Option<R>> {
        match &mut self.rest {
            Rest::Memory(records) => Ok(records.next()),
            Rest::Stored(from) => Ok(if from.fill_buf()?.is_empty() { None } else { Some(R::read(from)?) }),
        }
    }
}

/// The records of several sources in order.
pub(super) struct Merge<R: Record> {
    sources: Vec<Source<R>>,
    /// The key of the next record of each source that has one.
    heap: BinaryHeap<Reverse<(R::Key, usize)>>,
}

impl<R: Record> Merge<R> {
    fn of(mut sources: Vec<Source<R>>) -> Result<Self> {
        let mut heap = BinaryHeap::with_capacity(sources.len());
        for (index, source) in sources.iter_mut().enumerate() {
            source.next = source.read()?;
            heap.extend(source.next.as_ref().map(|next| Reverse((next.key(), index))));
        }
        Ok(Self { sources, heap })
    }

    /// The key of the next record; None at the end.
    pub(super) fn peek(&self) -> Option<R::Key> {
        self.heap.peek().map(|&Reverse((key, _))| key)
    }

    /// The next record; None at the end.
    pub(super) fn take(&mut self) -> Result<Option<R>> {
        let Some(mut least) = self.heap.peek_mut() else { return Ok(None) };
        let Reverse((_, index)) = *least;
        let Some(source) = self.sources.get_mut(index) else { return Ok(None) };
        let next = source.read()?;
        match &next {
            // Sifts once, where taking out and putting in would sift twice.
            Some(next) => *least = Reverse((next.key(), index)),
            None => drop(PeekMut::pop(least)),
        }
        Ok(std::mem::replace(&mut source.next, next))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::intern::{Id, Interner};

    /// A key, and a number that is translated.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    struct Pair(u16, Id);

    impl Record for Pair {
        type Key = u16;

        fn key(&self) -> u16 {
            self.0
        }

        fn write(&self, to: &mut impl Write) -> Result<()> {
            to.write_all(&self.0.to_le_bytes())?;
            to.write_all(&self.1.0.to_le_bytes())
        }

        fn read(from: &mut impl Read) -> Result<Self> {
            Ok(Self(u16::from_le_bytes(bytes(from)?), Id(u32::from_le_bytes(bytes(from)?))))
        }

        fn translated(self, by: &Translation) -> Self {
            Self(self.0, by.of(self.1))
        }
    }

    fn put(runs: &mut Runs<Pair>, mut pairs: Vec<Pair>) {
        pairs.sort_unstable();
        runs.put(|to| pairs.iter().try_for_each(|pair| pair.write(to)));
    }

    fn all(runs: Runs<Pair>, mut memory: Vec<Pair>) -> Vec<Pair> {
        memory.sort_unstable();
        let (mut merge, mut all) = (runs.merge(memory.into_iter()).unwrap(), Vec::new());
        while let Some(key) = merge.peek() {
            all.extend(merge.take().unwrap().inspect(|pair| assert_eq!(pair.key(), key)));
        }
        all
    }

    fn some_runs() -> impl Strategy<Value = Vec<Vec<Pair>>> {
        let pair = (0_u16..40, 0_u32..5).prop_map(|(key, id)| Pair(key, Id(id)));
        prop::collection::vec(prop::collection::vec(pair, 0..9), 0..20)
    }

    proptest! {
        #[test]
        fn what_was_put_away_comes_back_as_if_it_had_been_sorted_at_once(
            ours in some_runs(), theirs in some_runs(), merged in 2_usize..5,
        ) {
            let (mut our_texts, mut their_texts) = (Interner::default(), Interner::default());
            our_texts.intern(b"one more");
            for text in [b"a", b"b", b"c", b"d"] {
                their_texts.intern(text);
            }
            let by = our_texts.absorb(&their_texts);
            let (mut runs, mut other) = (Runs::merging(merged), Runs::merging(merged));
            ours.iter().for_each(|run| put(&mut runs, run.clone()));
            theirs.iter().for_each(|run| put(&mut other, run.clone()));
            runs.absorb(other, &by);
            prop_assert!(runs.levels.iter().all(|level| level.runs.len() < merged));
            let memory = ours.first().cloned().unwrap_or_default();
            let translated = theirs.iter().flatten().map(|pair| pair.translated(&by));
            let mut expected: Vec<Pair> = ours.iter().flatten().chain(&memory).copied().chain(translated).collect();
            expected.sort_unstable();
            let mut all = all(runs, memory);
            prop_assert!(all.is_sorted_by_key(Pair::key));
            all.sort_unstable();
            prop_assert_eq!(all, expected);
        }
    }

    #[test]
    fn thousands_of_runs_take_few_files() {
        let mut runs = Runs::default();
        let count = u16::try_from(MERGED * 12 + 7).unwrap();
        (0..count).rev().for_each(|key| put(&mut runs, vec![Pair(key, Id(1))]));
        assert_eq!((runs.levels.len(), runs.len()), (2, 12 + 7));
        assert!(all(runs, Vec::new()).iter().map(Pair::key).eq(0..count));
    }

    #[test]
    fn a_failure_to_put_away_is_told_in_the_end() {
        let mut runs = Runs::<Pair>::default();
        runs.put(|_| Err(Error::other("the disk is full")));
        put(&mut runs, vec![Pair(1, Id(1))]);
        let mut whole = Runs::default();
        whole.absorb(runs, &Interner::default().identity());
        assert_eq!(whole.merge(std::iter::empty()).err().unwrap().to_string(), "the disk is full");
    }
}
