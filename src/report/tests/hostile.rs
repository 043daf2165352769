//! Foreign text wherever it can stand: nothing of it may act, hide or break out.

use crate::report::facts::Facts;
use crate::report::{page, summary};
use crate::tables::Tables;

use super::fixture;

const EVIL: &str =
    "\"><script>alert(1)</script><img src=x onerror=alert(2)>&lt;\u{202e}gnp\u{200b}\u{1b}[31m\0'`</title></style></svg><!--";

/// The fixture with the evil in every text that comes from a log, a path or a name.
fn poisoned() -> Tables {
    let mut tables = fixture::small();
    let evil = |text: &mut String| text.insert_str(0, EVIL);
    for row in &mut tables.inputs {
        evil(&mut row.path);
        evil(&mut row.note);
        evil(&mut row.format);
    }
    for row in &mut tables.domains {
        evil(&mut row.domain);
        evil(&mut row.provider);
    }
    tables.providers.iter_mut().for_each(|row| evil(&mut row.provider));
    for row in &mut tables.reasons {
        evil(&mut row.provider);
        evil(&mut row.category);
        evil(&mut row.class);
    }
    for row in &mut tables.codes {
        evil(&mut row.domain);
        row.enhanced.iter_mut().for_each(evil);
        evil(&mut row.disposition);
    }
    for row in &mut tables.signatures {
        for text in [&mut row.provider, &mut row.source, &mut row.signature, &mut row.category, &mut row.class, &mut row.action]
        {
            evil(text);
        }
        for text in [&mut row.rule, &mut row.evidence, &mut row.example, &mut row.path] {
            evil(text);
        }
        row.help = Some("javascript:alert(3)".to_owned());
    }
    for row in &mut tables.blocks {
        for text in [&mut row.provider, &mut row.source, &mut row.signature, &mut row.category] {
            evil(text);
        }
    }
    tables.unknown_users.iter_mut().for_each(|row| evil(&mut row.provider));
    tables.timeline.iter_mut().for_each(|row| evil(&mut row.provider));
    for row in tables.delays.iter_mut().skip(1) {
        evil(&mut row.provider);
    }
    tables.totals.hosts.iter_mut().for_each(evil);
    evil(&mut tables.totals.digest);
    tables
}

/// Names of all tags, and all attributes, of the page.
fn tags(html: &str) -> Vec<(String, String)> {
    html.split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| {
            let (name, attributes) = tag.split_once(|c: char| c.is_whitespace()).unwrap_or((tag, ""));
            (name.to_owned(), attributes.to_owned())
        })
        .collect()
}

#[test]
fn foreign_text_makes_no_tag_and_no_attribute() {
    let about = crate::report::About {
        command: EVIL.to_owned(),
        notes: vec![EVIL.to_owned()],
        title: Some(EVIL.to_owned()),
        ..fixture::about()
    };
    let evil = page(&Facts::of(&poisoned(), &about)).unwrap();
    let clean = page(&Facts::of(&fixture::small(), &fixture::about())).unwrap();
    let mut known: Vec<String> = tags(&clean).into_iter().map(|(name, _)| name).collect();
    known.sort_unstable();
    known.dedup();
    for (name, attributes) in tags(&evil) {
        assert!(known.contains(&name), "<{name} {attributes}>");
        assert!(
            !attributes.contains(" on") || attributes.contains("aria-label") || attributes.contains("title="),
            "<{name} {attributes}>"
        );
        let values = attributes.split('"').skip(1).step_by(2);
        for value in values {
            assert!(!value.trim_start().starts_with("javascript:"), "<{name} {attributes}>");
        }
    }
    assert_eq!(evil.matches("<script").count(), 1);
    assert_eq!(evil.matches("<img").count(), 0);
}

#[test]
fn nothing_hidden_and_no_control_reaches_page_or_terminal() {
    let evil = page(&Facts::of(&poisoned(), &fixture::about())).unwrap();
    let screen = summary(&Facts::of(&poisoned(), &fixture::about()), crate::report::Look { columns: 80, is_coloured: false });
    for text in [evil, screen] {
        for hidden in ['\u{202e}', '\u{200b}', '\u{1b}', '\0'] {
            assert!(!text.contains(hidden), "{hidden:?}");
        }
    }
}

#[test]
fn ids_are_unique_and_hold_letters_only() {
    for tables in [poisoned(), fixture::small(), fixture::month(50, 200)] {
        let html = page(&Facts::of(&tables, &fixture::about())).unwrap();
        let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for id in &ids {
            assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{id}");
        }
        ids.sort_unstable();
        let all = ids.len();
        let twice: Vec<_> = ids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        assert!(twice.is_empty(), "of {all}: {twice:?}");
    }
}

#[test]
fn links_within_the_page_lead_somewhere() {
    for tables in [fixture::small(), fixture::month(50, 20)] {
        let html = page(&Facts::of(&tables, &fixture::about())).unwrap();
        let targets: Vec<&str> = html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for target in targets {
            assert!(html.contains(&format!(" id=\"{target}\"")), "#{target}");
        }
    }
}
