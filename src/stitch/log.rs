//! What a stretch of records cannot judge alone, in order: it is taken again where the records before it are known.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::life::{Effect, Fact, Ticket};
use super::tale::{Span, Tale, Whom};
use crate::event::{Micros, Pos, Sort};
use crate::intern::{Id, Translation};

/// Who wrote a record, and when.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) host: Id,
    pub(super) instance: Id,
    /// Hash of the texts of the two.
    pub(super) writer: u64,
    pub(super) time: Micros,
    /// The latest stamp of the host up to here.
    pub(super) latest: Micros,
}

/// One thing to be taken later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) at: At,
    /// What it says, as a number: equal things in two files that overlap are one. 0 where nothing overlaps.
    pub(super) print: u64,
    pub(super) item: Item,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Item {
    /// A fact of a message.
    Told {
        identity: u64,
        id: Span,
        fact: Fact,
        /// Of an attempt that a slot told: when its delivery began. It belongs to a life that was there then.
        begun: Option<Ticket>,
    },
    /// An attempt that names a slot, which this stretch did not see begin. Index into [`Tale::tries`].
    Result { slot: u64, tried: u32 },
    /// An attempt that is kept nowhere: a reader may want to see it, but records before this stretch tell of its connection. Index into
    /// [`Tale::tries`].
    Shown { tried: u32 },
    /// A delivery begins, where nothing is judged.
    Start { slot: u64, identity: u64, id: Span, whom: Whom, sort: Sort, ticket: Ticket },
    /// A connection is open, where nothing is judged. Index into [`Tale::channels`].
    Channel { slot: u64, channel: u32 },
    /// A connection is closed, where nothing is judged.
    Shut { slot: u64 },
    /// Slots are void, where nothing is judged.
    Restart,
    /// The message `ticket` goes on from this one, and is itself known here.
    Take { identity: u64, id: Span, ticket: Ticket },
    /// A part of a record whose first part is not here.
    Piece { process: u64, index: u32, of: u32, text: Span, pos: Pos },
    /// An address probe.
    Probe { times: u32 },
    /// A mail of somebody else that was refused.
    Inbound { reply: Span },
    /// A record that is whole by itself says no more.
    End { identity: u64 },
}

/// Entries and what they refer to.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) entries: Vec<Entry>,
    pub(super) tale: Tale,
    mentions: HashMap<u64, Mentions, FixedState>,
    /// Nobody asks for mentions.
    is_uncounted: bool,
}

/// The entries of one identity.
#[derive(Clone, Copy, Debug, Default)]
struct Mentions {
    count: u32,
    /// The host's clock at the last one.
    latest: Micros,
    /// The latest stamp of them.
    last: Micros,
}

impl Default for Log {
    fn default() -> Self {
        let mentions = HashMap::with_hasher(FixedState::with_seed(0x6c6f_6721));
        Self { entries: Vec::new(), tale: Tale::default(), mentions, is_uncounted: false }
    }
}

impl Log {
    pub(super) fn push(&mut self, at: At, item: Item) {
        self.mention(&item, &at);
        self.entries.push(Entry { at, print: 0, item });
    }

    /// A log that none of its entries is taken back from.
    pub(super) fn uncounted() -> Self {
        Self { is_uncounted: true, ..Self::default() }
    }

    fn mention(&mut self, item: &Item, at: &At) {
        if self.is_uncounted {
            return;
        }
        if let Item::Told { identity, .. } | Item::Take { identity, .. } = *item {
            let mentions = self.mentions.entry(identity).or_insert(Mentions { last: at.time, ..Mentions::default() });
            *mentions = Mentions { count: mentions.count + 1, latest: at.latest, last: mentions.last.max(at.time) };
        }
    }

    /// The host's clock when a message was mentioned last, if it was.
    pub(super) fn mentioned(&self, identity: u64) -> Option<Micros> {
        self.mentions.get(&identity).map(|mentions| mentions.latest)
    }

