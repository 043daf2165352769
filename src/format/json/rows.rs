//! What `CloudWatch` Logs Insights and Splunk export as CSV: a row an event of the log, whose text is the cell of `@message` or `_raw`.
//!
//! `@timestamp`, `_time`, `@logStream` and others stand beside it, as they were asked for. Sources: "Export query results" of the `CloudWatch`
//! Logs user guide, "Export search results" of Splunk's Search Manual.

use super::super::row::{Cells, Row, trim};
use super::{JsonReader, Kind, Pos, Reader, Sink};

/// The column of the text, if a row is the header.
fn column(cells: &Cells<'_>) -> Option<usize> {
    let place = cells.iter().position(|cell| MESSAGES.contains(&cell))?;
    (cells.len() > 1).then_some(place)
}

const MESSAGES: [&[u8]; 2] = [b"@message", b"_raw"];

/// A line without the mark of the byte order.
fn bare(line: &[u8]) -> &[u8] {
    trim(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
}

/// The texts of the rows in `head`, if a header stands before them.
pub(super) fn messages(head: &[u8]) -> Option<String> {
    MESSAGES.into_iter().find_map(|name| memchr::memmem::find(head, name))?;
    let mut row = Row::new();
    let mut lines = head.split(|&byte| byte == b'\n').map(bare);
    let place = lines.by_ref().find_map(|line| column(&row.read(line)))?;
    let mut texts = String::new();
    for line in lines {
        texts.push_str(&String::from_utf8_lossy(row.read(line).get(place)));
        texts.push('\n');
    }
    Some(texts)
}

/// Reads the rows of a file.
pub(super) struct Rows {
    reader: JsonReader,
    row: Row,
    place: Option<usize>,
}

impl Rows {
    pub(super) fn new(reader: JsonReader) -> Self {
        Self { reader, row: Row::new(), place: None }
    }
}

impl Reader for Rows {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let cells = self.row.read(bare(record));
        if let Some(place) = column(&cells) {
            self.place = Some(place);
            return Kind::Header;
        }
        let Some(place) = self.place else { return Kind::Unparsed };
        self.reader.read_text(cells.get(place), record, at, into)
    }
}
