//! What went wrong with an input, as a value.
//!
//! Nothing here ends the run: what could be read is kept, and the account says what could not. The words stand in one place, beside
//! the closed set of things that can happen.

use std::fmt;

use super::compression::Compression;

/// Whether a [`Damage`] changes the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is missing from the figures: said, and no more.
    Note,
    /// Something that was named is not in the figures, or not whole: exit code 3.
    Damage,
}

/// One thing that happened to one input. Shows as `path: what happened; what was kept. What to do.`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Damage {
    /// The input as it is shown: a file's name, or what was typed.
    pub path: String,
    /// What happened.
    pub what: Mishap,
}

/// What can happen to an input. Offsets are bytes of decompressed content: all before them was kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mishap {
    /// No file or folder has this name.
    Missing,
    /// A glob without a match.
    NoMatch,
    /// A glob that is none, and why.
    BadPattern(String),
    /// A folder without a file that is not hidden.
    EmptyFolder,
    /// The system refuses it, in its own words.
    Unreadable(String),
    /// A socket, a device.
    NotAFile,
    /// A kind of file that has to be made into a log first: what it is, and how.
    Foreign(&'static str, &'static str),
    /// No content at all.
    Empty,
    /// Another name of a file that is read under this name.
    NamedTwice(String),
    /// The content of another input.
    SameContent {
        /// The input that is read.
        other: String,
        /// True if the other goes on where this one ends (a copy made while it grew).
        beginning: bool,
    },
    /// The compressed data ends in the middle.
    Truncated(Compression, u64),
    /// The compressed data contradicts itself, in the decoder's words. Where a checksum tells it, the fault may lie before.
    Corrupt(Compression, u64, String),
    /// Something else follows the compressed data.
    Garbage(Compression, u64),
    /// Zero bytes follow the compressed data, as from a tape or a file system that rounds up.
    Padding(Compression, u64),
    /// Reading failed in mid-file, in the system's words.
    ReadFailed(u64, String),
    /// The file became shorter after it was listed.
    Shrank(u64),
    /// The file was there when inputs were listed and could not be opened later, in the system's words.
    Vanished(String),
    /// Another file stands under this name since inputs were listed.
    Replaced,
    /// A pipe was to be read a second time.
    Spent,
    /// So many records are longer than [`super::LINE_BYTES`].
    Overlong(u64),
    /// Stamps without a year go back by months, and the file cannot be read again with another year.
    YearUnsettled,
    /// Its records stand from the newest to the oldest, and were read from its end.
    NewestFirst,
    /// Likewise, but it is too long to be kept in memory: it was turned in pieces of so many MiB.
    NewestFirstInPieces(usize),
}

impl Damage {
    /// `what` happened to the input shown as `path`.
    pub(crate) fn new(path: &str, what: Mishap) -> Self {
        Self { path: path.to_owned(), what }
    }

    /// Whether the exit code changes.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.what {
            Mishap::Empty | Mishap::NamedTwice(_) | Mishap::SameContent { .. } | Mishap::Padding(..) | Mishap::NewestFirst => {
                Severity::Note
            }
            Mishap::Missing
            | Mishap::NoMatch
            | Mishap::BadPattern(_)
            | Mishap::EmptyFolder
            | Mishap::Unreadable(_)
            | Mishap::NotAFile
            | Mishap::Foreign(..)
            | Mishap::Truncated(..)
            | Mishap::Corrupt(..)
            | Mishap::Garbage(..)
            | Mishap::ReadFailed(..)
            | Mishap::Shrank(_)
            | Mishap::Vanished(_)
            | Mishap::Replaced
            | Mishap::Spent
            | Mishap::Overlong(_)
            | Mishap::NewestFirstInPieces(_)
            | Mishap::YearUnsettled => Severity::Damage,
        }
    }

    /// The byte of decompressed content up to which the file was read. None where it does not apply.
    #[must_use]
    pub fn offset(&self) -> Option<u64> {
        match self.what {
            Mishap::Truncated(_, at)
            | Mishap::Corrupt(_, at, _)
            | Mishap::Garbage(_, at)
            | Mishap::Padding(_, at)
            | Mishap::ReadFailed(at, _)
            | Mishap::Shrank(at) => Some(at),
            Mishap::Missing
            | Mishap::NoMatch
            | Mishap::BadPattern(_)
            | Mishap::EmptyFolder
            | Mishap::Unreadable(_)
            | Mishap::NotAFile
            | Mishap::Foreign(..)
            | Mishap::Empty
            | Mishap::NamedTwice(_)
            | Mishap::SameContent { .. }
            | Mishap::Vanished(_)
            | Mishap::Replaced
            | Mishap::Spent
            | Mishap::Overlong(_)
            | Mishap::YearUnsettled
            | Mishap::NewestFirst
            | Mishap::NewestFirstInPieces(_) => None,
        }
    }
}

