//! Delivery numbers, connections and processes: what a slot stands for.

use mailtally::event::{Attempt, Closing, Sort, Status, Target, What};

use super::super::collect::Everything;
use super::super::script::{delivered, failed, message, more, run, slot, to, whole};
use super::{BEGIN, DONE, channel, check, recipient, sender, start};

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
fn a_delivery_that_age_made_the_last_is_given_up() {
    let result = |status, reply| What::Attempt(failed(Target::OfSlot, status, reply));
    let events = [
        message(0, "53", BEGIN),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        slot(3, "1", result(Status::Deferred, "450 try later")),
        slot(900, "4", start("53", "a@x.example", Sort::Real)),
        slot(903, "4", result(Status::Expired, "450 try later")),
        message(903, "53", DONE),
    ];
    check(&events, &["53 a@x.example Expired: Deferred says=450 try later Expired says=450 try later +first"]);
}

#[test]
fn a_delivery_to_elsewhere_is_not_local_whatever_its_result_says() {
    let result = |sort, status, reply| What::Attempt(Attempt { sort, ..failed(Target::OfSlot, status, reply) });
    let events = [
        message(0, "53", BEGIN),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        slot(1, "2", start("53", "b@x.example", Sort::Real)),
        slot(1, "3", start("53", "home", Sort::Local)),
        slot(3, "1", result(Sort::Local, Status::Failed, "unable to open message")),
        slot(3, "2", result(Sort::Local, Status::Delivered, "handed over")),
        slot(3, "3", result(Sort::Real, Status::Failed, "no such user")),
        message(4, "53", DONE),
    ];
    let expected = [
        "53 a@x.example Refused: Failed says=unable to open message +first",
        "53 b@x.example Accepted: Delivered",
        "53 home Refused: Failed says=no such user",
    ];
    check(&events, &expected);
    let (all, _) = run::<Everything>(&events, &[]);
    for attempt in ["Failed/Own/", "Delivered/Real/", "Failed/Local/"] {
        assert_eq!(all.0.keys().filter(|row| row.contains(attempt)).count(), 1, "{attempt}");
    }
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
fn a_delivery_does_not_lead_to_a_message_that_has_its_number_again_even_if_that_goes_on_from_its_own() {
    let events = [
        message(0, "53", BEGIN),
        slot(1, "1", start("53", "a@x.example", Sort::Real)),
        message(2, "53", What::Close(Closing::Requeued)),
        message(3, "54", BEGIN),
        more(message(3, "54", What::Continues { previous: b"53" })),
        message(4, "54", What::Close(Closing::Requeued)),
        message(5, "53", BEGIN),
        more(message(5, "53", What::Continues { previous: b"54" })),
        slot(6, "1", What::Attempt(delivered(Target::OfSlot))),
    ];
    check(&events, &["53 a@x.example Queued: +first", "53 a@x.example Accepted: Delivered +lost"]);
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

/// `IronPort` tells of TLS in a line of its own, behind that of the connection.
#[test]
fn what_is_told_of_tls_leaves_the_rest_of_a_connection_as_it_was() {
    let sent = |index| What::Attempt(Attempt { slot: Some(b"900"), ..delivered(Target::Index(index)) });
    let events = [
        message(0, "11", BEGIN),
        message(0, "11", recipient(0, "a@x.example")),
        message(0, "11", recipient(1, "b@x.example")),
        slot(1, "900", channel("192.0.2.1", "198.51.100.7", "")),
        message(2, "11", sent(0)),
        slot(3, "900", channel("", "", "TLSv1.2")),
        message(4, "11", sent(1)),
        message(5, "11", DONE),
    ];
    let expected = [
        "11 a@x.example Accepted: Delivered relay=198.51.100.7 source=192.0.2.1 +first",
        "11 b@x.example Accepted: Delivered relay=198.51.100.7 source=192.0.2.1 tls=TLSv1.2",
    ];
    check(&events, &expected);
}

#[test]
fn a_policy_gives_way_to_the_version_of_its_connection_unless_it_was_not_met() {
    let sent = |who, tls: &'static str, nth| {
        What::Attempt(Attempt { relay_ip: b"198.51.100.7", tls: tls.as_bytes(), nth, ..delivered(to(who)) })
    };
    let channel = What::Channel { source: b"", relay: b"mx.x.example", relay_ip: b"198.51.100.7", tls: b"TLSv1.3" };
    let events = [
        message(0, "A1", BEGIN),
        message(0, "A1", sent("a@x.example", "may?", 2)),
        slot(1, "7", channel),
        message(1, "A1", sent("b@x.example", "may?", 2)),
        message(2, "A1", sent("c@x.example", "dane?/requiretls?", 3)),
        message(2, "A1", sent("d@x.example", "may?", 1)),
        message(3, "A1", sent("e@x.example", "may:none", 2)),
        message(3, "A1", sent("f@x.example", "may/requiretls?", 2)),
        message(3, "A1", sent("g@x.example", "!encrypt", 2)),
        message(3, "A1", sent("h@x.example", "TLSv1.2", 1)),
    ];
    let expected = [
        "A1 a@x.example Accepted: Delivered relay=198.51.100.7 tls=may? +first",
        "A1 b@x.example Accepted: Delivered relay=198.51.100.7 tls=TLSv1.3",
        "A1 c@x.example Accepted: Delivered relay=198.51.100.7 tls=TLSv1.3",
        "A1 d@x.example Accepted: Delivered relay=198.51.100.7 tls=may?",
        "A1 e@x.example Accepted: Delivered relay=198.51.100.7 tls=may:none",
        "A1 f@x.example Accepted: Delivered relay=198.51.100.7 tls=TLSv1.3",
        "A1 g@x.example Accepted: Delivered relay=198.51.100.7 tls=!encrypt",
        "A1 h@x.example Accepted: Delivered relay=198.51.100.7 tls=TLSv1.2",
    ];
    check(&events, &expected);
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
