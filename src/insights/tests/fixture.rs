//! Tables of a month that could have been, made by arithmetic alone: nothing is random, and they add up as real ones do.

mod beside;
mod mail;

use beside::{lifetimes, schedule};
use mail::{channels, codes, day, networks, provider, reasons, replies, split, words};

use crate::event::Micros;
use crate::insights::total;
use crate::stats::Rate;
use crate::tables::blocks::senders::BlockSender;
use crate::tables::blocks::{BLOCK, Block, THROTTLING};
use crate::tables::delays::DelayRow;
use crate::tables::domains::Domain;
use crate::tables::inputs::Input;
use crate::tables::lists::Listed;
use crate::tables::providers::Provider;
use crate::tables::reasons::ReasonRow;
use crate::tables::timeline::Day;
use crate::tables::unknown_users::UnknownUsers;
use crate::tables::{ALL, Tables, Totals};

pub(crate) use beside::{effects, listed, seeds};
pub(crate) use mail::domains;

/// 2026-10-01.
const FIRST: i32 = 20_727;

/// A provider's habits.
struct Habit {
    id: String,
    domains: Vec<String>,
    /// Outcomes of an ordinary day.
    daily: i64,
    /// Per thousand: dead addresses, deferred once, given up.
    dead: i64,
    deferred: i64,
    expired: i64,
}

fn habit(id: &str, domains: &[&str], daily: i64, [dead, deferred, expired]: [i64; 3]) -> Habit {
    Habit {
        id: id.to_owned(),
        domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
        daily,
        dead,
        deferred,
        expired,
    }
}

fn habits(most: usize) -> Vec<Habit> {
    let mut habits = vec![
        habit("google", &["gmail.com", "example.net", "googlemail.com"], 67_842, [4, 6, 1]),
        habit("microsoft", &["outlook.com", "hotmail.com", "live.com", "msn.com", "example.edu"], 29_386, [19, 40, 2]),
        habit("yahoo", &["yahoo.com", "aol.com", "ymail.com"], 18_211, [9, 150, 4]),
        habit("gmx", &["gmx.de", "web.de", "gmx.net"], 14_402, [6, 12, 1]),
        habit("t-online", &["t-online.de"], 6_031, [11, 20, 2]),
        habit("apple", &["icloud.com", "me.com"], 5_270, [3, 8, 1]),
        habit("comcast", &["comcast.net"], 2_119, [14, 60, 3]),
        habit("example.org", &["example.org"], 380, [2, 5, 1]),
        habit("gmial.com", &["gmial.com"], 41, [990, 0, 0]),
        habit("small.example", &["small.example"], 1, [0, 0, 0]),
    ];
    for n in habits.len()..most {
        habits.push(habit(&format!("provider-{n}.example"), &[&format!("mail-{n}.example")], 2_000 / n as i64, [8, 30, 2]));
    }
    habits.truncate(most);
    habits
}

/// Nine days of ten providers: small enough to be read as a snapshot.
pub(crate) fn small() -> Tables {
    tables(&habits(10), 9, 12)
}

/// A month of so many providers and replies.
pub(crate) fn month(providers: usize, signatures: usize) -> Tables {
    tables(&habits(providers), 31, signatures)
}

