//! Lines of a log in a table: Azure's `Syslog` as Log Analytics and Sentinel export it, a row a line, and the events that Splunk found.
//!
//! Azure's portal names the time `TimeGenerated [UTC]` and writes it as its language does, other tools `TimeGenerated` and as ISO 8601; both are
//! in UTC. Splunk's `_raw` is the line with its header. Sources: "Azure Monitor Logs reference", table Syslog; Splunk's "Search Manual",
//! "Export search results".

use std::io::Write as _;

use super::{PROGRAMS, SyslogReader};
use crate::event::{Kind, Micros, Pos, Sink};
use crate::format::exchange::Stamps;
use crate::format::row::{self, Cells, Row, trim};
use crate::format::{FileContext, Opening, Reader};

/// What a column holds. The names of [`NAMES`] stand in this order.
#[derive(Clone, Copy)]
enum Column {
    Time,
    Computer,
    Host,
    Program,
    Process,
    Text,
}

const NAMES: [&[u8]; 6] = [b"TimeGenerated [UTC]", b"Computer", b"HostName", b"ProcessName", b"ProcessID", b"SyslogMessage"];

/// The time where a tool named the columns.
const OTHER_TIME: &[u8] = b"TimeGenerated";

/// What Splunk calls time, host and text.
const OF_SPLUNK: [(&[u8], Column); 3] = [(b"_time", Column::Time), (b"host", Column::Host), (RAW, Column::Text)];
const RAW: &[u8] = b"_raw";

type Columns = row::Columns<{ NAMES.len() }>;

/// The columns of a row that is the header.
fn columns(cells: &Cells<'_>) -> Option<Columns> {
    if cells.iter().any(|cell| cell == RAW) {
        let known = |name: &[u8]| OF_SPLUNK.iter().find(|(known, _)| *known == name).map(|(_, column)| *column as usize);
        return (cells.len() > 1).then(|| Columns::read(cells.iter(), known));
    }
    let known = |name: &[u8]| {
        if name == OTHER_TIME { Some(Column::Time as usize) } else { NAMES.iter().position(|known| *known == name) }
    };
    let columns = Columns::read(cells.iter(), known);
    let has = |column: Column| columns.place(column as usize).is_some();
    (has(Column::Time) && has(Column::Program) && has(Column::Text)).then_some(columns)
}

/// A line without the mark of the byte order.
fn bare(line: &[u8]) -> &[u8] {
    trim(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
}

/// The rows in `head` as lines of a syslog daemon, if a header stands before them: for whose they are.
pub(super) fn lines(head: &[u8]) -> Option<Vec<u8>> {
    [RAW, b"SyslogMessage"].into_iter().find_map(|name| memchr::memmem::find(head, name))?;
    let mut row = Row::new();
    let mut rows = head.split(|&byte| byte == b'\n').map(bare);
    let columns = rows.by_ref().find_map(|line| columns(&row.read(line)))?;
    let mut lines = Vec::new();
    for line in rows {
        let cells = row.read(line);
        let cell = |column: Column| String::from_utf8_lossy(columns.cell(&cells, column as usize));
        let (program, process, text) = (cell(Column::Program), cell(Column::Process), cell(Column::Text));
        // Writing to a Vec cannot fail.
        let _written = match columns.place(Column::Program as usize) {
            Some(_) => writeln!(lines, "2026-01-01T00:00:00Z host {program}[{process}]: {text}"),
            None => writeln!(lines, "{text}"),
        };
    }
    Some(lines)
}

/// Reads the rows of a file.
pub(super) struct TableReader {
    lines: SyslogReader,
    stamps: Stamps,
    row: Row,
    columns: Option<Columns>,
}

impl TableReader {
    pub(super) fn new(lines: SyslogReader, head: &[u8], context: &FileContext) -> Self {
        let stamps = Stamps::new(head, &FileContext { zone: jiff::tz::TimeZone::UTC, ..context.clone() });
        Self { lines, stamps, row: Row::new(), columns: None }
    }

    /// Takes a row apart: its time, if it means one. Else what the row is.
    fn take(&mut self, record: &[u8]) -> Result<Option<Micros>, Kind> {
        let cells = self.row.read(bare(record));
        if let Some(found) = columns(&cells) {
            self.columns = Some(found);
            return Err(Kind::Header);
        }
        let Some(columns) = &self.columns else { return Err(Kind::Unparsed) };
        let cell = |column: Column| columns.cell(&cells, column as usize);
        let time = match self.stamps.read(cell(Column::Time)) {
            Ok(time) => time,
            // A line has its own.
            Err(()) if columns.place(Column::Program as usize).is_none() => None,
            Err(()) => return Err(Kind::Unparsed),
        };
        let host = [Column::Computer, Column::Host].map(cell).into_iter().find(|host| !host.is_empty()).unwrap_or_default();
        self.lines.json.fill(time, host, (cell(Column::Program), cell(Column::Process)), cell(Column::Text));
        Ok(time)
    }
}

impl Reader for TableReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        match self.take(record) {
            Ok(_) => self.lines.offer_unwrapped(&PROGRAMS, record, at, into).kind.unwrap_or(Kind::Other),
            Err(kind) => kind,
        }
    }

    fn opening(&mut self, record: &[u8]) -> Option<Opening> {
        self.take(record).ok()?;
        let envelope = self.lines.json.envelope(&mut self.lines.clock);
        Some(Opening { time: envelope.time?, host: envelope.host.to_vec() })
    }
}
