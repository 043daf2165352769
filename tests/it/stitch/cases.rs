//! A known answer for each kind of event. Every case is also cut at every place, and joined from both ends.

use std::collections::BTreeMap;
use std::fmt::Write;

use mailtally::event::{Attempt, Closing, Micros, Origin, Sort, Status, Target, What};
use mailtally::intern::{Id, Interner, Translation};
use mailtally::rows::{AttemptRow, FeedbackRow, OutcomeRow, RowSink};
use mailtally::stitch::Noted;

use super::collect::Everything;
use super::script::{Said, delivered, failed, message, more, run, run_from_the_right, slot, to, whole};

/// What matters of a case, a line per outcome: `ID RECIPIENT END: STATUS…`.
#[derive(Default)]
struct Lines(BTreeMap<String, u32>);

impl RowSink for Lines {
    fn outcome(&mut self, texts: &Interner, row: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let id = |id: Id| text(texts.text(id));
        let mut line = format!("{} {} {:?}:", text(row.queue_id), text(row.recipient), row.end);
        for row in attempts {
            write!(line, " {:?}", row.status).expect("text");
            let facts = [("relay", row.relay_ip), ("source", row.source), ("tls", row.tls), ("says", row.signature)];
            for (name, value) in facts.into_iter().filter(|(_, value)| *value != Id::EMPTY) {
                let value = id(value);
                if value != "mx/mta" {
                    write!(line, " {name}={value}").expect("text");
                }
            }
        }
        let flags = [
            ("later", row.bounced_later.is_some()),
            ("complained", row.complained.is_some()),
            ("first", row.is_first_of_message),
            ("lost", row.is_head_lost),
        ];
        for (name, _) in flags.into_iter().filter(|flag| flag.1) {
            write!(line, " +{name}").expect("text");
        }
        for (name, value) in [("from", row.sender), ("next", row.handed_to), ("mid", row.message_id)] {
            if !value.is_empty() {
                write!(line, " {name}={}", text(value)).expect("text");
            }
        }
        *self.0.entry(line).or_default() += 1;
    }

    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}

    fn feedback(&mut self, _: &Interner, row: &FeedbackRow<'_>) {
        let line = format!("feedback {} matched={}", String::from_utf8_lossy(row.recipient), row.is_matched);
        *self.0.entry(line).or_default() += 1;
    }

    fn absorb(&mut self, other: Self, _: &Translation) {
        for (row, count) in other.0 {
            *self.0.entry(row).or_default() += count;
        }
    }
}

#[track_caller]
fn check(events: &[Said], expected: &[&str]) -> Noted {
    let (lines, noted) = run::<Lines>(events, &[]);
    let lines: Vec<String> = lines.0.into_iter().flat_map(|(line, count)| vec![line; count as usize]).collect();
    let mut expected: Vec<String> = expected.iter().map(|&line| line.to_owned()).collect();
    expected.sort();
    assert_eq!(lines, expected);
    let (all, _) = run::<Everything>(events, &[]);
    for cut in 1..events.len() {
        for cuts in [vec![cut], vec![cut, cut + 1], vec![cut / 2, cut]] {
            for (name, (parts, parts_noted)) in
                [("left", run::<Everything>(events, &cuts)), ("right", run_from_the_right::<Everything>(events, &cuts))]
            {
                assert!(parts == all, "cut at {cuts:?}, joined from the {name}\n{}", all.differences(&parts));
                assert_eq!(parts_noted, noted, "cut at {cuts:?}, joined from the {name}");
            }
        }
    }
    noted
}

const BEGIN: What<'static> = What::Begin { origin: Origin::Submitted, client: b"" };
const DONE: What<'static> = What::Close(Closing::Done);

