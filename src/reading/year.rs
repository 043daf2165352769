//! The year of stamps that name none.
//!
//! A stamp takes the largest year in which it lies no more than a day behind an anchor: `--year`, a date in the file's name, the time in
//! a gzip header, the file's own time; long queue ids, which hold their second, may prove an earlier one. What is right for a log that
//! was written at the anchor is wrong for an old one that was copied later, if it goes past the anchor's day of the year: its end would
//! be dated a year before its beginning. So the last stamp of a file becomes its anchor. Where that is not known before all of it was
//! read (compressed content), the stamps are watched, and if they go back by months the file is read again with what they showed.

use std::fmt;

use crate::event::Micros;
use crate::format::{FileContext, Format};
use crate::source::File;

/// How much of a file's end is searched for its last stamp.
const END_BYTES: usize = 64 << 10;

/// Stamps that go back by more than this contradict their years: half a year, which no late line does.
const CONTRADICTION: i64 = 180 * Micros::DAY;

/// By how much an anchor is moved to see whether stamps follow it.
const YEARS: i64 = 3 * 366 * Micros::DAY;

/// What gave a file the year of its stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum YearFrom {
    /// `--year`
    Option,
    /// A date in its name.
    Name,
    /// Queue ids that hold their second.
    QueueIds,
    /// The time in its gzip header.
    GzipHeader,
    /// The time when it was last changed.
    FileTime,
    /// The time of this run: a pipe has no other.
    Now,
    /// The order of its lines, which contradicted what else there was.
    Order,
}

impl fmt::Display for YearFrom {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Option => "--year",
            Self::Name => "the date in the file's name",
            Self::QueueIds => "queue ids",
            Self::GzipHeader => "the time in the gzip header",
            Self::FileTime => "the file's time",
            Self::Now => "the time of this run",
            Self::Order => "the order of the lines",
        })
    }
}

/// The latest time that a stamp of `file` may mean, less a day, and what says so.
pub(super) fn anchor(file: &File, year: Option<Micros>) -> (Micros, YearFrom) {
    let now = || jiff::Timestamp::now().as_microsecond();
    [(year, YearFrom::Option), (file.name_date, YearFrom::Name), (file.gzip_time, YearFrom::GzipHeader)]
        .into_iter()
        .chain([(file.modified, YearFrom::FileTime)])
        .find_map(|(anchor, from)| Some((anchor?, from)))
        .unwrap_or_else(|| (Micros(now()), YearFrom::Now))
}

/// What gave the year of a file's stamps; None if they name it or there are none. Moves the anchor of its `context` to its last stamp,
/// where that is known; to its first if it stands from the newest to the oldest.
pub(super) fn settle(
    file: &File,
    format: &dyn Format,
    context: &mut FileContext,
    from: YearFrom,
    is_backwards: bool,
) -> Option<YearFrom> {
    let head = file.head();
    let first = |shown: &[u8], context: &FileContext| first_stamp(&head, format, shown, context);
    let stamp = first(&head, context)?;
    let alone = first(b"", context)?;
    let earlier = FileContext { anchor: Micros(context.anchor.0.saturating_sub(YEARS)), ..context.clone() };
    if first(b"", &earlier) == Some(alone) {
        return None;
    }
    let from = if stamp == alone { from } else { YearFrom::QueueIds };
    let newest = if is_backwards { Some(stamp) } else { last_stamp(file, format, context) };
    if let Some(last) = newest {
        context.anchor = context.anchor.min(last);
    }
    Some(if first(&head, context) == Some(stamp) { from } else { YearFrom::Order })
}

/// The first stamp of `head`, by a reader that is `shown` this as the head.
fn first_stamp(head: &[u8], format: &dyn Format, shown: &[u8], context: &FileContext) -> Option<Micros> {
    let mut reader = format.reader(shown, context);
    let lines = head.split(|&byte| byte == b'\n');
    lines.into_iter().find_map(|line| reader.opening(line.trim_ascii_end())).map(|opening| opening.time)
}

/// The last stamp of `file`; None if it cannot be known before all of it is read.
pub(super) fn last_stamp(file: &File, format: &dyn Format, context: &FileContext) -> Option<Micros> {
    let end = file.end(END_BYTES)?;
    let mut reader = format.reader(&file.head(), context);
    let mut lines = end.split(|&byte| byte == b'\n').rev();
    lines.find_map(|line| reader.opening(line.trim_ascii_end())).map(|opening| opening.time)
}

/// Watches some of the stamps of a file in their order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    earliest: Option<Micros>,
    latest: Option<Micros>,
    current: Option<Micros>,
    is_contradicted: bool,
}

impl Watch {
    /// Sees the next stamp.
    pub(super) fn see(&mut self, time: Micros) {
        self.follow(&Self { earliest: Some(time), latest: Some(time), current: Some(time), is_contradicted: false });
    }

    /// Sees the stamps of the next part of the file.
    pub(super) fn follow(&mut self, next: &Self) {
        let goes_back = |latest: Micros, earliest: Micros| latest.0 - earliest.0 > CONTRADICTION;
        let is_behind = self.latest.zip(next.earliest).is_some_and(|(latest, earliest)| goes_back(latest, earliest));
        self.is_contradicted |= next.is_contradicted || is_behind;
        self.earliest = [self.earliest, next.earliest].into_iter().flatten().min();
        self.latest = self.latest.max(next.latest);
        self.current = next.current.or(self.current);
    }

    /// The last stamp, if stamps went back by months: the anchor with which they will not.
    pub(super) fn contradiction(&self) -> Option<Micros> {
        self.current.filter(|_| self.is_contradicted)
    }
}
