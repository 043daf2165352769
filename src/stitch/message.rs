//! What a life's records say of the message as a whole.

use super::life::{Fact, Life, arrived};
use super::tale::Span;
use crate::event::{Closing, Micros, Origin};
use crate::intern::Id;
use crate::rows::{End, OutcomeRow, Traffic};

/// How a life left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Its own last record said so.
    Closed,
    /// The id is another message's now, so it is gone; the record of its end is missing.
    Replaced,
    /// It did not, and no record mentioned it for as long as a queue keeps mail, or for an hour after all was decided.
    Silent,
    /// It did not, as far as the log goes: the latest stamp of its host.
    Open(Micros),
    /// It never was in a queue that the log shows: one record, whole by itself or of a message that was over.
    Single,
}

/// An open life that no record mentioned for this long is over: the longest usual queue lifetime is five days.
pub(super) const STALE: i64 = 7 * Micros::DAY;

impl Left {
    /// Whether the message is known to have left the queue.
    pub(super) const fn is_gone(self) -> bool {
        match self {
            Self::Closed | Self::Replaced => true,
            Self::Silent | Self::Open(_) | Self::Single => false,
        }
    }

    /// Until when the log shows that nothing more came of a message whose last record is of `last`: where a week of silence ends it, it ends
    /// after that week whenever that is noticed.
    fn seen_until(self, last: Micros) -> Micros {
        let stale = Micros(last.0.saturating_add(STALE));
        match self {
            Self::Closed | Self::Replaced | Self::Single => last,
            Self::Silent => stale,
            Self::Open(latest) => latest.min(stale),
        }
    }
}

/// The name of a life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    /// Hash of host, instance and queue id.
    pub(super) identity: u64,
    pub(super) host: Id,
    pub(super) instance: Id,
    pub(super) queue_id: &'a [u8],
}

/// Recipients of a queue file that the log never names are counted up to this many a message: the number in the log may be anything.
const MOST_UNNAMED: u32 = 65_536;

/// What a life's records say of the message as a whole.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that any record may tell")]
pub(super) struct Message {
    pub(super) received: Micros,
    pub(super) first_seen: Micros,
    pub(super) last: Micros,
    pub(super) ended: Option<Micros>,
    pub(super) origin: Origin,
    pub(super) size: Option<u64>,
    is_begun: bool,
    is_made_at_home: bool,
    pub(super) is_own_bounce: bool,
    /// It came over loopback or was made at home: a hop may have led to it.
    pub(super) may_follow_hop: bool,
    pub(super) sender: Span,
    /// Recipients of the queue file, as its first activation says.
    expected: Option<u32>,
    /// Those were replaced by one.
    is_redirected: bool,
    /// Recipients of the queue file that were looked up and not mailed to.
    probed: u32,
    has_given_up: bool,
    /// A client offered it; whether it was taken.
    offered: Option<bool>,
    /// Its Message-ID.
    named: Span,
    campaign: Id,
    pub(super) closing: Option<Closing>,
}

impl Message {
    /// Adds up what the records say.
    pub(super) fn of(life: &Life) -> Self {
        let first = life.notes.first();
        let first_seen = first.map(|note| note.time).unwrap_or_default();
        let is_made_at_home = matches!(first, Some(note) if matches!(note.fact, Fact::MessageId(_) | Fact::OwnBounce));
        let mut message = Self {
            received: first_seen,
            first_seen,
            last: life.last,
            ended: life.closed.map(|(time, _)| time),
            origin: Origin::Unknown,
            size: None,
            is_begun: false,
            is_made_at_home,
            is_own_bounce: false,
            may_follow_hop: false,
            sender: Span::default(),
            expected: None,
            is_redirected: false,
            probed: 0,
            has_given_up: false,
            offered: None,
            named: Span::default(),
            campaign: Id::EMPTY,
            closing: life.closed.map(|(_, how)| how),
        };
        let mut is_sender_known = false;
        for note in &life.notes {
            is_sender_known |= matches!(note.fact, Fact::Sender { .. });
            message.add(note.fact);
        }
        // What was tried was taken.
        message.offered = message.offered.map(|is_taken| is_taken || !life.tale.tries.is_empty());
        message.may_follow_hop = message.origin == Origin::Loopback || (is_made_at_home && !message.is_begun);
        // A message from the null sender that nobody submitted is a notification, even where the record that says so is lost.
        message.is_own_bounce |= is_made_at_home && !message.is_begun && is_sender_known && message.sender.is_empty();
        if !message.is_begun {
            let rows = life.tale.tries.iter().map(|tried| &tried.row);
            let earliest = rows.map(|row| arrived(row.time, row.delay_ms.unwrap_or_default())).min();
            message.received = earliest.map_or(message.received, |earliest| earliest.min(message.received));
        }
        message
    }

