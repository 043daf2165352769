//! One life of a queue id, as the records told it: kept as facts in order until it can be judged whole.

use std::num::{NonZeroU32, NonZeroU64};

use super::lacks::{Lacks, Missing};
use super::tale::{Span, Tale, Whom};
use crate::event::{Closing, Micros, Origin, Pos, Speaker, Status};
use crate::intern::{Id, Translation};

/// One fact, and when it was said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) time: Micros,
    pub(super) fact: Fact,
}

/// What a record said of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fact {
    Begin(Origin),
    Sender {
        address: Span,
        size: Option<NonZeroU64>,
        recipients: Option<NonZeroU32>,
    },
    MessageId(Span),
    Redirected,
    /// Recipients went on under other ids.
    Split,
    Campaign(Id),
    Offered {
        is_taken: bool,
        size: Option<NonZeroU64>,
    },
    Recipient {
        index: Option<u32>,
        address: Span,
    },
    /// A delivery began whose end will name neither message nor recipient.
    Started(Ticket),
    /// A recipient of the message that this one was made from: its number may be used, but it need not be a recipient here.
    Known {
        index: u32,
        address: Span,
    },
    /// Index into [`Tale::tries`].
    Attempt(u32),
    /// Index into [`Tale::words`].
    Reply(u32),
    /// A line of the words of the next attempt.
    ReplyAhead {
        whom: Whom,
        line: Span,
        speaker: Speaker,
    },
    GaveUp(Whom),
    Cancelled(Whom),
    /// The queue id under which what was tried last goes on.
    HandedTo(Span),
    /// Never within a life: it is resolved when it meets one.
    Continues {
        previous: Span,
        ticket: Ticket,
    },
    OwnBounce,
    /// A recipient of the queue file was looked up and no mail was brought (`sendmail -bv`).
    Probed,
    /// Index into [`Tale::words`].
    Feedback(u32),
    Close(Closing),
}

/// Names the record that told that a message goes on from another, or that a delivery began: its position, packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ticket(u64);

impl Ticket {
    /// Of no record.
    pub(super) const NONE: Self = Self(u64::MAX);

    /// Unique below 2^44 bytes a file and 2^20 files; beyond that two such records may have to meet to be mixed up.
    pub(super) fn new(pos: Pos) -> Self {
        Self(u64::from(pos.file) << 44 | pos.offset & ((1 << 44) - 1))
    }

    /// Of one of the messages that a record tells of.
    pub(super) fn of(pos: Pos, identity: u64) -> Self {
        Self(Self::new(pos).0 ^ identity)
    }
}

/// What a fact does to the life that it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Ends whatever was there.
    Boundary,
    /// Goes on from another message: belongs to a life that the same record began, and ends any other.
    Continues,
    /// Names a message: never belongs to a life that is closed, nor to one that was named and tried already.
    Names,
    /// An attempt, which may say when its message arrived.
    Tries { arrived: Option<Micros> },
    /// Belongs to the life that is there, or makes one.
    Belongs,
    /// Belongs to the life that is there, and makes none.
    Joins,
}

impl Fact {
    pub(super) fn effect(self, tale: &Tale) -> Effect {
        match self {
            Self::Begin(_) => Effect::Boundary,
            Self::MessageId(_) => Effect::Names,
            Self::Continues { .. } => Effect::Continues,
            Self::Attempt(index) => {
                let row = tale.tries.get(index as usize).map(|tried| &tried.row);
                let arrived = row.and_then(|row| Some(arrived(row.time, row.delay_ms?)));
                Effect::Tries { arrived }
            }
            Self::Reply(_) | Self::HandedTo(_) | Self::Probed | Self::Feedback(_) => Effect::Joins,
            Self::Sender { .. }
            | Self::Redirected
            | Self::Split
            | Self::Campaign(_)
            | Self::Offered { .. }
            | Self::Recipient { .. }
            | Self::Known { .. }
            | Self::Started(_)
            | Self::ReplyAhead { .. }
            | Self::GaveUp(_)
            | Self::Cancelled(_)
            | Self::OwnBounce
            | Self::Close(_) => Effect::Belongs,
        }
    }
}

/// When a message arrived, of which an attempt that ended at `time` says how long it was there.
pub(super) fn arrived(time: Micros, delay_ms: i64) -> Micros {
    Micros(time.0.saturating_sub(delay_ms.saturating_mul(1_000)))
}

/// One life of a queue id. Its buffers are used again when it is over.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Life {
    pub(super) notes: Vec<Note>,
    pub(super) tale: Tale,
    id: Span,
    /// Stamp of the record that closed it, and how it did.
    pub(super) closed: Option<(Micros, Closing)>,
    /// Latest stamp of its own records.
    pub(super) last: Micros,
    /// Latest stamp of its host when it was first mentioned.
    pub(super) since: Micros,
    pub(super) is_begun: bool,
    /// An attempt was told, after its beginning if that was told.
    is_tried: bool,
    /// Deliveries were begun in it.
    pub(super) is_started: bool,
    /// Its Message-ID, if it has one.
    named: Option<Span>,
    /// Its last attempt decided something: worth asking whether all is decided.
    pub(super) may_be_settled: bool,
    /// Rows of the same message were given already.
    pub(super) is_sequel: bool,
    pub(super) lacks: Lacks,
    /// How many notes another message left to this one: the first.
    inherited: usize,
}

