//! From inputs to a result per file: tells formats, ranks files, reads segments on several threads, folds them in order.

use std::sync::{Condvar, Mutex, PoisonError};

use anyhow::Result;

use super::inputs::Inputs;
use crate::event::{Event, Framing, Micros, Pos, Sink};
use crate::format::{self, Account, FileContext, Format, Reader};
use crate::source::{self, Damage, Decompress, File, Progress, Range};

/// A file whose format is known.
pub(super) struct Told {
    /// The file.
    pub(super) file: File,
    /// Its format. None: unknown, and not read.
    pub(super) format: Option<&'static dyn Format>,
    /// How it is cut into records.
    pub(super) framing: Framing,
    /// What its readers may know.
    pub(super) context: FileContext,
}

impl Told {
    /// A reader for any part of the file.
    pub(super) fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(self.format?.reader(&self.file.head, &self.context))
    }
}

/// The inputs in their true order, and what was found wrong with them.
pub(super) struct Listed {
    /// By rank.
    pub(super) files: Vec<Told>,
    /// What could not be read, and what counts once.
    pub(super) damage: Vec<Damage>,
}

/// Finds the inputs, tells their formats and brings them into their true order.
pub(super) fn list(inputs: &Inputs) -> Result<Listed> {
    let forced = inputs.forced()?;
    let found = source::discover(&inputs.inputs);
    let mut stamps = Vec::new();
    let mut told = Vec::new();
    for file in found.files {
        let context = inputs.context(&file)?;
        let (format, framing) = format_of(&file, forced);
        stamps.push(format.and_then(|format| first_stamp(format, framing, &file.head, &context)));
        told.push((file, format, framing, context));
    }
    let (files, rest): (Vec<File>, Vec<_>) =
        told.into_iter().map(|(file, format, framing, context)| (file, (format, framing, context))).unzip();
    let order = source::rank(&files, &stamps);
    let mut slots: Vec<Option<Told>> = files
        .into_iter()
        .zip(rest)
        .map(|(file, (format, framing, context))| Some(Told { file, format, framing, context }))
        .collect();
    let files = order.into_iter().filter_map(|index| slots.get_mut(index).and_then(Option::take)).collect();
    Ok(Listed { files, damage: found.damage })
}

/// The format of a file, and how it is framed. A forced format says so itself; where it does not know the file either, it gets lines.
fn format_of(file: &File, forced: Option<&'static dyn Format>) -> (Option<&'static dyn Format>, Framing) {
    if let Some(format) = forced {
        let framing = format.recognise(&file.head).map_or(Framing::Lines, |(_, framing)| framing);
        return (Some(format), framing);
    }
    let told = format::detect(&file.head);
    (told.map(|told| told.format), told.map_or(Framing::Lines, |told| told.framing))
}

/// The first stamp in the head of a file.
fn first_stamp(format: &dyn Format, framing: Framing, head: &[u8], context: &FileContext) -> Option<Micros> {
    struct First(Option<Micros>);
    impl Sink for First {
        fn event(&mut self, event: &Event<'_>) {
            self.0 = self.0.or(event.head.time);
        }
    }
    let mut reader = format.reader(head, context);
    let mut first = First(None);
    source::each_record_of(head, framing, |_, record| {
        if first.0.is_none() {
            reader.read(record, Pos::default(), &mut first);
        }
    });
    first.0
}

/// What is to be said of a file: its damage, that nothing of it was read, that too many of its lines were not understood.
pub(super) fn remarks(told: &Told, account: &Account, damage: &[Damage], max_unparsed: f64) -> Vec<String> {
    let mut said: Vec<String> = damage.iter().map(ToString::to_string).collect();
    if told.format.is_none() {
        said.push(format!(
            "{}: unknown format, it looks like {}; nothing of it was read. If you know what it is, name it with --format.",
            told.file.name,
            format::looks_like(&told.file.head)
        ));
    } else if account.unparsed_share() > max_unparsed {
        said.push(format!(
            "{}: {} of {} lines were not understood; the others are counted. Allow it with --max-unparsed.",
            told.file.name, account.unparsed, account.lines
        ));
    }
    said
}

/// A part of a file that is read alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// Rank of the file.
    pub(super) file: usize,
    /// Which part.
    pub(super) range: Range,
    /// Whether it is decompressed on a thread of its own.
    pub(super) decompress: Decompress,
}

/// The units of all files, in order.
pub(super) fn units(files: &[Told], segment_bytes: u64, threads: usize) -> Vec<Unit> {
    let mut units = Vec::new();
    for (index, told) in files.iter().enumerate().filter(|(_, told)| told.format.is_some()) {
        // Only lines can be entered in mid-file.
        let bytes = told.file.bytes_on_disk.filter(|_| told.file.is_seekable() && told.framing == Framing::Lines);
        let ranges = bytes.map_or_else(|| vec![Range::Whole], |bytes| source::segments(bytes, segment_bytes));
        units.extend(ranges.into_iter().map(|range| Unit { file: index, range, decompress: Decompress::Here }));
    }
    if units.len() < threads {
        for unit in &mut units {
            unit.decompress = Decompress::Ahead;
        }
    }
    units
}

/// Opens a unit and gives its records, and whatever is wrong with it.
pub(super) fn each_record(told: &Told, unit: Unit, progress: &Progress, each: impl FnMut(u64, &[u8])) -> source::Ended {
    match told.file.open(unit.range, unit.decompress, progress) {
        Ok(opened) => opened.each_record(told.framing, each),
        Err(damage) => source::Ended { damage: vec![damage], ..source::Ended::default() },
    }
}

/// What the workers share.
struct Shared<P, F> {
    next: usize,
    folded: usize,
    waiting: Vec<Option<P>>,
    fold: F,
}

/// Works on `count` units on `threads` threads and folds what they give in the order of the units. At most two units a thread wait
/// to be folded: a worker that is further ahead stops.
pub(super) fn in_order<P: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> P + Sync,
    fold: impl FnMut(usize, P) + Send,
) -> Result<()> {
    let ahead = threads * 2;
    let waiting = (0..count).map(|_| None).collect();
    let shared = Mutex::new(Shared { next: 0, folded: 0, waiting, fold });
    let moved = Condvar::new();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let worker = || loop {
        let unit = {
            let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
            while state.next < count && state.next >= state.folded + ahead {
                state = moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let unit = state.next;
            state.next += 1;
            unit
        };
        if unit >= count {
            return;
        }
        let part = work(unit);
        let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = state.waiting.get_mut(unit) {
            *slot = Some(part);
        }
        let state = &mut *state;
        while let Some(part) = state.waiting.get_mut(state.folded).and_then(Option::take) {
            (state.fold)(state.folded, part);
            state.folded += 1;
        }
        moved.notify_all();
    };
    pool.broadcast(|_| worker());
    Ok(())
}
