//! Cuts blocks of bytes into the records of framings that are no lines: CSV rows, JSON objects, mails, XML elements, entries of the journal.
//!
//! Pure, as `lines` is: bytes come in pieces of any size, and the records do not depend on the pieces. None of these can be entered in
//! mid-file. A record longer than [`RECORD_BYTES`] is cut there, and the rest of it is skipped and counted. What is damaged is a
//! record too, so that it can be counted as not understood; the next record after it is found again.

mod csv;
mod elements;
mod entries;
mod json;
mod mails;

#[cfg(test)]
mod tests;

pub(crate) use csv::Rows;
pub(crate) use elements::Elements;
pub(crate) use entries::Entries;
pub(crate) use json::Objects;
pub(crate) use mails::Mails;

use super::lines::{LINE_BYTES, Lines};
use crate::event::Framing;

/// The longest record that is given whole, in bytes: as long as the longest line.
pub(crate) const RECORD_BYTES: usize = LINE_BYTES;

/// What cuts one framing.
pub(crate) trait Cutter: Default {
    /// Takes the `block` that begins at byte `at` of the content and gives the records that end in it to `each`, with the bytes where
    /// they begin.
    fn push<F: FnMut(u64, &[u8])>(&mut self, at: u64, block: &[u8], each: &mut F);

    /// Gives the record that the end of the content ends, and says how many records were too long.
    fn finish<F: FnMut(u64, &[u8])>(self, each: &mut F) -> u64;
}

/// Gives each record of `content`, which is in memory and need not be whole: a head. An end without a line end is a record too.
pub fn each_record_of<F: FnMut(u64, &[u8])>(content: &[u8], framing: Framing, mut each: F) {
    fn all<C: Cutter, F: FnMut(u64, &[u8])>(content: &[u8], each: &mut F) {
        let mut cutter = C::default();
        cutter.push(0, content, each);
        cutter.finish(each);
    }
    match framing {
        Framing::Lines => {
            let mut lines = Lines::default();
            lines.push(0, content, &mut each);
            if let (Some((at, tail)), _) = lines.finish() {
                each(at, &tail);
            }
        }
        Framing::Csv => all::<Rows, F>(content, &mut each),
        Framing::Json => all::<Objects, F>(content, &mut each),
        Framing::Mbox => all::<Mails, F>(content, &mut each),
        Framing::Elements => all::<Elements, F>(content, &mut each),
        Framing::Entries => all::<Entries, F>(content, &mut each),
    }
}

/// Gives each line of the `block` that begins at byte `at`, or the part of one that stands in it, with its byte and whether it ends there.
fn each_piece(mut at: u64, block: &[u8], mut each: impl FnMut(u64, &[u8], bool)) {
    for piece in block.split_inclusive(|&byte| byte == b'\n') {
        each(at, piece, piece.ends_with(b"\n"));
        at += piece.len() as u64;
    }
}

/// A record without its line end.
fn without_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// A record that has begun: what earlier blocks hold of it.
#[derive(Debug, Default)]
struct Open {
    /// Its beginning, [`RECORD_BYTES`] of it at most.
    kept: Vec<u8>,
    /// Where it begins. Means nothing while it has no bytes.
    at: u64,
    /// How long it is so far.
    bytes: u64,
    /// Records that were too long.
    overlong: u64,
}

impl Open {
    /// Whether nothing of the record is kept.
    fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Whether more of it came than is kept.
    fn is_overlong(&self) -> bool {
        self.bytes > RECORD_BYTES as u64
    }

    /// Keeps `bytes` of the record, which stand at byte `at` of the content.
    fn extend(&mut self, at: u64, bytes: &[u8]) {
        if self.is_empty() {
            self.at = at;
        }
        let room = RECORD_BYTES.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.bytes += bytes.len() as u64;
    }

    /// Gives the record that ends with `rest`, which stands at byte `at`. `trim` takes off what ends it and is not part of it; a record
    /// of which nothing is left is none.
    fn close<F: FnMut(u64, &[u8])>(&mut self, at: u64, rest: &[u8], trim: impl Fn(&[u8]) -> &[u8], each: &mut F) {
        if self.is_empty() && rest.len() <= RECORD_BYTES {
            // The usual case: all of it is in this block, and nothing is copied.
            let record = trim(rest);
            if !record.is_empty() {
                each(at, record);
            }
            return;
        }
        self.extend(at, rest);
        self.overlong += u64::from(self.is_overlong());
        let record = if self.is_overlong() { &self.kept } else { trim(&self.kept) };
        if !record.is_empty() {
            each(self.at, record);
        }
        self.forget();
    }

    /// Gives up what is kept, and where it begins.
    fn take(&mut self) -> (u64, Vec<u8>) {
        let kept = std::mem::take(&mut self.kept);
        self.bytes = 0;
        (self.at, kept)
    }

    /// Begins anew.
    fn forget(&mut self) {
        self.kept.clear();
        self.bytes = 0;
    }
}
