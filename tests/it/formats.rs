//! The formats: each fixture's records and the events that they give; what holds for any bytes; parity of formats and their parts.
//!
//! A fixture is `tests/fixtures/FORMAT/NAME.log` with what is expected of it in `NAME.events`: a line for each record with its number and
//! its kind, and under it a line for each event. `UPDATE_EVENTS=1 cargo test` writes the expected files anew; read the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice};
use jiff::{Timestamp, tz::TimeZone};
use mailtally::event::{Attempt, Event, Head, Key, Kind, Micros, Pos, Sink, Status, Target, What};
use mailtally::format::{Account, Confidence, Detection, FORMATS, FileContext, Format, Framing, by_name, detect};
use proptest::prelude::*;

/// Fixtures without a year are of 2026, and one relay beside loopback is ours.
fn context() -> FileContext {
    let anchor = "2026-12-31T00:00:00Z".parse::<Timestamp>().unwrap();
    FileContext {
        anchor: Micros(anchor.as_microsecond()),
        zone: TimeZone::UTC,
        own_relays: vec!["filter.example.org".to_owned()],
    }
}

/// Writes events as lines.
#[derive(Default)]
struct Rendering(String);

impl Sink for Rendering {
    fn event(&mut self, event: &Event<'_>) {
        let Event { head, key, what } = event;
        writeln!(self.0, "    {} {} {}", show_head(head), show_key(key), show_what(what)).unwrap();
    }
}

/// What is not logged shows as `-`.
fn show(text: &[u8]) -> String {
    if text.is_empty() { "-".to_owned() } else { BStr::new(text).to_string() }
}

fn show_head(head: &Head<'_>) -> String {
    let time = head.time.map_or("-".to_owned(), |at| Timestamp::from_microsecond(at.0).unwrap().to_string());
    let pid = head.pid.map_or(String::new(), |pid| format!("[{pid}]"));
    format!("{time} {} {}{pid}", show(head.host), show(head.instance))
}

fn show_key(key: &Key<'_>) -> String {
    match key {
        Key::Message(id) => show(id),
        Key::Slot(slot) => format!("slot {}", show(slot)),
        Key::Whole => "whole".to_owned(),
    }
}

fn show_target(target: &Target<'_>) -> String {
    match target {
        Target::Address(address) => format!("<{}>", BStr::new(address)),
        Target::Index(index) => format!("recipient {index}"),
        Target::AllOpen => "all open".to_owned(),
        Target::OfSlot => "the slot's".to_owned(),
    }
}

fn show_what(what: &What<'_>) -> String {
    match what {
        What::Begin { origin, client } => format!("begin {origin:?} {}", show(client)),
        What::Sender { address, size, recipients } => {
            format!("sender <{}> size {size:?} recipients {recipients:?}", BStr::new(address))
        }
        What::MessageId(id) => format!("message-id {}", show(id)),
        What::Recipient { index, address } => format!("recipient {index:?} <{}>", BStr::new(address)),
        What::Campaign(name) => format!("campaign {}", show(name)),
        What::Channel { source, relay, relay_ip, tls } => {
            format!("channel from {} to {} [{}] tls {}", show(source), show(relay), show(relay_ip), show(tls))
        }
        What::Start { message, target, sort } => format!("start {} {} {sort:?}", show(message), show_target(target)),
        What::Attempt(attempt) => show_attempt(attempt),
        What::Reply { target, reply } => format!("reply {} {}", show_target(target), show(reply)),
        What::GaveUp { target } => format!("gave up {}", show_target(target)),
        What::Linked { parent } => format!("linked to {}", show(parent)),
        What::Continues { previous } => format!("continues {}", show(previous)),
        What::OwnBounce { about } => format!("own bounce about {}", show(about)),
        What::Feedback { complaint, recipient, reply } => {
            format!("feedback complaint {complaint} <{}> {}", BStr::new(recipient), show(reply))
        }
        What::Inbound { reply } => format!("inbound {}", show(reply)),
        What::Repeat { times } => format!("repeat {times}"),
        What::Piece { index, of, text } => format!("piece {index} of {of} {}", show(text)),
        What::Close(closing) => format!("close {closing:?}"),
        What::Restart => "restart".to_owned(),
    }
}

fn show_attempt(attempt: &Attempt<'_>) -> String {
    let mut line = format!("attempt {}", show_target(&attempt.target));
    let mut add = |name: &str, value: String| write!(line, " {name} {value}").unwrap();
    if let Some(original) = attempt.original {
        add("for", format!("<{}>", BStr::new(original)));
    }
    let enhanced = attempt.enhanced.map_or("-".to_owned(), |enhanced| enhanced.to_string());
    let code = attempt.code.map_or("-".to_owned(), |code| code.to_string());
    add("is", format!("{:?} {:?}", attempt.status, attempt.sort));
    add("by", format!("{:?} at {:?}", attempt.speaker, attempt.stage));
    add("relay", format!("{} [{}]", show(attempt.relay), show(attempt.relay_ip)));
    if !attempt.source.is_empty() {
        add("source", show(attempt.source));
    }
    if let Some(slot) = attempt.slot {
        add("slot", show(slot));
    }
    if let Some(delay) = attempt.delay_ms {
        add("after", format!("{delay} ms"));
    }
    if let Some(parts) = attempt.parts_ms {
        add("parts", format!("{parts:?}"));
    }
    if !attempt.tls.is_empty() {
        add("tls", show(attempt.tls));
    }
    if attempt.times != 1 {
        add("times", attempt.times.to_string());
    }
    add("says", format!("{code} {enhanced} {}", show(attempt.reply)));
    line
}

