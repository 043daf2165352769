//! Services that write JSON: told among noise and from each other, whatever stands around their objects.

use std::sync::LazyLock;

use mailtally::event::{Kind, Pos};
use mailtally::format::{Account, FORMATS, by_name, detect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::events::Rendering;
use super::{account_for, check_detection, context, fixtures, framed};

/// The formats whose records are objects, in some of their files at least.
const SERVICES: [&str; 15] = [
    "haraka",
    "mailerq",
    "kumomta",
    "sparkpost",
    "ses",
    "sendgrid",
    "mailgun",
    "postmark",
    "mandrill",
    "mailjet",
    "brevo",
    "mailtrap",
    "postal",
    "resend",
    "mailersend",
];

const DELIVERY: &str =
    r#"{"RecordType":"Delivery","MessageID":"1","Recipient":"a@b.example","DeliveredAt":"2026-10-01T08:00:00Z"}"#;

fn account(format: &str, record: &str) -> Account {
    let mut account = Account::default();
    let mut reader = by_name(format).unwrap().reader(record.as_bytes(), &context());
    account_for(&mut account, &mut *reader, record.as_bytes(), Pos::default());
    account
}

#[test]
fn a_service_is_found_behind_noise() {
    let text = "Oct  1 08:00:00 mx1 app[7]: GET /index {\"a\": 1} {x\n".repeat(200);
    check_detection(&format!("{text}{DELIVERY}\n"), "postmark Certain Lines");
    let objects = "{\"level\":\"info\",\"msg\":\"started\",\"email\":\"a@b.example\"}\n".repeat(200);
    check_detection(&format!("{objects}{DELIVERY}\n"), "postmark Certain Lines");
    check_detection(&format!("{objects}[\n{DELIVERY}\n]\n"), "postmark Certain Json");
}

#[test]
fn what_only_looks_like_a_service_is_unknown() {
    for text in [
        r#"{"event":"login","email":"a@b.example","timestamp":1790841605}"#,
        r#"{"type":"Delivery","id":7,"courier":"x"}"#,
        r#"{"eventType":"Bounce","page":"/pricing"}"#,
        r#"{"level":"info","message":"Delivery of parcel","recipient":"x"}"#,
        r#"{"Type":"Notification","TopicArn":"arn:aws:sns:x","Message":"{\"AlarmName\":\"cpu\"}"}"#,
        r#"{"results":[{"name":"x"}],"items":[],"events":[{"event":"open"}],"data":{"type":"email"}}"#,
        r#"{"type":"bounce","ball":true}"#,
    ] {
        check_detection(text, "unknown: JSON");
    }
}

#[test]
fn a_file_is_of_the_service_with_most_objects_and_read_for_all() {
    let bounce = r#"{"event":"bounce","email":"c@d.example","timestamp":1790841605,"sg_event_id":"x","reason":"550 5.1.1 no"}"#;
    let text = format!("{DELIVERY}\n{bounce}\n{bounce}\n");
    check_detection(&text, "sendgrid Certain Lines");
    let mut account = Account::default();
    let mut reader = by_name("sendgrid").unwrap().reader(text.as_bytes(), &context());
    for line in text.lines() {
        account_for(&mut account, &mut *reader, line.as_bytes(), Pos::default());
    }
    assert_eq!((account.delivered, account.bounced, account.unparsed), (1, 2, 0));
}

#[test]
fn a_line_may_hold_a_list_or_several_objects() {
    for line in
        [format!("[{DELIVERY},{DELIVERY}]"), format!("{DELIVERY}{DELIVERY}"), format!("\u{feff} {DELIVERY} , {DELIVERY},")]
    {
        assert_eq!(account("postmark", &line).delivered, 2, "{line}");
    }
}

#[test]
fn envelopes_are_opened_to_a_depth() {
    let mut text = DELIVERY.to_owned();
    for depth in 0..10 {
        let delivered = account("postmark", &text).delivered;
        assert_eq!(delivered, u64::from(depth <= 6), "{depth} envelopes");
        text = json!({ "Message": text }).to_string();
    }
}

#[test]
fn an_object_that_is_cut_anywhere_is_not_understood() {
    for service in SERVICES {
        for path in fixtures(service) {
            let log = std::fs::read(path).unwrap();
            let mut reader = by_name(service).unwrap().reader(&log, &context());
            for (_, record) in framed(&log).into_iter().filter(|(_, record)| record.starts_with(b"{") && record.ends_with(b"}"))
            {
                for cut in (1..record.len()).step_by(23) {
                    let mut told = Rendering::default();
                    let kind = reader.read(&record[..cut], Pos::default(), &mut told);
                    assert_eq!((kind, &*told.0), (Kind::Unparsed, ""), "{}", String::from_utf8_lossy(&record[..cut]));
                }
            }
        }
    }
}

#[test]
fn nothing_nested_takes_long_or_overflows() {
    for piece in
        ["{\"a\":", "[", "{\"Message\":{\"items\":[", "{\"msys\":", "{\"recipient\":[", "{\"mail\":{\"destination\":[[", "{"]
    {
        let text = piece.repeat(20_000);
        let found = detect(text.as_bytes()).map(|found| found.format.name());
        assert!(matches!(found, None | Some("sparkpost")), "{piece}: {found:?}");
        let account = account("ses", &text);
        // Brackets alone stand between objects.
        assert_eq!((account.unparsed, account.attempts), (u64::from(piece != "["), 0), "{piece}");
    }
}

/// All whole objects of the fixtures.
static EVENTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let logs = SERVICES.into_iter().flat_map(fixtures).map(|path| std::fs::read(path).unwrap());
    let events = |log: Vec<u8>| framed(&log).into_iter().filter_map(|(_, record)| serde_json::from_slice(&record).ok());
    logs.flat_map(|log| events(log).collect::<Vec<_>>()).collect()
});

