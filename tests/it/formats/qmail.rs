//! qmail: what its records come to where they do not stand alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use mailtally::cubes::Tally;
use mailtally::feedback::{CaseWatch, Mail, Returned};
use mailtally::rows::End;

use super::cuts::stitched;
use super::{fixtures, records};
use crate::stitch::Rows;

fn outcomes(log: &[u8], cut: usize) -> Rows {
    stitched("qmail", log, cut, Rows::default).1
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixtures("qmail").into_iter().find(|path| path.ends_with(name)).unwrap()).unwrap()
}

#[test]
fn a_result_that_splogger_cut_is_one() {
    let log = fixture("splogger.log");
    let whole = outcomes(&log, 0);
    let ends: Vec<_> = whole.0.keys().map(|(_, _, recipient, end, real, ..)| (&**recipient, *end, *real)).collect();
    let expected = [("x2000.k080@rcptmore.example", End::Expired, 2), ("x720.k227@rcptmore.example", End::Expired, 2)];
    assert_eq!(ends, expected);
    for cut in 1..records(&log).count() {
        assert_eq!(outcomes(&log, cut), whole, "cut at {cut}");
    }
}

#[test]
fn mail_that_is_given_up_for_its_age_has_expired() {
    let log = fixture("ends.log");
    let whole = outcomes(&log, 0);
    let ends: Vec<_> = whole.0.keys().map(|(_, _, recipient, end, real, ..)| format!("{recipient} {end:?} {real}")).collect();
    let expected = [
        "u.k021@dothang.example Expired 2",
        "u.k039@okhostile.example Accepted 1",
        "u.k042@servfail.example Expired 2",
        "u.k046@me.example Refused 1",
        "accept.k058@rcpthostile.example Refused 1",
        "prog@sender.example Local 0",
        "grey.k123.3@ok.example Accepted 2",
        "u.k146@ok.example Refused 1",
        "giving.k208@rcpthostile.example Expired 2",
    ];
    assert_eq!(ends, expected);
    for cut in 1..records(&log).count() {
        assert_eq!(outcomes(&log, cut), whole, "cut at {cut}");
    }
}

/// What becomes of the bounces that mails tell of, once the log is read.
fn fates(log: &[u8], mails: &[&str]) -> Vec<String> {
    let mut returned = Returned::default();
    for (number, mail) in mails.iter().enumerate() {
        returned.take(&number.to_string(), Mail::read(mail.as_bytes()));
    }
    returned.settle();
    let watch = Arc::new(CaseWatch::new(returned.cases));
    let tally = || Tally::default().looking_for(Arc::clone(&watch));
    let (lexicon, mut tally) = stitched("qmail", log, records(log).count() / 2, tally);
    let mut texts = lexicon.texts;
    tally.settle(&mut texts, &BTreeSet::new());
    tally
        .cases
        .iter()
        .map(|settled| format!("{} {}", watch.cases()[settled.case].recipients.join(" "), settled.fate.name()))
        .collect()
}

/// Its log names no host, and its notifications are told from others' by what failed when they were written.
#[test]
fn a_notification_of_our_own_qmail_is_about_nobody_else_of_the_message() {
    let log = "1796063769.342339 new msg 886093\n\
               1796063769.342350 info msg 886093: bytes 160 from <s-k096@example.org> qp 15412 uid 0\n\
               1796063769.352339 starting delivery 171: msg 886093 to remote gone@example.com\n\
               1796063769.353339 starting delivery 172: msg 886093 to remote kim@example.com\n\
               1796063769.354339 starting delivery 173: msg 886093 to local nosuch@example.org\n\
               1796063769.355339 delivery 173: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/\n\
               1796063769.362339 delivery 171: failure: 203.0.113.1_does_not_like_recipient./Remote_host_said:_550_5.1.1_gone/Giving_up_on_203.0.113.1./\n\
               1796063799.364650 delivery 172: success: 203.0.113.1_accepted_message./Remote_host_said:_250_2.0.0_ok/\n\
               1796063799.374650 bounce msg 886093 qp 15420\n\
               1796063799.384650 end msg 886093\n";
    let notice = |stamp: &str, host: &str, about: &str| {
        format!(
            "Return-Path: <>\nDate: {stamp} -0000\nFrom: MAILER-DAEMON@{host}\nTo: s-k096@example.org\nSubject: failure notice\n\n\
             Hi. This is the qmail-send program at {host}.\n\
             I'm afraid I wasn't able to deliver your message to the following addresses.\n\
             This is a permanent error; I've given up. Sorry it didn't work out.\n\n{about}\n\
             --- Below this line is a copy of the message.\n\nReturn-Path: <s-k096@example.org>\nSubject: k096\n\nhello\n"
        )
    };
    let of_ours = "<gone@example.com>:\n203.0.113.1 does not like recipient.\nRemote host said: 550 5.1.1 gone\nGiving up on 203.0.113.1.\n\n\
                   <nosuch@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n";
    let of_theirs = "<kim-box@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n";
    let ours = notice("30 Nov 2026 18:36:39", "example.org", of_ours);
    let theirs = notice("30 Nov 2026 18:38:00", "example.com", of_theirs);
    assert_eq!(fates(log.as_bytes(), &[&ours]), ["gone@example.com own", "nosuch@example.org own"]);
    let expected = ["gone@example.com own", "nosuch@example.org own", "kim-box@example.com joined"];
    assert_eq!(fates(log.as_bytes(), &[&theirs, &ours]), expected);
}
