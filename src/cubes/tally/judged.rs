//! What the attempts of an outcome come to, once each has its verdict.

use super::super::failures::How;
use super::super::keys::OutcomeCounts;
use super::super::ledger::Facts;
use super::super::{Disposition, Reason, Scope, State};
use crate::classify::{Category, Class};
use crate::event::{Micros, Sort, Speaker, Status};
use crate::intern::{Id, Interner};
use crate::provider::UNREACHED;
use crate::rows::{AttemptRow, End, OutcomeRow};

/// One attempt with its verdict.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) row: &'a AttemptRow,
    /// None for what is no failure.
    pub(super) reason: Option<Reason>,
}

impl Judged<'_> {
    pub(super) fn is_failure(&self) -> bool {
        self.reason.is_some()
    }

    pub(super) fn is_block(&self) -> bool {
        self.is_of_provider() && self.reason.is_some_and(|reason| reason.category.is_block())
    }

    /// Whether our own MTA says here that it puts the mail off, or gives it up, for what it heard before.
    fn is_echo(&self) -> bool {
        let row = self.row;
        row.speaker == Speaker::Own
            && (row.sort == Sort::Suspended || (row.sort == Sort::Own && row.status != Status::Deferred))
    }

    pub(super) fn is_throttle(&self) -> bool {
        self.is_of_provider() && self.reason.is_some_and(|reason| reason.category == Category::RateLimit)
    }

    /// Whether a block may be meant: what our own MTA or filter says is nobody's opinion of us.
    fn is_of_provider(&self) -> bool {
        self.row.speaker != Speaker::Own
    }
}

/// How an outcome ended, with the verdict on what decided it.
#[derive(Clone, Copy)]
pub(super) struct Ended {
    pub(super) state: State,
    /// None for what did not fail.
    pub(super) reason: Option<Reason>,
}

/// How an outcome ended by its attempts.
pub(super) fn ended(end: End, attempts: &[Judged<'_>]) -> Ended {
    let (state, reason) = match end {
        End::Accepted | End::Local => (State::Delivered, None),
        End::Refused => {
            let refused = refused(attempts);
            let reason = refused.and_then(|attempt| attempt.reason);
            let is_blocked = refused.is_some_and(Judged::is_of_provider) && reason.is_some_and(is_blocked);
            (if is_blocked { State::Blocked } else { State::Bounced }, Some(reason.unwrap_or(UNTOLD)))
        }
        End::Expired => (State::Expired, Some(informative(attempts).and_then(|attempt| attempt.reason).unwrap_or(GIVEN_UP))),
        End::Deferred => (State::Deferred, Some(informative(attempts).and_then(|attempt| attempt.reason).unwrap_or(UNTOLD))),
        End::Queued => (State::Queued, None),
        End::Cancelled => (State::Cancelled, None),
        End::Unknown | End::HandedOn | End::NotSent => (State::Unknown, None),
    };
    Ended { state, reason }
}

pub(super) const UNTOLD: Reason = Reason { category: Category::Unclassified, class: Class::Unknown };
pub(super) const GIVEN_UP: Reason = Reason { category: Category::Expired, class: Class::Soft };

/// Class policy makes a refusal a block; a person's own refusal is none.
pub(super) fn is_blocked(reason: Reason) -> bool {
    reason.class == Class::Policy && reason.category != Category::RecipientRefusesSender
}

/// The last permanent failure.
pub(super) fn refused<'a, 'b>(attempts: &'a [Judged<'b>]) -> Option<&'a Judged<'b>> {
    attempts.iter().rev().find(|attempt| attempt.row.status == Status::Failed)
}

/// The last failure that tells more than that the mail was put off or given up; else the last.
pub(super) fn informative<'a, 'b>(attempts: &'a [Judged<'b>]) -> Option<&'a Judged<'b>> {
    let tells = |reason: Reason| !matches!(reason.category, Category::Expired | Category::Unclassified);
    let failures = attempts.iter().rev().filter(|attempt| attempt.is_failure());
    let last = failures.clone().next();
    let tried = failures.clone().find(|attempt| attempt.row.sort != Sort::Suspended);
    failures.clone().find(|attempt| !attempt.is_echo() && attempt.reason.is_some_and(tells)).or(tried).or(last)
}

