//! Postfix: detection among noise, dating, cuts, repeats, records of nearly the right shape.

use std::path::Path;

use bstr::{BStr, ByteSlice};
use jiff::Timestamp;
use mailtally::event::{Attempt, Event, Framing, Kind, Micros, Pos, Sink, Status, Target, What};
use mailtally::format::{Account, Confidence, by_name, detect};
use proptest::prelude::*;

use super::events::Rendering;
use super::{account_for, check_detection, context, fixtures, records};

#[test]
fn postfix_is_found_behind_the_noise_of_other_programs() {
    let noise = "Mar  5 12:00:00 mx1 sshd[7]: Connection closed by 192.0.2.9 port 22\n".repeat(400);
    check_detection(&noise, "postfix Possible Lines");
    let mail = "Mar  5 12:00:00 mx1 postfix/qmgr[7]: 4F1A2B3C01: removed\n";
    check_detection(&(noise + mail), "postfix Certain Lines");
    check_detection("Mar  5 12:00:00 mx1 postfix/master[7]: daemon started\n", "postfix Likely Lines");
}

#[test]
fn two_hundred_lines_of_anything_hide_no_postfix() {
    let record = "4F1A2B3C01: to=<anna@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, status=sent (250 ok)\n";
    let heads = [
        "Mar  5 12:00:00 mx1 postfix/smtp[17]: ",
        "2026-03-05T12:00:00+01:00 mx1 mail_out/smtp[17]: ",
        "postfix/smtp[17]: ",
        "",
    ];
    for noise in [
        "",
        "\n",
        "# a remark\n",
        "Mar  5 12:00:00 mx1 kernel: [ 1234.5] eth0: link up\n",
        "[20-Oct-2026 14:56:10 +0100]: <ca0a80a9> User x [192.0.2.1]\n",
        "192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"GET / HTTP/1.1\" 200 2326\n",
        "{\"event\":\"open\",\"email\":\"a@b.example\"}\n",
        "Mar  5 12:00:00 mx1 dovecot: imap-login: Login: user=<x>\n",
        "From: a@b.example\n",
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n",
        "\u{feff}a,b,c\r\n",
    ] {
        for head in heads {
            let log = format!("{}{head}{record}", noise.repeat(200));
            let found = detect(log.as_bytes()).map(|found| (found.format.name(), found.confidence, found.framing));
            assert_eq!(found, Some(("postfix", Confidence::Certain, Framing::Lines)), "{noise:?} {head:?}");
        }
    }
}

#[test]
fn json_is_lines_only_where_each_object_is_one() {
    let line = r#"{"SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"4F1A2B3C01: removed"}"#;
    check_detection(&format!("{line}\n{line}\n"), "postfix Certain Lines");
    check_detection(&format!("[{line},\n{line}]\n"), "postfix Certain Json");
    check_detection(&line.replace(',', ",\n  "), "postfix Certain Json");
}

/// All records of a log, counted from a given record on with a reader of their own.
fn count<'a>(log: &[u8], records: impl Iterator<Item = (u64, &'a [u8])>) -> Account {
    let mut account = Account::default();
    let mut reader = by_name("postfix").unwrap().reader(log, &context());
    for (offset, record) in records {
        account_for(&mut account, &mut *reader, record, Pos { file: 0, offset });
    }
    account
}

#[test]
fn an_account_does_not_depend_on_the_cut() {
    for path in fixtures("postfix") {
        let log = std::fs::read(path).unwrap();
        if detect(&log).is_none_or(|found| found.framing != Framing::Lines) {
            continue;
        }
        let whole = count(&log, records(&log));
        assert_eq!(whole.delivery + whole.context + whole.other + whole.unparsed, whole.lines);
        assert_eq!(whole.delivered + whole.deferred + whole.bounced + whole.expired, whole.attempts);
        for cut in 0..records(&log).count() {
            let mut back = count(&log, records(&log).skip(cut));
            back.absorb(&count(&log, records(&log).take(cut)));
            assert_eq!((&back, back.recipient_domains()), (&whole, whole.recipient_domains()), "cut at {cut}");
        }
    }
}

