//! Findings on blocks and throttling.

use super::*;

#[test]
fn a_block_is_told_with_its_hours_its_share_and_its_cost() {
    let sentences = said("blocks", &fixture::small());
    let wanted = "Microsoft refused 192.0.2.14 from Wed 7 Oct 04:09 to Thu 8 Oct 11:00 (31 h): 29,118 of 31,022 attempts (93.9 %; usual \
                  0.1 % or less). 18,204 recipients were lost and 4,311 delayed. Those lost or delayed waited 2.5 h on average. Of the attempts of \
                  our other sources there in the same hours 0.15 % (12 of 8,120) were refused, so that it is about this source or what it \
                  sends, not about all of us. Mail of news.example.org stands out: 89.3 % (20,117 of 22,515) of the recipients refused, 12.0 % \
                  (3,120 of 26,004) of all on the day before.";
    assert_eq!(sentences, [wanted]);
}

#[test]
fn an_episode_of_all_sources_is_not_told_again_for_each() {
    let mut tables = fixture::small();
    let mut all = tables.blocks[1].clone();
    all.source = ALL.to_owned();
    tables.blocks.push(all.clone());
    assert_eq!(said("blocks", &tables).len(), 1);
    assert!(said("blocks", &tables)[0].contains("refused all our sources"));
    // One of another week is another one.
    let later = tables.blocks.last_mut().unwrap();
    (later.first_hour, later.last_hour) =
        (Micros(all.first_hour.0 + 9 * Micros::DAY), Micros(all.last_hour.0 + 9 * Micros::DAY));
    assert_eq!(said("blocks", &tables).len(), 2);
}

#[test]
fn a_long_block_of_one_source_is_told_beside_a_short_one_of_all() {
    let mut tables = fixture::small();
    let mut all = tables.blocks[1].clone();
    (all.source, all.hours, all.last_hour) = (ALL.to_owned(), 5, Micros(all.first_hour.0 + 4 * Micros::HOUR));
    tables.blocks.push(all);
    assert_eq!(said("blocks", &tables).len(), 2);
}

#[test]
fn what_a_block_of_all_sources_refused_is_not_counted_again_of_each() {
    let mut tables = fixture::small();
    let mut all = tables.blocks[1].clone();
    (all.source, all.hours, all.refused) = (ALL.to_owned(), 5, 9_000);
    all.last_hour = Micros(all.first_hour.0 + 4 * Micros::HOUR);
    assert_eq!(crate::insights::blocks::refused_once(&tables), 29_118);
    tables.blocks.push(all.clone());
    assert_eq!(crate::insights::blocks::refused_once(&tables), 29_118);
    all.first_hour.0 += 20 * Micros::DAY;
    all.last_hour.0 += 20 * Micros::DAY;
    tables.blocks.push(all);
    assert_eq!(crate::insights::blocks::refused_once(&tables), 38_118);
}

#[test]
fn a_block_that_names_a_list_is_not_told_again_as_refusals_that_do() {
    let mut tables = fixture::small();
    for row in &mut tables.signatures {
        row.category = "dns-blocklist".to_owned();
    }
    assert_eq!(said("dns_blocklists", &tables).len(), 1);
    let mut block = tables.blocks[1].clone();
    (block.category, block.refused) = ("dns-blocklist".to_owned(), tables.signatures.iter().map(|row| row.attempts).sum());
    tables.blocks = vec![block];
    assert!(said("dns_blocklists", &tables).is_empty());
}

#[test]
fn rate_limits_without_a_stretch_of_hours_are_one_finding() {
    let mut tables = fixture::small();
    tables.blocks.retain(|row| row.kind != THROTTLING);
    let limited: Vec<Signature> = tables.signatures.iter().filter(|row| row.category == "rate-limit").cloned().collect();
    let of = |provider: &str| Signature { provider: provider.to_owned(), attempts: 150, ..limited[0].clone() };
    tables.signatures.extend([of("google"), of("apple")]);
    let found = said("throttling", &tables);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("providers put off some of our attempts by rate limits, in no stretch of hours."), "{found:?}");
}

#[test]
fn a_block_that_cost_nothing_says_nothing_of_waiting() {
    let mut tables = fixture::small();
    (tables.blocks[1].lost, tables.blocks[1].delayed, tables.blocks[1].waited_ms) = (0, 0, 0);
    (tables.blocks[1].other_attempts, tables.blocks[1].other_refused) = (None, None);
    tables.block_senders.clear();
    let [sentence] = said("blocks", &tables).try_into().unwrap();
    assert!(sentence.ends_with("0 recipients were lost."), "{sentence}");
}

#[test]
fn what_our_other_sources_met_meanwhile_tells_whom_a_block_is_about() {
    let mut tables = fixture::small();
    tables.block_senders.clear();
    tables.blocks[1].senders.clear();
    let mut told = |refused: i64, of: i64| {
        (tables.blocks[1].other_attempts, tables.blocks[1].other_refused) = (Some(of), Some(refused));
        said("blocks", &tables).remove(0)
    };
    assert!(told(0, 100).contains("about this source, not about"));
    assert!(told(40, 100).contains("not about this source alone"));
    for (refused, of) in [(10, 100), (0, 29)] {
        let sentence = told(refused, of);
        assert!(sentence.ends_with(&format!("({refused} of {of}) were refused.")), "{sentence}");
    }
}

#[test]
fn stretches_of_throttling_that_keep_to_hours_of_the_day_are_told_by_them() {
    let mut tables = fixture::month(12, 60);
    let night = tables.blocks.iter().find(|row| row.kind == crate::tables::blocks::THROTTLING).unwrap().clone();
    let of = |day: i32, from: i64, hours: i64| {
        let first_hour = Micros(i64::from(day) * Micros::DAY + from * Micros::HOUR);
        crate::tables::blocks::Block {
            first_hour,
            onset: None,
            last_hour: Micros(first_hour.0 + (hours - 1) * Micros::HOUR),
            hours,
            is_open: false,
            delayed: 40,
            lost: 0,
            waiting: 0,
            ..night.clone()
        }
    };
    tables.blocks = vec![of(20_727, 22, 7), of(20_728, 23, 6), of(20_729, 21, 6)];
    let sentence = said("throttling", &tables).into_iter().find(|said| said.starts_with("Yahoo")).unwrap();
    assert!(sentence.contains("All 3 stretches lie between 21:00 and 05:00 (UTC)."), "{sentence}");
    assert!(sentence.ends_with("120 got their mail late, 0 did not get it, 0 wait."), "{sentence}");
    tables.blocks.push(of(20_731, 9, 6));
    let sentence = said("throttling", &tables).into_iter().find(|said| said.starts_with("Yahoo")).unwrap();
    assert!(!sentence.contains("stretches lie"), "{sentence}");
}

#[test]
fn throttling_is_told_with_its_longest_stretch() {
    let sentences = said("throttling", &fixture::month(12, 60));
    assert!(
        sentences.iter().any(|said| said.starts_with("Yahoo put off") && said.contains("192.0.2.14 for 12 h from")),
        "{sentences:?}"
    );
}