const fn sender(address: &'static str) -> What<'static> {
    What::Sender { address: address.as_bytes(), size: Some(1000), recipients: None }
}

const fn recipient(index: u32, address: &'static str) -> What<'static> {
    What::Recipient { index: Some(index), address: address.as_bytes() }
}

const fn start(message: &'static str, address: &'static str, sort: Sort) -> What<'static> {
    What::Start { message: message.as_bytes(), target: Target::Address(address.as_bytes()), sort }
}

const fn channel(source: &'static str, relay_ip: &'static str, tls: &'static str) -> What<'static> {
    What::Channel { source: source.as_bytes(), relay: b"", relay_ip: relay_ip.as_bytes(), tls: tls.as_bytes() }
}

const fn feedback(complaint: bool, recipient: &'static str) -> What<'static> {
    What::Feedback { complaint, recipient: recipient.as_bytes(), reply: b"550 gone" }
}

fn accepted(address: &'static str) -> What<'static> {
    What::Attempt(delivered(to(address)))
}

fn deferred(address: &'static str, reply: &'static str) -> What<'static> {
    What::Attempt(failed(to(address), Status::Deferred, reply))
}

fn bounced(address: &'static str, reply: &'static str) -> What<'static> {
    What::Attempt(failed(to(address), Status::Failed, reply))
}

#[test]
fn a_delivery_number_leads_from_its_end_to_message_and_recipient() {
    let result = |status, reply| What::Attempt(failed(Target::OfSlot, status, reply));
    let events = [
        message(0, "53", BEGIN),
        message(0, "53", sender("s@here.example")),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        slot(1, "2", start("53", "b@x.example", Sort::Real)),
        slot(1, "3", start("53", "home", Sort::Local)),
        slot(2, "3", What::Attempt(delivered(Target::OfSlot))),
        slot(3, "2", result(Status::Failed, "no such user")),
        slot(3, "1", result(Status::Deferred, "try later")),
        slot(900, "4", start("53", "a@x.example", Sort::Real)),
        slot(903, "4", What::Attempt(delivered(Target::OfSlot))),
        message(903, "53", DONE),
    ];
    let expected = [
        "53 a@x.example Accepted: Deferred says=try later Delivered +first from=s@here.example",
        "53 b@x.example Refused: Failed says=no such user from=s@here.example",
        "53 home Local: Delivered from=s@here.example",
    ];
    check(&events, &expected);
}

#[test]
fn a_message_number_that_is_used_again_is_another_message() {
    let events = [
        message(0, "53", BEGIN),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        slot(2, "1", What::Attempt(delivered(Target::OfSlot))),
        message(2, "53", DONE),
        message(3, "53", BEGIN),
        slot(4, "2", start("53", "b@x.example", Sort::Real)),
        slot(5, "2", What::Attempt(delivered(Target::OfSlot))),
        message(5, "53", DONE),
    ];
    check(&events, &["53 a@x.example Accepted: Delivered +first", "53 b@x.example Accepted: Delivered +first"]);
}

#[test]
fn a_restart_voids_deliveries() {
    let events = [
        message(0, "53", BEGIN),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        whole(2, What::Restart),
        slot(3, "1", What::Attempt(delivered(Target::OfSlot))),
    ];
    let noted = check(&events, &["53 a@x.example Queued: +first", "  Accepted: Delivered +lost"]);
    assert_eq!(noted.orphans, 1);
}

#[test]
fn a_delivery_does_not_lead_to_a_later_message_of_its_number() {
    let events = [
        message(0, "53", BEGIN),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        message(20, "53", BEGIN),
        slot(21, "1", What::Attempt(delivered(Target::OfSlot))),
    ];
    check(&events, &["53 a@x.example Unknown: +first", "53 a@x.example Accepted: Delivered +lost"]);
}

#[test]
fn a_connection_tells_source_and_relay_and_a_number_tells_the_recipient() {
    let by = |index, slot: &'static str| Attempt { slot: Some(slot.as_bytes()), ..delivered(Target::Index(index)) };
    let events = [
        message(0, "11", BEGIN),
        message(0, "11", sender("s@here.example")),
        message(0, "11", recipient(0, "a@x.example")),
        message(0, "11", recipient(1, "b@x.example")),
        message(0, "11", recipient(2, "c@y.example")),
        slot(1, "900", channel("192.0.2.1", "198.51.100.7", "")),
        message(2, "11", What::Attempt(by(0, "900"))),
        message(2, "11", What::Attempt(by(1, "900"))),
        message(2, "11", What::Reply { target: Target::Index(1), reply: b"ok 1083 qp 3998" }),
        slot(3, "900", What::Close(Closing::Done)),
        message(4, "11", What::Attempt(Attempt { slot: Some(b"900"), ..failed(Target::Index(2), Status::Failed, "") })),
        message(4, "11", What::Reply { target: Target::Index(2), reply: b"550 5.1.1 unknown" }),
        message(5, "11", DONE),
    ];
    let expected = [
        "11 a@x.example Accepted: Delivered relay=198.51.100.7 source=192.0.2.1 +first from=s@here.example",
        "11 b@x.example Accepted: Delivered relay=198.51.100.7 source=192.0.2.1 from=s@here.example",
        "11 c@y.example Refused: Failed says=550 5.1.1 unknown from=s@here.example",
    ];
    check(&events, &expected);
}

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
fn a_process_tells_the_tls_of_its_attempts_at_the_same_relay() {
    let at =
        |address, relay_ip: &'static str| What::Attempt(Attempt { relay_ip: relay_ip.as_bytes(), ..delivered(to(address)) });
    let events = [
        message(0, "A1", BEGIN),
        slot(1, "7", channel("", "198.51.100.7", "TLSv1.3")),
        message(2, "A1", at("a@x.example", "198.51.100.7")),
        message(3, "A1", at("b@y.example", "198.51.100.8")),
        message(4, "A1", at("c@x.example", "198.51.100.7")),
        message(1_000, "A1", at("d@x.example", "198.51.100.7")),
        message(1_001, "A1", DONE),
    ];
    let expected = [
        "A1 a@x.example Accepted: Delivered relay=198.51.100.7 tls=TLSv1.3 +first",
        "A1 b@y.example Accepted: Delivered relay=198.51.100.8",
        "A1 c@x.example Accepted: Delivered relay=198.51.100.7 tls=TLSv1.3",
        "A1 d@x.example Accepted: Delivered relay=198.51.100.7",
    ];
    check(&events, &expected);
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
    let at = |second: i64| Micros((super::script::START + second) * Micros::SECOND);
    let late = What::Attempt(Attempt { delay_ms: Some(100_000), ..delivered(to("a@x.example")) });
    let events =
        [message(0, "A1", late), message(4, "A1", DONE), message(5, "A2", BEGIN), message(7, "A2", accepted("b@x.example"))];
    let (mut times, _) = run::<Times>(&events, &[]);
    times.0.sort();
    assert_eq!(times.0, [(at(-100), at(0), at(0), Some(at(4)), false), (at(5), at(5), at(7), None, true)]);
}
