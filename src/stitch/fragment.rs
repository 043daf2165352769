//! The lives of a stretch of records: which record belongs to which life, and what has to wait for the neighbours.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::{HashSet, HashTable};

use super::fold::{Fold, Left, Name};
use super::hosts::{Hosts, LATE};
use super::lexicon::Lexicon;
use super::life::{Effect, Fact, Life, Note, Try};
use super::links::Links;
use crate::event::{Attempt, Event, Key, Micros, Pos, Sort, Status, Target, What};
use crate::intern::{Id, Translation};
use crate::rows::RowSink;

/// An open life that no record mentioned for this long is over: the longest usual queue lifetime is five days.
const STALE: i64 = 7 * Micros::DAY;

/// Emptied lives kept for their memory.
const SPARE: usize = 1024;

/// What was noticed beside outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Address probes.
    pub probes: u64,
    /// Records that the log says were repeated without being written.
    pub repeated: u64,
    /// Equal attempt records of one message and recipient: written twice, counted once.
    pub duplicates: u64,
    /// Hops that name a next queue id.
    pub hops_named: u64,
    /// Of these, next ids that were seen to begin.
    pub hops_found: u64,
}

/// A queue id on a host: what is known of its lives in this stretch.
#[derive(Debug)]
struct Slot {
    identity: u64,
    host: Id,
    instance: Id,
    id: Box<[u8]>,
    /// Records before the first boundary: whose they are is decided where the records before them are known.
    before: Option<Life>,
    /// The life that goes on, or was closed a moment ago.
    current: Option<Life>,
    /// True once a boundary was seen, or where nothing precedes this stretch.
    is_known: bool,
}

/// What a stretch of records cannot finish.
pub struct Fragment {
    /// Nothing precedes this stretch.
    is_beginning: bool,
    slots: Vec<Option<Slot>>,
    free: Vec<u32>,
    table: HashTable<u32>,
    /// Identities with a boundary in this stretch; not kept where nothing precedes.
    bounded: HashSet<u64, FixedState>,
    hosts: Hosts,
    links: Links,
    noted: Noted,
    spare: Vec<Life>,
    fold: Fold,
    hasher: FixedState,
    repeats: Repeats,
}

/// What `last message repeated N times` needs: the attempt that the record just before it told.
#[derive(Debug, Default)]
struct Repeats {
    /// Slot of the last attempt, and where the next record begins.
    last: Option<(u64, Pos)>,
    /// A repetition at the very start of the stretch, whose record is in the one before.
    first: Option<(Pos, u32)>,
}

impl Default for Fragment {
    fn default() -> Self {
        Self::new()
    }
}

impl Fragment {
    /// A stretch that anything may precede.
    #[must_use]
    pub fn new() -> Self {
        Self {
            is_beginning: false,
            slots: Vec::new(),
            free: Vec::new(),
            table: HashTable::new(),
            bounded: HashSet::with_hasher(FixedState::with_seed(0x626f_756e)),
            hosts: Hosts::default(),
            links: Links::default(),
            noted: Noted::default(),
            spare: Vec::new(),
            fold: Fold::default(),
            hasher: FixedState::with_seed(0x7374_6974),
            repeats: Repeats::default(),
        }
    }

    /// The stretch that nothing precedes.
    #[must_use]
    pub fn beginning() -> Self {
        Self { is_beginning: true, ..Self::new() }
    }

    /// Takes one event.
    pub(super) fn event<R: RowSink>(&mut self, event: &Event<'_>, lexicon: &mut Lexicon, rows: &mut R) {
        let head = &event.head;
        let (host, instance) = lexicon.writer(head);
        let index = self.hosts.index(host);
        let Some(clock) = self.hosts.get_mut(index) else { return };
        let time = clock.tick(head.time);
        let latest = clock.latest.unwrap_or(time);
        self.settle(index, time, lexicon, rows);
        let at = At { host, instance, time, latest };
        if let What::Repeat { times } = event.what {
            return self.repeat(head.pos, times);
        }
        match event.key {
            Key::Message(id) => self.message(id, at, event, lexicon, rows),
            Key::Whole => self.whole(at, event, lexicon, rows),
            // A channel or delivery number: no format that is read so far needs it for an outcome.
            Key::Slot(_) => {}
        }
    }

