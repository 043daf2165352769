//! One row, whose columns and stamp are known: its event, and the events that it tells.

use super::super::cursor::{Cursor, number, place};
use super::super::relay::{OwnRelays, Relay};
use super::super::row::{Cells, Columns};
use super::columns::Column;
use super::recipients;
use super::stamp::Stamps;
use super::status::{self, Told};
use crate::event::{Attempt, Event, Head, Key, Kind, Micros, Origin, Pos, Sink, Sort, Speaker, Stage, Status, Target, What};

/// A row, and what it is read with.
pub(super) struct Tracked<'a> {
    pub(super) record: &'a [u8],
    pub(super) at: Pos,
    /// None: a stamp that may mean two days.
    pub(super) time: Option<Micros>,
    pub(super) columns: &'a Columns<{ Column::COUNT }>,
    pub(super) cells: Cells<'a>,
    pub(super) own: &'a OwnRelays,
}

/// The component that wrote a row, as far as it decides what the row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Speaks SMTP to other hosts.
    Smtp,
    /// Speaks to mailboxes.
    StoreDriver,
    /// The name service.
    Dns,
    /// Routing, queues, agents, rules, the administrator.
    Other,
}

/// What a row tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happened {
    /// `SEND`, `SENDEXTERNAL`, `DELIVER`, `FAIL`, `DEFER`, `BADMAIL`.
    Tried(Status),
    /// `RECEIVE`: accepted by SMTP or fetched from a mailbox.
    Received,
    /// `SUBMIT`: handed to transport by a mailbox.
    Submitted,
    /// `DSN`: a notification was made.
    Notified,
    /// `EXPAND`, `RESOLVE`, `REDIRECT`, `TRANSFER` …: the message goes on, with other recipients.
    Routed,
    /// Copies for redundancy, agents, housekeeping.
    Other,
}

impl Happened {
    fn of(event: &[u8]) -> Self {
        match event {
            b"SEND" | b"SENDEXTERNAL" | b"DELIVER" => Self::Tried(Status::Delivered),
            b"FAIL" | b"BADMAIL" => Self::Tried(Status::Failed),
            b"DEFER" => Self::Tried(Status::Deferred),
            b"RECEIVE" => Self::Received,
            b"SUBMIT" => Self::Submitted,
            b"DSN" => Self::Notified,
            b"EXPAND" | b"RESOLVE" | b"REDIRECT" | b"TRANSFER" | b"RESUBMIT" | b"DROP" => Self::Routed,
            _ => Self::Other,
        }
    }
}

/// The connector between servers of one organisation, whose mail is still at home.
const INTRA: &[u8] = b"Intra-Organization SMTP Send Connector";

