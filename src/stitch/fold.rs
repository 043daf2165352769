//! From a life that is over to its outcomes: one per recipient.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use super::lexicon::Lexicon;
use super::life::{Fact, Life, Span};
use crate::event::{Closing, Micros, Origin, Sort, Status};
use crate::intern::Id;
use crate::rows::{AttemptRow, End, OutcomeRow, RowSink, Traffic};

/// How a life left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Its own last record said so.
    Closed,
    /// The id is another message's now, so it is gone; the record of its end is missing.
    Replaced,
    /// It did not, as far as the log goes.
    Open,
}

/// Recipients of a queue file that the log never names are counted up to this many a message: the number in the log may be anything.
const MOST_UNNAMED: u32 = 65_536;

/// Repetitions that one record can stand for, likewise.
const MOST_TIMES: u32 = 10_000;

/// The name of a life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name<'a> {
    /// Hash of host, instance and queue id.
    pub(super) identity: u64,
    pub(super) host: Id,
    pub(super) instance: Id,
    pub(super) queue_id: &'a [u8],
}

/// What folding showed beside the outcomes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    pub(super) duplicates: u64,
    /// The message came over loopback or was made at home: a hop may have led to it.
    pub(super) may_follow_hop: bool,
}

/// How far a recipient got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Untold,
    Deferred,
    GivenUp,
    Failed,
    Accepted,
    HandedOn,
    Stored,
}

/// Folds lives; owns the buffers that every life needs.
#[derive(Debug, Default)]
pub(super) struct Fold {
    /// Distinct recipients of the life, in order of first mention.
    recipients: Vec<Recipient>,
    by_address: HashTable<u32>,
    /// Recipient and attempt, sorted by recipient.
    order: Vec<(u32, u32)>,
    rows: Vec<AttemptRow>,
    /// Further original addresses of recipients: each stands in the queue file on its own.
    others: Vec<(u32, u64)>,
    aliased: usize,
    hasher: FixedState,
}

#[derive(Clone, Copy, Debug)]
struct Recipient {
    address: Span,
    original: Span,
    domain: Id,
    progress: Progress,
    last: Micros,
    /// Sort of its last attempt that was one.
    sort: Sort,
}

/// What a life's records say of the message as a whole.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that any record may tell")]
struct Message<'a> {
    received: Micros,
    first_seen: Micros,
    last: Micros,
    ended: Option<Micros>,
    origin: Origin,
    size: Option<u64>,
    is_begun: bool,
    is_own_bounce: bool,
    may_follow_hop: bool,
    sender: &'a [u8],
    /// Recipients of the queue file, as its first activation says.
    expected: Option<u32>,
    has_given_up: bool,
    /// Its Message-ID.
    named: &'a [u8],
    campaign: Id,
    closing: Option<Closing>,
}

impl Fold {
    /// Gives the outcomes of `life` to `rows`.
    pub(super) fn life<R: RowSink>(
        &mut self,
        life: &Life,
        name: &Name<'_>,
        left: Left,
        lexicon: &mut Lexicon,
        rows: &mut R,
    ) -> Told {
        self.tell_recipients(life);
        let message = message(life);
        let sender_domain = lexicon.domain(message.sender);
        let texts = &lexicon.texts;
        let message_hash = self.hasher.hash_one((name.identity, message.first_seen.0));
        let mut row = message.row(name, message_hash, sender_domain, left);
        let mut told = Told { may_follow_hop: message.may_follow_hop, ..Told::default() };
        let is_gone = left != Left::Open;
        let first = self.first_of_message(&message, is_gone);
        let mut rest = std::mem::take(&mut self.order);
        for group in rest.chunk_by(|one, other| one.0 == other.0) {
            let Some(&(number, _)) = group.first() else { continue };
            let Some(&recipient) = self.recipients.get(number as usize) else { continue };
            told.duplicates += self.gather(life, group);
            row.recipient = life.text(recipient.address);
            row.original = life.text(recipient.original);
            row.domain = recipient.domain;
            row.last = recipient.last;
            row.end = recipient.end(message.closing, is_gone);
            row.traffic = recipient.traffic(message.is_own_bounce);
            row.is_first_of_message = first == Some(number);
            row.recipient_no = number;
            rows.outcome(texts, &row, &self.rows);
        }
        rest.clear();
        self.order = rest;
        if let Some(unnamed) = message.unnamed(self.recipients.len() + self.aliased) {
            row = OutcomeRow { recipient: b"", original: b"", domain: Id::EMPTY, last: message.last, ..row };
            row.traffic = if message.is_own_bounce { Traffic::OwnBounce } else { Traffic::Outbound };
            row.end = message.unnamed_end(is_gone);
            for number in 0..unnamed {
                row.recipient_no = self.recipients.len() as u32 + number;
                row.is_first_of_message = first.is_none() && number == 0 && row.end != End::HandedOn;
                rows.outcome(texts, &row, &[]);
            }
        }
        told
    }

