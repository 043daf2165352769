//! One input as it was found: its name, its head, how it is stored, and how to read it.

use std::borrow::Cow;
use std::fs::{self, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use super::compression::{Compression, foreign};
use super::content::Content;
use super::damage::{Damage, Mishap};
use super::dated::dated;
use super::input::{Input, Progress};
use super::opened::{Decompress, Opened, Range, segments};
use super::rotation::Rotation;
use super::stretch::{Lengths, Stretches};
use crate::event::Micros;

/// How much of the content is a file's head: enough to tell a format, and the columns of a CSV.
pub const HEAD_BYTES: usize = 64 << 10;

/// How much of a head stays in memory when it is let go: enough to tell most files apart, and all of a small one.
const BEGINNING_BYTES: usize = 2 << 10;

/// An input that can be read.
pub struct File {
    /// Its path as it was named or found, for tables and messages; `-` for standard input. Unique among the files of a run: what is
    /// not UTF-8 and control characters stand as `\xHH`.
    pub name: String,
    /// How its content is stored.
    pub compression: Compression,
    /// Bytes as stored, fixed when the file was first opened: what is appended later is not read. None for a pipe.
    pub bytes_on_disk: Option<u64>,
    /// When the file was last changed. None for a pipe, and where the system does not say.
    pub modified: Option<Micros>,
    /// When the original was last changed, as the header of a gzip file says. None: not gzip, or not said.
    pub gzip_time: Option<Micros>,
    /// The latest day that the file's name tells, 00:00 UTC: `maillog-20261001`; the last day of the month for `mail-202610.log`.
    pub name_date: Option<Micros>,
    /// Where it stands among the rotated files of its log.
    pub rotation: Rotation,
    /// The head, or the beginning of one that was let go.
    head: Vec<u8>,
    head_bytes: usize,
    held: Held,
}

/// Where the content is.
enum Held {
    /// In a file that can be opened again, and which file that was.
    Path(PathBuf, Identity),
    /// In a pipe, until it is read.
    Pipe(Mutex<Option<Box<Content>>>),
}

/// What tells a file from another that took its name: device and inode. None where the system has none.
type Identity = Option<(u64, u64)>;

impl File {
    /// Opens the regular file at `path`, shown as `name`, and reads its head. Or: why it holds nothing to read.
    pub(crate) fn regular(name: &str, path: &Path) -> Result<Self, Vec<Damage>> {
        let unreadable = |error: std::io::Error| vec![Damage::new(name, Mishap::Unreadable(reason(&error)))];
        let file = fs::File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let bytes = metadata.len();
        let input = Input::new(Box::new(file), Some(bytes), 0, Progress::default());
        let (found, _) = Self::found(name, path, Content::new(name, input))?;
        let modified = metadata.modified().ok().and_then(|time| {
            let since = time.duration_since(UNIX_EPOCH).ok()?;
            i64::try_from(since.as_micros()).ok().map(Micros)
        });
        Ok(Self { bytes_on_disk: Some(bytes), modified, held: Held::Path(path.to_owned(), identity(&metadata)), ..found })
    }

    /// Reads the head of what comes through a pipe. `path` is its name on disk, or `-`.
    pub(crate) fn pipe(name: &str, path: &Path, from: Box<dyn Read + Send>) -> Result<Self, Vec<Damage>> {
        let input = Input::new(from, None, u64::MAX, Progress::default());
        let (found, mut content) = Self::found(name, path, Content::new(name, input))?;
        content.give_again(found.head.clone());
        Ok(Self { held: Held::Pipe(Mutex::new(Some(Box::new(content)))), ..found })
    }

    /// What the content and the path tell. Damage behind the head is not told here: reading all of it tells it.
    fn found(name: &str, path: &Path, mut content: Content) -> Result<(Self, Content), Vec<Damage>> {
        let mut head = vec![0; HEAD_BYTES];
        let bytes = content.fill(&mut head);
        head.truncate(bytes);
        head.shrink_to_fit();
        if head.is_empty() {
            let damage = content.into_damage();
            return Err(if damage.is_empty() { vec![Damage::new(name, Mishap::Empty)] } else { damage });
        }
        if let Some((what, advice)) = foreign(&head) {
            return Err(vec![Damage::new(name, Mishap::Foreign(what, advice))]);
        }
        let file = Self {
            name: name.to_owned(),
            compression: content.compression(),
            bytes_on_disk: None,
            modified: None,
            gzip_time: content.gzip_time(),
            name_date: path.file_name().and_then(|name| dated(name.as_encoded_bytes())).map(|found| found.latest),
            rotation: Rotation::of(path.as_os_str().as_encoded_bytes()),
            head_bytes: head.len(),
            head,
            held: Held::Pipe(Mutex::new(None)),
        };
        Ok((file, content))
    }

    /// The first [`HEAD_BYTES`] of the decompressed content; fewer if it is shorter. One that was let go is read again: of a file that is
    /// gone since, or another one, only the beginning is left, and reading it says so.
    #[must_use]
    pub fn head(&self) -> Cow<'_, [u8]> {
        if self.head.len() == self.head_bytes {
            return Cow::Borrowed(&self.head);
        }
        let Ok(mut content) = self.content(&Progress::default()) else { return Cow::Borrowed(&self.head) };
        let mut head = vec![0; self.head_bytes];
        let bytes = content.fill(&mut head);
        head.truncate(bytes);
        Cow::Owned(head)
    }

    /// How long the head is.
    #[must_use]
    pub fn head_bytes(&self) -> usize {
        self.head_bytes
    }

    /// What is in memory of the head in any case.
    pub(crate) fn beginning(&self) -> &[u8] {
        self.head.get(..BEGINNING_BYTES).unwrap_or(&self.head)
    }

    /// Keeps but the beginning of the head: there may be very many files. A pipe keeps all of it.
    pub fn let_go(&mut self) {
        if !self.is_pipe() {
            self.head.truncate(BEGINNING_BYTES);
            self.head.shrink_to_fit();
        }
    }

    /// Whether the file can be read only once, from its beginning.
    #[must_use]
    pub fn is_pipe(&self) -> bool {
        matches!(self.held, Held::Pipe(_))
    }

    /// The ranges in which the file is best read: [`segments`] of a plain file; all else whole.
    #[must_use]
    pub fn ranges(&self, segment_bytes: u64, short_from: u64) -> Vec<Range> {
        match (self.compression, self.bytes_on_disk) {
            (Compression::Plain, Some(bytes)) => segments(bytes, segment_bytes, short_from),
            _ => vec![Range::Whole],
        }
    }

    /// The last `bytes` of the content, or all of it if it is shorter. None where that is known only once all of it was read.
    #[must_use]
    pub fn end(&self, bytes: usize) -> Option<Vec<u8>> {
        if self.head_bytes < HEAD_BYTES {
            return Some(self.head().into_owned());
        }
        let length = self.bytes_on_disk.filter(|_| self.compression == Compression::Plain)?;
        let start = length.saturating_sub(bytes as u64);
        let (mut content, at) = self.plain_from(Range::Segment { start, end: length }, &Progress::default()).ok()?;
        let mut end = vec![0; (length - at) as usize];
        let filled = content.fill(&mut end);
        end.truncate(filled);
        Some(end)
    }

    /// Begins to read `range`; the bytes that are taken, as stored, count into `progress`. A segment of a plain file is read from
    /// its place. One of a compressed file is read too, but from the file's beginning, since nothing else can be done.
    ///
    /// # Errors
    /// The file is gone, is another one now, or is a pipe that was read before.
    pub fn open(&self, range: Range, decompress: Decompress, progress: &Progress) -> Result<Opened, Damage> {
        if self.compression == Compression::Plain {
            let (content, at) = self.plain_from(range, progress)?;
            // A file that is not compressed needs no second processor: the system itself reads ahead.
            return Ok(Opened::new(content, at, range, Decompress::Here));
        }
        Ok(Opened::new(self.content(progress)?, 0, range, decompress))
    }

    /// Whether the file can be entered anywhere: a plain one that is no pipe.
    #[must_use]
    pub fn is_seekable(&self) -> bool {
        self.compression == Compression::Plain && self.bytes_on_disk.is_some()
    }

    /// Begins to read all of it in stretches of whole lines; the bytes that are taken, as stored, count into `progress`.
    ///
    /// # Errors
    /// The file is gone, is another one now, or is a pipe that was read before.
    pub fn stretches(&self, lengths: Lengths, progress: &Progress) -> Result<Stretches, Damage> {
        Ok(Stretches::new(self.content(progress)?, lengths))
    }

    /// All of the content.
    pub(crate) fn content(&self, progress: &Progress) -> Result<Content, Damage> {
        match &self.held {
            Held::Path(path, identity) => {
                let file = self.open_again(path, *identity)?;
                Ok(Content::new(&self.name, Input::new(Box::new(file), self.bytes_on_disk, u64::MAX, progress.clone())))
            }
            Held::Pipe(content) => {
                // The lock holds an Option and nothing that a panic could leave half done.
                let taken = content.lock().unwrap_or_else(PoisonError::into_inner).take();
                let mut content = taken.ok_or_else(|| Damage::new(&self.name, Mishap::Spent))?;
                content.count_into(progress);
                Ok(*content)
            }
        }
    }

    /// Plain content from the byte before `range` on, and which byte that is: it tells whether a line begins where the range does.
    fn plain_from(&self, range: Range, progress: &Progress) -> Result<(Content, u64), Damage> {
        let (Held::Path(path, identity), Range::Segment { start, end }) = (&self.held, range) else {
            return Ok((self.content(progress)?, 0));
        };
        let mut file = self.open_again(path, *identity)?;
        let at = start.saturating_sub(1);
        file.seek(SeekFrom::Start(at)).map_err(|error| Damage::new(&self.name, Mishap::Vanished(reason(&error))))?;
        let left = self.bytes_on_disk.map(|bytes| bytes.saturating_sub(at));
        let input = Input::new(Box::new(file), left, end.saturating_sub(start), progress.clone());
        Ok((Content::plain_from(&self.name, input, at), at))
    }

    /// The file of the first opening; not one that took its name since.
    fn open_again(&self, path: &Path, before: Identity) -> Result<fs::File, Damage> {
        let vanished = |error: std::io::Error| Damage::new(&self.name, Mishap::Vanished(reason(&error)));
        let file = fs::File::open(path).map_err(vanished)?;
        if identity(&file.metadata().map_err(vanished)?) != before {
            return Err(Damage::new(&self.name, Mishap::Replaced));
        }
        Ok(file)
    }
}

impl AsRef<Self> for File {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl std::fmt::Debug for File {
    /// Without the head, which fills a screen.
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("File").field("name", &self.name).field("compression", &self.compression).finish_non_exhaustive()
    }
}

/// The system's words, without its number: `Permission denied`.
pub(crate) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {
    None
}

#[cfg(test)]
mod tests;
