//! Messages: queued again, made of others, handed on; when one ends, and what belongs to it.

use mailtally::event::{Attempt, Closing, Micros, Origin, Sort, Status, Target, What};
use mailtally::intern::{Interner, Translation};
use mailtally::rows::{AttemptRow, OutcomeRow, RowSink};

use super::super::script::{START, delivered, failed, message, more, run, to, whole};
use super::{BEGIN, DONE, accepted, bounced, check, deferred, recipient, sender};

#[test]
fn what_is_queued_again_is_one_outcome_under_its_last_id() {
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", sender("s@here.example")),
        message(1, "A1", deferred("a@x.example", "450 later")),
        message(1, "A1", accepted("b@x.example")),
        message(100, "A1", What::Close(Closing::Requeued)),
        message(160, "B2", BEGIN),
        more(message(160, "B2", What::Continues { previous: b"A1" })),
        message(160, "B2", sender("s@here.example")),
        message(161, "B2", accepted("a@x.example")),
        message(162, "B2", DONE),
    ];
    let expected = [
        "B2 a@x.example Accepted: Deferred says=450 later Delivered +first from=s@here.example",
        "B2 b@x.example Accepted: Delivered from=s@here.example",
    ];
    check(&events, &expected);
}

#[test]
fn what_is_queued_again_and_never_seen_again_was_handed_on() {
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", deferred("a@x.example", "450 later")),
        message(100, "A1", What::Close(Closing::Requeued)),
        message(5_000, "B2", BEGIN),
        more(message(5_000, "B2", What::Continues { previous: b"A1" })),
        message(5_001, "B2", accepted("a@x.example")),
    ];
    check(&events, &["A1 a@x.example HandedOn: Deferred says=450 later", "B2 a@x.example Accepted: Delivered +first"]);
}

#[test]
fn a_message_that_is_made_from_another_has_its_sender_and_its_recipients_by_number() {
    let events = [
        message(0, "10", BEGIN),
        message(0, "10", sender("s@here.example")),
        message(0, "10", recipient(0, "a@x.example")),
        message(0, "10", recipient(1, "b@x.example")),
        message(1, "11", BEGIN),
        more(message(1, "11", What::Continues { previous: b"10" })),
        message(2, "11", What::Attempt(delivered(Target::Index(1)))),
        message(3, "11", DONE),
        message(4, "10", What::Attempt(delivered(Target::Index(0)))),
        message(4, "10", What::GaveUp { target: Target::Index(1) }),
        message(5, "10", DONE),
    ];
    let expected = [
        "10 a@x.example Accepted: Delivered +first from=s@here.example",
        "10 b@x.example Expired: from=s@here.example",
        "11 b@x.example Accepted: Delivered +first from=s@here.example",
    ];
    check(&events, &expected);
}

#[test]
fn messages_that_a_message_is_split_into_have_its_sender_and_those_made_of_them_too() {
    let events = [
        message(0, "10", BEGIN),
        message(0, "10", sender("s@here.example")),
        message(1, "11", BEGIN),
        more(message(1, "11", What::Continues { previous: b"10" })),
        more(message(1, "12", BEGIN)),
        more(message(1, "12", What::Continues { previous: b"10" })),
        message(2, "13", BEGIN),
        more(message(2, "13", What::Continues { previous: b"12" })),
        message(3, "10", accepted("a@x.example")),
        message(3, "11", accepted("b@x.example")),
        message(3, "12", accepted("c@x.example")),
        message(4, "13", accepted("d@x.example")),
        message(4, "10", DONE),
        message(5, "11", DONE),
        message(5, "12", DONE),
        message(5, "13", DONE),
    ];
    let expected = [
        "10 a@x.example Accepted: Delivered +first from=s@here.example",
        "11 b@x.example Accepted: Delivered +first from=s@here.example",
        "12 c@x.example Accepted: Delivered +first from=s@here.example",
        "13 d@x.example Accepted: Delivered +first from=s@here.example",
    ];
    check(&events, &expected);
}

#[test]
fn what_was_said_right_before_a_beginning_stays_behind_what_the_message_goes_on_from() {
    let events = [
        message(0, "B2", BEGIN),
        message(0, "B2", sender("s@here.example")),
        message(1, "C3", sender("t@here.example")),
        message(1, "C3", BEGIN),
        more(message(1, "C3", What::Continues { previous: b"B2" })),
        message(1, "C3", What::Close(Closing::Requeued)),
        message(1, "D4", BEGIN),
        more(message(1, "D4", What::Continues { previous: b"C3" })),
        message(2, "D4", accepted("a@x.example")),
        message(3, "D4", DONE),
    ];
    check(&events, &["D4 a@x.example Accepted: Delivered +first from=t@here.example"]);
}