fn tables(habits: &[Habit], days: i32, signatures: usize) -> Tables {
    let timeline: Vec<Day> = (0..days).flat_map(|at| habits.iter().map(move |habit| day(habit, at))).collect();
    let mut providers: Vec<Provider> = habits.iter().map(|habit| provider(habit, &timeline)).collect();
    providers.sort_by(|a, b| b.outcomes.cmp(&a.outcomes).then_with(|| a.provider.cmp(&b.provider)));
    let mut domains: Vec<Domain> =
        habits.iter().flat_map(|habit| split(habit, providers.iter().find(|row| row.provider == habit.id).unwrap())).collect();
    domains.sort_by(|a, b| b.outcomes.cmp(&a.outcomes).then_with(|| a.domain.cmp(&b.domain)));
    let reasons: Vec<ReasonRow> = providers.iter().flat_map(reasons).collect();
    let signatures = replies(&reasons, signatures);
    let tls = providers.iter().flat_map(channels).collect();
    let networks = providers.iter().map(networks).collect();
    let concentration = crate::tables::concentration::rows(&providers, &domains);
    let all = total::sum(&providers);
    let dead = [("unknown-user", "explicit", 240), ("bad-domain", "repeated", 31), ("mailbox-full", "often-failed", 12)];
    let suppress: Vec<Listed> = dead.into_iter().flat_map(|(reason, basis, n)| listed(reason, basis, n)).collect();
    Tables {
        inputs: inputs(days),
        codes: codes(&domains),
        block_senders: block_senders(&blocks(days)),
        blocks: blocks(days),
        unknown_users: unknown_users(habits, days),
        delays: delays(&providers),
        totals: Totals {
            outcomes: all.outcomes,
            messages: all.outcomes - 1_204,
            attempts: all.attempts,
            addresses: all.outcomes / 9,
            suppressed: suppress.len() as i64,
            suspended: 18_031,
            hops: 4_812,
            hops_found: 4_790,
            internal: 2_311,
            own_bounces: 1_022,
            probes: 311,
            handed_on: 12,
            repeated: 0,
            knows_later: true,
            within_hour: timeline.iter().map(within_hour).collect(),
            days: Some((FIRST, FIRST + days - 1)),
            stamps: Some((at(0, 0), at(days - 1, 23))),
            hosts: vec!["mx1".to_owned(), "mx2".to_owned(), "mx3".to_owned()],
            folded: Vec::new(),
            digest: "4f1c2ab7d0e9835b6c21f4aa90d27be8c3f15d0672ab48e19c7705f3b6ad2e41".to_owned(),
            ..Totals::default()
        },
        lifetimes: lifetimes(),
        retry_schedule: schedule(),
        suppress,
        retry: [listed("connection-failure", "passing", 88), listed("mailbox-full", "not-yet", 40)].concat(),
        fix: listed("reputation-block", "cause", 312),
        timeline,
        providers,
        domains,
        reasons,
        signatures,
        tls,
        networks,
        concentration,
        ..Tables::default()
    }
}

fn at(day: i32, hour: i64) -> Micros {
    Micros(i64::from(FIRST + day) * Micros::DAY + hour * Micros::HOUR)
}

/// Thousandths of a whole, rounded down.
const fn of(whole: i64, thousandths: i64) -> i64 {
    whole * thousandths / 1_000
}

/// A number from 0 to 99 that looks like chance and is none.
const fn wobble(a: i64, b: i64) -> i64 {
    (a * 7_919 + b * 104_729 + a * b * 31).rem_euclid(97) * 100 / 97
}

fn blocks(days: i32) -> Vec<Block> {
    let block = |kind: &str, provider: &str, [first, last]: [(i32, i64); 2], is_open: bool| Block {
        provider: provider.to_owned(),
        source: "192.0.2.14".to_owned(),
        kind: kind.to_owned(),
        onset_after: Some(at(first.0, first.1 - 1)),
        first_hour: at(first.0, first.1),
        onset: Some(Micros(at(first.0, first.1).0 + 9 * Micros::MINUTE)),
        first_refusal: Some(Micros(at(first.0, first.1).0 + 7 * 60 * Micros::SECOND)),
        last_hour: at(last.0, last.1),
        lift_before: (!is_open).then(|| at(last.0, last.1 + 1)),
        is_open,
        hours: i64::from(last.0 - first.0) * 24 + last.1 - first.1 + 1,
        attempts: 31_022,
        refused: 29_118,
        baseline: 0.001,
        expected: Some(35.5),
        excess: Some(29_082.5),
        excess_low: Some(28_748.0),
        excess_high: Some(29_420.0),
        longest_pause_ms: Some(125 * 60_000),
        signature: words(if kind == BLOCK { "reputation-block" } else { "rate-limit" })[0].to_owned(),
        category: if kind == BLOCK { "reputation-block" } else { "rate-limit" }.to_owned(),
        lost: if kind == BLOCK { 18_204 } else { 31 },
        delayed: 4_311,
        waiting: if is_open { 120 } else { 0 },
        senders: if kind == BLOCK { "news.example.org" } else { "" }.to_owned(),
        other_attempts: (kind == BLOCK).then_some(8_120),
        other_refused: (kind == BLOCK).then_some(12),
        waited_ms: 201_000_000_000,
    };
    vec![
        block(THROTTLING, "yahoo", [(1, 9), (1, 14)], false),
        block(BLOCK, "microsoft", [(6, 4), (7, 10)], false),
        block(THROTTLING, "yahoo", [(days - 1, 11), (days - 1, 22)], true),
    ]
}

