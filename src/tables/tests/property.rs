//! Random small cubes: what the queries make of them, against a few lines of Rust for each table.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{Account, Limits, Tables};
use crate::classify::{Category, Class, Classifier};
use crate::cubes::keys::{DelayEvent, HourCounts, OutcomeCounts, ReplyCounts};
use crate::cubes::retries::{Retry, RetryCounts};
use crate::cubes::{
    AsyncBounce, AttemptChannel, AttemptCode, AttemptHour, AttemptReply, Delay, Disposition, OutcomeDomain, OutcomeSender,
    Reason, SenderCounts, State, Tally,
};
use crate::event::{Enhanced, Micros, Speaker, Stage, Status};
use crate::feedback::By;
use crate::intern::{Id, Interner};
use crate::rows::Network;

/// Domains, each with the route that its mail takes and the provider that follows.
const DOMAINS: [(&str, &str, &str); 6] = [
    ("gmail.com", "google", "google"),
    ("example.org", "google", "google"),
    ("mail.example.net", "self-hosted", "example.net"),
    ("www.example.net", "self-hosted", "example.net"),
    ("nowhere.example", "unreached", "nowhere.example"),
    ("", "", ""),
];

const REASONS: [Option<Reason>; 4] = [
    None,
    Some(Reason { category: Category::UnknownUser, class: Class::Hard }),
    Some(Reason { category: Category::MailboxFull, class: Class::Soft }),
    Some(Reason { category: Category::ReputationBlock, class: Class::Policy }),
];

const SIGNATURES: [&str; 3] = ["550 5.1.1 no such user", "452 4.2.2 mailbox full", "554 5.7.1 blocked"];

const UNTOLD: Reason = Reason { category: Category::Unclassified, class: Class::Unknown };

/// What happened, as indices into the lists above.
type Outcome = (i32, usize, usize, usize, u64);
type Failure = (i32, usize, usize, Option<u16>, u64);

fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
    prop::collection::vec((0_i32..4, 0_usize..6, 0_usize..9, 0_usize..4, 1_u64..9), 0..40)
}

fn failures() -> impl Strategy<Value = Vec<Failure>> {
    prop::collection::vec((0_i32..50, 0_usize..6, 0_usize..3, prop::option::of(400_u16..403), 1_u64..4), 0..40)
}

struct Run {
    tally: Tally,
    interner: Interner,
}

