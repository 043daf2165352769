//! Tables of a month that could have been, made by arithmetic alone: nothing is random, and they add up as real ones do.

use crate::event::Micros;
use crate::insights::total;
use crate::tables::blocks::Block;
use crate::tables::codes::Code;
use crate::tables::delays::DelayRow;
use crate::tables::domains::Domain;
use crate::tables::inputs::Input;
use crate::tables::lifetimes::Lifetime;
use crate::tables::lists::Listed;
use crate::tables::providers::Provider;
use crate::tables::reasons::ReasonRow;
use crate::tables::retry_schedule::Scheduled;
use crate::tables::seed_providers::SeedProvider;
use crate::tables::seeds::SeedRow;
use crate::tables::signatures::Signature;
use crate::tables::timeline::Day;
use crate::tables::unknown_user_effect::Effect;
use crate::tables::unknown_users::UnknownUsers;
use crate::tables::{ALL, Tables, Totals};

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
    let all = total::sum(&providers);
    let suppress = [
        listed("unknown-user", "explicit", 240),
        listed("bad-domain", "repeated", 31),
        listed("mailbox-full", "often-failed", 12),
    ];
    let suppress: Vec<Listed> = suppress.into_iter().flatten().collect();
    Tables {
        inputs: inputs(days),
        codes: codes(&domains),
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
        retry: [listed("connection-failure", "passing", 88), listed("mailbox-full", "not-yet", 40)]
            .into_iter()
            .flatten()
            .collect(),
        fix: listed("reputation-block", "cause", 312),
        timeline,
        providers,
        domains,
        reasons,
        signatures,
        ..Tables::default()
    }
}

/// Ten thousand messages that were put off, of all providers.
fn lifetimes() -> Vec<Lifetime> {
    let ages = [
        (1, 3_000, 0, 20_000),
        (2, 4_500, 0, 15_000),
        (4, 6_000, 0, 9_000),
        (8, 7_000, 0, 9_000),
        (12, 7_500, 0, 9_000),
        (24, 8_000, 0, 9_000),
        (48, 8_400, 0, 9_000),
        (72, 8_450, 0, 3_000),
        (96, 8_490, 0, 3_000),
        (120, 8_500, 1_000, 3_000),
        (168, 8_500, 1_000, 0),
    ];
    let all: i64 = ages.iter().map(|(.., attempts)| attempts).sum();
    let mut before = (0, 0);
    let mut row = |(hours, delivered_within, expired_within, attempts): (i64, i64, i64, i64)| {
        let accepted = delivered_within - before.0;
        before = (delivered_within, before.1 + attempts);
        Lifetime {
            provider: ALL.to_owned(),
            hours,
            deferred: 10_000,
            delivered: 8_500,
            delivered_within,
            delivered_later: 8_500 - delivered_within,
            delivered_share: Some(delivered_within as f64 / 10_000.0),
            expired_within,
            open_within: 100,
            attempts_up_to: attempts,
            accepted_up_to: accepted,
            attempts_later: all - before.1,
            accepted_later: 8_500 - delivered_within,
        }
    };
    ages.into_iter().map(&mut row).collect()
}

/// Four attempts, each half as many as the one before.
fn schedule() -> Vec<Scheduled> {
    let row = |number: i64| Scheduled {
        provider: ALL.to_owned(),
        number,
        attempts: 80_000 >> number,
        delivered: 60_000 >> number,
        gap_p50_ms: (number > 1).then_some(number * 400_000),
        gap_p10_ms: (number > 1).then_some(number * 300_000),
        gap_p90_ms: (number > 1).then_some(number * 500_000),
        guide_ms: (number > 1).then_some(number * 3_600_000),
        rfc_5321_ms: (number > 1).then_some(1_800_000),
        postfix_ms: (number > 1).then_some(300_000),
        exim_ms: (number > 1).then_some(900_000),
    };
    (1..=4).map(row).collect()
}

