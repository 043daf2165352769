//! A file of which it is known what it is.

use super::begins::{Begins, Nowhere};
use super::year::YearFrom;
use crate::event::{Framing, Pos};
use crate::format::{FileContext, Format, Reader};
use crate::source::{File, each_record_of};

/// A file, its format, and what its readers may know.
pub struct Told {
    /// The file.
    pub file: File,
    /// Its format. None: unknown, and not read.
    pub format: Option<&'static dyn Format>,
    /// How it is cut into records.
    pub framing: Framing,
    /// What its readers may know.
    pub context: FileContext,
    /// What gave the year of its stamps. None: they name it, or there are none.
    pub year: Option<YearFrom>,
    /// Whether its head shows its format and framing; else they were forced, or are those of a neighbour.
    pub(super) is_recognised: bool,
    /// The format in which it is read if it turns out to go on where another file ends: it holds too little to show one itself.
    pub(super) assumed: Option<&'static dyn Format>,
    /// What its head shows of its beginning.
    pub(super) begins: Begins,
    /// The header of the file that it goes on from, if it has none itself.
    pub(super) header: Vec<u8>,
}

impl Told {
    /// A reader for any part of the file.
    #[must_use]
    pub fn reader(&self) -> Option<Box<dyn Reader>> {
        let mut reader = self.format.or(self.assumed)?.reader(&self.file.head, &self.context);
        let header = if self.header.is_empty() { &self.begins.header } else { &self.header };
        if self.framing == Framing::Csv && !header.is_empty() {
            // What names the columns may stand in another part, or in another file.
            each_record_of(header, self.framing, |_, row| {
                reader.read(row, Pos::default(), &mut Nowhere);
            });
        }
        Some(reader)
    }

    /// Looks at its head, with all that is known so far.
    pub(super) fn look(&mut self) {
        self.begins = Begins::default();
        if let Some(mut reader) = self.reader() {
            self.begins = Begins::of(&mut *reader, &self.file.head, self.framing);
        }
    }

    /// Whether anything of it is read.
    pub(super) fn is_read(&self) -> bool {
        self.format.or(self.assumed).is_some()
    }

    /// The folder that it lies in.
    pub(super) fn folder(&self) -> &str {
        self.file.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}
