//! PowerMTA's accounting files: CSV whose header says which columns there are, and in which order.
//!
//! A row is whole by itself: one try for one recipient, or what came back later. It names no message, so that the tries of one message
//! for one recipient share a key made of when it was queued, its sender and its recipient. Sites re-emit rows as JSON objects with the
//! same names; these are read alike. Keeps the last header seen, which is why such a file is read whole by one reader. Source: PowerMTA
//! User's Guide 4.x and 5.x, chapter "Accounting".

mod columns;
mod object;
mod record;
mod reply;
mod stamp;

use std::sync::LazyLock;

use memchr::memmem::Finder;

use self::columns::Column;
use self::record::Record;
use self::stamp::Stamps;
use super::object::ObjectRow;
use super::relay::OwnRelays;
use super::row::{Cells, Columns, Row, SEPARATORS, Spilt};
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Framing, Kind, Pos, Sink};

/// The accounting files.
pub(super) struct PowerMta;

impl Format for PowerMta {
    fn name(&self) -> &'static str {
        "powermta"
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        if named(head).is_some() {
            return Some((Confidence::Certain, Framing::Csv));
        }
        if object::is_ours(head) {
            return Some((Confidence::Certain, Framing::Json));
        }
        is_headerless(head).then_some((Confidence::Likely, Framing::Csv))
    }

    fn header<'a>(&self, head: &'a [u8]) -> Option<&'a [u8]> {
        named(head).map(|(_, line)| line)
    }

    fn takes_header(&self, head: &[u8], header: &[u8]) -> bool {
        if !is_headerless(head) {
            return false;
        }
        let mut row = Row::new();
        let names = row.read(columns::uncommented(header)).len();
        let (fitting, all) = lines(head).fold((0, 0), |(fitting, all), line| {
            let fits = row.read(line.trim_ascii_end()).len() == names;
            (fitting + u32::from(fits), all + 1)
        });
        fitting * 2 > all
    }

    fn misfit(&self, head: &[u8]) -> Option<String> {
        is_headerless(head).then(|| {
            "its rows have no header, and which column is which is not guessed: put the file that begins with `type,` into the same folder, or \
             write the names of its columns into a mapping"
                .to_owned()
        })
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        let mut row = Row::separated(named(head).map_or(b',', |(separator, _)| separator));
        let columns = lines(head).next().and_then(|first| {
            let names = row.read(columns::uncommented(first));
            columns::is_header(&names).then(|| columns::read(&names))
        });
        Box::new(RowReader {
            row,
            columns,
            objects: object::row(),
            every: columns::every(),
            stamps: Stamps::new(context),
            own: OwnRelays::new(&context.own_relays),
            key: Vec::new(),
        })
    }
}

/// The header, if there is one, and what stands between its cells: files that went through a spreadsheet have semicolons.
fn named(head: &[u8]) -> Option<(u8, &[u8])> {
    SEPARATORS.into_iter().find_map(|separator| {
        let mut row = Row::separated(separator);
        let line = lines(head).find(|line| columns::is_header(&row.read(columns::uncommented(line))))?;
        Some((separator, line))
    })
}

/// The lines that are not empty.
fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty())
}

/// Pieces of a file without its header: rows that begin with a type and a time and hold an address. Which column is which depends on the
/// configuration, and is not guessed: without a header from another piece they are told, but not read.
fn is_headerless(head: &[u8]) -> bool {
    let is_row = |line: &&[u8]| {
        let mut cells = line.split(|&byte| byte == b',');
        let is_type = cells.next().is_some_and(|word| matches!(word, b"d" | b"b" | b"t" | b"tq" | b"r" | b"rb" | b"rs" | b"f"));
        is_type && cells.next().is_some_and(|time| time.first().is_some_and(u8::is_ascii_digit)) && line.contains(&b'@')
    };
    let is_most = || lines(head).filter(is_row).count() * 2 > lines(head).count();
    lines(head).next().is_some_and(|line| is_row(&line)) && is_most() && named(head).is_none()
}

/// Reads the rows of a file.
struct RowReader {
    row: Row,
    /// What the last header said. None: none came yet.
    columns: Option<Columns<{ Column::COUNT }>>,
    objects: ObjectRow,
    /// Every column in its own place, as objects give them.
    every: Columns<{ Column::COUNT }>,
    stamps: Stamps,
    own: OwnRelays,
    /// The key of the row's message.
    key: Vec<u8>,
}

impl Reader for RowReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let Self { row, columns, objects, every, stamps, own, key } = self;
        if record.starts_with(b"{") {
            let Some(cells) = objects.read(record) else { return Kind::Unparsed };
            if !cells.get(Column::Type as usize).is_empty() {
                return Record { text: record, at, columns: every, cells, stamps, own, key }.read(into);
            }
            let mut kind = Kind::Unparsed;
            for object in object::within(record) {
                let Some(cells) = objects.read(object) else { continue };
                let found = Record { text: record, at, columns: every, cells, stamps, own, key }.read(into);
                if kind != Kind::Delivery {
                    kind = found;
                }
            }
            return kind;
        }
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        let cells = row.read(record);
        match record.first() {
            None => return Kind::Header,
            Some(b'#') => {
                let named = row.read(columns::uncommented(record));
                if columns::is_header(&named) {
                    *columns = Some(columns::read(&named));
                }
                return Kind::Header;
            }
            Some(_) if is_header(&cells, record) => {
                *columns = Some(columns::read(&cells));
                return Kind::Header;
            }
            Some(_) if record.trim_ascii().is_empty() => return Kind::Header,
            Some(_) => {}
        }
        let Some(columns) = columns else { return Kind::Unparsed };
        let cells = respilt(cells, columns);
        Record { text: record, at, columns, cells, stamps, own, key }.read(into)
    }
}

/// Whether a row names columns. Of those that do not begin with the word, few have it, and only these are looked at as a whole.
fn is_header(cells: &Cells<'_>, record: &[u8]) -> bool {
    static WORDS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"type"));
    let may_be = cells.get(0).eq_ignore_ascii_case(b"type") || WORDS.find(record).is_some();
    may_be && columns::is_header(cells)
}

/// A row with more cells than its header has names lost its quotes: what is too much belongs to the free text of `dsnDiag`, or to
/// `dlvEsmtpAvailable`, whose words are known by their look.
fn respilt<'a>(cells: Cells<'a>, columns: &Columns<{ Column::COUNT }>) -> Cells<'a> {
    let Some(extra) = cells.len().checked_sub(columns.count()).filter(|&extra| extra > 0) else { return cells };
    let Some(diagnosis) = columns.place(Column::DsnDiag as usize) else { return cells };
    let Some(esmtp) = columns.place(Column::DlvEsmtpAvailable as usize).filter(|&esmtp| esmtp > diagnosis) else {
        return cells.spilt([Spilt { column: diagnosis, extra }, Spilt::default()]);
    };
    // Counted from the right, where every other column has one cell.
    let last = esmtp + extra;
    let words = (0..=extra).take_while(|back| columns::is_keyword(cells.get(last - back))).count();
    let of_esmtp = words.saturating_sub(1);
    cells.spilt([Spilt { column: diagnosis, extra: extra - of_esmtp }, Spilt { column: esmtp, extra: of_esmtp }])
}