    /// Finds the distinct recipients, each one's attempts, and how far each got.
    fn tell_recipients(&mut self, life: &Life) {
        self.recipients.clear();
        self.by_address.clear();
        self.order.clear();
        self.others.clear();
        for note in &life.notes {
            match note.fact {
                Fact::Attempt(index) => {
                    let Some(tried) = life.tries.get(index as usize) else { continue };
                    let number = self.number(life, tried.recipient, tried.original, tried.domain);
                    self.order.push((number, index));
                    if let Some(recipient) = self.recipients.get_mut(number as usize) {
                        recipient.take(&tried.row);
                        let original = life.text(tried.original);
                        if original != life.text(recipient.original) {
                            self.others.push((number, self.hasher.hash_one(original)));
                        }
                    }
                }
                Fact::GaveUp => {
                    for recipient in &mut self.recipients {
                        recipient.give_up(note.time);
                    }
                }
                Fact::Begin(_)
                | Fact::Sender { .. }
                | Fact::MessageId(_)
                | Fact::Campaign(_)
                | Fact::Close(_)
                | Fact::OwnBounce => {}
            }
        }
        self.order.sort_unstable();
        self.others.sort_unstable();
        self.others.dedup();
        self.aliased = self.others.len();
    }

    /// Number of a recipient: addresses that differ in case alone are one.
    fn number(&mut self, life: &Life, address: Span, original: Span, domain: Id) -> u32 {
        let hash = |text: &[u8]| {
            let mut sum = self.hasher.hash_one(text.len());
            for chunk in text.chunks(16) {
                let mut lower = [0; 16];
                for (to, from) in lower.iter_mut().zip(chunk) {
                    *to = from.to_ascii_lowercase();
                }
                sum = self.hasher.hash_one((sum, lower));
            }
            sum
        };
        let text = life.text(address);
        let recipients = &self.recipients;
        let text_of = |&number: &u32| recipients.get(number as usize).map(|known| life.text(known.address)).unwrap_or_default();
        let key = hash(text);
        if let Some(&number) = self.by_address.find(key, |number| text_of(number).eq_ignore_ascii_case(text)) {
            return number;
        }
        let number = self.recipients.len() as u32;
        self.by_address.insert_unique(key, number, |other| hash(text_of(other)));
        let progress = Progress::Untold;
        self.recipients.push(Recipient { address, original, domain, progress, last: Micros::default(), sort: Sort::Suspended });
        number
    }

    /// Collects the rows of one recipient; a record that was written twice counts once. Gives the number of those.
    fn gather(&mut self, life: &Life, group: &[(u32, u32)]) -> u64 {
        self.rows.clear();
        let mut duplicates = 0;
        let mut originals = Span::default();
        for &(_, index) in group {
            let Some(tried) = life.tries.get(index as usize) else { continue };
            let is_twice = self.rows.last().is_some_and(|before| is_same_record(before, &tried.row))
                && life.text(originals) == life.text(tried.original);
            originals = tried.original;
            if is_twice {
                duplicates += 1;
                continue;
            }
            for _ in 0..tried.times.clamp(1, MOST_TIMES) {
                self.rows.push(tried.row);
            }
        }
        duplicates
    }

    /// The recipient at which the message is counted: the first of an outbound outcome, else of any that was not handed on.
    fn first_of_message(&self, message: &Message<'_>, is_gone: bool) -> Option<u32> {
        let counts = |recipient: &Recipient| recipient.end(message.closing, is_gone) != End::HandedOn;
        let is_outbound = |recipient: &Recipient| recipient.traffic(message.is_own_bounce) == Traffic::Outbound;
        let first = self.recipients.iter().position(|recipient| counts(recipient) && is_outbound(recipient));
        first.or_else(|| self.recipients.iter().position(counts)).map(|first| first as u32)
    }
}

/// Whether two rows are one record written twice: all that they say is equal, the delay to the digit included.
fn is_same_record(one: &AttemptRow, other: &AttemptRow) -> bool {
    one.pos != other.pos && one.delay_ms.is_some() && AttemptRow { pos: other.pos, ..*one } == *other
}

impl Recipient {
    /// An attempt: what was accepted stays accepted, and what failed for good stays failed, whatever a late record adds.
    fn take(&mut self, row: &AttemptRow) {
        self.last = self.last.max(row.time);
        if row.sort != Sort::Suspended {
            self.sort = row.sort;
        }
        let is_final = matches!(self.progress, Progress::Accepted | Progress::HandedOn | Progress::Stored);
        self.progress = match row.status {
            _ if is_final => self.progress,
            Status::Delivered => match row.sort {
                Sort::Hop => Progress::HandedOn,
                Sort::Local => Progress::Stored,
                Sort::Real | Sort::Suspended | Sort::Own | Sort::Probe => Progress::Accepted,
            },
            Status::Failed => Progress::Failed,
            Status::Expired if self.progress != Progress::Failed => Progress::GivenUp,
            Status::Deferred if self.progress == Progress::Untold => Progress::Deferred,
            Status::Expired | Status::Deferred | Status::Unknown => self.progress,
        };
    }

