//! Seeds, end to end: each verdict of a small mailing, and what is wrong with a list is said before anything is read.
#![cfg(feature = "tables")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const TAKEN: &str = "sent (250 2.0.0 Ok: queued as 7F00AA)";
const LISTED: &str = "bounced (host mx.block.example[203.0.113.9] said: 554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org (in \
                      reply to RCPT TO command))";
const UNKNOWN: &str = "bounced (host mx.good.example[203.0.113.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))";
const BUSY: &str = "deferred (host mx.good.example[203.0.113.9] said: 451 4.3.0 Temporary server error. Please try again later (in reply to RCPT TO \
                    command))";

/// Messages of a mailing on 2026-10-07, 08:00 UTC, and one a week later.
fn log() -> String {
    let mut text = String::new();
    let mut serial = 0xA0_0000;
    let mut mail = |day: u32, to: &str, status: &str| {
        serial += 1;
        let stamp = format!("2026-10-{day:02}T08:{:02}:01Z mx1 postfix", serial % 40);
        let domain = to.rsplit('@').next().unwrap();
        let _ = writeln!(text, "{stamp}/qmgr[9]: {serial:X}: from=<news@list.example>, size=900, nrcpt=1 (queue active)");
        let _ = writeln!(
            text,
            "{stamp}/smtp[17]: {serial:X}: to=<{to}>, relay=mx.{domain}[203.0.113.9]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status={status}"
        );
        if !status.starts_with("deferred") {
            let _ = writeln!(text, "{stamp}/qmgr[9]: {serial:X}: removed");
        }
    };
    for number in 0..30 {
        mail(7, &format!("reader{number}@good.example"), TAKEN);
        mail(7, &format!("reader{number}@block.example"), LISTED);
    }
    mail(7, "Arrived@good.example", TAKEN);
    mail(7, "vanished@good.example", TAKEN);
    mail(7, "spam@good.example", TAKEN);
    mail(7, "dead@good.example", UNKNOWN);
    mail(7, "waiting@good.example", BUSY);
    for number in 0..3 {
        mail(7, &format!("seed{number}@block.example"), LISTED);
    }
    mail(14, "later@good.example", TAKEN);
    text
}

const SEEDS: &str = "address,provider,date,seen\n\
     arrived@good.example,Good,2026-10-07,inbox\n\
     VANISHED@good.example,Good,2026-10-07,missing\n\
     spam@good.example,Good,2026-10-07,spam\n\
     dead@good.example,Good,2026-10-07,missing\n\
     waiting@good.example,Good,2026-10-08,missing\n\
     later@good.example,Good,2026-10-07,missing\n\
     seed0@block.example,Block,2026-10-07,missing\n\
     seed1@block.example,Block,2026-10-07,missing\n\
     seed2@block.example,Block,2026-10-07,missing\n";

fn mailtally(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").env_remove("MAILTALLY_CONFIG").args(arguments);
    let output = command.output().expect("the program runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    std::fs::write(folder.join(name), text).unwrap();
    folder.join(name).to_str().unwrap().to_owned()
}

fn export(folder: &Path, inputs: &[&str], seeds: &str) -> (Vec<Value>, Vec<Value>) {
    let tables = folder.join("tables");
    let options = ["--seeds", seeds, "--as", "json", "--only", "seeds,seed_providers", "--tables", tables.to_str().unwrap()];
    let (code, errors) = mailtally(&[&["export"], inputs, &options].concat());
    assert_eq!(code, Some(0), "{errors}");
    let rows = |table: &str| {
        serde_json::from_str(&std::fs::read_to_string(tables.join(table).with_extension("json")).unwrap()).unwrap()
    };
    (rows("seeds"), rows("seed_providers"))
}

#[test]
fn each_missing_seed_has_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, seeds) = (write(folder.path(), "mail.log", &log()), write(folder.path(), "seeds.csv", SEEDS));
    let (rows, providers) = export(folder.path(), &[&logs], &seeds);
    let verdicts: BTreeMap<&str, &str> =
        rows.iter().map(|row| (row["address"].as_str().unwrap(), row["verdict"].as_str().unwrap())).collect();
    let wanted = [
        ("arrived@good.example", "arrived"),
        ("dead@good.example", "dead"),
        ("later@good.example", "not-sent"),
        ("seed0@block.example", "refused"),
        ("seed1@block.example", "refused"),
        ("seed2@block.example", "refused"),
        ("spam@good.example", "filtered"),
        ("vanished@good.example", "vanished"),
        ("waiting@good.example", "waiting"),
    ];
    assert_eq!(verdicts, wanted.into_iter().collect());
    let refused = rows.iter().find(|row| row["address"] == "seed0@block.example").unwrap();
    assert_eq!((&refused["category"], &refused["listed_as"]), (&"dns-blocklist".into(), &"Block".into()));
    assert!(
        refused["queue_id"].as_str().is_some_and(|id| id.starts_with("A000"))
            && refused["path"].as_str().is_some_and(|path| path.ends_with("mail.log"))
    );
    let of = |provider: &str, column: &str| providers.iter().find(|row| row["provider"] == provider).unwrap()[column].clone();
    assert_eq!(
        [
            of("(all)", "missing"),
            of("(all)", "missing_problems"),
            of("(all)", "missing_accepted"),
            of("(all)", "missing_not_sent")
        ],
        [7, 5, 1, 1]
    );
    // At block.example everybody is refused, seeds are no exception; at good.example one of four seeds is dead, of 30 others none.
    assert_eq!((of("block.example", "verdict"), of("block.example", "others_resolved")), ("delivery".into(), 30.into()));
    assert_eq!((of("good.example", "seeds_delivered"), of("good.example", "seeds_resolved")), (3.into(), 4.into()));
    assert_eq!((of("good.example", "others_delivered"), of("good.example", "others_resolved")), (30.into(), 30.into()));
}

