//! What a record of a log can say: the boundary of `format` and `stitch`.
//!
//! A reader in `format` turns one record into at most a few [`Event`]s and hands them to a [`Sink`]. Everything is borrowed, from
//! the record or from the reader's scratch (a JSON string has to be unescaped somewhere), and is valid during the call only: a sink
//! copies what it keeps. Knows no format and no file; std only.

mod enhanced;
mod record;
mod target;

pub use enhanced::Enhanced;
pub use record::{Framing, Kind};
pub use target::{Share, Target};

/// Microseconds since 1970-01-01T00:00:00Z. Differences are plain `i64` microseconds too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

impl Micros {
    /// Microseconds of one second.
    pub const SECOND: i64 = 1_000_000;
    /// Microseconds of one minute.
    pub const MINUTE: i64 = 60 * Self::SECOND;
    /// Microseconds of one hour.
    pub const HOUR: i64 = 3_600 * Self::SECOND;
    /// Microseconds of one day.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// Whole days since 1970-01-01, UTC.
    #[must_use]
    pub const fn day(self) -> i32 {
        self.0.div_euclid(Self::DAY) as i32
    }

    /// Whole seconds since 1970-01-01T00:00:00, UTC.
    #[must_use]
    pub const fn second(self) -> i64 {
        self.0.div_euclid(Self::SECOND)
    }

    /// Whole hours since 1970-01-01T00, UTC.
    #[must_use]
    pub const fn hour(self) -> i32 {
        self.0.div_euclid(Self::HOUR) as i32
    }

    /// Whole minutes since 1970-01-01T00:00, UTC.
    #[must_use]
    pub const fn minute(self) -> i32 {
        self.0.div_euclid(Self::MINUTE) as i32
    }
}

/// Where a record begins. The order of `Pos` is the true order of records; stamps never reorder the records of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos {
    /// Rank of the file among the inputs: the order in which they were written, see [`Listed`](crate::reading::Listed).
    pub file: u32,
    /// Byte of the file's decompressed content.
    pub offset: u64,
}

/// What every record tells about itself.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// Where the record begins.
    pub pos: Pos,
    /// The record's own stamp, UTC. None: it has none, or none that could be read.
    pub time: Option<Micros>,
    /// The host that wrote it, as logged; empty where not logged.
    pub host: &'a [u8],
    /// The MTA instance: the first part of a syslog tag (`postfix` of `postfix/submission/smtpd`), a transport, a service.
    pub instance: &'a [u8],
    /// Process id, where logged.
    pub pid: Option<u32>,
    /// The whole record as it stands in the log, for evidence.
    pub record: &'a [u8],
}

/// What ties records together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// A queue id or message id of the MTA: unique only with host, instance and time, since ids are used again.
    Message(&'a [u8]),
    /// A delivery number (qmail), a connection (`IronPort` DCID) or a process (Postfix TLS lines): used again all the time.
    Slot(&'a [u8]),
    /// The record is whole by itself (accounting CSV, JSON events).
    Whole,
}

/// What an attempt came to, as logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A 2xx reply, or a local store that took it.
    Delivered,
    /// A temporary failure; the MTA keeps the mail. A 5xx reply kept in the queue (Postfix `soft_bounce`) too.
    Deferred,
    /// A permanent failure; the MTA gives this recipient up.
    Failed,
    /// Given up because of age, where the format says so per recipient.
    Expired,
    /// The record is cut before it says.
    Unknown,
}

/// What sort of thing an attempt was. Only `Real` ones are in attempt figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// A host was contacted, or its address was sought.
    Real,
    /// The MTA put the mail back without trying (Postfix `delivery temporarily suspended`, Exim `retry time not reached`).
    Suspended,
    /// Handed to a content filter or relay of our own that names the next queue id: not a delivery.
    Hop,
    /// Stored, piped, forwarded or thrown away at home.
    Local,
    /// Decided by our own MTA with nobody contacted (Postfix `error` transport): in outcomes, not in attempts.
    Own,
    /// An address probe: never a mail.
    Probe,
    /// A service refused to send it (its suppression list, its own rules), or it was sent in play (Exim's `*>`, of unknown status): nobody
    /// was contacted, and it is in no rate.
    NotSent,
}

/// Who said so. Only `Remote` can be the provider's opinion of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// A reply of the remote server.
    Remote,
    /// No reply: refused, timed out, lost, TLS failed.
    Connection,
    /// The name service.
    Dns,
    /// Our own MTA: expired, loops, policy, the administrator.
    Own,
    /// The log does not tell.
    Unknown,
}