    fn give_up(&mut self, time: Micros) {
        if matches!(self.progress, Progress::Untold | Progress::Deferred) {
            self.progress = Progress::GivenUp;
            self.last = self.last.max(time);
        }
    }

    fn end(&self, closing: Option<Closing>, is_gone: bool) -> End {
        match self.progress {
            Progress::Accepted => End::Accepted,
            Progress::HandedOn => End::HandedOn,
            Progress::Stored => End::Local,
            Progress::Failed => End::Refused,
            Progress::GivenUp => End::Expired,
            Progress::Deferred | Progress::Untold => match closing {
                Some(Closing::Cancelled) => End::Cancelled,
                Some(Closing::Requeued) => End::HandedOn,
                Some(Closing::Done) => End::Unknown,
                None if is_gone || self.progress == Progress::Untold => End::Unknown,
                None => End::Deferred,
            },
        }
    }

    fn traffic(&self, is_own_bounce: bool) -> Traffic {
        match self.sort {
            _ if is_own_bounce => Traffic::OwnBounce,
            Sort::Local => Traffic::Internal,
            Sort::Real | Sort::Suspended | Sort::Hop | Sort::Own | Sort::Probe => Traffic::Outbound,
        }
    }
}

impl<'a> Message<'a> {
    /// A row that tells of the message and of no recipient yet.
    fn row(&self, name: &Name<'a>, hash: u64, sender_domain: Id, left: Left) -> OutcomeRow<'a> {
        OutcomeRow {
            received: self.received,
            last: self.last,
            host: name.host,
            recipient: b"",
            original: b"",
            domain: Id::EMPTY,
            sender: self.sender,
            sender_domain,
            message_id: self.named,
            queue_id: name.queue_id,
            campaign: self.campaign,
            end: End::Queued,
            traffic: if self.is_own_bounce { Traffic::OwnBounce } else { Traffic::Outbound },
            is_head_lost: !self.is_begun,
            is_first_of_message: false,
            message: hash,
            recipient_no: 0,
            instance: name.instance,
            origin: self.origin,
            size: self.size,
            first_seen: self.first_seen,
            ended: self.ended,
            is_tail_open: left == Left::Open,
            handed_to: b"",
            bounced_later: None,
            complained: None,
        }
    }

    /// How many recipients of the queue file no record names, of those that it has beside the `named`; None if that cannot be told.
    fn unnamed(&self, named: usize) -> Option<u32> {
        if !self.is_begun {
            return None;
        }
        self.expected?.checked_sub(u32::try_from(named).ok()?).filter(|&rest| rest > 0).map(|rest| rest.min(MOST_UNNAMED))
    }

    fn unnamed_end(&self, is_gone: bool) -> End {
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

/// What the records say of the message as a whole.
fn message(life: &Life) -> Message<'_> {
    let first = life.notes.first();
    let is_begun = matches!(first, Some(note) if matches!(note.fact, Fact::Begin(_)));
    let is_made_at_home = matches!(first, Some(note) if matches!(note.fact, Fact::MessageId(_) | Fact::OwnBounce));
    let mut message = Message {
        received: first.map(|note| note.time).unwrap_or_default(),
        first_seen: first.map(|note| note.time).unwrap_or_default(),
        ended: life.closed,
        origin: Origin::Unknown,
        size: None,
        last: life.last,
        is_begun,
        is_own_bounce: false,
        may_follow_hop: is_made_at_home,
        sender: b"",
        expected: None,
        has_given_up: false,
        named: b"",
        campaign: Id::EMPTY,
        closing: None,
    };
    let mut is_sender_known = false;
    for note in &life.notes {
        match note.fact {
            Fact::Begin(origin) => {
                message.origin = origin;
                message.may_follow_hop = origin == Origin::Loopback;
            }
            Fact::Sender { address, size, recipients } => {
                message.size = message.size.or(size);
                is_sender_known = true;
                message.sender = life.text(address);
                message.expected = message.expected.or(recipients);
            }
            Fact::MessageId(text) if message.named.is_empty() => message.named = life.text(text),
            Fact::Campaign(id) => message.campaign = id,
            Fact::OwnBounce => message.is_own_bounce = true,
            Fact::GaveUp => message.has_given_up = true,
            Fact::Close(how) => message.closing = Some(how),
            Fact::MessageId(_) | Fact::Attempt(_) => {}
        }
    }
    // A message from the null sender that nobody submitted is a notification, even where the record that says so is lost.
    message.is_own_bounce |= is_made_at_home && is_sender_known && message.sender.is_empty();
    if !is_begun {
        let started = |row: &AttemptRow| Micros(row.time.0 - row.delay_ms.unwrap_or_default() * 1_000);
        let earliest = life.tries.iter().map(|tried| started(&tried.row)).min();
        message.received = earliest.map_or(message.received, |earliest| earliest.min(message.received));
    }
    message
}