    fn message<R: RowSink>(&mut self, id: &[u8], at: At, event: &Event<'_>, lexicon: &mut Lexicon, rows: &mut R) {
        let identity = self.identity(lexicon.texts.text(at.host), lexicon.texts.text(at.instance), id);
        if let What::Linked { .. } = event.what {
            return self.links.named(identity);
        }
        if let What::Attempt(attempt) = event.what {
            if attempt.sort == Sort::Probe {
                self.noted.probes += u64::from(attempt.times);
                return;
            }
            return self.attempt(identity, id, at, event, &attempt, lexicon, rows);
        }
        let Some(effect) = effect(&event.what) else { return };
        let slot = self.slot(identity, at.host, at.instance, id);
        let Some(life) = self.life(slot, effect, at.time, at.time, lexicon, rows) else { return };
        let Some(fact) = fact(&event.what, life, lexicon) else { return };
        life.push(Note { time: at.time, latest: at.latest, fact });
        if let Fact::Close(_) = fact {
            self.closed(slot, at.host, at.time);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an event with its identity, and the two that every call here carries")]
    fn attempt<R: RowSink>(
        &mut self,
        identity: u64,
        id: &[u8],
        at: At,
        event: &Event<'_>,
        attempt: &Attempt<'_>,
        lexicon: &mut Lexicon,
        rows: &mut R,
    ) {
        let Target::Address(address) = attempt.target else { return };
        let domain = lexicon.domain(address);
        let row = lexicon.row(&event.head, attempt, domain, at.time);
        if row.sort == Sort::Real && row.status != Status::Delivered {
            rows.evidence(&row, event.head.record);
        }
        let slot = self.slot(identity, at.host, at.instance, id);
        let Some(life) = self.life(slot, Effect::Belongs, at.time, at.time, lexicon, rows) else { return };
        let tried = Try {
            recipient: life.keep(address),
            original: attempt.original.map(|original| life.keep(original)).unwrap_or_default(),
            domain,
            row,
            times: attempt.times,
        };
        life.push_try(at.time, at.latest, tried);
        let end = Pos { offset: event.head.pos.offset + event.head.record.len() as u64 + 1, ..event.head.pos };
        self.repeats.last = Some((identity, end));
    }

    /// A record that is a message's whole story for one recipient.
    fn whole<R: RowSink>(&mut self, at: At, event: &Event<'_>, lexicon: &mut Lexicon, rows: &mut R) {
        let What::Attempt(attempt) = event.what else { return };
        let Target::Address(address) = attempt.target else { return };
        let domain = lexicon.domain(address);
        let row = lexicon.row(&event.head, &attempt, domain, at.time);
        if row.sort == Sort::Real && row.status != Status::Delivered {
            rows.evidence(&row, event.head.record);
        }
        let mut life = self.spare.pop().unwrap_or_default();
        let recipient = life.keep(address);
        let original = attempt.original.map(|original| life.keep(original)).unwrap_or_default();
        life.push_try(at.time, at.latest, Try { recipient, original, domain, row, times: attempt.times });
        let identity = self.hasher.hash_one((lexicon.texts.text(at.host), event.head.record));
        let name = Name { identity, host: at.host, instance: at.instance, queue_id: b"" };
        self.over(life, &name, Left::Open, lexicon, rows);
    }

    /// The life that a record belongs to; ends the one before where the record shows that it is over. `seen` is the latest stamp that
    /// its host is known to have written since that one was closed.
    fn life<R: RowSink>(
        &mut self,
        slot: u32,
        effect: Effect,
        time: Micros,
        seen: Micros,
        lexicon: &mut Lexicon,
        rows: &mut R,
    ) -> Option<&mut Life> {
        let known = self.slots.get_mut(slot as usize)?.as_mut()?;
        if effect == Effect::Boundary && !known.is_known {
            known.is_known = true;
            if !self.is_beginning {
                self.bounded.insert(known.identity);
            }
        }
        let left = known.current.as_ref().and_then(|life| ends(life, effect, time, seen));
        if let (true, Some(left)) = (known.is_known, left) {
            let life = known.current.take()?;
            let (host, instance, identity) = (known.host, known.instance, known.identity);
            let id = std::mem::take(&mut known.id);
            self.over(life, &Name { identity, host, instance, queue_id: &id }, left, lexicon, rows);
            self.slots.get_mut(slot as usize)?.as_mut()?.id = id;
        }
        let known = self.slots.get_mut(slot as usize)?.as_mut()?;
        let place = if known.is_known { &mut known.current } else { &mut known.before };
        Some(place.get_or_insert_with(|| self.spare.pop().unwrap_or_default()))
    }

    /// Gives a life's outcomes to `rows`.
    fn over<R: RowSink>(&mut self, mut life: Life, name: &Name<'_>, left: Left, lexicon: &mut Lexicon, rows: &mut R) {
        let told = self.fold.life(&life, name, left, lexicon, rows);
        self.noted.duplicates += told.duplicates;
        if told.may_follow_hop {
            self.links.began(name.identity);
        }
        if self.spare.len() < SPARE {
            life.clear();
            self.spare.push(life);
        }
    }

    /// Ends the lives that a record of their host at `time` shows to be settled.
    fn settle<R: RowSink>(&mut self, host: usize, time: Micros, lexicon: &mut Lexicon, rows: &mut R) {
        while let Some((closed, index)) = self.hosts.get_mut(host).and_then(|host| host.settled(time)) {
            let Some(slot) = self.slots.get_mut(index as usize).and_then(Option::as_mut) else { continue };
            // The slot may be another message's by now, or its life closed again later.
            if slot.current.as_ref().and_then(|life| life.closed) != Some(closed) {
                continue;
            }
            let Some(life) = slot.current.take() else { continue };
            let (host, instance, identity) = (slot.host, slot.instance, slot.identity);
            let id = std::mem::take(&mut slot.id);
            self.over(life, &Name { identity, host, instance, queue_id: &id }, Left::Closed, lexicon, rows);
            self.release(index, id);
        }
    }

    /// Forgets a slot that holds nothing.
    fn release(&mut self, index: u32, id: Box<[u8]>) {
        let Some(entry) = self.slots.get_mut(index as usize) else { return };
        let Some(slot) = entry else { return };
        slot.id = id;
        if slot.before.is_some() || slot.current.is_some() {
            return;
        }
        if let Ok(found) = self.table.find_entry(slot.identity, |&other| other == index) {
            found.remove();
        }
        *entry = None;
        self.free.push(index);
    }

    fn closed(&mut self, slot: u32, host: Id, time: Micros) {
        let host = self.hosts.index(host);
        if let Some(host) = self.hosts.get_mut(host) {
            host.wait(time, slot);
        }
    }

    /// The slot of an identity, new or known.
    fn slot(&mut self, identity: u64, host: Id, instance: Id, id: &[u8]) -> u32 {
        let slots = &self.slots;
        let is_same = |&index: &u32| {
            slots.get(index as usize).and_then(Option::as_ref).is_some_and(|slot| {
                slot.identity == identity && slot.host == host && slot.instance == instance && *slot.id == *id
            })
        };
        if let Some(&index) = self.table.find(identity, is_same) {
            return index;
        }
        let is_known = self.is_beginning || self.bounded.contains(&identity);
        let slot = Slot { identity, host, instance, id: id.into(), before: None, current: None, is_known };
        let index = if let Some(index) = self.free.pop() {
            if let Some(entry) = self.slots.get_mut(index as usize) {
                *entry = Some(slot);
            }
            index
        } else {
            self.slots.push(Some(slot));
            (self.slots.len() - 1) as u32
        };
        let slots = &self.slots;
        self.table.insert_unique(identity, index, |&other| {
            slots.get(other as usize).and_then(Option::as_ref).map_or(0, |slot| slot.identity)
        });
        index
    }

    fn identity(&self, host: &[u8], instance: &[u8], id: &[u8]) -> u64 {
        self.hasher.hash_one((host, instance, id))
    }

    /// `last message repeated`: counts for the attempt of the record that stands right before, if it was one.
    fn repeat(&mut self, at: Pos, times: u32) {
        self.noted.repeated += u64::from(times);
        match self.repeats.last {
            Some((identity, end)) if is_next(end, at) => self.again(identity, times),
            _ if self.repeats.first.is_none() => self.repeats.first = Some((at, times)),
            _ => {}
        }
    }

    fn again(&mut self, identity: u64, times: u32) {
        let slots = &self.slots;
        let found = self.table.find(identity, |&index| {
            slots.get(index as usize).and_then(Option::as_ref).is_some_and(|slot| slot.identity == identity)
        });
        let Some(&index) = found else { return };
        let Some(slot) = self.slots.get_mut(index as usize).and_then(Option::as_mut) else { return };
        let life = slot.current.as_mut().or(slot.before.as_mut());
        if let Some(tried) = life.and_then(|life| life.tries.last_mut()) {
            tried.times = tried.times.saturating_add(times);
        }
    }

    /// Appends the stretch that comes next; `translation` leads from its ids to ours.
    pub(super) fn join<R: RowSink>(&mut self, mut right: Self, by: &Translation, lexicon: &mut Lexicon, rows: &mut R) {
        if let (Some((identity, end)), Some((at, times))) = (self.repeats.last, right.repeats.first)
            && is_next(end, at)
        {
            self.again(identity, times);
        }
        self.repeats.last = right.repeats.last;
        self.noted.add(right.noted);
        self.links.absorb(&right.links);
        // What stood before a boundary comes first, then the boundary, then what follows it.
        for slot in &mut right.slots.iter_mut().flatten() {
            slot.host = by.of(slot.host);
            slot.instance = by.of(slot.instance);
            for life in [&mut slot.before, &mut slot.current].into_iter().flatten() {
                life.translate(by);
            }
            if let Some(before) = slot.before.take() {
                self.join_before(slot, &before, lexicon, rows);
            }
        }
        for &identity in &right.bounded {
            self.bound(identity, lexicon, rows);
        }
        if !self.is_beginning {
            self.bounded.extend(&right.bounded);
        }
        for (host, latest, current) in right.hosts.clocks(by) {
            let index = self.hosts.index(host);
            if let Some(latest) = latest {
                self.settle(index, latest, lexicon, rows);
            }
            if let Some(host) = self.hosts.get_mut(index) {
                host.latest = host.latest.max(latest);
                host.current = current.or(host.current);
            }
        }
        for slot in right.slots.into_iter().flatten() {
            let Some(life) = slot.current else { continue };
            let index = self.slot(slot.identity, slot.host, slot.instance, &slot.id);
            let closed = life.closed;
            if let Some(ours) = self.slots.get_mut(index as usize).and_then(Option::as_mut) {
                ours.current = Some(life);
                ours.is_known = true;
            }
            if let Some(closed) = closed {
                self.closed(index, slot.host, closed);
            }
        }
    }

    /// Hands on records that stood before a boundary: to the life that they belong to, or to those before ours.
    fn join_before<R: RowSink>(&mut self, slot: &Slot, before: &Life, lexicon: &mut Lexicon, rows: &mut R) {
        let index = self.slot(slot.identity, slot.host, slot.instance, &slot.id);
        let ours_latest = self.hosts.latest(slot.host);
        for &note in &before.notes {
            let Some(life) = self.life(index, note.fact.effect(), note.time, note.latest, lexicon, rows) else { return };
            let latest = ours_latest.map_or(note.latest, |ours| ours.max(note.latest));
            life.copy(Note { latest, ..note }, before);
            if let (Fact::Close(_), Some(true)) = (note.fact, self.is_known(index)) {
                self.closed(index, slot.host, note.time);
            }
        }
    }

    fn is_known(&self, slot: u32) -> Option<bool> {
        Some(self.slots.get(slot as usize)?.as_ref()?.is_known)
    }

    /// A boundary to the right ends what is open here.
    fn bound<R: RowSink>(&mut self, identity: u64, lexicon: &mut Lexicon, rows: &mut R) {
        let slots = &self.slots;
        let found = self.table.find(identity, |&index| {
            slots.get(index as usize).and_then(Option::as_ref).is_some_and(|slot| slot.identity == identity)
        });
        let Some(&index) = found else { return };
        let Some(slot) = self.slots.get_mut(index as usize).and_then(Option::as_mut) else { return };
        slot.is_known = true;
        let (life, host, instance) = (slot.current.take(), slot.host, slot.instance);
        let id = std::mem::take(&mut slot.id);
        if let Some(life) = life {
            let left = if life.closed.is_some() { Left::Closed } else { Left::Replaced };
            self.over(life, &Name { identity, host, instance, queue_id: &id }, left, lexicon, rows);
        }
        self.release(index, id);
    }

    /// Ends every life: nothing follows.
    pub(super) fn finish<R: RowSink>(mut self, lexicon: &mut Lexicon, rows: &mut R) -> Noted {
        if !self.is_beginning {
            let all = std::mem::replace(&mut self, Self::beginning());
            self.join(all, &lexicon.texts.identity(), lexicon, rows);
        }
        for slot in std::mem::take(&mut self.slots).into_iter().flatten() {
            if let Some(life) = slot.current {
                let left = if life.closed.is_some() { Left::Closed } else { Left::Open };
                let name = Name { identity: slot.identity, host: slot.host, instance: slot.instance, queue_id: &slot.id };
                self.over(life, &name, left, lexicon, rows);
            }
        }
        let (hops_named, hops_found) = self.links.counts();
        Noted { hops_named, hops_found, ..self.noted }
    }

    /// Bytes of memory held, nearly.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        let lives = |slot: &Slot| {
            size_of::<Slot>()
                + slot.id.len()
                + [&slot.before, &slot.current].into_iter().flatten().map(Life::capacity_bytes).sum::<usize>()
        };
        self.slots.iter().flatten().map(lives).sum::<usize>() + self.bounded.capacity() * 9 + self.table.capacity() * 5
    }
}

