//! Messages that are queued in shares whose records name no recipient, and messages that are offered before they are taken.

use mailtally::event::{Attempt, Share, Status, Target, What};

use super::super::script::{Said, delivered, failed, message};
use super::{bounced, check, deferred};

/// A recipient without a number.
const fn named(address: &'static str) -> What<'static> {
    What::Recipient { index: None, address: address.as_bytes() }
}

const OFFERED: What<'static> = What::Offered { is_taken: false, size: None };
const TAKEN: What<'static> = What::Offered { is_taken: true, size: None };

/// All that is open of a share.
const fn all_of(number: u16, domain: &'static str) -> Target<'static> {
    Target::Share(Share { number, domain: domain.as_bytes(), count: 0, of: 0 })
}

/// So many of a share were taken, of so many.
fn taken(number: u16, domain: &'static str, count: u16, of: u16) -> What<'static> {
    let target = Target::Share(Share { number, domain: domain.as_bytes(), count, of });
    What::Attempt(delivered(target))
}

fn put_off(number: u16) -> What<'static> {
    What::Attempt(failed(all_of(number, ""), Status::Deferred, "450 later"))
}

/// A message to these recipients, taken after a second.
fn to<const N: usize>(recipients: [&'static str; N]) -> Vec<Said> {
    let mut events: Vec<Said> = recipients.into_iter().map(|address| message(0, "A1", named(address))).collect();
    events.push(message(0, "A1", OFFERED));
    events.push(message(1, "A1", TAKEN));
    events
}

#[track_caller]
fn check_after<const N: usize, const M: usize>(
    recipients: [&'static str; N],
    told: [(i64, What<'static>); M],
    expected: &[&str],
) {
    let mut events = to(recipients);
    events.extend(told.into_iter().map(|(second, what)| message(second, "A1", what)));
    check(&events, expected);
}

#[test]
fn the_failure_of_a_share_is_that_of_one_domain() {
    check_after(
        ["a@x.example", "b@Y.example", "c@X.example", "d@z.example"],
        [
            (2, put_off(1)),
            (3, What::Attempt(failed(all_of(2, ""), Status::Failed, "550 no"))),
            (9, What::Attempt(failed(all_of(1, ""), Status::Failed, "too old"))),
        ],
        &[
            "A1 a@x.example Refused: Deferred says=450 later Failed says=too old +first",
            "A1 b@Y.example Refused: Failed says=550 no",
            "A1 c@X.example Refused: Deferred says=450 later Failed says=too old",
            "A1 d@z.example Queued:",
        ],
    );
}

#[test]
fn a_delivery_is_that_of_its_domain_but_of_those_that_were_put_off_or_refused_by_name() {
    check_after(
        ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@y.example"],
        [
            (2, deferred("b@x.example", "450 full")),
            (2, bounced("c@x.example", "550 no")),
            (2, deferred("d@x.example", "450 full")),
            (3, taken(1, "@x.example", 1, 4)),
            (70, deferred("b@x.example", "450 full")),
            (71, taken(1, "@x.example", 1, 2)),
            (200, taken(1, "@x.example", 1, 1)),
            (201, taken(2, "@y.example", 1, 1)),
        ],
        &[
            "A1 a@x.example Accepted: Delivered +first",
            "A1 b@x.example Accepted: Deferred says=450 full Deferred says=450 full Delivered",
            "A1 c@x.example Refused: Failed says=550 no",
            "A1 d@x.example Accepted: Deferred says=450 full Delivered",
            "A1 e@y.example Accepted: Delivered",
        ],
    );
}

#[test]
fn a_share_beyond_the_domains_is_one_of_a_single_recipient() {
    check_after(
        ["a@x.example", "b@x.example", "c@y.example"],
        [(2, put_off(2)), (3, taken(3, "@y.example", 1, 1)), (4, taken(1, "@x.example", 1, 1))],
        &[
            "A1 a@x.example Accepted: Delivered +first",
            "A1 b@x.example Deferred: Deferred says=450 later",
            "A1 c@y.example Accepted: Delivered",
        ],
    );
}

#[test]
fn a_single_recipient_where_several_wait_is_a_share_of_its_own() {
    check_after(
        ["a@x.example", "b@x.example"],
        [(2, taken(2, "@x.example", 1, 1))],
        &["A1 a@x.example Queued: +first", "A1 b@x.example Accepted: Delivered"],
    );
    check_after(
        ["a@y.example", "b@x.example", "c@x.example"],
        [(2, taken(3, "@x.example", 1, 1)), (3, put_off(2))],
        &[
            "A1 a@y.example Queued: +first",
            "A1 b@x.example Deferred: Deferred says=450 later",
            "A1 c@x.example Accepted: Delivered",
        ],
    );
}

#[test]
fn recipients_that_no_record_names_are_as_many_as_the_delivery_says() {
    let events = [
        message(0, "A1", put_off(1)),
        message(70, "A1", taken(1, "@x.example", 2, 2)),
        message(71, "A1", What::Attempt(failed(all_of(2, "@y.example"), Status::Failed, "550 no"))),
        message(72, "A1", What::GaveUp { target: all_of(2, "") }),
    ];
    let expected = [
        "A1  Accepted: Deferred says=450 later Delivered +first +lost",
        "A1  Accepted: Delivered +lost",
        "A1  Refused: Failed says=550 no +lost",
    ];
    check(&events, &expected);
}

#[test]
fn a_delivery_that_was_written_twice_is_one() {
    let target = Target::Share(Share { number: 1, domain: b"@x.example", count: 2, of: 2 });
    let taken = What::Attempt(Attempt { delay_ms: Some(900), ..delivered(target) });
    check_after(
        ["a@x.example", "b@x.example"],
        [(2, taken), (2, taken)],
        &["A1 a@x.example Accepted: Delivered +first", "A1 b@x.example Accepted: Delivered"],
    );
    // Of two shares, it is two.
    let put_off =
        |number| What::Attempt(Attempt { delay_ms: Some(900), ..failed(all_of(number, ""), Status::Deferred, "450 later") });
    check_after(
        ["a@x.example", "b@y.example"],
        [(2, put_off(1)), (2, put_off(2))],
        &["A1 a@x.example Deferred: Deferred says=450 later +first", "A1 b@y.example Deferred: Deferred says=450 later"],
    );
}

#[test]
fn those_that_only_attempts_name_are_of_the_domain_that_is_named() {
    let events = [
        message(0, "A1", deferred("a@x.example", "450 full")),
        message(1, "A1", deferred("b@y.example", "450 full")),
        message(2, "A1", taken(2, "@Y.example", 1, 1)),
        message(3, "A1", put_off(1)),
        message(9, "A2", deferred("a@x.example", "450 full")),
        message(90, "A2", put_off(1)),
    ];
    let expected = [
        "A1 a@x.example Deferred: Deferred says=450 full +first +lost",
        "A1 b@y.example Accepted: Deferred says=450 full Delivered +lost",
        "A1  Deferred: Deferred says=450 later +lost",
        "A2 a@x.example Deferred: Deferred says=450 full Deferred says=450 later +first +lost",
    ];
    check(&events, &expected);
}

#[test]
fn giving_up_a_share_ends_what_is_open_of_it() {
    check_after(
        ["a@x.example", "b@x.example", "c@y.example"],
        [
            (2, deferred("a@x.example", "450 full")),
            (3, taken(1, "@x.example", 1, 2)),
            (9, What::GaveUp { target: all_of(1, "") }),
        ],
        &[
            "A1 a@x.example Expired: Deferred says=450 full +first",
            "A1 b@x.example Accepted: Delivered",
            "A1 c@y.example Queued:",
        ],
    );
}

#[test]
fn what_is_offered_is_no_message_until_it_is_taken_or_tried() {
    let events = [
        message(0, "A1", named("a@x.example")),
        message(0, "A1", OFFERED),
        message(0, "A2", named("a@x.example")),
        message(0, "A2", OFFERED),
        message(1, "A2", TAKEN),
        message(2, "A3", named("a@x.example")),
        message(2, "A3", OFFERED),
        message(3, "A3", put_off(1)),
    ];
    check(&events, &["A2 a@x.example Queued: +first", "A3 a@x.example Deferred: Deferred says=450 later +first"]);
}
