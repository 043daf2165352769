//! Exim: detection, stamps and zones, cuts, the headers that a rejectlog holds, records of nearly the right shape.

use bstr::ByteSlice;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mailtally::event::{Kind, Micros, Pos};
use mailtally::format::{Account, FileContext, by_name};
use proptest::prelude::*;

use super::cuts::{attempts, check_account, check_cut, check_memory, count};
use super::{account_for, check_detection, context, fixtures, records};

#[test]
fn exim_is_told_from_other_logs_with_such_stamps() {
    check_detection("2026-03-05 12:00:00 1vyAbC-000Pg8-VO Completed\n", "exim Certain Lines");
    check_detection("2026-03-05 12:00:00 Start queue run: pid=1\n", "exim Likely Lines");
    check_detection("2026-03-05 12:00:00 H=(x) [203.0.113.5] rejected RCPT <x@example.org>: no\n", "exim Certain Lines");
    check_detection("Mar  5 12:00:00 mx1 exim[7]: Start queue run: pid=1\n", "exim Likely Lines");
    check_detection("2026-03-05 12:00:00 INFO com.example.Server - started\n", "unknown: text");
    check_detection("2026-03-05 12:00:00 [7] INFO started\n", "unknown: text");
    check_detection("2026-03-05 12:00:00 mx1 postfix/qmgr[7]: 4F1A2B3C01: removed\n", "postfix Certain Lines");
}

#[test]
fn stamps_are_local_unless_they_name_a_zone() {
    let berlin = FileContext { zone: TimeZone::get("Europe/Berlin").unwrap(), ..context() };
    let read = |record: &str| {
        let mut account = Account::default();
        let mut reader = by_name("exim").unwrap().reader(record.as_bytes(), &berlin);
        account_for(&mut account, &mut *reader, record.as_bytes(), Pos::default());
        Timestamp::from_microsecond(account.first.unwrap().0).unwrap().to_string()
    };
    assert_eq!(read("2026-07-05 12:00:00 1vyAbC-000Pg8-VO Completed"), "2026-07-05T10:00:00Z");
    assert_eq!(read("2026-07-05 12:00:00.250 1vyAbC-000Pg8-VO Completed"), "2026-07-05T10:00:00.25Z");
    assert_eq!(read("2026-07-05 12:00:00 -0200 [7] 1vyAbC-000Pg8-VO Completed"), "2026-07-05T14:00:00Z");
    assert_eq!(read("2026-07-05 12:00:00.5 +0530 1vyAbC-000Pg8-VO Completed"), "2026-07-05T06:30:00.5Z");
}

#[test]
fn a_main_log_that_was_indented_or_numbered_is_read() {
    let lines = [
        "2026-03-05 12:00:00 1vyAbC-000Pg8-VO <= a@example.org H=app [192.0.2.50] P=esmtp S=1000",
        "2026-03-05 12:00:01 1vyAbC-000Pg8-VO => b@example.com R=dnslookup T=remote_smtp H=mx.example.com [192.0.2.2]",
        "2026-03-05 12:00:01 1vyAbC-000Pg8-VO Completed",
    ];
    let plain = lines.map(|line| format!("{line}\n")).concat();
    for before in ["    ", "\t", "     7\t"] {
        let log = lines.map(|line| format!("{before}{line}\n")).concat();
        assert_eq!(
            count("exim", log.as_bytes(), records(log.as_bytes())),
            count("exim", plain.as_bytes(), records(plain.as_bytes()))
        );
    }
}

#[test]
fn an_account_does_not_depend_on_the_cut() {
    check_account("exim");
}

#[test]
fn a_log_by_syslog_is_dated_by_its_ids() {
    let log = b"Jun  2 05:54:33 mx1 exim[7]: 1sDcIh-000000004YY-3wAT Completed\n";
    let show = |at: Option<Micros>| Timestamp::from_microsecond(at.unwrap().0).unwrap().to_string();
    assert_eq!(show(count("exim", log, records(log)).first), "2024-06-02T05:54:33Z");
}

#[test]
fn cutting_a_record_anywhere_invents_no_status() {
    for path in fixtures("exim") {
        let log = std::fs::read(path).unwrap();
        for (_, record) in records(&log) {
            // The flag is the status: a cut in front of it leaves none.
            check_cut("exim", record, 0);
        }
    }
}

