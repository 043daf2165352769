//! A record that the end of a file cut in two.
//!
//! Logs are cut by size, by `split`, by a disk that was full: then the last record of one file has no end and the first of the next no
//! beginning. Both are joined where all of this holds:
//!
//! - The next file's first record is none of its own (`begins`): a line that is empty, has no stamp where the lines behind it have one,
//!   or has a header of a form that none of them has; a row or object that cannot be read. What only lacks its line end, and a file that
//!   damage cut off, have no such neighbour.
//! - Both halves together open with a stamp, and that lies no later than the next file's first one.
//! - The files lie in one folder or within a day of each other.
//!
//! Among several neighbours the family decides, then the host, the likeness of names, the nearest stamp. What files that show too little
//! take from their neighbours beforehand is in `neighbours`.

use std::cmp::Reverse;

use super::neighbours::nearness;
use super::told::Told;
use crate::event::{Framing, Micros};
use crate::format::Opening;
use crate::source::{HEAD_BYTES, each_record_of};

/// By how much a joined record may be later than the next file's first stamp: syslog daemons write some lines late.
const LATE: i64 = Micros::HOUR;

/// How far apart the halves of a record may lie in time if their files lie in different folders.
const NEAR: i64 = Micros::DAY;

/// Puts each file that holds no whole stamp, but ends with the beginning of a record, before the file that goes on with it.
pub(super) fn place(files: &mut Vec<Told>) {
    for index in 0..files.len() {
        let Some((next, time)) = files.get(index).and_then(|told| goes_on(files, index, told)) else { continue };
        let Some(other) = files.get(next) else { continue };
        let (format, context, year) = (other.format, other.context.clone(), other.year);
        let mut told = files.remove(index);
        (told.context, told.year) = (context, year);
        told.format = told.format.or(format);
        (told.begins.first, told.begins.latest) = (Some(time), Some(time));
        told.begins.lead.take_if(|lead| lead.is_all);
        files.insert(if next > index { next - 1 } else { next }, told);
    }
}

/// The file whose first record a file without stamps begins, and the stamp of the joined record.
fn goes_on(files: &[Told], index: usize, told: &Told) -> Option<(usize, Micros)> {
    if told.begins.first.is_some() {
        return None;
    }
    if told.framing == Framing::Csv && told.begins.lead.is_none() && !told.file.head.contains(&b'\n') {
        return before_its_header(files, index, told);
    }
    // All of the file is at hand: of one that is longer than a head, some record would have a stamp.
    let head = told.file.head.get(..).filter(|head| head.len() < HEAD_BYTES)?;
    let tail = head.get(each_record_of(head, told.framing, |_, _| {})? as usize..)?;
    let fits = |(next, other): (usize, &Told)| {
        let fit = (next != index).then(|| fit(told, other, tail, true))??;
        Some((fit, next))
    };
    let best = files.iter().enumerate().filter_map(fits).max_by(|(one, at), (other, place)| (one, place).cmp(&(other, at)));
    best.map(|(fit, next)| (next, fit.time))
}

/// The file that goes on with the header that `told` begins.
fn before_its_header(files: &[Told], index: usize, told: &Told) -> Option<(usize, Micros)> {
    let is_next = |other: &&(usize, &Told)| other.0 != index && other.1.header == told.header && !told.header.is_empty();
    let (next, other) = files.iter().enumerate().find(|other| is_next(&other))?;
    Some((next, other.begins.first?))
}

/// How well a file goes on where another ends; the greater, the better.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    is_family: bool,
    is_host: bool,
    shared: usize,
    /// By how much the next file's first stamp is later, less than nothing.
    gap: Reverse<i64>,
    time: Micros,
}

