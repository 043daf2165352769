//! What names no message: deliveries and connections by their number, and records that are whole by themselves.

use super::desk::Desk;
use super::facts;
use super::fragment::Fragment;
use super::lexicon::Lexicon;
use super::life::{Effect, Fact, Ticket};
use super::lives::Named;
use super::log::{At, Entry, Item};
use super::message::Left;
use super::repeats::Place;
use super::slots::{Found, Person, Start};
use super::tale::{Span, Tale, Try, Whom};
use super::told::{Does, Whose};
use super::tried::{Given, domain_of, give_evidence, is_evidence, kept};
use crate::event::{Attempt, Event, Pos, Sort, Status, Target, What};
use crate::intern::Id;
use crate::rows::RowSink;

/// A delivery that begins.
struct Started<'a> {
    slot: u64,
    message: &'a [u8],
    target: Target<'a>,
    sort: Sort,
    ticket: Ticket,
}

impl Fragment {
    /// An event of a slot: a delivery number, a connection, a process.
    pub(super) fn slot<R: RowSink>(&mut self, slot: &[u8], at: &At, event: &Event<'_>, desk: &mut Desk<'_, R>) {
        let key = self.identity(at, slot);
        match event.what {
            What::Channel { source, relay, relay_ip, tls } => {
                let channel = desk.lexicon.channel(at, source, relay, relay_ip, tls);
                if self.holds {
                    let channel = self.log.tale.push_channel(channel);
                    return self.log.push(*at, Item::Channel { slot: key, channel });
                }
                self.slots.open(key, channel, self.is_beginning);
            }
            What::Start { message, target, sort } => {
                let started = Started { slot: key, message, target, sort, ticket: Ticket::new(event.head.pos) };
                self.start(&started, at, desk);
            }
            What::Attempt(ref attempt) => self.result(key, at, event, attempt, desk),
            What::Close(_) if self.holds => self.log.push(*at, Item::Shut { slot: key }),
            What::Close(_) => self.slots.close(key, self.is_beginning),
            What::Begin { .. }
            | What::Sender { .. }
            | What::MessageId(_)
            | What::Recipient { .. }
            | What::Offered { .. }
            | What::Redirected
            | What::Split
            | What::Campaign(_)
            | What::Reply { .. }
            | What::ReplyAhead { .. }
            | What::GaveUp { .. }
            | What::Cancelled { .. }
            | What::Linked { .. }
            | What::Continues { .. }
            | What::OwnBounce { .. }
            | What::Feedback { .. }
            | What::Inbound { .. }
            | What::Repeat { .. }
            | What::Piece { .. }
            | What::Restart => {}
        }
    }

    /// A delivery of which a lane told that it begins.
    pub(super) fn take_start<R: RowSink>(&mut self, item: &Item, of: &Tale, at: &At, desk: &mut Desk<'_, R>) {
        let Item::Start { slot, id, whom, sort, ticket, .. } = *item else { return };
        let target = match whom {
            Whom::Address(address) => Target::Address(of.text(address)),
            Whom::Index(index) => Target::Index(index),
            Whom::AllOpen => Target::AllOpen,
            Whom::Awaited => Target::Awaited,
            Whom::Share(share) => Target::Share(share.borrowed(of)),
        };
        self.start(&Started { slot, message: of.text(id), target, sort, ticket }, at, desk);
    }

