//! Seeds by provider: how many of the missing are delivery problems, and whether seeds fare as everybody else in the same hours.

use std::collections::{BTreeMap, HashMap};

use super::column::{Row, row};
use super::frames::count;
use super::reconcile::Identity;
use super::seeds::{Hours, SeedRow, Verdict};
use super::{ALL, Table, each};
use crate::cubes::watch::SeedWatch;
use crate::intern::Id;
use crate::stats::Rate;
use crate::stats::fisher::two_sided;

row! {
/// One row of `seed_providers`; counts are rows of `seeds`: seeds and messages.
pub struct SeedProvider {
    /// Who runs the mailboxes; `(all)` for all together.
    pub provider: String => "",
    /// Seeds and messages.
    pub seeds: i64 => "outcomes",
    /// Of these, no message is in the log.
    pub not_sent: i64 => "outcomes",
    /// Of these, the log shows why they did not arrive: waiting, refused, dead, bounced, given up, bounced later.
    pub problems: i64 => "outcomes",
    /// Of these, accepted by their server and kept.
    pub accepted: i64 => "outcomes",
    /// Of these, removed by the operator or without a record of how they left.
    pub other: i64 => "outcomes",
    /// Of all, not found by the monitor.
    pub missing: i64 => "outcomes",
    /// Of the missing, no message is in the log.
    pub missing_not_sent: i64 => "outcomes",
    /// Of the missing, the log shows why.
    pub missing_problems: i64 => "outcomes",
    /// Of the missing, accepted: filtered after acceptance, which no log shows.
    pub missing_accepted: i64 => "outcomes",
    /// Found among spam.
    pub spam: i64 => "outcomes",
    /// Outcomes of seeds with a known end.
    pub seeds_resolved: i64 => "outcomes",
    /// Of these, delivered.
    pub seeds_delivered: i64 => "outcomes",
    /// Outcomes of everybody else at the same domains, received in the same hours, with a known end.
    pub others_resolved: i64 => "outcomes",
    /// Of these, delivered.
    pub others_delivered: i64 => "outcomes",
    /// Probability of such a difference between seeds and others by chance (Fisher's exact test, two-sided; takes mail for independent).
    pub p: f64 => "share",
    /// What it comes to: seeds-worse, delivery, filtering, not-sent, fine.
    pub verdict: String => "",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "seed_providers",
    about: "Seeds by provider: what became of them, why those are missing that are, and how others fared in the same hours.",
    counts: "outcomes",
    sql: None,
    columns: SeedProvider::COLUMNS,
    derived: &[],
    reconciles: &[
        Identity::Parts { parts: &["not_sent", "problems", "accepted", "other"], whole: "seeds" },
        Identity::AtMost { part: "missing", whole: "seeds" },
        Identity::AtMost { part: "missing_problems", whole: "problems" },
        Identity::AtMost { part: "missing_accepted", whole: "accepted" },
        Identity::AtMost { part: "seeds_delivered", whole: "seeds_resolved" },
        Identity::AtMost { part: "others_delivered", whole: "others_resolved" },
    ],
    rows: |tables, take| each(&tables.seed_providers, take),
};

/// Below this p a difference between seeds and others is called one.
const UNLIKELY: f64 = 0.05;

/// The rows: `(all)` first, then by provider. None without seeds.
pub(super) fn rows(seeds: &[SeedRow], watch: &SeedWatch, hours: &Hours) -> Vec<SeedProvider> {
    if seeds.is_empty() {
        return Vec::new();
    }
    let mut by_provider: BTreeMap<&str, Vec<&SeedRow>> = BTreeMap::new();
    for row in seeds {
        by_provider.entry(&row.provider).or_default().push(row);
    }
    let others = |is_of: &dyn Fn((Id, i32)) -> bool| {
        let of = |is_delivered: Option<bool>| -> u64 {
            let rows = watch.others.iter().filter(|(key, _)| is_delivered.is_none_or(|is| key.is_delivered == is));
            rows.filter(|(key, _)| is_of((key.domain, key.hour))).map(|(_, outcomes)| outcomes).sum()
        };
        Rate::new(of(Some(true)), of(None))
    };
    let all: Vec<&SeedRow> = seeds.iter().collect();
    let mut rows = vec![summed(ALL, &all, others(&|place| hours.values().any(|hours| hours.contains(&place))))];
    for (provider, seeds) in by_provider {
        let same = others(&|place| hours.get(provider).is_some_and(|hours| hours.contains(&place)));
        rows.push(summed(provider, &seeds, same));
    }
    rows
}

fn summed(provider: &str, seeds: &[&SeedRow], others: Rate) -> SeedProvider {
    let of = |is: &dyn Fn(&SeedRow, Verdict) -> bool| -> i64 {
        let verdict = |row: &SeedRow| Verdict::named(&row.verdict).unwrap_or(Verdict::Untold);
        seeds.iter().filter(|row| is(row, verdict(row))).count() as i64
    };
    let is_missing = |row: &SeedRow| row.seen == "missing";
    let mail: HashMap<(&str, &str, Option<i64>), &str> = seeds
        .iter()
        .filter(|row| !row.state.is_empty())
        .map(|row| ((row.address.as_str(), row.queue_id.as_str(), row.received.map(|time| time.0)), row.state.as_str()))
        .collect();
    let resolved = ["delivered", "bounced_later", "blocked", "bounced", "expired"];
    let own = Rate::new(
        mail.values().filter(|state| **state == "delivered").count() as u64,
        mail.values().filter(|state| resolved.contains(state)).count() as u64,
    );
    let mut row = SeedProvider {
        provider: provider.to_owned(),
        seeds: seeds.len() as i64,
        not_sent: of(&|_, verdict| verdict == Verdict::NotSent),
        problems: of(&|_, verdict| verdict.is_delivery_problem()),
        accepted: of(&|_, verdict| verdict.is_accepted()),
        other: of(&|_, verdict| matches!(verdict, Verdict::Removed | Verdict::Untold)),
        missing: of(&|row, _| is_missing(row)),
        missing_not_sent: of(&|row, verdict| is_missing(row) && verdict == Verdict::NotSent),
        missing_problems: of(&|row, verdict| is_missing(row) && verdict.is_delivery_problem()),
        missing_accepted: of(&|row, verdict| is_missing(row) && verdict.is_accepted()),
        spam: of(&|row, _| row.seen == "spam"),
        seeds_resolved: count(own.of),
        seeds_delivered: count(own.part),
        others_resolved: count(others.of),
        others_delivered: count(others.part),
        p: two_sided(own, others),
        verdict: String::new(),
    };
    verdict(&row, own, others).clone_into(&mut row.verdict);
    row
}

/// What the counts come to. Where a monitor looked, what is missing decides; else what the log shows.
fn verdict(row: &SeedProvider, own: Rate, others: Rate) -> &'static str {
    let (own, others) = (own.value().unwrap_or(1.0), others.value().unwrap_or(0.0));
    if row.p <= UNLIKELY && own < others {
        return "seeds-worse";
    }
    let (problems, filtered, not_sent) = if row.missing + row.spam > 0 {
        (row.missing_problems, row.missing_accepted + row.spam, row.missing_not_sent)
    } else {
        (row.problems, 0, row.not_sent)
    };
    match (problems, filtered, not_sent) {
        (0, 0, 0) => "fine",
        (problems, filtered, not_sent) if problems >= filtered && problems >= not_sent => "delivery",
        (_, filtered, not_sent) if filtered >= not_sent => "filtering",
        _ => "not-sent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Micros;

    fn seed(number: i64, verdict: Verdict, seen: &str) -> SeedRow {
        let state = match verdict {
            Verdict::NotSent => "",
            Verdict::Waiting => "deferred",
            Verdict::Refused => "blocked",
            Verdict::Dead | Verdict::Bounced => "bounced",
            Verdict::GivenUp => "expired",
            Verdict::BouncedLater => "bounced_later",
            Verdict::Accepted | Verdict::Vanished | Verdict::Filtered | Verdict::Arrived => "delivered",
            Verdict::Removed => "cancelled",
            Verdict::Untold => "unknown",
        };
        SeedRow {
            address: format!("{number}@example.org"),
            provider: "example.org".to_owned(),
            listed_as: String::new(),
            day: None,
            campaign: String::new(),
            seen: seen.to_owned(),
            verdict: verdict.name().to_owned(),
            state: state.to_owned(),
            received: Some(Micros(number)),
            last: None,
            attempts: 1,
            source: String::new(),
            sender_domain: String::new(),
            reply: String::new(),
            category: String::new(),
            queue_id: "A1".to_owned(),
            path: String::new(),
            place: 0,
        }
    }

    #[track_caller]
    fn check(seeds: &[(Verdict, &str)], others: (u64, u64), wanted: &str) -> SeedProvider {
        let rows: Vec<SeedRow> = (0..).zip(seeds).map(|(number, (verdict, seen))| seed(number, *verdict, seen)).collect();
        let row = summed("example.org", &rows.iter().collect::<Vec<_>>(), Rate::new(others.0, others.1));
        assert_eq!(row.verdict, wanted, "{row:?}");
        row
    }

    #[test]
    fn what_most_of_the_missing_are_is_the_verdict() {
        use Verdict::{Arrived, Filtered, NotSent, Refused, Vanished, Waiting};
        let row =
            check(&[(Refused, "missing"), (Waiting, "missing"), (Vanished, "missing"), (Arrived, "inbox")], (0, 0), "delivery");
        assert_eq!(
            (row.missing, row.missing_problems, row.missing_accepted, row.seeds_resolved, row.seeds_delivered),
            (3, 2, 1, 3, 2)
        );
        check(&[(Vanished, "missing"), (Vanished, "missing"), (Refused, "missing")], (0, 0), "filtering");
        check(&[(Filtered, "spam"), (Arrived, "inbox")], (50, 50), "filtering");
        check(&[(NotSent, "missing"), (NotSent, "missing"), (Refused, "missing")], (0, 0), "not-sent");
        check(&[(Arrived, "inbox"), (Arrived, "inbox")], (9, 9), "fine");
        check(&[(Verdict::Accepted, ""), (Refused, "")], (0, 0), "delivery");
    }

    #[test]
    fn seeds_that_fare_worse_than_everybody_else_are_the_problem() {
        use Verdict::Refused;
        let row = check(&[(Refused, "missing"); 5], (990, 1_000), "seeds-worse");
        assert!(row.p < 1e-6);
        check(&[(Refused, "missing"); 5], (0, 1_000), "delivery");
    }
}
