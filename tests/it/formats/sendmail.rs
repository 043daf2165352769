//! Sendmail: detection among noise, dating, cuts, long lists, records of nearly the right shape.

use jiff::Timestamp;
use mailtally::event::{Kind, Micros};
use proptest::prelude::*;

use super::cuts::{attempts, check_account, check_cut, check_memory, count};
use super::{check_detection, fixtures, records};

#[test]
fn sendmail_is_found_behind_the_noise_of_other_programs() {
    let noise = "Mar  5 12:00:00 mx1 sshd[7]: Connection closed by 192.0.2.9 port 22\n".repeat(400);
    let mail = "Mar  5 12:00:00 mx1 sm-mta[7]: 625C00aB000007: done; delay=00:00:17, ntries=2\n";
    check_detection(&(noise + mail), "sendmail Certain Lines");
    check_detection("Mar  5 12:00:00 mx1 sm-mta[7]: starting daemon (8.18.1): SMTP\n", "sendmail Likely Lines");
}

#[test]
fn a_file_of_two_mtas_is_named_after_the_first_to_speak() {
    let sendmail = "Mar  5 12:00:00 mx1 sm-mta[7]: 625C00aB000007: done; delay=00:00:17, ntries=2\n";
    let postfix = "Mar  5 12:00:00 mx1 postfix/qmgr[7]: 4F1A2B3C01: removed\n";
    check_detection(&[sendmail, postfix].concat(), "sendmail Certain Lines");
    check_detection(&[postfix, sendmail].concat(), "postfix Certain Lines");
}

#[test]
fn other_programs_of_a_sendmail_host_are_not_sendmail() {
    let milters = "Mar  5 12:00:00 mx1 opendkim[7]: 625C00aB000007: DKIM-Signature field added (s=mail, d=example.org)\n\
                   Mar  5 12:00:00 mx1 milter-greylist: 625C00aB000007: addr x[192.0.2.1] from <a@b> to <c@d> delayed\n";
    check_detection(milters, "postfix Possible Lines");
}

#[test]
fn an_account_does_not_depend_on_the_cut() {
    check_account("sendmail");
}

#[test]
fn an_old_log_is_dated_by_its_queue_ids() {
    let log = b"Apr  2 00:15:25 mta sendmail[1]: u31FFPtp032300: done; delay=00:00:00, ntries=2\n\
                Dec 24 10:00:00 mta sendmail[1]: uBOA00tp032301: done; delay=00:00:00, ntries=2\n";
    let account = count("sendmail", log, records(log));
    let show = |at: Option<Micros>| Timestamp::from_microsecond(at.unwrap().0).unwrap().to_string();
    assert_eq!((show(account.first), show(account.last)), ("2016-04-02T00:15:25Z".into(), "2016-12-24T10:00:00Z".into()));
    // The id is of another season than the stamp: somebody invented it.
    let odd = b"Aug  2 00:15:25 mta sendmail[1]: u31FFPtp032300: done; delay=00:00:00, ntries=2\n";
    assert_eq!(show(count("sendmail", odd, records(odd)).first), "2026-08-02T00:15:25Z");
}

#[test]
fn cutting_a_record_anywhere_invents_no_status() {
    for path in fixtures("sendmail") {
        let log = std::fs::read(path).unwrap();
        for (_, record) in records(&log) {
            check_cut("sendmail", record, 0);
        }
    }
}

#[test]
fn every_recipient_of_a_long_list_is_counted() {
    let list: Vec<String> = (0..10_000).map(|number| format!("<user{number}@example.com>")).collect();
    let record = format!(
        "Mar  5 12:00:01 mx1 sm-mta[7]: 625C01aB000007: to={}, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, relay=mx. [192.0.2.1], \
         dsn=2.0.0, stat=Sent (ok)",
        list.join(",")
    );
    let (kind, found) = attempts("sendmail", record.as_bytes());
    assert_eq!((kind, found.0.len()), (Kind::Delivery, 10_000));
}

/// Bytes that lead further into the readers than chance does.
pub(super) fn nearly_a_record() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("Mar  5 12:00:00 "),
        Just("mx1 "),
        Just("sm-mta[17]: "),
        Just("sendmail[17]: [ID 801593 mail.info] "),
        Just("625C01aB000017: "),
        Just("625C01aB000017[2]: "),
        Just("MAA00150: "),
        Just("to=<"),
        Just("to=a,b"),
        Just("a@b.example"),
        Just(">,<"),
        Just(">, "),
        Just(", [more]"),
        Just("\"|/x y"),
        Just("ctladdr=root (0/0), "),
        Just("delay=1+00:00:15, xdelay=00:00:01, mailer=esmtp, "),
        Just("relay=mx. [192.0.2.1], "),
        Just("relay=[127.0.0.1] [127.0.0.1], "),
        Just("dsn=5.1.1, "),
        Just("reply=550 5.1.1 no, "),
        Just("reply=450 4.2.0 no, "),
        Just("relay=mx., "),
        Just("quarantine=x, stat=quarantined"),
        Just("stat="),
        Just("Sent (625C01aB000018 Message accepted for delivery)"),
        Just("Deferred: 451 4.3.2 later"),
        Just("Deferred: Connection timed out with mx. during client MAIL"),
        Just("User unknown"),
        Just("queued"),
        Just("from=<a@b>, size=1, class=0, nrcpts=1, msgid=<x>, relay=x [192.0.2.1]"),
        Just("625C01aB000019: DSN: Cannot send message for 5 days"),
        Just("split: count=2, ids=625C01aB000019; x"),
        Just("ruleset=check_rcpt, arg1=<x>, reject=550 no"),
        Just("STARTTLS=client, relay=mx., version=TLSv1.3, verify=OK, "),
        Just("\u{e9}\\"),
        Just(": "),
        Just(" ..."),
    ];
    prop::collection::vec(
        prop_oneof![4 => piece.prop_map(|piece| piece.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..6)],
        0..20,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_readers_answer_does_not_depend_on_what_it_read_before(records in prop::collection::vec(nearly_a_record(), 1..5)) {
        check_memory("sendmail", &records);
    }
}

#[test]
fn hostile_lists_are_read_in_time() {
    let head = "Mar  5 12:00:01 mx1 sm-mta[7]: 625C01aB000007: to=";
    for piece in [", ", "<", "\"", ",", "\\", ", stat=Sent", ", reply=", ", a=", "<,", "\", "] {
        attempts("sendmail", format!("{head}{}", piece.repeat(100_000)).as_bytes());
    }
    for piece in [", stat=Deferred", ", stat=Deferred: 4", ", stat=Sent"] {
        attempts("sendmail", format!("{head}a, reply=4{}", piece.repeat(100_000)).as_bytes());
    }
}