    /// A delivery begins. Its message has this recipient, whatever becomes of it.
    fn start<R: RowSink>(&mut self, started: &Started<'_>, at: &At, desk: &mut Desk<'_, R>) {
        let Started { slot, message, target, sort, ticket } = *started;
        let whose = Whose { identity: self.identity(at, message), id: message };
        if self.holds {
            let (id, whom) = (self.log.tale.keep(message), self.log.tale.keep_whom(&target));
            return self.log.push(*at, Item::Start { slot, identity: whose.identity, id, whom, sort, ticket });
        }
        let (person, index, address) = match target {
            Target::Address(address) => (Person::Address(address.into()), None, address),
            Target::Index(index) => (Person::Index(index), Some(index), &b""[..]),
            // A share has no delivery of its own number.
            Target::AllOpen | Target::Awaited | Target::Share(_) | Target::OfSlot => (Person::AllOpen, None, &b""[..]),
        };
        if index.is_some() || !address.is_empty() {
            let make = |tale: &mut Tale, _: &mut Lexicon| Some(Fact::Recipient { index, address: tale.keep(address) });
            self.tell(whose, at, Does::only(Effect::Belongs), desk, make);
        }
        self.tell(whose, at, Does::only(Effect::Belongs), desk, |_, _| Some(Fact::Started(ticket)));
        let id = message.into();
        let At { host, instance, latest, .. } = *at;
        self.slots.start(slot, Start { identity: whose.identity, id, host, instance, person, sort, ticket, latest });
    }

    /// The end of a delivery that names its slot alone.
    fn result<R: RowSink>(&mut self, slot: u64, at: &At, event: &Event<'_>, attempt: &Attempt<'_>, desk: &mut Desk<'_, R>) {
        let found = if self.holds { Found::Left } else { self.slots.finish(slot, at, self.first(at)) };
        match found {
            Found::It(start) => {
                let target = match &start.person {
                    _ if attempt.target != Target::OfSlot => attempt.target,
                    Person::Address(address) => Target::Address(address),
                    Person::Index(index) => Target::Index(*index),
                    Person::AllOpen => Target::AllOpen,
                };
                let sort = sort_of(attempt.sort, attempt.status, !attempt.relay_ip.is_empty(), start.sort);
                let attempt = Attempt { target, sort, ..*attempt };
                let whose = Whose { identity: start.identity, id: &start.id };
                self.attempt(whose, at, event, &attempt, Some(start.ticket), desk);
            }
            Found::Nothing => {
                let whose = Whose { identity: self.unnamed(at, event.head.pos), id: b"" };
                self.attempt(whose, at, event, attempt, Some(Ticket::NONE), desk);
            }
            Found::Left => {
                let domain = desk.lexicon.domain(domain_of(&attempt.target));
                let row = desk.lexicon.row(&event.head, attempt, domain, at);
                let mut tried = kept(attempt, row, None, domain, &mut self.log.tale);
                if is_evidence(&row) {
                    tried.record = self.log.tale.keep(event.head.record);
                }
                let tried = self.log.tale.push_try(tried);
                self.log.push(*at, Item::Result { slot, tried });
                self.repeats.tried(Place::Log, &event.head);
            }
        }
    }

    /// Identity of a message that no record names.
    fn unnamed(&self, at: &At, pos: Pos) -> u64 {
        let mut bytes = [0; 12];
        for (to, from) in bytes.iter_mut().zip(pos.file.to_be_bytes().into_iter().chain(pos.offset.to_be_bytes())) {
            *to = from;
        }
        self.identity(at, &bytes)
    }

    /// An event of a record that is whole by itself.
    pub(super) fn whole<R: RowSink>(&mut self, at: &At, event: &Event<'_>, desk: &mut Desk<'_, R>) {
        let identity = self.identity(at, event.head.record);
        if let What::Feedback { complaint, recipient, reply } = event.what
            && !self.holds
        {
            let told = desk.lexicon.told(reply);
            return self.feedback(Whose { identity, id: b"" }, at, recipient, &told, complaint, desk);
        }
        if matches!(event.what, What::Linked { .. } | What::Continues { .. } | What::Close(_)) {
            return;
        }
        let (_, mut whole) = self.whole.take().unwrap_or_else(|| {
            let (host, instance) = (at.host, at.instance);
            let life = self.lives.fresh(b"", at.latest);
            (event.head.pos, (*at, Named { identity, host, instance, life }))
        });
        let life = &mut whole.1.life;
        if let What::Attempt(ref attempt) = event.what {
            let domain = desk.lexicon.domain(domain_of(&attempt.target));
            let row = desk.lexicon.row(&event.head, attempt, domain, at);
            let mut tried = kept(attempt, row, None, domain, &mut life.tale);
            give_evidence(&mut tried, event.head.record, &mut life.tale, desk);
            let fact = Fact::Attempt(life.tale.push_try(tried));
            life.tell(at.time, fact);
        } else if let Some(fact) = facts::fact(event, &mut life.tale, desk.lexicon) {
            life.tell(at.time, fact);
        }
        self.whole = Some((event.head.pos, whole));
    }

