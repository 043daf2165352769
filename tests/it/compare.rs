//! The comparison, end to end: what it finds, that both periods are treated alike, and how it ends on bad input.
#![cfg(feature = "tables")]

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

fn mailtally(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").args(arguments);
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn month(name: &str) -> String {
    format!("{}/sample-logs/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("UTF-8").to_owned()
}

/// The comparison as JSON.
fn compared(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let page = path(folder.path(), "c.html");
    let (code, json, errors) = mailtally(&[&["compare", "--json", "-o", &page], arguments].concat());
    assert_eq!(code, Some(0), "{errors}");
    assert!(Path::new(&page).exists());
    serde_json::from_str(&json).expect("JSON")
}

#[test]
fn the_sample_months_differ_in_what_was_made_to_differ() {
    let (before, after) = (month("2026-09"), month("2026-10"));
    let json = compared(&["--before", &before, "--after", &after]);
    let changes = json["changes"].as_array().unwrap();
    let of = |provider: &str, metric: &str| {
        let row =
            changes.iter().find(|row| row["within"] == "provider" && row["provider"] == provider && row["metric"] == metric);
        row.unwrap_or_else(|| panic!("{provider} {metric}"))
    };
    for provider in ["microsoft", "apple"] {
        assert_eq!(of(provider, "deferral_rate")["verdict"], "better", "{}", of(provider, "deferral_rate"));
    }
    for age in ["accepted_within_1min", "accepted_within_1h"] {
        assert!(of("google", age)["before_of"].as_u64() > Some(1_000), "{}", of("google", age));
    }
    // The block of 31 hours is one event: a month of thirty days cannot tell it from chance.
    assert_ne!(of("microsoft", "accepted_rate")["verdict"], "better");
    assert_eq!((&json["before"]["first_day"], &json["after"]["last_day"]), (&"2026-09-01".into(), &"2026-10-31".into()));
    assert_eq!(json["with_itself"]["flagged"], 0);
    assert!(json["with_itself"]["compared"].as_u64() > Some(50));
    let affected: Vec<i64> = changes.iter().map(|row| row["affected"].as_i64().unwrap().abs()).collect();
    assert!(affected.is_sorted_by(|a, b| a >= b), "ordered by mail affected");
    // Mix and rate, to the last digit.
    let mix = json["mix"].as_array().unwrap();
    let sum = |column: &str| mix.iter().map(|row| row[column].as_i64().unwrap()).sum::<i64>();
    let total = sum("after_part") as f64 / sum("after_of") as f64 - sum("before_part") as f64 / sum("before_of") as f64;
    assert_eq!(sum("mix") + sum("performance"), (total * 1e9).round() as i64);
}

#[test]
fn a_month_compared_with_itself_has_not_changed() {
    let october = month("2026-10");
    let json = compared(&["--before", &october, "--after", &october]);
    for verdict in ["worse", "better", "moved-small"] {
        assert_eq!(json["verdicts"][verdict], 0, "{verdict}");
    }
    assert!(json["changes"].as_array().unwrap().iter().all(|row| row["difference"] == 0.0));
}

#[test]
fn threads_and_order_change_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let host = |month_name: &str, host: &str| month(&format!("{month_name}/{host}"));
    let run = |name: &str, threads: &str, hosts: [&str; 2]| {
        let (page, tables) = (path(folder.path(), &format!("{name}.html")), path(folder.path(), name));
        let [before, after] = ["2026-09", "2026-10"].map(|month| hosts.map(|name| host(month, name)));
        let (code, summary, errors) = mailtally(&[
            "compare",
            "--before",
            &before[0],
            &before[1],
            "--after",
            &after[0],
            &after[1],
            "--threads",
            threads,
            "-o",
            &page,
            "--tables",
            &tables,
            "--as",
            "csv",
        ]);
        assert_eq!(code, Some(0), "{errors}");
        let tables = ["changes", "mix", "shifts", "before/domains", "after/domains"];
        let files = tables.map(|table| std::fs::read(folder.path().join(name).join(format!("{table}.csv"))).unwrap());
        (std::fs::read(&page).unwrap(), files, summary.replace(&page, "PAGE"))
    };
    let (one, two) = (run("one", "1", ["mx1", "mx4"]), run("two", "2", ["mx4", "mx1"]));
    assert!(one.0 == two.0, "the pages differ");
    assert!(one.1 == two.1, "the tables differ");
    assert_eq!(one.2, two.2);
    assert!(one.2.lines().count() <= 24, "{}", one.2);
}

#[test]
fn one_set_of_inputs_may_hold_both_periods() {
    let logs = [month("2026-09/mx2"), month("2026-10/mx2")];
    let together = compared(&["--before", &logs[0], &logs[1], "--before-period", "2026-09", "--after-period", "2026-10"]);
    let apart = compared(&["--before", &logs[0], "--after", &logs[1]]);
    let outcomes = |json: &Value, side: &str| json[side]["outcomes"].as_u64().unwrap();
    for side in ["before", "after"] {
        assert_eq!(outcomes(&together, side), outcomes(&apart, side), "{side}");
    }
}

/// A month's log of one mail a day that is deferred at once and delivered after `wait` days, up to `last` days after the month.
fn slow_month(month: u32, days: i64, wait: i64, last: i64) -> String {
    let start = jiff::civil::date(2026, month as i8, 1).at(12, 0, 0, 0);
    let mut lines: Vec<(jiff::civil::DateTime, String)> = Vec::new();
    for day in 0..days {
        for nth in 0..10 {
            let id = format!("{month:X}{day:02X}{nth}ABCDEF");
            let at = start.checked_add(jiff::Span::new().days(day).minutes(nth)).unwrap();
            let then = at.checked_add(jiff::Span::new().days(wait)).unwrap();
            let attempt = |delay: i64, dsn: &str, status: &str| {
                format!(
                    "{id}: to=<a{nth}@example.org>, relay=mx.example.org[192.0.2.1]:25, delay={delay}, delays=0/0/0/0, dsn={dsn}, status={status}"
                )
            };
            lines.push((at, format!("postfix/qmgr[9]: {id}: from=<b@example.com>, size=900, nrcpt=1 (queue active)")));
            lines.push((
                at,
                format!(
                    "postfix/smtp[17]: {}",
                    attempt(
                        1,
                        "4.2.0",
                        "deferred (host mx.example.org[192.0.2.1] said: 450 4.2.0 Greylisted (in reply to RCPT TO command))"
                    )
                ),
            ));
            lines.push((
                then,
                format!("postfix/smtp[17]: {}", attempt(wait * 86_400, "2.0.0", "sent (250 2.0.0 Ok: queued as 7F00AA)")),
            ));
            lines.push((then, format!("postfix/qmgr[9]: {id}: removed")));
        }
    }
    let end = start.checked_add(jiff::Span::new().days(days - 1 + last).hours(11)).unwrap();
    lines.sort();
    let known = lines.into_iter().filter(|(at, _)| *at <= end);
    let stamped = known.map(|(at, text)| format!("{}+00:00 mx1 {text}\n", at.strftime("%Y-%m-%dT%H:%M:%S.000000")));
    stamped.collect::<Vec<_>>().concat()
}

#[test]
fn both_periods_are_followed_for_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    // Both months are alike; the first log goes on for six days, the second stops with its last day.
    let (before, after) = (path(folder.path(), "september.log"), path(folder.path(), "october.log"));
    std::fs::write(&before, slow_month(9, 30, 3, 6)).unwrap();
    std::fs::write(&after, slow_month(10, 31, 3, 0)).unwrap();
    let json = compared(&["--before", &before, "--after", &after]);
    assert_eq!(json["settled_hours"], 0);
    let total = json["changes"].as_array().unwrap().iter().find(|row| row["metric"] == "accepted_within_1h").unwrap();
    // What waits longer than its log is followed is open in both; without equal time September would have none.
    assert_eq!(total["before_rate"], total["after_rate"]);
    let mix = json["mix"].as_array().unwrap();
    let resolved = |column: &str| mix.iter().map(|row| row[column].as_i64().unwrap()).sum::<i64>();
    assert_eq!((resolved("before_of"), resolved("after_of")), (270, 280), "three days of each are still under way");
}

