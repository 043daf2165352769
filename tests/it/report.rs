//! The report and its tables, end to end: right, the same whatever the threads and the order, and honest about bad input.
#![cfg(feature = "tables")]

use std::collections::BTreeMap;
use std::path::Path;

use assert_cmd::Command;
use mailtally::rows::End;
use serde_json::Value;

use crate::simulate::{Options, simulate};

fn mailtally(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").args(arguments);
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn sample_logs() -> String {
    format!("{}/sample-logs", env!("CARGO_MANIFEST_DIR"))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("UTF-8").to_owned()
}

/// The rows of an exported table.
fn rows(folder: &Path, table: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("{table}.json"))).expect("the table is there");
    serde_json::from_str(&text).expect("JSON")
}

fn sum(rows: &[Value], column: &str) -> u64 {
    rows.iter().map(|row| row[column].as_u64().expect("a count")).sum()
}

/// The logs of a simulated October in a folder, and every outcome.
fn october(folder: &Path, seed: u64) -> crate::simulate::truth::Truth {
    let (logs, truth) = simulate(&Options::october(seed, 1_500));
    for (number, log) in logs.iter().enumerate() {
        let name = format!("host{number}/mail.log-20261101");
        std::fs::create_dir_all(folder.join(&name).parent().expect("a folder")).unwrap();
        std::fs::write(folder.join(name), log.text().expect("a log")).unwrap();
    }
    truth
}

#[test]
fn the_tables_are_what_happened() {
    let folder = tempfile::tempdir().unwrap();
    let truth = october(&folder.path().join("logs"), 7);
    let tables = folder.path().join("tables");
    let (logs, out) = (path(folder.path(), "logs"), path(folder.path(), "tables"));
    let (code, _, errors) = mailtally(&["export", &logs, "--tables", &out, "--as", "json"]);
    assert_eq!(code, Some(0), "{errors}");
    let domains = rows(&tables, "domains");
    let counts = |end: End| truth.outcomes.iter().filter(|outcome| !outcome.is_own_bounce && outcome.end == end).count() as u64;
    assert_eq!(sum(&domains, "delivered"), counts(End::Accepted));
    assert_eq!(sum(&domains, "bounced") + sum(&domains, "blocked"), counts(End::Refused));
    assert_eq!(sum(&domains, "expired"), counts(End::Expired));
    assert_eq!(sum(&domains, "deferred"), counts(End::Deferred));
    assert_eq!(sum(&domains, "queued"), counts(End::Queued));
    assert_eq!(sum(&domains, "cancelled"), counts(End::Cancelled));
    let attempts: u64 = truth
        .outcomes
        .iter()
        .filter(|outcome| !outcome.is_own_bounce && !matches!(outcome.end, End::HandedOn | End::Local))
        .map(|outcome| u64::from(outcome.attempts))
        .sum();
    assert_eq!(sum(&domains, "attempts"), attempts);
    let mut delivered: BTreeMap<String, u64> = BTreeMap::new();
    for outcome in truth.outcomes.iter().filter(|outcome| !outcome.is_own_bounce && outcome.end == End::Accepted) {
        *delivered.entry(outcome.domain().to_ascii_lowercase()).or_default() += 1;
    }
    for row in &domains {
        let domain = row["domain"].as_str().expect("a name");
        assert_eq!(row["delivered"].as_u64(), delivered.remove(domain).or(Some(0)), "{domain}");
    }
    assert!(delivered.is_empty(), "{delivered:?}");
    for table in ["providers", "timeline", "sources", "senders", "retries"] {
        assert_eq!(sum(&rows(&tables, table), "outcomes"), sum(&domains, "outcomes"), "{table}");
    }
}

