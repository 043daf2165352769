//! How two stretches become one: what waited in the right one is taken again, in order, now that the left one is known.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::desk::Desk;
use super::fragment::Fragment;
use super::lacks::Missing;
use super::life::{Effect, Fact, Life, Ticket};
use super::lives::Named;
use super::log::{At, Bound, Entry, Item};
use super::message::Left;
use super::noted::Noted;
use super::pieces::{Piece, Put};
use super::repeats::Place;
use super::slots::Found;
use super::tale::Tale;
use super::told::{Does, Lies, Whose, ends};
use super::tried::{Given, connect};
use crate::event::{Event, Pos, Sink};
use crate::intern::Translation;
use crate::rows::RowSink;

/// Reads a record that was put together, as the reader of its file does: the record, where it stands, and who takes its events.
pub type Read<'a> = dyn FnMut(&[u8], Pos, &mut dyn Sink) + 'a;

/// What the left stretch has for lives of the right one.
#[derive(Debug, Default)]
pub(super) struct Brought {
    /// Records that came right before a beginning, by identity.
    heads: HashMap<u64, Life, FixedState>,
    /// Beginnings that the left stretch does not know either.
    unknown: HashSet<u64, FixedState>,
    /// Messages that others go on from.
    taken: HashMap<Ticket, Life, FixedState>,
    /// Those that the left stretch does not know either.
    asked: HashSet<Ticket, FixedState>,
}

impl Brought {
    /// What is missing in a life of this identity.
    fn missing(&self, missing: Missing, identity: u64) -> Found<&Life> {
        let head = |identity: u64| (self.heads.get(&identity), self.unknown.contains(&identity));
        let (found, is_left) = match missing {
            Missing::Head => head(identity),
            Missing::HeadOf(previous) => head(previous),
            Missing::Previous(ticket) => (self.taken.get(&ticket), self.asked.contains(&ticket)),
        };
        match found {
            _ if is_left => Found::Left,
            Some(life) => Found::It(life),
            None => Found::Nothing,
        }
    }
}

impl Fragment {
    /// Appends the stretch that comes next; `by` leads from its ids to ours.
    pub(super) fn join<R: RowSink>(&mut self, mut right: Self, by: &Translation, read: &mut Read<'_>, desk: &mut Desk<'_, R>) {
        self.repeat_across(right.repeats.first);
        self.noted.add(&right.noted);
        self.links.absorb(&right.links);
        self.hosts.expect(&right.hosts, by);
        right.log.translate(by);
        let mut brought = Brought::default();
        self.replay(&right, by, &mut brought, read, desk);
        if let Some((place, end)) = right.repeats.last {
            let ours = self.repeats.last.map_or(Place::Log, |(place, _)| place);
            self.repeats.last = Some((if let Place::Log = place { ours } else { place }, end));
        }
        for (mut named, left) in std::mem::take(&mut right.lacking) {
            self.complete(&mut named, by, &mut brought, desk);
            if named.life.lacks.anything() { self.lacking.push((named, left)) } else { self.give(named, left, desk) }
        }
        let mut lives: Vec<Named> = right.lives.take().collect();
        for named in &mut lives {
            self.complete(named, by, &mut brought, desk);
        }
        self.slots.absorb(right.slots, by, self.is_beginning);
        self.pieces.absorb(right.pieces);
        self.hosts.absorb(right.hosts, by);
        for index in 0..self.hosts.len() {
            self.settle(index, desk);
        }
        for named in lives {
            let (host, closed) = (named.host, named.life.closed);
            let place = self.lives.insert(named);
            if let (Some(closed), Some(host)) = (closed, self.hosts.find_mut(host)) {
                host.wait(closed, place);
            }
        }
    }

    /// Takes again what the right stretch could not judge, each boundary in its place.
    fn replay<R: RowSink>(
        &mut self,
        right: &Self,
        by: &Translation,
        brought: &mut Brought,
        read: &mut Read<'_>,
        desk: &mut Desk<'_, R>,
    ) {
        let mut bounds = right.bounds.all.iter().peekable();
        for (number, entry) in (0..).zip(&right.log.entries) {
            while let Some(bound) = bounds.next_if(|bound| bound.after <= number) {
                self.bound(bound, by, brought, desk);
            }
            self.take(entry, &right.log.tale, brought, read, desk);
        }
        for bound in bounds {
            self.bound(bound, by, brought, desk);
        }
    }

