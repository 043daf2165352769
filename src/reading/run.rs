//! Reads all files: units on several threads, parts in order, joined lines between them.

use super::backwards::{Backwards, MOST_BYTES};
use super::list::Listed;
use super::order::{Panicked, in_order};
use super::queue::{Part, Queue, Spare, Unit};
use super::seam::Seams;
use super::told::ToldFile;
use super::year::{Watch, YearFrom};
use crate::event::{Framing, Micros, Pos};
use crate::format::Reader;
use crate::source::{Damage, Ended, LINE_BYTES, Mishap, Progress, Severity, settled};

/// Of how many records one is looked at, to see whether stamps go back by years.
const WATCHED: u32 = 256;

/// Why a run ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// It was asked to.
    #[error("interrupted")]
    Interrupted,
    /// A mistake of this program.
    #[error(
        "{file}: this program made a mistake in what begins at byte {offset} ({words}); nothing is written. Please report it."
    )]
    Mistake {
        /// The file that was read.
        file: String,
        /// Where the part begins that it was about.
        offset: u64,
        /// What it said.
        words: String,
    },
}

/// How the reading is shared out.
#[derive(Clone, Copy, Debug)]
pub struct Sharing {
    /// How many threads read.
    pub threads: usize,
    /// Files that can be entered anywhere are cut into segments of so many bytes. Changes no figure.
    pub segment_bytes: u64,
}

/// What reading came to.
pub struct Read<S> {
    /// What the parts were folded into.
    pub state: S,
    /// What happened to each file, by rank.
    pub files: Vec<FileRead>,
}

/// What reading one file came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRead {
    /// Bytes of decompressed content.
    pub bytes: u64,
    /// What happened on the way, by place.
    pub damage: Vec<Damage>,
}

/// The records of a unit of a file, or one line that was joined.
pub struct Records<'a> {
    told: &'a ToldFile,
    rank: usize,
    from: From<'a>,
    is_last: bool,
    ended: Ended,
    watch: Watch,
}

/// Where records come from.
enum From<'a> {
    /// A part of the file.
    Unit(&'a Part, &'a Progress),
    /// A line that begins at this byte of the file.
    Line(u64, &'a [u8]),
}

impl Records<'_> {
    /// The file that they are of.
    #[must_use]
    pub fn told(&self) -> &ToldFile {
        self.told
    }

    /// Whether no more comes of the file, once they were given.
    #[must_use]
    pub fn ends_file(&self) -> bool {
        self.is_last && self.ended.tail.is_none()
    }

    /// Gives each record in order, with a reader for it and its place.
    pub fn each(&mut self, mut each: impl FnMut(&mut dyn Reader, Pos, &[u8])) {
        let Some(mut reader) = self.told.reader() else { return };
        let file = self.rank as u32;
        let (part, progress) = match self.from {
            From::Line(offset, line) => {
                let line = line.get(..LINE_BYTES).unwrap_or_else(|| line.strip_suffix(b"\r").unwrap_or(line));
                return each(&mut *reader, Pos { file, offset }, line);
            }
            From::Unit(part, progress) => (part, progress),
        };
        // The first line of a file that goes on where another ends is not its own.
        let own = u64::from(self.told.begins.lead.is_some());
        let watch = &mut self.watch;
        let mut unwatched = if self.told.year.is_some() { 0 } else { u32::MAX };
        let mut read = |offset, record: &[u8]| {
            if offset < own {
                return;
            }
            if unwatched == 0 {
                unwatched = WATCHED;
                if let Some(opening) = reader.opening(record) {
                    watch.see(opening.time);
                }
            }
            unwatched -= 1;
            each(&mut *reader, Pos { file, offset }, without_hole(record));
        };
        if self.told.is_backwards {
            self.ended = each_backwards(self.told, part, progress, read);
            return;
        }
        self.ended = each_of(self.told, part, progress, &mut read);
        self.ended.tail = self.ended.tail.take().filter(|&(offset, _)| offset >= own);
    }
}

/// Gives each record of a part.
fn each_of(told: &ToldFile, part: &Part, progress: &Progress, read: impl FnMut(u64, &[u8])) -> Ended {
    match *part {
        Part::Stretch(ref stretch) => stretch.each_line(read),
        Part::Range(range, decompress) => match told.file.open(range, decompress, progress) {
            Ok(opened) => opened.each_record(told.framing, read),
            Err(damage) => Ended { damage: vec![damage], ..Ended::default() },
        },
    }
}