impl Life {
    /// Begins to be the life of the queue id `id`, first mentioned when its host's clock showed `since`.
    pub(super) fn start(&mut self, id: &[u8], since: Micros) {
        self.id = self.tale.keep(id);
        self.since = since;
    }

    /// Empties it, keeping its memory.
    pub(super) fn clear(&mut self) {
        self.notes.clear();
        self.tale.clear();
        let (notes, tale) = (std::mem::take(&mut self.notes), std::mem::take(&mut self.tale));
        *self = Self { notes, tale, ..Self::default() };
    }

    pub(super) fn id(&self) -> &[u8] {
        self.tale.text(self.id)
    }

    pub(super) fn tell(&mut self, time: Micros, fact: Fact) {
        match fact {
            // Attempts before it decide nothing: a stretch that begins between them and it would not know of them.
            Fact::Begin(_) => (self.is_begun, self.is_tried) = (true, false),
            Fact::Started(_) => self.is_started = true,
            Fact::MessageId(span) => self.named = self.named.or(Some(span)),
            // What is said first tells how: Exim writes `Completed` of what the operator removed too.
            Fact::Close(how) => self.closed = Some((time, self.closed.map_or(how, |(_, first)| first))),
            // What is offered and never taken is over without an end.
            Fact::GaveUp(_) | Fact::Cancelled(_) | Fact::Offered { .. } => self.may_be_settled = true,
            Fact::Attempt(index) => {
                self.is_tried = true;
                let tried = self.tale.tries.get(index as usize);
                // A record that means whoever is awaited may mean nobody.
                if tried.is_none_or(|tried| tried.whom != Whom::Awaited) {
                    self.may_be_settled = tried.is_some_and(|tried| tried.row.status != Status::Deferred);
                }
                self.lacks.channels += u32::from(tried.is_some_and(|tried| tried.want.is_some()));
            }
            Fact::Sender { .. }
            | Fact::Redirected
            | Fact::Split
            | Fact::Campaign(_)
            | Fact::Recipient { .. }
            | Fact::Known { .. }
            | Fact::Reply(_)
            | Fact::ReplyAhead { .. }
            | Fact::HandedTo(_)
            | Fact::Continues { .. }
            | Fact::OwnBounce
            | Fact::Probed
            | Fact::Feedback(_) => {}
        }
        self.last = self.last.max(time);
        self.notes.push(Note { time, fact });
    }

    /// Tells notes of `other` after what is told here.
    fn append(&mut self, notes: &[Note], other: &Self) {
        for note in notes {
            if let Some(fact) = self.tale.copy(note.fact, &other.tale) {
                self.tell(note.time, fact);
            }
        }
    }

    /// Puts what the message tells that this one goes on from ahead of all that is told here.
    pub(super) fn inherit(&mut self, before: &Self) {
        self.inherited += self.insert(0, 0, before);
    }

    /// Closes the gap of this number with what is missing there. Gives the number of the next gap that stood here already: those
    /// that come with `before` are of another stretch.
    pub(super) fn fill(&mut self, number: usize, before: &Self) -> usize {
        let Some(gap) = self.lacks.gap(number) else { return number };
        self.lacks.close(number);
        if gap.missing == Missing::Head {
            self.since = self.since.min(before.since);
            self.inherited += before.inherited;
            self.insert(number, gap.at, before);
            return number + before.lacks.gaps();
        }
        let context = gap.is_context.then(|| before.context());
        let before = context.as_ref().unwrap_or(before);
        self.inherited += self.insert(number, gap.at, before);
        number + before.lacks.gaps()
    }

    /// Puts the notes of `before` after `at` others, ahead of the gap of this number. Gives how many they are.
    fn insert(&mut self, number: usize, at: usize, before: &Self) -> usize {
        let (ahead, behind) = self.notes.split_at_checked(at).unwrap_or((&self.notes, &[]));
        let mut new = self.rebuild(&[(ahead, self), (&before.notes, before), (behind, self)]);
        let added = new.notes.len() - self.notes.len();
        // How many attempts lack their connection was counted on the way.
        let channels = std::mem::replace(&mut new.lacks, std::mem::take(&mut self.lacks)).channels;
        new.lacks.channels = channels;
        new.lacks.insert(number, at, added, &before.lacks);
        *self = new;
        added
    }

