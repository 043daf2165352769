//! qmail, OpenSMTPD, Courier, IronPort: detection, and lines of nearly the right shape.

use mailtally::event::Pos;
use mailtally::format::{Account, by_name, detect};
use proptest::prelude::*;

use super::events::Rendering;
use super::{account_for, check_detection, check_sums, context, fixtures, records};

const FORMATS: [&str; 4] = ["qmail", "opensmtpd", "courier", "ironport"];

#[test]
fn each_is_found_behind_the_noise_of_other_programs() {
    let noise = "Mar  5 12:00:00 mx1 sshd[7]: Connection closed by 192.0.2.9 port 22\n".repeat(400);
    for (line, expected) in [
        ("@4000000052fafd8d3298434c new msg 3890", "qmail Certain Lines"),
        ("1054189746.123158 end msg 161214", "qmail Certain Lines"),
        (
            "Jun 10 20:42:51 mx1 qmail: 1591785771.138809 starting delivery 293: msg 7 to remote a@b.example",
            "qmail Certain Lines",
        ),
        ("Jul  6 06:01:40 mx1 smtpd[7]: 5df87c903d709659 smtp connected address=local host=mx1", "opensmtpd Certain Lines"),
        ("relay: Ok for 6430369adcce4408: from=a@b, to=c@d, relay=mx.d delay=2s, stat=250 ok", "opensmtpd Certain Lines"),
        ("Dec 10 12:20:52 mx1 courierd: completed,id=0038C081.4D026173.000051A4", "courier Certain Lines"),
        ("Thu Sep  5 08:39:41 2013 Info: MID 6 queued for delivery", "ironport Certain Lines"),
        ("<22>Mar 17 18:24:37 esa1 mail_logs: Info: Start MID 6 ICID 5", "ironport Certain Lines"),
        ("CEF:0|Cisco|C300V|15.0|ESA_CONSOLIDATED_LOG_EVENT|Consolidated Log Event|5|act=DQ", "ironport Certain Lines"),
        ("<success del_time=\"Fri Jan 09 15:34:20.234 2004\" mid=\"1\">\n</success>", "ironport Certain Elements"),
    ] {
        check_detection(&format!("{line}\n"), expected);
        check_detection(&format!("{noise}{line}\n"), expected);
    }
}

#[test]
fn lines_that_only_look_alike_are_none_of_theirs() {
    check_detection("new messages: 5\nend of list\nstatus: ok\n", "unknown: text");
    check_detection("relay: Ok\ndelivery: Ok for today\n", "unknown: text");
    assert!(detect(b"CEF:0|Other|Firewall|1|100|connection|5|act=DELIVERED duser=a@b\n").is_none());
    check_detection("<success>yes</success>\n", "unknown: XML or HTML");
    check_detection(
        "Mar  5 12:00:00 mx1 app[7]: Info: starting\nMar  5 12:00:00 mx1 app[7]: Warning: slow\n".repeat(9).as_str(),
        "postfix Possible Lines",
    );
}

#[test]
fn an_account_does_not_depend_on_the_cut() {
    for format in FORMATS {
        for path in fixtures(format).into_iter().filter(|path| !path.ends_with("ironport/delivery.log")) {
            let log = std::fs::read(&path).unwrap();
            let count = |from: usize, to: usize| {
                let mut reader = by_name(format).unwrap().reader(&log, &context());
                let mut account = Account::default();
                for (offset, record) in records(&log).take(to).skip(from) {
                    account_for(&mut account, &mut *reader, record, Pos { file: 0, offset });
                }
                account
            };
            let (whole, all) = (count(0, usize::MAX), records(&log).count());
            for cut in 0..all {
                let mut back = count(cut, usize::MAX);
                back.absorb(&count(0, cut));
                assert_eq!(back, whole, "{} cut at {cut}", path.display());
            }
        }
    }
}

