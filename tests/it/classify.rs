//! What replies mean, on the sets that the project ships: the guide's tables, its own labelled replies, and the examples of its rules.

use std::collections::BTreeMap;
use std::fmt::Write;

use mailtally::classify::{Category, Class, Classifier, code, enhanced};
use mailtally::provider::{Providers, UNREACHED};

const GUIDE: &str = include_str!("../fixtures/classify/guide.tsv");
const REPLIES: &str = include_str!("../fixtures/classify/replies.tsv");

/// The rows of a table: comments start with `#`.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

#[test]
fn the_guides_tables_mean_what_the_guide_says() {
    let mut wrong = String::new();
    for row in rows(GUIDE) {
        let [reply, provider, category, class, action, also] = row[..] else { panic!("{row:?}") };
        let verdict =
            Classifier::builtin().classify_from(reply.as_bytes(), Some(provider).filter(|provider| !provider.is_empty()));
        let is_also = also.split(',').any(|name| name == verdict.category.name());
        let is_right = verdict.category.name() == category && verdict.class.name() == class && verdict.action.name() == action;
        if !is_right && !is_also {
            let _ = writeln!(wrong, "{reply}: {category} {class} {action}, but is\n    {verdict:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Every labelled reply that the project ships, with its label: the project's own set, and the examples of the rules.
fn labelled() -> Vec<(String, Category)> {
    let own = rows(REPLIES).map(|row| (row[0].to_owned(), Category::parse(row[1]).unwrap_or_else(|| panic!("{row:?}"))));
    let rules = Classifier::builtin().rules().iter().filter(|rule| !rule.needs_provider);
    own.chain(rules.flat_map(|rule| rule.examples.iter().map(|example| (example.clone(), rule.category)))).collect()
}

#[test]
fn the_confusion_matrix_is_as_it_was() {
    let mut cells: BTreeMap<(Category, Category), usize> = BTreeMap::new();
    let mut right = 0;
    let all = labelled();
    for (reply, label) in &all {
        let category = Classifier::builtin().classify(reply.as_bytes()).category;
        *cells.entry((*label, category)).or_default() += 1;
        right += usize::from(category == *label);
    }
    let mut matrix = format!("{} replies, {right} right\n\nlabel -> verdict: replies\n", all.len());
    for ((label, verdict), count) in cells {
        let mark = if label == verdict { "" } else { "   <-- wrong" };
        let _ = writeln!(matrix, "{label} -> {verdict}: {count}{mark}");
    }
    println!("{matrix}");
    insta::assert_snapshot!(matrix);
}

/// A change of a rule shows here what else it moved.
#[test]
fn every_labelled_reply_keeps_its_rule() {
    let mut lines: Vec<String> = labelled()
        .iter()
        .map(|(reply, _)| {
            let verdict = Classifier::builtin().classify(reply.as_bytes());
            let disagreement = verdict.disagreement.map_or_else(String::new, |one| format!(", {one}"));
            format!("{} ({}, {}{disagreement}): {reply}", verdict.rule, verdict.category, verdict.class)
        })
        .collect();
    lines.sort();
    lines.dedup();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn no_block_is_ever_called_a_dead_address() {
    for (reply, label) in labelled() {
        let verdict = Classifier::builtin().classify(reply.as_bytes());
        assert!(label.class() != Class::Policy || verdict.class != Class::Hard, "{reply}: {verdict:?}");
    }
}

#[test]
fn every_rules_provider_is_known() {
    for rule in Classifier::builtin().rules() {
        let Some(provider) = rule.provider.as_deref() else { continue };
        let is_known = provider == UNREACHED || Providers::builtin().is_known(provider);
        assert!(is_known, "{}: {provider}", rule.id);
    }
}

#[test]
fn codes_and_statuses_explain_themselves() {
    for number in [421, 450, 451, 452, 455, 500, 501, 502, 503, 504, 521, 550, 551, 552, 553, 554, 555, 556] {
        assert!(code::of(number).is_some(), "{number}");
    }
    // The registry ends with X.7.30 today.
    let of_subject = |subject| enhanced::all().iter().filter(|status| status.subject == subject).count();
    assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(of_subject), [1, 11, 5, 7, 8, 7, 11, 31]);
}
