//! What becomes of the mail of a log once its records are joined: the ways in which these formats spread a delivery over records.

use std::fmt::Write as _;

use mailtally::event::{Framing, Pos};
use mailtally::format::detect;
use mailtally::intern::{Interner, Translation};
use mailtally::rows::{AttemptRow, OutcomeRow, RowSink};
use mailtally::source::each_record_of;
use mailtally::stitch::Segment;

use super::context;

/// A line for each outcome: recipient, end, and its attempts.
#[derive(Default)]
struct Lines(Vec<String>);

impl RowSink for Lines {
    fn outcome(&mut self, texts: &Interner, outcome: &OutcomeRow<'_>, attempts: &[AttemptRow]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut line = format!("{} {:?} {:?}", text(outcome.recipient), outcome.end, outcome.traffic);
        if outcome.bounced_later.is_some() {
            line += ", bounced later";
        }
        for row in attempts {
            let of = |id| text(texts.text(id));
            write!(line, "; {:?} {:?} {:?} {} [{}]", row.status, row.sort, row.speaker, row.code, of(row.signature)).unwrap();
            write!(line, " {}/{} from {} {}", of(row.relay), of(row.relay_ip), of(row.source), of(row.tls)).unwrap();
        }
        self.0.push(line);
    }

    fn evidence(&mut self, _: &AttemptRow, _: &[u8]) {}

    fn absorb(&mut self, other: Self, _: &Translation) {
        self.0.extend(other.0);
    }
}

/// The outcomes of a log, sorted; the same wherever the log is cut in two.
fn outcomes(log: &str) -> Vec<String> {
    let found = detect(log.as_bytes()).unwrap();
    let mut records = Vec::new();
    each_record_of(log.as_bytes(), found.framing, |at, record| records.push((at, record.to_vec())));
    let read = |cut: usize| {
        let mut whole = Segment::beginning(Lines::default());
        for part in [&records[..cut], &records[cut..]] {
            let mut reader = found.format.reader(log.as_bytes(), &context());
            let mut segment = Segment::new(Lines::default());
            for (offset, record) in part {
                reader.read(record, Pos { file: 0, offset: *offset }, &mut segment);
            }
            whole.join(segment);
        }
        let mut lines = whole.finish().1.0;
        lines.sort();
        lines
    };
    let all = read(records.len());
    if found.framing == Framing::Lines {
        (0..records.len()).for_each(|cut| assert_eq!(read(cut), all, "cut at {cut}"));
    }
    all
}

#[track_caller]
fn check(log: &str, expected: &[&str]) {
    assert_eq!(outcomes(log), expected);
}

#[test]
fn a_result_of_qmail_is_that_of_the_delivery_of_its_number() {
    check(
        "1791785771.1 new msg 53\n\
         1791785771.2 info msg 53: bytes 246 from <news@example.org> qp 1 uid 2\n\
         1791785771.3 starting delivery 7: msg 53 to remote ann@gmail.example\n\
         1791785771.4 starting delivery 8: msg 53 to local example.org-kim@example.org\n\
         1791785772.1 delivery 8: success: did_1+0+0/\n\
         1791785772.2 delivery 7: failure: 192.0.2.25_does_not_like_recipient./Remote_host_said:_550_5.1.1_no/Giving_up_on_192.0.2.25./\n\
         1791785772.3 end msg 53\n\
         1791785773.1 new msg 53\n\
         1791785773.2 info msg 53: bytes 246 from <news@example.org> qp 1 uid 2\n\
         1791785773.3 starting delivery 9: msg 53 to remote bob@slow.example\n\
         1791785774.1 delivery 9: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/\n\
         1791885774.1 starting delivery 10: msg 53 to remote bob@slow.example\n\
         1791885775.1 delivery 10: failure: 192.0.2.99_does_not_like_recipient./Remote_host_said:_452_4.2.2_full/Giving_up_on_192.0.2.99./I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./\n\
         1791885775.2 end msg 53\n",
        &[
            "ann@gmail.example Refused Outbound; Failed Real Remote 550 [550 5.1.1 no] /192.0.2.25 from /qmail ",
            "bob@slow.example Expired Outbound; Deferred Real Connection 0 [Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)] / from /qmail ; Expired Real Remote 452 [452 4.2.2 full] /192.0.2.99 from /qmail ",
            "kim@example.org Local Internal; Delivered Local Own 0 [] / from /qmail ",
        ],
    );
}

