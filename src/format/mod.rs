//! One module per log format: from one record to its events.
//!
//! A file's format is told from its first bytes ([`detect`]) or forced. A [`Reader`] knows the head of its file and nothing else, so
//! that every segment of a file can be read alone and in any order; what joins records is an event for the stitch. Readers allocate
//! nothing for a record that says nothing, and cannot panic. Knows `event` alone.

use crate::event::{Framing, Kind, Micros, Pos, Sink};

/// How sure a format is that a file is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The framing fits, and nothing contradicts it.
    Possible,
    /// Some records are of this format's shape.
    Likely,
    /// A record that only this format writes.
    Certain,
}

/// What a reader may know of its file beside the records.
#[derive(Clone, Debug)]
pub struct FileContext {
    /// The latest time that a stamp without a year may mean, less one day: from `--year`, a date in the file's name, the stamp in
    /// the gzip header or the file's own time.
    pub anchor: Micros,
    /// The zone of stamps that name none (`--tz`, else UTC).
    pub zone: jiff::tz::TimeZone,
    /// Relays that are ours, beside loopback (`--own-relay`): host names or addresses, lower case.
    pub own_relays: Vec<String>,
}

/// A log format.
pub trait Format: Sync {
    /// Its name on the command line and in tables: lower case, one word.
    fn name(&self) -> &'static str;

    /// Whether a file that begins with `head` (its first 64 KiB at most) is of this format, and how it is framed.
    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)>;

    /// A reader for one segment of a file. `head` is the beginning of the file, whatever the segment.
    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader>;
}

/// Reads the records of one segment.
pub trait Reader: Send {
    /// Reads one record, without its line end, into events, and says what it was.
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind;
}

mod account;
mod clock;
mod cursor;
mod envelope;
mod postfix;
mod syslog;

pub use account::Account;

/// All formats, in the order in which equals are preferred. A new format is one file and one line here.
pub const FORMATS: [&dyn Format; 1] = [&postfix::Postfix];

/// What a file turned out to be.
#[derive(Clone, Copy)]
pub struct Detection {
    /// The format.
    pub format: &'static dyn Format,
    /// How the file is framed.
    pub framing: Framing,
}

/// Tells a file's format from its first bytes. None: no format that is known wrote it.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Detection> {
    // A head of many NUL bytes is no text of any format, whatever words are in it.
    if memchr::memchr_iter(0, head).count() * 20 > head.len() {
        return None;
    }
    let told = FORMATS.iter().rev().filter_map(|&format| format.recognise(head).map(|(sure, framing)| (sure, format, framing)));
    told.max_by_key(|&(sure, ..)| sure).map(|(_, format, framing)| Detection { format, framing })
}

/// The format of this name, for `--format`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}
