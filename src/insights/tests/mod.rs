//! Findings over tables of a month, each asked for by what the tables say, and the rules that hold for all of them.

use std::collections::BTreeSet;

use super::{Finding, Harm, INSIGHTS, Tone, Unit, findings, number};
use crate::event::Micros;
use crate::tables::blocks::THROTTLING;
use crate::tables::reasons::ReasonRow;
use crate::tables::senders::Sender;
use crate::tables::signatures::Signature;
use crate::tables::unknown_users::UnknownUsers;
use crate::tables::{ALL, TABLES, Tables};

mod blocks;
pub(crate) mod fixture;
mod self_hosted;

/// What one insight says of tables, no-break spaces made plain.
#[track_caller]
fn said(name: &str, tables: &Tables) -> Vec<String> {
    let insight = INSIGHTS.iter().find(|insight| insight.name == name).unwrap();
    (insight.find)(tables).iter().map(|finding| finding.sentence.replace(number::GAP, " ")).collect()
}

/// Tables in which nothing went wrong.
fn quiet() -> Tables {
    let mut tables = fixture::small();
    tables.signatures.clear();
    tables.reasons.clear();
    tables.blocks.clear();
    tables.unknown_users.clear();
    for row in &mut tables.providers {
        row.delivered = row.outcomes;
        (row.bounced, row.blocked, row.expired, row.bounced_later, row.deferred, row.queued) = (0, 0, 0, 0, 0, 0);
    }
    for row in &mut tables.inputs {
        row.unparsed = 0;
    }
    tables.totals.suppressed = 0;
    tables
}

#[test]
fn problems_come_by_harm_and_what_was_not_found_last() {
    let found = findings(&fixture::small());
    let (problems, rest): (Vec<&Finding>, Vec<&Finding>) = found.iter().partition(|finding| finding.tone == Tone::Problem);
    assert!(problems.len() > 5 && !rest.is_empty());
    assert!(problems.is_sorted_by(|a, b| a.harm >= b.harm));
    assert!(found.iter().skip(problems.len()).all(|finding| finding.tone == Tone::Quiet));
}

#[test]
fn every_problem_says_why_and_what_to_do_and_comes_from_a_table() {
    let found = findings(&fixture::month(30, 200));
    for finding in found.iter().filter(|finding| finding.tone == Tone::Problem) {
        assert!(!finding.why.is_empty() && !finding.todo.is_empty() && !finding.figures.is_empty(), "{finding:?}");
        assert!(finding.sentence.ends_with(['.', '”']), "{}", finding.sentence);
        assert!(finding.evidence.len() <= 3, "{finding:?}");
    }
    for finding in &found {
        assert!(TABLES.iter().any(|table| table.name == finding.table), "{}", finding.table);
    }
    let ids: BTreeSet<&str> = found.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(ids.len(), found.len());
}

#[test]
fn nothing_wrong_is_said_to_be_so() {
    let found = findings(&quiet());
    assert!(found.iter().all(|finding| finding.tone == Tone::Quiet && finding.harm == Harm::default()), "{found:?}");
    let said: Vec<&str> = found.iter().map(|finding| finding.id.as_str()).collect();
    assert_eq!(said, ["no-block", "no-dns-blocklist", "no-authentication"]);
    assert_eq!(findings(&Tables::default()), []);
}

#[test]
fn unknown_users_of_one_day_and_one_sender_are_said_to_be_that() {
    let mut tables = fixture::small();
    let of = |day: Option<i32>, unknown: i64| UnknownUsers {
        provider: "google".to_owned(),
        day,
        attempted: 1_000,
        judged: 1_000,
        unknown,
        ..UnknownUsers::default()
    };
    let mut days: Vec<UnknownUsers> = (0..9).map(|day| of(Some(20_727 + day), 20)).collect();
    days.extend([of(Some(20_736), 400), of(None, 500)]);
    tables.unknown_users = days;
    let sender = |domain: &str, hard: i64| Sender {
        sender_domain: domain.to_owned(),
        provider: "google".to_owned(),
        outcomes: 5_000,
        hard,
        ..Sender::default()
    };
    tables.senders = vec![sender("news.example.org", 40), sender("mail.example.org", 460)];
    let [sentence] = said("unknown_users", &tables).try_into().unwrap();
    assert!(
        sentence.contains("On Sat 2026-10-10 40.0 % (400 of 1,000) were unknown, on the others 2.0 % (180 of 9,000). Most hard bounces there were mail of mail.example.org."),
        "{sentence}"
    );
    tables.senders[0].hard = 460;
    tables.unknown_users.retain(|row| row.day != Some(20_736));
    let [sentence] = said("unknown_users", &tables).try_into().unwrap();
    assert!(!sentence.contains("were unknown") && !sentence.contains("Most hard"), "{sentence}");
}