/// Sorts damage by path and place and leaves one of each, so that neither threads nor segments show in it.
#[must_use]
pub fn settled(mut damage: Vec<Damage>) -> Vec<Damage> {
    damage.sort();
    // Every segment behind the new end of a shrunken file says so; the first says enough.
    damage.dedup_by(|next, kept| {
        next == kept || (next.path == kept.path && matches!((&next.what, &kept.what), (Mishap::Shrank(_), Mishap::Shrank(_))))
    });
    damage
}

impl fmt::Display for Damage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(&self.what, Mishap::NamedTwice(other) if *other == self.path) {
            return write!(to, "{}: named twice; counted once.", self.path);
        }
        write!(to, "{}: {}", self.path, self.what)
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(to, "no such file or folder; nothing was read. Check the name."),
            Self::NoMatch => write!(to, "the pattern matches no file; nothing was read. Check the pattern."),
            Self::BadPattern(reason) => {
                write!(to, "no such file, and no pattern ({reason}); nothing was read. Check the name.")
            }
            Self::EmptyFolder => {
                write!(to, "the folder holds no file; nothing was read. Hidden files are left out: name them.")
            }
            Self::Unreadable(reason) => write!(to, "cannot be read ({reason}); nothing was read. Check its permissions."),
            Self::NotAFile => {
                write!(to, "neither a file, a folder nor a pipe; nothing was read. Name a log, or - for standard input.")
            }
            Self::Foreign(what, advice) => write!(to, "{what}; nothing was read. {advice}."),
            Self::Empty => write!(to, "empty; nothing to read."),
            Self::NamedTwice(other) => write!(to, "the same file as {other}; counted once."),
            Self::SameContent { other, beginning: false } => write!(to, "same content as {other}; counted once."),
            Self::SameContent { other, beginning: true } => {
                write!(to, "same content as the beginning of {other}; counted once.")
            }
            Self::Truncated(compression, at) => {
                write!(to, "the {compression} data ends early, after {}", Kept(*at))?;
                write!(to, " Copy the file again, or accept the loss (exit code 3).")
            }
            Self::Corrupt(compression, at, reason) => {
                // A checksum stands behind what it covers, so the fault may lie before this place.
                write!(to, "the {compression} data is damaged ({reason}), which shows after {}", Kept(*at))?;
                write!(to, " Copy the file again, or accept the loss (exit code 3).")
            }
            Self::Garbage(compression, at) => {
                write!(to, "something that is not {compression} follows after {}", Kept(*at))?;
                write!(to, " If it is a log, unpack it into a file of its own.")
            }
            Self::Padding(compression, at) => write!(to, "zero bytes follow the {compression} data, after {}", Kept(*at)),
            Self::ReadFailed(at, reason) => write!(to, "reading failed ({reason}) after {} Try again.", Kept(*at)),
            Self::Shrank(at) => {
                write!(to, "the file became shorter while it was read, after {} Run again when no log rotates.", Kept(*at))
            }
            Self::Vanished(reason) => {
                write!(to, "could not be opened again ({reason}); nothing was read. Run again when no log rotates.")
            }
            Self::Replaced => write!(to, "another file took its name; nothing was read. Run again when no log rotates."),
            Self::Spent => {
                write!(to, "a pipe can be read only once; the first reading is kept. Write it to a file, and name that.")
            }
            Self::Overlong(records) => {
                write!(
                    to,
                    "{} longer than 1 MiB; of each the first 1 MiB was read. ",
                    Counted(*records, "record is", "records are")
                )?;
                write!(to, "No mail server writes such lines: look what did, or accept the loss (exit code 3).")
            }
            Self::YearUnsettled => {
                write!(to, "its stamps name no year and go back by months, so some are dated a year wrong; all are counted. ")?;
                write!(to, "Name a file in place of a pipe, and cut a log that spans more than a year.")
            }
            Self::NewestFirst => NewestFirst(None).fmt(to),
            Self::NewestFirstInPieces(mebibytes) => NewestFirst(Some(*mebibytes)).fmt(to),
        }
    }
}