impl<'a> Tracked<'a> {
    fn cell(&self, column: Column) -> &'a [u8] {
        self.columns.cell(&self.cells, column as usize)
    }

    fn source(&self) -> Source {
        match self.cell(Column::Source) {
            b"SMTP" => Source::Smtp,
            b"STOREDRIVER" => Source::StoreDriver,
            b"DNS" => Source::Dns,
            _ => Source::Other,
        }
    }

    /// Reads the row into events.
    pub(super) fn read(&self, stamps: &mut Stamps, into: &mut dyn Sink) -> Kind {
        let event = self.cell(Column::EventId);
        if event.is_empty() {
            return Kind::Unparsed;
        }
        let head = Head { pos: self.at, time: self.time, host: b"", instance: b"", pid: None, record: self.record };
        let key = self.key();
        match Happened::of(event) {
            Happened::Other => Kind::Other,
            _ if self.is_probe() => self.probe(Happened::of(event), head, key, stamps, into),
            Happened::Tried(status) => self.tried(status, head, key, stamps, into),
            Happened::Received => {
                let what = What::Begin { origin: self.origin(), client: self.client() };
                into.event(&Event { head, key, what });
                self.message(head, key, into);
                Kind::Context
            }
            Happened::Submitted => {
                self.message(head, key, into);
                Kind::Context
            }
            Happened::Notified => {
                let about = recipients::addresses(self.cell(Column::Reference)).next().unwrap_or_default();
                into.event(&Event { head, key, what: What::OwnBounce { about: unwrapped(about) } });
                Kind::Context
            }
            Happened::Routed => Kind::Context,
        }
    }

    /// `network-message-id`, one for all of the organisation; before 2013 the Message-ID.
    fn key(&self) -> Key<'a> {
        let ids = [self.cell(Column::NetworkMessageId), unwrapped(self.cell(Column::MessageId))];
        ids.into_iter().find(|id| !id.is_empty()).map_or(Key::Whole, Key::Message)
    }

    /// What each row says of the message itself: a log may begin behind its arrival, or hold only what leaves.
    fn message(&self, head: Head<'a>, key: Key<'a>, into: &mut dyn Sink) {
        self.sender(head, key, into);
        let id = unwrapped(self.cell(Column::MessageId));
        if !id.is_empty() {
            into.event(&Event { head, key, what: What::MessageId(id) });
        }
    }

    fn sender(&self, head: Head<'a>, key: Key<'a>, into: &mut dyn Sink) {
        let path = self.cell(Column::ReturnPath);
        // An empty return path is not logged as such: `<>` is.
        if self.columns.place(Column::ReturnPath as usize).is_some() && !path.is_empty() {
            let what = What::Sender { address: unwrapped(path), size: number(self.cell(Column::TotalBytes)), recipients: None };
            into.event(&Event { head, key, what });
        }
    }

    fn origin(&self) -> Origin {
        match (self.source(), self.cell(Column::Directionality)) {
            (Source::StoreDriver, _) | (_, b"Originating") => Origin::Submitted,
            (_, b"Incoming") => Origin::Network,
            _ => Origin::Unknown,
        }
    }

    fn client(&self) -> &'a [u8] {
        let name = self.cell(Column::ClientHostname);
        if name.is_empty() { self.cell(Column::ClientIp) } else { name }
    }

    /// Exchange sends itself mail all day to see whether it works.
    fn is_probe(&self) -> bool {
        const PROBES: [&[u8]; 3] = [b"healthmailbox", b"inboundproxy@", b"maildeliveryprobe@"];
        let begins = |address: &[u8]| {
            PROBES.iter().any(|probe| address.get(..probe.len()).is_some_and(|start| start.eq_ignore_ascii_case(probe)))
        };
        let recipient = recipients::addresses(self.cell(Column::RecipientAddress)).next().unwrap_or_default();
        begins(recipient) || begins(self.cell(Column::ReturnPath)) || begins(self.cell(Column::SenderAddress))
    }

    fn probe(&self, happened: Happened, head: Head<'a>, key: Key<'a>, stamps: &mut Stamps, into: &mut dyn Sink) -> Kind {
        if let Happened::Tried(status) = happened {
            let row = self.row(status, stamps);
            for (address, status) in self.recipients() {
                let attempt = Attempt { sort: Sort::Probe, ..self.attempt(address, status, &row).0 };
                into.event(&Event { head, key, what: What::Attempt(attempt) });
            }
        }
        Kind::Probe
    }

    fn recipients(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        recipients::pairs(self.cell(Column::RecipientAddress), self.cell(Column::RecipientStatus))
    }

    fn tried(&self, status: Status, head: Head<'a>, key: Key<'a>, stamps: &mut Stamps, into: &mut dyn Sink) -> Kind {
        let row = self.row(status, stamps);
        self.message(head, key, into);
        let mut is_suspended = false;
        for (address, text) in self.recipients() {
            let (attempt, is_expired) = self.attempt(address, text, &row);
            is_suspended |= attempt.sort == Sort::Suspended;
            if status == Status::Failed && is_expired {
                // The log calls it a failure; that age was the reason is told beside it.
                into.event(&Event { head, key, what: What::GaveUp { target: Target::Address(address) } });
            }
            into.event(&Event { head, key, what: What::Attempt(attempt) });
        }
        if is_suspended { Kind::Suspended } else { Kind::Delivery }
    }

    /// What all recipients of the row have in common.
    fn row(&self, status: Status, stamps: &mut Stamps) -> Common<'a> {
        let source = self.source();
        let is_sent = source == Source::Smtp;
        let arrived = stamps.arrived(self.cell(Column::MessageInfo));
        let related = self.cell(Column::RelatedRecipientAddress);
        let waited = self.time.zip(arrived).map(|(time, arrived)| (time.0 - arrived.0) / 1_000).filter(|&delay| delay >= 0);
        Common {
            status,
            source,
            relay: if is_sent {
                Relay { host: self.cell(Column::ServerHostname), ip: self.cell(Column::ServerIp) }
            } else {
                Relay::default()
            },
            from: if is_sent { self.cell(Column::ClientIp) } else { b"" },
            is_home: contains_without_case(self.cell(Column::ConnectorId), INTRA),
            delay_ms: waited.or_else(|| latency_ms(self.cell(Column::CustomData))),
            original: (!related.is_empty() && !related.contains(&b';')).then_some(related),
            reply: status::reply_to_message(self.cell(Column::SourceContext)),
        }
    }

    /// The attempt for one recipient, and whether age ended it.
    fn attempt(&self, address: &'a [u8], text: &'a [u8], row: &Common<'a>) -> (Attempt<'a>, bool) {
        let is_accepted = row.status == Status::Delivered;
        // The reply to the whole message says more than that to the recipient.
        let better = if is_accepted || text.is_empty() { row.reply } else { None };
        let told = status::read(better.unwrap_or(text), row.source == Source::Smtp);
        let host = if row.relay.host.is_empty() { told.host } else { row.relay.host };
        let ip = if row.relay.ip.is_empty() { told.address } else { row.relay.ip };
        let relay = Relay { host, ip };
        let is_home = row.source == Source::Smtp && (row.is_home || self.own.hold(&relay));
        // What a server of ours refused is no provider's opinion.
        let is_refused_at_home = is_home && !is_accepted && told.speaker == Speaker::Remote;
        let attempt = Attempt {
            target: Target::Address(address),
            original: row.original,
            slot: None,
            status: row.status,
            sort: if is_home { at_home(row.status) } else { sort(row, &told) },
            speaker: if is_refused_at_home { Speaker::Own } else { speaker(row, &told) },
            stage: if is_accepted && row.source == Source::Smtp { Stage::EndOfData } else { told.stage },
            relay: host,
            relay_ip: ip,
            source: row.from,
            code: told.code,
            enhanced: told.enhanced,
            reply: told.reply,
            delay_ms: row.delay_ms,
            parts_ms: None,
            tls: b"",
            times: 1,
            nth: 1,
        };
        (attempt, told.is_expired)
    }
}

