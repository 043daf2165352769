//! The stitch against simulated months of Sendmail and Exim whose every outcome is known.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::stitch::{Row, differences, known, read};
use crate::simulate::relay::Mta;
use crate::simulate::render::Stamps;
use crate::simulate::simulate_relay;

/// What is simulated, and how it is logged.
const SENDMAIL: (Mta, Stamps) = (Mta::Sendmail { says_done: false }, Stamps::Rfc3164);
const SENDMAIL_THAT_SAYS_DONE: (Mta, Stamps) = (Mta::Sendmail { says_done: true }, Stamps::Rfc3164);
const EXIM: (Mta, Stamps) = (Mta::Exim { names_recipients: false }, Stamps::Exim);
const EXIM_BY_SYSLOG: (Mta, Stamps) = (Mta::Exim { names_recipients: true }, Stamps::Iso);

/// The log of a simulated October, and its outcomes.
fn month((mta, stamps): (Mta, Stamps), seed: u64, messages: u64) -> (Vec<Vec<u8>>, BTreeMap<Row, u32>) {
    let (logs, mut truth) = simulate_relay(mta, stamps, seed, (messages, 40));
    if stamps == Stamps::Exim {
        // A main log does not name its host.
        truth.outcomes.iter_mut().for_each(|outcome| outcome.host = "".into());
    }
    (logs.iter().map(|log| log.text().expect("a log")).collect(), known(&truth))
}

#[track_caller]
fn check(what: (Mta, Stamps)) {
    let (logs, known) = month(what, 1, 3_000);
    assert!(known.len() > 2_500, "{}", known.len());
    let got = read(&logs, &[]).0;
    assert!(got == known, "{}", differences(&got, &known));
}

#[test]
fn every_outcome_of_a_sendmail_month_is_right() {
    check(SENDMAIL);
}

#[test]
fn every_outcome_of_a_sendmail_month_with_ends_is_right() {
    check(SENDMAIL_THAT_SAYS_DONE);
}

#[test]
fn every_outcome_of_an_exim_month_is_right() {
    check(EXIM);
}

#[test]
fn every_outcome_of_an_exim_month_by_syslog_is_right() {
    check(EXIM_BY_SYSLOG);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn cutting_the_input_anywhere_changes_no_outcome(
        seed in 0..1_000_u64,
        cuts in prop::collection::vec(0..2_000_usize, 1..6),
    ) {
        for what in [SENDMAIL, SENDMAIL_THAT_SAYS_DONE, EXIM, EXIM_BY_SYSLOG] {
            let (logs, _) = month(what, seed, 200);
            let (whole, cut) = (read(&logs, &[]).0, read(&logs, &cuts).0);
            prop_assert!(whole == cut, "{}", differences(&cut, &whole));
        }
    }
}