#[test]
fn couriers_replies_come_before_what_they_are_about() {
    let id = "id=0038C081.4D026173.000051A4,from=<news@example.org>,addr=";
    let esmtp = |at: u32, text: &str| format!("Dec 10 12:20:{at} mx1 courieresmtp: {id}{text}\n");
    let log = [
        "Dec 10 12:20:51 mx1 courierd: newmsg,id=0038C081.4D026173.000051A4: dns; app1 (app1 [198.51.100.7])\n".to_owned(),
        esmtp(52, "<ann@gmail.example>: 250 2.0.0 OK"),
        esmtp(52, "<ann@gmail.example>,size=9,success: delivered: mx.gmail.example [192.0.2.25]"),
        esmtp(52, "<ann@gmail.example>,size=9,status: success"),
        esmtp(53, "<bob@yahoo.example>: 421-4.7.0 deferred"),
        esmtp(53, "<bob@yahoo.example>: 421 4.7.0 come again"),
        esmtp(53, "<bob@yahoo.example>,status: deferred"),
        esmtp(54, "<bob@yahoo.example>: 554 5.7.9 refused"),
        esmtp(54, "<bob@yahoo.example>,status: failure"),
        esmtp(55, "<cyd@slow.example>: Connection timed out"),
        esmtp(55, "<cyd@slow.example>,status: deferred"),
        "Dec 10 12:20:56 mx1 courierd: started,id=0038C081.4D026173.000051A4,from=<news@example.org>,module=dsn,host=,addr=<x>\n".to_owned(),
    ];
    check(
        &log.concat(),
        &[
            "ann@gmail.example Accepted Outbound; Delivered Real Remote 250 [] mx.gmail.example/192.0.2.25 from mx1/courier ",
            "bob@yahoo.example Refused Outbound; Deferred Real Remote 421 [421 4.7.0 deferred] / from mx1/courier ; Failed Real Remote 554 [554 5.7.9 refused] / from mx1/courier ",
            "cyd@slow.example Expired Outbound; Deferred Real Unknown 0 [Connection timed out] / from mx1/courier ",
        ],
    );
}

#[test]
fn ironports_numbers_are_recipients_and_connections() {
    check(
        "Mon Oct  5 06:00:01 2026 Info: Start MID 6 ICID 5\n\
         Mon Oct  5 06:00:01 2026 Info: MID 6 ICID 5 From: <news@example.org>\n\
         Mon Oct  5 06:00:01 2026 Info: MID 6 ICID 5 RID 0 To: <ann@gmail.example>\n\
         Mon Oct  5 06:00:01 2026 Info: MID 6 ICID 5 RID 1 To: <bob@yahoo.example>\n\
         Mon Oct  5 06:00:02 2026 Info: New SMTP DCID 8 interface 203.0.113.2 address 192.0.2.25 port 25\n\
         Mon Oct  5 06:00:02 2026 Info: Delivery start DCID 8 MID 6 to RID [0, 1]\n\
         Mon Oct  5 06:00:03 2026 Info: Message done DCID 8 MID 6 to RID [0]\n\
         Mon Oct  5 06:00:03 2026 Info: MID 6 RID [0] Response '2.0.0 OK'\n\
         Mon Oct  5 06:00:04 2026 Info: Bounced: DCID 8 MID 6 to RID 1 - 5.1.0 - Unknown address error ('550', ['5.1.1 no', 'really']) []\n\
         Mon Oct  5 06:00:05 2026 Info: DCID 8 close\n\
         Mon Oct  5 06:00:06 2026 Info: Message finished MID 6 done\n",
        &[
            "ann@gmail.example Accepted Outbound; Delivered Real Remote 250 [] /192.0.2.25 from 203.0.113.2 ",
            "bob@yahoo.example Refused Outbound; Failed Real Remote 550 [550 5.1.1 no really] /192.0.2.25 from 203.0.113.2 ",
        ],
    );
}

