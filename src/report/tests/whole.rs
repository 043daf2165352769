//! What the page holds, what it weighs, and that it is the same each time.

use super::fixture;
use crate::insights::{number, total};
use crate::report::page::{SCRIPT, STYLE, policy};
use crate::report::sections::{SECTIONS, opening};
use crate::report::{About, Look, facts::Facts, page, summary};
use crate::tables::Tables;
use crate::tables::blocks::{BLOCK, REFUSED_DAY};
use crate::tables::providers::Provider;

/// The page without style and script and the columns of the tables: they have tests of their own, and change on their own.
fn bare(html: &str) -> String {
    let (before, columns) = html.split_once("<h3>The tables</h3>").unwrap();
    let (_, after) = columns.split_once("</section>").unwrap();
    let html = format!("{before}…\n</section>{after}");
    html.replace(STYLE, "…").replace(SCRIPT, "…").replace(&policy(STYLE, SCRIPT).replace('&', "&amp;"), "…")
}

#[test]
fn the_page_of_a_small_month() {
    insta::assert_snapshot!(bare(&page(&Facts::of(&fixture::small(), &fixture::about())).unwrap()));
}

#[test]
fn the_summary_of_a_small_month() {
    insta::assert_snapshot!(summary(
        &Facts::of(&fixture::small(), &fixture::about()),
        Look { columns: 80, is_coloured: false }
    ));
}

#[test]
fn equal_tables_give_equal_bytes() {
    let html = || page(&Facts::of(&fixture::month(50, 200), &fixture::about())).unwrap();
    assert_eq!(html(), html());
}

#[test]
fn a_large_month_weighs_little() {
    let html = page(&Facts::of(&fixture::month(50, 200), &fixture::about())).unwrap();
    assert!(html.len() <= 600_000, "{}", html.len());
    for svg in html.split("<svg ").skip(1).filter_map(|rest| rest.split("</svg>").next()) {
        assert!(svg.len() <= 8_000, "{} bytes: {}", svg.len(), svg.chars().take(300).collect::<String>());
    }
    assert!(SCRIPT.len() <= 4_096, "{}", SCRIPT.len());
}

#[test]
fn a_huge_month_weighs_as_little() {
    let mut tables = fixture::month(300, 3_000);
    tables.domains = fixture::domains(20_000);
    for row in &mut tables.signatures {
        row.signature = format!("{} {}", row.signature, "x".repeat(5_000));
        row.example = "y".repeat(20_000);
    }
    let html = page(&Facts::of(&tables, &fixture::about())).unwrap();
    assert!(html.len() <= 900_000, "{}", html.len());
}

#[test]
fn no_mail_at_all_is_a_page_too() {
    let html = bare(&page(&Facts::of(&Tables::default(), &About::default())).unwrap());
    assert!(html.contains("No message to a recipient.") && !html.contains("NaN"));
    assert!(
        summary(&Facts::of(&Tables::default(), &About::default()), Look { columns: 80, is_coloured: true }).lines().count() > 2
    );
}

#[test]
fn the_month_is_told_in_forty_words() {
    let (tables, about) = (fixture::month(12, 40), fixture::about());
    let sentence = opening::sentence(&Facts::of(&tables, &about));
    assert!(sentence.split_whitespace().count() <= 48, "{sentence}");
    assert!(sentence.contains("Microsoft refused 192.0.2.14 for 31\u{a0}hours"), "{sentence}");
}

#[test]
fn a_day_of_refusals_may_be_the_worst_that_happened() {
    let (mut tables, about) = (fixture::small(), fixture::about());
    let said = |tables: &Tables| opening::sentence(&Facts::of(tables, &about)).replace('\u{a0}', " ");
    let mut day = tables.blocks[1].clone();
    (day.kind, day.provider, day.lost, day.waiting) = (REFUSED_DAY.to_owned(), "yahoo".to_owned(), 20_000, 7);
    tables.blocks.push(day);
    assert!(
        said(&tables).contains(
            " Yahoo refused 192.0.2.14 on Wed 2026-10-07; it cost 20,000 recipients, 7 recipients are still waiting."
        ),
        "{}",
        said(&tables)
    );
    // One of a few refusals is no headline.
    tables.blocks.retain(|row| row.kind == REFUSED_DAY);
    tables.blocks[0].refused = 19;
    assert!(!said(&tables).contains("refused"), "{}", said(&tables));
}

#[test]
fn a_block_that_is_hardly_a_part_of_what_blocks_cost_is_not_the_news() {
    let (mut tables, about) = (fixture::small(), fixture::about());
    let said = |tables: &Tables| opening::sentence(&Facts::of(tables, &about)).replace('\u{a0}', " ");
    let lost = total::all(&tables).lost_to_blocks;
    for row in &mut tables.blocks {
        row.lost = if row.kind == BLOCK { lost / 21 } else { 0 };
    }
    let wanted = format!("Refusals by policy cost {} recipients, hardly any in a block of hours.", number::count(lost));
    assert!(said(&tables).contains(&wanted), "{}", said(&tables));
    for row in &mut tables.blocks {
        row.lost = if row.kind == BLOCK { lost / 19 } else { 0 };
    }
    assert!(said(&tables).contains("Microsoft refused 192.0.2.14 for 31 hours"), "{}", said(&tables));
}

