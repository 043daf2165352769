//! What is wrong with arguments is told before anything is read, and what is told is what was meant; end to end.
#![cfg(feature = "tables")]

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// Runs the program in `folder`; gives the exit code, stdout and stderr.
fn run_with(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    for name in ["MAILTALLY_FORMAT", "MAILTALLY_TZ", "MAILTALLY_RULES", "MAILTALLY_CONFIG"] {
        command.env_remove(name);
    }
    let output =
        command.envs(variables.iter().copied()).current_dir(folder).args(arguments).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    run_with(folder, &[], arguments)
}

/// A folder with `mail.log`: three days of October, of which one mail a day is refused.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::new();
    for number in 0..60 {
        let stamp = format!("2026-10-{:02}T09:{:02}:00+00:00 mx1 postfix", 1 + number / 20, number % 20);
        let id = format!("4cN{number:04}Zyz");
        let (dsn, status) = if number % 20 == 0 {
            ("5.1.1", "bounced (host mx.firm.example[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))")
        } else {
            ("2.0.0", "sent (250 Ok)")
        };
        log.extend([format!(
            "{stamp}/qmgr[9]: {id}: from=<news@shop.example>, size=900, nrcpt=1 (queue active)\n{stamp}/smtp[7]: {id}: \
             to=<u{number}@firm.example>, relay=mx.firm.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn={dsn}, status={status}\n\
             {stamp}/qmgr[9]: {id}: removed\n"
        )]);
    }
    std::fs::write(folder.path().join("mail.log"), log).unwrap();
    folder
}

#[test]
fn a_dsn_in_which_no_mail_is_does_not_make_accepted_delivered() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::write(folder.path().join("other.log"), "Oct  1 08:00:00 mx1 sshd[3]: hello\n").unwrap();
    for (dsn, said) in [("none/", "no such file"), ("empty", "holds no file"), ("other.log", "other.log: no mail is in it")] {
        let (code, summary, errors) = run(folder.path(), &["report", "mail.log", "--dsn", dsn]);
        assert_eq!(code, Some(3), "{dsn}: {errors}");
        assert!(summary.contains("accepted 95.0 %") && errors.contains(said), "{dsn}: {summary}{errors}");
    }
    std::fs::write(
        folder.path().join("mbox"),
        "From a Sat Oct 10 10:00:00 2026\nFrom: a@b.example\nTo: c@d.example\nSubject: x\n\nx\n",
    )
    .unwrap();
    let (code, summary, errors) = run(folder.path(), &["report", "mail.log", "--dsn", "mbox"]);
    assert!(code == Some(0) && summary.contains("delivered 95.0 %"), "somebody looked: {summary}{errors}");
}

#[test]
fn a_comparison_obeys_the_lists_of_the_configuration() {
    let folder = folder();
    std::fs::write(folder.path().join("keep.toml"), "[lists]\nkeep = [\"firm.example\"]\n").unwrap();
    let suppressed = |config: &[&str]| {
        let arguments = ["compare", "-q", "--before", "mail.log", "--after", "mail.log", "--tables", "t", "--as", "json"];
        let (code, _, errors) = run(folder.path(), &[&arguments, config].concat());
        assert_eq!(code, Some(0), "{errors}");
        let text = std::fs::read_to_string(folder.path().join("t/before/suppress.json")).unwrap();
        serde_json::from_str::<Vec<Value>>(&text).unwrap().len()
    };
    assert_eq!((suppressed(&[]), suppressed(&["--config", "keep.toml"])), (3, 0));
}