/// What is said of a file that stands from the newest record to the oldest; how many MiB of it could be kept, if that was not all.
struct NewestFirst(Option<usize>);

impl fmt::Display for NewestFirst {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "its records stand from the newest to the oldest; ")?;
        let Some(mebibytes) = self.0 else { return write!(to, "it was kept in memory and read from its end.") };
        write!(
            to,
            "it is longer than {mebibytes} MiB and was turned in pieces, so that messages that lie in two of them may be "
        )?;
        write!(to, "told wrong. Turn it with `tac` first.")
    }
}

/// `1 record is`, `1,204 records are`.
struct Counted(u64, &'static str, &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = if self.0 == 1 { self.1 } else { self.2 };
        write!(to, "{} {words}", Grouped(self.0))
    }
}

/// A number in groups of three digits.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                write!(to, ",")?;
            }
            write!(to, "{digit}")?;
        }
        Ok(())
    }
}

/// `81,920 bytes of content; what came before is kept.`
struct Kept(u64);

impl fmt::Display for Kept {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} bytes of content; what came before is kept.", Grouped(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_where_what_kept_and_what_to_do() {
        let damage = Damage::new("mail.log.3.gz", Mishap::Truncated(Compression::Gzip, 81_920));
        assert_eq!(
            damage.to_string(),
            "mail.log.3.gz: the gzip data ends early, after 81,920 bytes of content; what came before is kept. \
             Copy the file again, or accept the loss (exit code 3)."
        );
        assert_eq!(damage.severity(), Severity::Damage);
        assert_eq!(damage.offset(), Some(81_920));
    }

    #[test]
    fn bytes_are_grouped_by_thousands() {
        let kept = |bytes| Kept(bytes).to_string().split(' ').next().map(str::to_owned);
        for (bytes, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (100_000, "100,000")] {
            assert_eq!(kept(bytes).as_deref(), Some(shown));
        }
    }

    #[test]
    fn what_costs_no_figure_is_a_note() {
        let same = Mishap::SameContent { other: "mail.log.1".into(), beginning: false };
        for what in [Mishap::Empty, Mishap::NamedTwice("a".into()), same, Mishap::Padding(Compression::Xz, 3)] {
            assert_eq!(Damage::new("b", what).severity(), Severity::Note);
        }
    }

    #[test]
    fn one_shrunken_file_is_said_once() {
        let shrank = |at| Damage::new("mail.log", Mishap::Shrank(at));
        let settled = settled(vec![
            shrank(300),
            Damage::new("a", Mishap::Empty),
            shrank(100),
            Damage::new("a", Mishap::Empty),
            shrank(200),
        ]);
        assert_eq!(settled, vec![Damage::new("a", Mishap::Empty), shrank(100)]);
    }
}
