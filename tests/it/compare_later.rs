//! Two periods compared with what came back by mail: bounces that are taken off what was delivered, complaints, and periods of which
//! one alone knows of them.
#![cfg(feature = "tables")]

use std::fmt::Write;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const DAYS: u32 = 30;
/// Mails a day, all accepted.
const MAILS: u32 = 40;

fn id(month: u32, day: u32, mail: u32) -> String {
    format!("{month:X}{day:02X}{mail:02X}ABCDEF")
}

/// A month's log of mail that was accepted at once.
fn log(month: u32) -> String {
    let mut log = String::new();
    for (day, mail) in (1..=DAYS).flat_map(|day| (0..MAILS).map(move |mail| (day, mail))) {
        let id = id(month, day, mail);
        let at = |program: &str| format!("2026-{month:02}-{day:02}T08:{mail:02}:01+00:00 mx1 postfix/{program}: {id}:");
        let _infallible = write!(
            log,
            "{} message-id=<{id}@shop.example>\n{} from=<news@shop.example>, size=900, nrcpt=1 (queue active)\n\
             {} to=<a{day}.{mail}@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)\n\
             {} removed\n",
            at("cleanup[11]"),
            at("qmgr[12]"),
            at("smtp[13]"),
            at("qmgr[12]"),
        );
    }
    log
}

/// Bounces of the first `count` mails of each day, an hour later: the address is dead.
fn bounces(month: u32, count: u32) -> String {
    let mut mails = String::new();
    for (day, mail) in (1..=DAYS).flat_map(|day| (0..count).map(move |mail| (day, mail))) {
        let date = format!("{day:02} {} 2026 10:00:00 +0000", if month == 9 { "Sep" } else { "Oct" });
        let _infallible = write!(
            mails,
            "From MAILER-DAEMON Thu Oct  1 10:00:00 2026\nReturn-Path: <>\nDate: {date}\nFrom: MAILER-DAEMON@mx.example.net\nTo: news@shop.example\n\
             Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_1\"\n\n--=_1\n\nSee below.\n\n--=_1\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; a{day}.{mail}@example.net\n\
             Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--=_1\nContent-Type: text/rfc822-headers\n\n\
             Message-ID: <{}@shop.example>\nSubject: x\n\n--=_1--\n\n",
            id(month, day, mail),
        );
    }
    mails
}

/// Complaints about the mail before the last of each day.
fn complaints(month: u32) -> String {
    let mut mails = String::new();
    for day in 1..=DAYS {
        let id = id(month, day, MAILS - 2);
        let _infallible = write!(
            mails,
            "From loop Thu Oct  1 10:00:00 2026\nDate: {day:02} {} 2026 12:00:00 +0000\nFrom: loop@example.net\nTo: abuse@shop.example\nSubject: FW\n\
             MIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=\"=_1\"\n\n--=_1\n\nA complaint.\n\n--=_1\n\
             Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\n\n--=_1\nContent-Type: message/rfc822\n\n\
             Message-ID: <{id}@shop.example>\nTo: redacted\n\nx\n--=_1--\n\n",
            if month == 9 { "Sep" } else { "Oct" },
        );
    }
    mails
}

/// September, of which 2 mails a day came back, and October, of which 8 did.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("sep.log", log(9)),
        ("oct.log", log(10)),
        ("sep.mbox", bounces(9, 2)),
        ("oct.mbox", bounces(10, 8)),
        ("sep.arf", complaints(9)),
        ("oct.arf", complaints(10)),
        ("all.mbox", bounces(9, 2) + &bounces(10, 8)),
    ];
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The comparison as JSON, and its page.
fn compared(folder: &Path, arguments: &[&str]) -> (Value, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").current_dir(folder);
    let output = command.args(["compare", "--json", "-o", "c.html"]).args(arguments).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    (serde_json::from_slice(&output.stdout).expect("JSON"), std::fs::read_to_string(folder.join("c.html")).unwrap())
}

