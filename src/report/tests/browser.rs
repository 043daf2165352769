//! The page in a browser: it asks for nothing, says nothing on the console, sticks out of no screen, and opens what a link is to.
//!
//! Needs Chromium; without it these tests fail, since a page that nobody opened is not tested. `MAILTALLY_WITHOUT_BROWSER=1` says
//! that somebody wants it so.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::fixture;
use crate::report::facts::Facts;
use crate::report::page::{SCRIPT, STYLE, policy};
use crate::report::{page, replies};

/// Names under which it is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// It never takes this long; if it does, it hangs.
const LONGEST: Duration = Duration::from_mins(2);

/// Where the browser is; None: not wanted.
fn browser() -> Option<PathBuf> {
    if std::env::var_os("MAILTALLY_WITHOUT_BROWSER").is_some() {
        return None;
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&folders).flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|path| path.is_file());
    Some(found.expect(
        "no Chromium on the PATH: the page cannot be tested. Install the package `chromium`, or set MAILTALLY_WITHOUT_BROWSER=1 to do without",
    ))
}

/// What the browser said.
struct Said {
    /// The document after its scripts ran.
    dom: String,
    /// Its log.
    log: String,
}

fn open(browser: &Path, folder: &Path, file: &str) -> Said {
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--allow-file-access-from-files"])
        .args(["--virtual-time-budget=10000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .arg(format!("file://{}", folder.join(file).display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the browser starts");
    let read = |mut from: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).map(|_| String::from_utf8_lossy(&bytes).into_owned())
        })
    };
    let (dom, log) = (read(Box::new(child.stdout.take().unwrap())), read(Box::new(child.stderr.take().unwrap())));
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > LONGEST {
            child.kill().unwrap();
            panic!("the browser hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Said { dom: dom.join().unwrap().unwrap(), log: log.join().unwrap().unwrap() }
}

/// A page that shows the report in frames of several widths and writes down what it finds in them.
const WRAPPER: &str = include_str!("look.html");

/// Opens the report in frames of these widths, each at a place of it.
pub(in crate::report) fn look(html: &str, frames: &[(u32, &str)]) -> Option<(Vec<serde_json::Value>, String)> {
    let browser = browser()?;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("report.html"), html).unwrap();
    let wrapper = WRAPPER.replace("FRAMES", &serde_json::to_string(frames).unwrap());
    std::fs::write(folder.path().join("look.html"), wrapper).unwrap();
    let said = open(&browser, folder.path(), "look.html");
    let found = said.dom.split("<pre id=\"found\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let json = found.unwrap_or_else(|| panic!("the page did not load: {}", said.log)).replace("&lt;", "<").replace("&gt;", ">");
    Some((serde_json::from_str(&json.replace("&amp;", "&")).unwrap(), said.log))
}

#[test]
fn it_loads_without_a_request_or_a_complaint_and_fits_every_screen() {
    let tables = fixture::month(50, 200);
    let html = page(&Facts::of(&tables, &fixture::about())).unwrap();
    let last = tables.signatures.iter().min_by_key(|row| row.attempts).unwrap();
    let folded = format!("#{}", replies::id(&last.provider, &last.signature));
    let Some((found, log)) = look(&html, &[(320, ""), (390, "#timeline"), (768, "#glossary"), (1440, &folded)]) else { return };
    let complaints: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    assert_eq!(found.len(), 4);
    for frame in &found {
        assert_eq!(frame["inner"], frame["width"], "{frame}");
        assert!(frame["scroll"].as_u64() <= frame["client"].as_u64(), "sticks out: {frame}");
        assert_eq!(frame["out"], serde_json::json!([]), "sticks out: {frame}");
        assert_eq!(frame["requests"], serde_json::json!([]), "{frame}");
        assert_eq!(frame["scripts"], 1, "{frame}");
        assert!(frame["buttons"].as_u64() > Some(20), "the script did not run: {frame}");
        assert_eq!(frame["small"], 0, "too small to be hit: {frame}");
        assert_eq!(frame["target"], true, "a link did not open what is folded: {frame}");
        assert!(frame["nodes"].as_u64() <= Some(4_000), "{frame}");
    }
    let shown = |at: usize| (found[at]["wide"].as_u64() > Some(0), found[at]["narrow"].as_u64() > Some(0));
    assert_eq!([shown(0), shown(1), shown(3)], [(false, true), (false, true), (true, false)]);
}

/// The page with the rules for paper in force: a frame cannot be printed.
pub(in crate::report) fn on_paper(html: &str) -> String {
    let style = STYLE.replace("@media print {", "@media all {");
    assert_ne!(style, STYLE);
    html.replace(STYLE, &style).replace(&policy(STYLE, SCRIPT), &policy(&style, SCRIPT))
}

/// As wide as A4 without its margins.
pub(in crate::report) const A4: u32 = 688;

#[test]
fn on_paper_nothing_is_folded_or_cut_and_nothing_is_there_that_must_be_clicked() {
    for tables in [fixture::small(), fixture::month(50, 200)] {
        let html = page(&Facts::of(&tables, &fixture::about())).unwrap();
        let Some((screen, _)) = look(&html, &[(A4, "")]) else { return };
        let (paper, log) = look(&on_paper(&html), &[(A4, "")]).unwrap();
        assert!(!log.lines().any(|line| line.contains("CONSOLE")), "{log}");
        let (screen, paper) = (&screen[0], &paper[0]);
        assert!(screen["nav"] == true && screen["folded"].as_u64() > Some(0), "else nothing is tested: {screen}");
        assert_eq!((&paper["nav"], &paper["folded"]), (&false.into(), &0.into()), "{paper}");
        assert_eq!(paper["twins"], 0, "the numbers of a chart stay folded: {paper}");
        assert_eq!((&paper["narrow"], paper["wide"].as_u64() > Some(0)), (&0.into(), true), "charts of a desk: {paper}");
        assert_eq!(paper["ground"], "rgb(255, 255, 255)", "{paper}");
        let none = serde_json::json!([]);
        assert_eq!((&paper["out"], &paper["cut"]), (&none, &none), "sticks out: {paper}");
    }
}

#[test]
fn a_script_that_is_not_ours_does_not_run_and_is_complained_of() {
    // That the policy holds: else the test above could not fail.
    let html = page(&Facts::of(&fixture::small(), &fixture::about())).unwrap();
    let forged = html
        .replace("</main>", "<script>document.body.replaceChildren()</script><img src=\"https://example.invalid/x\"></main>");
    let Some((found, log)) = look(&forged, &[(390, "")]) else { return };
    assert!(found[0]["buttons"].as_u64() > Some(20), "{}", found[0]);
    assert!(log.lines().any(|line| line.contains("CONSOLE") && line.contains("Content Security Policy")), "{log}");
}
