//! Headers of pieces: who splits a file leaves its header in the first piece alone.
//!
//! A piece without one is read by that of the files beside it, if these agree: where they name different columns, none is guessed.

use std::collections::BTreeSet;

use super::list::begins;
use super::told::Told;

/// A header that another file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    /// The line.
    pub(super) line: Vec<u8>,
    /// The file that has it.
    pub from: String,
}

/// Gives each piece without a header that of the files of its format in its folder, if there is one and no other.
pub(super) fn lend(files: &mut [Told]) {
    let lent: Vec<Option<Lent>> = files.iter().map(|piece| fitting(piece, files)).collect();
    for (told, lent) in files.iter_mut().zip(lent) {
        if lent.is_some() {
            told.lent = lent;
            told.begins = begins(told);
        }
    }
}

/// The one header in the folder of `piece` that it needs.
fn fitting(piece: &Told, files: &[Told]) -> Option<Lent> {
    let format = piece.format?;
    let header = |other: &Told| {
        let is_beside = other.format.is_some_and(|of| of.name() == format.name()) && other.folder() == piece.folder();
        let line = if is_beside { format.header(&other.file.head) } else { None };
        let line = line.filter(|line| format.takes_header(&piece.file.head, line))?;
        Some((line.trim_ascii().to_vec(), other.file.name.clone()))
    };
    let found: BTreeSet<(Vec<u8>, String)> = files.iter().filter_map(header).collect();
    let lines: BTreeSet<&[u8]> = found.iter().map(|(line, _)| line.as_slice()).collect();
    let is_one = lines.len() == 1;
    found.into_iter().next().filter(|_| is_one).map(|(line, from)| Lent { line, from })
}
