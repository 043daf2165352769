//! What the pages promise of the source itself: which way imports point, that files are small, that what the pages name is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which parts of the crate each part may ask. Every arrow of `docs/ARCHITECTURE.md` points at something that stands further up here.
const MAY_ASK: [(&str, &[&str]); 23] = [
    ("eight", &[]),
    ("event", &[]),
    ("intern", &[]),
    ("outfile", &[]),
    ("stats", &[]),
    ("visible", &[]),
    ("provider", &[]),
    ("seeds", &[]),
    ("classify", &["eight", "event"]),
    ("source", &["event"]),
    ("format", &["eight", "event"]),
    ("feedback", &["event", "classify"]),
    ("rows", &["event", "intern"]),
    ("reading", &["event", "source", "format"]),
    ("stitch", &["event", "intern", "rows", "classify", "provider"]),
    ("cubes", &["event", "intern", "rows", "classify", "provider", "feedback", "seeds", "stitch"]),
    ("tables", &["event", "intern", "rows", "classify", "provider", "feedback", "seeds", "stats", "outfile", "cubes"]),
    ("insights", &["event", "provider", "stats", "tables"]),
    ("compare", &["stats", "tables", "insights"]),
    ("report", &["visible", "event", "classify", "stats", "tables", "insights", "compare"]),
    (
        "cli",
        &[
            "visible", "event", "intern", "outfile", "stats", "provider", "seeds", "classify", "source", "format", "feedback",
            "reading", "stitch", "cubes", "tables", "insights", "compare", "report",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

/// A file with more lines than this holds more than one thing. Its tests are not counted.
const MOST_LINES: usize = 400;

/// All files below `folder` with this extension, in order.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.insert(path);
        }
    }
    found.into_iter().collect()
}

/// The program's own files, each without the tests within it.
fn sources() -> Vec<(PathBuf, String)> {
    let is_test = |path: &Path| path.iter().any(|part| part.to_string_lossy().contains("test"));
    let own = files(Path::new("src"), "rs").into_iter().filter(|path| !is_test(path));
    let without_tests = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        (path, text[..end].to_owned())
    };
    own.map(without_tests).collect()
}

/// The part of the crate that a file belongs to: the folder below `src`, or the file there.
fn part_of(path: &Path) -> String {
    let name = path.iter().nth(1).unwrap().to_string_lossy();
    name.trim_end_matches(".rs").to_owned()
}

/// The parts that a file asks.
fn asked(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let names = lines.flat_map(|line| line.split("crate::").skip(1));
    names.map(|rest| rest.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect()).collect()
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let part = part_of(&path);
        let (_, may) = MAY_ASK.iter().find(|(name, _)| *name == part).unwrap_or_else(|| panic!("{part}: what may it ask?"));
        let others = asked(&text).into_iter().filter(|other| *other != part && !may.contains(&other.as_str()));
        wrong.extend(others.map(|other| format!("{}: {part} asks {other}", path.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_may_be_asked_stands_before_who_asks() {
    for (at, (part, may)) in MAY_ASK.iter().enumerate() {
        for other in *may {
            assert!(MAY_ASK[..at].iter().any(|(name, _)| name == other), "{part} may ask {other}, which stands behind it");
        }
    }
}

#[test]
fn files_are_small() {
    let large = sources().into_iter().map(|(path, text)| (text.lines().count(), path)).filter(|(lines, _)| *lines > MOST_LINES);
    assert_eq!(large.collect::<Vec<_>>(), []);
}

#[test]
fn what_the_pages_name_is_there() {
    let pages = files(Path::new("docs"), "md").into_iter().chain(["README.md".into(), "CONTRIBUTING.md".into()]);
    let mut gone = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let named = text.split('`').skip(1).step_by(2);
        let is_ours = |name: &&str| {
            ["src/", "tests/", "docs/", "benches/", "fuzz/", "templates/"].iter().any(|top| name.starts_with(top))
        };
        // What the page on a new format lets its reader write is not there yet.
        let is_told = |name: &&str| !name.contains(['*', ' ', '{']) && !name.contains("NAME") && !name.contains("acme");
        gone.extend(
            named
                .filter(is_ours)
                .filter(is_told)
                .filter(|name| !Path::new(name).exists())
                .map(|name| format!("{}: {name}", page.display())),
        );
    }
    assert_eq!(gone, [""; 0]);
}
