//! Headers of pieces: who splits a file leaves its header in the first piece alone.
//!
//! A piece without one is read by that of the files beside it, if these agree: where they name different columns, none is guessed.

use std::collections::BTreeMap;

use super::list::begins;
use super::told::ToldFile;

/// A header that another file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lent {
    /// The line.
    pub(super) line: Vec<u8>,
    /// The file that has it.
    pub from: String,
}

/// The headers of each format and folder, and the first of the files that have it.
type Headers = BTreeMap<(&'static str, String), BTreeMap<Vec<u8>, String>>;

/// Gives each piece without a header that of the files of its format in its folder, if there is one that fits and no other.
pub(super) fn lend(files: &mut [ToldFile]) {
    let headers = headers(files);
    for told in files {
        told.lent = fitting(told, &headers);
        if told.lent.is_some() {
            told.begins = begins(told);
        }
    }
}

/// All headers, each once: a month may be a thousand files.
fn headers(files: &[ToldFile]) -> Headers {
    let mut headers = Headers::new();
    for told in files {
        let Some((format, line)) = told.format.zip(told.shown.header.as_ref()) else { continue };
        let of_folder = headers.entry((format.name(), told.folder().to_owned())).or_default();
        let from = of_folder.entry(line.trim_ascii().to_vec()).or_insert_with(|| told.file.name.clone());
        if told.file.name < *from {
            from.clone_from(&told.file.name);
        }
    }
    headers
}

/// The one header that a piece needs.
fn fitting(piece: &ToldFile, headers: &Headers) -> Option<Lent> {
    let format = piece.format.filter(|_| piece.shown.header.is_none())?;
    let of_folder = headers.get(&(format.name(), piece.folder().to_owned()))?;
    let head = piece.file.head();
    let mut fitting = of_folder.iter().filter(|(line, _)| format.takes_header(&head, line));
    let (line, from) = fitting.next()?;
    fitting.next().is_none().then(|| Lent { line: line.clone(), from: from.clone() })
}
