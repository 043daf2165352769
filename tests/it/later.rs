//! Bounces and complaints that come by mail after delivery: joined to their outcomes, which turn into bounced later.
#![cfg(feature = "tables")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A message that Postfix on `mx1` handed to a server on a day of October, and what became of it.
struct Sent {
    id: &'static str,
    day: u8,
    from: &'static str,
    to: &'static str,
    status: &'static str,
}

const OK: &str = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)";
const REFUSED: &str =
    "dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))";

const SENT: &[Sent] = &[
    Sent { id: "4A0000000001", day: 2, from: "news@example.org", to: "kim@example.net", status: OK },
    Sent { id: "4A0000000002", day: 2, from: "bounces+lee=example.net@example.org", to: "lee@example.net", status: OK },
    Sent { id: "4A0000000003", day: 3, from: "news@example.org", to: "max@example.com", status: OK },
    Sent { id: "4A0000000004", day: 4, from: "news@example.org", to: "two@example.com", status: OK },
    Sent { id: "4A0000000005", day: 5, from: "news@example.org", to: "two@example.com", status: OK },
    Sent { id: "4A0000000006", day: 5, from: "news@example.org", to: "gone@example.net", status: REFUSED },
    Sent { id: "4A0000000007", day: 4, from: "news@example.org", to: "gone@example.net", status: OK },
    Sent { id: "4A0000000008", day: 6, from: "shop@shop.example.org", to: "ann@example.com", status: OK },
    Sent { id: "4A0000000009", day: 6, from: "news@example.org", to: "alias@example.com", status: OK },
    Sent { id: "4A000000000A", day: 7, from: "news@example.org", to: "old@example.com", status: OK },
];

fn log() -> String {
    let line = |sent: &Sent| {
        let Sent { id, day, from, to, status } = sent;
        let host = |second: u8, program: &str| format!("2026-10-{day:02}T08:00:{second:02}+00:00 mx1 postfix/{program}");
        format!(
            "{}: {id}: client=app[192.0.2.1]\n{}: {id}: message-id=<{id}@example.org>\n{}: {id}: from=<{from}>, size=900, nrcpt=1 (queue active)\n\
             {}: {id}: to=<{to}>, relay=mx.example.net[192.0.2.9]:25, delay=2, delays=0/0/1/1, {status}\n{}: {id}: removed\n",
            host(0, "smtpd[10]"),
            host(0, "cleanup[11]"),
            host(1, "qmgr[12]"),
            host(2, "smtp[13]"),
            host(2, "qmgr[12]"),
        )
    };
    let mut lines: Vec<&Sent> = SENT.iter().collect();
    lines.sort_by_key(|sent| sent.day);
    lines.into_iter().map(line).collect()
}

/// A report of a bounce, by a host elsewhere unless it is told.
fn report(day: u8, to: &str, recipient: &str, original: &str, reporter: &str) -> String {
    let returned = if original.is_empty() {
        String::new()
    } else {
        format!("--=_1\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{original}@example.org>\nSubject: x\n\n")
    };
    format!(
        "Return-Path: <>\nDate: {}, {day:02} Oct 2026 10:00:00 +0000\nFrom: MAILER-DAEMON@{reporter}\nTo: {to}\nSubject: Undelivered Mail Returned to Sender\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"=_1\"\n\n--=_1\n\nSee below.\n\n--=_1\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; {reporter}\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\n\
         Status: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full\n\n{returned}--=_1--\n",
        ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][usize::from(day + 6) % 7],
    )
}

fn complaint(original: &str) -> String {
    format!(
        "Date: Sat, 10 Oct 2026 10:00:00 +0000\nFrom: loop@isp.example\nTo: abuse@example.org\nSubject: FW\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=\"=_1\"\n\n--=_1\n\nA complaint.\n\n--=_1\n\
         Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\n\n--=_1\n\
         Content-Type: message/rfc822\n\nMessage-ID: <{original}@example.org>\nTo: redacted\n\nx\n--=_1--\n"
    )
}

const ELSEWHERE: &str = "mx.isp.example";

/// The mails that came back, by file name.
fn mails() -> Vec<(&'static str, String)> {
    let qmail = "Return-Path: <>\nDate: Mon, 05 Oct 2026 10:00:00 +0000\nFrom: MAILER-DAEMON@mx.isp.example\n\
                 To: bounces+lee=example.net@example.org\nSubject: failure notice\n\n\
                 Hi. This is the qmail-send program at mx.isp.example.\n\n<lee-box@isp.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n";
    vec![
        ("1-message-id.eml", report(3, "news@example.org", "kim@example.net", "4A0000000001", ELSEWHERE)),
        ("1-message-id-again.eml", report(4, "news@example.org", "kim@example.net", "4A0000000001", ELSEWHERE)),
        (
            "1-message-id-copy.eml",
            report(3, "news@example.org", "kim@example.net", "4A0000000001", ELSEWHERE).replace('\n', "\r\n"),
        ),
        ("2-verp.eml", qmail.to_owned()),
        ("3-recipient.eml", report(5, "news@example.org", "max@example.com", "", ELSEWHERE)),
        ("4-ambiguous.eml", report(6, "news@example.org", "two@example.com", "", ELSEWHERE)),
        ("5-own.eml", report(5, "news@example.org", "gone@example.net", "4A0000000006", "mx1.example.org")),
        ("5-own-without-id.eml", report(5, "news@example.org", "gone@example.net", "", "mx1.example.org")),
        ("6-not-ours.eml", report(6, "news@example.org", "who@example.com", "unknown", ELSEWHERE)),
        ("7-forwarded.eml", report(8, "news@example.org", "box@isp.example", "4A0000000009", ELSEWHERE)),
        ("8-too-old.eml", report(20, "news@example.org", "old@example.com", "", ELSEWHERE)),
    ]
}