/// Where in the SMTP dialogue the reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Before any command: connection and greeting.
    Connect,
    /// EHLO, HELO, LHLO.
    Hello,
    /// STARTTLS and the handshake.
    Tls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Recipient,
    /// DATA, before the content.
    Data,
    /// After the content's final dot.
    EndOfData,
    /// Not logged.
    Unknown,
}

impl Stage {
    /// Whether the other side spoke before it had heard of any recipient: then its words are about none.
    #[must_use]
    pub const fn is_before_recipient(self) -> bool {
        matches!(self, Self::Connect | Self::Hello | Self::Tls | Self::Auth | Self::Mail)
    }
}

/// One try to hand one message to one recipient's server. Source: `log_adhoc()` of Postfix and its like elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The recipient after all rewriting.
    pub target: Target<'a>,
    /// What was asked for before alias expansion, where it differs.
    pub original: Option<&'a [u8]>,
    /// The connection or delivery number that this attempt used, where the format names one.
    pub slot: Option<&'a [u8]>,
    /// As logged.
    pub status: Status,
    /// What sort of attempt.
    pub sort: Sort,
    /// Who gave the reply.
    pub speaker: Speaker,
    /// At which command.
    pub stage: Stage,
    /// The host that answered or was sought, without address and port; empty where none is named. For a connection error the MX
    /// that the text names.
    pub relay: &'a [u8],
    /// The relay's address, without brackets and port; empty where not logged.
    pub relay_ip: &'a [u8],
    /// The IP or virtual MTA that sent; empty where not logged (then host and instance stand for it).
    pub source: &'a [u8],
    /// Reply code, RFC 5321 section 4.2, as the reply's text gives it. None: no server answered, or not logged.
    pub code: Option<u16>,
    /// Enhanced status as logged (`dsn=`), else as the reply's text gives it.
    pub enhanced: Option<Enhanced>,
    /// The reply without the MTA's own frame (`host H[ip] said:` … `(in reply to RCPT TO command)`).
    pub reply: &'a [u8],
    /// From the message's arrival in this queue to the end of this attempt, waiting included, in milliseconds. None where the
    /// format does not log it; never estimated.
    pub delay_ms: Option<i64>,
    /// Before the queue manager, in the queue, connection set-up, transmission: Postfix `delays=a/b/c/d`, in milliseconds.
    pub parts_ms: Option<[i64; 4]>,
    /// TLS version or policy of the channel, where the attempt's own record names it; empty where not.
    pub tls: &'a [u8],
    /// How many equal attempts the record stands for: 1, but for `message repeated N times: [ … ]`. 0: the record is none and tells
    /// of none (`KumoMTA`'s `Delayed`): it is a fact of the message, and in no count of records.
    pub times: u32,
    /// Records that differ in this alone are two: which delivery over its connection it was, from 1 (Postfix `conn_use`), or the number of
    /// its envelope (OpenSMTPD). 1 where neither is logged.
    pub nth: u32,
}

/// How a message entered the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Submitted: authenticated, from our own network or by a local program.
    Submitted,
    /// Taken from a client elsewhere that did not authenticate: inbound or forwarded.
    Network,
    /// Came back from a content filter on loopback, or was queued again.
    Loopback,
    /// Not told by the record.
    Unknown,
}

/// Why a message's life in this queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Closing {
    /// The MTA is done with it (`removed`, `Completed`).
    Done,
    /// The operator deleted it (`postsuper -d`, `AdminBounce`).
    Cancelled,
    /// It goes on under another id (`postsuper -r`).
    Requeued,
}

