//! Domains that are not ASCII: readers see them as their owners write them, tables and links as mail is sent by them.
#![cfg(feature = "tables")]

use std::path::Path;

use assert_cmd::Command;

const ASCII: &str = "xn--bcher-kva.example";
const BOTH: &str = "bücher.example (xn--bcher-kva.example)";

fn mailtally(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("mailtally").unwrap().args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// A month of mail from and to such domains, of which one in so many is refused, an even number: all to the first of two.
fn month(folder: &Path, month: u32, one_in: usize) -> String {
    let mut log = String::new();
    for number in 0..400 {
        let domain = [ASCII, "gmail.com"][number % 2];
        let stamp = format!("2026-{month:02}-{:02}T09:{:02}:00+00:00 mx1 postfix", 1 + number / 14, number % 60);
        let id = format!("4cN{number:04}Zyz");
        let end = if number % one_in == 0 {
            "dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))"
        } else {
            "dsn=2.0.0, status=sent (250 2.0.0 Ok)"
        };
        log.extend([format!(
            "{stamp}/qmgr[9]: {id}: from=<news@xn--80aswg.xn--p1ai>, size=900, nrcpt=1 (queue active)\n{stamp}/smtp[7]: {id}: to=<u{number}@{domain}>, \
             relay=mx.example.net[192.0.2.9]:25, delay=1, delays=0/0/0/1, {end}\n{stamp}/qmgr[9]: {id}: removed\n"
        )]);
    }
    let name = format!("{month}.log");
    std::fs::write(folder.join(&name), log).unwrap();
    path(folder, &name)
}

#[test]
fn a_reader_sees_both_forms_and_tables_have_the_one_that_mail_is_sent_by() {
    let folder = tempfile::tempdir().unwrap();
    let (log, page, tables) = (month(folder.path(), 10, 8), path(folder.path(), "r.html"), path(folder.path(), "tables"));
    let summary = mailtally(&["report", &log, "-o", &page, "--tables", &tables, "--as", "csv"]);
    assert!(summary.contains("bücher.ex"), "{summary}");
    let page = std::fs::read_to_string(page).unwrap();
    // The domain, its provider, the code of its replies; the domain that sent.
    assert!(page.matches(BOTH).count() >= 3, "{}", page.matches(BOTH).count());
    assert!(page.contains("сайт.рф (xn--80aswg.xn--p1ai)"));
    for id in ["id=\"domain-xn-bcher-kva.example-", "id=\"provider-xn-bcher-kva.example-"] {
        assert!(page.contains(id), "links stay ASCII");
    }
    for table in ["domains", "providers", "codes", "senders"] {
        let text = std::fs::read_to_string(folder.path().join("tables").join(format!("{table}.csv"))).unwrap();
        assert!(text.contains("xn--") && text.is_ascii(), "{table}");
    }
}

#[test]
fn a_comparison_shows_both_forms_too() {
    let folder = tempfile::tempdir().unwrap();
    let (before, after, page) = (month(folder.path(), 9, 50), month(folder.path(), 10, 4), path(folder.path(), "c.html"));
    let summary = mailtally(&["compare", "--before", &before, "--after", &after, "-o", &page]);
    assert!(summary.contains("bücher.ex"), "{summary}");
    assert!(std::fs::read_to_string(page).unwrap().contains(BOTH));
}