    /// Takes back the entries of a message that arrived after `since`: those that are not older, which all have to stand at the end.
    /// None if they do not.
    pub(super) fn take_back(&mut self, identity: u64, since: Micros) -> Option<Vec<Entry>> {
        let count = match self.mentions.get(&identity) {
            Some(mentions) if mentions.last >= since => mentions.count,
            // What is there is of another message.
            Some(_) | None => return Some(Vec::new()),
        };
        let from = self.entries.len().checked_sub(count as usize)?;
        let is_own = |entry: &Entry| {
            entry.at.time >= since && matches!(entry.item, Item::Told { identity: other, .. } if other == identity)
        };
        if !self.entries.get(from..)?.iter().all(is_own) {
            return None;
        }
        self.mentions.remove(&identity);
        Some(self.entries.split_off(from))
    }

    /// Takes over an entry of another log.
    pub(super) fn copy(&mut self, entry: &Entry, of: &Tale) {
        let keep = |tale: &mut Tale, span: Span| tale.keep(of.text(span));
        let item = match entry.item {
            Item::Told { identity, id, fact, begun } => {
                let Some(fact) = self.tale.copy(fact, of) else { return };
                Item::Told { identity, id: keep(&mut self.tale, id), fact, begun }
            }
            Item::Result { slot, tried } => {
                let Some(&tried) = of.tries.get(tried as usize) else { return };
                Item::Result { slot, tried: self.tale.copy_try(tried, of) }
            }
            Item::Shown { tried } => {
                let Some(&tried) = of.tries.get(tried as usize) else { return };
                Item::Shown { tried: self.tale.copy_try(tried, of) }
            }
            Item::Take { identity, id, ticket } => Item::Take { identity, id: keep(&mut self.tale, id), ticket },
            Item::Piece { process, index, of: count, text, pos } => {
                Item::Piece { process, index, of: count, text: keep(&mut self.tale, text), pos }
            }
            Item::Inbound { reply } => Item::Inbound { reply: keep(&mut self.tale, reply) },
            Item::Start { slot, identity, id, whom, sort, ticket } => {
                let whom = self.tale.copy_whom(whom, of);
                Item::Start { slot, identity, id: keep(&mut self.tale, id), whom, sort, ticket }
            }
            Item::Channel { slot, channel } => {
                let Some(&channel) = of.channels.get(channel as usize) else { return };
                Item::Channel { slot, channel: self.tale.push_channel(channel) }
            }
            Item::Shut { .. } | Item::Restart | Item::End { .. } | Item::Probe { .. } => entry.item,
        };
        self.mention(&item, &entry.at);
        self.entries.push(Entry { item, ..*entry });
    }

    /// Puts its ids into another interner's numbers.
    pub(super) fn translate(&mut self, by: &Translation) {
        self.tale.translate(by);
        for entry in &mut self.entries {
            entry.at.host = by.of(entry.at.host);
            entry.at.instance = by.of(entry.at.instance);
            if let Item::Told { fact: Fact::Campaign(id), .. } = &mut entry.item {
                *id = by.of(*id);
            }
        }
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + self.tale.capacity_bytes() + self.mentions.allocation_size()
    }
}

/// An identity that is known from here on, whatever the records before this stretch say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) identity: u64,
    /// How many entries of the log come before it.
    pub(super) after: u32,
    pub(super) at: At,
    /// What the record that made it known does to the life before: an attempt is of a message that is younger than the stretch.
    pub(super) effect: Effect,
}

/// The identities that are known, in the order in which they became so.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) all: Vec<Bound>,
    known: HashSet<u64, FixedState>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { all: Vec::new(), known: HashSet::with_hasher(FixedState::with_seed(0x626f_756e)) }
    }
}

impl Bounds {
    pub(super) fn contains(&self, identity: u64) -> bool {
        self.known.contains(&identity)
    }

    /// Adds one that is not there yet.
    pub(super) fn add(&mut self, bound: Bound) {
        if self.known.insert(bound.identity) {
            self.all.push(bound);
        }
    }

    /// Bytes of memory held.
    pub(super) fn capacity_bytes(&self) -> usize {
        self.all.capacity() * size_of::<Bound>() + self.known.allocation_size()
    }
}