/// The folder of a run: the log in two pieces, bounces in a folder, complaints in a mailbox.
fn folder(cut: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = log();
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    std::fs::write(folder.path().join("a.log"), lines[..cut].concat()).unwrap();
    std::fs::write(folder.path().join("b.log"), lines[cut..].concat()).unwrap();
    std::fs::create_dir(folder.path().join("dsn")).unwrap();
    for (name, mail) in mails() {
        std::fs::write(folder.path().join("dsn").join(name), mail).unwrap();
    }
    let mail = complaint("4A0000000008");
    std::fs::write(folder.path().join("arf.mbox"), format!("From a Sat Oct 10 10:00:00 2026\n{mail}\n").repeat(2)).unwrap();
    folder
}

/// The tables of a run, by name.
fn tables(folder: &Path, more: &[&str]) -> impl Fn(&str) -> Value + use<> {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("mailtally"));
    command.current_dir(folder).args(["export", "--as", "json", "--tables"]).arg(out.path()).args(more);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    move |name| serde_json::from_slice(&std::fs::read(out.path().join(name).with_extension("json")).unwrap()).unwrap()
}

fn rows(table: &Value, names: &[&str]) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let row = |row: &Value| names.iter().map(|name| word(&row[*name])).collect::<Vec<_>>().join(" ");
    table.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn each_bounce_is_joined_by_its_strongest_key() {
    let folder = folder(50);
    let tables = tables(folder.path(), &["a.log", "b.log", "--dsn", "dsn", "--arf", "arf.mbox"]);
    let fates = [
        "mail bounce   10 0",
        "mail complaint   1 0",
        "mail duplicate   2 0",
        "mail bounce joined message-id 0 2",
        "mail bounce joined verp 0 1",
        "mail bounce joined recipient 0 1",
        "mail bounce again  0 1",
        "mail bounce own  0 2",
        "mail bounce ambiguous  0 1",
        "mail bounce unmatched  0 2",
        "mail complaint joined message-id 0 1",
    ];
    assert_eq!(rows(&tables("feedback"), &["source", "kind", "fate", "joined_by", "mails", "cases"]), fates);
    let later = [
        "self-hosted mailbox-full message-id 2 25 49",
        "self-hosted unknown-user verp 1 73 73",
        "self-hosted mailbox-full recipient 1 49 49",
    ];
    let mut found = tables("async_bounces");
    for row in found.as_array_mut().unwrap() {
        for name in ["lag_p50_ms", "lag_p95_ms"] {
            row[name] = Value::from(row[name].as_i64().unwrap() / 3_600_000);
        }
    }
    let names = ["provider", "category", "joined_by", "outcomes", "lag_p50_ms", "lag_p95_ms"];
    assert_eq!(rows(&found, &names), later);
    let unjoined = ["ambiguous two@example.com", "unmatched who@example.com", "unmatched old@example.com"];
    assert_eq!(rows(&tables("unjoined"), &["fate", "recipient"]), unjoined);
}

#[test]
fn the_outcomes_move_from_delivered_to_bounced_later_in_every_table() {
    let folder = folder(50);
    let logs = ["a.log", "b.log"];
    let sums = |tables: &dyn Fn(&str) -> Value, table: &str| {
        let rows = tables(table);
        ["outcomes", "delivered", "bounced_later", "bounced"]
            .map(|name| rows.as_array().unwrap().iter().map(|row| row[name].as_i64().unwrap()).sum::<i64>())
    };
    let before = tables(folder.path(), &logs);
    let after = tables(folder.path(), &["a.log", "b.log", "--dsn", "dsn", "--arf", "arf.mbox"]);
    for table in ["domains", "providers", "senders", "sources", "timeline"] {
        assert_eq!(sums(&before, table), [10, 9, 0, 1], "{table}");
        assert_eq!(sums(&after, table), [10, 5, 4, 1], "{table}");
    }
    assert_eq!(rows(&before("complaints"), &["provider"]), Vec::<String>::new());
    let complaints = ["self-hosted shop.example.org 1 1", "self-hosted example.org 4 0"];
    assert_eq!(rows(&after("complaints"), &["provider", "sender_domain", "delivered", "complained"]), complaints);
}

#[test]
fn neither_cuts_nor_threads_nor_order_change_a_figure() {
    let names = [
        "domains",
        "providers",
        "reasons",
        "senders",
        "async_bounces",
        "complaints",
        "feedback",
        "unjoined",
        "delays",
        "timeline",
    ];
    let whole = folder(50);
    let wanted = tables(whole.path(), &["a.log", "b.log", "--dsn", "dsn", "--arf", "arf.mbox"]);
    for (cut, more) in [
        (1, &["b.log", "a.log", "--arf", "arf.mbox", "--dsn", "dsn", "--threads", "1"][..]),
        (23, &["a.log", "b.log", "--dsn", "arf.mbox", "--dsn", "dsn", "--dsn", "dsn/2-verp.eml", "--threads", "7"][..]),
    ] {
        let folder = folder(cut);
        let tables = tables(folder.path(), more);
        for name in names {
            assert_eq!(tables(name), wanted(name), "{name}, cut at {cut}");
        }
    }
}

#[test]
fn mails_among_the_logs_are_told_and_not_counted() {
    let folder = folder(50);
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("mailtally"));
    command.current_dir(folder.path()).args(["export", "a.log", "b.log", "dsn", "--tables"]).arg(out.path());
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("1-message-id.eml: mails, not a log; nothing of it is counted. Name bounces with --dsn"), "{said}");
}