/// Eight seeds of two providers, of which seven are missing.
pub(crate) fn seeds() -> (Vec<SeedRow>, Vec<SeedProvider>) {
    let seed = |provider: &str, verdict: &str, state: &str, seen: &str| SeedRow {
        address: format!("{verdict}@{provider}.example"),
        provider: provider.to_owned(),
        listed_as: provider.to_owned(),
        day: Some(FIRST),
        campaign: String::new(),
        seen: seen.to_owned(),
        verdict: verdict.to_owned(),
        state: state.to_owned(),
        received: (!state.is_empty()).then(|| at(0, 8)),
        last: None,
        attempts: 1,
        source: String::new(),
        sender_domain: String::new(),
        reply: String::new(),
        category: String::new(),
        queue_id: "4X9fT6".to_owned(),
        path: String::new(),
        place: 0,
    };
    let mut rows = vec![seed("microsoft", "refused", "blocked", "missing"); 4];
    rows.extend([
        seed("google", "dead", "bounced", "missing"),
        seed("google", "vanished", "delivered", "missing"),
        seed("google", "not-sent", "", "missing"),
        seed("google", "arrived", "delivered", "inbox"),
    ]);
    let provider = |provider: &str, [seeds, not_sent, problems, accepted]: [i64; 4], verdict: &str| SeedProvider {
        provider: provider.to_owned(),
        seeds,
        not_sent,
        problems,
        accepted,
        other: 0,
        missing: not_sent + problems + accepted.min(1),
        missing_not_sent: not_sent,
        missing_problems: problems,
        missing_accepted: accepted.min(1),
        spam: 0,
        seeds_resolved: problems + accepted,
        seeds_delivered: accepted,
        others_resolved: 400,
        others_delivered: 380,
        p: 0.3,
        verdict: verdict.to_owned(),
    };
    let providers = vec![
        provider(ALL, [8, 1, 5, 2], "delivery"),
        provider("google", [4, 1, 1, 2], "delivery"),
        provider("microsoft", [4, 0, 4, 0], "delivery"),
    ];
    (rows, providers)
}

/// Three pairs of provider and source: a likely link, too little mail, and one that says so.
pub(crate) fn effects() -> Vec<Effect> {
    let row = |provider: &str, verdict: &str, said_so: i64, is_enough: bool| Effect {
        provider: provider.to_owned(),
        source: "192.0.2.14".to_owned(),
        verdict: verdict.to_owned(),
        judged: 20_000,
        unknown: 600,
        replies: 22_000,
        blocked: 2_000,
        said_so,
        bucket_hours: 1,
        lag_hours: is_enough.then_some(6),
        rho: is_enough.then_some(0.42),
        p: is_enough.then_some(0.004),
        q: is_enough.then_some(0.008),
        trailing_lag_hours: is_enough.then_some(0),
        trailing_rho: is_enough.then_some(0.1),
        after_many: is_enough.then_some(1_000),
        after_many_blocked: is_enough.then_some(91),
        after_few: is_enough.then_some(1_000),
        after_few_blocked: is_enough.then_some(12),
        difference: is_enough.then_some(0.079),
        difference_low: is_enough.then_some(0.04),
        difference_high: is_enough.then_some(0.121),
        onsets: None,
        before_ratio: None,
        before_p: None,
        unknown_outcomes: 50,
        top_sender: "old.example".to_owned(),
        top_sender_outcomes: 40,
    };
    vec![row("google", "cannot-tell", 0, false), row("microsoft", "likely", 0, true), row("yahoo", "said-so", 7, false)]
}

/// So many addresses of one reason and rule; every fifth failed twice.
pub(crate) fn listed(reason: &str, basis: &str, n: i64) -> Vec<Listed> {
    let [reply, action, rule, _] = words(reason).map(std::sync::Arc::<str>::from);
    let row = |number: i64| Listed {
        address: format!("{basis}{number}@example.org").into(),
        reason: reason.into(),
        class: "hard".into(),
        action: action.clone(),
        basis: basis.into(),
        failures: if number % 5 == 0 { 2 } else { 1 },
        needed: Some(1),
        first: at(0, number % 24),
        last: at((number % 9) as i32, number % 24),
        accepted: None,
        provider: "example.org".into(),
        source: "192.0.2.14".into(),
        reply: reply.clone(),
        rule: rule.clone(),
        sample: "".into(),
        path: "mail/mx1/mail.log.1.gz".into(),
        place: number * 300,
    };
    (0..n).map(row).collect()
}

