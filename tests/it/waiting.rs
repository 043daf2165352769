//! Mail that waits, is put off or meets a full mailbox: what the figures make of it.
#![cfg(feature = "tables")]

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

const OK: &str = "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)";
const LATER: &str = "dsn=4.2.0, status=deferred (host mx.example.net[192.0.2.9] said: 450 4.2.0 Greylisted, try later (in reply to RCPT TO command))";

/// A message that Postfix took at a second of 1 October 2026, and what came of it at once.
fn sent(log: &mut String, number: usize, second: u32, status: &str) {
    let time = |second: u32| format!("2026-10-01T{:02}:{:02}:{:02}Z mx1", second / 3_600, second / 60 % 60, second % 60);
    let (begun, tried) = (time(second), time(second + 1));
    let id = format!("4B{number:010X}");
    writeln!(log, "{begun} postfix/smtpd[10]: {id}: client=app[192.0.2.1]").unwrap();
    writeln!(log, "{begun} postfix/qmgr[12]: {id}: from=<news@example.org>, size=900, nrcpt=1 (queue active)").unwrap();
    let delays = "relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/1/0";
    writeln!(log, "{tried} postfix/smtp[13]: {id}: to=<u{number}@example.net>, {delays}, {status}").unwrap();
    if status == OK {
        writeln!(log, "{tried} postfix/qmgr[12]: {id}: removed").unwrap();
    }
}

/// Fifty mails that are accepted and fifty that are put off and not tried again, at nine; one more ten hours later.
fn log() -> String {
    let mut log = String::new();
    for number in 0..100 {
        sent(&mut log, number, 9 * 3_600 + number as u32, if number % 2 == 0 { OK } else { LATER });
    }
    sent(&mut log, 100, 19 * 3_600, OK);
    log
}

/// The only row that answers.
#[track_caller]
fn answer(folder: &Path, options: &[&str], sql: &str) -> Value {
    let mut mailtally = assert_cmd::Command::cargo_bin("mailtally").unwrap();
    mailtally.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ");
    let output = mailtally.args(["query", "mail.log", sql, "--as", "json"]).args(options).current_dir(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let mut rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}

#[test]
fn mail_that_waits_when_the_log_ends_was_not_accepted_within_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mail.log"), log()).unwrap();
    let ask = |options: &[&str], sql: &str| answer(folder.path(), options, sql);
    let half = 51.0 / 101.0;
    let curve = ask(&[], "SELECT within_1min, within_1h, within_4h, open FROM delays WHERE provider = '(all)'");
    for age in ["within_1min", "within_1h", "within_4h"] {
        assert!((curve[age].as_f64().unwrap() - half).abs() < 1e-9, "{curve}");
    }
    assert_eq!(curve["open"], 50);
    let lifetimes = ask(&[], "SELECT delivered_share, open_within FROM lifetimes WHERE provider = '(all)' AND hours = 8");
    assert_eq!((lifetimes["delivered_share"].as_f64(), lifetimes["open_within"].as_i64()), (Some(0.0), Some(0)));
    // It waited from its first temporary failure until the last stamp of the log.
    let waited = ask(&[], "SELECT MIN(waited_ms) AS least, MAX(age_ms) AS age FROM outcomes WHERE state = 'deferred'");
    assert_eq!((waited["least"].as_i64(), waited["age"].as_i64()), (Some(35_901_000), Some(1_000)));
}

#[test]
fn mail_that_waits_is_not_looked_at_after_the_settling_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    for line in 0..3 {
        sent(&mut log, 200 + line, 20 * 3_600, OK);
    }
    let log = log.replace("2026-10-01T20", "2026-10-06T20");
    std::fs::write(folder.path().join("mail.log"), log).unwrap();
    let options = ["--since", "2026-10-01", "--until", "2026-10-02", "--settle", "1"];
    let seen = answer(
        folder.path(),
        &options,
        "SELECT COUNT(*) AS outcomes, MIN(seen_until) AS first, MAX(seen_until) AS last FROM outcomes WHERE state = 'deferred'",
    );
    assert_eq!(seen["outcomes"], 50);
    assert_eq!(seen["first"], seen["last"]);
    assert!(seen["first"].as_str().unwrap().starts_with("2026-10-03"), "{seen}");
}

const SUSPENDED: &str = "relay=none, delay=1, delays=0/1/0/0, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to \
                         mx.example.net[192.0.2.9]:25: Connection timed out)";

/// A line of Postfix on `mx1` at a minute of 1 October 2026.
fn line(log: &mut String, minute: u32, text: &str) {
    writeln!(log, "2026-10-01T{:02}:{:02}:00Z mx1 postfix/{text}", minute / 60, minute % 60).unwrap();
}

