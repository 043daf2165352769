//! From lines with their times to log files as syslog and logrotate leave them.

use std::fmt::{self, Write as _};
use std::io::{Read as _, Write as _};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::rng::Rng;
use super::truth::{Book, Fact, Truth};

/// Microseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds of an hour.
pub(crate) const HOUR: i64 = 3600 * SECOND;
/// Microseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// How syslog stamps a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamps {
    /// `Oct  1 06:30:00`: no year, no zone, no fraction.
    Rfc3164,
    /// `2026-10-01T06:30:00.123456+00:00`.
    Iso,
    /// `2026-10-01 06:30:00`, and neither host nor program: Exim's own main log.
    Exim,
}

/// How logrotate cuts and names files.
#[derive(Clone, Debug)]
pub(crate) enum Rotation {
    /// One file, `mail.log`.
    Never,
    /// `mail.log.N.gz` (the oldest) to `mail.log.2.gz`, then `mail.log.1` and `mail.log`: parts of equal length.
    Numbered(usize),
    /// `mail.log-20261004.gz`: cut at midnight before each date; the rest is `mail.log`, which is left out if empty. The files of
    /// the last `plain` dates are not compressed yet.
    Dated { dates: Vec<Date>, plain: usize },
}

/// One log file.
#[derive(Clone, Debug)]
pub(crate) struct LogFile {
    pub(crate) host: String,
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl LogFile {
    /// The lines, decompressed where they are compressed.
    pub(crate) fn text(&self) -> std::io::Result<Vec<u8>> {
        let mut text = Vec::new();
        if self.name.ends_with(".gz") {
            flate2::read::MultiGzDecoder::new(self.bytes.as_slice()).read_to_end(&mut text)?;
        } else {
            text.clone_from(&self.bytes);
        }
        Ok(text)
    }
}

/// How a host's syslog writes.
#[derive(Clone, Debug)]
pub(crate) struct Syslog {
    pub(crate) stamps: Stamps,
    pub(crate) rotation: Rotation,
    /// How many in a thousand of the lines that can be missed are lost.
    pub(crate) lost: u64,
    /// The most by which a line is written late, behind lines with later stamps, microseconds.
    pub(crate) disorder: i64,
}

/// One line's time, its bytes in the arena and what it says.
#[derive(Clone, Copy, Debug)]
struct Line {
    time: i64,
    start: usize,
    end: usize,
    fact: Fact,
}

/// The lines of one host, in the order in which they were thought of.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    arena: Vec<u8>,
    lines: Vec<Line>,
}

impl Journal {
    /// Adds `SERVICE[PID]: TEXT`.
    pub(crate) fn line(&mut self, time: i64, service: &str, pid: u32, fact: Fact, text: fmt::Arguments<'_>) {
        let start = self.arena.len();
        let written = write!(self.arena, "{service}[{pid}]: {text}");
        assert!(written.is_ok(), "a vector takes all that is written to it");
        self.lines.push(Line { time, start, end: self.arena.len(), fact });
    }

    /// Adds a line that says several things at once.
    pub(crate) fn line_of_many(
        &mut self,
        time: i64,
        (service, pid): (&str, u32),
        facts: impl Iterator<Item = Fact>,
        text: fmt::Arguments<'_>,
    ) {
        let mut facts = facts.peekable();
        while let Some(fact) = facts.next() {
            if facts.peek().is_none() {
                return self.line(time, service, pid, fact, text);
            }
            let end = self.arena.len();
            self.lines.push(Line { time, start: end, end, fact });
        }
    }

    /// Bytes of all lines, stamps left out.
    pub(crate) fn len(&self) -> usize {
        self.arena.len()
    }

    /// Cuts off what lies outside `from..to`, loses and disorders what [`Syslog`] says, and gives the files and their truth.
    pub(crate) fn publish(
        mut self,
        (host, book): (&str, Book),
        (from, to): (i64, i64),
        syslog: &Syslog,
        rng: &mut Rng,
    ) -> (Vec<LogFile>, Truth) {
        self.lines.retain(|line| {
            let can_be_missed = matches!(line.fact, Fact::Noise | Fact::Context(_));
            (from..to).contains(&line.time) && !(can_be_missed && rng.permille(syslog.lost))
        });
        self.lines.sort_by_key(|line| line.time);
        let truth = book.settle(host, self.lines.iter().map(|line| (line.time, line.fact)));
        if syslog.disorder > 0 {
            self.lines.sort_by_cached_key(|line| {
                let late = if rng.permille(50) { rng.between(0, syslog.disorder) } else { 0 };
                line.time + late
            });
        }
        let files = parts(&self.lines, &syslog.rotation).into_iter().map(|(name, lines)| {
            let text = self.text(lines, host, syslog.stamps);
            let bytes = if name.ends_with(".gz") { gzip(&text) } else { text };
            LogFile { host: host.to_owned(), name, bytes }
        });
        (files.collect(), truth)
    }