/// Pieces that lead further into the readers than chance does.
const PIECES: [&str; 58] = [
    "Mar  5 12:00:00 mx1 qmail: ",
    "Mar  5 12:00:00 mx1 smtpd[7]: ",
    "Mar  5 12:00:00 mx1 courieresmtp: ",
    "Mar  5 12:00:00 mx1 courierd: ",
    "Mon Oct  5 06:00:00 2026 Info: ",
    "@40000000690f1a2b0a1b2c3d ",
    "1791785771.138809 ",
    "new msg 5",
    "info msg 5: bytes 7 from <",
    "> qp 1 uid 2",
    "starting delivery 1: msg 5 to remote ",
    "to local b.example-a@b.example",
    "delivery 1: failure: ",
    "delivery 1: success: ",
    "192.0.2.1_accepted_message./Remote_host_said:_250_ok/",
    "_but_connection_died._(#4.4.2)/",
    "this_message_has_been_in_the_queue_too_long",
    " queue1",
    "status: exiting",
    "5df87c903d709659 ",
    "mta delivery evpid=3d4c4a424797fe79 ",
    "mda event=delivery evpid=3d4c4a424797fe79 ",
    "smtp message msgid=3d4c4a42 ",
    "relay: Ok for 3d4c4a424797fe79: ",
    "smtp-out: session 5df87c903d709659: evpid=3d4c4a424797fe79, status=PermFail, ",
    "from=<a@b>, to=<c@d>, ",
    "from=<\"a\\",
    "source=\"-\" relay=\"mx (mx)\" delay=1d2s ",
    "result=\"Ok\" stat=\"250 2.0.0: f6e94209 Message accepted for delivery\"",
    "id=0038C081.4D026173.000051A4,from=<a@b>,addr=<c@d>",
    "started,id=1,from=<>,module=dsn,host=,addr=<a@b>",
    ",size=9,success: delivered: mx [192.0.2.1]",
    ",status: failure",
    "Start MID 6 ICID 5",
    "MID 6 ",
    "ICID 5 RID 0 To: <a@b>",
    "New SMTP DCID 8 interface x (192.0.2.1) address 192.0.2.2",
    "Message done DCID 8 MID 6 to RID [0, 1] ",
    "Bounced: DCID 8 MID 6 to RID 0 - 5.1.0 - x ",
    "Delayed: 6:0 From:<a@b> To:<c@d> Reason: \"4.1.0 - x\" Response: \"",
    "('550', ['",
    "\\x",
    "RID [0] Response '",
    "'])",
    "CEF:0|Cisco|x|y|ESA_CONSOLIDATED_LOG_EVENT|z|5|",
    "act=BOUNCED ESAMID=6 duser=a@b;c@d endTime=Mon Oct  5 06:00:00 2026 ",
    "msg={'",
    "<success del_time=\"Mon Oct 05 06:00:20.2 2026\" mid=\"6\" ",
    "<bounce error=\"[\"",
    "\">\n<rcpt rid=\"0\" to=\"a@b\" />",
    "</bounce>",
    "\u{e9}",
    "\"",
    "<",
    ">",
    ": ",
    "[",
    "=",
];

fn nearly_a_line() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec());
    let pieces = prop_oneof![9 => piece, 1 => prop::collection::vec(any::<u8>(), 0..6)];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nearly_a_line_is_read_without_panic(record in nearly_a_line()) {
        for format in FORMATS {
            let format = by_name(format).unwrap();
            format.recognise(&record);
            check_sums(format, &record)?;
        }
    }

    #[test]
    fn an_answer_does_not_depend_on_what_was_read_before(records in prop::collection::vec(nearly_a_line(), 1..4)) {
        for format in FORMATS {
            let format = by_name(format).unwrap();
            let mut reader = format.reader(b"", &context());
            for record in &records {
                let (mut again, mut alone) = (Rendering::default(), Rendering::default());
                reader.read(record, Pos::default(), &mut again);
                format.reader(b"", &context()).read(record, Pos::default(), &mut alone);
                prop_assert_eq!(again.0, alone.0);
            }
        }
    }
}

#[test]
fn nesting_without_end_takes_no_stack_and_no_time() {
    for piece in ["<success ", "<rcpt ", "{", "('550', ['", "\\", "MID ", "a=", "id=,from=<", "> ", "_but_", ";", "(", "'"] {
        for format in FORMATS {
            for front in [
                "",
                "Mon Oct  5 06:00:00 2026 Info: Bounced: MID 1 to RID 0 - 5.1.0 - ",
                "<success del_time=\"",
                "delivery 1: failure: ",
            ] {
                let record = format!("{front}{}", piece.repeat(20_000));
                by_name(format).unwrap().reader(b"", &context()).read(
                    record.as_bytes(),
                    Pos::default(),
                    &mut Account::default(),
                );
            }
        }
    }
}

#[test]
fn a_record_that_is_cut_anywhere_invents_no_status() {
    for format in FORMATS {
        for path in fixtures(format).into_iter().filter(|path| !path.ends_with("ironport/delivery.log")) {
            let log = std::fs::read(path).unwrap();
            records(&log).for_each(|(_, record)| super::cuts::check_cut(format, record, 0));
        }
    }
}