#[test]
fn a_block_after_days_of_many_unknown_users_is_told_beside_them() {
    let mut tables = fixture::small();
    let of = |day: Option<i32>, unknown: i64| UnknownUsers {
        provider: "microsoft".to_owned(),
        day,
        attempted: 1_000,
        judged: 1_000,
        unknown,
        ..UnknownUsers::default()
    };
    let block = tables.blocks.iter().find(|row| row.kind == "block").unwrap().clone();
    tables.unknown_users = (0..9).map(|day| of(Some(20_727 + day), 20)).collect();
    tables.unknown_users.extend([of(None, 500)]);
    tables.unknown_users[3].unknown = 400;
    for (after, is_told) in [(3, true), (8, false), (0, false), (-1, false)] {
        let first_hour = Micros(i64::from(20_730 + after) * Micros::DAY);
        tables.blocks = vec![crate::tables::blocks::Block { provider: "microsoft".to_owned(), first_hour, ..block.clone() }];
        let [sentence] = said("unknown_users", &tables).try_into().unwrap();
        assert!(sentence.contains("40.0 % (400 of 1,000) were unknown"), "{sentence}");
        assert_eq!(sentence.contains("A block there began 3 days later"), is_told, "{sentence}");
    }
}

#[test]
fn nothing_accepted_of_mail_that_all_waits_is_said_first() {
    let mut tables = fixture::small();
    for row in &mut tables.providers {
        row.deferred += row.bounced + row.delivered + row.bounced_later + row.blocked + row.expired;
        (row.bounced, row.delivered, row.bounced_later, row.blocked, row.expired) = (0, 0, 0, 0, 0);
    }
    tables.blocks.clear();
    let [sentence] = said("nothing_accepted", &tables).try_into().unwrap();
    assert!(sentence.starts_with("Nothing was accepted: of ") && sentence.contains("that were tried not one"), "{sentence}");
    assert!(sentence.contains("The commonest reason of the attempts: "), "{sentence}");
    let ids: Vec<String> = findings(&tables).into_iter().map(|finding| finding.id).collect();
    let place = |id: &str| ids.iter().position(|other| other == id);
    assert!(place("nothing-accepted") < place("queue"), "{ids:?}");
}

#[test]
fn nothing_accepted_is_said_first() {
    let mut tables = fixture::small();
    for row in &mut tables.providers {
        (row.bounced, row.delivered, row.bounced_later) = (row.bounced + row.delivered + row.bounced_later, 0, 0);
    }
    assert_eq!(findings(&tables)[0].id, "nothing-accepted");
    assert!(said("nothing_accepted", &fixture::small()).is_empty());
}

#[test]
fn refusals_that_are_no_block_of_hours_are_told_by_their_reason() {
    let mut tables = quiet();
    let reason = |provider: &str, category: &str, blocked: i64, expired: i64| ReasonRow {
        provider: provider.to_owned(),
        category: category.to_owned(),
        class: "policy".to_owned(),
        outcomes: blocked + expired,
        blocked,
        expired,
        ..ReasonRow::default()
    };
    tables.reasons = vec![
        reason("google", "spam-content", 300, 34),
        reason("yahoo", "spam-content", 40, 0),
        reason("yahoo", "policy-other", 19, 0),
        reason("microsoft", "reputation-block", 900, 0),
    ];
    tables.blocks = fixture::small().blocks;
    // What Microsoft refused for hours with these words is told as its block.
    assert_eq!(
        said("refusals", &tables),
        [
            "374 recipients were lost to refusals that are no block of hours: spam content, at 2 providers: Google (334), Yahoo (40)."
        ]
    );
}

