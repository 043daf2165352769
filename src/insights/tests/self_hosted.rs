//! Servers that domains run themselves: many, and none of them a provider.

use super::*;
use crate::tables::blocks::BLOCK;
use crate::tables::tls::Channel;

#[test]
fn self_hosted_servers_do_not_put_off_all_attempts_for_want_of_a_row_in_providers() {
    let mut tables = quiet();
    let mut row = fixture::small().signatures[0].clone();
    (row.provider, row.category, row.attempts) = ("self-hosted".to_owned(), "rate-limit".to_owned(), 120);
    let channel = |tls: &str, attempts: i64| Channel {
        provider: "self-hosted".to_owned(),
        tls: tls.to_owned(),
        attempts,
        ..Channel::default()
    };
    (tables.signatures, tables.tls) = (vec![row], vec![channel("TLSv1.3", 1_000), channel("", 120)]);
    assert_eq!(said("throttling", &tables), ["Self-hosted servers put off 120 attempts by rate limits, 10.7 % of all."]);
}

#[test]
fn servers_that_domains_run_themselves_are_no_provider_that_blocks() {
    let mut tables = fixture::small();
    tables.blocks.retain(|row| row.kind == BLOCK);
    tables.blocks[0].provider = "self-hosted".to_owned();
    let reason = |domain: &str, outcomes: i64| ReasonRow {
        provider: domain.to_owned(),
        category: "reputation-block".to_owned(),
        outcomes,
        blocked: outcomes,
        ..ReasonRow::default()
    };
    tables.reasons = vec![reason("firm.example", 40), reason("shop.example", 9), reason("google", 700)];
    let [sentence] = said("blocks", &tables).try_into().unwrap();
    assert!(sentence.starts_with("Self-hosted servers refused 192.0.2.14 from Wed 7 Oct 04:09"), "{sentence}");
    assert!(
        sentence.ends_with(
            "These are servers that domains run themselves, each deciding for itself: for that reason mail to 2 domains of the period failed or \
             waits, 40 of 49 of it to firm.example."
        ),
        "{sentence}"
    );
    let todo = findings(&tables).into_iter().find(|finding| finding.table == "blocks").unwrap().todo;
    assert!(!todo.contains("postmaster desk"), "{todo}");
    tables.reasons.truncate(1);
    let [sentence] = said("blocks", &tables).try_into().unwrap();
    assert!(
        sentence.ends_with("all that failed or waits for that reason in the period was mail to firm.example."),
        "{sentence}"
    );
    // And what is told as their block is not told again of each of their domains.
    assert_eq!(said("refusals", &tables), Vec::<String>::new());
    tables.blocks.clear();
    let finding = findings(&tables).into_iter().find(|finding| finding.id == "refusals-reputation-block").unwrap();
    assert!(finding.sentence.contains("firm.example (40)"), "{}", finding.sentence);
}

#[test]
fn servers_that_domains_run_themselves_are_not_counted_as_a_provider() {
    let mut tables = quiet();
    let row = fixture::small().signatures[0].clone();
    let of = |provider: &str| Signature {
        provider: provider.to_owned(),
        category: "dns-blocklist".to_owned(),
        attempts: 3,
        ..row.clone()
    };
    tables.signatures = vec![of("self-hosted"), of("google"), of("yahoo")];
    let [sentence] = said("dns_blocklists", &tables).try_into().unwrap();
    assert!(
        sentence.starts_with("9 refusals name a DNS block list, at 2 providers and self-hosted servers, since"),
        "{sentence}"
    );
    tables.signatures.truncate(1);
    let [sentence] = said("dns_blocklists", &tables).try_into().unwrap();
    assert!(sentence.starts_with("3 refusals name a DNS block list, at self-hosted servers, since"), "{sentence}");
}

#[test]
fn unknown_users_at_many_servers_are_no_reason_for_others_to_refuse() {
    let mut tables = fixture::small();
    tables.unknown_user_effect = fixture::effects();
    for row in &mut tables.unknown_user_effect {
        row.provider = "self-hosted".to_owned();
    }
    // What one of them says itself holds.
    let [says_so] = said("effect", &tables).try_into().unwrap();
    assert!(says_so.starts_with("Self-hosted servers told 192.0.2.14 in 7 attempts"), "{says_so}");
    let headline = findings(&tables).into_iter().find(|finding| finding.table == "unknown_user_effect").unwrap().headline;
    assert!(headline.starts_with("Self-hosted servers say that unknown users are why they refuse 192.0.2.14"), "{headline}");
}

#[test]
fn what_self_hosted_servers_refused_over_authentication_is_not_lost_to_nobody() {
    let mut tables = fixture::small();
    tables.signatures.truncate(1);
    let (row, reason) = (&mut tables.signatures[0], &mut tables.reasons[0]);
    (row.category, row.provider) = ("authentication".to_owned(), "self-hosted".to_owned());
    (reason.category, reason.provider) = ("authentication".to_owned(), "firm.example".to_owned());
    (reason.bounced_later, reason.bounced, reason.blocked, reason.expired) = (2, 0, 20, 3);
    let finding = findings(&tables).into_iter().find(|finding| finding.id == "authentication-self-hosted").unwrap();
    assert_eq!(finding.harm, Harm::of(25, 0));
}
