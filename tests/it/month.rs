//! A month on three hosts whose every fate is known, told by everything that tells of it: rotated logs with lines lost and late, a
//! content filter, ids that are used again, and bounces that come back by mail days after delivery.
#![cfg(feature = "tables")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mailtally::rows::End;
use serde_json::Value;

use crate::simulate::render::{LogFile, Rotation, Stamps};
use crate::simulate::truth::{Outcome, Truth};
use crate::simulate::{HostOptions, Options, simulate};

/// How many deliveries come back.
const RETURNED: usize = 25;

fn month() -> (Vec<LogFile>, Truth) {
    let mut options = Options::october(11, 1_200);
    let mut third = HostOptions::new("mx3", "192.0.2.30");
    third.syslog.stamps = Stamps::Iso;
    third.syslog.rotation = Rotation::Numbered(4);
    (third.syslog.lost, third.syslog.disorder) = (4, 2_000_000);
    options.hosts.push(third);
    if let Some(first) = options.hosts.first_mut() {
        first.syslog.rotation = Rotation::Numbered(3);
    }
    simulate(&options)
}

fn is_outbound(outcome: &Outcome) -> bool {
    !outcome.is_own_bounce && !matches!(outcome.end, End::HandedOn | End::Local | End::NotSent)
}

/// Accepted mail to addresses that nothing else was sent to: a report that names the address can only mean it.
fn returned(truth: &Truth) -> Vec<&Outcome> {
    let mut mails: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for outcome in &truth.outcomes {
        mails.entry(outcome.recipient.to_ascii_lowercase()).or_default().push(outcome);
    }
    let only = |outcomes: Vec<&'_ Outcome>| match outcomes.as_slice() {
        [one] if is_outbound(one) && one.end == End::Accepted && one.is_named && one.hops == 0 => Some(one.recipient.clone()),
        _ => None,
    };
    let wanted: BTreeSet<_> = mails.into_values().filter_map(only).take(RETURNED).collect();
    truth.outcomes.iter().filter(|outcome| wanted.contains(&outcome.recipient)).collect()
}

/// What a server elsewhere writes two days after it took the mail.
fn report(outcome: &Outcome) -> String {
    let date = jiff::Timestamp::from_microsecond(outcome.last).unwrap() + jiff::SignedDuration::from_hours(48);
    let (recipient, date) = (&outcome.recipient, date.strftime("%a, %d %b %Y %H:%M:%S +0000"));
    format!(
        "From MAILER-DAEMON Thu Oct  1 00:00:00 2026\nReturn-Path: <>\nDate: {date}\nFrom: MAILER-DAEMON@gate.example.com\nTo: {}\n\
         Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"=_1\"\n\n--=_1\n\nSee below.\n\n--=_1\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; gate.example.com\n\nFinal-Recipient: rfc822; {recipient}\n\
         Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 <{recipient}>: User unknown\n\n--=_1--\n\n",
        outcome.sender,
    )
}

/// Runs the program, which has to succeed; the files are named in this order.
fn run(folder: &Path, command: &[&str], logs: &[PathBuf]) {
    let mut mailtally = std::process::Command::new(assert_cmd::cargo::cargo_bin("mailtally"));
    mailtally.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").current_dir(folder);
    let output =
        mailtally.args(command).args(["--dsn", "bounces.mbox", "--quiet", "--year", "2026"]).args(logs).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The tables whose figures are facts of the mail, without where records stand, and the suppressed addresses.
fn figures(folder: &Path, logs: &[PathBuf]) -> (BTreeMap<&'static str, Vec<Value>>, BTreeMap<String, String>) {
    run(folder, &["export", "--tables", "out", "--as", "json"], logs);
    run(folder, &["lists", "--into", "lists"], logs);
    let table = |name: &'static str| {
        let text = std::fs::read(folder.join("out").join(name).with_extension("json")).unwrap();
        (name, serde_json::from_slice(&text).unwrap())
    };
    let tables = ["domains", "providers", "reasons", "async_bounces", "senders", "retries", "unknown_users"].map(table);
    let mut reader = csv::Reader::from_path(folder.join("lists/suppress.csv")).unwrap();
    let basis = reader.headers().unwrap().iter().position(|name| name == "basis").unwrap();
    let suppressed = reader.records().map(Result::unwrap).map(|row| (row[0].to_owned(), row[basis].to_owned())).collect();
    (tables.into(), suppressed)
}

