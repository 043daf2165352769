//! One row, whose columns are known: its type, and the events that it tells.

use std::io::Write as _;

use super::super::cursor::{milliseconds, number};
use super::super::relay::{OwnRelays, Relay};
use super::super::row::{self, Columns, trim};
use super::columns::Column;
use super::reply::{self, Told};
use super::stamp::Stamps;
use crate::event::{
    Attempt, Closing, Enhanced, Event, Head, Key, Kind, Micros, Origin, Pos, Sink, Sort, Speaker, Stage, Status, Target, What,
};

/// A row, and what it is read with.
pub(super) struct Record<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: Pos,
    pub(super) columns: &'a Columns<{ Column::COUNT }>,
    pub(super) cells: row::Cells<'a>,
    pub(super) stamps: &'a mut Stamps,
    pub(super) own: &'a OwnRelays,
    /// The key of the row's message.
    pub(super) key: &'a mut Vec<u8>,
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    /// One try for one recipient.
    Tried(Status),
    /// `tq`: a queue could not connect. No recipient, no attempt.
    Queue,
    /// `r`: it came into the queue.
    Received,
    /// `rb`: a bounce came back later.
    RemoteBounce,
    /// `rs`, `rr`: a report came back that is no bounce.
    RemoteStatus,
    /// `f`: a complaint.
    Complaint,
    /// A word of a later version.
    Other,
}

impl Type {
    /// The letters, the words of `record-fields` that mean the same, and those of re-exports.
    fn of(word: &[u8]) -> Option<Self> {
        const WORDS: [(&[u8], Type); 28] = [
            (b"d", Type::Tried(Status::Delivered)),
            (b"delivery", Type::Tried(Status::Delivered)),
            (b"delivered", Type::Tried(Status::Delivered)),
            (b"b", Type::Tried(Status::Failed)),
            (b"bounce", Type::Tried(Status::Failed)),
            (b"bounced", Type::Tried(Status::Failed)),
            (b"t", Type::Tried(Status::Deferred)),
            (b"transient", Type::Tried(Status::Deferred)),
            (b"tran", Type::Tried(Status::Deferred)),
            (b"deferred", Type::Tried(Status::Deferred)),
            // The plugin of Haraka that writes such files.
            (b"df", Type::Tried(Status::Deferred)),
            (b"tq", Type::Queue),
            (b"transient-queue", Type::Queue),
            (b"r", Type::Received),
            (b"receipt", Type::Received),
            (b"received", Type::Received),
            (b"rb", Type::RemoteBounce),
            (b"remote-bounce", Type::RemoteBounce),
            (b"remotebounce", Type::RemoteBounce),
            (b"rs", Type::RemoteStatus),
            (b"rr", Type::RemoteStatus),
            (b"remote-status", Type::RemoteStatus),
            (b"remotestatus", Type::RemoteStatus),
            (b"f", Type::Complaint),
            (b"fbl", Type::Complaint),
            (b"feedback", Type::Complaint),
            (b"feedback-loop", Type::Complaint),
            (b"feedbackloop", Type::Complaint),
        ];
        if let Some((_, known)) = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)) {
            return Some(*known);
        }
        let is_word = (1..=24).contains(&word.len()) && word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
        is_word.then_some(Self::Other)
    }
}

/// When a row says that things happened.
#[derive(Clone, Copy)]
struct Times {
    logged: Option<Micros>,
    queued: Option<Micros>,
}