#[test]
fn every_attempt_is_in_the_schedule_and_what_was_put_off_has_a_fate() {
    let folder = tempfile::tempdir().unwrap();
    let truth = october(folder.path(), 11);
    let (tables, logs) = (folder.path().join("tables"), folder.path().to_str().expect("UTF-8").to_owned());
    let only = "retry_schedule,lifetimes,providers,retries";
    let arguments = ["export", &logs, "--tables", tables.to_str().expect("UTF-8"), "--as", "json", "--only", only];
    let (code, _, errors) = mailtally(&arguments);
    assert_eq!(code, Some(0), "{errors}");
    let of_all = |table: &str, is_all: bool| -> Vec<Value> {
        rows(&tables, table).into_iter().filter(|row| (row["provider"] == "(all)") == is_all).collect()
    };
    let counted = |outcome: &&crate::simulate::truth::Outcome| {
        !outcome.is_own_bounce && !matches!(outcome.end, End::HandedOn | End::Local)
    };
    let tries: Vec<u64> = truth.outcomes.iter().filter(counted).map(|outcome| u64::from(outcome.attempts)).collect();
    for row in of_all("retry_schedule", true) {
        let number = row["number"].as_u64().expect("a count");
        let wanted: u64 = match number {
            11 => tries.iter().map(|tries| tries.saturating_sub(10)).sum(),
            number => tries.iter().filter(|tries| **tries >= number).count() as u64,
        };
        assert_eq!(row["attempts"].as_u64(), Some(wanted), "{number}");
        assert_eq!(row["gap_p50_ms"].is_null(), number == 1);
    }
    let (all, each) = (of_all("retry_schedule", true), of_all("retry_schedule", false));
    let accepted = truth.outcomes.iter().filter(counted).filter(|outcome| outcome.end == End::Accepted).count() as u64;
    assert_eq!([sum(&all, "delivered"), sum(&each, "delivered")], [accepted; 2]);
    let providers = rows(&tables, "providers");
    for row in of_all("lifetimes", true) {
        let put_off = (row["deferred"].as_u64(), row["delivered"].as_u64());
        assert_eq!(put_off, (Some(sum(&providers, "deferred_once")), Some(sum(&providers, "recovered"))));
        let attempts =
            of_all("lifetimes", true).iter().take_while(|other| other["hours"] != row["hours"]).cloned().collect::<Vec<_>>();
        let before = sum(&attempts, "attempts_up_to") + row["attempts_up_to"].as_u64().expect("a count");
        assert_eq!(before + row["attempts_later"].as_u64().expect("a count"), tries.iter().sum::<u64>());
    }
}

#[test]
fn threads_and_order_change_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = ["2026-10/mx1", "2026-09"].map(|part| format!("{}/{part}", sample_logs()));
    let run = |name: &str, threads: &str, inputs: [&str; 2]| {
        let (page, tables) = (path(folder.path(), &format!("{name}.html")), path(folder.path(), name));
        let arguments = ["report", inputs[0], inputs[1], "--threads", threads, "-o", &page, "--tables", &tables, "--as", "csv"];
        let (code, summary, errors) = mailtally(&arguments);
        assert_eq!(code, Some(0), "{errors}");
        let files = std::fs::read_dir(&tables).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            files.map(|path| (path.file_name().unwrap().to_owned(), std::fs::read(path).unwrap())).collect();
        files.sort();
        (std::fs::read(&page).unwrap(), files, summary.replace(&page, "PAGE"))
    };
    let one = run("one", "1", [&hosts[0], &hosts[1]]);
    let two = run("two", "2", [&hosts[1], &hosts[0]]);
    assert!(one.0 == two.0, "the pages differ");
    assert_eq!(one.1.len(), mailtally::tables::TABLES.len());
    assert!(one.1 == two.1, "the tables differ");
    assert_eq!(one.2, two.2);
}

