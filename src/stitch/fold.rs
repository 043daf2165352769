//! From a life that is over to its outcomes: one per recipient.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::desk::Desk;
use super::lexicon::Lexicon;
use super::life::Life;
use super::message::{Left, Message, Name};
use super::recipient::{Recipient, Turn, is_same_record};
use super::recipients::Recipients;
use super::tale::{Span, Try, Whom};
use super::tried::is_evidence;
use crate::intern::Id;
use crate::rows::{AttemptRow, End, FeedbackRow, OutcomeRow, RowSink, Traffic};

/// Repetitions that one record can stand for: the number in the log may be anything.
const MOST_TIMES: u32 = 10_000;

/// What folding showed beside the outcomes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    pub(super) duplicates: u64,
    /// Bounces that came later and complaints: with an outcome that carries them, and all.
    pub(super) bounces: (u64, u64),
    pub(super) complaints: (u64, u64),
    /// The message came over loopback or was made at home: a hop may have led to it.
    pub(super) may_follow_hop: bool,
}

/// Folds lives; owns the buffers that every life needs.
#[derive(Debug, Default)]
pub(super) struct Fold {
    recipients: Recipients,
    rows: Vec<AttemptRow>,
    hasher: FixedState,
}

/// An address, unless it is but `@DOMAIN`: a format's way to say that somebody at that domain is meant, of whom the log does not tell.
/// (`@a,@b:user@c` is an old source route, and somebody.)
fn person(address: &[u8]) -> &[u8] {
    match address {
        [b'@', domain @ ..] if !domain.contains(&b'@') => b"",
        _ => address,
    }
}

impl Fold {
    /// Gives the outcomes of `life` to the desk.
    pub(super) fn life<R: RowSink>(&mut self, life: &Life, name: &Name<'_>, left: Left, desk: &mut Desk<'_, R>) -> Told {
        self.recipients.tell(life);
        let message = Message::of(life);
        if message.is_refused() {
            self.recipients.forget();
        }
        let sender_domain = desk.lexicon.domain(life.tale.text(message.sender));
        let hash = self.hasher.hash_one((name.identity, message.first_seen.0));
        let mut row = message.row(life, name, hash, sender_domain, left);
        let mut told = Told { may_follow_hop: message.may_follow_hop, ..Told::default() };
        let is_gone = left.is_gone();
        let first = if life.is_sequel { Some(u32::MAX) } else { self.first_of_message(&message, is_gone) };
        let order = std::mem::take(&mut self.recipients.order);
        let mut rest = order.as_slice();
        for number in 0..self.recipients.all.len() as u32 {
            let (mine, others) = rest.split_at(rest.partition_point(|turn| turn.recipient <= number));
            rest = others;
            let Some(&recipient) = self.recipients.all.get(number as usize) else { continue };
            let domain = domain(life, &recipient, desk.lexicon);
            told.duplicates += self.gather(life, mine, domain, desk);
            row.recipient = person(life.tale.text(recipient.address));
            row.original = life.tale.text(recipient.original);
            row.domain = domain;
            row.last = if recipient.last.0 == i64::MIN { message.last } else { recipient.last };
            row.end = recipient.end(message.closing, is_gone);
            row.seen_until = message.seen_until(row.end, row.last, left);
            row.traffic = recipient.traffic(message.is_own_bounce);
            row.is_first_of_message = first == Some(number);
            row.recipient_no = number;
            row.handed_to = if row.end == End::HandedOn { life.tale.text(recipient.handed_to) } else { b"" };
            row.bounced_later = recipient.bounced;
            row.complained = recipient.complained;
            desk.rows.outcome(&desk.lexicon.texts, &row, &self.rows);
        }
        self.recipients.order = order;
        if let Some(unnamed) = message.unnamed(self.recipients.entries()) {
            self.unnamed(unnamed, &message, &row, first, left, desk);
        }
        self.answer(life, name, &mut told, desk);
        for &index in &self.recipients.unlisted {
            if let Some(tried) = life.tale.tries.get(index as usize) {
                give_late_evidence(life, tried, &tried.row, desk);
            }
        }
        told
    }

    /// The outcomes of recipients that the queue file has and no record names: so many.
    fn unnamed<R: RowSink>(
        &self,
        unnamed: u32,
        message: &Message,
        row: &OutcomeRow<'_>,
        first: Option<u32>,
        left: Left,
        desk: &mut Desk<'_, R>,
    ) {
        let end = message.unnamed_end(left.is_gone());
        let mut row = OutcomeRow {
            recipient: b"",
            original: b"",
            domain: Id::EMPTY,
            last: message.last,
            seen_until: message.seen_until(end, message.last, left),
            traffic: if message.is_own_bounce { Traffic::OwnBounce } else { Traffic::Outbound },
            end,
            handed_to: b"",
            bounced_later: None,
            complained: None,
            ..*row
        };
        for number in 0..unnamed {
            row.is_first_of_message = first.is_none() && number == 0 && row.end != End::HandedOn;
            row.recipient_no = self.recipients.all.len() as u32 + number;
            desk.rows.outcome(&desk.lexicon.texts, &row, &[]);
        }
    }