impl<'a> Record<'a> {
    fn cell(&self, column: Column) -> &'a [u8] {
        self.columns.cell(&self.cells, column as usize)
    }

    /// Reads the row into events.
    pub(super) fn read(mut self, into: &mut dyn Sink) -> Kind {
        let Some(kind) = Type::of(self.cell(Column::Type)) else { return Kind::Unparsed };
        if kind == Type::Other {
            // A letter that a later version may add; a lone word is no row.
            return if self.cells.len() > 1 { Kind::Other } else { Kind::Unparsed };
        }
        let Some(times) = self.times() else { return Kind::Unparsed };
        let recipient = self.cell(Column::Rcpt);
        if times.logged.is_none() && times.queued.is_none() && recipient.is_empty() {
            return Kind::Unparsed;
        }
        let head = Head {
            pos: self.at,
            time: times.logged.or(times.queued),
            host: b"",
            instance: self.cell(Column::VmtaPool),
            pid: None,
            record: self.text,
        };
        match kind {
            Type::Tried(status) => {
                self.tried(head, times, status, into);
                Kind::Delivery
            }
            Type::Received => {
                self.received(head, times, into);
                Kind::Context
            }
            Type::RemoteBounce => {
                self.feedback(head, false, reply::read(&self.why()).reply, into);
                Kind::Context
            }
            Type::Complaint => {
                // A recipient who says that it was no spam does not complain.
                let feedback = self.cell(Column::FeedbackType);
                if !feedback.eq_ignore_ascii_case(b"not-spam") {
                    self.feedback(head, true, feedback, into);
                }
                Kind::Context
            }
            Type::RemoteStatus | Type::Queue | Type::Other => Kind::Context,
        }
    }

    /// None: a stamp is there that is none.
    fn times(&mut self) -> Option<Times> {
        let (logged, queued) = (self.cell(Column::TimeLogged), self.cell(Column::TimeQueued));
        let times = Times { logged: self.stamps.logged(logged), queued: self.stamps.queued(queued) };
        let is_damaged =
            !logged.is_empty() && times.logged.is_none() || logged.is_empty() && !queued.is_empty() && times.queued.is_none();
        (!is_damaged).then_some(times)
    }

    fn why(&self) -> reply::Cells<'a> {
        reply::Cells {
            diagnosis: self.cell(Column::DsnDiag),
            status: self.cell(Column::DsnStatus),
            category: self.cell(Column::BounceCat),
            is_host_named: !self.cell(Column::DsnMta).is_empty() || !self.cell(Column::DlvDestinationIp).is_empty(),
        }
    }

    /// What the tries of one message for one recipient have in common, and hardly any other: when it was queued, from whom, for whom.
    fn key(&mut self, queued: Option<Micros>) -> Key<'_> {
        let (sender, recipient) = (self.cell(Column::Orig), self.cell(Column::Rcpt));
        self.key.clear();
        let Some(queued) = queued.filter(|_| !recipient.is_empty()) else { return Key::Whole };
        // A write to memory cannot fail; were it to, the row would be whole by itself.
        let Ok(()) = write!(self.key, "{} ", queued.0.div_euclid(Micros::SECOND)) else { return Key::Whole };
        self.key.extend_from_slice(sender);
        self.key.push(b' ');
        self.key.extend_from_slice(recipient);
        Key::Message(self.key)
    }

    fn received(mut self, head: Head<'_>, times: Times, into: &mut dyn Sink) {
        let what = What::Begin { origin: Origin::Unknown, client: self.cell(Column::RcvSourceIp) };
        let (sender, campaign) = (self.sender(), self.cell(Column::JobId));
        let key = self.key(times.queued);
        if key == Key::Whole {
            return;
        }
        into.event(&Event { head, key, what });
        if let Some(what) = sender {
            into.event(&Event { head, key, what });
        }
        if !campaign.is_empty() {
            into.event(&Event { head, key, what: What::Campaign(campaign) });
        }
    }

    fn feedback(&self, head: Head<'_>, complaint: bool, reply: &[u8], into: &mut dyn Sink) {
        let id = [self.message_id(), self.cell(Column::EnvId)].into_iter().find(|id| !id.is_empty());
        let what = What::Feedback { complaint, recipient: self.cell(Column::Rcpt), reply };
        into.event(&Event { head, key: id.map_or(Key::Whole, Key::Message), what });
    }

    /// None: the file does not name senders. An empty cell is the null sender.
    fn sender(&self) -> Option<What<'a>> {
        self.columns.place(Column::Orig as usize)?;
        let address = self.cell(Column::Orig);
        let address = if address == b"<>" { b"" } else { address };
        Some(What::Sender { address, size: number(self.cell(Column::DlvSize)), recipients: None })
    }

    fn message_id(&self) -> &'a [u8] {
        let id = self.cell(Column::MessageId);
        trim(id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(id))
    }

    fn tried(mut self, head: Head<'_>, times: Times, as_logged: Status, into: &mut dyn Sink) {
        let attempt = self.attempt(times, as_logged);
        let (campaign, message_id) = (self.cell(Column::JobId), self.message_id());
        let sender = self.sender();
        let key = self.key(times.queued);
        let is_final = attempt.status != Status::Deferred;
        if let Some(what) = sender {
            into.event(&Event { head, key, what });
        }
        if !campaign.is_empty() {
            into.event(&Event { head, key, what: What::Campaign(campaign) });
        }
        // Said once, by the row that ends it: a Message-ID names a message anew.
        if is_final && !message_id.is_empty() {
            into.event(&Event { head, key, what: What::MessageId(message_id) });
        }
        into.event(&Event { head, key, what: What::Attempt(attempt) });
        if is_final && key != Key::Whole {
            into.event(&Event { head, key, what: What::Close(Closing::Done) });
        }
    }

    fn attempt(&self, times: Times, as_logged: Status) -> Attempt<'a> {
        let told = reply::read(&self.why());
        let status = if as_logged == Status::Failed && self.is_expired() { Status::Expired } else { as_logged };
        let (name, address) = reply::host(self.cell(Column::DsnMta));
        let destination = self.cell(Column::DlvDestinationIp);
        let relay = Relay { host: name, ip: if destination.is_empty() { address } else { destination } };
        let sources = [Column::Vmta, Column::DlvSourceIp, Column::VmtaPool].map(|column| self.cell(column));
        let is_accepted = status == Status::Delivered;
        Attempt {
            target: Target::Address(self.cell(Column::Rcpt)),
            original: self.original(),
            slot: None,
            status,
            sort: self.sort(status, &told, &relay),
            speaker: if is_accepted && told.speaker == Speaker::Unknown && told.code.is_some() {
                Speaker::Remote
            } else {
                told.speaker
            },
            stage: if is_accepted { Stage::EndOfData } else { Stage::Unknown },
            relay: relay.host,
            relay_ip: relay.ip,
            source: sources.into_iter().find(|source| !source.is_empty()).unwrap_or_default(),
            code: told.code,
            enhanced: told.enhanced,
            reply: told.reply,
            delay_ms: self.delay_ms(times),
            parts_ms: None,
            tls: self.cell(Column::DlvTlsProtocol),
            times: 1,
            nth: 1,
        }
    }

    /// Whether age ended it: the queue gave up on what only failed for now.
    fn is_expired(&self) -> bool {
        let status = reply::status(self.cell(Column::DsnStatus));
        self.cell(Column::BounceCat).eq_ignore_ascii_case(b"message-expired")
            || status.is_some_and(|status| status.class == 4)
            || status == Some(Enhanced { class: 5, subject: 4, detail: 7 })
    }

    fn sort(&self, status: Status, told: &Told<'_>, relay: &Relay<'_>) -> Sort {
        let way = self.cell(Column::DlvType);
        if [&b"pipe"[..], b"file", b"discard"].iter().any(|local| local.eq_ignore_ascii_case(way)) {
            return Sort::Local;
        }
        if status == Status::Delivered && self.own.hold(relay) {
            return Sort::Hop;
        }
        // Nobody was asked now: the queue was emptied by hand, or age ended it.
        let is_ours = status != Status::Deferred && told.speaker == Speaker::Own && told.code.is_none();
        if is_ours { Sort::Own } else { Sort::Real }
    }

    /// ORCPT, without its address type, where it differs.
    fn original(&self) -> Option<&'a [u8]> {
        let original = self.cell(Column::Orcpt);
        let is_typed = original.get(..7).is_some_and(|kind| kind.eq_ignore_ascii_case(b"rfc822;"));
        let original = if is_typed { trim(original.get(7..).unwrap_or_default()) } else { original };
        (!original.is_empty() && !original.eq_ignore_ascii_case(self.cell(Column::Rcpt))).then_some(original)
    }

    fn delay_ms(&self, times: Times) -> Option<i64> {
        if let (Some(logged), Some(queued)) = (times.logged, times.queued) {
            return Some((logged.0 - queued.0) / 1_000).filter(|&delay| delay >= 0);
        }
        milliseconds(self.cell(Column::TotalSecondsQueued))
    }
}