#[test]
fn what_is_queued_again_goes_over_to_one_message_alone() {
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", sender("s@here.example")),
        message(1, "A1", deferred("a@x.example", "450 later")),
        message(100, "A1", What::Close(Closing::Requeued)),
        message(160, "B2", BEGIN),
        more(message(160, "B2", What::Continues { previous: b"A1" })),
        more(message(160, "C3", BEGIN)),
        more(message(160, "C3", What::Continues { previous: b"A1" })),
        message(161, "B2", accepted("a@x.example")),
        message(161, "C3", accepted("b@x.example")),
        message(162, "B2", DONE),
        message(162, "C3", DONE),
    ];
    let expected = [
        "B2 a@x.example Accepted: Deferred says=450 later Delivered +first from=s@here.example",
        "C3 b@x.example Accepted: Delivered +first",
    ];
    check(&events, &expected);
}

#[test]
fn a_number_means_the_recipient_of_the_message_that_this_one_is_made_from_in_every_record() {
    let failed = |index| What::Attempt(failed(Target::Index(index), Status::Failed, ""));
    let events = [
        message(0, "10", BEGIN),
        message(0, "10", recipient(0, "a@x.example")),
        message(0, "10", recipient(1, "b@x.example")),
        message(1, "11", BEGIN),
        more(message(1, "11", What::Continues { previous: b"10" })),
        message(2, "11", failed(0)),
        message(2, "11", What::Reply { target: Target::Index(0), reply: b"550 5.1.1 unknown" }),
        message(3, "11", recipient(1, "c@x.example")),
        message(4, "11", failed(1)),
        message(4, "11", What::Reply { target: Target::Index(1), reply: b"552 5.2.2 full" }),
        message(5, "11", DONE),
        message(6, "10", DONE),
    ];
    let expected = [
        "10 a@x.example Unknown: +first",
        "10 b@x.example Unknown:",
        "11 a@x.example Refused: Failed says=550 5.1.1 unknown +first",
        "11 c@x.example Refused: Failed says=552 5.2.2 full",
    ];
    check(&events, &expected);
}

#[test]
fn a_hop_names_the_id_under_which_a_message_goes_on() {
    let hop = Attempt { sort: Sort::Hop, ..delivered(to("a@x.example")) };
    let events = [
        message(0, "A1", BEGIN),
        message(1, "B2", What::Begin { origin: Origin::Loopback, client: b"localhost" }),
        message(2, "A1", What::Attempt(hop)),
        message(2, "B2", What::Linked { parent: b"A1" }),
        message(3, "A1", DONE),
        message(3, "B2", accepted("a@x.example")),
        message(4, "B2", DONE),
        message(5, "C3", BEGIN),
        message(6, "C3", What::Attempt(hop)),
        message(6, "D4", What::Linked { parent: b"C3" }),
        message(7, "C3", DONE),
    ];
    let expected = [
        "A1 a@x.example HandedOn: Delivered next=B2",
        "B2 a@x.example Accepted: Delivered +first",
        "C3 a@x.example HandedOn: Delivered next=D4",
    ];
    let noted = check(&events, &expected);
    assert_eq!((noted.hops_named, noted.hops_found), (2, 1));
}

#[test]
fn a_record_that_is_whole_is_an_outcome_with_all_that_it_says() {
    let events = [
        whole(0, sender("s@here.example")),
        more(whole(0, accepted("a@x.example"))),
        more(whole(0, bounced("c@x.example", "550 no"))),
        whole(2, bounced("b@x.example", "550 no")),
        whole(3, What::Inbound { reply: b"554 go away" }),
        message(4, "P1", What::Attempt(Attempt { sort: Sort::Probe, ..delivered(to("c@x.example")) })),
    ];
    let expected = [
        " a@x.example Accepted: Delivered +first +lost from=s@here.example",
        " c@x.example Refused: Failed says=550 no +lost from=s@here.example",
        " b@x.example Refused: Failed says=550 no +first +lost",
    ];
    let noted = check(&events, &expected);
    assert_eq!((noted.inbound, noted.probes), (1, 1));
}

#[test]
fn who_was_looked_up_alone_is_no_recipient_without_a_record() {
    let probe = |address| What::Attempt(Attempt { sort: Sort::Probe, ..delivered(to(address)) });
    let about = |id, recipients| {
        [
            message(0, id, BEGIN),
            message(0, id, What::Sender { address: b"s@x.example", size: None, recipients: Some(recipients) }),
            message(1, id, probe("a@x.example")),
            message(1, id, probe("b@x.example")),
            message(2, id, DONE),
        ]
    };
    let events = [about("P1", 2), about("P2", 3)].concat();
    let noted = check(&events, &["P2  Unknown: +first from=s@x.example"]);
    assert_eq!(noted.probes, 4);
}