/// Names that some service gives a meaning, and words that some take for values.
static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut words = Vec::new();
    EVENTS.iter().for_each(|event| collect(event, &mut words));
    words.sort();
    words.dedup();
    words
});

fn word() -> impl Strategy<Value = String> {
    prop::sample::select(&WORDS[..])
}

fn collect(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::String(text) => words.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            words.push(name.clone());
            collect(value, words);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => word().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 8, |inner| {
        prop_oneof![
            3 => prop::collection::vec((word(), inner.clone()), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            1 => inner.prop_map(|inner| Value::from(inner.to_string())),
        ]
    })
}

/// An event of a service in which one member somewhere is another value.
fn nearly_an_event() -> impl Strategy<Value = Value> {
    (prop::sample::select(&EVENTS[..]), any::<prop::sample::Index>(), any_json()).prop_map(|(mut event, index, value)| {
        let pointers = pointers(&event, String::new());
        *event.pointer_mut(&pointers[index.index(pointers.len())]).unwrap() = value;
        event
    })
}

/// Where all values of a value stand.
fn pointers(value: &Value, at: String) -> Vec<String> {
    let step = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    let mut inner: Vec<String> = match value {
        Value::Object(members) => members.iter().flat_map(|(name, value)| pointers(value, step(name))).collect(),
        Value::Array(values) => {
            values.iter().enumerate().flat_map(|(index, value)| pointers(value, step(&index.to_string()))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    inner.push(at);
    inner
}

proptest! {
    #[test]
    fn any_json_is_read_without_panic(value in prop_oneof![any_json(), nearly_an_event()]) {
        let record = value.to_string();
        for format in FORMATS {
            format.recognise(record.as_bytes());
            prop_assert_eq!(account(format.name(), &record).lines, 1);
        }
    }

    #[test]
    fn a_readers_answer_does_not_depend_on_other_objects(values in prop::collection::vec(nearly_an_event(), 1..4)) {
        for service in SERVICES {
            let first = values[0].to_string();
            let mut reader = by_name(service).unwrap().reader(first.as_bytes(), &context());
            for value in &values {
                let record = value.to_string();
                let (mut again, mut alone) = (Rendering::default(), Rendering::default());
                let kind = reader.read(record.as_bytes(), Pos::default(), &mut again);
                let lone = by_name(service).unwrap().reader(first.as_bytes(), &context()).read(record.as_bytes(), Pos::default(), &mut alone);
                prop_assert_eq!((kind, again.0), (lone, alone.0));
            }
        }
    }
}
