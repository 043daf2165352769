//! What a record tells of a message: to which life it belongs, or that this is decided by the records to the left.

use super::desk::Desk;
use super::facts;
use super::fold::Fold;
use super::fragment::{Fragment, is_silent};
use super::hosts::{Grave, LATE, wait};
use super::lacks::Missing;
use super::lexicon::{Lexicon, Told};
use super::life::{Effect, Fact, Life, Ticket};
use super::lives::Named;
use super::log::{At, Bound, Item};
use super::message::Left;
use super::tale::Tale;
use crate::event::{Closing, Event, Micros, Sort, What};
use crate::rows::{FeedbackRow, RowSink};

/// A message that arrived this long after a life was last heard of is another message. Delays are rounded, clocks are corrected.
pub(super) const ARRIVED: i64 = 60 * Micros::SECOND;

/// Whose life a record belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whose<'a> {
    pub(super) identity: u64,
    pub(super) id: &'a [u8],
}

/// What a record does to the life that it meets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Does<'a> {
    pub(super) effect: Effect,
    /// The Message-ID that it tells; empty for other records.
    pub(super) name: &'a [u8],
}

impl Does<'_> {
    pub(super) const fn only(effect: Effect) -> Self {
        Self { effect, name: b"" }
    }
}

/// Where a record has to go.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lies {
    /// The records to the left decide whose it is.
    Left,
    /// Its identity is known here; the place of its life, if there is one.
    Here { found: Option<u32>, may_have_head: bool },
}

impl Fragment {
    /// Takes an event of a message.
    pub(super) fn message<R: RowSink>(&mut self, id: &[u8], at: &At, event: &Event<'_>, desk: &mut Desk<'_, R>) {
        let whose = Whose { identity: self.identity(at, id), id };
        match event.what {
            What::Linked { parent } => self.linked(id, parent, at, desk),
            What::Attempt(ref attempt) if attempt.sort == Sort::Probe => {
                self.probe(at, attempt.times);
                self.tell(whose, at, Does::only(Effect::Joins), desk, |_, _| Some(Fact::Probed));
            }
            What::Attempt(ref attempt) => self.attempt(whose, at, event, attempt, None, desk),
            What::Continues { previous } => {
                self.continues(whose, previous, Ticket::of(event.head.pos, whose.identity), at, desk);
            }
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
            | What::OwnBounce { .. }
            | What::Feedback { .. }
            | What::Close(_)
            | What::Channel { .. }
            | What::Start { .. }
            | What::Inbound { .. }
            | What::Repeat { .. }
            | What::Piece { .. }
            | What::Restart => {
                let Some(effect) = facts::effect(&event.what, at) else { return };
                let name = if let What::MessageId(text) = event.what { text } else { b"" };
                let is_told =
                    self.tell(whose, at, Does { effect, name }, desk, |tale, lexicon| facts::fact(event, tale, lexicon));
                if let (false, What::Feedback { complaint, recipient, reply }) = (is_told, event.what) {
                    let told = desk.lexicon.told(reply);
                    self.feedback(whose, at, recipient, &told, complaint, desk);
                }
            }
        }
    }

    pub(super) fn probe(&mut self, at: &At, times: u32) {
        if self.holds {
            return self.log.push(*at, Item::Probe { times });
        }
        self.noted.probes += u64::from(times);
    }

    /// A hop of the message `parent` that goes on as `child`.
    fn linked<R: RowSink>(&mut self, child: &[u8], parent: &[u8], at: &At, desk: &mut Desk<'_, R>) {
        let whose = Whose { identity: self.identity(at, parent), id: parent };
        let make = |tale: &mut Tale, _: &mut Lexicon| Some(Fact::HandedTo(tale.keep(child)));
        if !self.tell(whose, at, Does::only(Effect::Joins), desk, make) {
            self.links.named(self.identity(at, child));
        }
    }

