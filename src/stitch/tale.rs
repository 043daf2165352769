//! What facts refer to: attempts, words and text, kept apart so that a fact stays small. A life has a tale of its own, a log one for all.

use super::lexicon::Told;
use super::life::Fact;
use super::slots::Channel;
use crate::event::{self, Target};
use crate::intern::{Id, Translation};
use crate::rows::AttemptRow;

/// A piece of a tale's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    pub(super) const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// Which recipients, as the record had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    Address(Span),
    Index(u32),
    AllOpen,
    /// Those that were named since their last attempt.
    Awaited,
    Share(Share),
}

/// One share of a message, see [`event::Share`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) number: u16,
    pub(super) count: u16,
    pub(super) of: u16,
    pub(super) domain: Span,
}

impl Share {
    /// As an event has it.
    pub(super) fn borrowed(self, of: &Tale) -> event::Share<'_> {
        event::Share { number: self.number, domain: of.text(self.domain), count: self.count, of: self.of }
    }
}

/// A connection that an attempt used and that no record of this stretch opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Want {
    pub(super) slot: u64,
    /// True where the slot is the process, which no attempt names: it tells TLS alone.
    pub(super) is_process: bool,
}

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try {
    pub(super) whom: Whom,
    pub(super) original: Span,
    /// Of an address that its record names; empty where only a number is known.
    pub(super) domain: Id,
    pub(super) row: AttemptRow,
    /// Hash of what tells apart records whose rows are equal: the reply, which the row does not hold of an attempt that was accepted, which
    /// delivery over its connection it was or of which envelope, and how many it stands for.
    pub(super) print: u64,
    /// How many equal attempts its record stands for.
    pub(super) times: u32,
    pub(super) want: Option<Want>,
    /// Its record, where evidence could not be given at once: the row was not whole.
    pub(super) record: Span,
}

/// Words that another record tells of an attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) whom: Whom,
    pub(super) told: Told,
    pub(super) is_complaint: bool,
}

/// What facts refer to.
#[derive(Debug, Default)]
pub(super) struct Tale {
    pub(super) tries: Vec<Try>,
    pub(super) words: Vec<Words>,
    pub(super) channels: Vec<Channel>,
    text: Vec<u8>,
}

impl Tale {
    /// Empties it, keeping its memory.
    pub(super) fn clear(&mut self) {
        self.tries.clear();
        self.words.clear();
        self.channels.clear();
        self.text.clear();
    }