fn sort(row: &Common<'_>, told: &Told<'_>) -> Sort {
    let is_asked = !told.host.is_empty() || matches!(told.speaker, Speaker::Remote | Speaker::Connection | Speaker::Dns);
    match (row.source, row.status) {
        (Source::StoreDriver, _) => Sort::Local,
        (Source::Smtp, Status::Failed) if told.speaker == Speaker::Own => Sort::Own,
        (Source::Smtp | Source::Dns, Status::Delivered | Status::Failed | Status::Expired | Status::Unknown) => Sort::Real,
        (_, Status::Deferred) | (Source::Other, Status::Failed) if is_asked => Sort::Real,
        // An agent or a rule holds the mail back, and no host was asked.
        (_, Status::Deferred) => Sort::Suspended,
        (Source::Other, Status::Delivered | Status::Failed | Status::Expired | Status::Unknown) => Sort::Own,
    }
}

/// What another server of ours did. It took the mail, which goes on there; it refused, and nobody else will be asked; or it was not
/// ready, and the hop is still to come.
fn at_home(status: Status) -> Sort {
    match status {
        Status::Failed | Status::Expired => Sort::Own,
        Status::Delivered | Status::Deferred | Status::Unknown => Sort::Hop,
    }
}

/// What all recipients of a row have in common.
struct Common<'a> {
    status: Status,
    source: Source,
    relay: Relay<'a>,
    from: &'a [u8],
    is_home: bool,
    delay_ms: Option<i64>,
    /// The group or the address before it was resolved.
    original: Option<&'a [u8]>,
    /// To the whole message.
    reply: Option<&'a [u8]>,
}

fn speaker(row: &Common<'_>, told: &Told<'_>) -> Speaker {
    match (row.source, told.speaker) {
        (Source::Dns, Speaker::Own | Speaker::Unknown) => Speaker::Dns,
        (Source::StoreDriver | Source::Other, Speaker::Unknown) => Speaker::Own,
        (_, speaker) => speaker,
    }
}

/// Without angle brackets.
pub(super) fn unwrapped(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"<").and_then(|text| text.strip_suffix(b">")).unwrap_or(text)
}

fn contains_without_case(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words))
}

/// `S:E2ELatency=1.203;`: seconds since the message entered the organisation.
fn latency_ms(custom: &[u8]) -> Option<i64> {
    const NAME: &[u8] = b"E2ELatency=";
    Cursor(custom.get(place(custom, NAME)? + NAME.len()..)?).milliseconds()
}
