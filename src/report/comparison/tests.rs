//! The page of a comparison: what it holds, what it weighs, that it is the same each time and asks nobody.

use super::{About, Sides, page, sentence, summary};
use crate::compare::verdict::LITTLE;
use crate::compare::{Comparison, Period, tests::two_months};
use crate::report::Look;
use crate::report::page::{SCRIPT, STYLE, policy};
use crate::report::tests::{browser, fixture};
use crate::tables::Tables;
use crate::tables::changes::Change;
use crate::tables::smarthosts::Smarthost;

const LOOK: Look = Look { columns: 80, is_coloured: false };
const DAY_MS: i64 = 86_400_000;

fn about() -> About {
    About {
        version: "0.1.0".to_owned(),
        settle_ms: 5 * DAY_MS,
        notes: vec!["Stamps that name no zone were read as UTC.".to_owned()],
        ..About::default()
    }
}

/// Two months of ten providers; the first is the second's, a little better.
fn months() -> (Tables, Tables) {
    let after = fixture::month(10, 12);
    let mut before = after.clone();
    before.totals.days = Some((20_697, 20_726));
    for row in &mut before.providers {
        let saved = row.bounced / 2;
        row.bounced -= saved;
        row.delivered += saved;
    }
    (before, after)
}

fn compared(before: &Tables, after: &Tables) -> Comparison {
    let daily = two_months();
    let (one, other) = (Period { tables: before, daily: &daily.0 }, Period { tables: after, daily: &daily.1 });
    Comparison::of(one, other).unwrap()
}

