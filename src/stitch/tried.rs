//! Attempts: to which life one belongs, and what other records add to it.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::desk::Desk;
use super::fragment::Fragment;
use super::hosts::Grave;
use super::lexicon::{Lexicon, Told};
use super::life::{Effect, Fact, Ticket, arrived};
use super::lives::Named;
use super::log::{At, Item};
use super::message::Left;
use super::repeats::Place;
use super::slots::{Found, Slots};
use super::tale::{Span, Tale, Try, Want, Whom};
use super::told::{Does, Lies, Whose, ends};
use crate::event::{Attempt, Event, Micros, Sort, Status, Target};
use crate::intern::Id;
use crate::rows::{AttemptRow, RowSink};

/// An attempt on its way to where it is kept.
pub(super) struct Given<'a, F> {
    pub(super) whose: Whose<'a>,
    /// Of an attempt that a slot told: when its delivery began. It belongs to a life that was there then.
    pub(super) begun: Option<Ticket>,
    pub(super) row: &'a AttemptRow,
    /// How many equal attempts its record stands for.
    pub(super) times: u32,
    /// Its recipient; empty where the record names none.
    pub(super) address: &'a [u8],
    /// Its record, if it has still to be given as evidence.
    pub(super) record: &'a [u8],
    /// Keeps the attempt in a tale, but for the record.
    pub(super) make: F,
}

impl Fragment {
    /// An attempt that names its message.
    pub(super) fn attempt<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        at: &At,
        event: &Event<'_>,
        attempt: &Attempt<'_>,
        begun: Option<Ticket>,
        desk: &mut Desk<'_, R>,
    ) {
        let address = if let Target::Address(address) = attempt.target { address } else { b"" };
        let domain = desk.lexicon.domain(domain_of(&attempt.target));
        let row = desk.lexicon.row(&event.head, attempt, domain, at);
        let want = if begun.is_none() { self.want(at, &row, attempt) } else { None };
        let make = |tale: &mut Tale| kept(attempt, row, want, domain, tale);
        let (times, record) = (attempt.times, event.head.record);
        let given = Given { whose, begun, row: &row, times, address, record, make };
        if let Some(place) = self.put(given, at, desk) {
            self.repeats.tried(place, &event.head);
        }
    }

    /// The connection that an attempt used, if records may tell of it.
    fn want(&self, at: &At, row: &AttemptRow, attempt: &Attempt<'_>) -> Option<Want> {
        if let Some(slot) = attempt.slot {
            return Some(Want { slot: self.identity(at, slot), is_process: false });
        }
        let is_open = row.sort == Sort::Real && row.pid != 0 && is_tls_open(attempt);
        if !is_open || (row.relay_ip == Id::EMPTY && row.relay == Id::EMPTY) {
            return None;
        }
        if self.slots.has_no_channels() && self.is_beginning && !self.holds {
            return None;
        }
        let mut digits = [0; 10];
        Some(Want { slot: self.identity(at, decimal(row.pid, &mut digits)), is_process: true })
    }

    /// Keeps an attempt where it belongs; gives the place, or None if it was an outcome of its own or late.
    pub(super) fn put<R: RowSink>(
        &mut self,
        given: Given<'_, impl FnOnce(&mut Tale) -> Try>,
        at: &At,
        desk: &mut Desk<'_, R>,
    ) -> Option<Place> {
        let Given { whose, begun, row, times, address, record, make } = given;
        let first = self.first(at);
        let does = Does::only(Effect::Tries { arrived: row.delay_ms.map(|delay| arrived(row.time, delay)) });
        let Lies::Here { found, .. } = self.place(whose, does.effect, at) else {
            let mut tried = make(&mut self.log.tale);
            if !self.holds {
                connect(&mut tried, &self.slots, at, first, desk.lexicon);
            }
            give_evidence(&mut tried, record, &mut self.log.tale, desk);
            let (identity, id) = (whose.identity, self.log.tale.keep(whose.id));
            let fact = Fact::Attempt(self.log.tale.push_try(tried));
            self.log.push(*at, Item::Told { identity, id, fact, begun });
            return Some(Place::Log);
        };
        if let Some(begun) = begun {
            let named = found.and_then(|place| self.lives.get(place));
            let life = named.map(|named| &named.life).filter(|life| life.has_started(begun));
            if life.is_none_or(|life| ends(life, does, at, &mut self.fold).is_some()) {
                self.orphan(whose, at, record, make, desk);
                return None;
            }
        }
        let Some(place) = self.meet(found, whose, does, at, desk) else {
            self.noted.late += u64::from(times);
            self.show(record, at, make, desk);
            return None;
        };
        if self.lives.get(place)?.life.is_sequel && self.is_decided(whose, at, address, row, times, desk) {
            self.show(record, at, make, desk);
            return None;
        }
        let life = &mut self.lives.get_mut(place)?.life;
        let mut tried = make(&mut life.tale);
        connect(&mut tried, &self.slots, at, first, desk.lexicon);
        give_evidence(&mut tried, record, &mut life.tale, desk);
        let fact = Fact::Attempt(life.tale.push_try(tried));
        life.tell(at.time, fact);
        Some(Place::Life(whose.identity))
    }

    /// Gives an attempt that is kept nowhere as evidence, as soon as its connection is known: one to our own house is none.
    pub(super) fn show<R: RowSink>(
        &mut self,
        record: &[u8],
        at: &At,
        make: impl FnOnce(&mut Tale) -> Try,
        desk: &mut Desk<'_, R>,
    ) {
        let mut tale = Tale::default();
        let mut tried = make(&mut tale);
        connect(&mut tried, &self.slots, at, self.first(at), desk.lexicon);
        if record.is_empty() || !is_evidence(&tried.row) {
            return;
        }
        if tried.want.is_some_and(|want| !want.is_process) {
            tried.record = tale.keep(record);
            let tried = self.log.tale.copy_try(tried, &tale);
            return self.log.push(*at, Item::Shown { tried });
        }
        desk.rows.evidence(&tried.row, record);
    }

    /// Gives an attempt of the right stretch as evidence, which had to wait for its connection.
    pub(super) fn take_shown<R: RowSink>(&mut self, tried: u32, of: &Tale, at: &At, desk: &mut Desk<'_, R>) {
        if let Some(tried) = of.tries.get(tried as usize) {
            self.show(of.text(tried.record), at, |tale| tale.copied(tried, of), desk);
        }
    }

    /// An attempt whose message nobody knows, or whose message is over: an outcome of its own.
    fn orphan<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        at: &At,
        record: &[u8],
        make: impl FnOnce(&mut Tale) -> Try,
        desk: &mut Desk<'_, R>,
    ) {
        let mut life = self.lives.fresh(whose.id, at.latest);
        life.is_sequel = true;
        let mut tried = make(&mut life.tale);
        tried.want = None;
        self.noted.orphans += u64::from(tried.times);
        give_evidence(&mut tried, record, &mut life.tale, desk);
        let fact = Fact::Attempt(life.tale.push_try(tried));
        life.tell(at.time, fact);
        let named = Named { identity: whose.identity, host: at.host, instance: at.instance, life };
        self.give(named, Left::Single, desk);
    }
}

