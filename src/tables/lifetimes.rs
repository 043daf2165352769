//! What another lifetime of the queue would have meant: what was still delivered after it, and what trying on cost.
//!
//! A shorter one can be read off the log: mail delivered later would have been lost, and the attempts after it saved. A longer one
//! cannot: what was given up shows only how often the last tries before it still brought something.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::frames::count;
use super::names::Names;
use super::reconcile::Identity;
use super::{ALL, Table, each};
use crate::cubes::Cube;
use crate::cubes::retries::{Deferred, Fate, LIFETIMES, Retry, RetryCounts};
use crate::stats::incidence::{AtAge, Incidence};

row! {
/// One row of `lifetimes`; outcomes are those with at least one temporary failure, attempts all real ones.
pub struct Lifetime {
    /// Route: who runs the mailbox; `(all)` for all together.
    pub provider: String => "",
    /// After how many hours the queue would give up.
    pub hours: i64 => "hours",
    /// Put off at least once, whatever came of it.
    pub deferred: i64 => "outcomes",
    /// Of these, delivered in the end.
    pub delivered: i64 => "outcomes",
    /// Of these, without a known end: where the log ends they wait, or were removed or lost from sight.
    pub open: i64 => "outcomes",
    /// Of the delivered, at this age or before.
    pub delivered_within: i64 => "outcomes",
    /// Of the delivered, later: lost at most, had the queue given up at this age.
    pub delivered_later: i64 => "outcomes",
    /// Share of the deferred that is delivered by this age (Aalen–Johansen: failures compete, unfinished mail is censored).
    pub delivered_share: Option<f64> => "share",
    /// Of the deferred, given up at this age or before: what a longer lifetime than theirs might have saved a part of.
    pub expired_within: i64 => "outcomes",
    /// Of the deferred, unfinished where the log ends, at this age or before: it does not tell what became of them.
    pub open_within: i64 => "outcomes",
    /// Attempts made between the lifetime of the row before and this one.
    pub attempts_up_to: i64 => "attempts",
    /// Of these, accepted.
    pub accepted_up_to: i64 => "attempts",
    /// Attempts made later than this: saved, had the queue given up.
    pub attempts_later: i64 => "attempts",
    /// Of these, accepted.
    pub accepted_later: i64 => "attempts",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "lifetimes",
    about: "What became of mail that was put off, by age: what a shorter lifetime of the queue would have lost and saved.",
    counts: "outcomes",
    sql: None,
    columns: Lifetime::COLUMNS,
    derived: &[],
    reconciles: &[
        Identity::Parts { parts: &["delivered_within", "delivered_later"], whole: "delivered" },
        Identity::AtMost { part: "delivered", whole: "deferred" },
        Identity::AtMost { part: "expired_within", whole: "deferred" },
        Identity::AtMost { part: "open", whole: "deferred" },
        Identity::AtMost { part: "open_within", whole: "open" },
        Identity::AtMost { part: "accepted_up_to", whole: "attempts_up_to" },
        Identity::AtMost { part: "accepted_later", whole: "attempts_later" },
    ],
    rows: |tables, take| each(&tables.lifetimes, take),
};

/// What one route, or all together, showed.
#[derive(Default)]
struct Seen {
    ages: BTreeMap<(Fate, i64), u64>,
    /// Attempts by lifetime, those beyond all last.
    attempts: [RetryCounts; LIFETIMES.len() + 1],
}

/// The rows: `(all)` first, then routes by name, each by age. Routes that put nothing off have none.
pub(super) fn rows(deferred: &Cube<Deferred, u64>, retries: &Cube<Retry, RetryCounts>, names: &Names<'_>) -> Vec<Lifetime> {
    let mut seen: BTreeMap<(bool, &str), Seen> = BTreeMap::new();
    for (key, outcomes) in deferred.iter() {
        for place in [(false, ALL), (true, names.text(key.route))] {
            *seen.entry(place).or_default().ages.entry((key.fate, key.age_q_ms)).or_default() += outcomes;
        }
    }
    for (key, counts) in retries.iter() {
        for place in [(false, ALL), (true, names.text(key.route))] {
            let sum = seen.get_mut(&place).and_then(|seen| seen.attempts.get_mut(usize::from(key.lifetime)));
            if let Some(sum) = sum {
                sum.attempts += counts.attempts;
                sum.delivered += counts.delivered;
            }
        }
    }
    seen.iter().flat_map(|((_, provider), seen)| seen.rows(provider)).collect()
}

impl Seen {
    fn rows(&self, provider: &str) -> Vec<Lifetime> {
        let at = |(&(fate, age), &outcomes): (&(Fate, i64), &u64)| {
            let nothing = AtAge { age, ..AtAge::default() };
            match fate {
                Fate::Delivered => AtAge { accepted: outcomes, ..nothing },
                Fate::Failed | Fate::Expired => AtAge { failed: outcomes, ..nothing },
                Fate::Open => AtAge { unfinished: outcomes, ..nothing },
            }
        };
        let incidence = Incidence::of(&self.ages.iter().map(at).collect::<Vec<_>>());
        LIFETIMES.iter().enumerate().map(|(place, &hours)| self.row(provider, (place, hours), &incidence)).collect()
    }

    fn row(&self, provider: &str, (place, hours): (usize, u16), incidence: &Incidence) -> Lifetime {
        let end = i64::from(hours) * 3_600_000;
        let sum = |is: &dyn Fn(Fate, i64) -> bool| -> i64 {
            count(self.ages.iter().filter(|((fate, age), _)| is(*fate, *age)).map(|(_, outcomes)| outcomes).sum())
        };
        let delivered = sum(&|fate, _| fate == Fate::Delivered);
        let delivered_within = sum(&|fate, age| fate == Fate::Delivered && age <= end);
        let up_to = self.attempts.get(place).copied().unwrap_or_default();
        let later = |of: fn(&RetryCounts) -> u64| count(self.attempts.iter().skip(place + 1).map(of).sum());
        Lifetime {
            provider: provider.to_owned(),
            hours: i64::from(hours),
            deferred: sum(&|_, _| true),
            delivered,
            open: sum(&|fate, _| fate == Fate::Open),
            delivered_within,
            delivered_later: delivered - delivered_within,
            delivered_share: incidence.accepted_within(end),
            expired_within: sum(&|fate, age| fate == Fate::Expired && age <= end),
            open_within: sum(&|fate, age| fate == Fate::Open && age <= end),
            attempts_up_to: count(up_to.attempts),
            accepted_up_to: count(up_to.delivered),
            attempts_later: later(|counts| counts.attempts),
            accepted_later: later(|counts| counts.delivered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_shorter_lifetime_loses_what_was_delivered_later_and_saves_its_attempts() {
        let mut interner = Interner::default();
        let route = interner.intern(b"google");
        let (mut deferred, mut retries) = (Cube::default(), Cube::default());
        for (fate, hours, outcomes) in [
            (Fate::Delivered, 1, 60),
            (Fate::Delivered, 30, 5),
            (Fate::Failed, 3, 10),
            (Fate::Expired, 120, 20),
            (Fate::Open, 2, 5),
        ] {
            deferred.add(Deferred { route, fate, age_q_ms: hours * HOUR }, outcomes);
        }
        for (lifetime, attempts, delivered) in [(0, 200, 60), (6, 40, 5), (9, 90, 0), (11, 7, 0)] {
            retries.add(Retry { route, number: 2, gap_q_ms: 1, lifetime }, RetryCounts { attempts, delivered, in_vain: 0 });
        }
        let rows = rows(&deferred, &retries, &Names::of(&interner));
        assert_eq!(rows.len(), 2 * LIFETIMES.len());
        let day = rows.iter().find(|row| row.provider == "google" && row.hours == 24).unwrap();
        assert_eq!((day.deferred, day.delivered, day.delivered_within, day.delivered_later), (100, 65, 60, 5));
        assert_eq!((day.expired_within, day.open_within, day.open), (0, 5, 5));
        assert_eq!((day.attempts_up_to, day.attempts_later, day.accepted_later), (0, 137, 5));
        let share = rows.iter().find(|row| row.provider == ALL && row.hours == 48).unwrap().delivered_share.unwrap();
        // 60 of 100 by one hour; five are censored at two hours among 40, so that each of the 35 left weighs 40/35; 5 of them.
        assert!((share - (0.6 + 5.0 * 0.4 / 35.0)).abs() < 1e-9, "{share}");
        assert_eq!(rows.iter().find(|row| row.hours == 120).unwrap().expired_within, 20);
    }

    #[test]
    fn who_put_nothing_off_has_no_row() {
        let mut interner = Interner::default();
        let route = interner.intern(b"google");
        let mut retries = Cube::default();
        retries
            .add(Retry { route, number: 1, gap_q_ms: 0, lifetime: 0 }, RetryCounts { attempts: 9, delivered: 9, in_vain: 0 });
        assert_eq!(rows(&Cube::default(), &retries, &Names::of(&interner)), []);
    }
}