/// What one record says of one thing.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// A message enters the queue: whatever had this id before is over.
    Begin {
        /// How it came in.
        origin: Origin,
        /// `name[ip]` of the client, or the local user; empty where not logged.
        client: &'a [u8],
    },
    /// Envelope sender and what is logged beside it; said again at each activation.
    Sender {
        /// Without angle brackets; empty for the null reverse-path.
        address: &'a [u8],
        /// Bytes of the message.
        size: Option<u64>,
        /// Recipients in the queue file.
        recipients: Option<u32>,
    },
    /// Message-ID header, without angle brackets.
    MessageId(&'a [u8]),
    /// A recipient is known before any attempt (`IronPort` `RID n To:`, Exim `for`).
    Recipient {
        /// Its number within the message, where the format refers to it later.
        index: Option<u32>,
        /// The address.
        address: &'a [u8],
    },
    /// A client offers this message, whose recipients are told already: it is none of ours until it is taken, or tried.
    Offered {
        /// It was taken.
        is_taken: bool,
        /// Bytes of the message.
        size: Option<u64>,
    },
    /// All recipients are replaced by one that other records name: `Sender` counts those that were.
    Redirected,
    /// Some of the recipients, or all, go on under other ids (`Continues`), which name them again: whom this message ends without having tried.
    Split,
    /// Job, campaign or mailing that the message belongs to.
    Campaign(&'a [u8]),
    /// A connection to a remote host is open (`Key::Slot`). If it tells of TLS alone, that is of the connection that was told of before.
    Channel {
        /// Our address or virtual MTA; empty where not logged.
        source: &'a [u8],
        /// The host reached.
        relay: &'a [u8],
        /// Its address.
        relay_ip: &'a [u8],
        /// TLS version, empty without TLS or where not said.
        tls: &'a [u8],
    },
    /// A delivery begins whose end will name the slot alone (`Key::Slot`).
    Start {
        /// The message.
        message: &'a [u8],
        /// The recipient.
        target: Target<'a>,
        /// Remote or local.
        sort: Sort,
    },
    /// An attempt ended.
    Attempt(Attempt<'a>),
    /// The words that belong to an attempt told by another record.
    Reply {
        /// Whose.
        target: Target<'a>,
        /// The remote server's text.
        reply: &'a [u8],
    },
    /// A line of the words that belong to the next attempt of the recipient; several are one reply (Courier).
    ReplyAhead {
        /// Whose.
        target: Target<'a>,
        /// The line.
        reply: &'a [u8],
        /// Who says so.
        speaker: Speaker,
    },
    /// The MTA stops trying because of age or by order.
    GaveUp {
        /// For whom.
        target: Target<'a>,
    },
    /// The operator takes recipients out of the queue; the message may go on for others.
    Cancelled {
        /// Whom.
        target: Target<'a>,
    },
    /// This message came from another through a local hop, an alias or forwarding.
    Linked {
        /// The id that it had before.
        parent: &'a [u8],
    },
    /// This message goes on from another id on the same host (`requeued`).
    Continues {
        /// The id that it had before.
        previous: &'a [u8],
    },
    /// This message is a notification that our MTA wrote about the message `about`.
    OwnBounce {
        /// The message that failed or was delayed; empty where the record does not say.
        about: &'a [u8],
    },
    /// An asynchronous bounce or complaint that the log itself records.
    Feedback {
        /// True for a complaint, false for a bounce that came later.
        complaint: bool,
        /// The recipient.
        recipient: &'a [u8],
        /// The reply or diagnostic text.
        reply: &'a [u8],
    },
    /// A mail that somebody else wanted to bring us was refused: never our deliverability.
    Inbound {
        /// The reply that we gave.
        reply: &'a [u8],
    },
    /// The host's record before this one stands for this many more (`last message repeated N times`).
    Repeat {
        /// How many more.
        times: u32,
    },
    /// A part of a record that was cut (Exim `[1/3]`, splogger's `+`).
    Piece {
        /// From 1. 0: not the first, and which one is not told.
        index: u32,
        /// How many there are. 0: more than these, and how many is not told.
        of: u32,
        /// The part's text.
        text: &'a [u8],
    },
    /// The message leaves the queue.
    Close(Closing),
    /// The MTA started anew: its open slots are void.
    Restart,
}

/// One thing that one record says.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The record.
    pub head: Head<'a>,
    /// What it belongs to.
    pub key: Key<'a>,
    /// What it says.
    pub what: What<'a>,
}

/// Takes events as they are read. What is kept must be copied: nothing outlives the call.
pub trait Sink {
    /// Takes one event.
    fn event(&mut self, event: &Event<'_>);

    /// Sees what keeps a record from being understood: a `value` of its `field` that nothing says how to read. Nothing by default.
    fn unmapped(&mut self, field: &'static str, value: &[u8]) {
        let _ = (field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_go_backwards_before_1970() {
        assert_eq!((Micros(-1).day(), Micros(-1).hour()), (-1, -1));
        assert_eq!((Micros(Micros::DAY).day(), Micros(Micros::DAY).hour()), (1, 24));
        assert_eq!([-1, 0, Micros::DAY].map(|at| Micros(at).minute()), [-1, 0, 1_440]);
    }
}
