//! Objects, lists and envelopes as they stand in files.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::event::{Attempt, Event, Micros, Target, What};
use crate::format::detect::Nowhere;

#[test]
fn an_object_is_known_by_its_members() {
    let object = Object::of(r#"{"type":"Delivery","response":{"code":250},"recipient":"a@b.example"}{"type":"x"}"#);
    assert!(object.has("response") && !object.has("code"));
    assert_eq!((object.text("type"), object.raw("response"), object.text("response")), ("Delivery", r#"{"code":250}"#, ""));
}

#[test]
fn lines_of_lambda_about_its_runs_are_no_damage() {
    for text in [
        "START RequestId: 1b2c Version: $LATEST",
        "2026-10-01T08:00:06.000Z END RequestId: 1b2c",
        "REPORT RequestId: 1b2c\tDuration: 2.31 ms\tBilled Duration: 3 ms",
        "INIT_START Runtime Version: nodejs:20.v9",
    ] {
        assert_eq!(without_object(text), Kind::Other, "{text}");
    }
    assert_eq!(without_object("RESTART RequestId: 1b2c"), Kind::Unparsed);
    assert_eq!(without_object("2026-10-01T08:00:06.000Z Task timed out after 3.00 seconds"), Kind::Unparsed);
}

/// Gives each object of a text, and those that it holds as an envelope.
fn each_object(text: &str, depth: u8, each: &mut impl FnMut(&str)) {
    for object in tops(text) {
        each(object);
        let members = Object::of(object);
        let inner: Vec<_> = members.0.iter().filter_map(|(name, value)| content(name, value)).collect();
        if let Some(depth) = depth.checked_sub(1) {
            inner.iter().for_each(|inner| each_object(inner, depth, each));
        }
    }
}

/// Whether a service takes the object at the beginning of a text.
fn reads(service: &Service, text: &str) -> bool {
    let context = FileContext { anchor: Micros(0), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() };
    let (mut clock, mut id, mut reply, mut envelope) = (Clock::new(&context), Vec::new(), Vec::new(), String::new());
    let mut telling = Telling {
        head: Head { pos: Pos::default(), time: None, host: b"", instance: b"", pid: None, record: b"" },
        into: &mut Nowhere,
        posted: None,
        clock: &mut clock,
        id: &mut id,
        reply: &mut reply,
        envelope: &mut envelope,
    };
    (service.read)(text, &mut telling).is_some()
}

/// A file is told by `knows`, its records are read by `read`: what only one of them takes for its own is lost, or read as another's.
#[test]
fn a_service_reads_the_objects_that_it_knows_and_no_others() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let (mut known, mut differences) = (0, BTreeSet::new());
    for folder in std::fs::read_dir(root).unwrap().filter_map(|folder| std::fs::read_dir(folder.unwrap().path()).ok()) {
        for path in folder.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "log")) {
            let log = std::fs::read(&path).unwrap();
            each_object(&String::from_utf8_lossy(&log), DEEPEST, &mut |object| {
                for service in SERVICES {
                    let knows = (service.knows)(&Object::of(object));
                    known += u32::from(knows);
                    if knows != reads(service, object) {
                        let file = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                        differences.insert((service.name, file, knows));
                    }
                }
            });
        }
    }
    assert!(known > 200, "{known}");
    // One holds half a character, and is read once it is repaired.
    assert_eq!(differences.into_iter().collect::<Vec<_>>(), [("kumomta", "silence".to_owned(), true)]);
}

/// What attempts say, in short.
#[derive(Default)]
struct Attempts(Vec<String>);

impl Sink for Attempts {
    fn event(&mut self, event: &Event<'_>) {
        if let What::Attempt(Attempt { status, code, target: Target::Address(recipient), .. }) = event.what {
            self.0.push(format!("{status:?} {code:?} {}", recipient.escape_ascii()));
        }
    }
}

#[test]
fn the_example_of_how_to_add_a_format_compiles_and_reads_its_record() {
    let page = include_str!("../../../docs/adding-a-format.md");
    let behind = page.lines().map(|line| line.strip_prefix("   ").unwrap_or(line)).skip_while(|line| *line != "```rust");
    let code: Vec<&str> = behind.skip(1).take_while(|line| *line != "```").collect();
    assert_eq!(code.join("\n") + "\n", include_str!("../tests/acme.rs"), "the page and the module say the same");
    let record = page.split('`').find(|text| text.starts_with(r#"{"acme_event""#)).unwrap();
    let first = Some(&super::super::acme::ACME);
    let clock = Clock::new(&FileContext { anchor: Micros(0), zone: jiff::tz::TimeZone::UTC, own_relays: Vec::new() });
    let mut reader = JsonReader { first, clock, id: Vec::new(), reply: Vec::new(), envelope: String::new() };
    let mut attempts = Attempts::default();
    assert_eq!(reader.read(record.as_bytes(), Pos::default(), &mut attempts), Kind::Delivery);
    assert_eq!(attempts.0, ["Failed Some(550) a@example.org"]);
}