/// The cubes of a run in which these things happened; every attempt is a failure.
fn run(outcomes: &[Outcome], failures: &[Failure]) -> Run {
    let (mut tally, mut interner) = (Tally::default(), Interner::default());
    for &(hour, domain, signature, code, attempts) in failures {
        let ids = DOMAINS[domain];
        let (domain, route) = (interner.intern(ids.0.as_bytes()), interner.intern(ids.1.as_bytes()));
        let enhanced = code.map(|code| Enhanced { class: 4, subject: 7, detail: code });
        let code = AttemptCode { domain, route, disposition: Disposition::Deferred, code: code.unwrap_or(0), enhanced };
        tally.counts.attempt_codes.add(code, attempts);
        let signature = interner.intern(SIGNATURES[signature].as_bytes());
        let first = Micros(i64::from(hour) * Micros::HOUR + attempts as i64);
        let counts = ReplyCounts { attempts, first, last: Micros(first.0 + 5) };
        tally.counts.attempt_replies.add(AttemptReply { hour, route, source: Id::EMPTY, signature }, counts);
        let hour = AttemptHour {
            hour,
            route,
            source: Id::EMPTY,
            status: Status::Deferred,
            reason: REASONS[3],
            stage: Stage::Unknown,
            speaker: Speaker::Remote,
            is_first: false,
        };
        tally.counts.attempt_hours.add(hour, HourCounts { attempts, minutes: 1 });
        let (source, tls) = (Id::EMPTY, Id::EMPTY);
        let channel = AttemptChannel { day: 5, route, source, network: Network::Unknown, tls, is_delivered: false };
        tally.counts.attempt_channels.add(channel, attempts);
    }
    // Attempts belong to outcomes: here all to one that does not depend on their order.
    let mut attempts: u64 = failures.iter().map(|failure| failure.4).sum();
    let holder = outcomes.iter().copied().min().or((attempts > 0).then_some((0, 0, 5, 2, 1)));
    let rest = outcomes.iter().copied();
    for (day, ids, state, reason, n) in rest.chain(holder.filter(|_| outcomes.is_empty())) {
        let (domain, route) = (interner.intern(DOMAINS[ids].0.as_bytes()), interner.intern(DOMAINS[ids].1.as_bytes()));
        let key = OutcomeDomain { day, domain, route, state: State::ALL[state], reason: REASONS[reason] };
        let is_holder = holder == Some((day, ids, state, reason, n));
        let attempts = if is_holder { std::mem::take(&mut attempts) } else { 0 };
        let counts =
            OutcomeCounts { outcomes: n, messages: n, attempts, attempted: n, waited_ms: n << 33, ..OutcomeCounts::default() };
        tally.counts.outcome_domains.add(key, counts);
        let (source, sender_domain) = (Id::EMPTY, Id::EMPTY);
        let sender = OutcomeSender { day, route, source, sender_domain, state: key.state, reason: key.reason, tries: 0 };
        tally.counts.outcome_senders.add(sender, SenderCounts { outcomes: n, attempts, ..SenderCounts::default() });
        if key.state == State::BouncedLater {
            let reason = key.reason.unwrap_or(UNTOLD);
            tally.counts.async_bounces.add(AsyncBounce { route, by: By::Log, reason, lag_q_ms: None }, n);
        }
        tally
            .counts
            .retries
            .add(Retry { route, number: 1, gap_q_ms: 0, lifetime: 0 }, RetryCounts { attempts, ..RetryCounts::default() });
        tally.counts.delays.add(Delay { route, day, event: DelayEvent::Accepted, age_q_ms: 10 }, n);
    }
    Run { tally, interner }
}

fn tables(outcomes: &[Outcome], failures: &[Failure], limits: &Limits) -> Tables {
    let Run { tally, mut interner } = run(outcomes, failures);
    Tables::build(tally, &mut interner, Classifier::builtin(), Account::default(), limits).unwrap()
}

/// Sums of `count` by `key`, the largest first, equals by key.
fn sums<K: Ord, T>(rows: &[T], key: impl Fn(&T) -> K, count: impl Fn(&T) -> u64) -> Vec<(K, i64)> {
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(key(row)).or_insert(0) += count(row) as i64;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|sum| std::cmp::Reverse(sum.1));
    sums
}

fn provider(domain: usize) -> String {
    DOMAINS[domain].2.to_owned()
}