/// Gives each record of a file that stands from the newest to the oldest, the oldest first.
fn each_backwards(told: &ToldFile, part: &Part, progress: &Progress, mut read: impl FnMut(u64, &[u8])) -> Ended {
    let mut backwards = Backwards::default();
    let mut ended = each_of(told, part, progress, |offset, record| {
        if backwards.is_full() {
            backwards.give(&mut read);
        }
        backwards.push(offset, record);
    });
    if let Some((offset, line)) = ended.tail.take() {
        backwards.push_tail(offset, &line);
    }
    if backwards.give(read) > 1 {
        ended.damage.push(Damage { path: told.file.name.clone(), what: Mishap::NewestFirstInPieces(MOST_BYTES >> 20) });
    }
    ended
}

/// A record without the zero bytes before it: what a file system leaves where a machine went down while it wrote.
fn without_hole(record: &[u8]) -> &[u8] {
    if record.first() != Some(&0) {
        return record;
    }
    let hole = record.iter().take_while(|&&byte| byte == 0).count();
    record.get(hole..).unwrap_or_default()
}

impl Listed {
    /// Reads all files. `work` makes a part of the records of a unit, on any thread; `fold` takes the parts in order into what `begin`
    /// made for the files, with the rank of their file. Units are cut at `segment_bytes` of content, so that parts do not depend on `threads`.
    ///
    /// Should the lines of a file contradict the years of their stamps, then all is begun anew with the right ones.
    ///
    /// # Errors
    /// Somebody interrupted it, or `work` or `fold` panicked.
    pub fn read<S: Send, P: Send>(
        &mut self,
        sharing: Sharing,
        progress: &Progress,
        begin: impl Fn(&[ToldFile]) -> S,
        work: impl Fn(&mut Records<'_>) -> P + Sync,
        fold: impl Fn(&mut S, usize, P) + Sync,
    ) -> Result<Read<S>, Stopped> {
        let folding = Folding::new(self, begin(&self.files), &work, &fold);
        let folding = self.pass(sharing, progress, folding)?;
        let anchors = folding.contradictions();
        // What came through a pipe cannot be read again: the years stay as they are, and that is said.
        if anchors.is_empty() || self.files.iter().any(|told| told.file.is_pipe()) {
            let done = folding.done();
            return Ok(self.ended(done));
        }
        drop(folding);
        self.date_again(&anchors);
        progress.begin_again();
        let folding = Folding::new(self, begin(&self.files), &work, &fold);
        let done = self.pass(sharing, progress, folding)?.done();
        Ok(self.ended(done))
    }

    /// Reads all files once.
    fn pass<'a, S: Send, P: Send, W: Fn(&mut Records<'_>) -> P + Sync, F: Fn(&mut S, usize, P) + Sync>(
        &'a self,
        sharing: Sharing,
        progress: &Progress,
        mut folding: Folding<'a, S, W, F>,
    ) -> Result<Folding<'a, S, W, F>, Stopped> {
        let (files, work) = (&self.files, folding.work);
        let spare = Spare::default();
        let mut queue = Queue::new(files, sharing, progress, &spare);
        let threads = queue.threads(sharing.threads);
        let read = |unit: Unit| {
            let told = files.get(unit.rank).filter(|_| !progress.is_interrupted())?;
            let (rank, start) = (unit.rank, unit.start());
            let from = From::Unit(&unit.part, progress);
            let is_last = unit.is_last;
            let mut records = Records { told, rank, from, is_last, ended: Ended::default(), watch: Watch::default() };
            let part = work(&mut records);
            let (ended, watch) = (records.ended, records.watch);
            if let Part::Stretch(stretch) = unit.part {
                spare.give(stretch.into_spare());
            }
            Some(Done { rank, start, part, ended, watch })
        };
        let done = in_order(
            threads,
            || {
                let unit = queue.next()?;
                let weight = unit.weight();
                Some((unit, weight))
            },
            read,
            |_, part| {
                if let Some(done) = part {
                    folding.take(done);
                }
            },
        );
        if progress.is_interrupted() {
            return Err(Stopped::Interrupted);
        }
        done.map_err(|Panicked { job, words }| {
            let (file, offset) = queue.place(job);
            Stopped::Mistake { file, offset, words }
        })?;
        folding.end();
        Ok(folding)
    }

    /// Gives a file that turned out to go on where another ends the format that was assumed.
    fn ended<S>(&mut self, (read, joined): (Read<S>, Vec<usize>)) -> Read<S> {
        for rank in joined {
            if let Some(told) = self.files.get_mut(rank) {
                told.format = told.format.or(told.assumed);
            }
        }
        read
    }
}

/// What a unit came to.
struct Done<P> {
    /// Rank of its file.
    rank: usize,
    /// The byte with which it begins.
    start: u64,
    part: P,
    ended: Ended,
    watch: Watch,
}