/// So many domains of falling size.
pub(crate) fn domains(n: usize) -> Vec<Domain> {
    let row = |rank: usize| {
        let outcomes = 1_000_000 / (rank as i64 + 1);
        let provider = Provider { outcomes, delivered: outcomes, attempted: outcomes, ..total::empty() };
        domain(&format!("domain-{rank}.example"), &provider, 1, 1)
    };
    (0..n).map(row).collect()
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

fn day(habit: &Habit, day: i32) -> Day {
    let seed = habit.id.len() as i64 * 13 + habit.daily;
    let weekday = (FIRST + day).rem_euclid(7);
    let volume = if matches!(weekday, 2 | 3) { 420 } else { 900 } + wobble(seed, i64::from(day)) * 3;
    let outcomes = of(habit.daily, volume).max(1);
    // Microsoft refuses a source from the 7th, 04:00, on for 31 hours.
    let blocked = match (habit.id.as_str(), day) {
        ("microsoft", 6) => of(outcomes, 412),
        ("microsoft", 7) => of(outcomes, 238),
        ("t-online", 2) => of(outcomes, 61),
        _ => of(outcomes, 1),
    };
    let dead = of(outcomes, habit.dead + wobble(seed, i64::from(day) + 7) * habit.dead / 120);
    let full = of(outcomes, 3);
    let expired = of(outcomes, habit.expired);
    let later = of(outcomes, 1);
    let queued = if day + 2 > 30 || day > 7 { of(outcomes, 6) } else { 0 };
    let deferred = queued / 2 + i64::from(habit.id == "yahoo") * queued * 4;
    let failed = blocked + dead + full + expired + later + queued + deferred;
    let delivered = (outcomes - failed).max(0);
    let deferred_once = (of(outcomes, habit.deferred) + blocked / 3 + expired + deferred).min(outcomes);
    let recovered = of(delivered, habit.deferred).min(deferred_once);
    let bounced = outcomes - delivered - blocked - expired - later - queued - deferred;
    Day {
        day: FIRST + day,
        provider: habit.id.clone(),
        attempts: outcomes - queued + deferred_once * 3,
        outcomes,
        delivered,
        bounced_later: later,
        bounced,
        blocked,
        expired,
        deferred,
        queued,
        cancelled: 0,
        unknown: 0,
        recovered,
        deferred_once,
    }
}

fn provider(habit: &Habit, timeline: &[Day]) -> Provider {
    let rows: Vec<&Day> = timeline.iter().filter(|row| row.provider == habit.id).collect();
    let sum = |count: fn(&Day) -> i64| rows.iter().map(|row| count(row)).sum::<i64>();
    let (outcomes, bounced, blocked, expired) =
        (sum(|day| day.outcomes), sum(|day| day.bounced), sum(|day| day.blocked), sum(|day| day.expired));
    let delivered = sum(|day| day.delivered);
    Provider {
        provider: habit.id.clone(),
        attempts: sum(|day| day.attempts),
        outcomes,
        delivered,
        bounced_later: sum(|day| day.bounced_later),
        bounced,
        blocked,
        expired,
        deferred: sum(|day| day.deferred),
        queued: sum(|day| day.queued),
        cancelled: 0,
        unknown: 0,
        deferred_once: sum(|day| day.deferred_once),
        lost_to_blocks: blocked + expired / 4,
        attempted: outcomes - sum(|day| day.queued),
        hard: bounced * 8 / 10,
        soft: bounced * 2 / 10 + expired / 2,
        first_try: delivered - sum(|day| day.recovered),
        recovered: sum(|day| day.recovered),
        touched_by_block: blocked * 17 / 10,
        waited_ms: sum(|day| day.deferred_once) * 1_440_000,
        domains: habit.domains.len() as i64,
    }
}

fn split(habit: &Habit, row: &Provider) -> Vec<Domain> {
    let parts = (habit.domains.len() * (habit.domains.len() + 1) / 2) as i64;
    let weight = |at: usize| (habit.domains.len() - at) as i64;
    habit.domains.iter().enumerate().map(|(at, name)| domain(name, row, weight(at), parts)).collect()
}

/// `weight` of `parts` of a provider's mail.
fn domain(name: &str, row: &Provider, weight: i64, parts: i64) -> Domain {
    let part = |count: i64| count * weight / parts;
    let states = [row.delivered, row.bounced_later, row.bounced, row.blocked, row.expired, row.deferred, row.queued].map(part);
    let [delivered, bounced_later, bounced, blocked, expired, deferred, queued] = states;
    Domain {
        domain: name.to_owned(),
        provider: row.provider.clone(),
        attempts: part(row.attempts),
        outcomes: states.iter().sum(),
        delivered,
        bounced_later,
        bounced,
        blocked,
        expired,
        deferred,
        queued,
        cancelled: 0,
        unknown: 0,
        deferred_once: part(row.deferred_once),
        lost_to_blocks: part(row.lost_to_blocks),
        attempted: part(row.attempted),
        hard: part(row.hard),
        soft: part(row.soft),
        first_try: part(row.first_try),
        recovered: part(row.recovered),
        touched_by_block: part(row.touched_by_block),
        waited_ms: part(row.waited_ms),
    }
}

fn reasons(row: &Provider) -> Vec<ReasonRow> {
    let reason = |category: &str, class: &str, [later, bounced, blocked, expired, deferred]: [i64; 5]| ReasonRow {
        provider: row.provider.clone(),
        category: category.to_owned(),
        class: class.to_owned(),
        outcomes: later + bounced + blocked + expired + deferred,
        bounced_later: later,
        bounced,
        blocked,
        expired,
        deferred,
    };
    let dead = if row.provider == "gmial.com" { "bad-domain" } else { "unknown-user" };
    let block = if row.provider == "microsoft" { "reputation-block" } else { "policy-other" };
    let inactive = row.bounced / 10;
    let full = row.bounced / 5;
    let all = [
        reason(dead, "hard", [row.bounced_later, row.bounced - inactive - full, 0, 0, 0]),
        reason("inactive-mailbox", "hard", [0, inactive, 0, 0, 0]),
        reason("mailbox-full", "soft", [0, full, 0, 0, 0]),
        reason(block, "policy", [0, 0, row.blocked, row.expired / 4, 0]),
        reason("connection-failure", "soft", [0, 0, 0, row.expired - row.expired / 4, 0]),
        reason("rate-limit", "policy", [0, 0, 0, 0, row.deferred]),
    ];
    all.into_iter().filter(|row| row.outcomes > 0).collect()
}

/// The words of a category, and what follows from them: action, rule, evidence, help.
fn words(category: &str) -> [&'static str; 4] {
    match category {
        "unknown-user" => [
            "550 5.1.1 The email account that you tried to reach does not exist: <USER>",
            "suppress",
            "generic/no-such-user",
            "text",
        ],
        "bad-domain" => [
            "Host or domain name not found. Name service error for name=gmial.com type=MX: Host not found",
            "suppress",
            "generic/nxdomain",
            "text",
        ],
        "inactive-mailbox" => ["550 5.2.1 The mailbox is disabled: <USER>", "suppress", "generic/disabled", "text"],
        "mailbox-full" => ["552 5.2.2 <USER>: mailbox is over quota", "retry", "generic/mailbox-full", "text"],
        "reputation-block" => [
            "550 5.7.1 Unfortunately, messages from [<IP>] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
            "fix-then-retry",
            "microsoft/s3150",
            "signature",
        ],
        "policy-other" => ["554 5.7.1 Message refused by local policy", "investigate", "generic/policy", "text"],
        "connection-failure" => ["connect to mx.<HOST>[<IP>]:25: Connection timed out", "retry", "generic/timeout", "text"],
        "rate-limit" => [
            "421 4.7.0 [TSS04] Messages from <IP> temporarily deferred due to unexpected volume or user complaints",
            "retry",
            "yahoo/tss04",
            "signature",
        ],
        _ => ["451 4.3.0 try again some time", "investigate", "fallback", "fallback"],
    }
}

fn replies(reasons: &[ReasonRow], most: usize) -> Vec<Signature> {
    let mut rows: Vec<Signature> = Vec::new();
    for (at, reason) in reasons.iter().cycle().enumerate().take(most.max(1)) {
        let [said, action, rule, evidence] = words(&reason.category);
        let round = at / reasons.len();
        let signature = if round == 0 { said.to_owned() } else { format!("{said} (case {round})") };
        rows.push(Signature {
            provider: reason.provider.clone(),
            source: if at % 3 == 0 { "192.0.2.14" } else { "192.0.2.15" }.to_owned(),
            example: format!("Oct  7 04:12:{:02} mx1 postfix/smtp[2204]: 4X9fT{at}: to=<someone@{}>, relay=mx.{}[198.51.100.7]:25, delay=1.2, dsn=5.0.0, status=bounced (host mx.{} said: {said})", at % 60, reason.provider, reason.provider, reason.provider),
            signature,
            category: reason.category.clone(),
            class: reason.class.clone(),
            action: action.to_owned(),
            rule: rule.to_owned(),
            evidence: evidence.to_owned(),
            help: (reason.provider == "microsoft").then(|| "https://sendersupport.olc.protection.outlook.com/pm/".to_owned()),
            attempts: (reason.outcomes * 3 / (round as i64 + 2)).max(1),
            first_seen: self::at(0, 1 + at as i64 % 20),
            last_seen: self::at(8, 3 + at as i64 % 19),
            path: "mail/mx1/mail.log.2.gz".to_owned(),
            offset: 81_920 + at as i64 * 311,
        });
    }
    rows.push(Signature {
        category: "unclassified".to_owned(),
        class: "unknown".to_owned(),
        signature: "451 4.3.0 <USER>... come back on a day with an R in it".to_owned(),
        action: "investigate".to_owned(),
        rule: "fallback/451".to_owned(),
        evidence: "fallback".to_owned(),
        attempts: 412,
        ..rows[0].clone()
    });
    rows.sort_by(|a, b| (&a.provider, &a.source, &a.signature).cmp(&(&b.provider, &b.source, &b.signature)));
    rows
}

fn codes(domains: &[Domain]) -> Vec<Code> {
    let code = |row: &Domain, code: Option<i64>, enhanced: Option<&str>, disposition: &str, attempts: i64| Code {
        domain: row.domain.clone(),
        provider: row.provider.clone(),
        code,
        enhanced: enhanced.map(str::to_owned),
        disposition: disposition.to_owned(),
        attempts,
    };
    let of_domain = |row: &Domain| {
        [
            code(row, Some(250), Some("2.0.0"), "delivered", row.delivered),
            code(row, Some(550), Some("5.1.1"), "bounced", row.bounced),
            code(row, Some(550), Some("5.7.1"), "blocked", row.blocked),
            code(row, Some(421), None, "deferred", row.deferred_once),
            code(row, None, None, "deferred", row.expired * 4),
        ]
    };
    domains.iter().flat_map(of_domain).filter(|row| row.attempts > 0).collect()
}

fn blocks(days: i32) -> Vec<Block> {
    let block = |kind: &str, provider: &str, [first, last]: [(i32, i64); 2], is_open: bool| Block {
        provider: provider.to_owned(),
        source: "192.0.2.14".to_owned(),
        kind: kind.to_owned(),
        onset_after: Some(at(first.0, first.1 - 1)),
        first_hour: at(first.0, first.1),
        last_hour: at(last.0, last.1),
        lift_before: (!is_open).then(|| at(last.0, last.1 + 1)),
        hours: i64::from(last.0 - first.0) * 24 + last.1 - first.1 + 1,
        attempts: 31_022,
        refused: 29_118,
        baseline: 0.001,
        signature: words(if kind == "block" { "reputation-block" } else { "rate-limit" })[0].to_owned(),
        category: if kind == "block" { "reputation-block" } else { "rate-limit" }.to_owned(),
        lost: if kind == "block" { 18_204 } else { 31 },
        delayed: 4_311,
        waited_ms: 201_000_000_000,
    };
    vec![
        block("throttling", "yahoo", [(1, 9), (1, 14)], false),
        block("block", "microsoft", [(6, 4), (7, 10)], false),
        block("throttling", "yahoo", [(days - 1, 11), (days - 1, 22)], true),
    ]
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
