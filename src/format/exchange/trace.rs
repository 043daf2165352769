//! Message traces of Exchange Online: what `Get-MessageTrace` and `Get-MessageTraceV2` give to `Export-Csv`, and the summary report that the
//! admin center and `Start-HistoricalSearch` make.
//!
//! A row tells what became of a message, of the shell for one recipient, of the report for all (`a@b.example##Receive, Send;…`). The time, always
//! UTC, is that at which the service took the message. Neither tells a reply. Sources: Microsoft Learn, "Get-MessageTraceV2", "Message trace in
//! the new Exchange admin center" (statuses; an address in `ToIP` is of mail that leaves, one in `FromIP` of mail that came).

use super::super::cursor::{number, split_byte, split_text};
use super::super::row::{self, Cells, is_name, trim};
use super::super::said::{Said, attempt};
use crate::event::{Attempt, Event, Head, Key, Kind, Sink, Sort, Speaker, Status, What};

/// What a column holds. The names of [`NAMES`] stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Time,
    Sender,
    Recipient,
    Status,
    /// Each recipient with what happened, in order.
    RecipientStatus,
    /// Where the service sent the message to.
    ToIp,
    Bytes,
    MessageId,
    TraceId,
    Direction,
}

/// The names in the shell, and in the report; that has `origin_timestamp` too.
pub(super) const NAMES: [(&[u8], &[u8]); 10] = [
    (b"Received", b"origin_timestamp_utc"),
    (b"SenderAddress", b"sender_address"),
    (b"RecipientAddress", b""),
    (b"Status", b""),
    (b"", b"recipient_status"),
    (b"ToIP", b""),
    (b"Size", b"total_bytes"),
    (b"MessageId", b"message_id"),
    (b"MessageTraceId", b"network_message_id"),
    (b"", b"directionality"),
];

/// What the documentation calls the report's time, and Graph that of its objects.
const OTHER_TIMES: [&[u8]; 2] = [b"origin_timestamp", b"receivedDateTime"];

/// Where the columns stand.
pub(super) type Columns = row::Columns<{ NAMES.len() }>;

/// The column of a name.
pub(super) fn known(name: &[u8]) -> Option<usize> {
    if OTHER_TIMES.iter().any(|other| name.eq_ignore_ascii_case(other)) {
        return Some(Column::Time as usize);
    }
    // Graph's trace is called by its id.
    if name == b"id" {
        return Some(Column::TraceId as usize);
    }
    NAMES
        .iter()
        .position(|(shell, report)| [shell, report].into_iter().any(|one| !one.is_empty() && one.eq_ignore_ascii_case(name)))
}

/// Where the columns stand, if a row is the header of a trace.
pub(super) fn columns(cells: &Cells<'_>) -> Option<Columns> {
    let has = |name: &[u8]| cells.iter().any(|cell| cell.eq_ignore_ascii_case(name));
    let of_shell = || [&b"Received"[..], b"SenderAddress", b"RecipientAddress", b"Status"].into_iter().all(has);
    let of_report = || {
        (has(b"origin_timestamp_utc") || OTHER_TIMES.into_iter().any(has)) && has(b"sender_address") && has(b"recipient_status")
    };
    // An extended report has a status for each recipient, too, and a row for each event.
    (is_name(cells.get(0)) && !has(b"event_id") && (of_shell() || of_report())).then(|| Columns::read(cells.iter(), known))
}

/// Whether an object with these columns tells what became of a message.
pub(super) fn is_whole(has: impl Fn(usize) -> bool) -> bool {
    [Column::Time, Column::Sender, Column::Recipient, Column::Status].into_iter().all(|column| has(column as usize))
}

/// The cell that holds the time.
pub(super) fn time<'a>(columns: &Columns, cells: &Cells<'a>) -> &'a [u8] {
    columns.cell(cells, Column::Time as usize)
}

/// A row.
pub(super) struct Traced<'a> {
    pub(super) head: Head<'a>,
    pub(super) columns: &'a Columns,
    pub(super) cells: Cells<'a>,
}

/// What became of a recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    To(Status, Sort),
    /// Nothing yet: it is queued, or the service does not know.
    Nothing,
    /// The message went on to others.
    Routed,
}

impl<'a> Traced<'a> {
    /// Reads the row into events.
    pub(super) fn read(&self, into: &mut dyn Sink) -> Kind {
        let status = self.cell(Column::Status);
        if self.columns.place(Column::Status as usize).is_some() {
            let Some(came) = self.came(status) else {
                into.unmapped("Status", status);
                return Kind::Unparsed;
            };
            self.message(into);
            return self.tell(self.cell(Column::Recipient), came, into);
        }
        let recipients = self.cell(Column::RecipientStatus);
        if split_text(recipients, b"##").is_none() {
            return Kind::Unparsed;
        }
        self.message(into);
        let mut kind = Kind::Context;
        for one in recipients.split(|&byte| byte == b';') {
            if let Some((address, events)) = split_text(one, b"##") {
                kind = kind.min(self.tell(super::event::unwrapped(trim(address)), self.happened(events), into));
            }
        }
        kind
    }