#[test]
fn the_summary_fits_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (code, summary, _) = mailtally(&["report", &sample_logs(), "-o", &path(folder.path(), "r.html")]);
    assert_eq!(code, Some(0));
    assert!(summary.lines().count() <= 24, "{summary}");
    for line in summary.lines().filter(|line| !line.contains("r.html")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let mut head = summary.lines().take(2);
    assert!(head.any(|line| line.ends_with("lines")), "what was read is told whole:\n{summary}");
    assert!(!summary.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn a_page_to_standard_output_is_nothing_but_the_page() {
    let (code, page, errors) = mailtally(&["report", &sample_logs(), "-o", "-"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
}

#[test]
fn a_period_holds_the_mail_that_was_received_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let export = |name: &str, period: &[&str]| {
        let (tables, logs) = (path(folder.path(), name), sample_logs());
        let arguments =
            [&["export", &logs, "--tables", &tables, "--as", "json", "--only", "timeline,domains"], period].concat();
        let (code, _, errors) = mailtally(&arguments);
        assert_eq!(code, Some(0), "{errors}");
        rows(&folder.path().join(name), "timeline")
    };
    let all = export("all", &[]);
    let week = export("week", &["--since", "2026-10-05", "--until", "2026-10-12"]);
    let is_of_week = |row: &&Value| ("2026-10-05".."2026-10-12").contains(&row["day"].as_str().expect("a day"));
    let of_week: Vec<Value> = all.iter().filter(is_of_week).cloned().collect();
    assert!(!week.is_empty());
    assert_eq!(sum(&week, "outcomes"), sum(&of_week, "outcomes"));
    assert!(week.iter().all(|row| is_of_week(&row)));
    let month = export("month", &["--period", "2026-10"]);
    let of_october: Vec<Value> = all.iter().filter(|row| row["day"].as_str() >= Some("2026-10-01")).cloned().collect();
    assert_eq!(sum(&month, "outcomes"), sum(&of_october, "outcomes"));
    assert!(sum(&month, "outcomes") < sum(&all, "outcomes"), "September is in the logs too");
}

#[test]
fn bad_input_is_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let good = path(folder.path(), "mail.log");
    let sent = "Oct  1 08:00:01 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=0.5, \
                delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F00AA)\n";
    std::fs::write(&good, sent).unwrap();
    let (page, missing) = (path(folder.path(), "r.html"), path(folder.path(), "missing.log"));
    let (code, _, errors) = mailtally(&["report", &good, &missing, "-o", &page, "--year", "2026"]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("missing.log"), "{errors}");
    assert!(std::fs::read_to_string(&page).unwrap().contains("example.org"));
}

#[test]
fn nothing_is_written_where_no_input_holds_a_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let other = path(folder.path(), "access.log");
    std::fs::write(&other, "192.0.2.7 - - [01/Oct/2026:08:00:01 +0000] \"GET / HTTP/1.1\" 200 5\n".repeat(50)).unwrap();
    let page = path(folder.path(), "r.html");
    let (code, _, errors) = mailtally(&["report", &other, "-o", &page]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("access.log") && errors.contains("--format"), "{errors}");
    assert!(!Path::new(&page).exists());
}

#[test]
fn an_unknown_table_is_wrong_usage_of_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, errors) = mailtally(&["export", &sample_logs(), "--tables", &path(folder.path(), "t"), "--only", "domain"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("domain: no such table") && errors.contains("domains"), "{errors}");
}

#[test]
fn every_table_tells_its_columns() {
    for table in mailtally::tables::TABLES {
        let (code, text, _) = mailtally(&["tables", table.name]);
        assert_eq!(code, Some(0));
        assert!(table.file_columns().all(|column| text.contains(column.name)), "{text}");
        let (code, sql, _) = mailtally(&["tables", table.name, "--sql"]);
        assert_eq!(code, Some(0));
        assert!(sql.contains(table.sql.map_or("counted in Rust", |_| "ORDER BY")), "{sql}");
    }
}

/// A month whose mail all goes to one relay that is no mailbox provider's.
fn by_smarthost(folder: &Path) -> String {
    let mut log = String::new();
    for number in 0..200 {
        let domain = ["gmail.com", "hotmail.com", "yahoo.com", "firm.example"][number % 4];
        let stamp = format!("2026-10-{:02}T09:{:02}:00+00:00 mx1 postfix", 1 + number / 8, number % 60);
        let id = format!("4cN{number:04}Zyz");
        log.extend([format!(
            "{stamp}/qmgr[9]: {id}: from=<news@shop.example>, size=900, nrcpt=1 (queue active)\n{stamp}/smtp[7]: {id}: to=<u{number}@{domain}>, relay=smtp.relay.example[192.0.2.9]:587, delay=1, \
             delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok: queued as q{number}AbC)\n{stamp}/qmgr[9]: {id}: removed\n"
        )]);
    }
    std::fs::write(folder.join("mail.log"), log).unwrap();
    path(folder, "mail.log")
}

#[test]
fn a_smarthost_is_told_first_and_what_it_hides_is_withheld() {
    let folder = tempfile::tempdir().unwrap();
    let (log, page) = (by_smarthost(folder.path()), path(folder.path(), "r.html"));
    let (tables, out) = (folder.path().join("tables"), path(folder.path(), "tables"));
    let (code, summary, errors) = mailtally(&["report", &log, "-o", &page, "--tables", &out, "--as", "json"]);
    assert_eq!(code, Some(0), "{errors}");
    let smarthosts = rows(&tables, "smarthosts");
    assert_eq!(smarthosts.len(), 1);
    let row = &smarthosts[0];
    assert_eq!((row["relay"].as_str(), row["host"].as_str()), (Some("smtp.relay.example"), Some("mx1")));
    let counts = ["providers", "handed_over", "accepted"].map(|column| row[column].as_u64());
    assert_eq!(counts, [Some(3), Some(150), Some(150)]);
    let html = std::fs::read_to_string(page).unwrap();
    let first = html.find("class=\"warning\"").expect("a warning");
    let warning = html.get(first..first + 600).unwrap();
    assert!(warning.contains("(150 of 150) was handed to smtp.relay.example"), "{warning}");
    assert_eq!(html.matches("Withheld: the smarthost answered").count(), 4, "providers, blocks, unknown users, channels");
    assert!(html.contains("<b>Delivered means accepted by the smarthost.</b>"), "who accepted it");
    assert!(!html.contains("accepted by their server.</b>"), "nobody knows what their server did");
    assert!(summary.contains("handed to the smarthost 100"), "{summary}");
    assert!(!summary.contains("delivered "), "{summary}");
}

