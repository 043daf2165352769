//! Rows of a mapped table.

use jiff::tz::TimeZone;

use super::record::Record;
use super::written::Mapping;
use crate::event::{Framing, Head, Kind, Micros, Pos, Sink};
use crate::format::clock::Clock;
use crate::format::detect::Nowhere;
use crate::format::json::{Many, Telling, Value};
use crate::format::row::{Cells, Row, trim};
use crate::format::{Confidence, FileContext, Reader};

/// Where each source of the mapping stands in a row.
type Places = Vec<Option<usize>>;

/// Whether a column is the one that a mapping names.
pub(super) fn is_same(column: &[u8], name: &str) -> bool {
    column.trim_ascii().eq_ignore_ascii_case(name.as_bytes().trim_ascii())
}

/// Whether the head of a file is of the mapping: it has a row that names all its columns; or, where the mapping itself gives their names,
/// most of its rows can be read by them.
pub(super) fn recognise(
    mapping: &Mapping,
    separator: u8,
    columns: Option<&[String]>,
    head: &[u8],
) -> Option<(Confidence, Framing)> {
    let mut row = Row::separated(separator);
    if columns.is_none() {
        let mut lines = head.split(|&byte| byte == b'\n');
        let is_header = |line: &[u8]| places(mapping, &row.read(without_mark(line))).iter().all(Option::is_some);
        return lines.any(is_header).then_some((Confidence::Certain, Framing::Csv));
    }
    let context = FileContext { anchor: Micros(0), zone: TimeZone::UTC, own_relays: Vec::new() };
    let mut reader = TableReader::new(mapping.clone(), separator, columns, &context);
    let (mut read, mut all) = (0, 0);
    for line in head.split(|&byte| byte == b'\n') {
        let kind = reader.read(line, Pos::default(), &mut Nowhere);
        all += usize::from(kind != Kind::Header);
        read += usize::from(!matches!(kind, Kind::Header | Kind::Unparsed));
    }
    (read * 2 > all).then_some((Confidence::Likely, Framing::Csv))
}

/// Why the head of a file that was named to be of the mapping, or nearly is, is not: the columns that are not there. None: none is missing,
/// or nothing speaks for the mapping at all.
pub(super) fn misfit(mapping: &Mapping, separator: u8, columns: Option<&[String]>, head: &[u8]) -> Option<String> {
    if columns.is_some() {
        return None;
    }
    let mut row = Row::separated(separator);
    let found = |line: &[u8]| places(mapping, &row.read(without_mark(line)));
    let count = |places: &Places| places.iter().flatten().count();
    let mut best = Places::new();
    for places in head.split(|&byte| byte == b'\n').map(found) {
        if count(&places) > count(&best) {
            best = places;
        }
    }
    let missing: Vec<&str> =
        mapping.sources.iter().zip(&best).filter(|(_, place)| place.is_none()).map(|(name, _)| name.as_str()).collect();
    (!missing.is_empty() && !best.is_empty()).then(|| format!("no column is called {}", missing.join(", ")))
}

/// Where the sources of the mapping stand, if `cells` are a header.
fn places(mapping: &Mapping, cells: &Cells<'_>) -> Places {
    let place = |source: &String| cells.iter().position(|cell| is_same(cell, source));
    mapping.sources.iter().map(place).collect()
}

/// A row without the mark that Windows puts at the front of a file.
fn without_mark(record: &[u8]) -> &[u8] {
    trim(record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record))
}

/// Reads the rows of a file.
pub(super) struct TableReader {
    mapping: Mapping,
    row: Row,
    /// Where the sources stand. None: no header came yet.
    places: Option<Places>,
    clock: Clock,
    zone: TimeZone,
    id: Vec<u8>,
    reply: Vec<u8>,
}

impl TableReader {
    pub(super) fn new(mapping: Mapping, separator: u8, columns: Option<&[String]>, context: &FileContext) -> Self {
        let place = |source: &String| columns?.iter().position(|column| is_same(column.as_bytes(), source));
        let places = columns.map(|_| mapping.sources.iter().map(place).collect());
        Self {
            row: Row::separated(separator),
            places,
            clock: Clock::new(context),
            zone: context.zone.clone(),
            id: Vec::new(),
            reply: Vec::new(),
            mapping,
        }
    }
}

impl Reader for TableReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let Self { mapping, row, places: known, clock, zone, id, reply } = self;
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        if record.trim_ascii().is_empty() {
            return Kind::Header;
        }
        // Text is text once a row; what is no UTF-8 costs a copy.
        let text = String::from_utf8_lossy(record);
        let cells = row.read(text.as_bytes());
        if is_header(mapping, &cells) {
            *known = Some(places(mapping, &cells));
            return Kind::Header;
        }
        let Some(known) = known else { return Kind::Unparsed };
        let value = |place: &Option<usize>| match place.map(|place| cells.get(place)) {
            // What databases write for nothing.
            None | Some(b"" | b"NULL" | b"\\N" | b"null") => Many::None,
            Some(cell) => Many::One(Value::Text(String::from_utf8_lossy(cell))),
        };
        let slots: Vec<Many<Value<'_>>> = known.iter().map(value).collect();
        let head = Head { pos: at, time: None, host: b"", instance: b"", pid: None, record };
        let mut telling = Telling { head, into, posted: None, clock, id, reply, envelope: &mut String::new() };
        Record { mapping, slots: &slots, zone }.tell(&mut telling)
    }
}

/// Whether a row names the columns without which nothing can be read: when, who, and what came of it. A header may come again.
fn is_header(mapping: &Mapping, cells: &Cells<'_>) -> bool {
    let is_named = |name: &str| cells.iter().any(|cell| is_same(cell, name));
    mapping.telling().all(|source| mapping.sources.get(source).is_some_and(|name| is_named(name)))
}
