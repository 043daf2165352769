//! Logs that a mapping explains: what is read of them, which mapping is suggested, and what is told where it does not fit.

use std::fmt::Write as _;

use assert_cmd::Command;
use jiff::tz::TimeZone;
use mailtally::event::{Micros, Pos};
use mailtally::format::{FileContext, Format, Mapping, WrittenMapping, detect, detect_among, nearest, suggest};
use mailtally::source::each_record_of;
use serde::Deserialize;

use crate::formats::events::Rendering;

#[derive(Deserialize)]
struct Config {
    format: Vec<WrittenMapping>,
}

fn mapping(config: &str) -> Mapping {
    let config: Config = toml::from_str(config).unwrap_or_else(|error| panic!("{error}\n{config}"));
    Mapping::new(&config.format[0], &[]).unwrap()
}

fn context() -> FileContext {
    FileContext { anchor: Micros(0), zone: TimeZone::get("Europe/Berlin").unwrap(), own_relays: Vec::new() }
}

/// The records of `log` with their kinds and events, as `config` has them read.
fn events(config: &str, log: &str) -> String {
    let mapping = mapping(config);
    let (_, framing) = mapping.recognise(log.as_bytes()).expect("the mapping knows its log");
    let mut reader = mapping.reader(log.as_bytes(), &context());
    let mut text = String::new();
    each_record_of(log.as_bytes(), framing, |offset, record| {
        let mut events = Rendering::default();
        let kind = reader.read(record, Pos { file: 0, offset }, &mut events);
        writeln!(text, "{kind:?}\n{}", events.0.trim_end_matches('\n')).unwrap();
    });
    text.replace("\n\n", "\n")
}

const TABLE: &str = "[[format]]
name = 'acme'
kind = 'csv'
separator = ';'
time_format = '%d/%m/%Y %H:%M:%S'

[format.fields]
time = ['Day', 'Hour']
recipient = 'To'
status = 'Result'
reply = ['SMTP', 'Error']
sender = 'From'
message_id = 'MID'
relay = 'MX'
source = 'IP'
campaign = 'Job'
tls = 'TLS'
size = 'Bytes'
delay = 'Secs'

[format.status]
delivered = ['ok', 'sent*']
deferred = 'later'
bounced = 'no'
expired = 'old'
bounced_later = 'back'
complaint = 'spam'
accepted = 'in'
not_sent = 'never'
ignored = ['open', '']
";

const ROWS: &str = "\u{feff}Day;Hour;To;Result;SMTP;Error;From;MID;MX;IP;Job;TLS;Bytes;Secs
07/10/2026;18:30:00;\"Anna <anna@example.com>\";OK;250 2.0.0 Ok;;n@acme.example;<1@acme.example>;mx.example.com;192.0.2.5;october;TLSv1.3;2048;1.5
07/10/2026;18:30:01;bert@example.net;no;\"550 5.1.1 <bert@example.net>: user
 unknown; \"\"see\"\" help\";;n@acme.example;;mx.example.net;192.0.2.5;october;;;
07/10/2026;18:30:02;c@example.org;Later;;Connection timed out;n@acme.example;;;;;;;
07/10/2026;18:30:03;d@example.org, e@example.org;sent twice;NULL;;;;;;;;;
07/10/2026;18:30:04;f@example.org;old;;gave up;;;;;;;;
07/10/2026;18:30:05;g@example.org;back;552 5.2.2 full;;;;;;;;;
07/10/2026;18:30:06;h@example.org;spam;;;;;;;;;;
07/10/2026;18:30:07;i@example.org;in;;;;<2@acme.example>;;;;;;
07/10/2026;18:30:08;j@example.org;never;;on the list;;;;;;;;
07/10/2026;18:30:09;k@example.org;open;;;;;;;;;;
07/10/2026;18:30:10;l@example.org;;;;;;;;;;;
07/10/2026;18:30:11;m@example.org;strange;;;;;;;;;;
2026-10-07;18:30:12;n@example.org;ok;;;;;;;;;;
07/10/2026;18:30:13;;ok;;;;;;;;;;
To;Day;Hour;Result;SMTP;Error;From;MID;MX;IP;Job;TLS;Bytes;Secs
o@example.org;07/10/2026;18:30:14;ok;;;;;;;;;;
";

