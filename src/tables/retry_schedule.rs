//! The schedule of retries as the log shows it, attempt by attempt, beside what others advise or do.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::derived::rate;
use super::frames::count;
use super::names::Names;
use super::reconcile::{Identity, Total};
use super::{ALL, Table, each};
use crate::cubes::Cube;
use crate::cubes::keys::Measures;
use crate::cubes::retries::{MOST_ATTEMPTS, Retry, RetryCounts};
use crate::stats::quantile::nearest_rank;

row! {
/// One row of `retry_schedule`; counts are real attempts.
pub struct Scheduled {
    /// Route: whose server was tried; `(all)` for all together.
    pub provider: String => "",
    /// Which attempt of its message and recipient, from 1; 11 stands for all above 10.
    pub number: i64 => "attempts",
    /// Attempts.
    pub attempts: i64 => "attempts",
    /// Of these, accepted.
    pub delivered: i64 => "attempts",
    /// Of all, made although a reply before had called the address dead (class hard).
    pub in_vain: i64 => "attempts",
    /// Wait since the attempt before, median (nearest rank, three significant digits, rounded down); null for the first.
    pub gap_p50_ms: Option<i64> => "ms",
    /// Likewise, 10th percentile.
    pub gap_p10_ms: Option<i64> => "ms",
    /// Likewise, 90th percentile.
    pub gap_p90_ms: Option<i64> => "ms",
    /// What the guide of 2013 advises: 2 hours, then doubling, until the mail is 48 hours old; null where it has given up.
    pub guide_ms: Option<i64> => "ms",
    /// What RFC 5321 section 4.5.4.1 asks for at least: 30 minutes, until the mail is 4 to 5 days old.
    pub rfc_5321_ms: Option<i64> => "ms",
    /// What Postfix does with its defaults: as long as the mail is old, at least 300 and at most 4,000 seconds.
    pub postfix_ms: Option<i64> => "ms",
    /// What Exim does with its defaults: 15 minutes for two hours, then from one hour on half as long again each time, 6 hours at most.
    pub exim_ms: Option<i64> => "ms",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "retry_schedule",
    about: "How long mail waited before each retry and how many were accepted, beside the schedules of the guide, RFC 5321, Postfix and Exim.",
    counts: "attempts",
    sql: None,
    columns: Scheduled::COLUMNS,
    derived: &[rate!("delivered_rate", &["delivered"], &["attempts"], "Accepted of attempts.")],
    reconciles: &[
        Identity::AtMost { part: "delivered", whole: "attempts" },
        Identity::AtMost { part: "in_vain", whole: "attempts" },
        Identity::Total { count: "attempts", total: Total::OutcomeAttempts, but: Some(ALL) },
    ],
    rows: |tables, take| each(&tables.retry_schedule, take),
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The attempts of one number.
#[derive(Default)]
struct Step {
    counts: RetryCounts,
    gaps: BTreeMap<i64, u64>,
}

/// The rows: `(all)` first, then routes by name, each attempt by attempt.
pub(super) fn rows(cube: &Cube<Retry, RetryCounts>, names: &Names<'_>) -> Vec<Scheduled> {
    let mut steps: BTreeMap<(bool, &str, u8), Step> = BTreeMap::new();
    for (key, counts) in cube.iter() {
        for (is_route, provider) in [(false, ALL), (true, names.text(key.route))] {
            let step = steps.entry((is_route, provider, key.number)).or_default();
            step.counts.add(*counts);
            *step.gaps.entry(key.gap_q_ms).or_default() += counts.attempts;
        }
    }
    steps.into_iter().map(|((_, provider, number), step)| scheduled(provider, number, &step)).collect()
}

fn scheduled(provider: &str, number: u8, step: &Step) -> Scheduled {
    let gaps: Vec<(i64, u64)> = step.gaps.iter().map(|(&gap, &attempts)| (gap, attempts)).collect();
    let gap = |per_mille| if number > 1 { nearest_rank(&gaps, per_mille) } else { None };
    let of = |waits: [Option<i64>; MOST_ATTEMPTS as usize]| waits.get(usize::from(number) - 1).copied().flatten();
    Scheduled {
        provider: provider.to_owned(),
        number: i64::from(number),
        attempts: count(step.counts.attempts),
        delivered: count(step.counts.delivered),
        in_vain: count(step.counts.in_vain),
        gap_p50_ms: gap(500),
        gap_p10_ms: gap(100),
        gap_p90_ms: gap(900),
        guide_ms: of(waits(48 * HOUR_MS, |before, _| Some(before.map_or(2 * HOUR_MS, |before| before * 2)))),
        rfc_5321_ms: of(waits(120 * HOUR_MS, |_, _| Some(30 * MINUTE_MS))),
        postfix_ms: of(waits(120 * HOUR_MS, |_, age| Some(age.clamp(300_000, 4_000_000)))),
        exim_ms: of(waits(96 * HOUR_MS, |before, age| {
            let is_quick = age < 2 * HOUR_MS;
            let slower = |before: i64| (before * 3 / 2).clamp(HOUR_MS, 6 * HOUR_MS);
            Some(if is_quick { 15 * MINUTE_MS } else { before.map_or(HOUR_MS, slower) })
        })),
    }
}

/// The wait before each attempt, from the wait before and the age of the mail, until it is as old as `end`. None before the first.
fn waits(end: i64, next: impl Fn(Option<i64>, i64) -> Option<i64>) -> [Option<i64>; MOST_ATTEMPTS as usize] {
    let (mut age, mut before) = (0, None);
    let mut waits = [None; MOST_ATTEMPTS as usize];
    for wait in waits.iter_mut().skip(1) {
        before = next(before, age).filter(|next| age + next <= end);
        let Some(next) = before else { break };
        age += next;
        *wait = Some(next);
    }
    waits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    #[test]
    fn each_attempt_has_its_wait_and_its_success() {
        let mut interner = Interner::default();
        let route = interner.intern(b"google");
        let mut cube = Cube::default();
        for (number, gap_q_ms, attempts, delivered) in
            [(1, 0, 10, 6), (2, 300_000, 3, 2), (2, 600_000, 1, 0), (11, 4_000_000, 5, 1)]
        {
            let in_vain = attempts - delivered;
            cube.add(Retry { route, number, gap_q_ms, lifetime: 0 }, RetryCounts { attempts, delivered, in_vain });
        }
        let rows = rows(&cube, &Names::of(&interner));
        let told: Vec<_> =
            rows.iter().map(|row| (row.provider.as_str(), row.number, row.attempts, row.delivered, row.gap_p50_ms)).collect();
        let wanted = [(1, 10, 6, None), (2, 4, 2, Some(300_000)), (11, 5, 1, Some(4_000_000))];
        let of = |provider| wanted.map(|(number, attempts, delivered, gap)| (provider, number, attempts, delivered, gap));
        assert_eq!(told, [of("(all)"), of("google")].concat());
        assert_eq!(rows.iter().map(|row| row.in_vain).collect::<Vec<_>>(), [4, 2, 4, 4, 2, 4]);
    }

    #[test]
    fn the_yardsticks_are_those_of_their_makers() {
        let row = |number| scheduled("x", number, &Step::default());
        let hours =
            |of: fn(&Scheduled) -> Option<i64>| (1..=6).map(|n| of(&row(n)).map(|ms| ms / MINUTE_MS)).collect::<Vec<_>>();
        assert_eq!(hours(|row| row.guide_ms), [None, Some(120), Some(240), Some(480), Some(960), None]);
        assert_eq!(hours(|row| row.rfc_5321_ms), [None, Some(30), Some(30), Some(30), Some(30), Some(30)]);
        assert_eq!(hours(|row| row.postfix_ms), [None, Some(5), Some(5), Some(10), Some(20), Some(40)]);
        assert_eq!(hours(|row| row.exim_ms), [None, Some(15), Some(15), Some(15), Some(15), Some(15)]);
        assert_eq!([10, 11].map(|n| row(n).exim_ms.map(|ms| ms / MINUTE_MS)), [Some(60), Some(90)]);
    }
}