#[test]
fn a_message_that_nothing_closes_ends_when_it_is_silent() {
    let week = 7 * 24 * 3_600;
    let events = [
        message(0, "A1", deferred("a@x.example", "450 later")),
        message(4_000, "A1", deferred("a@x.example", "450 later")),
        message(9_000, "A1", accepted("a@x.example")),
        message(9_001, "A2", deferred("b@x.example", "450 later")),
        message(9_001 + week, "A2", deferred("b@x.example", "450 later")),
        message(9_003 + 2 * week, "A2", deferred("b@x.example", "450 later")),
    ];
    let expected = [
        "A1 a@x.example Accepted: Deferred says=450 later Deferred says=450 later Delivered +first +lost",
        "A2 b@x.example Deferred: Deferred says=450 later Deferred says=450 later +first +lost",
        "A2 b@x.example Deferred: Deferred says=450 later +first +lost",
    ];
    check(&events, &expected);
}

#[test]
fn a_late_line_is_not_a_new_message() {
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", accepted("a@x.example")),
        message(2, "A1", DONE),
        message(5, "A1", accepted("b@x.example")),
        message(100, "A1", accepted("c@x.example")),
        message(90_000, "A1", accepted("d@x.example")),
    ];
    let expected = [
        "A1 a@x.example Accepted: Delivered +first",
        "A1 b@x.example Accepted: Delivered",
        "A1 d@x.example Accepted: Delivered +first +lost",
    ];
    assert_eq!(check(&events, &expected).late, 1);
}

#[test]
fn a_message_that_arrived_later_is_another_message() {
    let after = |address, seconds: i64| What::Attempt(Attempt { delay_ms: Some(seconds * 1_000), ..delivered(to(address)) });
    let events = [
        message(0, "A1", after("a@x.example", 3)),
        message(5, "A1", after("b@x.example", 8)),
        message(500, "A1", after("c@x.example", 2)),
        message(600, "A2", BEGIN),
        message(601, "A2", after("d@x.example", 1)),
        message(602, "A2", DONE),
        message(800, "A2", after("e@x.example", 2)),
    ];
    let expected = [
        "A1 a@x.example Accepted: Delivered +first +lost",
        "A1 b@x.example Accepted: Delivered +lost",
        "A1 c@x.example Accepted: Delivered +first +lost",
        "A2 d@x.example Accepted: Delivered +first",
        "A2 e@x.example Accepted: Delivered +first +lost",
    ];
    check(&events, &expected);
}

#[test]
fn what_came_right_before_its_beginning_belongs_to_it() {
    let events = [
        message(0, "A1", accepted("a@x.example")),
        message(1, "A1", BEGIN),
        message(1, "A1", sender("s@here.example")),
        message(2, "A1", DONE),
        message(3, "B2", What::OwnBounce { about: b"A1" }),
        message(3, "B2", BEGIN),
        message(4, "B2", accepted("s@here.example")),
        message(5, "B2", DONE),
    ];
    check(
        &events,
        &["A1 a@x.example Accepted: Delivered +first from=s@here.example", "B2 s@here.example Accepted: Delivered +first"],
    );
}

#[test]
fn the_same_message_id_again_is_the_same_message_and_another_is_another() {
    let events = [
        message(0, "A1", What::MessageId(b"one@here")),
        message(1, "A1", accepted("a@x.example")),
        message(2, "A1", What::MessageId(b"one@here")),
        message(3, "A1", What::MessageId(b"two@here")),
        message(4, "A1", accepted("b@x.example")),
    ];
    check(
        &events,
        &["A1 a@x.example Accepted: Delivered +first mid=one@here", "A1 b@x.example Accepted: Delivered +first mid=two@here"],
    );
}

#[test]
fn an_attempt_before_the_beginning_does_not_make_another_message_id_another_message() {
    let events = [
        message(0, "A1", accepted("a@x.example")),
        message(1, "A1", BEGIN),
        message(2, "A1", What::MessageId(b"one@here")),
        message(3, "A1", What::MessageId(b"two@here")),
        message(4, "A1", accepted("b@x.example")),
    ];
    check(
        &events,
        &["A1 a@x.example Accepted: Delivered +first mid=one@here", "A1 b@x.example Accepted: Delivered mid=one@here"],
    );
}

#[test]
fn times_are_those_of_the_records_and_of_the_message() {
    #[derive(Default)]
    struct Times(Vec<(Micros, Micros, Micros, Option<Micros>, bool)>);
    impl RowSink for Times {
        fn outcome(&mut self, _: &Interner, row: &OutcomeRow<'_>, _: &[AttemptRow]) {
            self.0.push((row.received, row.first_seen, row.last, row.ended, row.is_tail_open));
        }
        fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}
        fn absorb(&mut self, other: Self, _: &Translation) {
            self.0.extend(other.0);
        }
    }
    let at = |second: i64| Micros((START + second) * Micros::SECOND);
    let late = What::Attempt(Attempt { delay_ms: Some(100_000), ..delivered(to("a@x.example")) });
    let events =
        [message(0, "A1", late), message(4, "A1", DONE), message(5, "A2", BEGIN), message(7, "A2", accepted("b@x.example"))];
    let (mut times, _) = run::<Times>(&events, &[]);
    times.0.sort();
    assert_eq!(times.0, [(at(-100), at(0), at(0), Some(at(4)), false), (at(5), at(5), at(7), None, true)]);
}
