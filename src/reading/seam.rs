//! A line that the end of a file cut in two.
//!
//! Logs are cut by size, by `split`, by a disk that was full: then the last line of one file has no end and the first of the next no
//! beginning. Both are joined where all of this holds:
//!
//! - The next file's first line is no line of its own (`begins`): it is empty, has no stamp where the lines behind it have one, or has
//!   a header of a form that none of them has. What only lacks its line end, and a file that damage cut off, have no such neighbour.
//! - Both halves together open with a stamp, and that lies no later than the next file's first one.
//! - The files lie in one folder or within a day of each other.
//!
//! The piece before the cut may count no more, since another file has all of it (`source::drop_duplicates`). Then the half line that it
//! left behind is not read: that file has the whole line.
//!
//! Among several neighbours the family decides, then the host, the likeness of names, the nearest stamp. A file that holds less than a
//! line, or a few lines that show no format, takes its format from a neighbour; one that fits none stays unknown.

use super::begins::Lead;
use super::list::begins;
use super::told::ToldFile;
use crate::event::{Framing, Micros};
use crate::format::{Format, Opening, Reader};
use crate::source::{HEAD_BYTES, Torn};

/// By how much a joined line may be later than the next file's first stamp: syslog daemons write some lines late.
const LATE: i64 = Micros::HOUR;

/// How far apart the halves of a line may lie in time if their files lie in different folders.
const NEAR: i64 = Micros::DAY;

/// Assumes a format for files that show none, from the neighbour that is nearest, and judges by it the line of those that hold but one.
/// `settle` finds the year of their stamps.
pub(super) fn assume(files: &mut [ToldFile], settle: impl Fn(&mut ToldFile, &'static dyn Format)) {
    for index in 0..files.len() {
        let Some((format, host)) = donor(files, index) else { continue };
        let Some(told) = files.get_mut(index) else { continue };
        told.assumed = Some(format);
        settle(told, format);
        told.begins = begins(told);
        if told.begins.first.is_some() && told.begins.lead.is_some() && told.begins.host == host && all_open(told) {
            told.format = Some(format);
            told.shown.misfit = format.misfit(&told.file.head());
        } else if !is_less_than_a_line(told) {
            (told.assumed, told.year, told.begins) = (None, None, <_>::default());
        }
    }
    // Of all others (it has none itself): the host whose line it is may write other stamps than the file that is nearest by name.
    let forms = files.iter().flat_map(|told| told.begins.forms.iter().copied()).collect();
    for told in files.iter_mut().filter(|told| told.format.is_some() && told.framing == Framing::Lines) {
        told.begins.judge_only_line(&told.file, &forms);
    }
}

/// The format and host of the file that is likest to be a neighbour of one that shows no format.
fn donor(files: &[ToldFile], index: usize) -> Option<(&'static dyn Format, Vec<u8>)> {
    files.get(index).filter(|told| told.format.is_none() && !told.file.head().contains(&0))?;
    let nearest = nearest(files, index, |other| other.format.is_some() && other.framing == Framing::Lines)?;
    Some((nearest.format?, nearest.begins.host.clone()))
}

/// The file for which `is_fit` holds and that is nearest to another by its name.
fn nearest(files: &[ToldFile], index: usize, is_fit: impl Fn(&ToldFile) -> bool) -> Option<&ToldFile> {
    let told = files.get(index)?;
    let others = files.iter().enumerate().filter(|&(other, _)| other != index).map(|(_, other)| other);
    others.filter(|other| is_fit(other)).max_by_key(|other| (nearness(told, other), std::cmp::Reverse(&other.file.name)))
}

/// How near two files lie by their names: of one family, in one folder, and how many bytes their names share at their beginning.
fn nearness(one: &ToldFile, other: &ToldFile) -> (bool, bool, usize) {
    let shared = one.file.name.bytes().zip(other.file.name.bytes()).take_while(|(one, other)| one == other).count();
    (one.file.rotation.family == other.file.rotation.family, one.folder() == other.folder(), shared)
}

/// Whether every line of the head opens with a stamp, but for the first and one without an end.
fn all_open(told: &ToldFile) -> bool {
    let Some(mut reader) = told.reader() else { return false };
    let head = told.file.head();
    let mut lines = head.split_inclusive(|&byte| byte == b'\n').skip(1).filter(|line| line.ends_with(b"\n"));
    lines.all(|line| reader.opening(line.trim_ascii_end()).is_some())
}

/// Whether all of a file is the beginning or the end of one line.
fn is_less_than_a_line(told: &ToldFile) -> bool {
    let head = told.file.head();
    let end = memchr::memchr(b'\n', &head);
    head.len() < HEAD_BYTES && end.is_none_or(|end| end + 1 == head.len() && told.begins.lead.is_some())
}

/// Puts each file that holds but the beginning of a line, without a whole stamp, before the file that goes on with it.
pub(super) fn place(files: &mut Vec<ToldFile>) {
    for index in 0..files.len() {
        let Some((next, time)) = files.get(index).and_then(|told| goes_on(files, index, told)) else { continue };
        let Some((format, context, year)) = files.get(next).map(|next| (next.format, next.context.clone(), next.year)) else {
            continue;
        };
        let mut told = files.remove(index);
        (told.context, told.year) = (context, year);
        told.format = told.format.or(format);
        (told.begins.first, told.begins.latest, told.begins.lead) = (Some(time), Some(time), None);
        files.insert(if next > index { next - 1 } else { next }, told);
    }
}

/// The file whose first line `told` begins, if that is all that it holds, and the stamp of the joined line.
fn goes_on(files: &[ToldFile], index: usize, told: &ToldFile) -> Option<(usize, Micros)> {
    let lead = told.begins.lead.as_ref().filter(|lead| lead.is_open && told.begins.first.is_none())?;
    let fits = |(next, other): (usize, &ToldFile)| {
        let fit = (next != index).then(|| fit(told, other, &mut None, &lead.bytes, true))??;
        Some((fit, next))
    };
    let (fit, next) =
        files.iter().enumerate().filter_map(fits).max_by(|(one, at), (other, place)| (one, place).cmp(&(other, at)))?;
    Some((next, fit.time))
}

/// How well a file goes on where another ends; the greater, the better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    is_family: bool,
    host: Kin,
    shared: usize,
    /// By how much the next file's first stamp is later, less than nothing.
    gap: std::cmp::Reverse<i64>,
    time: Micros,
}

