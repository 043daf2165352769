//! One life of a queue id, as the records told it: kept as facts in order until it can be judged whole.

use crate::event::{Closing, Micros, Origin};
use crate::intern::{Id, Translation};
use crate::rows::AttemptRow;

/// A piece of a life's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

/// One fact, when it was said, and the latest stamp of its host in its segment up to then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) time: Micros,
    pub(super) latest: Micros,
    pub(super) fact: Fact,
}

/// What a record said of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fact {
    Begin(Origin),
    Sender {
        address: Span,
        size: Option<u64>,
        recipients: Option<u32>,
    },
    MessageId(Span),
    Campaign(Id),
    /// Index into [`Life::tries`].
    Attempt(u32),
    GaveUp,
    Close(Closing),
    OwnBounce,
}

/// What a fact does to the life that it meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Ends whatever was there.
    Boundary,
    /// Names a message: never belongs to a life that is closed, nor to one that was named and tried already.
    Names,
    /// Belongs to the life that is there.
    Belongs,
}

impl Fact {
    pub(super) const fn effect(self) -> Effect {
        match self {
            Self::Begin(_) => Effect::Boundary,
            Self::MessageId(_) => Effect::Names,
            Self::Sender { .. } | Self::Campaign(_) | Self::Attempt(_) | Self::GaveUp | Self::Close(_) | Self::OwnBounce => {
                Effect::Belongs
            }
        }
    }
}

/// One attempt within a life.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try {
    pub(super) recipient: Span,
    pub(super) original: Span,
    pub(super) domain: Id,
    pub(super) row: AttemptRow,
    /// How many equal attempts its record stands for.
    pub(super) times: u32,
}

/// One life of a queue id. Its buffers are used again when it is over.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) notes: Vec<Note>,
    pub(super) tries: Vec<Try>,
    text: Vec<u8>,
    /// Stamp of the record that closed it.
    pub(super) closed: Option<Micros>,
    /// Stamp of its last record.
    pub(super) last: Micros,
    is_named: bool,
}

impl Life {
    /// Empties it, keeping its memory.
    pub(super) fn clear(&mut self) {
        self.notes.clear();
        self.tries.clear();
        self.text.clear();
        self.closed = None;
        self.last = Micros::default();
        self.is_named = false;
    }

    pub(super) fn text(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// Keeps a text. One that would not fit the numbers any more is dropped: no real message has 4 GiB of addresses.
    pub(super) fn keep(&mut self, text: &[u8]) -> Span {
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else { return Span::default() };
        self.text.extend_from_slice(text);
        Span { start, len }
    }

    pub(super) fn push(&mut self, note: Note) {
        match note.fact {
            Fact::Close(_) => self.closed = Some(note.time),
            Fact::MessageId(_) => self.is_named = true,
            Fact::Begin(_) | Fact::Sender { .. } | Fact::Campaign(_) | Fact::Attempt(_) | Fact::GaveUp | Fact::OwnBounce => {}
        }
        self.last = note.time;
        self.notes.push(note);
    }

    pub(super) fn push_try(&mut self, time: Micros, latest: Micros, tried: Try) {
        let index = self.tries.len() as u32;
        self.tries.push(tried);
        self.push(Note { time, latest, fact: Fact::Attempt(index) });
    }

    /// Repeats a fact of another life here.
    pub(super) fn copy(&mut self, note: Note, of: &Self) {
        let fact = match note.fact {
            Fact::Sender { address, size, recipients } => {
                Fact::Sender { address: self.keep(of.text(address)), size, recipients }
            }
            Fact::MessageId(span) => Fact::MessageId(self.keep(of.text(span))),
            Fact::Attempt(index) => {
                let Some(&tried) = of.tries.get(index as usize) else { return };
                let (recipient, original) = (self.keep(of.text(tried.recipient)), self.keep(of.text(tried.original)));
                return self.push_try(note.time, note.latest, Try { recipient, original, ..tried });
            }
            Fact::Begin(_) | Fact::Campaign(_) | Fact::GaveUp | Fact::Close(_) | Fact::OwnBounce => note.fact,
        };
        self.push(Note { fact, ..note });
    }

    /// Whether a message-id cannot be this life's: it has one, and was tried.
    pub(super) fn is_named_and_tried(&self) -> bool {
        self.is_named && !self.tries.is_empty()
    }

    /// Puts its ids into another interner's numbers.
    pub(super) fn translate(&mut self, by: &Translation) {
        for note in &mut self.notes {
            if let Fact::Campaign(id) = &mut note.fact {
                *id = by.of(*id);
            }
        }
        for tried in &mut self.tries {
            tried.domain = by.of(tried.domain);
            let row = &mut tried.row;
            row.relay = by.of(row.relay);
            row.source = by.of(row.source);
            row.route = by.of(row.route);
            row.signature = by.of(row.signature);
            row.tls = by.of(row.tls);
            row.relay_ip = by.of(row.relay_ip);
        }
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        self.notes.capacity() * size_of::<Note>() + self.tries.capacity() * size_of::<Try>() + self.text.capacity()
    }
}
