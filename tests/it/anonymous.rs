//! With --anonymize no output names anybody, and every figure stays.

use std::path::Path;

use aho_corasick::AhoCorasick;
use assert_cmd::Command;

const LOGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sample-logs/2026-10");

fn mailtally(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("mailtally").expect("the program is built for its tests");
    command.env_remove("MAILTALLY_FORMAT").env_remove("MAILTALLY_TZ").args(arguments);
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().expect("UTF-8").to_owned()
}

const WHO: &str =
    "SELECT DISTINCT recipient AS who FROM outcomes UNION SELECT DISTINCT sender AS who FROM outcomes ORDER BY who";

/// Recipients and senders.
fn persons(more: &[&str]) -> Vec<String> {
    let answer = mailtally(&[&["query", "-q", LOGS], more, &["--as", "csv", WHO]].concat());
    answer.lines().skip(1).map(|line| line.trim_matches('"').to_owned()).filter(|who| !who.is_empty()).collect()
}

#[test]
fn nobody_is_named_and_every_figure_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (page, open, hidden) = (path(folder.path(), "r.html"), path(folder.path(), "open"), path(folder.path(), "hidden"));
    mailtally(&["export", "-q", LOGS, "--tables", &open, "--as", "csv"]);
    mailtally(&["report", "-q", LOGS, "-o", &page, "--tables", &hidden, "--as", "csv", "--anonymize"]);
    let known = persons(&[]);
    let addresses = known.iter().filter(|who| who.contains('@'));
    let search = AhoCorasick::builder().ascii_case_insensitive(true).build(addresses).unwrap();
    let mut tables = 0;
    let files = std::fs::read_dir(&hidden).unwrap().map(|file| file.unwrap().path());
    for file in files.chain([page.clone().into()]) {
        let text = std::fs::read_to_string(&file).unwrap();
        let found = search.find(&text).map(|found| &text[found.range()]);
        assert_eq!(found, None, "{}", file.display());
        let plain = Path::new(&open).join(file.file_name().unwrap());
        if let Ok(plain) = std::fs::read_to_string(plain) {
            assert_eq!(text.lines().count(), plain.lines().count(), "{}", file.display());
            tables += usize::from(text == plain);
            assert!(text == plain || plain.contains('@'), "{}: a figure is another", file.display());
        }
    }
    assert!(tables > 15, "{tables} tables without addresses are the same");
    let suppressed = std::fs::read_to_string(Path::new(&hidden).join("suppress.csv")).unwrap();
    assert!(suppressed.lines().count() > 20 && suppressed.contains("@gmail.com"), "{suppressed}");
}

#[test]
fn with_one_key_a_person_has_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let (key, short) = (path(folder.path(), "key"), path(folder.path(), "short"));
    std::fs::write(&key, "sixteen bytes or more").unwrap();
    std::fs::write(&short, "secret").unwrap();
    let (known, hidden) = (persons(&[]), persons(&["--anonymize", "--anonymize-key", &key]));
    assert_eq!(known.len(), hidden.len(), "two persons have one name");
    assert_eq!(hidden, persons(&["--anonymize", "--anonymize-key", &key]));
    let by_inputs = persons(&["--anonymize"]);
    assert!(by_inputs != hidden && by_inputs.len() == known.len());
    let mut command = Command::cargo_bin("mailtally").unwrap();
    let wrong = command.args(["report", LOGS, "--anonymize", "--anonymize-key", &short]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("could be guessed"));
}