#[test]
fn headers_of_refused_mails_are_no_damage_and_tell_nothing() {
    let log = b"2026-03-05 12:00:00 1vyAbC-000Pg8-VO H=(x) [203.0.113.5] rejected after DATA: no\n\
                Envelope-from: <a@example.net>\n\
                P Received: from x\n\
                \t2026-03-05 12:00:00 1vyAbC-000Pg8-VO => a@example.com R=x T=smtp H=mx [192.0.2.1]\n\
                \x20 2026-03-05 12:00:00 1vyAbC-000Pg8-VO ** a@example.com: Unrouteable address\n";
    let account = count("exim", log, records(log));
    assert_eq!((account.unparsed, account.attempts, account.inbound_rejects), (0, 0, 1));
    // In a log that is not Exim's they are damage.
    assert_eq!(attempts("exim", b"Envelope-from: <a@example.net>").0, Kind::Unparsed);
}

#[test]
fn bytes_that_are_no_text_are_read_like_others() {
    let record =
        b"2026-03-05 12:00:00 1vyAbC-000Pg8-VO => a\xff\xfe@example.com R=x T=smtp H=mx [192.0.2.1] C=\"250 \x01\x02\"";
    let (kind, found) = attempts("exim", record);
    assert_eq!(kind, Kind::Delivery);
    assert_eq!(found.0[0].1.as_bstr(), b"a\xff\xfe@example.com".as_bstr());
}

/// Bytes that lead further into the readers than chance does.
pub(super) fn nearly_a_record() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("2026-03-05 12:00:00 "),
        Just("2026-03-05 12:00:00.123 +0100 "),
        Just("Mar  5 12:00:00 mx1 exim[17]: "),
        Just("[17] "),
        Just("[1/3] "),
        Just("[2\\3] "),
        Just("1vyAbC-000Pg8-VO "),
        Just("1vyAbC-000000004YY-3wAT "),
        Just("=> "),
        Just("-> "),
        Just("== "),
        Just("** "),
        Just("<= "),
        Just("*> "),
        Just("a@b.example "),
        Just("a@b.example: "),
        Just("<c@d.example> "),
        Just("a b@c.example <\"a b\"@c.example> "),
        Just("<\"a\\\"b"),
        Just("(p@d.example) "),
        Just("|/x \"y "),
        Just("<> "),
        Just("F=<x@y> "),
        Just("R=dnslookup T=remote_smtp "),
        Just("defer (-44) "),
        Just("defer (110): Connection timed out "),
        Just("H=mx (helo) [192.0.2.1]:25"),
        Just("H=("),
        Just(": "),
        Just("SMTP error from remote mail server after RCPT TO:<a@b>: host mx [192.0.2.1]: 550 no"),
        Just("retry time not reached"),
        Just("retry timeout exceeded"),
        Just("C=\"250 OK id=1vyAbC-000Pg8-VO\" "),
        Just("DN=\"a\\\"b "),
        Just("T=\"x\" for a@b c@d"),
        Just(" for \"a b\"@c "),
        Just("DT=0.01s"),
        Just("cancelled by "),
        Just("discarded ("),
        Just("Completed"),
        Just("rejected RCPT <x>: "),
        Just("QT=2m7s"),
        Just("\u{e9}\\"),
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
        check_memory("exim", &records);
    }
}

#[test]
fn hostile_fields_are_read_in_time() {
    for flag in ["=>", "**", "==", "<="] {
        let head = format!("2026-03-05 12:00:00 1vyAbC-000Pg8-VO {flag} a@b.example ");
        for piece in [
            "(",
            "<",
            " <",
            " <\"",
            " <a@b.example",
            "\"",
            "X=\"",
            "for \"",
            "DT=1s ",
            "H=(",
            "H=(a) ",
            "H=[",
            ": ",
            "DS [",
            "for ",
            "from <",
            ")",
            "> ",
            "R=< ",
            "X=\" ",
            "defer (",
        ] {
            attempts("exim", format!("{head}{}", piece.repeat(20_000)).as_bytes());
        }
    }
}
