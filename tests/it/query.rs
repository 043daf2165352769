//! Questions in SQL, end to end.
#![cfg(feature = "tables")]

use assert_cmd::Command;
use serde_json::Value;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").env_remove("MAILTALLY_RULES").args(arguments);
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn sample_logs() -> String {
    format!("{}/sample-logs/2026-10", env!("CARGO_MANIFEST_DIR"))
}

/// The answer on the sample logs, with further options.
#[track_caller]
fn ask_with(options: &[&str], sql: &str) -> Vec<Value> {
    let logs = sample_logs();
    let (code, answer, errors) = run(&[&["query", &logs, sql, "--as", "json"], options].concat());
    assert_eq!(code, Some(0), "{sql}: {errors}");
    serde_json::from_str(&answer).expect("JSON")
}

#[track_caller]
fn ask(sql: &str) -> Vec<Value> {
    ask_with(&[], sql)
}

/// The only value of the answer.
#[track_caller]
fn number(options: &[&str], sql: &str) -> i64 {
    let rows = ask_with(options, sql);
    let [Value::Object(row)] = rows.as_slice() else { panic!("{sql}: {rows:?}") };
    row.values().next().and_then(Value::as_i64).unwrap_or_else(|| panic!("{sql}: {row:?}"))
}

#[test]
fn rows_are_what_the_tables_count() {
    let count = |sql: &str| number(&[], sql);
    let outcomes = count("SELECT SUM(outcomes) FROM domains");
    assert!(outcomes > 1_000);
    assert_eq!(count("SELECT COUNT(*) FROM outcomes"), outcomes);
    assert_eq!(count("SELECT COUNT(*) FROM attempts WHERE sort = 'real'"), count("SELECT SUM(attempts) FROM domains"));
    assert_eq!(count("SELECT SUM(attempts) FROM outcomes"), count("SELECT SUM(attempts) FROM domains"));
    let sql =
        "WITH ends AS (SELECT state, COUNT(*) AS n FROM outcomes GROUP BY state) SELECT state, n FROM ends ORDER BY state";
    let ends = ask(sql);
    assert!(ends.len() > 4, "{ends:?}");
    for end in ends {
        let state = end["state"].as_str().expect("a state");
        assert_eq!(end["n"].as_i64(), Some(count(&format!("SELECT SUM({state}) FROM domains"))), "{state}");
    }
    for flag in ["deferred_once", "first_try", "recovered", "touched_by_block"] {
        assert_eq!(
            count(&format!("SELECT SUM({flag}) FROM outcomes")),
            count(&format!("SELECT SUM({flag}) FROM domains")),
            "{flag}"
        );
    }
    assert_eq!(count("SELECT SUM(waited_ms) FROM outcomes"), count("SELECT SUM(waited_ms) FROM domains"));
    let failed = "SELECT COUNT(*) FROM attempts WHERE sort = 'real' AND signature IS NOT NULL";
    assert_eq!(count(failed), count("SELECT SUM(attempts) FROM signatures"));
}

#[test]
fn rows_are_those_of_the_period() {
    for options in [
        &["--since", "2026-10-05", "--until", "2026-10-09"][..],
        &["--period", "2026-10-07", "--settle", "1"],
        &["--scope", "all"],
    ] {
        let count = |sql: &str| number(options, sql);
        assert_eq!(count("SELECT COUNT(*) FROM outcomes"), count("SELECT SUM(outcomes) FROM domains"), "{options:?}");
        assert_eq!(count("SELECT SUM(attempts) FROM outcomes"), count("SELECT SUM(attempts) FROM domains"), "{options:?}");
        let real = count("SELECT COUNT(*) FROM attempts WHERE sort IN ('real', 'local')");
        assert_eq!(real, count("SELECT SUM(attempts) FROM codes"), "{options:?}");
        assert!(real > 0);
    }
    let days = ask_with(&["--period", "2026-10-07"], "SELECT day, COUNT(*) AS n FROM attempts GROUP BY day");
    assert!(days.len() == 1 && days[0]["day"] == "2026-10-07", "{days:?}");
}