    fn add(&mut self, fact: Fact) {
        match fact {
            Fact::Begin(origin) => {
                if !self.is_begun {
                    self.origin = origin;
                }
                self.is_begun = true;
            }
            Fact::Sender { address, size, recipients } => {
                self.sender = address;
                self.size = self.size.or(size.map(u64::from));
                self.expected = self.expected.or(recipients.map(u32::from));
            }
            Fact::MessageId(text) if self.named.is_empty() => self.named = text,
            Fact::Redirected => self.is_redirected = true,
            Fact::Campaign(id) => self.campaign = id,
            Fact::OwnBounce => self.is_own_bounce = true,
            Fact::Probed => self.probed = self.probed.saturating_add(1),
            Fact::GaveUp(_) => self.has_given_up = true,
            Fact::Offered { is_taken, size } => {
                self.offered = Some(is_taken || self.offered == Some(true));
                self.size = self.size.or(size.map(u64::from));
            }
            Fact::MessageId(_)
            | Fact::Recipient { .. }
            | Fact::Known { .. }
            | Fact::Split
            | Fact::Started(_)
            | Fact::Attempt(_)
            | Fact::Reply(_)
            | Fact::ReplyAhead { .. }
            | Fact::Cancelled(_)
            | Fact::HandedTo(_)
            | Fact::Continues { .. }
            | Fact::Feedback(_)
            | Fact::Close(_) => {}
        }
    }

    /// A row that tells of the message and of no recipient yet.
    pub(super) fn row<'a>(
        &self,
        life: &'a Life,
        name: &Name<'a>,
        message: u64,
        sender_domain: Id,
        left: Left,
    ) -> OutcomeRow<'a> {
        OutcomeRow {
            received: self.received,
            last: self.last,
            seen_until: self.last,
            host: name.host,
            recipient: b"",
            original: b"",
            domain: Id::EMPTY,
            sender: life.tale.text(self.sender),
            sender_domain,
            message_id: life.tale.text(self.named),
            queue_id: name.queue_id,
            campaign: self.campaign,
            end: End::Queued,
            traffic: if self.is_own_bounce { Traffic::OwnBounce } else { Traffic::Outbound },
            is_head_lost: !self.is_begun && !self.is_made_at_home && self.offered.is_none(),
            is_first_of_message: false,
            message,
            recipient_no: 0,
            instance: name.instance,
            origin: self.origin,
            size: self.size,
            first_seen: self.first_seen,
            ended: self.ended,
            is_tail_open: !left.is_gone(),
            handed_to: b"",
            bounced_later: None,
            complained: None,
        }
    }

    /// Until when an outcome of this end was seen whose last event is of `last`: what is decided was seen to its end.
    pub(super) fn seen_until(&self, end: End, last: Micros, left: Left) -> Micros {
        match end {
            End::Deferred | End::Queued => left.seen_until(self.last),
            End::Accepted
            | End::Refused
            | End::Expired
            | End::Cancelled
            | End::Unknown
            | End::HandedOn
            | End::Local
            | End::NotSent => last,
        }
    }

    /// Whether it was offered, and never taken: there is no such message.
    pub(super) fn is_refused(&self) -> bool {
        self.offered == Some(false)
    }

    /// How many recipients of the queue file no record names, of those that it has beside the `named`; None if that cannot be told.
    pub(super) fn unnamed(&self, named: usize) -> Option<u32> {
        if !self.is_begun || self.is_refused() {
            return None;
        }
        let told = u32::try_from(named).ok()?.saturating_add(self.probed);
        let expected = if self.is_redirected { self.expected?.min(1) } else { self.expected? };
        expected.checked_sub(told).filter(|&rest| rest > 0).map(|rest| rest.min(MOST_UNNAMED))
    }

    pub(super) fn unnamed_end(&self, is_gone: bool) -> End {
        match self.closing {
            _ if self.has_given_up => End::Expired,
            Some(Closing::Cancelled) => End::Cancelled,
            Some(Closing::Requeued) => End::HandedOn,
            Some(Closing::Done) => End::Unknown,
            None if is_gone => End::Unknown,
            None => End::Queued,
        }
    }
}