/// Whose mail stands out in the block.
fn block_senders(blocks: &[Block]) -> Vec<BlockSender> {
    let of = |row: &Block| BlockSender {
        provider: row.provider.clone(),
        source: row.source.clone(),
        kind: row.kind.clone(),
        first_hour: row.first_hour,
        sender_domain: row.senders.clone(),
        refused: 20_117,
        all_refused: 22_515,
        before: 3_120,
        all_before: 26_004,
        odds_ratio: 60.4,
        odds_ratio_low: 57.3,
    };
    blocks.iter().filter(|row| !row.senders.is_empty()).map(of).collect()
}

fn unknown_users(habits: &[Habit], days: i32) -> Vec<UnknownUsers> {
    let mut rows = Vec::new();
    for habit in habits {
        let row = |day: Option<i32>, factor: i64| {
            let attempted = (habit.daily * factor / 10).max(1);
            let judged = of(attempted, 981).max(1);
            let more = day.map_or(60, |day| wobble(habit.daily, i64::from(day)));
            let unknown = of(judged, habit.dead * (60 + more) / 100).min(judged);
            UnknownUsers {
                provider: habit.id.clone(),
                day: day.map(|day| FIRST + day),
                attempted,
                judged,
                unknown,
                held_back: 0,
                full: of(judged, 2),
            }
        };
        rows.push(row(None, 9));
        rows.extend((0..days).map(|day| row(Some(day), 2)));
    }
    rows.sort_by(|a, b| (&a.provider, a.day).cmp(&(&b.provider, b.day)));
    rows
}

fn delays(providers: &[Provider]) -> Vec<DelayRow> {
    let row = |name: &str, row: &Provider| {
        let accepted = row.delivered + row.bounced_later;
        let share = accepted as f64 / row.attempted.max(1) as f64;
        let slow = row.deferred_once as f64 / row.attempted.max(1) as f64;
        let within = |left: f64| Some((share - slow * left).clamp(0.0, 1.0));
        DelayRow {
            provider: name.to_owned(),
            outcomes: row.attempted,
            accepted,
            failed: row.bounced + row.blocked + row.expired,
            open: row.deferred,
            within_1min: within(0.95),
            within_10min: within(0.7),
            within_1h: within(0.3),
            within_4h: within(0.1),
            within_24h: within(0.02),
            within_48h: within(0.0),
            p50_ms: Some(1_400),
            p90_ms: Some(8_200),
            p95_ms: Some(640_000),
            p99_ms: Some(18_360_000),
        }
    };
    let mut rows = vec![row(ALL, &total::sum(providers))];
    rows.extend(providers.iter().map(|provider| row(&provider.provider, provider)));
    rows
}

/// Of a provider's day: what was accepted within an hour, of what was tried.
fn within_hour(day: &Day) -> (String, i32, Rate) {
    let tried = day.outcomes - day.queued;
    (day.provider.clone(), day.day, total::rate(tried - day.deferred_once.min(tried), tried))
}

fn inputs(days: i32) -> Vec<Input> {
    let input = |host: &str, n: i32| {
        let lines = 3_475_474 - i64::from(n) * 1_811;
        let unparsed = i64::from(n == 1) * 31;
        Input {
            path: format!("mail/{host}/mail.log.{n}.gz"),
            format: "postfix".to_owned(),
            compression: "gzip".to_owned(),
            bytes: lines * 87,
            lines,
            delivery: lines / 3,
            context: lines / 2,
            other: lines - lines / 3 - lines / 2 - unparsed,
            unparsed,
            attempts: lines / 3,
            delivered: lines / 3 - 900,
            deferred: 600,
            bounced: 280,
            expired: 20,
            inbound_rejects: 44,
            recipient_domains: 4_310,
            first: Some(at((n - 1) * days / 3, 0)),
            last: Some(at(n * days / 3 - 1, 23)),
            is_damaged: n == 3 && host == "mx2",
            note: if n == 3 && host == "mx2" {
                "the gzip data ends early, after 81,920 bytes; what came before is counted"
            } else {
                ""
            }
            .to_owned(),
        }
    };
    ["mx1", "mx2", "mx3"].iter().flat_map(|host| (1..=3).map(move |n| input(host, n))).collect()
}
