//! The rows that a run is about: what the stitch gives and everything above counts.
//!
//! A row holds what the log says and what follows from it without opinion. Verdicts (category, class, blocked or bounced) are asked
//! of `classify` by whoever counts, once per distinct signature, so that a better rule changes no row. Text that repeats is an
//! [`Id`]; what rarely repeats (addresses) is borrowed from the message.

use crate::event::{Enhanced, Micros, Origin, Pos, Sort, Speaker, Stage, Status};
use crate::intern::{Id, Interner, Translation};

/// One attempt of one message for one recipient, real or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// When it ended: the stamp of its record, else that of the record before it on the same host.
    pub time: Micros,
    /// Where its record stands.
    pub pos: Pos,
    /// As logged.
    pub status: Status,
    /// Only `Real` attempts are in attempt figures.
    pub sort: Sort,
    /// Who gave the reply.
    pub speaker: Speaker,
    /// At which command.
    pub stage: Stage,
    /// The host that answered or was sought; empty where none is named.
    pub relay: Id,
    /// Who sent: IP or virtual MTA, else `host/instance`.
    pub source: Id,
    /// Who runs the mailbox, as this attempt shows it: see [`crate::provider`].
    pub route: Id,
    /// Reply code; 0 where no server answered or none is logged.
    pub code: u16,
    /// Enhanced status.
    pub enhanced: Option<Enhanced>,
    /// The masked reply of a failure; empty for a 2xx.
    pub signature: Id,
    /// Since the message's arrival in this queue, milliseconds.
    pub delay_ms: Option<i64>,
    /// Before the queue manager, in the queue, connection set-up, transmission; milliseconds.
    pub parts_ms: Option<[i64; 4]>,
    /// TLS version or policy of the channel, as logged with the attempt or with the connection that it used; empty where neither
    /// says so.
    pub tls: Id,
    /// The relay's address, as logged; empty where it is not.
    pub relay_ip: Id,
    /// Which protocol that address is of.
    pub network: Network,
    /// The process that wrote the record; 0 where not logged.
    pub pid: u32,
}

/// The network protocol of a relay's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Network {
    /// No address is logged, or none that can be read.
    #[default]
    Unknown,
    /// IPv4, IPv4-mapped addresses included.
    V4,
    /// IPv6.
    V6,
}

/// A bounce that came after a 2xx, as the log itself tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounced {
    /// When its record was written.
    pub time: Micros,
    /// Reply code in its diagnostic text; 0 where there is none.
    pub code: u16,
    /// Enhanced status.
    pub enhanced: Option<Enhanced>,
    /// The masked diagnostic text.
    pub signature: Id,
}

/// How one message ended for one recipient, before verdicts. Exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The remote host took it with a 2xx.
    Accepted,
    /// Failed for good.
    Refused,
    /// Given up by our MTA after retries.
    Expired,
    /// A temporary failure is its last event.
    Deferred,
    /// Received, no attempt seen.
    Queued,
    /// Removed by the operator.
    Cancelled,
    /// Left the queue without a record of how.
    Unknown,
    /// Went on under another queue id: a content filter, forwarding, requeue. In no rate.
    HandedOn,
    /// Stored at home.
    Local,
    /// The service refused to send it (its suppression list, its own rules): nobody was asked. In no rate.
    NotSent,
}

/// Whose mail it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Traffic {
    /// To a remote host: the scope of all headline figures.
    Outbound,
    /// Stored, piped or forwarded at home, or to an own relay that names no next id.
    Internal,
    /// A notification that our own MTA wrote.
    OwnBounce,
}

