//! Recipients: named early, late or never, given up, deleted, tried all at once, heard of after delivery.

use mailtally::event::{Attempt, Closing, Sort, Status, Target, What};

use super::super::script::{delivered, failed, message, to, whole};
use super::{BEGIN, DONE, accepted, bounced, check, deferred, feedback, recipient};

#[test]
fn a_recipient_may_be_named_after_its_attempt_or_never() {
    let events = [
        message(0, "11", What::Attempt(delivered(Target::Index(0)))),
        message(0, "11", What::Attempt(delivered(Target::Index(1)))),
        message(1, "11", recipient(0, "a@x.example")),
        message(2, "11", DONE),
    ];
    check(&events, &["11 a@x.example Accepted: Delivered +first +lost", "11  Accepted: Delivered +lost"]);
}

#[test]
fn giving_up_is_for_those_that_are_open() {
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", recipient(0, "untried@x.example")),
        message(1, "A1", accepted("a@x.example")),
        message(1, "A1", bounced("b@x.example", "550 no")),
        message(1, "A1", deferred("c@x.example", "450 later")),
        message(400, "A1", What::GaveUp { target: Target::AllOpen }),
        message(401, "A1", DONE),
        message(500, "A2", BEGIN),
        message(501, "A2", deferred("c@x.example", "450 later")),
        message(501, "A2", deferred("d@x.example", "450 later")),
        message(900, "A2", What::GaveUp { target: to("d@x.example") }),
    ];
    let expected = [
        "A1 untried@x.example Expired: +first",
        "A1 a@x.example Accepted: Delivered",
        "A1 b@x.example Refused: Failed says=550 no",
        "A1 c@x.example Expired: Deferred says=450 later",
        "A2 c@x.example Deferred: Deferred says=450 later +first",
        "A2 d@x.example Expired: Deferred says=450 later",
    ];
    check(&events, &expected);
}

#[test]
fn mail_that_was_never_tried_is_queued_and_what_the_operator_deletes_is_cancelled() {
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", recipient(0, "a@x.example")),
        message(0, "A2", BEGIN),
        message(1, "A2", deferred("a@x.example", "450 later")),
        message(2, "A2", What::Close(Closing::Cancelled)),
        message(3, "A3", BEGIN),
        message(3, "A3", What::Sender { address: b"s@x.example", size: None, recipients: Some(2) }),
    ];
    let expected = [
        "A1 a@x.example Queued: +first",
        "A2 a@x.example Cancelled: Deferred says=450 later +first",
        "A3  Queued: +first from=s@x.example",
        "A3  Queued: from=s@x.example",
    ];
    check(&events, &expected);
}

#[test]
fn one_that_stands_in_the_queue_file_twice_is_no_recipient_without_a_record() {
    let twice = |id, recipients| {
        let attempt = What::Attempt(Attempt { delay_ms: Some(500), ..delivered(to("a@x.example")) });
        [
            message(0, id, BEGIN),
            message(0, id, What::Sender { address: b"s@x.example", size: None, recipients: Some(recipients) }),
            message(1, id, attempt),
            message(1, id, attempt),
            message(2, id, DONE),
        ]
    };
    // An entry may be left when the others are delivered to: nothing is over before the message is.
    let put_off = What::Attempt(Attempt { delay_ms: Some(500), ..failed(to("a@x.example"), Status::Deferred, "450 later") });
    let left = [
        message(10, "A3", BEGIN),
        message(10, "A3", What::Sender { address: b"s@x.example", size: None, recipients: Some(2) }),
        message(11, "A3", put_off),
        message(11, "A3", put_off),
        message(400, "A3", deferred("a@x.example", "450 later")),
        message(400, "A3", accepted("a@x.example")),
        message(9_000, "A4", BEGIN),
        message(9_001, "A3", accepted("a@x.example")),
        message(9_001, "A3", DONE),
    ];
    // Another reply is another attempt, which may have come at the same moment.
    let other = |reply: &'static [u8]| What::Attempt(Attempt { delay_ms: Some(500), reply, ..delivered(to("a@x.example")) });
    let answered = [
        message(9_010, "A5", BEGIN),
        message(9_011, "A5", What::Sender { address: b"s@x.example", size: None, recipients: Some(2) }),
        message(9_012, "A5", other(b"250 ok 1")),
        message(9_012, "A5", other(b"250 ok 2")),
        message(9_013, "A5", DONE),
    ];
    // So is another delivery over the connection, and what stands for several is not the one before it.
    let put_off = Attempt { delay_ms: Some(500), ..failed(to("a@x.example"), Status::Deferred, "450 later") };
    let counted = [
        message(9_020, "A6", BEGIN),
        message(9_020, "A6", What::Sender { address: b"s@x.example", size: None, recipients: Some(3) }),
        message(9_021, "A6", What::Attempt(put_off)),
        message(9_021, "A6", What::Attempt(Attempt { nth: 2, ..put_off })),
        message(9_021, "A6", What::Attempt(Attempt { times: 2, ..put_off })),
    ];
    let events = [&twice("A1", 2)[..], &twice("A2", 3), &left, &answered, &counted].concat();
    let expected = [
        "A1 a@x.example Accepted: Delivered +first from=s@x.example",
        "A2 a@x.example Accepted: Delivered +first from=s@x.example",
        "A2  Unknown: from=s@x.example",
        "A3 a@x.example Accepted: Deferred says=450 later Deferred says=450 later Delivered Delivered +first from=s@x.example",
        "A5 a@x.example Accepted: Delivered Delivered +first from=s@x.example",
        "A6 a@x.example Deferred: Deferred says=450 later Deferred says=450 later Deferred says=450 later Deferred says=450 later +first from=s@x.example",
    ];
    assert_eq!(check(&events, &expected).duplicates, 3);
}

