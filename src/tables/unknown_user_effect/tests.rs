use super::*;
use crate::classify::{Class, Classifier};
use crate::cubes::keys::{HourCounts, ReplyCounts};
use crate::cubes::{AttemptReply, Reason};
use crate::event::{Micros, Stage};
use crate::intern::Interner;

const UNKNOWN: Reason = Reason { category: Category::UnknownUser, class: Class::Hard };
const BLOCKED: Reason = Reason { category: Category::ReputationBlock, class: Class::Policy };

/// Collects a month at one provider.
struct Month {
    tally: Tally,
    interner: Interner,
    who: Who,
}

impl Month {
    fn new() -> Self {
        let mut interner = Interner::default();
        let who = (interner.intern(b"microsoft"), interner.intern(b"192.0.2.1"));
        Self { tally: Tally::default(), interner, who }
    }

    /// First attempts of an hour: accepted, unknown, blocked.
    fn hour(&mut self, hour: i32, [accepted, unknown, blocked]: [u64; 3]) {
        let key = AttemptHour {
            hour,
            route: self.who.0,
            source: self.who.1,
            status: Status::Delivered,
            reason: None,
            stage: Stage::Recipient,
            speaker: Speaker::Remote,
            is_first: true,
        };
        for (status, reason, attempts) in [
            (Status::Delivered, None, accepted),
            (Status::Failed, Some(UNKNOWN), unknown),
            (Status::Failed, Some(BLOCKED), blocked),
        ] {
            if attempts > 0 {
                self.tally.counts.attempt_hours.add(AttemptHour { status, reason, ..key }, HourCounts { attempts, minutes: 1 });
            }
        }
    }

    fn rows(&self) -> Vec<Effect> {
        let names = Names::of(&self.interner);
        let verdicts = Verdicts::of(&self.tally.counts.attempt_replies, &self.interner, Classifier::builtin());
        rows(&self.tally, &names, &verdicts, &[], "digest")
    }
}

/// A number from 0 to 999 that looks like chance and is none.
fn wobble(at: i32) -> u64 {
    u64::from((at as u32).wrapping_mul(2_654_435_761) >> 16) % 1_000
}

/// Whether an hour is one of many unknown users: some six hours of most days, at changing times.
fn is_dirty(hour: i32) -> bool {
    wobble(hour / 6) < 250
}

#[test]
fn blocking_that_follows_unknown_users_is_likely_linked() {
    let mut month = Month::new();
    for hour in 0..30 * 24 {
        // So many in a hundred of a volume that is another each hour.
        let volume = 200 + wobble(hour * 7 + 3) / 2;
        let unknown = volume * (if is_dirty(hour) { 12 } else { 2 } + wobble(hour) % 3) / 100;
        let blocked = volume * (if hour >= 6 && is_dirty(hour - 6) { 20 } else { 2 } + wobble(hour + 9_999) % 3) / 100;
        month.hour(hour, [volume - unknown - blocked, unknown, blocked]);
    }
    let rows = month.rows();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (row.provider.as_str(), row.source.as_str(), row.verdict.as_str()),
        ("microsoft", "192.0.2.1", "likely"),
        "{row:?}"
    );
    assert_eq!((row.lag_hours, row.bucket_hours), (Some(6), 1));
    assert!(row.difference_low.unwrap() > 0.05 && row.p.unwrap() <= 0.05 && row.q == row.p, "{row:?}");
    assert_eq!(row.replies, row.judged + row.blocked);
}

#[test]
fn a_reply_that_names_unknown_users_says_so_whatever_the_series() {
    let mut month = Month::new();
    month.hour(5, [10, 1, 3]);
    let signature = month.interner.intern(b"421 4.7.1 Too many unknown recipients, try again later");
    assert!(Classifier::builtin().classify(month.interner.text(signature)).names_unknown_users);
    let key = AttemptReply { hour: 5, route: month.who.0, source: month.who.1, signature };
    month.tally.counts.attempt_replies.add(key, ReplyCounts { attempts: 7, first: Micros(0), last: Micros(0) });
    let rows = month.rows();
    assert_eq!((rows[0].verdict.as_str(), rows[0].said_so, rows[0].lag_hours), ("said-so", 7, None));
}

#[test]
fn too_little_mail_cannot_tell_and_who_was_never_refused_has_no_row() {
    let mut month = Month::new();
    month.hour(5, [10, 1, 3]);
    assert_eq!(month.rows()[0].verdict, "cannot-tell");
    let mut quiet = Month::new();
    quiet.hour(5, [10, 1, 0]);
    assert_eq!(quiet.rows(), []);
}

#[test]
fn thin_mail_is_looked_at_by_the_day_and_stamps_of_another_century_cost_nothing() {
    let mut month = Month::new();
    for hour in 0..60 * 24 {
        month.hour(hour, [5, u64::from(hour % 9 == 0), u64::from(hour % 7 == 0)]);
    }
    month.hour(-700_000, [1, 0, 0]);
    month.hour(900_000, [1, 0, 0]);
    let rows = month.rows();
    assert_eq!((rows[0].bucket_hours, rows[0].judged), (24, 60 * 24 * 5 + 160));
    assert!(rows[0].lag_hours.is_some_and(|lag| lag % 24 == 0), "{:?}", rows[0]);
}

#[test]
fn the_sender_of_most_unknown_users_is_named() {
    let mut month = Month::new();
    month.hour(5, [10, 1, 3]);
    for (sender, outcomes) in [("a.example", 3), ("b.example", 9), ("c.example", 9)] {
        let sender_domain = month.interner.intern(sender.as_bytes());
        let key = crate::cubes::OutcomeSender {
            day: 0,
            route: month.who.0,
            source: month.who.1,
            sender_domain,
            state: crate::cubes::State::Bounced,
            reason: Some(UNKNOWN),
            tries: 1,
        };
        month
            .tally
            .counts
            .outcome_senders
            .add(key, crate::cubes::SenderCounts { outcomes, ..crate::cubes::SenderCounts::default() });
    }
    let rows = month.rows();
    assert_eq!((rows[0].top_sender.as_str(), rows[0].top_sender_outcomes, rows[0].unknown_outcomes), ("b.example", 9, 21));
}