    /// A boundary of the right stretch ends what is open here, but for records that came right before it.
    fn bound<R: RowSink>(&mut self, bound: &Bound, by: &Translation, brought: &mut Brought, desk: &mut Desk<'_, R>) {
        let mut at = bound.at;
        (at.host, at.instance) = (by.of(at.host), by.of(at.instance));
        self.clock(&mut at);
        let identity = bound.identity;
        if !self.is_beginning && !self.holds && self.lives.find_any(identity).is_none() && !self.bounds.contains(identity) {
            brought.unknown.insert(identity);
            let after = self.log.entries.len() as u32;
            return self.bounds.add(Bound { after, at, ..*bound });
        }
        let Some(place) = self.lives.find_any(identity) else { return };
        let does = Does::only(bound.effect);
        let left = self.lives.get(place).and_then(|named| ends(&named.life, does, &at, &mut self.fold));
        let Some(named) = self.lives.remove(place) else { return };
        if left.is_none() && matches!(bound.effect, Effect::Boundary | Effect::Continues) {
            brought.heads.insert(identity, *named.life);
        } else {
            self.over(named, left.unwrap_or(Left::Replaced), desk);
        }
    }

    /// The clock of a host as it was when a record of the right stretch was written.
    fn clock(&self, at: &mut At) {
        let latest = self.hosts.find(at.host).and_then(|host| host.latest);
        at.latest = latest.map_or(at.latest, |latest| latest.max(at.latest));
    }

    /// Gives a life of the right stretch what it lacks.
    fn complete<R: RowSink>(&mut self, named: &mut Named, by: &Translation, brought: &mut Brought, desk: &mut Desk<'_, R>) {
        named.host = by.of(named.host);
        named.instance = by.of(named.instance);
        named.life.translate(by);
        if !named.life.lacks.anything() {
            return;
        }
        if named.life.lacks.channels > 0 {
            self.complete_channels(named, desk);
        }
        let mut number = 0;
        while let Some(gap) = named.life.lacks.gap(number) {
            number = match brought.missing(gap.missing, named.identity) {
                Found::It(before) => named.life.fill(number, before),
                Found::Nothing => {
                    named.life.lacks.close(number);
                    number
                }
                Found::Left => number + 1,
            };
        }
    }

    /// Gives attempts of the right stretch the connections that ours opened.
    fn complete_channels<R: RowSink>(&self, named: &mut Named, desk: &mut Desk<'_, R>) {
        named.life.lacks.channels = 0;
        for tried in &mut named.life.tale.tries {
            let (host, instance, time) = (named.host, named.instance, tried.row.time);
            let mut at = At { host, instance, writer: 0, time, latest: time };
            self.clock(&mut at);
            connect(tried, &self.slots, &at, self.first(&at), desk.lexicon);
            named.life.lacks.channels += u32::from(tried.want.is_some());
        }
    }

    /// Takes one thing that was put off.
    pub(super) fn take<R: RowSink>(
        &mut self,
        entry: &Entry,
        of: &Tale,
        brought: &mut Brought,
        read: &mut Read<'_>,
        desk: &mut Desk<'_, R>,
    ) {
        let mut at = entry.at;
        self.clock(&mut at);
        let logged = self.log.entries.len();
        match entry.item {
            Item::Told { identity, id, fact, begun } => {
                let whose = Whose { identity, id: of.text(id) };
                match fact {
                    Fact::Attempt(index) => self.take_attempt(whose, begun, index, of, &at, desk),
                    Fact::Continues { previous, ticket } => self.continues(whose, of.text(previous), ticket, &at, desk),
                    Fact::Begin(_)
                    | Fact::Sender { .. }
                    | Fact::MessageId(_)
                    | Fact::Redirected
                    | Fact::Split
                    | Fact::Campaign(_)
                    | Fact::Offered { .. }
                    | Fact::Recipient { .. }
                    | Fact::Known { .. }
                    | Fact::Started(_)
                    | Fact::Reply(_)
                    | Fact::ReplyAhead { .. }
                    | Fact::GaveUp(_)
                    | Fact::Cancelled(_)
                    | Fact::HandedTo(_)
                    | Fact::OwnBounce
                    | Fact::Probed
                    | Fact::Feedback(_)
                    | Fact::Close(_) => self.take_fact(whose, fact, of, &at, desk),
                }
            }
            Item::Result { slot, tried } => self.take_result(slot, tried, of, &at, desk),
            Item::Shown { tried } => self.take_shown(tried, of, &at, desk),
            Item::Start { .. } => self.take_start(&entry.item, of, &at, desk),
            Item::Channel { .. } | Item::Shut { .. } | Item::Restart => self.take_slot(&Entry { at, ..*entry }, of),
            Item::Take { identity, id, ticket } => {
                let Lies::Here { found, .. } = self.place(Whose { identity, id: of.text(id) }, Effect::Joins, &at) else {
                    brought.asked.insert(ticket);
                    return self.log.copy(&Entry { at, ..*entry }, of);
                };
                if let Some(life) = found.and_then(|found| self.leave(found, &at, desk)) {
                    brought.taken.insert(ticket, life);
                }
            }
            Item::Piece { process, index, of: count, text, pos } => {
                let piece = Piece { process, index, of: count, text: of.text(text), pos, latest: at.latest };
                self.take_piece(&piece, &Entry { at, ..*entry }, of, read, desk);
            }
            Item::Probe { times } => self.probe(&at, times),
            Item::Inbound { reply } => self.inbound(&at, of.text(reply), desk),
            Item::End { identity } => self.end(identity, &at, desk),
        }
        for new in self.log.entries.iter_mut().skip(logged) {
            new.print = entry.print;
        }
    }

