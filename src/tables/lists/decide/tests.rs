use super::*;
use crate::classify::Classifier;

const UNKNOWN: &str = "550 5.1.1 User unknown";
const REJECTED: &str = "550 recipient rejected";
const FULL: &str = "552 5.2.2 mailbox full";
const BLOCK: &str = "554 5.7.1 blocked using zen.spamhaus.org";
const REFUSES: &str = "550 5.7.1 rejected by the recipient";
const BUSY: &str = "451 4.3.0 temporary server error, please try again later";
const RELAY: &str = "554 5.7.1 Relay access denied";

/// A failure at an hour since the epoch.
fn case(hour: i64, reply: &str) -> Case<'static> {
    let verdict = Classifier::builtin().classify(reply.as_bytes());
    Case { time: Micros(hour * Micros::HOUR), how: How::Told, verdict, sending: Sending::Often }
}

fn day(day: i64, reply: &str) -> Case<'static> {
    case(day * 24, reply)
}

fn decided(cases: &[Case<'_>], wave: Option<Wave>, is_kept: bool) -> Option<(List, Basis, usize)> {
    let thresholds = Thresholds::default();
    let decision = Rules { thresholds: &thresholds, is_kept, wave }.decide(cases)?;
    Some((decision.list, decision.basis, decision.count))
}

#[track_caller]
fn check(cases: &[Case<'_>], wanted: (List, Basis, usize)) {
    assert_eq!(decided(cases, None, false), Some(wanted));
}

#[test]
fn one_reply_without_doubt_is_enough() {
    check(&[day(0, UNKNOWN)], (List::Suppress, Basis::Explicit, 1));
    check(&[day(0, UNKNOWN), day(3, BLOCK)], (List::Suppress, Basis::Explicit, 1));
    check(&[day(0, "Domain example.org does not accept mail (nullMX)")], (List::Suppress, Basis::Explicit, 1));
}

#[test]
fn what_came_back_later_counts_as_what_was_said_at_the_door() {
    check(&[Case { how: How::Returned, ..day(0, UNKNOWN) }], (List::Suppress, Basis::Explicit, 1));
}

#[test]
fn words_that_are_no_proof_take_two_replies_three_days_apart() {
    for reply in [REJECTED, "550 5.4.1 Recipient address rejected: Access denied."] {
        check(&[day(0, reply)], (List::Retry, Basis::NotYet, 1));
        check(&[day(0, reply), case(71, reply)], (List::Retry, Basis::NotYet, 2));
        check(&[day(0, reply), case(72, reply)], (List::Suppress, Basis::Repeated, 2));
    }
}

#[test]
fn four_full_days_in_thirty_suppress() {
    let full = |days: &[i64]| days.iter().map(|&at| day(at, FULL)).collect::<Vec<_>>();
    check(&full(&[0, 1, 2]), (List::Retry, Basis::NotYet, 3));
    check(&full(&[0, 1, 2, 2]), (List::Retry, Basis::NotYet, 4));
    check(&full(&[0, 1, 2, 29]), (List::Suppress, Basis::OftenFailed, 4));
    check(&full(&[0, 1, 2, 30]), (List::Retry, Basis::NotYet, 4));
    check(&full(&[0, 10, 20, 31, 35, 39]), (List::Suppress, Basis::OftenFailed, 5));
}

#[test]
fn who_is_mailed_daily_gets_more_time_and_who_is_mailed_monthly_stays() {
    let full = |days: &[i64], sending: Sending| -> Vec<Case<'_>> {
        days.iter().map(|&at| Case { sending, ..day(at, FULL) }).collect()
    };
    check(&full(&[0, 1, 2, 3, 13], Sending::Daily), (List::Retry, Basis::NotYet, 5));
    check(&full(&[0, 1, 2, 3, 14], Sending::Daily), (List::Suppress, Basis::OftenFailed, 5));
    check(&full(&[0, 7, 14, 21], Sending::Monthly), (List::Retry, Basis::NotYet, 4));
}

#[test]
fn a_senders_days_tell_how_often_it_sends() {
    let soft = Thresholds::default().soft;
    assert_eq!([1, 2, 3, 14, 15].map(|days| Sending::of(days, &soft)), {
        use Sending::{Daily, Monthly, Often};
        [Monthly, Monthly, Often, Often, Daily]
    });
}

#[test]
fn a_block_never_suppresses() {
    let blocks: Vec<Case<'_>> = (0..40).map(|at| day(at, BLOCK)).collect();
    check(&blocks, (List::Fix, Basis::Cause, 40));
    let spam: Vec<Case<'_>> = (0..40).map(|at| day(at, "550 5.7.1 Message rejected as spam")).collect();
    assert_eq!(decided(&spam, None, false).map(|(list, ..)| list), Some(List::Fix));
}

#[test]
fn a_person_may_refuse_us_twice() {
    check(&[day(0, REFUSES)], (List::Retry, Basis::NotYet, 1));
    check(&[day(0, REFUSES), day(0, REFUSES)], (List::Suppress, Basis::RefusesUs, 2));
}

#[test]
fn what_our_own_mta_decides_and_what_precedes_any_recipient_never_suppresses() {
    for (how, basis) in [(How::Own, Basis::Own), (How::Early, Basis::Early)] {
        let cases: Vec<Case<'_>> = [0, 4, 8].map(|at| Case { how, ..day(at, UNKNOWN) }).to_vec();
        check(&cases, (List::Fix, basis, 3));
    }
    check(&[Case { how: How::Early, ..day(0, BUSY) }], (List::Retry, Basis::Passing, 1));
}

#[test]
fn a_complaint_suppresses_at_once() {
    let complaint = Case { how: How::Complaint, ..day(0, "") };
    check(&[complaint], (List::Suppress, Basis::Complaint, 1));
    check(&[complaint, day(1, BUSY)], (List::Suppress, Basis::Complaint, 1));
}

#[test]
fn replies_of_a_wave_count_nothing_and_those_outside_of_it_do() {
    let wave = Some((Micros(0), Micros(Micros::HOUR)));
    assert_eq!(decided(&[day(0, UNKNOWN)], wave, false), Some((List::Retry, Basis::HeldBack, 1)));
    assert_eq!(
        decided(&[day(0, UNKNOWN), day(5, UNKNOWN)], wave, false),
        Some((List::Suppress, Basis::Explicit, 1)),
        "it is unknown after the wave too"
    );
    assert_eq!(decided(&[day(0, FULL)], wave, false), Some((List::Retry, Basis::NotYet, 1)));
}

#[test]
fn what_the_configuration_keeps_is_looked_at_instead() {
    assert_eq!(decided(&[day(0, UNKNOWN)], None, true), Some((List::Fix, Basis::Kept, 1)));
    assert_eq!(decided(&[day(0, BUSY)], None, true), Some((List::Retry, Basis::Passing, 1)));
}

#[test]
fn what_passes_is_sent_again_and_what_has_a_cause_waits_for_its_mending() {
    check(&[day(0, BUSY), day(1, BUSY)], (List::Retry, Basis::Passing, 2));
    check(&[day(0, "550 5.7.26 SPF and DKIM failed: unauthenticated mail is not accepted")], (List::Fix, Basis::Cause, 1));
    check(&[day(0, "599 a wholly unheard of thing")], (List::Fix, Basis::Unclear, 1));
    check(&[day(0, RELAY), day(1, RELAY), day(2, RELAY)], (List::Fix, Basis::Cause, 3));
    check(&[day(0, RELAY), day(7, RELAY), day(14, RELAY)], (List::Fix, Basis::DomainLeft, 3));
}

#[test]
fn no_failure_is_on_no_list() {
    assert_eq!(decided(&[], None, false), None);
}

#[test]
fn every_basis_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = Basis::ALL.iter().map(|basis| basis.name()).collect();
    assert_eq!(names.len(), Basis::ALL.len());
}
