//! Rows as objects of JSON: what shippers make of a row of the log, and what `ConvertTo-Json`, the reporting web service and Microsoft Graph
//! make of an event or of what became of a message.
//!
//! Sources: Microsoft Learn, "Get-MessageTrackingLog", "`MessageTrace` report" (Office 365 Reporting web service), "`exchangeMessageTrace`
//! resource type" (Graph); the manual of `NXLog`, "Microsoft Exchange".

use super::super::object::{self, ObjectRow};
use super::super::row::{Cells, Columns};
use super::columns::{self, Column};
use super::trace;

/// Reads objects.
pub(super) struct Objects {
    tracked: ObjectRow,
    traced: ObjectRow,
}

/// The row that an object is, and where its columns stand.
pub(super) enum Found<'a> {
    Tracked(Columns<{ Column::COUNT }>, Cells<'a>),
    Traced(trace::Columns, Cells<'a>),
}

impl Objects {
    pub(super) fn new() -> Self {
        Self {
            tracked: ObjectRow::new(columns::known, Column::COUNT),
            traced: ObjectRow::new(trace::known, trace::NAMES.len()),
        }
    }

    /// The row that `object` is; None if it is none.
    pub(super) fn read(&mut self, object: &[u8]) -> Option<Found<'_>> {
        if self.is_tracked(object) {
            let row = &self.tracked;
            let names = columns::NAMES.iter().enumerate();
            let names = names.map(|(column, (name, _))| if row.has(column) { *name } else { b"" });
            return Some(Found::Tracked(columns::read(names), row.cells()));
        }
        self.is_traced(object).then_some(())?;
        let row = &self.traced;
        let names = trace::NAMES.iter().enumerate().map(|(column, (shell, report))| match row.has(column) {
            true if shell.is_empty() => *report,
            true => *shell,
            false => b"",
        });
        Some(Found::Traced(trace::Columns::read(names, trace::known), row.cells()))
    }

    fn is_tracked(&mut self, object: &[u8]) -> bool {
        let is_whole = self.tracked.read(object).is_some();
        let has = |column: Column| self.tracked.has(column as usize);
        is_whole && has(Column::DateTime) && has(Column::EventId) && has(Column::RecipientAddress)
    }

    fn is_traced(&mut self, object: &[u8]) -> bool {
        self.traced.read(object).is_some() && trace::is_whole(|column| self.traced.has(column))
    }
}

/// The rows within an object that is none itself: a page of the service, what a shipper wrapped.
pub(super) fn within(object: &[u8]) -> impl Iterator<Item = &[u8]> {
    object::within(object, is_row)
}

/// Whether one of the first objects of `text` is a row.
pub(super) fn is_ours(text: &[u8]) -> bool {
    // Most JSON names no recipient, and is not gone over.
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    has(b"{") && (has(b"ecipient")) && object::any(text, is_row)
}

fn is_row(object: &[u8]) -> bool {
    let mut objects = Objects::new();
    objects.is_tracked(object) || objects.is_traced(object)
}