    /// Takes what a lane told of connections.
    fn take_slot(&mut self, entry: &Entry, of: &Tale) {
        if self.holds {
            return self.log.copy(entry, of);
        }
        match entry.item {
            Item::Channel { slot, channel } => {
                if let Some(channel) = of.channels.get(channel as usize) {
                    self.slots.open(slot, channel.told_at(entry.at.latest), self.is_beginning);
                }
            }
            Item::Shut { slot } => self.slots.close(slot, self.is_beginning),
            Item::Restart => self.slots.restart(entry.at.host, entry.at.instance, self.is_beginning),
            Item::Told { .. }
            | Item::Result { .. }
            | Item::Shown { .. }
            | Item::Start { .. }
            | Item::Take { .. }
            | Item::Piece { .. }
            | Item::Probe { .. }
            | Item::Inbound { .. }
            | Item::End { .. } => {}
        }
    }

    /// Takes an attempt, and when its delivery began if a slot told of it.
    fn take_attempt<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        begun: Option<Ticket>,
        index: u32,
        of: &Tale,
        at: &At,
        desk: &mut Desk<'_, R>,
    ) {
        let Some(tried) = of.tries.get(index as usize) else { return };
        let make = |tale: &mut Tale| tale.copied(tried, of);
        let (row, times, record) = (&tried.row, tried.times, of.text(tried.record));
        let given = Given { whose, begun, row, times, address: of.address(tried.whom), record, make };
        if let Some(place) = self.put(given, at, desk) {
            self.repeats.place(place);
        }
    }

    /// Takes a fact that is no attempt.
    fn take_fact<R: RowSink>(&mut self, whose: Whose<'_>, fact: Fact, of: &Tale, at: &At, desk: &mut Desk<'_, R>) {
        let name = if let Fact::MessageId(span) = fact { of.text(span) } else { b"" };
        let does = Does { effect: fact.effect(of), name };
        let is_told = self.tell(whose, at, does, desk, |tale, _| tale.copy(fact, of));
        if is_told {
            return;
        }
        if let Fact::Feedback(index) = fact {
            let Some(words) = of.words.get(index as usize) else { return };
            self.feedback(whose, at, of.address(words.whom), &words.told, words.is_complaint, desk);
        } else if let Fact::HandedTo(child) = fact {
            self.links.named(self.identity(at, of.text(child)));
        }
    }

    /// A record of its own, put off whole, is over.
    fn end<R: RowSink>(&mut self, identity: u64, at: &At, desk: &mut Desk<'_, R>) {
        if self.holds {
            return self.log.push(*at, Item::End { identity });
        }
        if let Some(named) = self.lives.find_any(identity).and_then(|place| self.lives.remove(place)) {
            self.give(named, Left::Single, desk);
        }
    }

    /// A piece of a record that may have begun here.
    fn take_piece<R: RowSink>(
        &mut self,
        piece: &Piece<'_>,
        entry: &Entry,
        of: &Tale,
        read: &mut Read<'_>,
        desk: &mut Desk<'_, R>,
    ) {
        match self.pieces.next(piece) {
            Put::Whole(joined) => {
                self.noted.joined += 1;
                read(&joined.record, joined.pos, &mut Taking { fragment: self, desk });
            }
            Put::Kept => {}
            Put::Alone if !self.is_beginning => self.log.copy(entry, of),
            Put::Alone => self.noted.pieces_lost += 1,
        }
    }

    /// Ends every life: nothing follows.
    pub(super) fn finish<R: RowSink>(mut self, read: &mut Read<'_>, desk: &mut Desk<'_, R>) -> Noted {
        self.flush(desk);
        if !self.is_beginning {
            let all = std::mem::replace(&mut self, Self::beginning());
            self.join(all, &desk.lexicon.texts.identity(), read, desk);
        }
        for named in self.lives.take() {
            let latest = self.hosts.find(named.host).and_then(|host| host.latest).unwrap_or(named.life.last);
            let left = if named.life.closed.is_some() { Left::Closed } else { Left::Open(latest) };
            self.give(named, left, desk);
        }
        let (hops_named, hops_found) = self.links.counts();
        let pieces_lost = self.noted.pieces_lost + self.pieces.len() as u64;
        Noted { hops_named, hops_found, pieces_lost, ..self.noted }
    }
}

/// Takes the events of a record that was put together while two stretches are joined.
struct Taking<'a, 'd, R> {
    fragment: &'a mut Fragment,
    desk: &'a mut Desk<'d, R>,
}

impl<R: RowSink> Sink for Taking<'_, '_, R> {
    fn event(&mut self, event: &Event<'_>) {
        self.fragment.event(event, self.desk);
    }
}
