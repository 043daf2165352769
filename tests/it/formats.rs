//! The formats: each fixture's records and the events that they give; what holds for any bytes; parity of formats and their parts.
//!
//! A fixture is `tests/fixtures/FORMAT/NAME.log` with what is expected of it in `NAME.events`: a line for each record with its number and
//! its kind, and under it a line for each event. `UPDATE_EVENTS=1 cargo test` writes the expected files anew; read the difference.

mod carried;
mod cuts;
pub(crate) mod events;
mod exchange;
mod exim;
mod framings;
mod lines;
mod objects;
mod postfix;
mod powermta;
mod qmail;
mod sendmail;
mod zonemta;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, tz::TimeZone};
use mailtally::event::{Framing, Kind, Micros, Pos};
use mailtally::format::{Account, Confidence, FORMATS, FileContext, Format, Reader, by_name, detect, looks_like};
use mailtally::source::each_record_of;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use events::Rendering;

/// Fixtures without a year are of 2026, and one relay beside loopback is ours.
fn context() -> FileContext {
    let anchor = "2026-12-31T00:00:00Z".parse::<Timestamp>().unwrap();
    FileContext {
        anchor: Micros(anchor.as_microsecond()),
        zone: TimeZone::UTC,
        own_relays: vec!["filter.example.org".to_owned()],
    }
}

/// The lines of a fixture, or of any log that is framed by lines.
fn records(log: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut offset = 0;
    log.strip_suffix(b"\n").unwrap_or(log).split(|&byte| byte == b'\n').map(move |record| {
        let at = offset;
        offset += record.len() as u64 + 1;
        (at, record)
    })
}

/// The records of a fixture, however it is framed.
fn framed(log: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut records = Vec::new();
    let framing = detect(log).map_or(Framing::Lines, |found| found.framing);
    each_record_of(log, framing, |at, record| records.push((at, record.to_vec())));
    records
}

fn render(format: &dyn Format, log: &[u8]) -> String {
    let mut reader = format.reader(log, &context());
    let mut rendering = Rendering::default();
    for (number, (offset, record)) in (1..).zip(framed(log)) {
        let mut events = Rendering::default();
        let kind = reader.read(&record, Pos { file: 0, offset }, &mut events);
        writeln!(rendering.0, "{number} {kind:?}\n{}", events.0.trim_end_matches('\n')).unwrap();
    }
    rendering.0.replace("\n\n", "\n")
}

fn fixtures(format: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} has no fixtures", folder.display()));
    let mut logs: Vec<_> =
        files.map(|file| file.unwrap().path()).filter(|path| path.extension() == Some("log".as_ref())).collect();
    logs.sort();
    logs
}

