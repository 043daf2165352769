//! The rows that a run is about: what the stitch gives and everything above counts.
//!
//! A row holds what the log says and what follows from it without opinion. Verdicts (category, class, blocked or bounced) are asked
//! of `classify` by whoever counts, once per distinct signature, so that a better rule changes no row. Text that repeats is an
//! [`Id`]; what rarely repeats (addresses) is borrowed from the message.

use crate::event::{Enhanced, Micros, Pos, Sort, Speaker, Stage, Status};
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
}

/// Takes outcomes as they are finished, each with all its attempts in order. Called in no particular order of messages: what it
/// builds must not depend on it.
pub trait RowSink {
    /// Takes one outcome. `attempts` holds suspended rows and local hops too; it is empty for mail that was never tried. `texts`
    /// holds what the ids mean.
    fn outcome(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]);

    /// Sees the record of a failed real attempt when it is read, long before its outcome is known.
    fn evidence(&mut self, attempt: &AttemptRow, record: &[u8]);

    /// Takes over what another took whose ids `by` translates.
    fn absorb(&mut self, other: Self, by: &Translation)
    where
        Self: Sized;
}