/// Who wrote a record, and when.
#[derive(Clone, Copy)]
struct At {
    host: Id,
    instance: Id,
    time: Micros,
    latest: Micros,
}

impl Noted {
    fn add(&mut self, other: Self) {
        self.probes += other.probes;
        self.repeated += other.repeated;
        self.duplicates += other.duplicates;
    }
}

/// Whether a record at `at` is the one that follows a record that ended before `end`; a line end may be CR LF.
fn is_next(end: Pos, at: Pos) -> bool {
    end.file == at.file && (at.offset == end.offset || at.offset == end.offset + 1)
}

/// What an event does to the life that it meets; None if it tells of no message.
fn effect(what: &What<'_>) -> Option<Effect> {
    match what {
        What::Begin { .. } => Some(Effect::Boundary),
        What::MessageId(_) => Some(Effect::Names),
        What::Sender { .. } | What::Campaign(_) | What::GaveUp { .. } | What::OwnBounce { .. } | What::Close(_) => {
            Some(Effect::Belongs)
        }
        What::Recipient { .. }
        | What::Channel { .. }
        | What::Start { .. }
        | What::Attempt(_)
        | What::Reply { .. }
        | What::Linked { .. }
        | What::Continues { .. }
        | What::Feedback { .. }
        | What::Inbound { .. }
        | What::Repeat { .. }
        | What::Piece { .. }
        | What::Restart => None,
    }
}