impl Fragment {
    /// Whether the outcome of a recipient was given as accepted already: what comes now is its bounce, or late.
    fn is_decided<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        at: &At,
        address: &[u8],
        row: &AttemptRow,
        times: u32,
        desk: &mut Desk<'_, R>,
    ) -> bool {
        let recipient = self.recipient(whose.identity, address);
        let grave = self.hosts.find(at.host).and_then(|host| host.grave(recipient, at.latest));
        if !grave.is_some_and(|(_, grave)| grave == Grave::Accepted) {
            return false;
        }
        if row.status == Status::Failed {
            let told = Told { code: row.code, enhanced: row.enhanced, signature: row.signature, provider: row.route };
            self.feedback(whose, at, address, &told, false, desk);
        } else {
            self.noted.late += u64::from(times);
        }
        true
    }
}

/// What names the domain of a recipient, or of a share.
pub(super) fn domain_of<'a>(target: &Target<'a>) -> &'a [u8] {
    match *target {
        Target::Address(address) => address,
        Target::Share(share) => share.domain,
        Target::Index(_) | Target::AllOpen | Target::Awaited | Target::OfSlot => b"",
    }
}

/// Keeps an attempt in a tale, but for its record.
pub(super) fn kept(attempt: &Attempt<'_>, row: AttemptRow, want: Option<Want>, domain: Id, tale: &mut Tale) -> Try {
    let whom = tale.keep_whom(&attempt.target);
    let original = attempt.original.map(|original| tale.keep(original)).unwrap_or_default();
    let Attempt { reply, nth, times, .. } = *attempt;
    let print = FixedState::with_seed(0x7265_706c).hash_one((reply, nth, times));
    Try { whom, original, domain, row, print, times, want, record: Span::default() }
}

/// Whether an attempt is a failure that a reader may want to see.
pub(super) fn is_evidence(row: &AttemptRow) -> bool {
    row.sort == Sort::Real && row.status != Status::Delivered
}

/// Gives a failure as evidence, or keeps its record until the row is whole.
pub(super) fn give_evidence<R: RowSink>(tried: &mut Try, record: &[u8], tale: &mut Tale, desk: &mut Desk<'_, R>) {
    if record.is_empty() || !is_evidence(&tried.row) {
        return;
    }
    let is_connected = tried.want.is_none_or(|want| want.is_process);
    // Without words: other records may have them.
    let is_whole = is_connected && matches!(tried.whom, Whom::Address(_)) && tried.row.signature != Id::EMPTY;
    if is_whole {
        desk.rows.evidence(&tried.row, record);
    } else {
        tried.record = tale.keep(record);
    }
}

/// Whether an attempt's own record leaves the channel open. Postfix 3.11 names the policy that was met and no version, and `may?`, a policy that
/// nothing decided, of a connection that another delivery had opened.
fn is_tls_open(attempt: &Attempt<'_>) -> bool {
    let level = attempt.tls.split(|&byte| byte == b'/').next().unwrap_or_default();
    match level {
        [] => true,
        [.., b'?'] => attempt.nth > 1,
        [b'!', ..] => false,
        _ => !level.ends_with(b"none") && !level.starts_with(b"TLS") && !level.starts_with(b"SSL"),
    }
}

/// Tells an attempt what its connection shows, as far as that is known.
pub(super) fn connect(tried: &mut Try, slots: &Slots, at: &At, first: Option<Micros>, lexicon: &mut Lexicon) {
    let Some(want) = tried.want else { return };
    match slots.channel(want.slot, want.is_process, at, first) {
        Found::It(channel) => {
            lexicon.connect(&mut tried.row, &channel, want.is_process, tried.domain);
            tried.want = None;
        }
        Found::Nothing => tried.want = None,
        Found::Left => {
            if let Some(channel) = slots.ahead(want.slot, at) {
                lexicon.connect(&mut tried.row, &channel, want.is_process, tried.domain);
            }
        }
    }
}

/// A process id as its record writes it.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    digits.get(10 - used..).unwrap_or_default()
}