/// The records of a fixture. Formats of another framing bring their own way with them.
fn records(log: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut offset = 0;
    log.strip_suffix(b"\n").unwrap_or(log).split(|&byte| byte == b'\n').map(move |record| {
        let at = offset;
        offset += record.len() as u64 + 1;
        (at, record)
    })
}

fn render(format: &dyn Format, log: &[u8]) -> String {
    let mut reader = format.reader(log, &context());
    let mut rendering = Rendering::default();
    for (number, (offset, record)) in (1..).zip(records(log)) {
        let mut events = Rendering::default();
        let kind = reader.read(record, Pos { file: 0, offset }, &mut events);
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
fn every_format_has_its_fuzz_target_and_its_bench() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let benches = std::fs::read_to_string(root.join("benches/parse.rs")).unwrap();
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
        Detection::Known { format, confidence, framing } => format!("{} {confidence:?} {framing:?}", format.name()),
        Detection::Unknown { looks_like } => format!("unknown: {looks_like}"),
    };
    assert_eq!(found, expected, "{head}");
}

#[test]
fn every_fixture_is_told_from_its_head() {
    for format in FORMATS {
        for path in fixtures(format.name()) {
            let head = std::fs::read(&path).unwrap();
            let Detection::Known { format: found, confidence, framing } = detect(&head) else {
                panic!("{} is not recognised", path.display());
            };
            assert_eq!((found.name(), confidence), (format.name(), Confidence::Certain), "{}", path.display());
            assert_eq!(framing, Framing::Lines, "{}", path.display());
        }
    }
}

#[test]
fn postfix_is_found_behind_the_noise_of_other_programs() {
    let noise = "Mar  5 12:00:00 mx1 sshd[7]: Connection closed by 192.0.2.9 port 22\n".repeat(400);
    check_detection(&noise, "postfix Possible Lines");
    let mail = "Mar  5 12:00:00 mx1 postfix/qmgr[7]: 4F1A2B3C01: removed\n";
    check_detection(&(noise + mail), "postfix Certain Lines");
    check_detection("Mar  5 12:00:00 mx1 postfix/master[7]: daemon started\n", "postfix Likely Lines");
}

#[test]
fn json_is_lines_only_where_each_object_is_one() {
    let line = r#"{"SYSLOG_IDENTIFIER":"postfix/qmgr","MESSAGE":"4F1A2B3C01: removed"}"#;
    check_detection(&format!("{line}\n{line}\n"), "postfix Certain Lines");
    check_detection(&format!("[{line},\n{line}]\n"), "postfix Certain Json");
    check_detection(&line.replace(',', ",\n  "), "postfix Certain Json");
}

#[test]
fn what_is_no_mail_log_is_unknown() {
    let web = "192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"GET /postfix/smtp[1]: HTTP/1.1\" 200 2326\n";
    check_detection(&web.repeat(9), "unknown: text");
    check_detection("2026-10-10 13:55:36 INFO com.example.Server - started\n", "unknown: text");
    check_detection("date,name,price\n2026-10-10,x,1.5\n", "unknown: CSV");
    check_detection("[{\"event\":\"open\",\"email\":\"a@b.example\"}]", "unknown: JSON");
    check_detection("From: a@b.example\nSubject: x\n\nx\n", "unknown: a mail");
    check_detection("<html><body>x</body></html>", "unknown: XML or HTML");
    check_detection("\u{7f}ELF\0\0\0\u{1}", "unknown: binary data");
    check_detection("", "unknown: an empty file");
}

#[test]
fn a_format_is_found_by_its_name_alone() {
    assert!(by_name("postfix").is_some());
    assert!(by_name("Postfix").is_none() && by_name("").is_none());
}

/// All records of a log, counted from a given record on with a reader of their own.
fn count<'a>(log: &[u8], records: impl Iterator<Item = (u64, &'a [u8])>) -> Account {
    let mut account = Account::default();
    let mut reader = by_name("postfix").unwrap().reader(log, &context());
    for (offset, record) in records {
        account.read(&mut *reader, record, Pos { file: 0, offset });
    }
    account
}

#[test]
fn an_account_does_not_depend_on_the_cut() {
    for path in fixtures("postfix") {
        let log = std::fs::read(path).unwrap();
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
fn nearly_a_record() -> impl Strategy<Value = Vec<u8>> {
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
    fn any_bytes_are_read_without_panic(record in prop_oneof![prop::collection::vec(any::<u8>(), 0..300), nearly_a_record()]) {
        for format in FORMATS {
            format.recognise(&record);
            let mut reader = format.reader(&record, &context());
            let mut account = Account::default();
            account.read(&mut *reader, &record, Pos::default());
            prop_assert_eq!(account.lines, 1);
        }
    }

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
