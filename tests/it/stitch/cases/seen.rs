//! Until when the log shows that nothing more happened to a recipient.

use mailtally::event::{Micros, Status, What};
use mailtally::intern::{Interner, Translation};
use mailtally::rows::{AttemptRow, OutcomeRow, RowSink};

use super::super::script::{START, Said, failed, message, run, to, whole};
use super::{BEGIN, accepted, deferred, recipient};

/// Addresses, their ends and until when each was seen.
#[derive(Default)]
struct Seen(Vec<(String, i64)>);

impl RowSink for Seen {
    fn outcome(&mut self, _: &Interner, row: &OutcomeRow<'_>, _: &[AttemptRow]) {
        let name = format!("{} {:?}", String::from_utf8_lossy(row.recipient), row.end);
        self.0.push((name, row.seen_until.0 / Micros::SECOND - START));
    }
    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}
    fn absorb(&mut self, other: Self, _: &Translation) {
        self.0.extend(other.0);
    }
}

/// Until when outcomes are seen, wherever the log is cut.
#[track_caller]
fn seen(events: &[Said], expected: &[(&str, i64)]) {
    for cut in 0..events.len() {
        let (mut seen, _) = run::<Seen>(events, &[cut]);
        seen.0.sort();
        let seen: Vec<_> = seen.0.iter().map(|(name, second)| (name.as_str(), *second)).collect();
        assert_eq!(seen, expected, "cut before {cut}");
    }
}

#[test]
fn mail_that_waits_is_seen_until_the_log_of_its_host_ends() {
    let elsewhere = Said { host: "relay", ..message(90_000, "A1", accepted("e@x.example")) };
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", deferred("a@x.example", "450 later")),
        message(2, "A2", BEGIN),
        message(2, "A2", recipient(0, "b@x.example")),
        message(3, "A3", BEGIN),
        message(4, "A3", accepted("c@x.example")),
        whole(5, What::Attempt(failed(to("d@x.example"), Status::Deferred, "450 later"))),
        message(36_000, "A4", accepted("f@x.example")),
        elsewhere,
    ];
    let expected = [
        ("a@x.example Deferred", 36_000),
        ("b@x.example Queued", 36_000),
        ("c@x.example Accepted", 4),
        // Nothing else can tell of a record of its own.
        ("d@x.example Deferred", 5),
        ("e@x.example Accepted", 90_000),
        ("f@x.example Accepted", 36_000),
    ];
    seen(&events, &expected);
}

#[test]
fn mail_that_is_silent_for_a_week_was_seen_for_a_week() {
    const WEEK: i64 = 7 * 24 * 3_600;
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", deferred("a@x.example", "450 later")),
        message(2, "A2", BEGIN),
        message(3, "A2", deferred("b@x.example", "450 later")),
        message(WEEK + 2, "A3", accepted("c@x.example")),
        message(3 * WEEK, "A2", deferred("b@x.example", "450 later")),
        message(3 * WEEK + 9, "A3", accepted("c@x.example")),
    ];
    let expected = [
        ("a@x.example Deferred", WEEK + 1),
        ("b@x.example Deferred", WEEK + 3),
        ("b@x.example Deferred", 3 * WEEK + 9),
        ("c@x.example Accepted", WEEK + 2),
        ("c@x.example Accepted", 3 * WEEK + 9),
    ];
    seen(&events, &expected);
}