/// Of all mail: numerator and denominator before and after, and the verdict.
#[track_caller]
fn check(json: &Value, metric: &str, counts: [u32; 4], verdict: &str) {
    let is_it = |row: &&Value| row["within"] == "total" && row["metric"] == metric;
    let row = json["changes"].as_array().unwrap().iter().find(is_it).unwrap_or_else(|| panic!("{metric}"));
    let names = ["before_part", "before_of", "after_part", "after_of"];
    assert_eq!((names.map(|name| row[name].as_u64().unwrap()), &row["verdict"]), (counts.map(u64::from), &verdict.into()));
}

fn metrics(json: &Value) -> Vec<&str> {
    json["changes"].as_array().unwrap().iter().map(|row| row["metric"].as_str().unwrap()).collect()
}

const ALL: u32 = DAYS * MAILS;

#[test]
fn what_came_back_to_both_periods_is_taken_off_what_was_delivered() {
    let folder = folder();
    let (json, page) = compared(
        folder.path(),
        &[
            &["--before", "sep.log", "--after", "oct.log", "--before-dsn", "sep.mbox", "--after-dsn", "oct.mbox"][..],
            &["--before-arf", "sep.arf", "--after-arf", "oct.arf"],
        ]
        .concat(),
    );
    assert_eq!((json["headline"].as_str(), &json["warnings"]), (Some("delivered_rate"), &Value::Array(Vec::new())));
    check(&json, "delivered_rate", [ALL - 60, ALL, ALL - 240, ALL], "worse");
    check(&json, "async_rate", [60, ALL, 240, ALL], "worse");
    check(&json, "hard_rate", [60, ALL, 240, ALL], "worse");
    check(&json, "complaint_rate", [30, ALL - 60, 30, ALL - 240], "no-clear-change");
    assert!(page.contains("Delivered means accepted by their server."));
    assert!(json["sentence"].as_str().unwrap().starts_with("Delivery got worse: delivered 95.0"), "{}", json["sentence"]);
}

#[test]
fn both_periods_of_one_log_may_share_their_mails() {
    let folder = folder();
    let apart = ["--before", "sep.log", "--after", "oct.log", "--before-dsn", "sep.mbox", "--after-dsn", "oct.mbox"];
    let (apart, _) = compared(folder.path(), &apart);
    let periods = ["--before", "sep.log", "oct.log", "--before-period", "2026-09", "--after-period", "2026-10"];
    let (together, _) = compared(folder.path(), &[&periods[..], &["--before-dsn", "all.mbox"]].concat());
    assert_eq!(apart["changes"], together["changes"]);
}

#[test]
fn what_came_back_to_one_period_alone_is_said_and_not_held_against_it() {
    let folder = folder();
    let logs = ["--before", "sep.log", "--after", "oct.log"];
    let (none, _) = compared(folder.path(), &logs);
    assert_eq!(none["warnings"], Value::Array(Vec::new()));
    for (side, words) in [("--before-", "first"), ("--after-", "second")] {
        let (dsn, arf) = (format!("{side}dsn"), format!("{side}arf"));
        let (json, page) =
            compared(folder.path(), &[&logs[..], &[&dsn, "all.mbox", &arf, "sep.arf", &arf, "oct.arf"]].concat());
        assert_eq!(json["headline"], "accepted_rate");
        // Nothing of what is compared is other than without mails.
        assert_eq!(json["changes"], none["changes"]);
        assert!(!metrics(&json).iter().any(|metric| matches!(*metric, "async_rate" | "complaint_rate" | "delivered_rate")));
        let warnings = json["warnings"].as_array().unwrap();
        let later = if words == "first" { 60 } else { 240 };
        let said = format!("known of the {words} period alone: {later}\u{a0}messages that were bounced later.");
        assert!(warnings[0].as_str().unwrap().contains(&said), "{warnings:?}");
        let said = format!("Complaints are known of the {words} period alone");
        assert!(warnings[1].as_str().unwrap().contains(&said), "{warnings:?}");
        assert!(page.contains("Accepted means accepted by their server.") && page.contains("alone: they are not compared."));
    }
}