fn sum(rows: &[Value], column: &str) -> usize {
    rows.iter().map(|row| row[column].as_u64().expect("a count") as usize).sum()
}

fn put(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn every_fate_of_a_month_on_three_hosts_is_right_however_it_is_read() {
    let (logs, truth) = month();
    let returned = returned(&truth);
    assert_eq!(returned.len(), RETURNED);
    let folder = tempfile::tempdir().unwrap();
    let mails: String = returned.iter().map(|outcome| report(outcome)).collect();
    put(folder.path(), "bounces.mbox", mails.as_bytes());
    let whole: Vec<PathBuf> =
        logs.iter().map(|log| put(folder.path(), &format!("{}/{}", log.host, log.name), &log.bytes)).collect();
    let (tables, suppressed) = figures(folder.path(), &whole);

    let count = |end: End| truth.outcomes.iter().filter(|outcome| is_outbound(outcome) && outcome.end == end).count();
    let domains = &tables["domains"];
    assert_eq!(sum(domains, "bounced_later"), RETURNED);
    assert_eq!(sum(domains, "delivered"), count(End::Accepted) - RETURNED);
    assert_eq!(sum(domains, "bounced") + sum(domains, "blocked"), count(End::Refused));
    for (column, end) in [
        ("expired", End::Expired),
        ("deferred", End::Deferred),
        ("queued", End::Queued),
        ("cancelled", End::Cancelled),
        ("unknown", End::Unknown),
    ] {
        assert_eq!(sum(domains, column), count(end), "{column}");
    }
    let occurs = |end: End| truth.outcomes.iter().any(|outcome| outcome.end == end);
    let missing: Vec<End> = [End::Refused, End::Cancelled, End::Deferred, End::Expired, End::HandedOn]
        .into_iter()
        .filter(|end| !occurs(*end))
        .collect();
    assert_eq!(missing, [], "the month holds every fate");
    let states = ["delivered", "bounced_later", "bounced", "blocked", "expired", "deferred", "queued", "cancelled", "unknown"];
    for row in domains {
        let states: u64 = states.iter().map(|state| row[*state].as_u64().unwrap()).sum();
        assert_eq!(Some(states), row["outcomes"].as_u64(), "{row}");
    }
    for outcome in &returned {
        assert_eq!(suppressed.get(&outcome.recipient.to_ascii_lowercase()).map(String::as_str), Some("explicit"));
    }

    // Cut anywhere, and named in another order.
    let mut pieces = Vec::new();
    for (number, log) in logs.iter().enumerate() {
        let text = log.text().unwrap();
        let (one, two) = text.split_at(text.len() * (number + 2) / (logs.len() + 3));
        for (part, content) in [("b", one), ("a", two)] {
            pieces.push(put(folder.path(), &format!("pieces/{}-{number}-{part}", log.host), content));
        }
    }
    pieces.reverse();
    // All of it twice, the second time unpacked and under other names.
    let unpacked = |(number, log): (usize, &LogFile)| {
        put(folder.path(), &format!("copies/{}-{number}.log", log.host), &log.text().unwrap())
    };
    let copies = logs.iter().enumerate().map(unpacked);
    let twice: Vec<PathBuf> = copies.chain(whole.iter().rev().cloned()).chain(whole.iter().cloned()).collect();
    for files in [&pieces, &twice] {
        let (again, listed) = figures(folder.path(), files);
        for (name, rows) in &tables {
            let differing: Vec<_> = rows.iter().zip(&again[name]).filter(|(one, other)| one != other).take(3).collect();
            assert!(rows == &again[name], "{name}: {differing:#?}");
        }
        assert_eq!(suppressed, listed);
    }
}