/// Whether `next` goes on with the line that begins with `tail`, which `told` ends with, and how well. `own`: a reader of `told`, made
/// when it is needed first, since that looks through a whole head and there may be very many files.
fn fit(told: &ToldFile, next: &ToldFile, own: &mut Option<Box<dyn Reader>>, tail: &[u8], is_stamped: bool) -> Option<Fit> {
    let lead = next.begins.lead.as_ref().filter(|_| told.framing == Framing::Lines && next.framing == Framing::Lines)?;
    let (is_family, is_near, shared) = nearness(told, next);
    if !(is_family || is_near || is_stamped && next.begins.first.is_some()) {
        return None;
    }
    let both = [tail, &lead.bytes].concat();
    let both = both.trim_ascii_end();
    let opening = if told.begins.first.is_none() {
        next.reader()?.opening(both)
    } else {
        if own.is_none() {
            *own = told.reader();
        }
        own.as_mut()?.opening(both)
    };
    // A stamp in the right form, at the right time, says more than formats: a short piece of a log may look like another.
    if is_stamped && opening.is_none() {
        return None;
    }
    let Opening { time, host } = opening.unwrap_or_else(|| Opening { time: Micros::default(), host: Vec::new() });
    let gap = next.begins.first.map(|first| first.0.saturating_sub(time.0)).filter(|_| is_stamped);
    if gap.is_some_and(|gap| gap < -LATE) || !(is_family || is_near || gap.is_some_and(|gap| gap < NEAR)) {
        return None;
    }
    let host = match (host.as_slice(), next.begins.host.as_slice()) {
        ([], _) | (_, []) => Kin::Untold,
        (one, other) if one == other => Kin::Same,
        _ => Kin::Other,
    };
    Some(Fit { is_family, host, shared, gap: std::cmp::Reverse(gap.unwrap_or(i64::MAX)), time })
}

/// Whether two lines are of one host: a file of another host is less likely to go on than one that does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kin {
    Other,
    Untold,
    Same,
}