#[test]
fn seeds_are_not_compared_with_hours_of_other_mail_to_them() {
    let folder = tempfile::tempdir().unwrap();
    // On the 14th everybody is refused, and the list is about the 7th alone.
    let later = log().replace("2026-10-07", "2026-10-14").replace(": A0", ": B0").replace(TAKEN, LISTED);
    let logs = write(folder.path(), "mail.log", &(log() + &later));
    let (_, providers) = export(folder.path(), &[&logs], &write(folder.path(), "seeds.csv", SEEDS));
    let good = providers.iter().find(|row| row["provider"] == "good.example").unwrap();
    assert_eq!((&good["others_delivered"], &good["others_resolved"]), (&30.into(), &30.into()), "{good}");
}

#[test]
fn threads_order_and_cuts_change_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let text = log();
    let cut = text[..text.len() / 2].rfind('\n').unwrap() - 30;
    let seeds = write(folder.path(), "seeds.csv", SEEDS);
    let whole = write(folder.path(), "mail.log", &text);
    let halves = [write(folder.path(), "b", &text[..cut]), write(folder.path(), "a", &text[cut..])];
    let without_place = |(rows, providers): (Vec<Value>, Vec<Value>)| {
        let rows: Vec<Value> = rows
            .into_iter()
            .map(|mut row| {
                row.as_object_mut().unwrap().retain(|name, _| name != "path" && name != "place");
                row
            })
            .collect();
        (rows, providers)
    };
    let one = without_place(export(folder.path(), &[&whole, "--threads", "1"], &seeds));
    assert_eq!(without_place(export(folder.path(), &[&halves[0], &halves[1], "--threads", "2"], &seeds)), one);
}

#[test]
fn the_page_has_the_headline_and_without_seeds_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let (logs, seeds) = (write(folder.path(), "mail.log", &log()), write(folder.path(), "seeds.csv", SEEDS));
    let page = folder.path().join("r.html").to_str().unwrap().to_owned();
    let section = |arguments: &[&str]| {
        let (code, errors) = mailtally(&[&["report", &logs, "-o", &page], arguments].concat());
        assert_eq!(code, Some(0), "{errors}");
        let html = std::fs::read_to_string(&page).unwrap().replace('\u{a0}', " ");
        let (_, section) = html.split_once("<section id=\"seeds\"").unwrap();
        section.split_once("</section>").unwrap().0.to_owned()
    };
    let with = section(&["--seeds", &seeds]);
    assert!(with.contains("Of 7 missing seeds 5 (71.4 %"), "{with}");
    assert!(with.contains("It is delivery: 3 of 3 missing seeds did not arrive"), "{with}");
    let without = section(&[]);
    assert!(without.contains("No seeds were given") && !without.contains("<table"), "{without}");
}

#[test]
fn what_is_wrong_with_a_list_is_said_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let logs = write(folder.path(), "mail.log", &log());
    let into = folder.path().join("none").to_str().unwrap().to_owned();
    for (name, text, wanted) in [
        ("empty.csv", "", "no address"),
        ("names.csv", "provider,seen\nGood,missing\n", "no column is named address"),
        ("row.csv", "a@good.example\nnobody\n", "line 2: \"nobody\" is no address"),
        ("seen.csv", "address,seen\na@good.example,gone\n", "line 2: \"gone\" is none of inbox, spam, missing"),
    ] {
        let seeds = write(folder.path(), name, text);
        let (code, errors) = mailtally(&["export", &logs, "--tables", &into, "--seeds", &seeds]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(name) && errors.contains(wanted), "{errors}");
    }
    let (code, errors) = mailtally(&["report", &logs, "-o", &into, "--seeds", "no/such/seeds.csv"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("no/such/seeds.csv") && !Path::new(&into).exists(), "{errors}");
}