/// What became of one message for one recipient.
#[derive(Clone, Copy, Debug)]
pub struct OutcomeRow<'a> {
    /// Reception by this queue; else first attempt less its delay; else first sight. The outcome belongs to this day.
    pub received: Micros,
    /// When it ended, or its last event.
    pub last: Micros,
    /// Until when the log shows that nothing more happened. Of mail that waits as far as the log goes: the latest stamp of its host, a
    /// week after its message's last record at most. Of all else `last`.
    pub seen_until: Micros,
    /// Host that wrote the log.
    pub host: Id,
    /// The recipient after rewriting, as logged; empty where the log names none (queued mail).
    pub recipient: &'a [u8],
    /// The recipient as asked for, where it differs; empty otherwise.
    pub original: &'a [u8],
    /// Recipient domain: lower case, an A-label; empty for a local address.
    pub domain: Id,
    /// Envelope sender; empty for the null reverse-path and where not known.
    pub sender: &'a [u8],
    /// The sender's domain, lower case; empty where there is none.
    pub sender_domain: Id,
    /// Message-ID; empty where not logged.
    pub message_id: &'a [u8],
    /// Queue id.
    pub queue_id: &'a [u8],
    /// Job or campaign; empty where the format has none.
    pub campaign: Id,
    /// How it ended.
    pub end: End,
    /// Whose mail.
    pub traffic: Traffic,
    /// True where the message began before the first record that we have.
    pub is_head_lost: bool,
    /// True for the first outcome of its message: so that messages can be counted.
    pub is_first_of_message: bool,
    /// The message, the same for all its outcomes however its log is cut: a hash of host, instance, queue id and first stamp.
    pub message: u64,
    /// Number of the recipient within the message, in order of first mention, from 0. Unique with `message`.
    pub recipient_no: u32,
    /// MTA instance that wrote the log; empty where there is but one.
    pub instance: Id,
    /// How the message entered the queue.
    pub origin: Origin,
    /// Bytes of the message. None: not logged.
    pub size: Option<u64>,
    /// Stamp of the message's first record.
    pub first_seen: Micros,
    /// When the message left the queue. None: no record says so.
    pub ended: Option<Micros>,
    /// True where the log ends, or falls silent for a week, before the message left the queue.
    pub is_tail_open: bool,
    /// The queue id that it went on under, of an outcome that was handed on; empty where none is named.
    pub handed_to: &'a [u8],
    /// A bounce that came after it was accepted.
    pub bounced_later: Option<Bounced>,
    /// When a complaint about it came in.
    pub complained: Option<Micros>,
}

impl OutcomeRow<'_> {
    /// Whether somebody else's mail was only passed on: it was asked for under another address, or came from a stranger.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.origin == Origin::Network || !self.original.is_empty()
    }
}

/// A bounce that came later or a complaint, as the log itself tells it.
#[derive(Clone, Copy, Debug)]
pub struct FeedbackRow<'a> {
    /// When its record was written.
    pub time: Micros,
    /// Host that wrote the log.
    pub host: Id,
    /// The id that its record names; empty where it names none.
    pub queue_id: &'a [u8],
    /// The recipient, as told.
    pub recipient: &'a [u8],
    /// The recipient's domain.
    pub domain: Id,
    /// True for a complaint, false for a bounce.
    pub is_complaint: bool,
    /// Reply code in its text; 0 where there is none.
    pub code: u16,
    /// Enhanced status in its text.
    pub enhanced: Option<Enhanced>,
    /// The masked text.
    pub signature: Id,
    /// True where an outcome of the same message carries it already.
    pub is_matched: bool,
}

/// Takes outcomes as they are finished, each with all its attempts in order. Called in no particular order of messages: what it
/// builds must not depend on it.
pub trait RowSink {
    /// Takes one outcome. `attempts` holds suspended rows and local hops too; it is empty for mail that was never tried. `texts`
    /// holds what the ids mean.
    fn outcome(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]);

    /// Sees the record of a failed real attempt when it is read, long before its outcome is known.
    fn evidence(&mut self, attempt: &AttemptRow, record: &[u8]);

    /// Takes a bounce that came later or a complaint, whether or not its outcome is known. Nothing by default.
    fn feedback(&mut self, texts: &Interner, feedback: &FeedbackRow<'_>) {
        let _ = (texts, feedback);
    }

    /// Sees that a mail of somebody else was refused on this host, and with which words. Nothing by default.
    fn inbound(&mut self, texts: &Interner, host: Id, time: Micros, reply: &[u8]) {
        let _ = (texts, host, time, reply);
    }

    /// No more rows come. Nothing by default.
    fn close(&mut self) {}

    /// Takes over what another took whose ids `by` translates.
    fn absorb(&mut self, other: Self, by: &Translation)
    where
        Self: Sized;
}