#[test]
fn entries_of_one_recipient_are_tried_at_once_and_each_ends_once() {
    let sent_by = |recipients| What::Sender { address: b"s@x.example", size: None, recipients: Some(recipients) };
    let put_off = What::Attempt(Attempt { delay_ms: Some(37_000), ..failed(to("a@x.example"), Status::Deferred, "450 later") });
    let took = |delay| What::Attempt(Attempt { delay_ms: Some(delay), ..delivered(to("a@x.example")) });
    let events = [
        // Stamps of microseconds set the records of one delivery apart.
        message(0, "A1", BEGIN),
        message(0, "A1", sent_by(2)),
        message(1, "A1", put_off),
        message(2, "A1", put_off),
        message(70, "A1", What::GaveUp { target: Target::AllOpen }),
        message(70, "A1", DONE),
        // Each entry had a delivery of its own.
        message(71, "A2", BEGIN),
        message(71, "A2", sent_by(3)),
        message(72, "A2", took(500)),
        message(75, "A2", took(3_500)),
        message(76, "A2", What::Attempt(Attempt { original: Some(b"b@x.example"), ..delivered(to("a@x.example")) })),
        message(77, "A2", DONE),
        // A later try is no other entry.
        message(80, "A3", BEGIN),
        message(80, "A3", sent_by(2)),
        message(117, "A3", put_off),
        message(
            150,
            "A3",
            What::Attempt(Attempt { delay_ms: Some(70_000), ..failed(to("a@x.example"), Status::Deferred, "450 later") }),
        ),
        message(200, "A3", took(120_000)),
        message(201, "A3", DONE),
    ];
    let expected = [
        "A1 a@x.example Expired: Deferred says=450 later Deferred says=450 later +first from=s@x.example",
        "A2 a@x.example Accepted: Delivered Delivered Delivered +first from=s@x.example",
        "A3 a@x.example Accepted: Deferred says=450 later Deferred says=450 later Delivered +first from=s@x.example",
        "A3  Unknown: from=s@x.example",
    ];
    check(&events, &expected);
}

#[test]
fn recipients_that_were_replaced_by_one_are_no_outcomes() {
    let sent_by = |recipients| What::Sender { address: b"s@x.example", size: None, recipients: Some(recipients) };
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", What::Redirected),
        message(0, "A1", sent_by(4)),
        message(1, "A1", What::Attempt(Attempt { original: Some(b"a@x.example"), ..delivered(to("b@x.example")) })),
        message(1, "A1", DONE),
        message(2, "A2", BEGIN),
        message(2, "A2", What::Redirected),
        message(2, "A2", sent_by(3)),
    ];
    check(&events, &["A1 b@x.example Accepted: Delivered +first from=s@x.example", "A2  Queued: +first from=s@x.example"]);
}

#[test]
fn what_the_service_refused_to_send_is_not_sent_until_it_is() {
    let refused = |who| What::Attempt(Attempt { sort: Sort::NotSent, ..failed(to(who), Status::Failed, "suppressed") });
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", refused("a@x.example")),
        message(0, "A2", BEGIN),
        message(0, "A2", refused("b@x.example")),
        message(9, "A2", accepted("b@x.example")),
    ];
    let expected =
        ["A1 a@x.example NotSent: Failed says=suppressed", "A2 b@x.example Accepted: Failed says=suppressed Delivered +first"];
    check(&events, &expected);
}

