//! A stretch of records, stitched as far as it can be alone: what goes on, and what waits for the records to its left.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::desk::Desk;
use super::facts;
use super::fold::Fold;
use super::hosts::{Grave, Hosts, LATE, due};
use super::life::Life;
use super::links::Links;
use super::lives::{Lives, Named};
use super::log::{At, Bounds, Item, Log};
use super::message::{Left, Name, STALE};
use super::noted::Noted;
use super::pieces::{self, Joined, Piece, Pieces, Put};
use super::recipients::hash_lower;
use super::repeats::Repeats;
use super::slots::Slots;
use crate::event::{Event, Head, Key, Micros, Pos, What};
use crate::rows::RowSink;

/// Lives are looked through for silent ones when there are twice as many as were left the last time, and this many more.
const SWEEP: usize = 8192;

/// What a stretch of records cannot finish.
pub struct Fragment {
    /// Nothing precedes this stretch.
    pub(super) is_beginning: bool,
    /// In a lane: events are only logged; `Overlap` judges them together with the other lanes'.
    pub(super) holds: bool,
    pub(super) lives: Lives,
    /// Lives that are over, and wait for what only the records to the left tell.
    pub(super) lacking: Vec<(Named, Left)>,
    pub(super) log: Log,
    pub(super) bounds: Bounds,
    pub(super) slots: Slots,
    pub(super) pieces: Pieces,
    pub(super) joined: Vec<Joined>,
    pub(super) hosts: Hosts,
    pub(super) links: Links,
    pub(super) noted: Noted,
    pub(super) repeats: Repeats,
    /// The record that is whole by itself and that the last event was of.
    pub(super) whole: Option<(Pos, (At, Named))>,
    pub(super) fold: Fold,
    /// The record of the last event, and the event as a number.
    marked: Option<(Pos, u64)>,
    hasher: FixedState,
    swept: usize,
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
            holds: false,
            lives: Lives::default(),
            lacking: Vec::new(),
            log: Log::default(),
            bounds: Bounds::default(),
            slots: Slots::default(),
            pieces: Pieces::default(),
            joined: Vec::new(),
            hosts: Hosts::default(),
            links: Links::default(),
            noted: Noted::default(),
            repeats: Repeats::default(),
            whole: None,
            fold: Fold::default(),
            marked: None,
            hasher: FixedState::with_seed(0x7374_6974),
            swept: 0,
        }
    }

    /// The stretch that nothing precedes.
    #[must_use]
    pub fn beginning() -> Self {
        Self { is_beginning: true, ..Self::new() }
    }

    /// A stretch of which nothing is judged.
    #[must_use]
    pub fn held() -> Self {
        Self { holds: true, log: Log::uncounted(), ..Self::new() }
    }

    /// The stretch that nothing precedes, and of which nothing is judged.
    pub(super) fn lane() -> Self {
        Self { is_beginning: true, ..Self::held() }
    }

    /// Takes one event.
    pub(super) fn event<R: RowSink>(&mut self, event: &Event<'_>, desk: &mut Desk<'_, R>) {
        if self.whole.as_ref().is_some_and(|(pos, ..)| *pos != event.head.pos) {
            self.flush(desk);
        }
        let Some(at) = self.tick(&event.head, desk) else { return };
        match event.what {
            What::Repeat { times } => self.repeat(event.head.pos, times),
            What::Restart if self.holds => self.log.push(at, Item::Restart),
            What::Restart => self.slots.restart(at.host, at.instance, self.is_beginning),
            What::Piece { index, of, text } => self.piece(&event.head, &at, index, of, text),
            What::Inbound { reply } => self.inbound(&at, reply, desk),
            What::Begin { .. }
            | What::Sender { .. }
            | What::MessageId(_)
            | What::Recipient { .. }
            | What::Offered { .. }
            | What::Redirected
            | What::Split
            | What::Campaign(_)
            | What::Channel { .. }
            | What::Start { .. }
            | What::Attempt(_)
            | What::Reply { .. }
            | What::ReplyAhead { .. }
            | What::GaveUp { .. }
            | What::Cancelled { .. }
            | What::Linked { .. }
            | What::Continues { .. }
            | What::OwnBounce { .. }
            | What::Feedback { .. }
            | What::Close(_) => match event.key {
                Key::Message(id) => self.message(id, &at, event, desk),
                Key::Slot(slot) => self.slot(slot, &at, event, desk),
                Key::Whole => self.whole(&at, event, desk),
            },
        }
        if self.holds {
            self.mark(event, &at);
        }
    }

    /// Moves the host's clock, and ends what it shows to be over.
    fn tick<R: RowSink>(&mut self, head: &Head<'_>, desk: &mut Desk<'_, R>) -> Option<At> {
        let mut at = desk.lexicon.at(head);
        let index = self.hosts.index(at.host);
        let host = self.hosts.get_mut(index)?;
        at.time = host.tick(head.time);
        at.latest = host.latest.unwrap_or(at.time);
        self.settle(index, desk);
        Some(at)
    }

    /// Moves the clock of a host to where an entry of a lane stands, and ends what it shows to be over.
    pub(super) fn advance<R: RowSink>(&mut self, at: &At, desk: &mut Desk<'_, R>) {
        let index = self.hosts.index(at.host);
        if let Some(host) = self.hosts.get_mut(index) {
            host.tick(Some(at.latest));
        }
        self.settle(index, desk);
    }

    /// Ends the closed lives that the host's clock shows to be settled, and at times those that are silent.
    pub(super) fn settle<R: RowSink>(&mut self, host: usize, desk: &mut Desk<'_, R>) {
        while let Some((until, place)) = self.hosts.get_mut(host).and_then(super::hosts::Host::settled) {
            // The place may be another message's by now, or its life closed again later.
            let is_that = |named: &Named| named.life.closed.is_some_and(|closed| due(closed) == until);
            if self.lives.get(place).is_some_and(is_that)
                && let Some(named) = self.lives.remove(place)
            {
                self.over(named, Left::Closed, desk);
            }
        }
        if self.lives.len() > 2 * self.swept + SWEEP {
            self.sweep(desk);
        }
    }

    /// Ends the lives that are silent.
    fn sweep<R: RowSink>(&mut self, desk: &mut Desk<'_, R>) {
        let (hosts, fold) = (&self.hosts, &mut self.fold);
        let silent = self.lives.places(|named| {
            let latest = hosts.find(named.host).and_then(|host| host.latest);
            named.life.closed.is_none() && latest.is_some_and(|latest| is_silent(&named.life, latest, fold))
        });
        for place in silent {
            if let Some(named) = self.lives.remove(place) {
                self.over(named, Left::Silent, desk);
            }
        }
        self.slots.sweep(|host| self.hosts.find(host).and_then(|host| host.latest));
        self.swept = self.lives.len();
    }

    /// A life is over: its outcomes are given, unless something to the left is still lacking.
    pub(super) fn over<R: RowSink>(&mut self, named: Named, left: Left, desk: &mut Desk<'_, R>) {
        self.bury(&named, left);
        if named.life.lacks.anything() {
            return self.lacking.push((named, left));
        }
        self.give(named, left, desk);
    }

    /// Gives the outcomes of a life.
    pub(super) fn give<R: RowSink>(&mut self, named: Named, left: Left, desk: &mut Desk<'_, R>) {
        let Named { identity, host, instance, life } = named;
        let name = Name { identity, host, instance, queue_id: life.id() };
        let told = self.fold.life(&life, &name, left, desk);
        self.noted.duplicates += told.duplicates;
        self.noted.bounced_later_matched += told.bounces.0;
        self.noted.bounced_later += told.bounces.1;
        self.noted.complaints_matched += told.complaints.0;
        self.noted.complaints += told.complaints.1;
        if told.may_follow_hop {
            self.links.began(identity);
        }
        for id in self.fold.handed_to() {
            let identity = self.hasher.hash_one((desk.lexicon.writer(host, instance), life.tale.text(id)));
            self.links.named(identity);
        }
        self.lives.recycle(life);
    }

    /// Leaves a tombstone.
    fn bury(&mut self, named: &Named, left: Left) {
        let (identity, life) = (named.identity, &named.life);
        let Some(host) = self.hosts.find_mut(named.host) else { return };
        match (life.closed, left) {
            (Some((time, _)), _) => host.bury(identity, time, Grave::Closed),
            (None, Left::Silent) if life.may_be_settled && self.fold.is_settled(life) => {
                host.bury(identity, life.last, Grave::Settled);
                for address in self.fold.accepted() {
                    host.bury(recipient_of(identity, life.tale.text(address), &self.hasher), life.last, Grave::Accepted);
                }
            }
            (None, _) => {}
        }
    }

    /// The records to the left of this stretch may decide what `first` makes of it. None where nothing is to the left.
    pub(super) fn first(&self, at: &At) -> Option<Micros> {
        let first = || self.hosts.find(at.host).and_then(|host| host.first).unwrap_or(at.latest);
        (!self.is_beginning).then(first)
    }

    pub(super) fn identity(&self, at: &At, id: &[u8]) -> u64 {
        self.hasher.hash_one((at.writer, id))
    }

    /// Identity of one recipient of a message.
    pub(super) fn recipient(&self, identity: u64, address: &[u8]) -> u64 {
        recipient_of(identity, address, &self.hasher)
    }

    pub(super) fn inbound<R: RowSink>(&mut self, at: &At, reply: &[u8], desk: &mut Desk<'_, R>) {
        if self.holds {
            let reply = self.log.tale.keep(reply);
            return self.log.push(*at, Item::Inbound { reply });
        }
        self.noted.inbound += 1;
        desk.rows.inbound(&desk.lexicon.texts, at.host, at.time, reply);
    }

    fn piece(&mut self, head: &Head<'_>, at: &At, index: u32, of: u32, text: &[u8]) {
        let process = self.hasher.hash_one((at.writer, head.pid));
        let piece = Piece { process, index, of, text, pos: head.pos, latest: at.latest };
        if index == 1 {
            return self.pieces.first(pieces::header(head.record, text, of), &piece);
        }
        match self.pieces.next(&piece) {
            Put::Whole(joined) => {
                self.noted.joined += 1;
                self.joined.push(joined);
            }
            Put::Kept => {}
            Put::Alone if self.first(at).is_some_and(|first| at.latest.0 - first.0 <= 2 * LATE) => {
                let text = self.log.tale.keep(text);
                self.log.push(*at, Item::Piece { process, index, of, text, pos: head.pos });
            }
            Put::Alone => self.noted.pieces_lost += 1,
        }
    }

    /// Marks what an event added to the log, so that the same in another file can be told.
    fn mark(&mut self, event: &Event<'_>, at: &At) {
        // What a record says after something else is told apart by that: several recipients may go on under one id.
        let before = self.marked.filter(|(pos, _)| *pos == event.head.pos).map_or(0, |(_, print)| print);
        let print = facts::print(event, at, before);
        // A record that was put together stands where a piece of it does, and says nothing after that.
        self.marked = (!matches!(event.what, What::Piece { .. })).then_some((event.head.pos, print));
        let new = self.log.entries.iter_mut().rev().take_while(|entry| entry.print == 0);
        new.for_each(|entry| entry.print = print);
    }

    /// Bytes of memory held, nearly.
    #[must_use]
    pub fn capacity_bytes(&self) -> usize {
        let lacking: usize = self.lacking.iter().map(|(named, _)| named.life.capacity_bytes()).sum();
        lacking
            + self.lives.capacity_bytes()
            + self.log.capacity_bytes()
            + self.bounds.capacity_bytes()
            + self.slots.capacity_bytes()
            + self.pieces.capacity_bytes()
            + self.hosts.capacity_bytes()
    }
}

fn recipient_of(identity: u64, address: &[u8], hasher: &FixedState) -> u64 {
    hasher.hash_one((identity, hash_lower(hasher, address)))
}

/// A life of which all that is known is decided is over sooner: not every format says that a message left the queue.
const SETTLED: i64 = Micros::HOUR;

/// Whether a life that is not closed is over by the host's clock.
pub(super) fn is_silent(life: &Life, latest: Micros, fold: &mut Fold) -> bool {
    let silence = latest.0.saturating_sub(life.last.max(life.since).0);
    silence > STALE || (silence > SETTLED && life.may_be_settled && fold.is_settled(life))
}