#[test]
fn a_period_without_mail_is_no_good_month() {
    let folder = folder();
    let (code, out, errors) = run(folder.path(), &["report", "mail.log", "--period", "2027-01"]);
    assert_eq!((code, out.as_str()), (Some(1), ""), "{errors}");
    assert!(errors.contains("no mail was received in January 2027; the logs hold 1–3 October 2026"), "{errors}");
    assert!(!folder.path().join("report.html").exists());
    let two = ["compare", "--before", "mail.log", "--before-period", "2026-09", "--after-period", "2026-10"];
    let (code, _, errors) = run(folder.path(), &two);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("in September 2026, the first period; the logs hold 1–3 October 2026"), "{errors}");
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_anything_is_read() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    std::fs::create_dir(folder.path().join("dir")).unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["report", "none.log", "-o", "missing/r.html", "--tables", "t"], "there is no folder missing. Make it first"),
        (&["report", "none.log", "-o", "dir"], "-o dir: this is a folder"),
        (&["report", "none.log", "--tables", "file"], "--tables file: file is a file, where a folder is needed"),
        (&["compare", "--before", "none.log", "--after", "none.log", "-o", "missing/c.html"], "no folder missing"),
        (&["export", "none.log", "--tables", "file/t"], "where a folder is needed"),
        (&["lists", "none.log", "--into", "file"], "where a folder is needed"),
        (&["query", "none.log", "SELECT * FROM domains", "-o", "missing/a.csv"], "no folder missing"),
    ];
    for (arguments, said) in cases {
        let (code, _, errors) = run(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(said) && errors.lines().count() == 1, "{arguments:?}: {errors}");
    }
    assert!(!folder.path().join("t").exists());
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    let folder = folder();
    std::fs::write(folder.path().join("wrong.toml"), "[lists]\nkept = []\n").unwrap();
    let cases: [(&[&str], &str); 29] = [
        (&["report", "mail.log", "--fail-on", "block_rate@gogle>0"], "Is google meant?"),
        (&["report", "mail.log", "--fail-on", "block_rate>=1"], "only < and >"),
        (&["report", "mail.log", "--only", "domains"], "--tables <DIR>"),
        (&["report", "mail.log", "--as", "csv"], "--tables <DIR>"),
        (&["report", "mail.log", "--month", "2026-10"], "--period 2026-10"),
        (&["report", "mail.log", "--since", "2026-10"], "2026-10-01"),
        (&["report", "mail.log", "--period", "2026-10-07..2026-10-01"], "the earlier day first"),
        (&["report", "mail.log", "--settle", "-1"], "0 to 365"),
        (&["report", "mail.log", "--settle", "1.5"], "a whole number of days"),
        (&["report", "mail.log", "--threads", "-1"], "1 to 1024"),
        (&["report", "mail.log", "--year", "20x6"], "between 1970 and 2200"),
        (&["report", "mail.log", "--own-relay", ""], "as the log has it"),
        (&["report", "mail.log", "--own-relay", "mx1, mx2"], "as the log has it"),
        (&["report", "mail.log", "--title", ""], "a title has words"),
        (&["query", "mail.log", "SELECT provider FROM providers", "--max-rows", "0"], "1 to 500,000,000"),
        (&["compare", "--before", "mail.log", "--after", "mail.log", "--period", "2026-10"], "--before-period 2026-09"),
        (&["compare", "mail.log", "mail.log"], "--before A --after B"),
        (&["mail.log"], "mailtally report mail.log"),
        (&["explain", "--rules", "none.toml", "550"], "none.toml"),
        (&["rules", "--rules", "none.toml"], "none.toml"),
        (&["rules", "nothing"], "no rule begins"),
        (&["explain", "--config", "wrong.toml", "550 no"], "kept"),
        (&["inspect", "--config", "wrong.toml", "mail.log"], "kept"),
        (&["compare", "--config", "wrong.toml", "--before", "mail.log", "--after", "mail.log"], "kept"),
        (&["explain", "--from", "gogle", "550 no"], "Is google meant?"),
        (&["explain", "550", "5.1.1", "User", "unknown"], "'550 5.1.1 User unknown'"),
        (&["query", "mail.log", "SELECT code FROM attempts WHERE code = 'abc'"], "mailtally tables attempts"),
        (&["query", "mail.log", "SELECT state FROM outcomes WHERE provider = \"google\""], "single quotes"),
        (&["query", "SELECT * FROM domains", "mail.log"], "the question comes last"),
    ];
    for (arguments, said) in cases {
        let (code, out, errors) = run(folder.path(), arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {errors}");
        assert!(errors.contains(said), "{arguments:?}: {errors}");
    }
    let (_, _, errors) = run(folder.path(), &["explain", "--config", "wrong.toml", "550 no"]);
    assert_eq!(errors.matches("unknown field").count(), 1, "{errors}");
}

#[test]
fn an_empty_variable_counts_as_none_and_a_wrong_one_is_named() {
    let folder = folder();
    let empty = [("MAILTALLY_CONFIG", ""), ("MAILTALLY_FORMAT", ""), ("MAILTALLY_TZ", ""), ("MAILTALLY_RULES", "")];
    let (code, _, errors) = run_with(folder.path(), &empty, &["report", "mail.log"]);
    assert_eq!(code, Some(0), "{errors}");
    for (name, value) in [("MAILTALLY_CONFIG", "none.toml"), ("MAILTALLY_FORMAT", "prefix"), ("MAILTALLY_TZ", "Mars")] {
        let (code, _, errors) = run_with(folder.path(), &[(name, value)], &["report", "mail.log"]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(name), "{errors}");
    }
}

