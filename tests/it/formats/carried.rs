//! Tables and records of fields are the same log behind what passed them on. A mark of the byte order at the front changes nothing, and a search
//! that exports a table gives the lines that it found.

use std::fmt::Write as _;

use mailtally::format::{FORMATS, detect};

use super::fixtures;
use super::framings::{BY_SYSLOG, counts, quoted};

/// Formats that no syslog daemon writes, or not always.
const CARRIED: [&str; 5] = ["powermta", "exchange", "momentum", "mailerq", "qmail"];

type Around = (&'static str, fn(&str) -> String);

const AROUND: [Around; 9] = [
    ("Filebeat", |line| {
        format!("{{\"@timestamp\":\"2026-10-01T08:00:00.123Z\",\"log\":{{\"offset\":7}},\"message\":{}}}", quoted(line))
    }),
    ("Docker", |line| {
        format!("{{\"log\":{},\"stream\":\"stdout\",\"time\":\"2026-10-01T08:00:00.1Z\"}}", quoted(&format!("{line}\n")))
    }),
    ("Loki", |line| {
        format!("{{\"labels\":{{\"job\":\"x\"}},\"line\":{},\"timestamp\":\"2026-10-01T08:00:00Z\"}}", quoted(line))
    }),
    ("Splunk", |line| format!("{{\"preview\":false,\"result\":{{\"_raw\":{}}}}}", quoted(line))),
    ("Kubernetes", |line| format!("2026-10-01T08:00:00.123456789Z stdout F {line}")),
    ("docker compose", |line| format!("mta-1  | {line}")),
    ("kubectl logs --prefix", |line| format!("[pod/mta-0/mta] {line}")),
    ("syslog", |line| format!("<13>Oct  1 08:00:00 mx1 mta[17]: {line}")),
    ("grep -H", |line| format!("/var/log/mta/log.1:{line}")),
];

/// Of splogger's records a cut one is known by its length, one fixture is of many framings, and a form is no line of a log.
fn is_odd(path: &std::path::Path) -> bool {
    ["qmail/splogger.log", "qmail/framings.log", "mailgun/posts.log"].iter().any(|odd| path.ends_with(odd))
}

fn read(path: &std::path::Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

#[track_caller]
fn check(log: &str, name: &str, expected: &str, what: &str) {
    let found = detect(log.as_bytes()).unwrap_or_else(|| panic!("{what} is unknown"));
    assert_eq!(found.format.name(), name, "{what}");
    // Which records say nothing of a delivery may differ: blanks at their ends are gone.
    let attempts = |text: &str| text.split_once(", attempts").map(|(_, attempts)| attempts.to_owned());
    assert_eq!(attempts(&counts(found.format, log)), attempts(expected), "{what}");
}

#[test]
fn a_table_is_the_same_behind_what_passed_it_on() {
    let mut carried = 0;
    for format in FORMATS.into_iter().filter(|format| CARRIED.contains(&format.name())) {
        for path in fixtures(format.name()).into_iter().filter(|path| !is_odd(path)) {
            let log = read(&path);
            // Objects are read whole wherever they stand, and a cell of several lines was cut by what passed it on.
            let is_of_lines = !log.starts_with(['{', '[']) && log.matches('"').count().is_multiple_of(2);
            let lines: Vec<&str> =
                log.lines().filter(|line| !line.trim().is_empty() && line.matches('"').count().is_multiple_of(2)).collect();
            let plain = lines.join("\n");
            if !is_of_lines || lines.len() < log.lines().filter(|line| !line.trim().is_empty()).count() {
                continue;
            }
            let expected = counts(format, &plain);
            for (name, around) in AROUND {
                let wrapped: String = lines.iter().map(|line| around(line) + "\n").collect();
                check(&wrapped, format.name(), &expected, &format!("{} by {name}", path.display()));
            }
            carried += 1;
        }
    }
    assert!(carried >= 9, "{carried} logs were carried");
}

#[test]
fn a_mark_of_the_byte_order_changes_nothing() {
    for format in FORMATS {
        for path in fixtures(format.name()) {
            let log = read(&path);
            if log.starts_with('\u{feff}') {
                continue;
            }
            check(&format!("\u{feff}{log}"), format.name(), &counts(format, &log), &path.display().to_string());
        }
    }
}

#[test]
fn a_search_that_exports_a_table_gives_the_lines_that_it_found() {
    const OTHERS: [&str; 3] = ["ses", "kumomta", "mailgun"];
    let cell = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    for format in FORMATS.into_iter().filter(|format| BY_SYSLOG.contains(&format.name()) || OTHERS.contains(&format.name())) {
        for path in fixtures(format.name()).into_iter().filter(|path| !is_odd(path)) {
            let log = read(&path);
            let is_plain = detect(log.as_bytes()).is_some_and(|found| found.framing == mailtally::event::Framing::Lines);
            let has_fronts =
                log.lines().any(|line| line.starts_with(['"', ' ', '\t', '\u{feff}']) || line.ends_with([' ', '\t']));
            if !is_plain || has_fronts || log.contains("last message repeated") {
                continue;
            }
            let mut rows = "\"_raw\",\"_time\"\n".to_owned();
            for line in log.lines().filter(|line| !line.is_empty()) {
                writeln!(rows, "{},\"2026-10-01T08:00:00.000+0000\"", cell(line)).unwrap();
            }
            let plain: String = log.lines().filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect();
            let expected = counts(format, &plain);
            check(&rows, format.name(), &expected, &path.display().to_string());
        }
    }
}

#[test]
fn objects_that_carry_a_table_may_go_over_lines() {
    let rows = ["type,timeLogged,rcpt,dsnStatus", "d,1790841600,ann@example.org,2.0.0", "b,1790841601,bob@example.net,5.1.1"];
    let objects = rows.map(|row| format!("{{\n \"host\": \"mx1\",\n \"message\": {}\n}}", quoted(row)));
    let expected = counts(detect(rows.join("\n").as_bytes()).unwrap().format, &rows.join("\n"));
    check(&objects.join("\n"), "powermta", &expected, "objects over lines");
    check(&format!("[\n{}\n]\n", objects.join(",\n")), "powermta", &expected, "a list");
    let one_cut = objects.join("\n") + "\n{\"host\": \"mx1\"}\n{\"message\": \"d,17";
    check(&one_cut, "powermta", &expected, "one is cut");
}

#[test]
fn what_stands_beside_a_line_in_a_table_is_none_of_its_words() {
    let tables: [Around; 8] = [
        ("@timestamp,message,host.name", |line| format!("\"Oct 1, 2026 @ 08:00:00.000\",{line},mx1")),
        ("_id,@timestamp,message,tags", |line| format!("abc,2026-10-01T08:00:00.000Z,{line},x")),
        ("timestamp,source,full_message,message,level", |line| format!("2026-10-01T08:00:00.000Z,mx1,{line},{line},6")),
        ("labels,Time,Line,tsNs,id", |line| {
            format!("\"{{\"\"job\"\":\"\"mail\"\"}}\",2026-10-01 08:00:00.000,{line},1790841600000000000,7_a")
        }),
        ("Date,Message,Host", |line| format!("2026-10-01T08:00:00.000Z,{line},mx1")),
        ("@timestamp,@message,@logStream", |line| format!("2026-10-01 08:00:00.000,{line},mx1")),
        ("message,timestamp", |line| format!("{line},2026-10-01T08:00:00.000Z")),
        ("_time,host,_raw", |line| format!("2026-10-01T08:00:00.000+0000,mx1,{line}")),
    ];
    let sent = "Oct  1 08:00:00 mx1 sendmail[17]: 69160w2s000010: to=<ann@example.org>, delay=00:00:01, relay=mx.example.org. [192.0.2.9], stat=Sent";
    let expected = counts(detect(sent.as_bytes()).unwrap().format, sent);
    assert!(expected.contains("attempts 1: 1 0 0 0"), "{expected}");
    for (header, row) in tables {
        check(&format!("{header}\n{}\n", row(&format!("\"{sent}\""))), "sendmail", &expected, header);
    }
}