/// What was folded so far.
struct Folding<'a, S, W, F> {
    files: &'a [ToldFile],
    state: S,
    work: &'a W,
    fold: &'a F,
    seams: Seams,
    reads: Vec<FileRead>,
    overlong: Vec<u64>,
    watches: Vec<Watch>,
}

impl<'a, S, P, W: Fn(&mut Records<'_>) -> P, F: Fn(&mut S, usize, P)> Folding<'a, S, W, F> {
    fn new(listed: &'a Listed, state: S, work: &'a W, fold: &'a F) -> Self {
        let files = listed.files.as_slice();
        let count = files.len();
        Self {
            files,
            state,
            work,
            fold,
            seams: Seams::new(files, &listed.torn),
            reads: vec![FileRead::default(); count],
            overlong: vec![0; count],
            watches: vec![Watch::default(); count],
        }
    }

    /// Takes what a unit came to.
    fn take(&mut self, Done { rank, start, part, ended, watch }: Done<P>) {
        if start == 0
            && let Some(first) = self.seams.alone(self.files, rank, false)
        {
            self.line(rank, 0, first, false);
        }
        (self.fold)(&mut self.state, rank, part);
        // What damage cut off has no other half.
        let is_cut = ended.damage.iter().any(|damage| damage.severity() == Severity::Damage);
        if let Some(read) = self.reads.get_mut(rank) {
            read.bytes += ended.bytes;
            read.damage.extend(ended.damage);
        }
        if let Some(overlong) = self.overlong.get_mut(rank) {
            *overlong += ended.overlong;
        }
        if let Some(watched) = self.watches.get_mut(rank) {
            watched.follow(&watch);
        }
        let Some((offset, tail)) = ended.tail else { return };
        let line = if is_cut { tail } else { self.seams.joined(self.files, rank, tail) };
        // A file that shows no format is read only as a half of a line.
        if self.files.get(rank).is_some_and(|told| told.format.is_some()) || self.seams.is_joined(rank) {
            self.line(rank, offset, &line, true);
        }
    }

    /// Reads one line of file `rank`, its last or not.
    fn line(&mut self, rank: usize, offset: u64, line: &[u8], is_last: bool) {
        let Some(told) = self.files.get(rank) else { return };
        let from = From::Line(offset, line);
        let part = (self.work)(&mut Records { told, rank, from, is_last, ended: Ended::default(), watch: Watch::default() });
        (self.fold)(&mut self.state, rank, part);
    }

    /// Reads the first lines that waited for the end of another file and got none.
    fn end(&mut self) {
        for rank in 0..self.files.len() {
            if let Some(first) = self.seams.alone(self.files, rank, true) {
                self.line(rank, 0, first, false);
            }
        }
    }

    /// The files whose lines contradicted their years and that can be read again, and their last stamps.
    fn contradictions(&self) -> Vec<(usize, Micros)> {
        let contradiction = |(rank, (told, watch)): (usize, (&ToldFile, &Watch))| {
            let can_be_read_again = told.year != Some(YearFrom::Order) && !told.file.is_pipe() && !told.is_backwards;
            watch.contradiction().filter(|_| can_be_read_again).map(|last| (rank, last))
        };
        self.files.iter().zip(&self.watches).enumerate().filter_map(contradiction).collect()
    }

    /// What all came to, and which files of no format were joined to others.
    fn done(mut self) -> (Read<S>, Vec<usize>) {
        for (((told, read), &overlong), watch) in self.files.iter().zip(&mut self.reads).zip(&self.overlong).zip(&self.watches)
        {
            let mut say = |what| read.damage.push(Damage { path: told.file.name.clone(), what });
            if overlong > 0 && told.framing != Framing::Mbox {
                say(Mishap::Overlong(overlong));
            }
            if watch.contradiction().is_some() {
                say(Mishap::YearUnsettled);
            }
            if told.is_backwards {
                say(Mishap::NewestFirst);
            }
            read.damage = settled(std::mem::take(&mut read.damage));
        }
        let unknown: Vec<usize> =
            (0..self.files.len()).filter(|&rank| self.files.get(rank).is_some_and(|told| told.format.is_none())).collect();
        for &rank in unknown.iter().filter(|&&rank| !self.seams.is_joined(rank)) {
            if let Some(read) = self.reads.get_mut(rank) {
                *read = FileRead::default();
            }
        }
        let joined = unknown.into_iter().filter(|&rank| self.seams.is_joined(rank)).collect();
        (Read { state: self.state, files: self.reads }, joined)
    }
}