#[test]
fn unknown_users_are_told_where_the_whole_interval_is_above_the_mark() {
    let mut tables = fixture::small();
    for row in tables.unknown_users.iter_mut().filter(|row| row.provider == "google") {
        row.unknown = row.judged / 12;
    }
    let sentences = said("unknown_users", &tables);
    assert!(sentences[0].starts_with("Google does not know 8.3 % of our addresses there"), "{sentences:?}");
    assert!(sentences[0].ends_with("far above the mark of 5 %."), "{sentences:?}");
    for row in tables.unknown_users.iter_mut().filter(|row| row.provider == "google") {
        "gmx".clone_into(&mut row.provider);
    }
    let sentences = said("unknown_users", &tables);
    assert!(sentences[0].starts_with("GMX and web.de do not know 8.3"), "{sentences:?}");
    for row in &mut tables.unknown_users {
        row.unknown = row.judged / 200;
    }
    assert_eq!(said("unknown_users", &tables), Vec::<String>::new());
}

#[test]
fn addresses_are_counted_as_addresses_and_those_told_twice_are_said_to_be() {
    let mut tables = fixture::small();
    for row in tables.unknown_users.iter_mut().filter(|row| row.provider == "example.org") {
        row.unknown = row.judged / 4;
    }
    let found = findings(&tables);
    let of = |id: &str| found.iter().find(|finding| finding.id == id).unwrap();
    assert_eq!(of("dead-addresses").harm, Harm { lost: 283, delayed: 0, unit: Unit::Addresses });
    let there = of("unknown-users-example.org");
    assert_eq!(there.harm.unit, Unit::Addresses);
    let leaving = there.figures.iter().find(|figure| figure.label.contains("to be removed")).unwrap();
    assert_eq!(leaving.value, "240");
}

#[test]
fn dead_addresses_are_told_with_how_often_they_were_mailed_in_vain() {
    let [sentence] = said("dead_addresses", &fixture::small()).try_into().unwrap();
    assert!(sentence.starts_with("283 addresses must leave the list: "), "{sentence}");
    assert!(sentence.ends_with("48 were mailed again after that, 48 times."), "{sentence}");
}

#[test]
fn unknown_users_before_blocking_are_told_with_both_rates_and_never_as_a_cause() {
    let mut tables = fixture::small();
    assert_eq!(said("effect", &tables), Vec::<String>::new());
    tables.unknown_user_effect = fixture::effects();
    let [says_so, likely] = said("effect", &tables).try_into().unwrap();
    assert_eq!(
        says_so,
        "Yahoo told 192.0.2.14 in 7 attempts that too many of its recipients are unknown. old.example sent 80.0 % (40 of 50) of them."
    );
    assert!(
        likely.contains("9.1 % (91 of 1,000) of first attempts were refused after hours of many unknown users"),
        "{likely}"
    );
    assert!(
        likely.contains("1.2 % (12 of 1,000) after hours of few, 6 h later. A likely contributor, not a proven cause."),
        "{likely}"
    );
    tables.unknown_user_effect.retain(|row| row.verdict == "likely");
    tables.unknown_user_effect[0].verdict = "no-sign".to_owned();
    let wanted = "The one pair of provider and source with enough mail to tell was not refused more after many unknown users.";
    assert_eq!(said("effect", &tables), [wanted]);
    for verdict in ["cannot-tell", "follows"] {
        tables.unknown_user_effect[0].verdict = verdict.to_owned();
        assert_eq!(said("effect", &tables), Vec::<String>::new(), "{verdict}");
    }
}

#[test]
fn mail_that_waits_for_a_dns_block_list_is_counted_in_recipients_not_in_attempts() {
    let mut tables = fixture::small();
    tables.signatures.truncate(1);
    let (row, reason) = (&mut tables.signatures[0], &mut tables.reasons[0]);
    (row.category, row.attempts) = ("dns-blocklist".to_owned(), 5_000);
    reason.category = "dns-blocklist".to_owned();
    (reason.bounced_later, reason.bounced, reason.blocked, reason.expired, reason.deferred) = (0, 0, 20, 3, 7);
    let finding = findings(&tables).into_iter().find(|finding| finding.id == "dns-blocklist").unwrap();
    assert_eq!(finding.harm, Harm::of(23, 7));
}

#[test]
fn missing_seeds_are_told_with_what_explains_them() {
    let mut tables = fixture::small();
    assert_eq!(said("seeds", &tables), Vec::<String>::new());
    (tables.seeds, tables.seed_providers) = fixture::seeds();
    let wanted = "5 of 7 missing seeds are explained by delivery (4 refused, 1 dead); 1 was accepted, so look at filtering at Google; 1 was never \
                  sent.";
    assert_eq!(said("seeds", &tables), [wanted]);
}