    /// Ends the record that is whole by itself.
    pub(super) fn flush<R: RowSink>(&mut self, desk: &mut Desk<'_, R>) {
        let Some((_, (at, named))) = self.whole.take() else { return };
        if !self.holds {
            return self.give(named, Left::Single, desk);
        }
        // A print for each fact of the record: it is the record that is the same in another file.
        let identity = named.identity;
        let mut print = identity;
        for note in &named.life.notes {
            print = print.wrapping_add(1).max(1);
            let Some(fact) = self.log.tale.copy(note.fact, &named.life.tale) else { continue };
            let item = Item::Told { identity, id: Span::default(), fact, begun: None };
            self.log.entries.push(Entry { at, print, item });
        }
        let print = print.wrapping_add(1).max(1);
        self.log.entries.push(Entry { at, print, item: Item::End { identity } });
        self.lives.recycle(named.life);
    }

    /// Takes the result of a delivery that the stretch before may have begun.
    pub(super) fn take_result<R: RowSink>(&mut self, slot: u64, tried: u32, of: &Tale, at: &At, desk: &mut Desk<'_, R>) {
        let Some(tried) = of.tries.get(tried as usize) else { return };
        let mut row = tried.row;
        let told = if let Whom::Address(address) = tried.whom { of.text(address) } else { b"" };
        let found = if self.holds { Found::Left } else { self.slots.finish(slot, at, self.first(at)) };
        let start = match found {
            Found::It(start) => Some(start),
            Found::Nothing => None,
            Found::Left => {
                let tried = self.log.tale.copy_try(*tried, of);
                self.repeats.place(Place::Log);
                return self.log.push(*at, Item::Result { slot, tried });
            }
        };
        let person = start.as_ref().map(|start| &start.person);
        let address = match person {
            Some(Person::Address(address)) if told.is_empty() => address,
            Some(_) | None => told,
        };
        let domain = desk.lexicon.domain(address);
        desk.lexicon.reroute(&mut row, domain);
        if let Some(start) = &start {
            row.sort = sort_of(row.sort, row.status, row.relay_ip != Id::EMPTY, start.sort);
        }
        let make = |tale: &mut Tale| {
            let whom = match person {
                Some(Person::Index(index)) if told.is_empty() => Whom::Index(*index),
                Some(Person::AllOpen) if told.is_empty() => Whom::AllOpen,
                Some(_) | None => Whom::Address(tale.keep(address)),
            };
            Try { whom, original: tale.keep(of.text(tried.original)), domain, row, record: Span::default(), ..*tried }
        };
        let whose = match &start {
            Some(start) => Whose { identity: start.identity, id: &start.id },
            None => Whose { identity: self.unnamed(at, row.pos), id: b"" },
        };
        let begun = Some(start.as_ref().map_or(Ticket::NONE, |start| start.ticket));
        let given = Given { whose, begun, row: &row, times: tried.times, address, record: of.text(tried.record), make };
        if let Some(place) = self.put(given, at, desk) {
            self.repeats.place(place);
        }
    }
}

/// A record of a result does not know whether its delivery was a local one. If that began for elsewhere and the result tells of no other
/// host, our own MTA took it back; what was delivered, somebody took. A relay at home makes it local.
const fn sort_of(result: Sort, status: Status, names_relay: bool, start: Sort) -> Sort {
    match (result, start) {
        (Sort::Real, _) => start,
        (Sort::Local, Sort::Real) if names_relay => result,
        (Sort::Local, Sort::Real) if matches!(status, Status::Delivered) => Sort::Real,
        (Sort::Local, Sort::Real) => Sort::Own,
        _ => result,
    }
}