#[test]
fn quiet_keeps_what_changes_the_exit_code() {
    let folder = folder();
    let (code, _, errors) = run(folder.path(), &["report", "-q", "mail.log", "./mail.log", "none.log"]);
    assert_eq!(code, Some(3));
    assert!(errors.contains("none.log: no such file") && errors.lines().count() == 1, "{errors}");
    let (_, _, errors) = run(folder.path(), &["report", "mail.log", "mail.log"]);
    assert!(errors.contains("mail.log: named twice; counted once."), "{errors}");
}

#[test]
fn a_failure_of_several_lines_names_the_program_on_each() {
    let folder = folder();
    std::fs::write(folder.path().join("notes.txt"), "hello\n").unwrap();
    let (code, _, errors) = run(folder.path(), &["report", "notes.txt", "none.log", "--format", "postfix"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.lines().count() > 1 && errors.lines().all(|line| line.starts_with("mailtally: ")), "{errors}");
    assert!(!errors.contains("the others are counted"), "{errors}");
}

#[test]
fn a_file_that_is_no_log_and_was_only_found_is_a_note() {
    let folder = folder();
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).unwrap();
    std::fs::rename(folder.path().join("mail.log"), logs.join("mail.log")).unwrap();
    std::fs::write(logs.join("notes.txt"), "buy milk\n").unwrap();
    let (code, summary, errors) = run(folder.path(), &["report", "logs"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("logs/notes.txt: unknown format"), "{errors}");
    assert!(summary.contains("1 file (1 more not read)"), "{summary}");
    assert_eq!(run(folder.path(), &["report", "logs/mail.log", "logs/notes.txt"]).0, Some(3));
}

#[test]
fn months_of_a_zone_that_follow_each_other_do_not_overlap() {
    let logs = format!("{}/sample-logs", env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let periods = ["--before-period", "2026-09", "--after-period", "2026-10", "--tz", "America/Los_Angeles", "--json"];
    let (code, json, errors) = run(folder.path(), &[&["compare", "--before", &logs], &periods[..]].concat());
    assert_eq!(code, Some(0), "{errors}");
    assert!(!json.contains("overlap"), "{json}");
}

#[test]
fn a_moment_has_the_zone_that_it_names() {
    let folder = folder();
    let outcomes = |options: &[&str]| {
        let sql = "SELECT COUNT(*) AS n FROM outcomes";
        let (code, csv, errors) = run(folder.path(), &[&["query", "mail.log", sql, "--as", "csv"], options].concat());
        assert_eq!(code, Some(0), "{errors}");
        csv.trim().trim_start_matches("n\n").parse::<u32>().unwrap()
    };
    // Each mail was received a second before its line.
    assert_eq!(outcomes(&["--since", "2026-10-03T01:59[America/Los_Angeles]"]), 20);
    assert_eq!(outcomes(&["--since", "2026-10-03T02:00[America/Los_Angeles]"]), 19);
    assert_eq!(outcomes(&["--since", "2026-10-03T11:00", "--tz", "+02:00"]), 19);
    let (code, _, _) = run(folder.path(), &["query", "mail.log", "SELECT * FROM domains", "--tz", "+2500"]);
    assert_eq!(code, Some(2));
}

#[test]
fn a_log_under_a_forced_format_says_what_it_is() {
    let folder = folder();
    let (_, told, _) = run(folder.path(), &["inspect", "mail.log", "--format", "exim"]);
    assert!(told.contains("its records are those of postfix"), "{told}");
    let (_, json, _) = run(folder.path(), &["inspect", "--json", "nothere.log", "mail.log"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["not_read"][0]["path"], "nothere.log");
}

#[test]
fn an_answer_to_standard_output_leaves_no_file_named_dash() {
    let folder = folder();
    let (code, csv, errors) =
        run(folder.path(), &["query", "mail.log", "SELECT domain FROM domains", "--as", "csv", "-o", "-"]);
    assert_eq!((code, csv.as_str()), (Some(0), "domain\nfirm.example\n"), "{errors}");
    assert!(!folder.path().join("-").exists());
}

#[test]
fn a_reply_that_took_the_mail_is_no_riddle() {
    let folder = folder();
    for (reply, said) in [("250 ok", "accepted"), ("550", "permanent failure"), ("", "no reason that is known")] {
        let (code, told, _) = run(folder.path(), &["explain", reply]);
        assert_eq!(code, Some(0));
        assert!(told.contains(said) && !told.contains("[[rule]]"), "{told}");
    }
    let rule = |from: &str| run(folder.path(), &["explain", "--json", "--from", from, "550 5.7.1 refused"]).1;
    assert_eq!((rule("gmail.com"), rule("Google")), (rule("google"), rule("google")));
}

#[test]
fn a_full_disk_behind_standard_output_is_named() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let folder = folder();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("mailtally"));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.current_dir(folder.path()).args(["report", "mail.log"]).stdout(full).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("report.html is written; standard output: No space left"), "{errors}");
}