    /// Tells all anew, in this order. What decides which records belong here is what was told here, not what was left to it.
    fn rebuild(&self, parts: &[(&[Note], &Self)]) -> Self {
        let mut new = Self { since: self.since, is_sequel: self.is_sequel, inherited: self.inherited, ..Self::default() };
        new.id = new.tale.keep(self.id());
        for (notes, of) in parts {
            new.append(notes, of);
        }
        (new.is_begun, new.is_started, new.is_tried) = (self.is_begun, self.is_started, self.is_tried);
        new.named = self.named.map(|name| new.tale.keep(self.tale.text(name)));
        new
    }

    /// What a message that is made from this one has of it.
    pub(super) fn context(&self) -> Self {
        let mut context = Self { since: self.since, ..Self::default() };
        for note in &self.notes {
            if let Some(fact) = inherited(note.fact).and_then(|fact| context.tale.copy(fact, &self.tale)) {
                context.tell(note.time, fact);
            }
        }
        let is_kept = |note: &&Note| inherited(note.fact).is_some();
        context.lacks = self.lacks.context(|at| self.notes.iter().take(at).filter(is_kept).count());
        context
    }

    /// Forgets that it was closed.
    pub(super) fn reopen(&mut self) {
        self.notes.retain(|note| !matches!(note.fact, Fact::Close(_)));
        self.closed = None;
    }

    /// Whether a beginning may still come: neither it nor a Message-ID was told, nor did a delivery begin.
    pub(super) fn may_begin(&self) -> bool {
        !self.is_begun && !self.is_started && self.named.is_none()
    }

    /// Whether its beginning was told last, at this time: by the same record.
    pub(super) fn has_begun_at(&self, time: Micros) -> bool {
        self.parts().1.last().is_some_and(|note| note.time == time && matches!(note.fact, Fact::Begin(_)))
    }

    /// What another message left to it, and what it tells itself.
    pub(super) fn parts(&self) -> (&[Note], &[Note]) {
        self.notes.split_at_checked(self.inherited).unwrap_or((&self.notes, &[]))
    }

    /// Whether a delivery began in it, not in the message that it goes on from: that one may lie to the left of its stretch.
    pub(super) fn has_started(&self, delivery: Ticket) -> bool {
        let (_, own) = self.parts();
        own.iter().rev().any(|note| matches!(note.fact, Fact::Started(started) if started == delivery))
    }

    /// Whether this Message-ID was told before.
    pub(super) fn has_name(&self, message_id: &[u8]) -> bool {
        self.named.is_some_and(|named| self.tale.text(named) == message_id)
    }

    /// Whether a message-id cannot be this life's: it has another, and was tried.
    pub(super) fn is_another(&self, message_id: &[u8]) -> bool {
        self.is_tried && self.named.is_some_and(|named| self.tale.text(named) != message_id)
    }

    /// The addresses of recipients by number, in the order in which they were told.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, Span)> {
        self.notes.iter().filter_map(|note| match note.fact {
            Fact::Recipient { index: Some(index), address } | Fact::Known { index, address } => Some((index, address)),
            Fact::Recipient { index: None, .. }
            | Fact::Started(_)
            | Fact::Begin(_)
            | Fact::Sender { .. }
            | Fact::MessageId(_)
            | Fact::Redirected
            | Fact::Split
            | Fact::Campaign(_)
            | Fact::Offered { .. }
            | Fact::Attempt(_)
            | Fact::Reply(_)
            | Fact::ReplyAhead { .. }
            | Fact::GaveUp(_)
            | Fact::Cancelled(_)
            | Fact::HandedTo(_)
            | Fact::Continues { .. }
            | Fact::OwnBounce
            | Fact::Probed
            | Fact::Feedback(_)
            | Fact::Close(_) => None,
        })
    }

    /// Puts its ids into another interner's numbers.
    pub(super) fn translate(&mut self, by: &Translation) {
        for note in &mut self.notes {
            if let Fact::Campaign(id) = &mut note.fact {
                *id = by.of(*id);
            }
        }
        self.tale.translate(by);
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        size_of::<Self>() + self.notes.capacity() * size_of::<Note>() + self.tale.capacity_bytes()
    }
}

/// What a message that is made from another has of it.
fn inherited(fact: Fact) -> Option<Fact> {
    match fact {
        Fact::Sender { address, size, .. } => Some(Fact::Sender { address, size, recipients: None }),
        Fact::Recipient { index: Some(index), address } => Some(Fact::Known { index, address }),
        Fact::Begin(_) | Fact::MessageId(_) | Fact::Campaign(_) | Fact::OwnBounce | Fact::Known { .. } => Some(fact),
        Fact::Recipient { .. }
        | Fact::Redirected
        | Fact::Split
        | Fact::Offered { .. }
        | Fact::Started(_)
        | Fact::Probed
        | Fact::Attempt(_)
        | Fact::Reply(_)
        | Fact::ReplyAhead { .. }
        | Fact::GaveUp(_)
        | Fact::Cancelled(_)
        | Fact::HandedTo(_)
        | Fact::Continues { .. }
        | Fact::Feedback(_)
        | Fact::Close(_) => None,
    }
}