    /// Gives the bounces and complaints that the life holds.
    fn answer<R: RowSink>(&self, life: &Life, name: &Name<'_>, told: &mut Told, desk: &mut Desk<'_, R>) {
        for answer in &self.recipients.answers {
            let words = answer.words;
            let count = if words.is_complaint { &mut told.complaints } else { &mut told.bounces };
            *count = (count.0 + u64::from(answer.is_matched), count.1 + 1);
            let recipient = match words.whom {
                Whom::Address(address) => life.tale.text(address),
                Whom::Index(_) | Whom::AllOpen | Whom::Awaited | Whom::Share(_) => b"",
            };
            let row = FeedbackRow {
                time: answer.time,
                host: name.host,
                queue_id: name.queue_id,
                recipient,
                domain: desk.lexicon.domain(recipient),
                is_complaint: words.is_complaint,
                code: words.told.code,
                enhanced: words.told.enhanced,
                signature: words.told.signature,
                is_matched: answer.is_matched,
            };
            desk.rows.feedback(&desk.lexicon.texts, &row);
        }
    }

    /// Collects the rows of one recipient; a record that was written twice counts once. Gives the number of those.
    fn gather<R: RowSink>(&mut self, life: &Life, mine: &[Turn], domain: Id, desk: &mut Desk<'_, R>) -> u64 {
        self.rows.clear();
        let mut duplicates = 0;
        let mut before: Option<&Try> = None;
        for &turn in mine {
            let Some(tried) = life.tale.tries.get(turn.attempt as usize) else { continue };
            let row = self.row(life, turn, tried, domain, desk);
            let is_twice = self.rows.last().is_some_and(|before| is_same_record(before, &row))
                && before
                    .is_some_and(|before| before.print == tried.print && life.tale.is_same(before.original, tried.original));
            before = Some(tried);
            if is_twice {
                duplicates += 1;
                continue;
            }
            for _ in 0..tried.times.clamp(1, MOST_TIMES) {
                self.rows.push(row);
            }
        }
        duplicates
    }

    /// The row of an attempt, with all that other records add, and its evidence where that had to wait for these.
    fn row<R: RowSink>(&self, life: &Life, turn: Turn, tried: &Try, domain: Id, desk: &mut Desk<'_, R>) -> AttemptRow {
        let mut row = tried.row;
        if let Some(words) = self.recipients.said.get(&turn.attempt) {
            desk.lexicon.say(&mut row, &words.told);
        }
        let lines = self.recipients.words_ahead(turn);
        desk.lexicon.say_ahead(&mut row, lines.iter().map(|line| (life.tale.text(line.text), line.speaker)));
        if !matches!(tried.whom, Whom::Address(_)) {
            desk.lexicon.reroute(&mut row, domain);
        }
        give_late_evidence(life, tried, &row, desk);
        row
    }

    /// The recipient at which the message is counted: the first of an outbound outcome, else of any that was neither handed on nor refused by the
    /// service itself.
    fn first_of_message(&self, message: &Message, is_gone: bool) -> Option<u32> {
        let all = &self.recipients.all;
        let is_apart = |end| matches!(end, End::HandedOn | End::NotSent);
        let counts = |recipient: &Recipient| !is_apart(recipient.end(message.closing, is_gone));
        let is_outbound = |recipient: &Recipient| recipient.traffic(message.is_own_bounce) == Traffic::Outbound;
        let first = all.iter().position(|recipient| counts(recipient) && is_outbound(recipient));
        first.or_else(|| all.iter().position(counts)).map(|first| first as u32)
    }

    /// Whether all that is known of a life is decided: no recipient is open, and none is unnamed.
    pub(super) fn is_settled(&mut self, life: &Life) -> bool {
        self.recipients.tell(life);
        let message = Message::of(life);
        message.is_refused() || self.recipients.are_settled() && message.unnamed(self.recipients.named()).is_none()
    }

    /// The addresses that were accepted in the life that was told last.
    pub(super) fn accepted(&self) -> impl Iterator<Item = Span> + '_ {
        self.recipients.accepted()
    }

    /// The queue ids that the life told last goes on under.
    pub(super) fn handed_to(&self) -> impl Iterator<Item = Span> + '_ {
        self.recipients.handed_to.iter().copied()
    }
}

/// Gives the evidence that had to wait until the row was whole.
fn give_late_evidence<R: RowSink>(life: &Life, tried: &Try, row: &AttemptRow, desk: &mut Desk<'_, R>) {
    if !tried.record.is_empty() && is_evidence(row) {
        desk.rows.evidence(row, life.tale.text(tried.record));
    }
}

/// A recipient's domain, which its attempts did not know where they name a number.
fn domain(life: &Life, recipient: &Recipient, lexicon: &mut Lexicon) -> Id {
    if recipient.domain == Id::EMPTY { lexicon.domain(life.tale.text(recipient.address)) } else { recipient.domain }
}