#[test]
fn somebody_at_a_domain_is_no_address() {
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", accepted("@x.example")),
        message(1, "A2", BEGIN),
        message(2, "A2", accepted("@r.example:u@x.example")),
    ];
    check(&events, &["A1  Accepted: Delivered +first", "A2 @r.example:u@x.example Accepted: Delivered +first"]);
}

#[test]
fn an_attempt_of_all_that_are_open_is_one_for_each() {
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", recipient(0, "a@x.example")),
        message(0, "A1", recipient(1, "b@x.example")),
        message(1, "A1", accepted("a@x.example")),
        message(2, "A1", deferred("c@x.example", "450 later")),
        message(9, "A1", What::Attempt(failed(Target::AllOpen, Status::Failed, "too old"))),
    ];
    let expected = [
        "A1 a@x.example Accepted: Delivered +first",
        "A1 b@x.example Refused: Failed says=too old",
        "A1 c@x.example Refused: Deferred says=450 later Failed says=too old",
    ];
    check(&events, &expected);
}

#[test]
fn feedback_meets_the_outcome_of_its_message() {
    let events = [
        message(0, "A1", accepted("a@x.example")),
        message(0, "A1", accepted("b@x.example")),
        message(1, "A1", bounced("c@x.example", "550 no")),
        message(60, "A1", feedback(false, "A@x.example")),
        message(70, "A1", feedback(true, "b@x.example")),
        message(80, "A1", feedback(false, "c@x.example")),
        whole(90, feedback(true, "d@x.example")),
        message(95, "A9", feedback(false, "e@x.example")),
    ];
    let expected = [
        "A1 a@x.example Accepted: Delivered +later +first +lost",
        "A1 b@x.example Accepted: Delivered +complained +lost",
        "A1 c@x.example Refused: Failed says=550 no +lost",
        "feedback A@x.example matched=true",
        "feedback b@x.example matched=true",
        "feedback c@x.example matched=false",
        "feedback d@x.example matched=false",
        "feedback e@x.example matched=false",
    ];
    let noted = check(&events, &expected);
    assert_eq!((noted.bounced_later, noted.bounced_later_matched), (3, 1));
    assert_eq!((noted.complaints, noted.complaints_matched), (2, 1));
}

#[test]
fn a_failure_after_acceptance_is_a_bounce_that_came_later() {
    let events = [
        message(0, "A1", deferred("a@x.example", "450 later")),
        message(300, "A1", accepted("a@x.example")),
        message(600, "A1", bounced("a@x.example", "550 5.1.1 no")),
        // Its outcome was given an hour after it was decided.
        message(9_000, "A1", bounced("a@x.example", "550 5.1.1 no")),
        message(9_000, "A1", accepted("a@x.example")),
    ];
    let noted = check(
        &events,
        &[
            "A1 a@x.example Accepted: Deferred says=450 later Delivered +later +first +lost",
            "feedback a@x.example matched=false",
        ],
    );
    assert_eq!(noted.late, 1);
}

#[test]
fn mail_that_was_sent_in_play_was_not_sent() {
    let in_play = What::Attempt(Attempt { status: Status::Unknown, sort: Sort::NotSent, ..delivered(to("a@x.example")) });
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", in_play),
        message(1, "A1", DONE),
        message(2, "A2", BEGIN),
        message(3, "A2", in_play),
        message(9, "A2", accepted("a@x.example")),
        message(9, "A2", DONE),
    ];
    check(
        &events,
        &["A1 a@x.example NotSent: Unknown says=250 ok", "A2 a@x.example Accepted: Unknown says=250 ok Delivered +first"],
    );
}

#[test]
fn local_mail_that_was_given_up_is_expired() {
    let last =
        Attempt { sort: Sort::Local, ..failed(Target::Address(b"a@here.example"), Status::Failed, "retry timeout exceeded") };
    let events = [
        message(0, "A1", BEGIN),
        message(1, "A1", What::GaveUp { target: Target::Address(b"a@here.example") }),
        message(1, "A1", What::Attempt(last)),
        message(2, "A1", DONE),
    ];
    check(&events, &["A1 a@here.example Expired: Failed says=retry timeout exceeded +first"]);
}