    /// The lines with their stamps and the host's name.
    fn text(&self, lines: &[Line], host: &str, stamps: Stamps) -> Vec<u8> {
        let size = lines.iter().map(|line| line.end - line.start + host.len() + 36).sum();
        let mut text = Vec::with_capacity(size);
        let mut stamp = Stamp { stamps, second: i64::MIN, text: String::new() };
        for line in lines.iter().filter(|line| line.start < line.end) {
            stamp.put(line.time, &mut text);
            let words = self.arena.get(line.start..line.end).unwrap_or_default();
            if stamps == Stamps::Exim {
                let tag = words.iter().position(|&byte| byte == b' ').map_or(0, |end| end + 1);
                text.extend_from_slice(words.get(tag..).unwrap_or_default());
            } else {
                text.extend_from_slice(host.as_bytes());
                text.push(b' ');
                text.extend_from_slice(words);
            }
            text.push(b'\n');
        }
        text
    }
}

/// Writes stamps; the text of a second is made once.
struct Stamp {
    stamps: Stamps,
    second: i64,
    text: String,
}

impl Stamp {
    fn put(&mut self, time: i64, to: &mut Vec<u8>) {
        let second = time.div_euclid(SECOND);
        if second != self.second {
            self.second = second;
            let format = match self.stamps {
                Stamps::Rfc3164 => "%b %e %H:%M:%S ",
                Stamps::Iso => "%Y-%m-%dT%H:%M:%S.",
                Stamps::Exim => "%Y-%m-%d %H:%M:%S ",
            };
            self.text.clear();
            let written = write!(self.text, "{}", utc(time).strftime(format));
            assert!(written.is_ok(), "the simulated time is one that a calendar knows");
        }
        to.extend_from_slice(self.text.as_bytes());
        if self.stamps == Stamps::Iso {
            let mut micros = time.rem_euclid(SECOND);
            let mut digits = [b'0'; 6];
            for digit in digits.iter_mut().rev() {
                *digit += (micros % 10) as u8;
                micros /= 10;
            }
            to.extend_from_slice(&digits);
            to.extend_from_slice(b"+00:00 ");
        }
    }
}

/// The moment `micros` after 1970, on a calendar.
pub(crate) fn utc(micros: i64) -> DateTime {
    TimeZone::UTC.to_datetime(Timestamp::from_microsecond(micros).unwrap_or_default())
}

/// Midnight before `date`, microseconds since 1970.
pub(crate) fn midnight(date: Date) -> i64 {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(0, Timestamp::as_microsecond)
}

/// Which lines go into which file, the oldest first.
fn parts<'a>(lines: &'a [Line], rotation: &Rotation) -> Vec<(String, &'a [Line])> {
    match rotation {
        Rotation::Never => vec![("mail.log".to_owned(), lines)],
        Rotation::Numbered(count) => {
            let length = lines.len().div_ceil((*count).max(1)).max(1);
            let count = lines.len().div_ceil(length);
            let name = |age: usize| match age {
                0 => "mail.log".to_owned(),
                1 => "mail.log.1".to_owned(),
                _ => format!("mail.log.{age}.gz"),
            };
            lines.chunks(length).enumerate().map(|(number, part)| (name(count - 1 - number), part)).collect()
        }
        Rotation::Dated { dates, plain } => {
            let mut parts = Vec::new();
            let mut rest = lines;
            for (number, date) in dates.iter().enumerate() {
                let cut = rest.partition_point(|line| line.time < midnight(*date));
                let (part, after) = rest.split_at(cut);
                let ending = if number + plain < dates.len() { ".gz" } else { "" };
                parts.push((format!("mail.log-{}{ending}", date.strftime("%Y%m%d")), part));
                rest = after;
            }
            if !rest.is_empty() {
                parts.push(("mail.log".to_owned(), rest));
            }
            parts
        }
    }
}

/// Compresses without a name and a time, so that the same lines are the same bytes.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::best());
    encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default()
}
