//! Azure's table `Syslog` as CSV: what Log Analytics and Sentinel export, a row a line.
//!
//! The portal names the time `TimeGenerated [UTC]` and writes it as its language does, other tools `TimeGenerated` and as ISO 8601; both are in
//! UTC. Source: "Azure Monitor Logs reference", table Syslog.

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

type Columns = row::Columns<{ NAMES.len() }>;

/// The columns of a row that is the header.
fn columns(cells: &Cells<'_>) -> Option<Columns> {
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
    memchr::memmem::find(head, b"SyslogMessage")?;
    let mut row = Row::new();
    let mut rows = head.split(|&byte| byte == b'\n').map(bare);
    let columns = rows.by_ref().find_map(|line| columns(&row.read(line)))?;
    let mut lines = Vec::new();
    for line in rows {
        let cells = row.read(line);
        let cell = |column: Column| String::from_utf8_lossy(columns.cell(&cells, column as usize));
        let (program, process, text) = (cell(Column::Program), cell(Column::Process), cell(Column::Text));
        // Writing to a Vec cannot fail.
        let _written = writeln!(lines, "2026-01-01T00:00:00Z host {program}[{process}]: {text}");
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
        let Ok(time) = self.stamps.read(cell(Column::Time)) else { return Err(Kind::Unparsed) };
        let host = [Column::Computer, Column::Host].map(cell).into_iter().find(|host| !host.is_empty()).unwrap_or_default();
        self.lines.json.fill(time, host, cell(Column::Program), cell(Column::Process), cell(Column::Text));
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
        let time = self.take(record).ok()??;
        Some(Opening { time, host: self.lines.json.host().to_vec() })
    }
}