#[test]
fn opensmtpds_hop_goes_on_as_another_message() {
    check(
        "Oct  5 06:01:40 mx1 smtpd[7]: 5df87c903d709659 smtp message msgid=3d4c4a42 size=319 nrcpt=1 proto=ESMTP\n\
         Oct  5 06:01:40 mx1 smtpd[7]: 5df87c903d709659 smtp envelope evpid=3d4c4a424797fe79 from=<news@example.org> to=<ann@gmail.example>\n\
         Oct  5 06:01:41 mx1 smtpd[7]: 5df87c9c42abeddb smtp message msgid=f6e94209 size=802 nrcpt=1 proto=ESMTP\n\
         Oct  5 06:01:41 mx1 smtpd[7]: 5df87c9b982c840c mta delivery evpid=3d4c4a424797fe79 from=<news@example.org> to=<ann@gmail.example> rcpt=<-> source=\"127.0.0.1\" relay=\"127.0.0.1 (localhost)\" delay=1s result=\"Ok\" stat=\"250 2.0.0: f6e94209 Message accepted for delivery\"\n\
         Oct  5 06:01:42 mx1 smtpd[7]: 5df87c9ffd0e785d mta tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256\n\
         Oct  5 06:01:43 mx1 smtpd[7]: 5df87c9ffd0e785d mta delivery evpid=f6e94209918f7e7b from=<news@example.org> to=<ann@gmail.example> rcpt=<-> source=\"203.0.113.1\" relay=\"192.0.2.25 (mx.gmail.example)\" delay=2s result=\"Ok\" stat=\"250 2.0.0 OK\"\n",
        &[
            "ann@gmail.example Accepted Outbound; Delivered Real Remote 250 [] mx.gmail.example/192.0.2.25 from 203.0.113.1 TLSv1.3",
            "ann@gmail.example HandedOn Outbound; Delivered Hop Remote 250 [] localhost/127.0.0.1 from 127.0.0.1 ",
        ],
    );
}

#[test]
fn tries_of_powermta_are_one_message_for_one_recipient() {
    check(
        "type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag,dsnMta,vmta,bounceCat\n\
         t,2026-10-05 08:15:33+0200,2026-10-05 08:15:02+0200,n@example.org,bob@yahoo.example,4.7.0,smtp;421 4.7.0 later,mx.yahoo.example (192.0.2.61),mta-a,\n\
         d,2026-10-05 08:16:02+0200,2026-10-05 08:15:02+0200,n@example.org,ann@gmail.example,2.0.0,smtp;250 ok,mx.gmail.example (192.0.2.25),mta-a,\n\
         d,2026-10-05 08:45:33+0200,2026-10-05 08:15:02+0200,n@example.org,bob@yahoo.example,2.0.0,smtp;250 ok,mx.yahoo.example (192.0.2.61),mta-b,\n\
         b,2026-10-10 08:15:33+0200,2026-10-05 08:15:02+0200,n@example.org,cyd@slow.example,4.4.7 (expired),,,mta-b,message-expired\n",
        &[
            "ann@gmail.example Accepted Outbound; Delivered Real Remote 250 [] mx.gmail.example/192.0.2.25 from mta-a ",
            "bob@yahoo.example Accepted Outbound; Deferred Real Remote 421 [421 4.7.0 later] mx.yahoo.example/192.0.2.61 from mta-a ; Delivered Real Remote 250 [] mx.yahoo.example/192.0.2.61 from mta-b ",
            "cyd@slow.example Expired Outbound; Expired Own Own 0 [4.4.7 (expired)] / from mta-b ",
        ],
    );
}

#[test]
fn exchange_tells_of_a_message_by_its_network_id() {
    let fields = "#Fields: date-time,client-ip,server-hostname,server-ip,connector-id,source,event-id,message-id,network-message-id,recipient-address,recipient-status,return-path\n";
    let row = |text: &str| format!("2026-10-05T08:02:0{text}\n");
    check(
        &[
            fields.to_owned(),
            row("0.000Z,198.51.100.7,EX1,203.0.113.5,Default,SMTP,RECEIVE,<1@x>,net-1,ann@gmail.example;bob@example.org;cyd@slow.example,,n@example.org"),
            row("1.000Z,203.0.113.5,EX2,203.0.113.6,Intra-Organization SMTP Send Connector,SMTP,SEND,<1@x>,net-1,bob@example.org,250 2.6.0 Queued,n@example.org"),
            row("2.000Z,203.0.113.5,mx.gmail.example,192.0.2.25,Internet,SMTP,SENDEXTERNAL,<1@x>,net-1,ann@gmail.example,250 2.1.5 OK,n@example.org"),
            row("3.000Z,,,,Internet,QUEUE,FAIL,<1@x>,net-1,cyd@slow.example,550 4.4.7 QUEUE.Expired; message expired,n@example.org"),
        ]
        .concat(),
        &[
            "ann@gmail.example Accepted Outbound; Delivered Real Remote 250 [] mx.gmail.example/192.0.2.25 from 203.0.113.5 ",
            "bob@example.org HandedOn Outbound; Delivered Hop Remote 250 [] EX2/203.0.113.6 from 203.0.113.5 ",
            "cyd@slow.example Expired Outbound; Failed Own Own 550 [550 4.4.7 QUEUE.Expired; message expired] / from  ",
        ],
    );
}