#[test]
fn rows_join_each_other_and_the_tables() {
    let orphans = "SELECT COUNT(*) FROM attempts LEFT JOIN outcomes ON attempts.message = outcomes.message AND \
                   attempts.recipient_no = outcomes.recipient_no WHERE outcomes.queue_id IS NULL";
    assert_eq!(number(&[], orphans), 0);
    let keys = "WITH k AS (SELECT DISTINCT message, recipient_no, attempt_no FROM attempts) SELECT COUNT(*) FROM k";
    assert_eq!(number(&[], keys), number(&[], "SELECT COUNT(*) FROM attempts"));
    let rows = ask("WITH counted AS (SELECT domain, COUNT(*) AS n FROM outcomes GROUP BY domain) \
         SELECT domains.domain, n, outcomes FROM domains JOIN counted ON domains.domain = counted.domain");
    assert_eq!(rows.len() as i64, number(&[], "SELECT COUNT(*) FROM domains"));
    assert!(rows.iter().all(|row| row["n"] == row["outcomes"]), "{rows:?}");
}

#[test]
fn an_answer_is_a_table_csv_or_json() {
    let logs = sample_logs();
    let sql = "SELECT provider, state, COUNT(*) AS outcomes, COUNT(first_delivery) - COUNT(*) AS less FROM \
               (SELECT provider, state, CASE WHEN first_try THEN 1 END AS first_delivery FROM outcomes) AS o \
               WHERE provider IN ('google', 'microsoft') GROUP BY provider, state ORDER BY outcomes DESC";
    let forms = ["table", "csv", "json"].map(|form| {
        let (code, answer, errors) = run(&["query", &logs, sql, "--as", form]);
        assert_eq!(code, Some(0), "{errors}");
        format!("--as {form}\n{answer}")
    });
    insta::assert_snapshot!(forms.join("\n"));
}

#[test]
fn the_rows_are_documented() {
    for view in ["attempts", "outcomes"] {
        let (code, text, _) = run(&["tables", view]);
        assert_eq!(code, Some(0));
        insta::assert_snapshot!(view, text);
        let row = ask(&format!("SELECT * FROM {view} LIMIT 1"));
        let Some(Value::Object(row)) = row.first() else { panic!("{view}: no row") };
        assert!(row.keys().all(|column| text.contains(&format!("  {column} "))), "{text}");
    }
}

#[test]
fn threads_and_order_change_no_byte_of_an_answer() {
    let hosts = ["mx1", "mx2"].map(|host| format!("{}/{host}", sample_logs()));
    for sql in [
        "SELECT * FROM attempts",
        "SELECT * FROM outcomes",
        "SELECT provider, AVG(delay_ms) AS mean, COUNT(*) FROM attempts GROUP BY provider",
        "SELECT DISTINCT signature FROM attempts LIMIT 5",
        "SELECT * FROM blocks",
    ] {
        let ask = |threads: &str, inputs: [&str; 2]| {
            let (code, answer, errors) = run(&["query", inputs[0], inputs[1], sql, "--as", "csv", "--threads", threads]);
            assert_eq!(code, Some(0), "{errors}");
            answer
        };
        let (one, two) = (ask("1", [&hosts[0], &hosts[1]]), ask("2", [&hosts[1], &hosts[0]]));
        assert!(one == two, "{sql}: the answers differ");
        assert!(one.lines().count() > 1, "{sql}");
    }
}

#[test]
fn wrong_questions_are_told_before_anything_is_read() {
    for (sql, said) in [
        ("SELECT a FROM mails", "mails: no such table. These are known: "),
        ("SELECT nonsense FROM outcomes", "mailtally tables outcomes"),
        ("SELECT COUNT(*) FROM", "the query cannot be read"),
        ("DROP TABLE domains", "one SELECT statement"),
        ("SELECT * FROM read_parquet('x.parquet')", "the tables of the run"),
        ("SELECT o.day FROM outcomes AS o LEFT JOIN attempts AS a ON o.message = a.message AND a.code > 400", "WITH b AS"),
        ("SELECT SUM(outcomes) OVER (ORDER BY outcomes) FROM domains", "ROWS BETWEEN UNBOUNDED PRECEDING"),
        ("SELECT day + 'x' FROM outcomes", ""),
    ] {
        let (code, answer, errors) = run(&["query", "no/such/file", sql]);
        assert_eq!((code, answer.as_str()), (Some(2), ""), "{sql}: {errors}");
        assert!(errors.contains(said) && !errors.contains("no/such/file"), "{sql}: {errors}");
    }
    let (code, _, errors) = run(&["query", "no/such/file", "SELECT * FROM domains", "--as", "parquet"]);
    assert!(code == Some(2) && errors.contains("-o FILE"), "{errors}");
    let (code, _, errors) = run(&["query", "no/such/file", "SELECT * FROM domains"]);
    assert!(code == Some(1) && errors.contains("no/such/file"), "{errors}");
}

