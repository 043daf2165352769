use std::path::Path;

use super::*;
use crate::event::Micros;
use crate::format::Account;
use crate::source::Progress;

/// The last second of 2026.
const YEAR: Micros = Micros(1_798_761_599_000_000);

/// A folder with files in it.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn options(inputs: &[&Path], year: Option<Micros>) -> Options {
    let inputs = inputs.iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    Options { inputs, format: None, zone: jiff::tz::TimeZone::UTC, year, own_relays: Vec::new() }
}

/// The account of each file in its order, and what was said of it.
fn accounts(listed: &mut Listed, segment_bytes: u64) -> Vec<(String, Account, Vec<String>)> {
    let work = |records: &mut Records<'_>| {
        let mut account = Account::default();
        records.each(|reader, at, record| {
            let kind = reader.read(record, at, &mut account);
            account.record(kind);
        });
        account
    };
    let begin = |files| vec![Account::default(); files];
    let read =
        listed.read((2, segment_bytes), &Progress::default(), begin, work, |all, rank, account| all[rank].absorb(&account));
    let Read { state, files } = read.unwrap();
    let said = |file: &FileRead| file.damage.iter().map(|damage| damage.what.to_string()).collect();
    let name = |told: &Told| Path::new(&told.file.name).file_name().unwrap().to_str().unwrap().to_owned();
    listed.files.iter().zip(state).zip(&files).map(|((told, account), file)| (name(told), account, said(file))).collect()
}

/// The sum of the accounts of `files`.
fn sum(files: &[(&str, &[u8])]) -> Account {
    let folder = folder(files);
    let mut listed = list(&options(&[folder.path()], Some(YEAR)));
    accounts(&mut listed, 1_000).into_iter().fold(Account::default(), |mut sum, (_, account, _)| {
        sum.absorb(&account);
        sum
    })
}

/// A few lines of a log, each behind `before`.
fn log(stamp: impl Fn(usize) -> String, end: &str) -> String {
    let texts = [
        "postfix/smtpd[11]: 5A1B2C3D4E: client=client.example.org[192.0.2.7]",
        "postfix/cleanup[12]: 5A1B2C3D4E: message-id=<1@example.org>",
        "postfix/qmgr[9]: 5A1B2C3D4E: from=<a@example.org>, size=1234, nrcpt=2 (queue active)",
        "postfix/smtp[17]: 5A1B2C3D4E: to=<b@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=0.5, \
         delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)",
        "opendkim[5]: 5A1B2C3D4E: DKIM-Signature field added (s=s1, d=example.org)",
        "postfix/smtp[18]: 5A1B2C3D4E: to=<c@example.net>, relay=none, delay=30, delays=0.1/0/30/0, dsn=4.4.1, \
         status=deferred (connect to mx.example.net[192.0.2.2]:25: Connection timed out)",
        "postfix/qmgr[9]: 5A1B2C3D4E: removed",
    ];
    texts.iter().enumerate().map(|(n, text)| stamp(n) + text + end).collect()
}

/// Cut at any byte and named in any order, the log comes to the same account.
#[track_caller]
fn check_cuts(log: &str) {
    let whole = sum(&[("mail.log", log.as_bytes())]);
    assert_eq!((whole.lines, whole.attempts, whole.unparsed), (7, 2, 0), "{whole:?}");
    for at in 1..log.len() {
        let (one, other) = log.as_bytes().split_at(at);
        let names = [["mail.log.1", "mail.log"], ["b", "a"]][at % 2];
        let cut = sum(&[(names[0], one), (names[1], other)]);
        let shown = String::from_utf8_lossy(other);
        assert!(cut == whole, "{names:?} cut at {at}: {:?}\n{cut:?}\n{whole:?}", shown.lines().next());
    }
}

#[test]
fn a_log_of_syslog_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("Oct  {} 08:00:0{n} mx1 ", n + 5), "\n"));
}

#[test]
fn a_log_without_its_last_line_end_may_be_cut_at_any_byte() {
    check_cuts(log(|n| format!("Oct  1 08:00:0{n} mx1 "), "\n").trim_end());
}

#[test]
fn a_log_with_line_ends_of_two_bytes_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("2026-10-01T08:00:0{n}.123456+00:00 mx1 "), "\r\n"));
}

#[test]
fn a_log_with_priorities_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("<22>Oct  1 08:00:0{n} mx1 "), "\n"));
}

#[test]
fn a_log_of_a_container_may_be_cut_at_any_byte() {
    check_cuts(&log(|n| format!("2026-10-01T08:00:0{n}.123456789Z stdout F Oct  1 08:00:0{n} mx1 "), "\n"));
}

#[test]
fn a_log_of_which_all_lines_are_of_one_second_may_be_cut_at_any_byte() {
    let log = log(|_| "Oct  1 08:00:00 mx1 ".to_owned(), "\n");
    let whole = sum(&[("mail.log", log.as_bytes())]);
    for at in 1..log.len() {
        let (one, other) = log.as_bytes().split_at(at);
        assert!(sum(&[("mail.log.1", one), ("mail.log", other)]) == whole, "cut at {at}");
    }
}