#[test]
fn what_cannot_be_meant_so_is_usage() {
    let (october, folder) = (month("2026-10/mx4"), tempfile::tempdir().unwrap());
    let page = path(folder.path(), "c.html");
    let cases: [(&[&str], &str); 5] = [
        (&["compare", "--before", &october, "-o", &page], "--before-period"),
        (&["compare", "--before", "-", "--after", &october, "-o", &page], "standard input"),
        (&["compare", "--before", &october, "--after", &october, "--before-period", "2026-13", "-o", &page], "2026-13"),
        (&["compare", "--before", &october, "--after", &october, "--json", "-o", "-"], "standard output"),
        (&["compare", "--before", &october, "--after", &october, "--only", "change", "--tables", &page], "no such table"),
    ];
    for (arguments, said) in cases {
        let (code, out, errors) = mailtally(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {errors}");
        assert!(errors.contains(said), "{errors}");
    }
    assert!(!Path::new(&page).exists());
    let (code, _, errors) = mailtally(&["export", &october, "--tables", &page, "--only", "changes"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("mailtally compare"), "{errors}");
}

#[test]
fn bad_input_on_either_side_ends_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let (page, missing) = (path(folder.path(), "c.html"), path(folder.path(), "missing.log"));
    let october = month("2026-10/mx4");
    let (code, _, errors) = mailtally(&["compare", "--before", &october, &missing, "--after", &october, "-o", &page]);
    assert_eq!(code, Some(3), "{errors}");
    assert!(errors.contains("missing.log") && Path::new(&page).exists(), "{errors}");
    std::fs::remove_file(&page).unwrap();
    let (code, _, errors) = mailtally(&["compare", "--before", &missing, "--after", &october, "-o", &page]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(!Path::new(&page).exists());
    // A period without mail: nothing to compare.
    let nothing = ["compare", "--before", &october, "--after", &october, "--before-period", "2020-01", "-o", &page];
    let (code, _, errors) = mailtally(&nothing);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("no mail"), "{errors}");
}

#[test]
fn its_tables_are_documented() {
    let (code, list, _) = mailtally(&["tables"]);
    assert_eq!(code, Some(0));
    for table in mailtally::tables::COMPARISON {
        assert!(list.contains(table.name), "{list}");
        let (code, text, _) = mailtally(&["tables", table.name]);
        assert_eq!(code, Some(0));
        assert!(table.file_columns().all(|column| text.contains(column.name)), "{text}");
    }
}

/// The rows of a table that was written.
fn rows(folder: &Path, table: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("{table}.json"))).expect("the table is there");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn what_is_compared_is_what_the_tables_of_the_periods_say() {
    let folder = tempfile::tempdir().unwrap();
    let (page, tables) = (path(folder.path(), "c.html"), path(folder.path(), "t"));
    let (before, after) = (month("2026-09"), month("2026-10"));
    let arguments = ["compare", "--before", &before, "--after", &after, "-o", &page, "--tables", &tables, "--as", "json"];
    let (code, _, errors) = mailtally(&arguments);
    assert_eq!(code, Some(0), "{errors}");
    let changes = rows(Path::new(&tables), "changes");
    let counts = |row: &Value, names: &[&str]| names.iter().map(|name| row[*name].as_i64().unwrap()).sum::<i64>();
    let resolved = ["delivered", "bounced_later", "bounced", "blocked", "expired"];
    let mut checked = 0;
    for (side, of_side) in [("before", "before"), ("after", "after")] {
        let folder = Path::new(&tables).join(side);
        let (providers, sources) = (rows(&folder, "providers"), rows(&folder, "sources"));
        let (users, replies) = (rows(&folder, "unknown_users"), rows(&folder, "signatures"));
        for row in &changes {
            let text = |name: &str| row[name].as_str().unwrap();
            let got = ["part", "of"].map(|name| row[format!("{of_side}_{name}")].as_i64().unwrap());
            let group: Vec<&Value> = match text("within") {
                "total" => providers.iter().collect(),
                "provider" => providers.iter().filter(|one| one["provider"] == row["provider"]).collect(),
                "source" => sources.iter().filter(|one| one["source"] == row["key"]).collect(),
                "reply" if text("presence") != "reworded" => {
                    let of_reply =
                        replies.iter().filter(|one| one["provider"] == row["provider"] && one["signature"] == row["key"]);
                    assert_eq!(got[0], of_reply.map(|one| counts(one, &["attempts"])).sum::<i64>(), "{row}");
                    continue;
                }
                _ => continue,
            };
            let sum = |names: &[&str]| group.iter().map(|one| counts(one, names)).sum::<i64>();
            let wanted = match text("metric") {
                "accepted_rate" => [sum(&["delivered", "bounced_later"]), sum(&resolved)],
                "hard_rate" => [sum(&["hard"]), sum(&resolved)],
                "expired_rate" => [sum(&["expired"]), sum(&resolved)],
                "deferral_rate" if text("within") != "source" => [sum(&["deferred_once"]), sum(&["attempted"])],
                "unknown_user_rate" => {
                    let is_of = |one: &&Value| {
                        one["day"].is_null() && (text("within") == "total" || one["provider"] == row["provider"])
                    };
                    let users = || users.iter().filter(is_of);
                    ["unknown", "judged"].map(|name| users().map(|one| counts(one, &[name])).sum::<i64>())
                }
                _ => continue,
            };
            assert_eq!(got, wanted, "{side}: {row}");
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn a_change_for_the_worse_has_an_exit_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let page = path(folder.path(), "c.html");
    let (before, after) = (month("2026-09"), month("2026-10"));
    let run = |before: &str, after: &str| {
        mailtally(&["compare", "-q", "--before", before, "--after", after, "-o", &page, "--fail-on", "worse"])
    };
    let (code, _, errors) = run(&before, &after);
    assert_eq!(code, Some(4), "{errors}");
    assert!(errors.starts_with("mailtally: --fail-on worse: ") && errors.lines().count() == 1, "{errors}");
    let (code, _, errors) = run(&after, &after);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
}