#[test]
fn too_many_rows_are_no_answer() {
    let logs = sample_logs();
    let (code, answer, errors) = run(&["query", &logs, "SELECT COUNT(*) FROM outcomes", "--max-rows", "100"]);
    assert_eq!((code, answer.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("--max-rows") && errors.contains("--since"), "{errors}");
    let (code, _, errors) = run(&["query", &logs, "SELECT COUNT(*) FROM domains", "--max-rows", "100"]);
    assert_eq!(code, Some(0), "no rows are kept for tables alone: {errors}");
}

#[test]
fn an_answer_goes_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let logs = sample_logs();
    for (form, begin) in [("parquet", &b"PAR1"[..]), ("csv", b"domain,"), ("json", b"[\n{\"domain\": "), ("table", b"domain ")]
    {
        let path = folder.path().join(form);
        let arguments = ["query", &logs, "SELECT domain, outcomes FROM domains", "--as", form, "-o", path.to_str().unwrap()];
        let (code, answer, errors) = run(&arguments);
        assert_eq!((code, answer.as_str()), (Some(0), ""), "{errors}");
        assert!(std::fs::read(&path).unwrap().starts_with(begin), "{form}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing else is left there");
}

#[test]
fn foreign_words_cannot_act() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("mail.log");
    let reply = "550 5.1.1 \u{1b}[2J\u{202e}gone";
    let record = format!(
        "Oct  1 08:00:01 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<=cmd@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=0.5, \
         delays=0.1/0/0.2/0.2, dsn=5.1.1, status=bounced (host mx.example.org[192.0.2.1] said: {reply} (in reply to RCPT TO command))\n"
    );
    std::fs::write(&log, record).unwrap();
    let log = log.to_str().unwrap();
    let sql = "SELECT recipient, signature FROM attempts";
    let (code, table, errors) = run(&["query", log, sql, "--year", "2026"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
    assert!(table.contains("=cmd@example.org"), "{table}");
    let (code, _, errors) = run(&["query", log, "SELECT CAST(signature AS BIGINT) FROM attempts", "--year", "2026"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("the query failed") && !errors.contains(['\u{1b}', '\u{202e}']), "{errors:?}");
    let (_, csv, _) = run(&["query", log, sql, "--year", "2026", "--as", "csv"]);
    assert!(csv.contains("'=cmd@example.org"), "{csv}");
    let (_, csv, _) = run(&["query", log, "SELECT domain AS \"=1+1\" FROM attempts", "--year", "2026", "--as", "csv"]);
    assert!(csv.starts_with("'=1+1\n"), "{csv}");
}

#[test]
fn a_row_leads_to_its_record() {
    let log = format!("{}/mx2/mail.log-20261101", sample_logs());
    let sql = "SELECT input, place, recipient FROM attempts WHERE status <> 'delivered'";
    let (code, answer, errors) = run(&["query", &log, sql, "--as", "json"]);
    assert_eq!(code, Some(0), "{errors}");
    let rows: Vec<Value> = serde_json::from_str(&answer).expect("JSON");
    assert!(rows.len() > 3, "{rows:?}");
    let bytes = std::fs::read(&log).expect("the file");
    for row in rows {
        assert_eq!(row["input"].as_str(), Some(log.as_str()));
        let record = &bytes[row["place"].as_u64().expect("a place") as usize..];
        let record = String::from_utf8_lossy(record.split(|&byte| byte == b'\n').next().expect("a line")).into_owned();
        assert!(record.contains(row["recipient"].as_str().expect("an address")), "{record}");
    }
}

#[test]
fn options_may_stand_anywhere() {
    let logs = sample_logs();
    let orders: [&[&str]; 3] = [
        &["--as", "csv", &logs, "SELECT COUNT(*) AS n FROM outcomes"],
        &[&logs, "--as", "csv", "SELECT COUNT(*) AS n FROM outcomes"],
        &[&logs, "SELECT COUNT(*) AS n FROM outcomes", "--as", "csv"],
    ];
    let mut answers = orders.iter().map(|order| run(&[&["query", "--period", "2026-10"], *order].concat()));
    let first = answers.next().unwrap();
    assert_eq!((first.0, first.1.starts_with("n\n")), (Some(0), true), "{}", first.2);
    assert!(answers.all(|answer| answer.1 == first.1));
    let (code, _, errors) = run(&["query", "SELECT COUNT(*) FROM outcomes"]);
    assert!(code == Some(2) && errors.contains("needs an input"), "{errors}");
}

/// The answer on a log of these lines, as CSV.
#[track_caller]
fn ask_of(lines: &[&str], sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("mail.log");
    std::fs::write(&log, lines.join("\n") + "\n").unwrap();
    let (code, csv, errors) = run(&["query", log.to_str().unwrap(), sql, "--year", "2026", "--as", "csv"]);
    assert_eq!(code, Some(0), "{errors}");
    csv
}

#[test]
fn what_a_process_said_of_one_relay_is_not_true_of_the_next() {
    let lines = [
        "Oct  1 08:00:00 mx1 postfix/qmgr[9]: 5A1B2C3D4E: from=<a@example.net>, size=900, nrcpt=4 (queue active)",
        "Oct  1 08:00:01 mx1 postfix/smtp[17]: Untrusted TLS connection established to gmail-smtp-in.l.google.com[192.0.2.1]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
        "Oct  1 08:00:01 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<a@gmail.com>, relay=gmail-smtp-in.l.google.com[192.0.2.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 OK 17 gsmtp)",
        "Oct  1 08:00:02 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<b@nowhere.example>, relay=none, delay=0.6, delays=0.1/0.1/0.4/0, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=nowhere.example type=A: Host not found)",
        "Oct  1 08:00:03 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<c@example.org>, relay=mx.example.org[198.51.100.7]:25, delay=0.7, delays=0.1/0.2/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
        "Oct  1 08:00:04 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<d@gmail.com>, relay=gmail-smtp-in.l.google.com[192.0.2.1]:25, conn_use=2, delay=0.8, delays=0.1/0.3/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 OK 18 gsmtp)",
    ];
    let csv = ask_of(&lines, "SELECT recipient, relay, tls, provider FROM attempts ORDER BY recipient");
    let expected = "recipient,relay,tls,provider\n\
                    a@gmail.com,gmail-smtp-in.l.google.com,TLSv1.3,google\n\
                    b@nowhere.example,,,unreached\n\
                    c@example.org,mx.example.org,,self-hosted\n\
                    d@gmail.com,gmail-smtp-in.l.google.com,TLSv1.3,google\n";
    assert_eq!(csv, expected);
}

#[test]
fn all_that_is_put_back_at_once_goes_on_as_it_was() {
    let lines = [
        "Oct  1 08:00:00 mx1 postfix/pickup[8]: 5A1B2C3D4E: uid=1000 from=<a@example.net>",
        "Oct  1 08:00:00 mx1 postfix/qmgr[9]: 5A1B2C3D4E: from=<a@example.net>, size=900, nrcpt=1 (queue active)",
        "Oct  1 08:00:01 mx1 postfix/smtp[17]: 5A1B2C3D4E: to=<b@example.org>, relay=mx.example.org[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=4.3.0, status=deferred (host mx.example.org[198.51.100.7] said: 451 4.3.0 Try again later (in reply to RCPT TO command))",
        "Oct  1 08:10:00 mx1 postfix/postsuper[70]: Requeued: 1 message",
        "Oct  1 08:10:02 mx1 postfix/pickup[8]: 6A1B2C3D4F: uid=100 from=<a@example.net> orig_id=5A1B2C3D4E",
        "Oct  1 08:10:02 mx1 postfix/qmgr[9]: 6A1B2C3D4F: from=<a@example.net>, size=910, nrcpt=1 (queue active)",
        "Oct  1 08:10:03 mx1 postfix/smtp[17]: 6A1B2C3D4F: to=<b@example.org>, relay=mx.example.org[198.51.100.7]:25, delay=603, delays=602/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
        "Oct  1 08:10:03 mx1 postfix/qmgr[9]: 6A1B2C3D4F: removed",
    ];
    let csv = ask_of(&lines, "SELECT queue_id, recipient, state, attempts, first_try FROM outcomes");
    assert_eq!(csv, "queue_id,recipient,state,attempts,first_try\n6A1B2C3D4F,b@example.org,delivered,2,false\n");
}

#[test]
fn a_table_that_a_shipper_passed_on_is_counted_like_any_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shipped.json");
    let mut log = "{\"message\":\"type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag\"}\n".to_owned();
    for n in 0..30_000_u32 {
        let row = format!(
            "d,{},{},news@example.com,u{n}@d{}.example,2.0.0 (success),smtp;250 ok",
            1_790_841_600 + n,
            1_790_841_599 + n,
            n % 7
        );
        log.push_str(
            &serde_json::json!({"@timestamp": "2026-10-01T08:00:00Z", "message": row, "host": {"name": "mta1"}}).to_string(),
        );
        log.push('\n');
    }
    std::fs::write(&path, log).expect("a file");
    let path = path.to_str().expect("a path");
    let (code, answer, errors) =
        run(&["query", path, "SELECT COUNT(*) AS n, MIN(state) AS state FROM outcomes", "--as", "json"]);
    assert_eq!(code, Some(0), "{errors}");
    let rows: Vec<Value> = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(rows, [serde_json::json!({"n": 30_000, "state": "delivered"})]);
}

/// Appliances rewrite nearly every mail, and speak TLS with nearly every host.
#[test]
fn a_mail_that_an_appliance_rewrote_is_one_outcome_with_the_connection_that_took_it() {
    let log = format!("{}/tests/fixtures/ironport/rewritten.log", env!("CARGO_MANIFEST_DIR"));
    let sql = "SELECT recipient, state, sender, size, attempts FROM outcomes ORDER BY recipient";
    let (code, answer, errors) = run(&["query", &log, sql, "--as", "csv"]);
    assert_eq!(code, Some(0), "{errors}");
    let lines: Vec<&str> = answer.lines().skip(1).collect();
    assert_eq!(
        lines,
        ["ann@gmail.example,bounced,news@example.org,20480,1", "bob@gmail.example,delivered,news@example.org,20480,1"]
    );
    let sql = "SELECT source, relay_ip, tls FROM attempts ORDER BY recipient";
    let (code, answer, errors) = run(&["query", &log, sql, "--as", "csv"]);
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(answer.lines().skip(1).collect::<Vec<&str>>(), ["203.0.113.2,192.0.2.25,TLSv1.3"; 2]);
}

/// Policies that differ by recipient, routes that a directory tells, filters with another recipient: the mail goes on under new numbers.
#[test]
fn recipients_who_go_over_to_another_number_count_there_once() {
    let log = format!("{}/tests/fixtures/ironport/moved.log", env!("CARGO_MANIFEST_DIR"));
    let sql = "SELECT queue_id, recipient, state, attempts FROM outcomes ORDER BY recipient";
    let (code, answer, errors) = run(&["query", &log, sql, "--as", "csv"]);
    assert_eq!(code, Some(0), "{errors}");
    let expected = [
        "58,ann@gmail.example,delivered,1",
        "82,archive@example.org,delivered,1",
        "60,bob@yahoo.example,delivered,1",
        "60,cyd@yahoo.example,delivered,1",
        "80,gil@gmail.example,delivered,1",
        "71,trap@example.org,delivered,1",
        "38637865,tue58286@gomail.edu.example,delivered,1",
    ];
    assert_eq!(answer.lines().skip(1).collect::<Vec<&str>>(), expected);
}

#[test]
fn mail_that_an_appliance_keeps_or_throws_away_was_cancelled() {
    let log = format!("{}/tests/fixtures/ironport/taken_out.log", env!("CARGO_MANIFEST_DIR"));
    let sql = "SELECT recipient, state FROM outcomes WHERE recipient <> '' ORDER BY recipient";
    let (code, answer, errors) = run(&["query", &log, sql, "--as", "csv"]);
    assert_eq!(code, Some(0), "{errors}");
    let expected = ["ann@gmail.example,cancelled", "bob@gmail.example,cancelled", "cyd@gmail.example,cancelled"];
    let others = ["dan@gmail.example,cancelled", "eve@gmail.example,bounced"];
    assert_eq!(answer.lines().skip(1).collect::<Vec<&str>>(), [&expected[..], &others].concat());
}