    pub(super) fn text(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        self.text.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// Whether two texts are the same.
    pub(super) fn is_same(&self, one: Span, other: Span) -> bool {
        self.text(one) == self.text(other)
    }

    /// Keeps a text. One that would not fit the numbers any more is dropped: no real message has 4 GiB of addresses.
    pub(super) fn keep(&mut self, text: &[u8]) -> Span {
        let (Ok(start), Ok(len)) = (u32::try_from(self.text.len()), u32::try_from(text.len())) else { return Span::default() };
        if len == 0 {
            return Span::default();
        }
        self.text.extend_from_slice(text);
        Span { start, len }
    }

    pub(super) fn keep_whom(&mut self, target: &Target<'_>) -> Whom {
        match *target {
            Target::Address(address) => Whom::Address(self.keep(address)),
            Target::Index(index) => Whom::Index(index),
            // A slot that is bound has been asked before; one that is not names nobody.
            Target::OfSlot => Whom::Address(Span::default()),
            Target::AllOpen => Whom::AllOpen,
            Target::Awaited => Whom::Awaited,
            Target::Share(event::Share { number, domain, count, of }) => {
                Whom::Share(Share { number, count, of, domain: self.keep(domain) })
            }
        }
    }

    /// Keeps an attempt; gives its number.
    pub(super) fn push_try(&mut self, tried: Try) -> u32 {
        self.tries.push(tried);
        (self.tries.len() - 1) as u32
    }

    /// Keeps words; gives their number.
    pub(super) fn push_words(&mut self, words: Words) -> u32 {
        self.words.push(words);
        (self.words.len() - 1) as u32
    }

    /// Keeps a connection; gives its number.
    pub(super) fn push_channel(&mut self, channel: Channel) -> u32 {
        self.channels.push(channel);
        (self.channels.len() - 1) as u32
    }

    /// A fact of another tale, with all that it refers to.
    pub(super) fn copy(&mut self, fact: Fact, of: &Self) -> Option<Fact> {
        Some(match fact {
            Fact::Sender { address, size, recipients } => {
                Fact::Sender { address: self.keep(of.text(address)), size, recipients }
            }
            Fact::MessageId(span) => Fact::MessageId(self.keep(of.text(span))),
            Fact::Recipient { index, address } => Fact::Recipient { index, address: self.keep(of.text(address)) },
            Fact::Known { index, address } => Fact::Known { index, address: self.keep(of.text(address)) },
            Fact::HandedTo(span) => Fact::HandedTo(self.keep(of.text(span))),
            Fact::Continues { previous, ticket } => Fact::Continues { previous: self.keep(of.text(previous)), ticket },
            Fact::GaveUp(whom) => Fact::GaveUp(self.copy_whom(whom, of)),
            Fact::Cancelled(whom) => Fact::Cancelled(self.copy_whom(whom, of)),
            Fact::ReplyAhead { whom, line, speaker } => {
                Fact::ReplyAhead { whom: self.copy_whom(whom, of), line: self.keep(of.text(line)), speaker }
            }
            Fact::Attempt(index) => Fact::Attempt(self.copy_try(*of.tries.get(index as usize)?, of)),
            Fact::Reply(index) => Fact::Reply(self.copy_words(*of.words.get(index as usize)?, of)),
            Fact::Feedback(index) => Fact::Feedback(self.copy_words(*of.words.get(index as usize)?, of)),
            Fact::Begin(_)
            | Fact::Redirected
            | Fact::Split
            | Fact::Campaign(_)
            | Fact::Offered { .. }
            | Fact::Started(_)
            | Fact::OwnBounce
            | Fact::Probed
            | Fact::Close(_) => fact,
        })
    }

    pub(super) fn copy_try(&mut self, tried: Try, of: &Self) -> u32 {
        let record = self.keep(of.text(tried.record));
        let copied = self.copied(&tried, of);
        self.push_try(Try { record, ..copied })
    }

    /// An attempt of another tale as it stands in this one, but for its record. It is not kept yet.
    pub(super) fn copied(&mut self, tried: &Try, of: &Self) -> Try {
        let whom = self.copy_whom(tried.whom, of);
        let original = self.keep(of.text(tried.original));
        Try { whom, original, record: Span::default(), ..*tried }
    }

    /// The address of a recipient; empty for one that is known by number.
    pub(super) fn address(&self, whom: Whom) -> &[u8] {
        match whom {
            Whom::Address(address) => self.text(address),
            Whom::Index(_) | Whom::AllOpen | Whom::Awaited | Whom::Share(_) => b"",
        }
    }

    fn copy_words(&mut self, words: Words, of: &Self) -> u32 {
        let whom = self.copy_whom(words.whom, of);
        self.push_words(Words { whom, ..words })
    }

    pub(super) fn copy_whom(&mut self, whom: Whom, of: &Self) -> Whom {
        match whom {
            Whom::Address(span) => Whom::Address(self.keep(of.text(span))),
            Whom::Share(share) => Whom::Share(Share { domain: self.keep(of.text(share.domain)), ..share }),
            Whom::Index(_) | Whom::AllOpen | Whom::Awaited => whom,
        }
    }

    /// Puts its ids into another interner's numbers.
    pub(super) fn translate(&mut self, by: &Translation) {
        for tried in &mut self.tries {
            tried.domain = by.of(tried.domain);
            let row = &mut tried.row;
            for id in [&mut row.relay, &mut row.source, &mut row.route, &mut row.signature, &mut row.tls, &mut row.relay_ip] {
                *id = by.of(*id);
            }
        }
        for channel in &mut self.channels {
            *channel = channel.translated(by);
        }
        for words in &mut self.words {
            words.told.signature = by.of(words.told.signature);
            words.told.provider = by.of(words.told.provider);
        }
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        self.tries.capacity() * size_of::<Try>()
            + self.words.capacity() * size_of::<Words>()
            + self.channels.capacity() * size_of::<Channel>()
            + self.text.capacity()
    }
}
