//! What trying again cost and brought, end to end: greylisting that passes, an address that is tried on although it is dead, a day of bulk.
#![cfg(feature = "tables")]

use std::fmt::Write as _;

use assert_cmd::Command;
use serde_json::{Value, json};

const GREY: &str = "deferred (host mx.example.net[203.0.113.9] said: 450 4.2.0 Greylisted, please try again later (in reply to RCPT TO command))";
const DEAD: &str = "deferred (host mx.example.net[203.0.113.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))";
const TAKEN: &str = "sent (250 2.0.0 Ok: queued as 7F00AA)";

/// Lines of a day, 2026-10-07.
#[derive(Default)]
struct Log {
    text: String,
    serial: u32,
}

impl Log {
    /// A message with its attempts, each at a minute from 08:00 on.
    fn mail(&mut self, from: &str, to: &str, attempts: &[(u32, &str)]) {
        self.serial += 1;
        let id = format!("{:X}", 0xA0_0000 + self.serial);
        let stamp = |minute: u32| format!("2026-10-07T{:02}:{:02}:01Z mx1 postfix", 8 + minute / 60, minute % 60);
        let _ = writeln!(self.text, "{}/qmgr[9]: {id}: from=<news@{from}>, size=900, nrcpt=1 (queue active)", stamp(0));
        let domain = to.rsplit('@').next().unwrap();
        for (minute, status) in attempts {
            let delay = minute * 60;
            let _ = writeln!(
                self.text,
                "{}/smtp[17]: {id}: to=<{to}>, relay=mx.{domain}[203.0.113.9]:25, delay={delay}, delays=0/0/0/0, dsn=2.0.0, status={status}",
                stamp(*minute)
            );
            if !status.starts_with("deferred") {
                let _ = writeln!(self.text, "{}/qmgr[9]: {id}: removed", stamp(*minute));
            }
        }
    }

    fn tables<const N: usize>(&self, names: [&str; N]) -> [Vec<Value>; N] {
        let folder = tempfile::tempdir().unwrap();
        let (log, into) = (folder.path().join("mail.log"), folder.path().join("tables"));
        // As syslog writes them: in the order of time.
        let mut lines: Vec<&str> = self.text.lines().collect();
        lines.sort_by_key(|line| line.split(' ').next());
        std::fs::write(&log, lines.join("\n") + "\n").unwrap();
        let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
        for variable in ["MAILTALLY_FORMAT", "MAILTALLY_TZ", "MAILTALLY_CONFIG"] {
            command.env_remove(variable);
        }
        let only = names.join(",");
        command.arg("export").arg(&log).args(["--as", "json", "--only", &only, "--tables"]).arg(&into).assert().success();
        names.map(|name| {
            serde_json::from_str(&std::fs::read_to_string(into.join(name).with_extension("json")).unwrap()).unwrap()
        })
    }
}

#[test]
fn what_is_greylisted_is_told_with_the_time_that_it_took_to_pass() {
    let mut log = Log::default();
    for number in 0..6 {
        log.mail("list.example", &format!("slow{number}@example.net"), &[(0, GREY), (5, GREY), (10 + number, TAKEN)]);
    }
    log.mail("list.example", "never@example.net", &[(0, GREY)]);
    // A failure of another sort came first.
    log.mail(
        "list.example",
        "full@example.net",
        &[(0, "deferred (connect to mx.example.net[203.0.113.9]:25: Connection timed out)"), (5, GREY), (9, TAKEN)],
    );
    for number in 0..8 {
        log.mail("list.example", &format!("quick{number}@example.net"), &[(0, TAKEN)]);
    }
    let [greylisting, heatmap] = log.tables(["greylisting", "heatmap"]);
    let all = &greylisting[0];
    let told = ["provider", "outcomes", "greylisted", "passed", "passed_p50_ms"].map(|column| all[column].clone());
    assert_eq!(told, [json!("(all)"), json!(16), json!(7), json!(6), json!(720_000)]);
    assert!((all["greylist_rate"].as_f64().unwrap() - 7.0 / 16.0).abs() < 1e-9);
    let sum = |column: &str| heatmap.iter().map(|row| row[column].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("attempts"), sum("deferred")), (30, 15));
}

#[test]
fn attempts_after_a_reply_that_calls_the_address_dead_are_in_vain() {
    let mut log = Log::default();
    log.mail("list.example", "gone@example.net", &[(0, DEAD), (5, DEAD), (15, GREY), (30, DEAD)]);
    log.mail("list.example", "fine@example.net", &[(0, GREY), (5, TAKEN)]);
    let [schedule] = log.tables(["retry_schedule"]);
    let all = schedule.iter().filter(|row| row["provider"] == "(all)");
    let told: Vec<_> = all.map(|row| [&row["attempts"], &row["in_vain"]].map(|count| count.as_i64().unwrap())).collect();
    assert_eq!(told, [[2, 0], [2, 1], [1, 1], [1, 1]]);
}

#[test]
fn a_day_of_bulk_is_of_a_sender_with_its_subdomains_and_of_consumer_mailboxes_alone() {
    let mut log = Log::default();
    for number in 0..5_000 {
        let from = if number % 2 == 0 { "news.sender.com" } else { "shop.sender.com" };
        log.mail(from, &format!("reader{number}@gmail.com"), &[(number / 100, TAKEN)]);
        if number > 0 {
            log.mail("sender.com", &format!("reader{number}@outlook.com"), &[(number / 100, TAKEN)]);
        }
        log.mail("sender.com", &format!("reader{number}@example.net"), &[(number / 100, TAKEN)]);
    }
    let [days] = log.tables(["bulk_days"]);
    let told = days.iter().map(|row| ["day", "provider", "sender_domain", "outcomes"].map(|column| row[column].clone()));
    let wanted = [json!("2026-10-07"), json!("google"), json!("sender.com"), json!(5_000)];
    assert_eq!(told.collect::<Vec<_>>(), [wanted]);
}
