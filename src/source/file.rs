//! One input: what was fixed about it when inputs were listed, and the way to its content.

use std::ffi::OsStr;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::compression::{Compression, foreign};
use super::content::Content;
use super::damage::{Damage, What};
use super::dated::dated;
use super::input::{Input, Progress};
use super::opened::{Decompress, Opened, Range};
use super::rotation::Rotation;
use crate::event::Micros;

/// How much of the content is looked at when inputs are listed: what tells a format, and what equal content shares.
pub const HEAD_BYTES: usize = 64 << 10;

/// An input.
pub struct File {
    /// The path as it is shown; bytes that are no UTF-8 are escaped.
    pub name: String,
    /// How it is stored, by its first bytes.
    pub compression: Compression,
    /// Stored bytes, fixed when it was listed. None: a pipe.
    pub bytes_on_disk: Option<u64>,
    /// The first 64 KiB of the decompressed content, or all of it.
    pub head: Vec<u8>,
    /// When the file was last changed, by the file system.
    pub modified: Option<Micros>,
    /// When the original was last changed, by the gzip header.
    pub gzip_time: Option<Micros>,
    /// The latest day that its name tells.
    pub name_date: Option<Micros>,
    /// Where it stands among the rotated files of its log.
    pub rotation: Rotation,
    from: From,
}

/// Where content comes from.
enum From {
    /// A file, opened anew for each segment.
    Path(PathBuf),
    /// A pipe, which can be read once: open, behind its head.
    Pipe(Mutex<Option<Box<Content>>>),
}

impl File {
    /// Opens what `path` names and looks at its head.
    pub(super) fn list(path: &Path) -> Result<Self, Damage> {
        let name = shown(path);
        let refused = |error: &std::io::Error| Damage::new(&name, What::Unreadable(error.to_string()));
        let file = std::fs::File::open(path).map_err(|error| refused(&error))?;
        let about = file.metadata().map_err(|error| refused(&error))?;
        let modified = about.modified().ok().and_then(|time| {
            let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
            i64::try_from(since.as_micros()).ok().map(Micros)
        });
        let bytes = about.is_file().then_some(about.len());
        let input = Input::new(Box::new(file), bytes, u64::MAX, Progress::default());
        let content = Content::new(&name, input);
        let listed = Self::looked_at(name, path, content, bytes, modified);
        match foreign(&listed.head) {
            Some((what, advice)) => Err(Damage::new(&listed.name, What::Foreign(what, advice))),
            None => Ok(listed),
        }
    }

    /// Standard input.
    pub(super) fn stdin() -> Self {
        Self::pipe(Box::new(std::io::stdin()))
    }

    /// A pipe without a name.
    pub(super) fn pipe(from: Box<dyn Read + Send>) -> Self {
        let content = Content::new("-", Input::new(from, None, u64::MAX, Progress::default()));
        Self::looked_at("-".to_owned(), Path::new("-"), content, None, None)
    }

    fn looked_at(name: String, path: &Path, mut content: Content, bytes: Option<u64>, modified: Option<Micros>) -> Self {
        let mut head = vec![0; HEAD_BYTES];
        let filled = content.fill(&mut head);
        head.truncate(filled);
        let full = path.as_os_str().as_bytes();
        let base = path.file_name().map(OsStr::as_bytes).unwrap_or_default();
        let (compression, gzip_time) = (content.compression(), content.gzip_time());
        let from = if bytes.is_some() {
            From::Path(path.to_owned())
        } else {
            content.give_again(head.clone());
            From::Pipe(Mutex::new(Some(Box::new(content))))
        };
        Self {
            name,
            compression,
            bytes_on_disk: bytes,
            head,
            modified,
            gzip_time,
            name_date: dated(base).map(|found| found.latest),
            rotation: Rotation::of(full),
            from,
        }
    }

    /// The stored bytes again, if it is no pipe.
    pub(super) fn reopened(&self) -> Option<std::fs::File> {
        match &self.from {
            From::Path(path) => std::fs::File::open(path).ok(),
            From::Pipe(_) => None,
        }
    }

    /// Whether segments can be read alone: a plain file, not a pipe.
    #[must_use]
    pub fn is_seekable(&self) -> bool {
        self.compression == Compression::Plain && self.bytes_on_disk.is_some()
    }

    /// Opens `range` of the content. Only a seekable file has ranges other than [`Range::Whole`].
    ///
    /// # Errors
    ///
    /// The file is gone, was replaced, or is a pipe that was read already.
    pub fn open(&self, range: Range, decompress: Decompress, progress: &Progress) -> Result<Opened, Damage> {
        let failed = |what| Damage::new(&self.name, what);
        let path = match &self.from {
            From::Path(path) => path,
            From::Pipe(content) => {
                let taken = content.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                let mut content = *taken.ok_or_else(|| failed(What::Spent))?;
                content.count_into(progress);
                return Ok(Opened::new(content, 0, range, decompress));
            }
        };
        let vanished = |error: std::io::Error| failed(What::Vanished(error.to_string()));
        let mut file = std::fs::File::open(path).map_err(vanished)?;
        let bytes = self.bytes_on_disk.unwrap_or_default();
        let (start, end) = match range {
            Range::Whole => (0, bytes),
            Range::Segment { start, end } => (start, end),
        };
        if !self.is_seekable() {
            let input = Input::new(Box::new(file), Some(bytes), u64::MAX, progress.clone());
            return Ok(Opened::new(Content::new(&self.name, input), 0, Range::Whole, decompress));
        }
        // The byte before the segment tells whether a line begins at its start.
        let at = start.saturating_sub(1);
        file.seek(SeekFrom::Start(at)).map_err(vanished)?;
        let input = Input::new(Box::new(file), Some(bytes.saturating_sub(at)), end - start, progress.clone());
        Ok(Opened::new(Content::plain_from(&self.name, input, at), at, range, Decompress::Here))
    }
}

/// A path as it is shown: UTF-8 stays, other bytes and control characters are escaped.
pub(super) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() { text.extend(character.escape_default()) } else { text.push(character) }
        }
        for byte in chunk.invalid() {
            text.extend(["\\x".to_owned(), format!("{byte:02x}")]);
        }
    }
    text
}