    fn cell(&self, column: Column) -> &'a [u8] {
        self.columns.cell(&self.cells, column as usize)
    }

    fn has(&self, column: Column) -> bool {
        self.columns.place(column as usize).is_some()
    }

    /// What the shell's status means. Of spam nobody was asked: the service kept it, or threw it away.
    fn came(&self, status: &[u8]) -> Option<Came> {
        // Without the column all mail counts as sent.
        let leaves = !self.cell(Column::ToIp).is_empty() || !self.has(Column::ToIp);
        let is = |name: &[u8]| status.eq_ignore_ascii_case(name);
        Some(if is(b"Delivered") {
            Came::To(Status::Delivered, if leaves { Sort::Real } else { Sort::Local })
        } else if is(b"Failed") {
            Came::To(Status::Failed, if leaves { Sort::Real } else { Sort::Own })
        } else if is(b"FilteredAsSpam") || is(b"Quarantined") {
            Came::To(Status::Failed, Sort::NotSent)
        } else if is(b"Pending") || is(b"GettingStatus") || is(b"None") {
            Came::Nothing
        } else if is(b"Expanded") {
            Came::Routed
        } else {
            return None;
        })
    }

    /// What the report's events (`Receive, Send`) amount to: the last that ends anything. What came from outside and is sent goes to servers
    /// of our own.
    fn happened(&self, events: &[u8]) -> Came {
        let direction = self.cell(Column::Direction);
        let is_incoming =
            direction == b"1" || direction.eq_ignore_ascii_case(b"Incoming") || direction.eq_ignore_ascii_case(b"Inbound");
        let of_event = |event: &[u8]| match event {
            b"Send" => Some(Came::To(Status::Delivered, if is_incoming { Sort::Hop } else { Sort::Real })),
            b"Deliver" => Some(Came::To(Status::Delivered, Sort::Local)),
            b"Fail" => Some(Came::To(Status::Failed, if is_incoming { Sort::Own } else { Sort::Real })),
            b"Expand" => Some(Came::Routed),
            _ => None,
        };
        events.rsplit(|&byte| byte == b',').find_map(|event| of_event(trim(event))).unwrap_or(Came::Nothing)
    }

    /// `network-message-id`, one for all of the organisation, else the Message-ID.
    fn key(&self) -> Key<'a> {
        let ids = [self.cell(Column::TraceId), self.message_id()];
        ids.into_iter().find(|id| !id.is_empty()).map_or(Key::Whole, Key::Message)
    }

    fn message_id(&self) -> &'a [u8] {
        super::event::unwrapped(self.cell(Column::MessageId))
    }

    fn say(&self, what: What<'_>, into: &mut dyn Sink) {
        into.event(&Event { head: self.head, key: self.key(), what });
    }

    fn message(&self, into: &mut dyn Sink) {
        let sender = self.cell(Column::Sender);
        if !sender.is_empty() {
            let address = super::event::unwrapped(sender);
            self.say(What::Sender { address, size: number(self.cell(Column::Bytes)), recipients: None }, into);
        }
        let id = self.message_id();
        if !id.is_empty() {
            self.say(What::MessageId(id), into);
        }
    }

    fn tell(&self, address: &[u8], came: Came, into: &mut dyn Sink) -> Kind {
        let Came::To(status, sort) = came else {
            if came == Came::Nothing && !address.is_empty() {
                self.say(What::Recipient { index: None, address }, into);
            }
            return Kind::Context;
        };
        // Several addresses were tried: which of them answered is not told.
        let relay = self.cell(Column::ToIp);
        let is_one = split_byte(relay, b',').or_else(|| split_byte(relay, b';')).is_none();
        let speaker = match (status, sort) {
            (Status::Delivered, Sort::Real | Sort::Hop) => Speaker::Remote,
            (_, Sort::Real) => Speaker::Unknown,
            _ => Speaker::Own,
        };
        let said = Said { code: None, enhanced: None, reply: b"", speaker };
        let attempt = Attempt { sort, relay_ip: if is_one { relay } else { b"" }, ..attempt(address, status, &said) };
        self.say(What::Attempt(attempt), into);
        if sort == Sort::NotSent { Kind::Context } else { Kind::Delivery }
    }
}