/// Whether `next` goes on with the record that begins with `tail`, which `told` ends with, and how well.
fn fit(told: &Told, next: &Told, tail: &[u8], is_stamped: bool) -> Option<Fit> {
    let lead = next.begins.lead.as_ref().filter(|_| told.framing == next.framing)?;
    let mut reader = if told.begins.first.is_some() { told.reader()? } else { next.reader()? };
    let mut opening = None;
    let mut records = 0;
    each_record_of(&[tail, &lead.bytes].concat(), told.framing, |_, record| {
        records += 1;
        if records == 1 {
            opening = reader.opening(record.trim_ascii_end());
        }
    });
    // A stamp in the right form, at the right time, says more than formats: a short piece of a log may look like another.
    if is_stamped && opening.is_none() {
        return None;
    }
    let Opening { time, host } = opening.unwrap_or_else(|| Opening { time: Micros::default(), host: Vec::new() });
    let gap = next.begins.first.map(|first| first.0.saturating_sub(time.0)).filter(|_| is_stamped);
    let (is_family, is_near, shared) = nearness(told, next);
    if gap.is_some_and(|gap| gap < -LATE) || !(is_family || is_near || gap.is_some_and(|gap| gap < NEAR)) {
        return None;
    }
    let is_host = !host.is_empty() && host == next.begins.host;
    Some(Fit { is_family, is_host, shared, gap: Reverse(gap.unwrap_or(i64::MAX)), time })
}

/// What becomes of the first records that are none of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// A record of its own, or none.
    Own,
    /// Waits for the file that begins it.
    Open,
    /// Was joined to another file's tail.
    Joined,
    /// Was read alone: nothing goes before it.
    Alone,
}

/// The first records of all files while these are read.
pub(super) struct Seams {
    firsts: Vec<First>,
    /// Files that hold one half of a record that was joined.
    joined: Vec<bool>,
}

impl Seams {
    pub(super) fn new(files: &[Told]) -> Self {
        let first = |told: &Told| if told.begins.lead.is_some() { First::Open } else { First::Own };
        Self { firsts: files.iter().map(first).collect(), joined: vec![false; files.len()] }
    }

    /// The record that begins with `tail`, the end of file `rank`, as far as other files go on with it; those are used up.
    pub(super) fn joined(&mut self, files: &[Told], rank: usize, mut tail: Vec<u8>) -> Vec<u8> {
        let Some(told) = files.get(rank) else { return tail };
        // A file that is a part of a header has no stamps, wherever it was placed.
        let is_stamped =
            told.begins.first.is_some() && (told.framing != Framing::Csv || told.header.is_empty() || told.file.head != tail);
        loop {
            let fits = |(next, other): (usize, &Told)| {
                let is_open = next != rank && self.firsts.get(next) == Some(&First::Open);
                is_open.then(|| fit(told, other, &tail, is_stamped))?.map(|fit| (fit, next))
            };
            let best =
                files.iter().enumerate().filter_map(fits).max_by(|(one, at), (other, place)| (one, place).cmp(&(other, at)));
            let Some((_, next)) = best else { return tail };
            let Some(lead) = files.get(next).and_then(|told| told.begins.lead.as_ref()) else { return tail };
            self.set(next, First::Joined);
            for half in [rank, next] {
                if let Some(joined) = self.joined.get_mut(half) {
                    *joined = true;
                }
            }
            tail.extend_from_slice(&lead.bytes);
            let is_cut = each_record_of(&tail, told.framing, |_, _| {}).is_some();
            if !lead.is_all || !is_cut {
                return tail;
            }
        }
    }

    /// The first record of file `rank`, if it has to be read alone, now that its records come: no file before it begins it. That of a file
    /// without stamps, which shows no place, waits to the `end`.
    pub(super) fn alone<'a>(&mut self, files: &'a [Told], rank: usize, end: bool) -> Option<&'a [u8]> {
        let told = files.get(rank).filter(|told| end || told.begins.first.is_some())?;
        if self.firsts.get(rank) != Some(&First::Open) || told.format.is_none() {
            return None;
        }
        self.set(rank, First::Alone);
        Some(&told.begins.lead.as_ref()?.bytes)
    }

    /// Whether file `rank` holds one half of a record that was joined.
    pub(super) fn is_joined(&self, rank: usize) -> bool {
        self.joined.get(rank) == Some(&true)
    }

    fn set(&mut self, rank: usize, to: First) {
        if let Some(first) = self.firsts.get_mut(rank) {
            *first = to;
        }
    }
}