/// A mail that our own MTA puts off without words of others has the reason of the failure before.
pub(super) fn inherit(attempts: &mut [Judged<'_>]) {
    let mut before = None;
    for attempt in attempts {
        if attempt.row.sort == Sort::Suspended && attempt.row.speaker == Speaker::Own {
            attempt.reason = before.or(attempt.reason);
        } else {
            before = attempt.reason.or(before);
        }
    }
}

/// Who is behind a failed attempt.
pub(super) fn how(row: &AttemptRow) -> How {
    match row.speaker {
        Speaker::Own => How::Own,
        Speaker::Remote | Speaker::Unknown if row.stage.is_before_recipient() => How::Early,
        Speaker::Remote | Speaker::Unknown | Speaker::Connection | Speaker::Dns => How::Told,
    }
}

/// What a single attempt came to.
pub(super) fn disposition(status: Status, reason: Option<Reason>) -> Disposition {
    match status {
        Status::Delivered => Disposition::Delivered,
        Status::Deferred => Disposition::Deferred,
        Status::Failed | Status::Expired if reason.is_some_and(is_blocked) => Disposition::Blocked,
        Status::Failed | Status::Expired => Disposition::Bounced,
        Status::Unknown => Disposition::Unknown,
    }
}

/// The route of the last attempt that shows one; empty for mail that was never tried.
pub(super) fn route(texts: &Interner, attempts: &[Judged<'_>]) -> Id {
    let shows = |id: &Id| *id != Id::EMPTY && texts.text(*id) != UNREACHED.as_bytes();
    let mut routes = attempts.iter().rev().map(|attempt| attempt.row.route);
    let last = routes.clone().next().unwrap_or_default();
    routes.find(shows).unwrap_or(last)
}

/// What an attempt tells of its address. `is_full`: whether a full mailbox was the end of it, or seen more than once.
pub(super) fn learned(attempt: &Judged<'_>, state: State, is_full: bool) -> Facts {
    let row = attempt.row;
    if row.status == Status::Delivered {
        // What was bounced later was judged at the door, and proves no life.
        let is_proof = state != State::BouncedLater;
        return if is_proof { Facts::accepted(row.time) } else { Facts::JUDGED };
    }
    // Whoever had not heard of the recipient judged nobody, whatever the words.
    let is_reply = matches!(row.speaker, Speaker::Remote | Speaker::Unknown) && !row.stage.is_before_recipient();
    match attempt.reason {
        Some(Reason { category: Category::UnknownUser | Category::InactiveMailbox, class: Class::Hard }) if is_reply => {
            Facts::JUDGED.and(Facts::UNKNOWN)
        }
        Some(Reason { category: Category::MailboxFull, .. }) if is_reply && is_full => Facts::JUDGED.and(Facts::FULL),
        Some(Reason { category: Category::UnknownUser | Category::InactiveMailbox | Category::MailboxFull, .. })
            if is_reply =>
        {
            Facts::JUDGED
        }
        Some(_) | None => Facts::default(),
    }
}

/// What one outcome adds to its cell. `scope` says which attempts are real.
pub(super) fn measured(outcome: &OutcomeRow<'_>, state: State, scope: Scope, attempts: &[Judged<'_>]) -> OutcomeCounts {
    let mut tried = attempts.iter().filter(|attempt| attempt.row.sort != Sort::Own);
    let deferred = tried.clone().find(|attempt| attempt.row.status == Status::Deferred);
    let is_tried = tried.next().is_some();
    let is_delivered = state == State::Delivered;
    // One that stands in the queue file twice is delivered to twice: what comes after the first delivery is no retry.
    let real = attempts.iter().filter(|attempt| scope.is_real(attempt.row.sort));
    // Nor does one try again that only waited its turn, put back without trying, and was delivered at the first real attempt.
    let is_first_try = real.clone().next().is_some_and(|first| first.row.status == Status::Delivered);
    OutcomeCounts {
        outcomes: 1,
        messages: u64::from(outcome.is_first_of_message),
        attempts: real.count() as u64,
        deferred_once: u64::from(deferred.is_some()),
        attempted: u64::from(is_tried),
        first_try: u64::from(is_delivered && is_first_try),
        recovered: u64::from(is_delivered && !is_first_try && deferred.is_some()),
        // Of what is not decided yet nobody knows what the block cost.
        touched_by_block: u64::from(state.is_resolved() && attempts.iter().any(Judged::is_block)),
        waited_ms: deferred.map_or(0, |first| span_ms(first.row.time, outcome.seen_until).max(0) as u64),
    }
}

pub(super) const fn span_ms(from: Micros, to: Micros) -> i64 {
    to.0.saturating_sub(from.0) / 1_000
}

/// Rounded down to three significant digits, so that ages are few.
pub(super) fn three_digits(ms: i64) -> i64 {
    let (mut unit, last) = (1, ms / 1_000);
    while unit <= last {
        unit *= 10;
    }
    ms - ms % unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Pos, Stage};
    use crate::rows::Network;

    const fn row(status: Status, sort: Sort, speaker: Speaker) -> AttemptRow {
        AttemptRow {
            time: Micros(0),
            pos: Pos { file: 0, offset: 0 },
            status,
            sort,
            speaker,
            stage: Stage::Unknown,
            relay: Id::EMPTY,
            source: Id::EMPTY,
            route: Id::EMPTY,
            code: 0,
            enhanced: None,
            signature: Id::EMPTY,
            delay_ms: None,
            parts_ms: None,
            tls: Id::EMPTY,
            relay_ip: Id::EMPTY,
            network: Network::Unknown,
            pid: 0,
        }
    }

    const fn why(category: Category) -> Reason {
        Reason { category, class: Class::Soft }
    }

    #[test]
    fn what_puts_a_mail_off_is_what_was_heard_before() {
        use Category::{ConnectionFailure, Expired, Greylisted, Unclassified};
        let tried = row(Status::Deferred, Sort::Real, Speaker::Remote);
        let waits = row(Status::Deferred, Sort::Suspended, Speaker::Own);
        let given_up = row(Status::Failed, Sort::Own, Speaker::Own);
        let told = row(Status::Deferred, Sort::Suspended, Speaker::Connection);
        let found = |attempts: &[(&AttemptRow, Category)]| {
            let mut all: Vec<Judged<'_>> =
                attempts.iter().map(|&(row, category)| Judged { row, reason: Some(why(category)) }).collect();
            inherit(&mut all);
            let last = informative(&all).and_then(|attempt| attempt.reason).map(|reason| reason.category);
            let category = |attempt: &Judged<'_>| attempt.reason.map(|reason| reason.category);
            (last, all.iter().filter_map(category).collect::<Vec<_>>())
        };
        let attempts = [(&tried, Greylisted), (&waits, ConnectionFailure), (&given_up, Expired)];
        assert_eq!(found(&attempts), (Some(Greylisted), vec![Greylisted, Greylisted, Expired]));
        let attempts = [(&tried, Greylisted), (&waits, ConnectionFailure), (&given_up, ConnectionFailure)];
        assert_eq!(found(&attempts).0, Some(Greylisted));
        // Words of others, on which a mail is put off, are told.
        assert_eq!(found(&[(&tried, Greylisted), (&told, ConnectionFailure)]).0, Some(ConnectionFailure));
        // What was heard tells nothing: the mail was not put off for another reason.
        let attempts = [(&tried, Unclassified), (&waits, ConnectionFailure)];
        assert_eq!(found(&attempts), (Some(Unclassified), vec![Unclassified, Unclassified]));
        // Nothing was heard by this mail.
        assert_eq!(found(&[(&waits, ConnectionFailure)]).0, Some(ConnectionFailure));
        assert_eq!(found(&[]), (None, vec![]));
    }

    #[test]
    fn ages_keep_three_digits() {
        let ages = [0, 7, 999, 1_000, 1_009, 9_999, 10_000, 123_456_789, i64::MAX];
        let kept = [0, 7, 999, 1_000, 1_000, 9_990, 10_000, 123_000_000, 9_220_000_000_000_000_000];
        assert_eq!(ages.map(three_digits), kept);
    }
}