/// A message of this number whose tries come one minute after the other.
fn tried(log: &mut String, number: usize, tries: &[&str]) {
    let id = format!("4C{number:010X}");
    let minute = 60 + number as u32;
    line(log, minute, &format!("smtpd[10]: {id}: client=app[192.0.2.1]"));
    line(log, minute, &format!("qmgr[12]: {id}: from=<news@example.org>, size=900, nrcpt=1 (queue active)"));
    for (told, minute) in tries.iter().zip(minute..) {
        let relay =
            if told.starts_with("relay=") { "" } else { "relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/1/0, " };
        line(log, minute, &format!("smtp[13]: {id}: to=<u{number}@example.net>, {relay}{told}"));
    }
    if tries.last().is_some_and(|last| !last.contains("deferred")) {
        line(log, minute + tries.len() as u32, &format!("qmgr[12]: {id}: removed"));
    }
}

#[test]
fn mail_that_was_suspended_and_delivered_at_its_first_try_was_not_rescued_by_trying_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    tried(&mut log, 1, &[SUSPENDED, OK]);
    tried(&mut log, 2, &[LATER, OK]);
    tried(&mut log, 3, &[OK]);
    std::fs::write(folder.path().join("mail.log"), log).unwrap();
    let sql = "SELECT SUM(deferred_once) AS deferred, SUM(first_try) AS first, SUM(recovered) AS recovered FROM providers";
    let row = answer(folder.path(), &[], sql);
    assert_eq!((row["deferred"].as_i64(), row["first"].as_i64(), row["recovered"].as_i64()), (Some(2), Some(2), Some(1)));
}

const FULL: &str =
    "dsn=4.2.2, status=deferred (host mx.example.net[192.0.2.9] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command))";
const FULL_AT_LAST: &str =
    "dsn=5.2.2, status=bounced (host mx.example.net[192.0.2.9] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command))";
const BLOCKED: &str = "dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.9] said: 554 5.7.1 Service unavailable; Client host \
                       [192.0.2.1] blocked using zen.spamhaus.org (in reply to RCPT TO command))";

#[test]
fn a_mailbox_that_was_full_once_before_another_refusal_is_not_full() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    tried(&mut log, 1, &[FULL, BLOCKED]);
    tried(&mut log, 2, &[FULL, FULL, BLOCKED]);
    tried(&mut log, 3, &[FULL_AT_LAST]);
    tried(&mut log, 4, &[FULL, OK]);
    std::fs::write(folder.path().join("mail.log"), log).unwrap();
    let row = answer(
        folder.path(),
        &[],
        "SELECT SUM(judged) AS judged, SUM(\"full\") AS filled FROM unknown_users WHERE day IS NULL",
    );
    assert_eq!((row["judged"].as_i64(), row["filled"].as_i64()), (Some(4), Some(2)));
}

#[test]
fn mail_that_was_never_tried_is_not_in_the_rate_of_what_was_put_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    tried(&mut log, 1, &[LATER, OK]);
    tried(&mut log, 2, &[OK]);
    tried(&mut log, 3, &[]);
    std::fs::write(folder.path().join("mail.log"), log).unwrap();
    for table in ["senders", "sources"] {
        let sql =
            format!("SELECT SUM(outcomes) AS outcomes, SUM(attempted) AS tried, SUM(deferred_once) AS deferred FROM {table}");
        let row = answer(folder.path(), &[], &sql);
        assert_eq!((row["outcomes"].as_i64(), row["tried"].as_i64(), row["deferred"].as_i64()), (Some(3), Some(2), Some(1)));
    }
}

#[test]
fn a_report_made_before_mail_was_followed_to_its_end_is_preliminary() {
    let folder = tempfile::tempdir().unwrap();
    let later = |day: &str| log() + &log().lines().last().unwrap().replace("2026-10-01", day) + "\n";
    let note = |log: String, options: &[&str]| {
        std::fs::write(folder.path().join("mail.log"), log).unwrap();
        let mut mailtally = assert_cmd::Command::cargo_bin("mailtally").unwrap();
        mailtally.args(["report", "mail.log", "-o", "-", "--period", "2026-10-01"]).args(options);
        let output = mailtally.current_dir(folder.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let page = String::from_utf8(output.stdout).unwrap();
        let at = page.find("Preliminary: ")?;
        page[at..].split('<').next().map(|note| note.replace('\u{a0}', " "))
    };
    let of_five_days = "Preliminary: 50 outcomes still wait. Mail is followed for 5 d after the period (--settle), and the log";
    assert_eq!(note(log(), &[]), Some(format!("{of_five_days} does not go on after it.")));
    assert_eq!(note(later("2026-10-04"), &[]), Some(format!("{of_five_days} goes on for 67 h after it.")));
    assert_eq!(note(later("2026-10-08"), &[]), None);
    assert_eq!(note(log(), &["--settle", "0"]), None);
}
