//! The CSV that Email Activity of Twilio `SendGrid` gives for download, in its web interface or by `/v3/messages/download`: a row an event.
//!
//! `processed` is the time of the event, whatever that is: a date in UTC, or seconds since 1970. Sources: "Request a CSV" of the `SendGrid`
//! documentation; the columns as programs that read the file have them (`processed, message_id, event, api_key_id, recv_message_id,
//! credential_id, subject, from, email, …, reason, outbound_ip, outbound_ip_type, mx, attempt, …, type, …, marketing_campaign_name, …`).

use super::super::clock::Clock;
use super::super::json::{Story, Telling, Value};
use super::super::row::{self, Cells, Row, trim};
use super::super::{FileContext, Reader};
use super::{SENDGRID, meaning};
use crate::event::{Head, Kind, Pos, Sink};
use crate::format::json::Meaning;

/// What a column holds. The names of [`NAMES`] stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Time,
    Id,
    Event,
    From,
    Recipient,
    Reason,
    Source,
    Relay,
    Kind,
    Campaign,
}

const NAMES: [&[u8]; 10] = [
    b"processed",
    b"message_id",
    b"event",
    b"from",
    b"email",
    b"reason",
    b"outbound_ip",
    b"mx",
    b"type",
    b"marketing_campaign_name",
];

type Columns = row::Columns<{ NAMES.len() }>;

/// The columns of a row that is the header.
fn columns(cells: &Cells<'_>) -> Option<Columns> {
    let has = |name: &[u8]| cells.iter().any(|cell| cell == name);
    let is_header = [&b"processed"[..], b"message_id", b"event", b"email", b"recv_message_id"].into_iter().all(has);
    is_header.then(|| Columns::read(cells.iter(), |name| NAMES.iter().position(|known| *known == name)))
}

/// A line without the mark of the byte order.
fn bare(line: &[u8]) -> &[u8] {
    trim(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line))
}

/// Whether a line of `head` is the header.
pub(super) fn holds_rows(head: &[u8]) -> bool {
    let mut row = Row::new();
    let mut lines = head.split(|&byte| byte == b'\n').filter(|line| memchr::memmem::find(line, b"recv_message_id").is_some());
    lines.any(|line| columns(&row.read(bare(line))).is_some())
}

/// Reads the rows of a file.
pub(super) struct Rows {
    row: Row,
    columns: Option<Columns>,
    clock: Clock,
    id: Vec<u8>,
    reply: Vec<u8>,
    envelope: String,
}

impl Rows {
    pub(super) fn new(context: &FileContext) -> Self {
        let clock = Clock::new(&FileContext { zone: jiff::tz::TimeZone::UTC, ..context.clone() });
        Self { row: Row::new(), columns: None, clock, id: Vec::new(), reply: Vec::new(), envelope: String::new() }
    }
}

impl Reader for Rows {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let cells = self.row.read(bare(record));
        if let Some(found) = columns(&cells) {
            self.columns = Some(found);
            return Kind::Header;
        }
        let Some(columns) = &self.columns else { return Kind::Unparsed };
        let cell = |column: Column| String::from_utf8_lossy(columns.cell(&cells, column as usize));
        let (event, kind, reason) = (cell(Column::Event), cell(Column::Kind), cell(Column::Reason));
        let meaning = meaning(&event, &kind);
        let head = Head { pos: at, time: None, host: b"", instance: b"", pid: None, record };
        let mut telling = Telling {
            head,
            into,
            posted: None,
            clock: &mut self.clock,
            id: &mut self.id,
            reply: &mut self.reply,
            envelope: &mut self.envelope,
        };
        let time = telling.time(&Value::Text(cell(Column::Time)));
        if time.is_none() || event.is_empty() {
            return Kind::Unparsed;
        }
        let story = Story {
            time,
            id: &Value::Text(cell(Column::Id)),
            sender: &Value::Text(cell(Column::From)),
            recipients: &[Value::Text(cell(Column::Recipient))],
            campaign: &Value::Text(cell(Column::Campaign)),
            words: &reason,
            relay: columns.cell(&cells, Column::Relay as usize),
            // Of readers, it is theirs.
            source: if matches!(meaning, Meaning::Tried(_)) { columns.cell(&cells, Column::Source as usize) } else { b"" },
            ..Story::of(SENDGRID.name)
        };
        story.tell(meaning, &mut telling)
    }
}