#[test]
fn an_old_log_is_dated_by_its_long_queue_ids() {
    let log = b"Mar 14 00:08:35 mx1 postfix/qmgr[7]: 4PbC4x469Jz3tBr: removed\nDec 24 10:00:00 mx1 postfix/qmgr[7]: 4F1A2B3C01: removed\n";
    let account = count(log, records(log));
    let show = |at: Option<Micros>| Timestamp::from_microsecond(at.unwrap().0).unwrap().to_string();
    assert_eq!((show(account.first), show(account.last)), ("2023-03-14T00:08:35Z".into(), "2023-12-24T10:00:00Z".into()));
    // The id was made months before the stamp in any year: somebody invented it.
    let odd = b"Aug 14 00:08:35 mx1 postfix/qmgr[7]: 4PbC4x469Jz3tBr: removed\n";
    assert_eq!(show(count(odd, records(odd)).first), "2026-08-14T00:08:35Z");
}

/// Remembers the attempts.
#[derive(Default)]
struct Attempts(Vec<(Status, Vec<u8>)>);

impl Sink for Attempts {
    fn event(&mut self, event: &Event<'_>) {
        if let What::Attempt(Attempt { status, target: Target::Address(address), .. }) = event.what {
            self.0.push((status, address.to_vec()));
        }
    }
}

fn attempts(record: &[u8]) -> (Kind, Attempts) {
    let mut attempts = Attempts::default();
    let kind = by_name("postfix").unwrap().reader(record, &context()).read(record, Pos::default(), &mut attempts);
    (kind, attempts)
}

fn deliveries() -> Vec<Vec<u8>> {
    let log = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/postfix/smtp.log")).unwrap();
    records(&log).map(|(_, record)| record.to_vec()).filter(|record| attempts(record).1.0.len() == 1).collect()
}

#[test]
fn cutting_a_delivery_record_anywhere_invents_no_status() {
    for record in deliveries() {
        let whole = attempts(&record).1.0;
        let from = record.find(b"to=").unwrap() + 3;
        for cut in from..record.len() {
            let (kind, found) = attempts(&record[..cut]);
            assert_ne!(kind, Kind::Unparsed, "{}", BStr::new(&record[..cut]));
            for (found, whole) in found.0.iter().zip(&whole) {
                assert!(found.0 == whole.0 || found.0 == Status::Unknown, "{}", BStr::new(&record[..cut]));
                assert_eq!(found.1, whole.1, "{}", BStr::new(&record[..cut]));
            }
        }
    }
}

/// Bytes that lead further into the readers than chance does.
pub(super) fn nearly_a_record() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("Mar  5 12:00:00 "),
        Just("2026-03-05T12:00:00.5+01:00 "),
        Just("<22>"),
        Just("<22>1 "),
        Just("mx1 "),
        Just("postfix/smtp[17]: "),
        Just("mail.info "),
        Just("4F1A2B3C01: "),
        Just("to=<"),
        Just("a@b.example"),
        Just(">, "),
        Just("orig_to="),
        Just("relay=mx[192.0.2.1]:25, "),
        Just("delay=1.5, delays=1/2/3/4, dsn=5.1.1, "),
        Just("status=bounced ("),
        Just("delivery temporarily suspended: "),
        Just("host mx[192.0.2.1] said: 550 5.1.1 x "),
        Just("(in reply to RCPT TO command))"),
        Just("lost connection with mx[192.0.2.1] while sending RCPT TO"),
        Just("message repeated 2 times: ["),
        Just("last message repeated 2 times"),
        Just("NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 no; from=<"),
        Just("client=x[127.0.0.1], sasl_username=y"),
        Just("from=<a@b>, size=1, nrcpt=1"),
        Just("{\"MESSAGE\":\""),
        Just("\"}"),
        Just("\""),
        Just("\u{e9}\\"),
        Just(": "),
        Just("- "),
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
        let mut reader = by_name("postfix").unwrap().reader(b"", &context());
        for record in &records {
            let (mut again, mut alone) = (Rendering::default(), Rendering::default());
            reader.read(record, Pos::default(), &mut again);
            by_name("postfix").unwrap().reader(b"", &context()).read(record, Pos::default(), &mut alone);
            prop_assert_eq!(again.0, alone.0);
        }
    }
}

#[test]
fn nested_headers_without_end_are_read_without_end_of_stack() {
    for piece in [
        "<1>",
        "<1> ",
        "mail.info ",
        "2026-03-05T12:00:00Z ",
        "Mar  5 12:00:00 ",
        "mail.log:",
        "message repeated 2 times: [ ",
        "delivery temporarily suspended: ",
    ] {
        attempts(piece.repeat(100_000).as_bytes());
    }
}