    /// Tells a fact to the life that it belongs to, or to the log. False if there is no such life, and it makes none.
    pub(super) fn tell<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        at: &At,
        does: Does<'_>,
        desk: &mut Desk<'_, R>,
        make: impl FnOnce(&mut Tale, &mut Lexicon) -> Option<Fact>,
    ) -> bool {
        let Whose { identity, id } = whose;
        let Lies::Here { found, may_have_head } = self.place(whose, does.effect, at) else {
            let Some(fact) = make(&mut self.log.tale, desk.lexicon) else { return false };
            let id = self.log.tale.keep(id);
            self.log.push(*at, Item::Told { identity, id, fact, begun: None });
            return true;
        };
        let Some(place) = self.meet(found, whose, does, at, desk) else { return false };
        let Some(named) = self.lives.get_mut(place) else { return false };
        if may_have_head {
            named.life.lacks.ahead(Missing::Head);
        }
        let Some(fact) = make(&mut named.life.tale, desk.lexicon) else { return false };
        named.life.tell(at.time, fact);
        if let (Fact::Close(_), Some(closed)) = (fact, named.life.closed)
            && let Some(host) = self.hosts.find_mut(at.host)
        {
            host.wait(closed, place);
        }
        true
    }

    /// Where a record has to go; a boundary makes its identity known.
    pub(super) fn place(&mut self, whose: Whose<'_>, effect: Effect, at: &At) -> Lies {
        if self.holds {
            return Lies::Left;
        }
        let found = self.lives.find(whose.identity, whose.id);
        if self.is_beginning || found.is_some() || self.bounds.contains(whose.identity) {
            return Lies::Here { found, may_have_head: false };
        }
        let first = self.first(at).unwrap_or(at.latest);
        if effect == Effect::Boundary || effect == Effect::Continues {
            let after = self.log.entries.len() as u32;
            self.bounds.add(Bound { identity: whose.identity, after, at: *at, effect });
            // Records right before it lie to the left, or wait in the log.
            let is_near = |time: Micros| at.latest.0 - time.0 <= LATE;
            let is_early = is_near(first) || self.log.mentioned(whose.identity).is_some_and(is_near);
            return Lies::Here { found, may_have_head: is_early };
        }
        match effect {
            Effect::Tries { arrived: Some(arrived) } if arrived.0 - first.0 > ARRIVED + LATE => {
                self.bring_back(whose, Micros(arrived.0 - ARRIVED), at)
            }
            Effect::Tries { .. } | Effect::Boundary | Effect::Continues | Effect::Names | Effect::Belongs | Effect::Joins => {
                Lies::Left
            }
        }
    }

    /// A message that is younger than the stretch: nothing of it lies to the left. What its record told before the attempt comes
    /// back from the log.
    fn bring_back(&mut self, whose: Whose<'_>, since: Micros, at: &At) -> Lies {
        let Some(entries) = self.log.take_back(whose.identity, since) else { return Lies::Left };
        let after = self.log.entries.len() as u32;
        let effect = Effect::Tries { arrived: Some(Micros(i64::MAX)) };
        self.bounds.add(Bound { identity: whose.identity, after, at: *at, effect });
        let Some(first) = entries.first() else { return Lies::Here { found: None, may_have_head: false } };
        let mut life = self.lives.fresh(whose.id, first.at.latest);
        for entry in &entries {
            if let Item::Told { fact, .. } = entry.item
                && let Some(fact) = life.tale.copy(fact, &self.log.tale)
            {
                life.tell(entry.at.time, fact);
            }
        }
        let named = Named { identity: whose.identity, host: at.host, instance: at.instance, life };
        Lies::Here { found: Some(self.lives.insert(named)), may_have_head: false }
    }

    /// The place of the life that a record belongs to; ends the one before where the record shows that it is over. None if the
    /// record is late, or makes no life.
    pub(super) fn meet<R: RowSink>(
        &mut self,
        found: Option<u32>,
        whose: Whose<'_>,
        does: Does<'_>,
        at: &At,
        desk: &mut Desk<'_, R>,
    ) -> Option<u32> {
        if let Some(place) = found {
            let left = self.lives.get(place).and_then(|named| ends(&named.life, does, at, &mut self.fold));
            let Some(left) = left else { return Some(place) };
            let named = self.lives.remove(place)?;
            self.over(named, left, desk);
        }
        let is_sequel = match (self.grave(whose.identity, does.effect, at), does.effect) {
            (_, Effect::Joins) | (Some(Grave::Closed | Grave::Accepted), _) => return None,
            (None, _) => false,
            (Some(Grave::Settled), _) => true,
        };
        let mut life = self.lives.fresh(whose.id, at.latest);
        life.is_sequel = is_sequel;
        Some(self.lives.insert(Named { identity: whose.identity, host: at.host, instance: at.instance, life }))
    }

    /// What is left of the message that a record belongs to, unless the record begins another.
    fn grave(&self, identity: u64, effect: Effect, at: &At) -> Option<Grave> {
        let (time, grave) = match effect {
            Effect::Boundary | Effect::Continues | Effect::Names => return None,
            Effect::Tries { .. } | Effect::Belongs | Effect::Joins => self.hosts.find(at.host)?.grave(identity, at.latest)?,
        };
        match effect {
            Effect::Tries { arrived: Some(arrived) } if arrived.0 - time.0 > ARRIVED => None,
            Effect::Boundary | Effect::Continues | Effect::Names | Effect::Tries { .. } | Effect::Belongs | Effect::Joins => {
                Some(grave)
            }
        }
    }

    /// A message goes on from another one.
    pub(super) fn continues<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        previous: &[u8],
        ticket: Ticket,
        at: &At,
        desk: &mut Desk<'_, R>,
    ) {
        let before = Whose { identity: self.identity(at, previous), id: previous };
        let Lies::Here { found, may_have_head } = self.place(whose, Effect::Continues, at) else {
            let (id, previous) = (self.log.tale.keep(whose.id), self.log.tale.keep(previous));
            let fact = Fact::Continues { previous, ticket };
            return self.log.push(*at, Item::Told { identity: whose.identity, id, fact, begun: None });
        };
        let Some(place) = self.meet(found, whose, Does::only(Effect::Continues), at, desk) else { return };
        if let Some(named) = self.lives.get_mut(place) {
            named.life.is_begun = true;
            if may_have_head {
                named.life.lacks.ahead(Missing::Head);
            }
        }
        if before.identity == whose.identity {
            return;
        }
        let Lies::Here { found, .. } = self.place(before, Effect::Joins, at) else {
            let id = self.log.tale.keep(previous);
            self.log.push(*at, Item::Take { identity: before.identity, id, ticket });
            if let Some(named) = self.lives.get_mut(place) {
                named.life.lacks.ahead(Missing::Previous(ticket));
            }
            return;
        };
        let taken = found.and_then(|found| self.leave(found, at, desk));
        if let (Some(taken), Some(named)) = (taken, self.lives.get_mut(place)) {
            named.life.inherit(&taken);
        }
    }

    /// What a message leaves to the one that goes on from it: all, if it was queued again; else what it is, and its recipients by
    /// number. None if it is over.
    pub(super) fn leave<R: RowSink>(&mut self, place: u32, at: &At, desk: &mut Desk<'_, R>) -> Option<Life> {
        let named = self.lives.get(place)?;
        if let Some(left) = ends(&named.life, Does::only(Effect::Joins), at, &mut self.fold) {
            let named = self.lives.remove(place)?;
            self.over(named, left, desk);
            return None;
        }
        match named.life.closed {
            Some((closed, Closing::Requeued)) => {
                let mut named = self.lives.remove(place)?;
                named.life.reopen();
                named.life.lacks.leave(named.identity);
                self.hosts.find_mut(named.host)?.bury(named.identity, closed, Grave::Closed);
                Some(*named.life)
            }
            Some((_, Closing::Done | Closing::Cancelled)) => None,
            None => {
                let mut context = named.life.context();
                context.lacks.leave(named.identity);
                Some(context)
            }
        }
    }

    /// A bounce that came later or a complaint, of a message whose outcome was given, or is not known.
    pub(super) fn feedback<R: RowSink>(
        &mut self,
        whose: Whose<'_>,
        at: &At,
        recipient: &[u8],
        told: &Told,
        is_complaint: bool,
        desk: &mut Desk<'_, R>,
    ) {
        let count = if is_complaint { &mut self.noted.complaints } else { &mut self.noted.bounced_later };
        *count += 1;
        let row = FeedbackRow {
            time: at.time,
            host: at.host,
            queue_id: whose.id,
            recipient,
            domain: desk.lexicon.domain(recipient),
            is_complaint,
            code: told.code,
            enhanced: told.enhanced,
            signature: told.signature,
            is_matched: false,
        };
        desk.rows.feedback(&desk.lexicon.texts, &row);
    }
}