#[test]
fn good_addresses_that_a_provider_calls_unknown_all_at_once_are_told() {
    let mut tables = fixture::small();
    assert_eq!(said("false_unknown", &tables), Vec::<String>::new());
    tables.retry = fixture::listed("unknown-user", "held-back", 31);
    let [sentence] = said("false_unknown", &tables).try_into().unwrap();
    let wanted = "example.org called 31 addresses unknown between Thu 1 Oct 00:00 and Fri 9 Oct 17:00 that had accepted mail in the 30 days";
    assert!(sentence.starts_with(wanted), "{sentence}");
}

#[test]
fn addresses_that_are_held_back_are_not_to_be_removed_as_well() {
    let mut tables = quiet();
    tables.unknown_users = fixture::small().unknown_users;
    for row in &mut tables.unknown_users {
        (row.unknown, row.held_back) = if row.provider == "google" { (row.judged, row.judged) } else { (0, 0) };
    }
    assert_eq!(said("unknown_users", &tables), Vec::<String>::new());
    for row in &mut tables.unknown_users {
        row.held_back -= row.held_back / 10;
    }
    let [sentence] = said("unknown_users", &tables).try_into().unwrap();
    assert!(sentence.starts_with("Google does not know 10.0 % of our addresses there"), "{sentence}");
    assert!(
        sentence
            .ends_with("more are not in this: called unknown all at once with many good ones, which is no word about them."),
        "{sentence}"
    );
}

#[test]
fn an_incident_is_told_with_those_that_took_mail_since() {
    let mut tables = fixture::small();
    tables.retry = fixture::listed("unknown-user", "held-back", 15);
    let row = tables.unknown_users.iter_mut().find(|row| row.day.is_none() && row.provider == "example.org").unwrap();
    row.held_back = 100;
    let [sentence] = said("false_unknown", &tables).try_into().unwrap();
    assert!(sentence.starts_with("example.org called 100 addresses unknown all at once that had accepted mail in the 30 days before; for 15 this was the last word, between "), "{sentence}");
    assert!(sentence.ends_with("these are not in the suppression list."), "{sentence}");
}

#[test]
fn a_mistyped_domain_is_named_with_what_was_meant() {
    let sentences = said("bad_domains", &fixture::small());
    assert!(sentences[0].contains("gmial.com (") && sentences[0].contains("; gmail.com?)"), "{sentences:?}");
}

#[test]
fn a_gap_in_the_logs_is_told_and_a_quiet_night_is_not() {
    let mut tables = fixture::small();
    assert_eq!(said("gaps", &tables), Vec::<String>::new());
    tables.inputs.retain(|row| !row.path.ends_with(".2.gz"));
    assert_eq!(
        said("gaps", &tables),
        ["No log for 73 hours of the period: Sat 3 Oct 23:00 to Wed 7 Oct 00:00. Figures for that time are missing, not zero."]
    );
}

#[test]
fn lines_that_were_not_understood_are_told_from_a_thousandth_on() {
    let mut tables = fixture::small();
    assert_eq!(said("coverage", &tables), Vec::<String>::new());
    tables.inputs[4].unparsed = 900_000;
    let [sentence] = said("coverage", &tables).try_into().unwrap();
    assert!(sentence.contains("Most of them: mail/mx2/mail.log.2.gz, 900,000."), "{sentence}");
}

#[test]
fn replies_without_a_rule_are_told_with_the_commonest() {
    let mut tables = fixture::small();
    for row in tables.signatures.iter_mut().filter(|row| row.category == "unclassified") {
        row.attempts = 1_000_000;
    }
    let [sentence] = said("unclassified", &tables).try_into().unwrap();
    assert!(sentence.ends_with("The commonest: “451 4.3.0 <USER>... come back on a day with an R in it”"), "{sentence}");
}

#[test]
fn refusals_over_authentication_name_the_mechanism() {
    let mut tables = quiet();
    let mut row = fixture::small().signatures[0].clone();
    row.provider = "google".to_owned();
    row.category = "authentication".to_owned();
    row.signature = "550 5.7.26 SPF [<host>] did not pass, DKIM = did not pass".to_owned();
    row.attempts = 22;
    tables.signatures = vec![row];
    let sentences = said("authentication", &tables);
    assert!(sentences[0].starts_with("Google refused 22 attempts over SPF, DKIM."), "{sentences:?}");
}