#[test]
fn costs_that_overlap_are_said_to_where_they_would_be_added_up() {
    let html = page(&Facts::of(&fixture::small(), &fixture::about())).unwrap();
    let findings = html.split("<section id=\"findings\"").nth(1).unwrap().split("</section>").next().unwrap();
    let (overlap, cost) = (findings.find("The costs overlap and do not add up"), findings.find("class=\"cost\""));
    assert!(overlap.is_some() && overlap < cost, "{overlap:?} {cost:?}");
    assert!(findings.contains("<p class=\"cost\">283 addresses</p>"));
}

#[test]
fn without_bounces_by_mail_delivered_is_called_accepted() {
    let look = Look { columns: 80, is_coloured: false };
    let mut tables = fixture::small();
    let told = |tables: &Tables| {
        let about = fixture::about();
        let facts = Facts::of(tables, &about);
        (page(&facts).unwrap(), summary(&facts, look))
    };
    let (html, text) = told(&tables);
    assert!(html.contains("were delivered.") && html.contains(">Delivered</a>") && html.contains("counts as bounced later."));
    assert!(text.contains("outcomes   delivered ") && text.contains("deliv.%"), "{text}");
    tables.totals.knows_later = false;
    let (html, text) = told(&tables);
    assert!(html.contains("were accepted.") && html.contains(">Accepted</a>") && html.contains("not read (--dsn)"));
    assert!(text.contains("outcomes   accepted ") && text.contains("accep.%"), "{text}");
}

#[test]
fn a_few_mails_are_counted_and_not_shared_out() {
    let about = fixture::about();
    let said = |outcomes: i64, delivered: i64| {
        let row = Provider {
            provider: "google".to_owned(),
            outcomes,
            delivered,
            bounced: outcomes - delivered,
            ..Provider::default()
        };
        let mut tables = Tables { providers: vec![row], ..Tables::default() };
        tables.totals.knows_later = true;
        opening::sentence(&Facts::of(&tables, &about)).replace('\u{a0}', " ")
    };
    assert_eq!(said(1, 1), "Of 1 message to a recipient, 1 was delivered.");
    assert_eq!(said(1, 0), "Of 1 message to a recipient, none was delivered.");
    assert_eq!(said(12, 11), "Of 12 messages to recipients, 11 were delivered.");
    assert_eq!(said(40, 30), "Of 40 messages to recipients, 75.0 % were delivered.");
    assert_eq!(opening::sentence(&Facts::of(&Tables::default(), &about)), "No message to a recipient.");
}

#[test]
fn what_is_doubtful_comes_first() {
    let (mut tables, about) = (fixture::small(), fixture::about());
    assert_eq!(opening::warnings(&Facts::of(&tables, &about)), Vec::<String>::new());
    for row in &mut tables.providers {
        row.deferred += row.delivered / 2;
        row.delivered -= row.delivered / 2;
    }
    tables.inputs.retain(|row| !row.path.ends_with(".2.gz"));
    let warnings = opening::warnings(&Facts::of(&tables, &about));
    assert!(warnings.iter().any(|warning| warning.contains("no log from")), "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.contains("no known end")), "{warnings:?}");
    let html = page(&Facts::of(&tables, &about)).unwrap();
    assert!(html.find("no log from").unwrap() < html.find("class=\"lead\"").unwrap());
}

#[test]
fn unfolding_opens_everything() {
    let html = page(&Facts::of(&fixture::small(), &About { is_unfolded: true, ..fixture::about() })).unwrap();
    assert_eq!(html.matches("<details").count(), html.matches("<details open").count());
}

#[test]
fn every_section_is_there_and_no_figure_is_without_its_table() {
    let html = page(&Facts::of(&fixture::small(), &fixture::about())).unwrap();
    for section in &SECTIONS {
        assert!(html.contains(&format!("<section id=\"{}\"", section.id)), "{}", section.id);
    }
    let figures = html.matches("<figure id=\"fig-").count();
    assert!(figures >= 8 && html.matches("<details class=\"twin\">").count() == figures, "{figures}");
    for svg in html.split("<svg viewBox").skip(1) {
        assert!(svg.contains("<title id=") && svg.contains("<desc id="), "{}", svg.chars().take(200).collect::<String>());
    }
}

#[test]
fn the_summary_fits_a_terminal() {
    for tables in [fixture::small(), fixture::month(50, 200)] {
        let text = summary(&Facts::of(&tables, &fixture::about()), Look { columns: 80, is_coloured: false });
        assert!(text.lines().count() <= 24, "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