#[test]
fn a_table_is_read_as_its_mapping_says() {
    insta::assert_snapshot!(events(TABLE, ROWS));
}

const OBJECTS: &str = "[[format]]
name = 'app'
kind = 'json'

[format.fields]
time = 'at'
recipient = 'mail.to.address'
reply = 'smtp.said'
code = 'smtp.code'
enhanced = 'smtp.status'
queue_id = 'mail.id'
host = 'host'
delay_ms = 'took'

";

const LINES: &str = r#"{"at":1791390600123,"host":"app1","mail":{"id":7,"to":[{"address":"a@example.com"},{"address":"b@example.com"}]},"smtp":{"code":"250","status":"2.1.5","said":"OK"},"took":1500}
{"at":"2026-10-07T18:30:01+02:00","mail":{"id":"8","to":{"address":"c@example.com"}},"smtp":{"said":"452-4.2.2 full\r\n452 4.2.2 really"}}
{"at":"2026-10-07 18:30:02","mail.id":"9","mail.to.address":"d@example.com","smtp.status":"5.1.1","smtp.said":"no such user"}
{"at":"2026-10-07T16:30:03Z","mail":{"id":"10","to":{"address":"e@example.com"}},"smtp":{"said":"hello"}}
{"level":"debug","msg":"tick"}
{"at":"2026-10-07T16:30:04Z","mail":{"id":"11","to":{"addr
not an object
"#;

#[test]
fn objects_are_read_as_their_mapping_says() {
    insta::assert_snapshot!(events(OBJECTS, LINES));
}

#[test]
fn several_words_in_one_status_are_not_guessed_apart() {
    let config = "[[format]]\nname = 'app'\nkind = 'json'\nfields = { time = 'at', recipient = 'to.a', status = 'to.s' }\n\
                  status = { delivered = 'ok', bounced = 'no' }\n";
    let log = "{\"at\":1791390600,\"to\":[{\"a\":\"a@example.com\",\"s\":\"ok\"},{\"a\":\"b@example.com\",\"s\":\"no\"}]}\n";
    assert_eq!(events(config, log), "Unparsed\n\n".replace("\n\n", "\n"));
}

#[test]
fn lists_and_objects_over_several_lines_are_cut_as_objects() {
    let pretty = "[\n  {\n    \"at\": 1791390600,\n    \"mail\": {\"to\": {\"address\": \"a@example.com\"}},\n    \"smtp\": {\"code\": 250}\n  },\n  {\n    \"at\": 1791390601,\n    \"mail\": {\"to\": {\"address\": \"b@example.com\"}},\n    \"smtp\": {\"code\": 550}\n  }\n]\n";
    let found = events(OBJECTS, pretty);
    assert_eq!(found.matches("Delivery\n").count(), 2, "{found}");
}

#[test]
fn a_table_without_a_header_takes_the_names_of_its_columns_from_the_mapping() {
    let config = "[[format]]\nname = 'bare'\nkind = 'csv'\ncolumns = ['when', 'who', 'said']\n\
                  fields = { time = 'when', recipient = 'who', reply = 'said' }\n";
    let found = events(config, "1791390600,a@example.com,250 ok\n1791390601,b@example.com,\"550 no, thanks\"\n");
    assert_eq!(found.matches("Delivery\n").count(), 2, "{found}");
    assert!(mapping(config).recognise(b"id,name,price\n1,apple,0.30\n").is_none());
}

#[test]
fn a_mapping_comes_before_what_is_built_in_and_only_with_all_its_columns() {
    let own: &'static dyn Format = Box::leak(Box::new(mapping(TABLE)));
    let found = |head: &str| detect_among(&[own], head.as_bytes()).map(|found| found.format.name());
    assert_eq!(found(ROWS), Some("acme"));
    assert_eq!(found(&format!("{}{ROWS}", "noise\n".repeat(200))), Some("acme"));
    let short = ROWS.replace(";Secs", ";Seconds");
    assert_eq!(found(&short), None);
    let near = nearest(&[own], short.as_bytes(), &context()).unwrap();
    assert_eq!((near.format, near.missing.as_deref()), ("acme", Some("no column is called Secs")));
    assert_eq!(found("id;name;price\n1;apple;0,30\n"), None);
    assert_eq!(nearest(&[own], b"id;name;price\n1;apple;0,30\n", &context()), None);
}

#[track_caller]
fn check_suggestion(log: &str, expected: &[&str], deliveries: usize) {
    assert!(detect(log.as_bytes()).is_none(), "it is built in");
    let text = suggest(log.as_bytes()).unwrap_or_else(|| panic!("nothing is suggested for\n{log}"));
    for line in expected {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let found = events(&text, log);
    assert_eq!(found.matches("Delivery\n").count(), deliveries, "{found}\n{text}");
}

#[test]
fn a_suggested_mapping_reads_the_log_that_it_was_made_for() {
    check_suggestion(
        "Sent At;To;Result;SMTP Response;From;Campaign;MX;IP\n\
         07/10/2026 18:30;a@example.com;Sent;250 2.0.0 OK;n@acme.example;october;mx.example.com;192.0.2.5\n\
         13/10/2026 18:31;b@example.com;Hard Bounce;550 5.1.1 no;n@acme.example;october;mx.example.com;192.0.2.5\n\
         13/10/2026 18:31;b@example.com;Opened;;n@acme.example;october;mx.example.com;192.0.2.5\n",
        &[
            "separator = \";\"",
            "time_format = \"%d/%m/%Y %H:%M\"\n",
            "time = \"Sent At\"",
            "reply = \"SMTP Response\"",
            "bounced = [\"Hard Bounce\"]",
            "ignored = [\"Opened\"]",
        ],
        2,
    );
    check_suggestion(
        "date,time,mailbox,code,response\n2026-10-07,18:30:00,a@example.net,250,2.0.0 ok\n2026-10-07,18:30:05,b@example.net,550,5.1.1 no\n",
        &["time = [\"date\", \"time\"]", "recipient = \"mailbox\"", "code = \"code\""],
        2,
    );
    check_suggestion(
        "{\"ts\":1791390600123,\"event\":{\"kind\":\"delivered\",\"reply\":\"250 ok\"},\"mail\":{\"id\":\"a1\",\"to\":[\"a@example.net\"]}}\n\
         {\"ts\":1791390600124,\"event\":{\"kind\":\"pondering\"},\"mail\":{\"id\":\"a2\",\"to\":[\"b@example.net\"]}}\n",
        &[
            "kind = \"json\"",
            "recipient = \"mail.to\"",
            "status = \"event.kind\"",
            "# What these mean is not known",
            "\"pondering\"",
        ],
        1,
    );
    check_suggestion(
        "when\twho\twhat\n10/07/2026 06:30 PM\ta@example.net\tdelivered\n10/07/2026 06:31 PM\tb@example.net\tfail\"ed\n",
        &["separator = \"\\t\"", "time_format = \"%m/%d/%Y %I:%M %p\"", "recipient = \"who\"", "status = \"what\""],
        2,
    );
}

#[test]
fn what_was_sent_is_no_delivery_where_deliveries_are_told_too() {
    check_suggestion(
        "st_text,ts,sub,frm,email,mid\n\
         Delivered,27-10-2026 14:59:38,Hi,n@acme.example,a@example.net,<x@acme.example>\n\
         Sent,27-10-2026 14:59:37,Hi,n@acme.example,a@example.net,<x@acme.example>\n\
         Hard bounce,27-10-2026 14:59:39,Hi,n@acme.example,b@example.net,<y@acme.example>\n",
        &["delivered = [\"Delivered\"]", "accepted = [\"Sent\"]"],
        2,
    );
}

#[test]
fn a_message_trace_is_dated_by_its_messages_and_not_by_what_was_asked_for() {
    check_suggestion(
        "{\"MessageId\":\"<1@acme.example>\",\"StartDate\":\"2026-10-01T00:00:00Z\",\"EndDate\":\"2026-10-02T00:00:00Z\",\
         \"Received\":\"2026-10-01T10:11:12.345\",\"RecipientAddress\":\"a@example.net\",\"Status\":\"Delivered\"}\n",
        &["time = \"Received\"", "recipient = \"RecipientAddress\""],
        1,
    );
}

#[test]
fn nothing_is_suggested_for_what_is_no_log_of_deliveries() {
    for log in [
        "",
        "date,name,price\n2026-10-10,x,1.5\n2026-10-11,y,1.5\n",
        "order,created_at,email,status\n1,2026-10-10T10:00:00Z,a@example.com,shipped\n2,2026-10-10T10:00:00Z,b@example.com,pending\n",
        "192.0.2.7 - - [01/Oct/2026:08:00:00 +0000] \"GET / HTTP/1.1\" 200 12\n",
        "{\"a\":1,\"b\":2}\n",
        "a,b,c\n",
        "\0\0\0,\0,\0\n\0,\0,\0\n",
    ] {
        assert_eq!(suggest(log.as_bytes()), None, "{log}");
    }
}

fn mailtally(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    for variable in ["MAILTALLY_FORMAT", "MAILTALLY_TZ", "MAILTALLY_CONFIG"] {
        command.env_remove(variable);
    }
    let output = command.current_dir(folder).args(arguments).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_inspect_prints_works_when_it_is_pasted() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).expect("a file");
    let log = "logged_at,rcpt,result,smtp_response\n2026-10-07T18:30:00Z,a@example.com,sent,250 ok\n\
               2026-10-07T18:30:01Z,b@example.com,bounce,550 no\n2026-10-07T18:30:02Z,b@example.com,odd,\n";
    write("own.csv", log);
    let (code, out, errors) = mailtally(folder.path(), &["inspect", "own.csv"]);
    assert_eq!(code, Some(1), "{errors}");
    let (_, suggested) = out.split_once("\n\n").expect("a suggestion");
    write("mailtally.toml", suggested);
    let (code, out, _) = mailtally(folder.path(), &["inspect", "own.csv"]);
    assert_eq!(code, Some(3), "one record has a word that is not mapped");
    for expected in ["format      own", "2 delivery", "1 unparsed", "1 delivered", "1 bounced", "status \"odd\""] {
        assert!(out.contains(expected), "{expected}: {out}");
    }
    write(
        "other.toml",
        &suggested.replace("name = \"own\"", "name = \"shop\"\n# odd\n").replace("\"sent\"", "\"sent\", \"odd\""),
    );
    let (code, out, _) = mailtally(folder.path(), &["inspect", "own.csv", "--config", "other.toml"]);
    assert_eq!((code, out.contains("format      shop"), out.contains("2 delivered")), (Some(0), true, true), "{out}");
}

#[test]
fn a_mapping_that_does_not_fit_says_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).expect("a file");
    write("own.csv", "at,to,what\n2026-10-07T18:30:00Z,a@example.com,ok\n");
    let config = "[[format]]\nname = 'own'\nkind = 'csv'\nfields = { time = 'at', recipient = 'to', status = 'what', reply = 'said' }\nstatus = { delivered = 'ok' }\n";
    write("mailtally.toml", config);
    let (_, out, _) = mailtally(folder.path(), &["inspect", "own.csv"]);
    assert!(
        out.contains("unknown format") && out.contains("nearest to the mapping own, but no column is called said"),
        "{out}"
    );
    let (code, out, _) = mailtally(folder.path(), &["inspect", "own.csv", "--format", "own"]);
    assert!(out.contains("read by the mapping own, but no column is called said") && out.contains("1 delivered"), "{out}");
    assert_eq!(code, Some(3));
    write("mailtally.toml", &config.replace("recipient = 'to'", "recipent = 'to'"));
    let (code, _, errors) = mailtally(folder.path(), &["inspect", "own.csv"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("mailtally.toml") && errors.contains("line 4") && errors.contains("recipent"), "{errors}");
}