/// What becomes of the first lines that are no lines of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// A line of its own, or none.
    Own,
    /// Waits for the file that begins it.
    Open,
    /// Was joined to another file's tail.
    Joined,
    /// Was read alone: nothing goes before it.
    Alone,
}

/// The first lines of all files while these are read.
pub(super) struct Seams {
    firsts: Vec<First>,
    /// Files that hold one half of a line that was joined.
    joined: Vec<bool>,
}

impl Seams {
    /// Of `files`, beside which those in `torn` were dropped.
    pub(super) fn new(files: &[ToldFile], torn: &[(ToldFile, Torn)]) -> Self {
        let first = |told: &ToldFile| if told.begins.lead.is_some() { First::Open } else { First::Own };
        let mut seams = Self { firsts: files.iter().map(first).collect(), joined: vec![false; files.len()] };
        torn.iter().for_each(|(told, line)| seams.pass_over(files, told, line));
        seams
    }

    /// Uses up the first lines that go on with the line that a dropped file ends within: some other file has all of it.
    fn pass_over(&mut self, files: &[ToldFile], told: &ToldFile, line: &Torn) {
        let (mut tail, mut rest) = (line.tail.clone(), line.rest.as_slice());
        while let Some((next, lead)) = self.next(files, told, &tail, |lead| lead.ends_within(rest)) {
            self.set(next, First::Joined);
            self.mark_joined(next);
            tail.extend_from_slice(&lead.bytes);
            rest = rest.get(lead.bytes.len()..).unwrap_or_default();
            if !lead.is_open {
                return;
            }
        }
    }

    /// The file that goes on best with the line that begins with `tail`, which `told` ends with, among those that wait for it and of
    /// which `is_it` holds, with its first line.
    fn next<'a>(
        &self,
        files: &'a [ToldFile],
        told: &ToldFile,
        tail: &[u8],
        is_it: impl Fn(&Lead) -> bool,
    ) -> Option<(usize, &'a Lead)> {
        let mut own = None;
        let fits = |(next, other): (usize, &'a ToldFile)| {
            let lead = other.begins.lead.as_ref().filter(|lead| self.firsts.get(next) == Some(&First::Open) && is_it(lead))?;
            fit(told, other, &mut own, tail, told.begins.first.is_some()).map(|fit| (fit, next, lead))
        };
        let candidates = files.iter().enumerate().filter(|(_, other)| !std::ptr::eq(*other, told)).filter_map(fits);
        let best = candidates.max_by(|(one, at, _), (other, place, _)| (one, place).cmp(&(other, at)));
        best.map(|(_, next, lead)| (next, lead))
    }

    /// The line that begins with `tail`, the end of file `rank`, as far as other files go on with it; those are used up.
    pub(super) fn joined(&mut self, files: &[ToldFile], rank: usize, mut tail: Vec<u8>) -> Vec<u8> {
        let Some(told) = files.get(rank) else { return tail };
        while let Some((next, lead)) = self.next(files, told, &tail, |_| true) {
            self.set(next, First::Joined);
            [rank, next].into_iter().for_each(|half| self.mark_joined(half));
            tail.extend_from_slice(&lead.bytes);
            if !lead.is_open {
                break;
            }
        }
        tail
    }

    /// The first line of file `rank`, if it has to be read alone, now that its lines come: no file before it begins it. One without
    /// stamps shows no place, so its line waits to the `end`.
    pub(super) fn alone<'a>(&mut self, files: &'a [ToldFile], rank: usize, end: bool) -> Option<&'a [u8]> {
        let told = files.get(rank).filter(|told| end || told.begins.first.is_some())?;
        if self.firsts.get(rank) != Some(&First::Open) || told.format.is_none() {
            return None;
        }
        self.set(rank, First::Alone);
        Some(&told.begins.lead.as_ref()?.bytes)
    }

    /// Whether file `rank` holds one half of a line that was joined.
    pub(super) fn is_joined(&self, rank: usize) -> bool {
        self.joined.get(rank) == Some(&true)
    }

    fn mark_joined(&mut self, rank: usize) {
        if let Some(joined) = self.joined.get_mut(rank) {
            *joined = true;
        }
    }

    fn set(&mut self, rank: usize, to: First) {
        if let Some(first) = self.firsts.get_mut(rank) {
            *first = to;
        }
    }
}