#[track_caller]
fn check_fixture(format: &dyn Format, path: &Path) {
    let log = std::fs::read(path).unwrap();
    let expected_path = path.with_extension("events");
    let found = render(format, &log);
    if std::env::var_os("UPDATE_EVENTS").is_some() {
        std::fs::write(&expected_path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&expected_path).unwrap();
    for (number, (found, expected)) in (1..).zip(found.lines().zip(expected.lines())) {
        assert_eq!(found, expected, "{}:{number}", expected_path.display());
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{}", expected_path.display());
}

#[test]
fn every_fixture_gives_its_events() {
    for format in FORMATS {
        let logs = fixtures(format.name());
        assert!(!logs.is_empty(), "{} has no fixtures", format.name());
        for log in logs {
            check_fixture(format, &log);
        }
    }
}

#[test]
fn every_format_has_its_fuzz_target_its_bench_and_its_row_in_the_docs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let benches = std::fs::read_to_string(root.join("benches/parse.rs")).unwrap();
    let docs = std::fs::read_to_string(root.join("docs/formats.md")).unwrap();
    let rows: Vec<_> =
        docs.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    let names: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
    assert_eq!(rows, names, "the rows of docs/formats.md");
    for format in FORMATS {
        let name = format.name();
        assert!(root.join(format!("fuzz/fuzz_targets/format_{name}.rs")).is_file(), "{name} has no fuzz target");
        assert!(benches.contains(&format!("\"{name}\"")), "{name} has no bench");
        assert_eq!(by_name(name).map(Format::name), Some(name));
    }
}

#[track_caller]
fn check_detection(head: &str, expected: &str) {
    let found = match detect(head.as_bytes()) {
        Some(found) => format!("{} {:?} {:?}", found.format.name(), found.confidence, found.framing),
        None => format!("unknown: {}", looks_like(head.as_bytes())),
    };
    assert_eq!(found, expected, "{head}");
}

fn framing_of(format: &str, path: &Path) -> Framing {
    match (format, path.file_stem().and_then(|name| name.to_str())) {
        ("powermta" | "exchange", Some("objects"))
        | ("sparkpost", Some("batch"))
        | ("sendgrid", Some("posted"))
        | ("ses", Some("firehose"))
        | ("mailjet", Some("events")) => Framing::Json,
        ("powermta" | "exchange", _)
        | ("sendgrid", Some("activity"))
        | ("ses", Some("insights"))
        | ("postfix", Some("azure")) => Framing::Csv,
        ("postfix", Some("export" | "verbose")) => Framing::Entries,
        ("ironport", Some("delivery")) => Framing::Elements,
        _ => Framing::Lines,
    }
}

#[test]
fn every_fixture_is_told_from_its_head() {
    for format in FORMATS {
        for path in fixtures(format.name()) {
            let head = std::fs::read(&path).unwrap();
            let Some(found) = detect(&head) else { panic!("{} is not recognised", path.display()) };
            assert_eq!((found.format.name(), found.confidence), (format.name(), Confidence::Certain), "{}", path.display());
            assert_eq!(found.framing, framing_of(format.name(), &path), "{}", path.display());
        }
    }
}

#[test]
fn a_mail_is_told_from_a_log_that_it_returns() {
    let log = "Oct  1 08:00:01 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<a@b.example>, relay=x, delay=1, status=sent (250 ok)\n";
    check_detection(&format!("From: a@b.example\nSubject: x\n\n{}", log.repeat(9)), "mail Certain Mbox");
}

#[test]
fn what_is_no_mail_log_is_unknown() {
    let web = "192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"GET /postfix/smtp[1]: HTTP/1.1\" 200 2326\n";
    check_detection(&web.repeat(9), "unknown: the access log of a web server");
    check_detection("2026-10-10 13:55:36 INFO com.example.Server - started\n", "unknown: text");
    check_detection("date,name,price\n2026-10-10,x,1.5\n", "unknown: CSV");
    check_detection("date;name;price\n2026-10-10;x;1,5\n", "unknown: CSV");
    check_detection("date\tname\tprice\n2026-10-10\tx\t1.5\n", "unknown: CSV");
    check_detection("[{\"event\":\"open\",\"email\":\"a@b.example\"}]", "unknown: JSON");
    check_detection("From: a@b.example\n\nx\n", "unknown: a mail");
    check_detection("<html><body>x</body></html>", "unknown: XML or HTML");
    check_detection("\u{7f}ELF\0\0\0\u{1}", "unknown: binary data");
    check_detection("", "unknown: an empty file");
    // Words that Postfix writes too, where nothing says that it did.
    check_detection("warning: unused variable\nfatal: not a repository\n", "unknown: text");
    check_detection("connect to 192.0.2.1 port 25: refused\nA1B2C3D4: removed\n", "unknown: text");
    check_detection("{\"message\":\"warning: x\",\"host\":\"mx1\",\"ident\":\"sshd\"}\n", "unknown: JSON");
    check_detection("Tue Mar 10 12:00:00 2026 Info: 12345 queued for delivery\n", "unknown: text");
    check_detection("Mar  5 12:00:00 mx1 haraka: [core] delivered\n", "unknown: a system log without an MTA that is known");
}

#[test]
fn a_format_is_found_by_its_name_alone() {
    assert!(by_name("postfix").is_some());
    assert!(by_name("Postfix").is_none() && by_name("").is_none());
}

/// Reads a record and counts it.
fn account_for(account: &mut Account, reader: &mut dyn Reader, record: &[u8], at: Pos) {
    let kind = reader.read(record, at, account);
    account.record(kind);
}

/// What holds of the account of any one record.
fn check_sums(format: &dyn Format, record: &[u8]) -> TestCaseResult {
    let mut account = Account::default();
    let kind = format.reader(record, &context()).read(record, Pos::default(), &mut account);
    account.record(kind);
    let counted = u64::from(kind != Kind::Header);
    prop_assert_eq!((account.lines, account.delivery + account.context + account.other + account.unparsed), (counted, counted));
    let ended = account.delivered + account.deferred + account.bounced + account.expired;
    prop_assert_eq!(ended, account.attempts, "{} {:?}", format.name(), kind);
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(record in prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        postfix::nearly_a_record(),
        sendmail::nearly_a_record(),
        exim::nearly_a_record(),
    ]) {
        for format in FORMATS {
            format.recognise(&record);
            check_sums(format, &record)?;
        }
    }
}