/// Whether a record shows that a life is over, and how that life then left.
pub(super) fn ends(life: &Life, does: Does<'_>, at: &At, fold: &mut Fold) -> Option<Left> {
    let Does { effect, name } = does;
    let arrived_after =
        |time: Micros| matches!(effect, Effect::Tries { arrived: Some(arrived) } if arrived.0 - time.0 > ARRIVED);
    let is_another = match effect {
        Effect::Boundary | Effect::Continues => true,
        Effect::Names => life.is_another(name),
        Effect::Tries { .. } => arrived_after(life.last),
        Effect::Belongs | Effect::Joins => false,
    };
    if let Some((closed, how)) = life.closed {
        let is_late = at.latest.0 - closed.0 <= wait(how);
        let is_named_anew = effect == Effect::Names && !life.has_name(name);
        return (is_another || is_named_anew || !is_late).then_some(Left::Closed);
    }
    // First of all: whoever looks for silent lives must find the same, whenever that is.
    if is_silent(life, at.latest, fold) {
        return Some(Left::Silent);
    }
    let is_new = at.latest.0 - life.since.0 <= LATE;
    let belongs = match effect {
        Effect::Boundary => is_new && life.may_begin(),
        Effect::Continues => life.has_begun_at(at.time) || is_new && life.may_begin(),
        Effect::Tries { .. } => life.is_begun,
        Effect::Names | Effect::Belongs | Effect::Joins => false,
    };
    (is_another && !belongs).then_some(Left::Replaced)
}