fn with<T>(then: impl FnOnce(&Sides<'_>) -> T) -> T {
    let (before, after) = months();
    let (comparison, about) = (compared(&before, &after), about());
    then(&Sides { before: &before, after: &after, comparison: &comparison, about: &about })
}

/// The page without style, script and the columns of the tables, which change on their own.
fn bare(html: &str) -> String {
    let (before, columns) = html.split_once("<h3>The tables</h3>").unwrap();
    let (_, after) = columns.split_once("</section>").unwrap();
    let html = format!("{before}…\n</section>{after}");
    html.replace(STYLE, "…").replace(SCRIPT, "…").replace(&policy(STYLE, SCRIPT).replace('&', "&amp;"), "…")
}

#[test]
fn the_page_of_two_months() {
    insta::assert_snapshot!(bare(&with(|sides| page(sides).unwrap())));
}

#[test]
fn the_day_that_leaves_a_change_unsure_is_named_in_the_first_sentence() {
    let (before, mut after) = months();
    let (mut comparison, about) = (compared(&before, &after), about());
    let headline = comparison.headline.name();
    let row = comparison.changes.iter_mut().find(|row| row.within == "total" && row.metric == headline).unwrap();
    LITTLE.clone_into(&mut row.verdict);
    (row.before_of, row.after_of) = (5_000, 6_000);
    let said = |after: &Tables| {
        let sides = Sides { before: &before, after, comparison: &comparison, about: &about };
        sentence(&sides).replace('\u{a0}', " ")
    };
    assert!(said(&after).starts_with("The days differ too much to call it a lasting change: "), "{}", said(&after));
    assert!(!said(&after).contains("of what failed"), "no day stands out: {}", said(&after));
    let failed: i64 = after.timeline.iter().map(|row| row.bounced_later + row.bounced + row.blocked + row.expired).sum();
    let day = after.timeline.iter_mut().find(|row| row.day == 20_733).unwrap();
    day.blocked += failed;
    let text = said(&after);
    let (share, rest) = text.split_once(" of what failed in October 2026 was received on Wed 2026-10-07.").unwrap();
    assert!(share.ends_with(" %") && !rest.contains("of what failed in"), "{text}");
    // A period of a few days has no worst one.
    after.timeline.retain(|row| (20_730..20_737).contains(&row.day));
    assert!(!said(&after).contains("of what failed"), "{}", said(&after));
}

#[test]
fn the_summary_of_two_months() {
    let text = with(|sides| summary(sides, LOOK));
    assert!(text.lines().count() <= 23, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_difference_that_is_not_the_plain_one_says_so_on_the_terminal() {
    let (before, after) = months();
    let (mut comparison, about) = (compared(&before, &after), about());
    for row in &mut comparison.changes {
        row.note.clear();
    }
    let said = |comparison: &Comparison| summary(&Sides { before: &before, after: &after, comparison, about: &about }, LOOK);
    assert!(!said(&comparison).contains("weekdays: not the plain difference"));
    for row in &mut comparison.changes {
        row.note = "weekdays".to_owned();
    }
    let text = said(&comparison);
    assert!(text.contains("* as if both periods had the same weekdays: not the plain difference"), "{text}");
    assert!(text.lines().any(|line| line.contains("* ")) && text.lines().count() <= 23, "{text}");
}

#[test]
fn equal_input_gives_equal_bytes_that_weigh_little() {
    let (one, other) = (with(|sides| page(sides).unwrap()), with(|sides| page(sides).unwrap()));
    assert_eq!(one, other);
    assert!(one.len() < 600_000, "{}", one.len());
    for svg in one.split("<svg ").skip(1).filter_map(|rest| rest.split("</svg>").next()) {
        assert!(svg.len() <= 8_000, "{} bytes: {}", svg.len(), svg.chars().take(300).collect::<String>());
    }
}

#[test]
fn every_chart_has_the_table_of_its_numbers() {
    let html = with(|sides| page(sides).unwrap());
    let figures: Vec<&str> = html.split("<figure ").skip(1).collect();
    assert!(figures.len() >= 5, "{}", figures.len());
    for figure in figures {
        let figure = figure.split("</figure>").next().unwrap();
        assert!(figure.contains("role=\"img\"") && figure.contains("<table"), "{}", &figure[..200]);
    }
}

#[test]
fn periods_of_unequal_length_and_shared_days_are_said_first() {
    let (before, mut after) = months();
    after.totals.days = Some((20_720, 20_790));
    let (comparison, about) = (compared(&before, &after), about());
    let html = page(&Sides { before: &before, after: &after, comparison: &comparison, about: &about }).unwrap();
    assert!(html.contains("unequal length") && html.contains("overlap by"), "{}", &html[html.find("lead").unwrap()..][..400]);
}

#[test]
fn foreign_text_stays_text() {
    const EVIL: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}\u{1b}[31m";
    let (mut before, mut after) = months();
    let evil = |text: &mut String| text.insert_str(0, EVIL);
    for tables in [&mut before, &mut after] {
        tables.providers.iter_mut().for_each(|row| evil(&mut row.provider));
        tables.inputs.iter_mut().for_each(|row| evil(&mut row.path));
        tables.totals.hosts.iter_mut().for_each(evil);
        for row in &mut tables.signatures {
            evil(&mut row.provider);
            evil(&mut row.signature);
            evil(&mut row.example);
        }
        for row in &mut tables.blocks {
            evil(&mut row.provider);
            evil(&mut row.source);
        }
    }
    let mut comparison = compared(&before, &after);
    let poison =
        |row: &mut Change| [&mut row.provider, &mut row.key, &mut row.reworded, &mut row.category].into_iter().for_each(evil);
    comparison.changes.iter_mut().for_each(poison);
    comparison.mix.iter_mut().for_each(|row| evil(&mut row.provider));
    comparison.shifts.iter_mut().for_each(|row| evil(&mut row.provider));
    let about = About { title: Some(EVIL.to_owned()), notes: vec![EVIL.to_owned()], ..about() };
    let sides = Sides { before: &before, after: &after, comparison: &comparison, about: &about };
    let html = page(&sides).unwrap();
    assert_eq!(html.matches("<script").count(), 1, "only our own");
    assert!(!html.contains("<img") && !html.contains('\u{202e}') && !html.contains('\u{1b}'));
    assert!(!summary(&sides, LOOK).contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn it_fits_every_screen_and_asks_nobody() {
    let html = with(|sides| page(sides).unwrap());
    let Some((found, log)) =
        browser::look(&html, &[(320, ""), (390, "#all-changes"), (768, "#glossary"), (1440, "#unchanged")])
    else {
        return;
    };
    let complaints: Vec<&str> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    for frame in &found {
        assert_eq!(frame["inner"], frame["width"], "{frame}");
        assert!(frame["scroll"].as_u64() <= frame["client"].as_u64(), "sticks out: {frame}");
        assert_eq!(frame["out"], serde_json::json!([]), "sticks out: {frame}");
        assert_eq!(frame["requests"], serde_json::json!([]), "{frame}");
        assert_eq!(frame["small"], 0, "too small to be hit: {frame}");
        assert_eq!(frame["target"], true, "a link did not open what is folded: {frame}");
    }
    let shown = |at: usize| (found[at]["wide"].as_u64() > Some(0), found[at]["narrow"].as_u64() > Some(0));
    assert_eq!([shown(0), shown(3)], [(false, true), (true, false)]);
    let (paper, _) = browser::look(&browser::on_paper(&html), &[(browser::A4, "")]).unwrap();
    let (nav, folded, cut) = (&paper[0]["nav"], &paper[0]["folded"], &paper[0]["cut"]);
    assert_eq!((nav, folded, cut), (&false.into(), &0.into(), &serde_json::json!([])), "{}", paper[0]);
}

#[test]
fn what_a_smarthost_hides_is_withheld() {
    let (mut before, mut after) = months();
    for tables in [&mut before, &mut after] {
        tables.totals.consumer_accepted = 1_000;
        tables.smarthosts = vec![Smarthost {
            host: "mx1".to_owned(),
            relay: "smtp.relay.example".to_owned(),
            first_day: 20_727,
            last_day: 20_740,
            accepted: 1_000,
            handed_over: 980,
            providers: 4,
        }];
    }
    let (comparison, about) = (compared(&before, &after), about());
    assert!(comparison.is_withheld && comparison.mix.is_empty() && comparison.curve.points.is_empty());
    let hidden =
        ["accepted_rate", "hard_rate", "unknown_user_rate", "block_share", "accepted_within_1min", "accepted_within_1h"];
    assert!(comparison.changes.iter().all(|row| !hidden.contains(&row.metric.as_str())));
    assert!(comparison.changes.iter().any(|row| row.metric == "deferral_rate"));
    let html = page(&Sides { before: &before, after: &after, comparison: &comparison, about: &about }).unwrap();
    assert!(html.contains("Most of the mail was handed to a smarthost"));
    assert_eq!(html.matches("Withheld: the smarthost answered").count(), 3);
}

#[test]
fn periods_of_a_few_days_are_told_before_they_are_called_unequal() {
    let (before, mut after) = months();
    let (comparison, about) = (compared(&before, &after), about());
    let told = |after: &Tables| {
        super::warnings(&Sides { before: &before, after, comparison: &comparison, about: &about })
            .join("\n")
            .replace('\u{a0}', " ")
    };
    assert!(!told(&after).contains("has mail on"), "{}", told(&after));
    let first = after.timeline[0].day;
    after.timeline.retain(|row| row.day == first);
    after.totals.days = Some((first, first));
    let warnings = told(&after);
    let place = |words: &str| warnings.find(words).unwrap_or_else(|| panic!("{words}: {warnings}"));
    assert!(place("has mail on 1 day only: of fewer than 8 days") < place("unequal length"), "{warnings}");
}

#[test]
fn a_mix_that_moved_next_to_nothing_has_no_sign() {
    let (before, after) = months();
    let mut comparison = compared(&before, &after);
    let total =
        comparison.changes.iter_mut().find(|row| row.within == "total" && row.metric == comparison.headline.name()).unwrap();
    total.verdict = crate::compare::verdict::WORSE.to_owned();
    let about = about();
    let mut told = |billionths: i64| {
        comparison.mix.iter_mut().for_each(|row| row.mix = 0);
        comparison.mix[0].mix = billionths;
        sentence(&Sides { before: &before, after: &after, comparison: &comparison, about: &about })
    };
    assert!(told(40_000).contains("own rate, hardly any from another mix"), "{}", told(40_000));
    assert!(told(-400_000).contains("own rate, −0.04 from another mix"), "{}", told(-400_000));
}