/// The fact that an event tells of a message, its text kept in the message's life.
fn fact(what: &What<'_>, life: &mut Life, lexicon: &mut Lexicon) -> Option<Fact> {
    match *what {
        What::Begin { origin, .. } => Some(Fact::Begin(origin)),
        What::Sender { address, size, recipients } => Some(Fact::Sender { address: life.keep(address), size, recipients }),
        What::MessageId(text) => Some(Fact::MessageId(life.keep(text))),
        What::Campaign(text) => Some(Fact::Campaign(lexicon.texts.intern(text))),
        What::GaveUp { .. } => Some(Fact::GaveUp),
        What::OwnBounce { .. } => Some(Fact::OwnBounce),
        What::Close(how) => Some(Fact::Close(how)),
        What::Recipient { .. }
        | What::Channel { .. }
        | What::Start { .. }
        | What::Attempt(_)
        | What::Reply { .. }
        | What::Linked { .. }
        | What::Continues { .. }
        | What::Feedback { .. }
        | What::Inbound { .. }
        | What::Repeat { .. }
        | What::Piece { .. }
        | What::Restart => None,
    }
}

/// Whether a record of this effect shows that a life is over, and how that life then left.
fn ends(life: &Life, effect: Effect, time: Micros, seen: Micros) -> Option<Left> {
    if let Some(closed) = life.closed {
        let is_late = seen.0 - closed.0 <= LATE;
        return (effect != Effect::Belongs || !is_late).then_some(Left::Closed);
    }
    match effect {
        Effect::Boundary => Some(Left::Replaced),
        Effect::Names if life.is_named_and_tried() => Some(Left::Replaced),
        Effect::Names | Effect::Belongs => (time.0 - life.last.0 > STALE).then_some(Left::Open),
    }
}
