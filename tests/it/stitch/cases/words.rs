//! Words that stand in records of their own, before their attempt; attempts of which no record tells but the end of a round.

use mailtally::event::{Attempt, Closing, Sort, Speaker, Status, Target, What};
use mailtally::intern::{Interner, Translation};
use mailtally::rows::{AttemptRow, OutcomeRow, RowSink};

use super::super::script::{Said, delivered, failed, message, run, to};
use super::{BEGIN, check};

/// A line of the words of the next attempt.
const fn ahead(address: &'static str, reply: &'static str, speaker: Speaker) -> What<'static> {
    What::ReplyAhead { target: Target::Address(address.as_bytes()), reply: reply.as_bytes(), speaker }
}

const fn named(address: &'static str) -> What<'static> {
    What::Recipient { index: None, address: address.as_bytes() }
}

/// An attempt without words.
fn tried(address: &'static str, status: Status) -> What<'static> {
    What::Attempt(Attempt { speaker: Speaker::Unknown, reply: b"", ..failed(to(address), status, "") })
}

fn accepted(address: &'static str) -> What<'static> {
    What::Attempt(Attempt { reply: b"", code: None, ..delivered(to(address)) })
}

/// A round of deliveries is over.
fn round() -> What<'static> {
    let silent = failed(Target::Awaited, Status::Deferred, "");
    What::Attempt(Attempt { speaker: Speaker::Connection, times: 0, ..silent })
}

#[test]
fn words_that_stand_before_their_attempt_are_not_of_the_one_before() {
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", ahead("a@x.example", "450 later", Speaker::Remote)),
        message(1, "A1", tried("A@x.example", Status::Deferred)),
        message(60, "A1", tried("a@x.example", Status::Deferred)),
        message(90, "A1", ahead("a@x.example", "250 ok", Speaker::Remote)),
        message(90, "A1", accepted("a@x.example")),
        message(90, "A1", ahead("b@x.example", "550-5.7.1 no", Speaker::Remote)),
        message(90, "A1", ahead("c@x.example", "Connection refused", Speaker::Connection)),
        message(90, "A1", ahead("b@x.example", "550 5.7.1 never", Speaker::Remote)),
        message(91, "A1", tried("b@x.example", Status::Failed)),
        message(91, "A1", tried("c@x.example", Status::Deferred)),
        message(92, "A1", ahead("d@x.example", "450 busy", Speaker::Remote)),
    ];
    let expected = [
        "A1 a@x.example Accepted: Deferred says=450 later Deferred Delivered +first",
        "A1 b@x.example Refused: Failed says=550 5.7.1 no never",
        "A1 c@x.example Deferred: Deferred says=Connection refused",
        "A1 d@x.example Queued:",
    ];
    check(&events, &expected);
}

#[test]
fn who_spoke_and_with_which_code_follows_from_words_that_stand_before() {
    #[derive(Default)]
    struct Spoken(Vec<String>);
    impl RowSink for Spoken {
        fn outcome(&mut self, texts: &Interner, _: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
            for row in attempts {
                let enhanced = row.enhanced.map(|enhanced| enhanced.to_string()).unwrap_or_default();
                let route = String::from_utf8_lossy(texts.text(row.route));
                self.0.push(format!("{:?} {:?} {} {enhanced} {route}", row.status, row.speaker, row.code));
            }
        }
        fn evidence(&mut self, texts_row: &AttemptRow, record: &[u8]) {
            self.0.push(format!("evidence {} {}", texts_row.code, String::from_utf8_lossy(record)));
        }
        fn absorb(&mut self, other: Self, _: &Translation) {
            self.0.extend(other.0);
        }
    }
    let spoken = |events: &[Said]| {
        let (mut spoken, _) = run::<Spoken>(events, &[]);
        spoken.0.sort();
        spoken.0
    };
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", ahead("a@x.example", "450 4.2.1 later", Speaker::Remote)),
        message(1, "A1", tried("a@x.example", Status::Deferred)),
        message(9, "A1", ahead("a@x.example", "Network is down", Speaker::Connection)),
        message(9, "A1", tried("a@x.example", Status::Deferred)),
        message(99, "A1", ahead("a@x.example", "250 2.0.0 ok", Speaker::Unknown)),
        message(99, "A1", accepted("a@x.example")),
    ];
    let expected = [
        "Deferred Connection 0  unreached",
        "Deferred Remote 450 4.2.1 self-hosted",
        "Delivered Remote 250 2.0.0 unreached",
        "evidence 0 record 4",
        "evidence 450 record 2",
    ];
    assert_eq!(spoken(&events), expected);
}

#[test]
fn of_whom_a_round_tells_nothing_was_tried_in_it_all_the_same() {
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", named("a@x.example")),
        message(0, "A1", named("b@x.example")),
        message(1, "A1", ahead("b@x.example", "<command failed>", Speaker::Connection)),
        message(1, "A1", accepted("c@x.example")),
        message(25, "A1", round()),
        message(60, "A1", named("a@x.example")),
        message(85, "A1", round()),
        message(90, "A1", What::GaveUp { target: Target::AllOpen }),
        message(90, "A1", What::Close(Closing::Done)),
        message(91, "A1", round()),
        // A round that tells of all lets the message end in time.
        message(100, "B2", BEGIN),
        message(100, "B2", named("a@x.example")),
        message(101, "B2", accepted("a@x.example")),
        message(101, "B2", round()),
        message(3_800, "C3", BEGIN),
        message(3_900, "B2", What::OwnBounce { about: b"" }),
    ];
    let expected = [
        "A1 a@x.example Expired: Deferred Deferred +first",
        "A1 b@x.example Expired: Deferred says=<command failed>",
        "A1 c@x.example Accepted: Delivered",
        "B2 a@x.example Accepted: Delivered +first",
    ];
    assert_eq!(check(&events, &expected).late, 0);
}

#[test]
fn the_operator_takes_out_some_recipients() {
    let own = |address| What::Attempt(Attempt { sort: Sort::Own, ..failed(to(address), Status::Failed, "Operator says no") });
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", tried("a@x.example", Status::Deferred)),
        message(1, "A1", tried("b@x.example", Status::Deferred)),
        message(1, "A1", accepted("c@x.example")),
        message(2, "A1", What::Cancelled { target: to("a@x.example") }),
        message(2, "A1", own("a@x.example")),
        message(2, "A1", What::Cancelled { target: to("c@x.example") }),
        message(2, "A1", What::Cancelled { target: to("d@x.example") }),
        message(9, "A1", accepted("b@x.example")),
    ];
    let expected = [
        "A1 a@x.example Cancelled: Deferred Failed says=Operator says no +first",
        "A1 b@x.example Accepted: Deferred Delivered",
        "A1 c@x.example Accepted: Delivered",
        "A1 d@x.example Cancelled:",
    ];
    check(&events, &expected);
}
