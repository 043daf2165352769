//! A file of which it is known what it is.

use super::begins::Begins;
use super::header::Lent;
use super::year::YearFrom;
use crate::event::{Framing, Micros};
use crate::format::{FileContext, Format, Near, Reader};
use crate::source::File;

/// A file, its format, and what its readers may know.
pub struct ToldFile {
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
    /// The header by which it is read, of another file. None: it has one, or its format has none, or none was found.
    pub lent: Option<Lent>,
    /// What its head shows of its beginning.
    pub(super) begins: Begins,
    /// Of a file of unknown format: which is the nearest, and why it is not that.
    pub near: Option<Near>,
    /// The host that it is of, where its records name none, but its path tells it from another's or a log that names its host says the
    /// same; else empty. See [`hosted`](super::hosted).
    pub host: Vec<u8>,
    /// Whether its records name no host, and another log may be of the same.
    pub(super) is_beside: bool,
    /// Whether its records stand from the newest to the oldest, and are read from its end.
    pub(super) is_backwards: bool,
    /// Its last stamp. None: not known before all of it is read.
    pub(super) last: Option<Micros>,
    /// Files with a lane tell of a host of which a file in another lane tells at the same time. None: no other does.
    pub lane: Option<usize>,
    /// What its head shows beside this.
    pub shown: Shown,
    /// The format in which it is read if it turns out to go on where another file ends: it holds too little to show one itself.
    pub(super) assumed: Option<&'static dyn Format>,
}

/// What a head shows that is asked for when it was let go.
#[derive(Default)]
pub struct Shown {
    /// SHA-256 of the head.
    pub digest: [u8; 32],
    /// The format that is built in and that the head is of, where another one was forced.
    pub format: Option<&'static str>,
    /// Why the format in which the file is read does not fit it, if it is read without a lent header.
    pub misfit: Option<String>,
    /// The header that other files of its folder may need.
    pub(super) header: Option<Vec<u8>>,
}

impl AsRef<File> for ToldFile {
    fn as_ref(&self) -> &File {
        &self.file
    }
}

impl ToldFile {
    /// A reader for any part of the file.
    #[must_use]
    pub fn reader(&self) -> Option<Box<dyn Reader>> {
        let (format, head) = (self.format.or(self.assumed)?, self.file.head());
        Some(match &self.lent {
            Some(lent) => format.reader(&[&lent.line, b"\n".as_slice(), &head].concat(), &self.context),
            None => format.reader(&head, &self.context),
        })
    }

    /// Its first stamp. None: none was seen in its head.
    #[must_use]
    pub fn first(&self) -> Option<Micros> {
        self.begins.first
    }

    /// Whether it holds mails, and no log.
    #[must_use]
    pub fn holds_mails(&self) -> bool {
        self.format.is_some_and(Format::holds_mails)
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