proptest! {
    #[test]
    fn domains_providers_and_timeline_add_up(outcomes in outcomes(), failures in failures()) {
        prop_assume!(!outcomes.is_empty());
        let tables = tables(&outcomes, &failures, &Limits::default());
        let by_domain = sums(&outcomes, |row| DOMAINS[row.1].0.to_owned(), |row| row.4);
        let got: Vec<_> = tables.domains.iter().map(|row| (row.domain.clone(), row.outcomes)).collect();
        prop_assert_eq!(got, by_domain);
        let by_provider = sums(&outcomes, |row| provider(row.1), |row| row.4);
        let got: Vec<_> = tables.providers.iter().map(|row| (row.provider.clone(), row.outcomes)).collect();
        prop_assert_eq!(got, by_provider);
        let mut by_day = sums(&outcomes, |row| (row.0, provider(row.1)), |row| row.4);
        by_day.sort();
        let got: Vec<_> = tables.timeline.iter().map(|row| ((row.day, row.provider.clone()), row.outcomes)).collect();
        prop_assert_eq!(got, by_day);
        let lost = |row: &&Outcome| {
            let state = State::ALL[row.2];
            state == State::Blocked || (state == State::Expired && REASONS[row.3] == REASONS[3])
        };
        let lost: u64 = outcomes.iter().filter(lost).map(|row| row.4).sum();
        prop_assert_eq!(tables.domains.iter().map(|row| row.lost_to_blocks).sum::<i64>(), lost as i64);
        prop_assert_eq!(tables.providers.iter().map(|row| row.lost_to_blocks).sum::<i64>(), lost as i64);
        let waited: u64 = outcomes.iter().map(|row| row.4 << 33).sum();
        prop_assert_eq!(tables.providers.iter().map(|row| row.waited_ms).sum::<i64>(), waited as i64);
    }

    #[test]
    fn reasons_are_those_of_what_failed(outcomes in outcomes()) {
        let states = [State::BouncedLater, State::Blocked, State::Bounced, State::Expired, State::Deferred];
        let failed: Vec<_> = outcomes.iter().copied().filter(|row| states.contains(&State::ALL[row.2])).collect();
        let category = |row: &Outcome| REASONS[row.3].map_or("unclassified", |reason| reason.category.name());
        let class = |row: &Outcome| REASONS[row.3].map_or("unknown", |reason| reason.class.name());
        let wanted = sums(&failed, |row| (provider(row.1), category(row).to_owned(), class(row).to_owned()), |row| row.4);
        let got = tables(&outcomes, &[], &Limits::default()).reasons;
        let got: Vec<_> = got.into_iter().map(|row| ((row.provider, row.category, row.class), row.outcomes)).collect();
        prop_assert_eq!(got, wanted);
    }

    #[test]
    fn codes_and_signatures_count_every_attempt(outcomes in outcomes(), failures in failures()) {
        let tables = tables(&outcomes, &failures, &Limits::default());
        let key = |row: &Failure| {
            let enhanced = row.3.map(|code| format!("4.7.{code}"));
            // No value comes last: that is how SQL was told to order.
            (DOMAINS[row.1].0.to_owned(), (row.3.is_none(), row.3.map(i64::from)), (enhanced.is_none(), enhanced))
        };
        let got: Vec<_> = tables.codes.iter().map(|row| {
            let code = (row.code.is_none(), row.code);
            ((row.domain.clone(), code, (row.enhanced.is_none(), row.enhanced.clone())), row.attempts)
        }).collect();
        prop_assert_eq!(got, sums(&failures, key, |row| row.4));
        let got: Vec<_> =
            tables.signatures.iter().map(|row| ((row.provider.clone(), row.signature.clone()), row.attempts)).collect();
        let key = |row: &Failure| (DOMAINS[row.1].1.to_owned(), SIGNATURES[row.2].to_owned());
        prop_assert_eq!(got, sums(&failures, key, |row| row.4));
        for row in &tables.signatures {
            let same = failures.iter().filter(|failure| key(failure) == (row.provider.clone(), row.signature.clone()));
            let first = same.map(|failure| i64::from(failure.0) * Micros::HOUR + failure.4 as i64).min();
            prop_assert_eq!(Some(row.first_seen.0), first);
        }
    }

    #[test]
    fn the_order_in_which_things_were_met_leaves_no_trace(outcomes in outcomes(), failures in failures()) {
        let (mut outcomes_backwards, mut failures_backwards) = (outcomes.clone(), failures.clone());
        outcomes_backwards.reverse();
        failures_backwards.reverse();
        for limits in [Limits::default(), Limits { rows: 12, ..Limits::default() }] {
            let wanted = tables(&outcomes, &failures, &limits);
            prop_assert_eq!(&tables(&outcomes_backwards, &failures_backwards, &limits), &wanted);
            prop_assert_eq!(wanted.totals.outcomes, wanted.domains.iter().map(|row| row.outcomes).sum::<i64>());
        }
    }
}
