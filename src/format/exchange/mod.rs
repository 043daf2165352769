//! Microsoft Exchange's message tracking: CSV whose `#Fields:` line says which columns there are.
//!
//! A row is one event of one message on one server, for a list of recipients. Keeps the last `#Fields:` seen, which is why such a file is
//! read whole by one reader. What `Get-MessageTrackingLog | Export-Csv` writes has the same columns by other names. Sources: Microsoft
//! Learn, "Message tracking" and "Event types in the message tracking log" (Exchange 2013 to SE); "Information written to the message
//! tracking log" (Exchange 2007). What traces of Exchange Online say of a message in one row is read by [`trace`].

mod columns;
mod event;
mod object;
mod recipients;
mod stamp;
mod status;
mod trace;

use self::columns::Column;
use self::event::Tracked;
use self::object::{Found, Objects};
pub(super) use self::stamp::Stamps;
use self::trace::Traced;
use super::relay::OwnRelays;
use super::row::{Columns, Row, SEPARATORS};
use super::{Confidence, FileContext, Format, Reader};
use crate::event::{Framing, Head, Kind, Pos, Sink};

/// The message tracking log.
pub(super) struct Exchange;

impl Format for Exchange {
    fn name(&self) -> &'static str {
        "exchange"
    }

    fn recognise(&self, head: &[u8]) -> Option<(Confidence, Framing)> {
        if object::is_ours(head) {
            return Some((Confidence::Certain, Framing::Json));
        }
        let mut row = Row::new();
        let mut lines = head.split(|&byte| byte == b'\n').map(columns::bare);
        let is_told = separator(head).is_some()
            || lines.any(|line| {
                // Shippers drop the lines that begin with `#`.
                line.starts_with(b"#Log-type: Message Tracking Log") || columns::by_count(&row.read(line)).is_some()
            });
        is_told.then_some((Confidence::Certain, Framing::Csv))
    }

    fn reader(&self, head: &[u8], context: &FileContext) -> Box<dyn Reader> {
        Box::new(RowReader {
            row: Row::separated(separator(head).unwrap_or(b',')),
            columns: None,
            trace: None,
            objects: Objects::new(),
            stamps: Stamps::new(head, context),
            traced: Stamps::new(head, &FileContext { zone: jiff::tz::TimeZone::UTC, ..context.clone() }),
            own: OwnRelays::new(&context.own_relays),
        })
    }
}

/// What stands between the cells, where a line names the columns: an export is written with semicolons or tabs, too.
fn separator(head: &[u8]) -> Option<u8> {
    SEPARATORS.into_iter().find(|&separator| {
        let mut row = Row::separated(separator);
        head.split(|&byte| byte == b'\n').map(columns::bare).any(|line| {
            columns::fields(line).is_some_and(|names| columns::is_tracking(&row.read(names)))
                || columns::is_export(&row.read(line))
                || trace::columns(&row.read(line)).is_some()
        })
    })
}

/// Reads the rows of a file.
struct RowReader {
    row: Row,
    /// What the last header said. None: none came yet.
    columns: Option<Columns<{ Column::COUNT }>>,
    /// The same of a trace.
    trace: Option<trace::Columns>,
    objects: Objects,
    stamps: Stamps,
    /// For traces, whose times are in UTC.
    traced: Stamps,
    own: OwnRelays,
}

impl Reader for RowReader {
    fn read(&mut self, record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        let line = columns::bare(record);
        if line.starts_with(b"{") {
            return self.read_object(line, record, at, into);
        }
        let Self { row, columns, trace, objects: _, stamps, traced, own } = self;
        if line.starts_with(b"#") {
            if let Some(names) = columns::fields(line) {
                // Another log's fields are another log: its rows are not read by the wrong names.
                let names = row.read(names);
                *columns = columns::is_tracking(&names).then(|| columns::read(names.iter()));
                *trace = None;
            }
            return Kind::Header;
        }
        if line.is_empty() {
            return Kind::Header;
        }
        let cells = row.read(line);
        // A row begins with a stamp.
        if !cells.get(0).first().is_some_and(u8::is_ascii_digit) {
            if columns::is_export(&cells) {
                *columns = Some(columns::read(cells.iter()));
                *trace = None;
                return Kind::Header;
            }
            if let Some(names) = trace::columns(&cells) {
                *trace = Some(names);
                return Kind::Header;
            }
        }
        if let Some(columns) = trace {
            let Ok(time) = traced.read(trace::time(columns, &cells)) else { return Kind::Unparsed };
            let head = Head { pos: at, time, host: b"", instance: b"", pid: None, record };
            return Traced { head, columns, cells }.read(into);
        }
        let guessed = if columns.is_none() { columns::by_count(&cells) } else { None };
        let Some(columns) = columns.as_ref().or(guessed.as_ref()) else { return Kind::Unparsed };
        let Some((time, cells)) = stamps.find(&cells, columns) else { return Kind::Unparsed };
        Tracked { record, at, time, columns, cells, own }.read(stamps, into)
    }
}

impl RowReader {
    /// Reads an object that is a row, or that holds such.
    fn read_object(&mut self, object: &[u8], record: &[u8], at: Pos, into: &mut dyn Sink) -> Kind {
        if let Some(kind) = self.read_one(object, record, at, into) {
            return kind;
        }
        let mut kind = None;
        for object in object::within(object) {
            let found = self.read_one(object, record, at, into);
            kind = if kind == Some(Kind::Delivery) { kind } else { found.or(kind) };
        }
        kind.unwrap_or(Kind::Unparsed)
    }

    fn read_one(&mut self, object: &[u8], record: &[u8], at: Pos, into: &mut dyn Sink) -> Option<Kind> {
        let Self { row: _, columns: _, trace: _, objects, stamps, traced, own } = self;
        Some(match objects.read(object)? {
            Found::Tracked(columns, cells) => match stamps.find(&cells, &columns) {
                Some((time, cells)) => Tracked { record, at, time, columns: &columns, cells, own }.read(stamps, into),
                None => Kind::Unparsed,
            },
            Found::Traced(columns, cells) => match traced.read(trace::time(&columns, &cells)) {
                Ok(time) => {
                    let head = Head { pos: at, time, host: b"", instance: b"", pid: None, record };
                    Traced { head, columns: &columns, cells }.read(into)
                }
                Err(()) => Kind::Unparsed,
            },
        })
    }
}
