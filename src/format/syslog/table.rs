//! Lines of a log in a table: Azure's `Syslog` as Log Analytics and Sentinel export it, and what searches in Splunk, Kibana, Graylog, Grafana,
//! Datadog and `CloudWatch` found.
//!
//! Azure's portal names the time `TimeGenerated [UTC]` and writes it as its language does, other tools `TimeGenerated` and as ISO 8601; both are
//! in UTC. What was searched holds a line with its header, or without where a pipeline took it off. Sources: "Azure Monitor Logs reference",
//! table Syslog; the manuals of these, on the export of results.

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

/// What searches call a line, the fuller first.
const TEXTS: [&[u8]; 9] =
    [b"_raw", b"event.original", b"full_message", b"@message", b"message", b"Message", b"Line", b"line", b"msg"];

/// What they call the rest.
const OTHERS: [(&[u8], Column); 19] = [
    (b"_time", Column::Time),
    (b"@timestamp", Column::Time),
    (b"timestamp", Column::Time),
    (b"Time", Column::Time),
    (b"time", Column::Time),
    (b"Date", Column::Time),
    (b"date", Column::Time),
    (b"host.name", Column::Host),
    (b"host.hostname", Column::Host),
    (b"hostname", Column::Host),
    (b"host", Column::Host),
    (b"Host", Column::Host),
    (b"source", Column::Host),
    (b"process.name", Column::Program),
    (b"program", Column::Program),
    (b"application_name", Column::Program),
    (b"process.pid", Column::Process),
    (b"process_id", Column::Process),
    (b"pid", Column::Process),
];

type Columns = row::Columns<{ NAMES.len() }>;

/// The columns of a row that is the header.
fn columns(cells: &Cells<'_>) -> Option<Columns> {
    let known = |name: &[u8]| {
        if name == OTHER_TIME { Some(Column::Time as usize) } else { NAMES.iter().position(|known| *known == name) }
    };
    let columns = Columns::read(cells.iter(), known);
    let has = |column: Column| columns.place(column as usize).is_some();
    let of_azure = has(Column::Time) && has(Column::Program) && has(Column::Text);
    if of_azure { Some(columns) } else { of_search(cells) }
}

/// The same of what a search found: a line, and the time of it. Splunk's `_raw` is called so by nobody else.
fn of_search(cells: &Cells<'_>) -> Option<Columns> {
    let text = TEXTS.into_iter().find(|text| cells.iter().any(|cell| cell == *text)).filter(|_| cells.len() > 1)?;
    let known = |name: &[u8]| {
        if name == text {
            return Some(Column::Text as usize);
        }
        OTHERS.iter().find(|(known, _)| *known == name).map(|(_, column)| *column as usize)
    };
    let columns = Columns::read(cells.iter(), known);
    (columns.place(Column::Time as usize).is_some() || text == b"_raw").then_some(columns)
}

/// A line without the mark of the byte order.
fn bare(line: &[u8]) -> &[u8] {
    trim(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
}

/// Lines among which the header is looked for.
const FIRST_LINES: usize = 4;

/// The rows in `head` as lines of a syslog daemon, if a header stands before them: for whose they are.
pub(super) fn lines(head: &[u8]) -> Option<Vec<u8>> {
    let mut row = Row::new();
    let all = head.split(|&byte| byte == b'\n').map(bare);
    // Of Azure's table nobody else has the name.
    let most = if memchr::memmem::find(head, b"SyslogMessage").is_some() { usize::MAX } else { FIRST_LINES };
    let (before, columns) = all.clone().take(most).enumerate().find_map(|(at, line)| Some((at, columns(&row.read(line))?)))?;
    let mut lines = Vec::new();
    for line in all.skip(before + 1) {
        let cells = row.read(line);
        let cell = |column: Column| String::from_utf8_lossy(columns.cell(&cells, column as usize));
        let (program, process, text) = (cell(Column::Program), cell(Column::Process), cell(Column::Text));
        // Writing to a Vec cannot fail.
        let _written = if program.is_empty() {
            writeln!(lines, "{text}")
        } else {
            writeln!(lines, "2026-01-01T00:00:00Z host {program}[{process}]: {text}")
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
    /// Whether a search found the rows: it writes the time as its language does, and a line may have its own.
    is_search: bool,
}

impl TableReader {
    pub(super) fn new(lines: SyslogReader, head: &[u8], context: &FileContext) -> Self {
        let stamps = Stamps::new(head, &FileContext { zone: jiff::tz::TimeZone::UTC, ..context.clone() });
        Self { lines, stamps, row: Row::new(), columns: None, is_search: false }
    }

    /// Takes a row apart: its time, if it means one. Else what the row is.
    fn take(&mut self, record: &[u8]) -> Result<Option<Micros>, Kind> {
        let cells = self.row.read(bare(record));
        if let Some(found) = columns(&cells) {
            self.columns = Some(found);
            self.is_search = cells.iter().all(|cell| cell != b"SyslogMessage");
            return Err(Kind::Header);
        }
        let Some(columns) = &self.columns else { return Err(Kind::Unparsed) };
        let cell = |column: Column| columns.cell(&cells, column as usize);
        let time = match self.stamps.read(cell(Column::Time)) {
            Ok(time) => time,
            Err(()) if self.is_search => None,
            Err(()) => return Err(Kind::Unparsed),
        };
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
        self.take(record).ok()?;
        let envelope = self.lines.json.envelope(&mut self.lines.clock);
        Some(Opening { time: envelope.time?, host: envelope.host.to_vec() })
    }
}