#[test]
fn a_smarthost_that_is_named_as_our_own_is_a_hop() {
    let folder = tempfile::tempdir().unwrap();
    let log = by_smarthost(folder.path());
    let (tables, out) = (folder.path().join("tables"), path(folder.path(), "tables"));
    let (code, _, errors) = mailtally(&["export", &log, "--own-relay", "smtp.relay.example", "--tables", &out, "--as", "json"]);
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(sum(&rows(&tables, "domains"), "outcomes"), 0);
    assert_eq!(rows(&tables, "smarthosts"), Vec::<Value>::new());
}

#[test]
fn what_a_service_refused_to_send_is_counted_apart_and_in_no_rate() {
    let folder = tempfile::tempdir().unwrap();
    let event = |name: &str, id: u32, rest: &str| {
        format!(
            "{{\"event\":\"{name}\",\"email\":\"a{id}@example.com\",\"timestamp\":{},\"sg_message_id\":\"m{id}\",\"sg_event_id\":\"{name}{id}\"{rest}}}\n",
            1_790_841_600 + id
        )
    };
    let dropped = ",\"reason\":\"Bounced Address\"";
    let log = [
        event("delivered", 1, ",\"response\":\"250 ok\""),
        event("dropped", 2, dropped),
        event("dropped", 3, dropped),
        // Let go after all.
        event("delivered", 3, ",\"response\":\"250 ok\""),
    ];
    std::fs::write(folder.path().join("events.json"), log.concat()).unwrap();
    let tables = folder.path().join("tables");
    let (logs, out, page) =
        (path(folder.path(), "events.json"), path(folder.path(), "tables"), path(folder.path(), "report.html"));
    let (code, _, errors) = mailtally(&["report", &logs, "--tables", &out, "--as", "json", "-o", &page]);
    assert_eq!(code, Some(0), "{errors}");
    let domains = rows(&tables, "domains");
    assert_eq!(["outcomes", "delivered", "cancelled", "attempts"].map(|column| sum(&domains, column)), [2, 2, 0, 2]);
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Not sent") && page.contains("the service itself refused to send it"));
}

#[test]
fn a_condition_that_holds_ends_with_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let page = path(folder.path(), "r.html");
    let logs = sample_logs();
    let run = |conditions: &[&str]| {
        let options = conditions.iter().flat_map(|condition| ["--fail-on", *condition]);
        let arguments: Vec<&str> = ["report", "-q", &logs, "-o", &page].into_iter().chain(options).collect();
        mailtally(&arguments)
    };
    let (code, _, errors) = run(&["block_rate@microsoft>1", "block_rate@google>90", "delivered_rate<100"]);
    assert_eq!(code, Some(4), "{errors}");
    let told: Vec<&str> = errors.lines().collect();
    assert_eq!(told.len(), 2, "{errors}");
    assert!(told[0].starts_with("mailtally: --fail-on block_rate@microsoft>1: it is 1.4"), "{errors}");
    assert!(std::fs::read_to_string(&page).unwrap().trim_end().ends_with("</html>"), "the page is written all the same");
    assert_eq!(run(&["block_rate>90"]).0, Some(0));
    let missing = path(folder.path(), "missing.log");
    let damaged = |condition| mailtally(&["report", "-q", &logs, &missing, "-o", &page, "--fail-on", condition]).0;
    assert_eq!((damaged("delivered_rate>99"), damaged("delivered_rate<99")), (Some(3), Some(4)), "it wins over damage");
    let (code, _, errors) = run(&["blocked>1"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("there is no figure \"blocked\"; these are: delivered_rate"), "{errors}");
}

#[test]
fn what_is_quoted_is_of_the_period() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let mut command = Command::cargo_bin("mailtally").unwrap();
    command.args(["report", "sample-logs", "--period", "2026-10", "-o"]).arg(&page).assert().success();
    let page = std::fs::read_to_string(page).unwrap();
    let quoted = page.split("<figure class=\"log\"><pre>").skip(1);
    let quoted: Vec<&str> = quoted.filter_map(|rest| rest.split(' ').next()).collect();
    assert!(quoted.len() > 20, "{quoted:?}");
    assert!(quoted.iter().all(|stamp| *stamp == "Oct" || stamp.starts_with("2026-10")), "{quoted:?}");
}
