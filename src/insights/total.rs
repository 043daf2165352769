//! Sums over rows of the tables, and the denominators of rates.

use crate::stats::Rate;
use crate::tables::providers::Provider;
use crate::tables::{ALL, Tables};

/// A rate of counts as tables hold them.
#[must_use]
pub fn rate(part: i64, of: i64) -> Rate {
    Rate::new(part.max(0) as u64, of.max(0) as u64)
}

/// Outcomes with a known end: the first five end states.
#[must_use]
pub const fn resolved(row: &Provider) -> i64 {
    row.bounced_later + row.delivered + row.blocked + row.bounced + row.expired
}

/// Outcomes without one, those that the operator removed left aside.
#[must_use]
pub const fn unresolved(row: &Provider) -> i64 {
    row.deferred + row.queued + row.unknown
}

/// All providers together.
#[must_use]
pub fn all(tables: &Tables) -> Provider {
    sum(&tables.providers)
}

/// Some providers together.
#[must_use]
pub fn sum(rows: &[Provider]) -> Provider {
    let start = Provider { provider: ALL.to_owned(), ..Provider::default() };
    rows.iter().fold(start, |sum, row| Provider {
        provider: sum.provider,
        domains: sum.domains + row.domains,
        attempts: sum.attempts + row.attempts,
        outcomes: sum.outcomes + row.outcomes,
        delivered: sum.delivered + row.delivered,
        bounced_later: sum.bounced_later + row.bounced_later,
        bounced: sum.bounced + row.bounced,
        blocked: sum.blocked + row.blocked,
        expired: sum.expired + row.expired,
        deferred: sum.deferred + row.deferred,
        queued: sum.queued + row.queued,
        cancelled: sum.cancelled + row.cancelled,
        unknown: sum.unknown + row.unknown,
        deferred_once: sum.deferred_once + row.deferred_once,
        attempted: sum.attempted + row.attempted,
        lost_to_blocks: sum.lost_to_blocks + row.lost_to_blocks,
        hard: sum.hard + row.hard,
        soft: sum.soft + row.soft,
        first_try: sum.first_try + row.first_try,
        recovered: sum.recovered + row.recovered,
        touched_by_block: sum.touched_by_block + row.touched_by_block,
        waited_ms: sum.waited_ms + row.waited_ms,
    })
}

/// Longer periods than this are shown round their middle: a year of bars says nothing, and a stamp that is decades off must neither
/// cost memory nor push the rest of the month off the page.
const MOST_DAYS: i32 = 400;

/// First and last day to show: all days with mail, or the 400 round the day of the median outcome. None without mail.
#[must_use]
pub fn period(tables: &Tables) -> Option<(i32, i32)> {
    let (first, last) = tables.totals.days?;
    if last.saturating_sub(first) < MOST_DAYS {
        return Some((first, last));
    }
    let mut days: Vec<(i32, i64)> = tables.timeline.iter().map(|row| (row.day, row.outcomes)).collect();
    days.sort_unstable();
    let half = days.iter().map(|(_, outcomes)| outcomes).sum::<i64>() / 2;
    let mut seen = 0;
    let middle = days.iter().find(|(_, outcomes)| {
        seen += outcomes;
        seen > half
    });
    let from = middle.map_or(first, |(day, _)| day.saturating_sub(MOST_DAYS / 2));
    let (from, to) = (from.max(first), from.saturating_add(MOST_DAYS - 1).min(last));
    let shown = || days.iter().map(|(day, _)| *day).filter(|day| (from..=to).contains(day));
    Some((shown().min().unwrap_or(from), shown().max().unwrap_or(to)))
}

/// Outcomes of the days that [`period`] leaves out.
#[must_use]
pub fn outside(tables: &Tables) -> i64 {
    let Some((first, last)) = period(tables) else { return 0 };
    tables.timeline.iter().filter(|row| !(first..=last).contains(&row.day)).map(|row| row.outcomes).sum()
}

/// Failed real attempts: every reply of a failure has a signature.
#[must_use]
pub fn failed_attempts(tables: &Tables) -> i64 {
    tables.signatures.iter().map(|row| row.attempts).sum()
}

/// Unknown users of all providers together over the period, over judged addresses: an address has one provider, so these add up.
#[must_use]
pub fn unknown_users(tables: &Tables) -> Rate {
    let rows = tables.unknown_users.iter().filter(|row| row.day.is_none());
    let (unknown, judged) = rows.fold((0, 0), |(unknown, judged), row| (unknown + row.unknown, judged + row.judged));
    rate(unknown, judged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::timeline::Day;

    fn tables(days: &[(i32, i64)]) -> Tables {
        let row = |&(day, outcomes): &(i32, i64)| Day {
            day,
            provider: "google".to_owned(),
            attempts: outcomes,
            outcomes,
            delivered: outcomes,
            ..Day::default()
        };
        let mut tables = Tables { timeline: days.iter().map(row).collect(), ..Tables::default() };
        tables.totals.days = days.iter().map(|(day, _)| *day).min().zip(days.iter().map(|(day, _)| *day).max());
        tables
    }

    #[test]
    fn a_stamp_of_another_century_does_not_stretch_the_period() {
        let tables = tables(&[(-20_000, 1), (20_727, 50), (20_757, 60), (40_000, 2)]);
        assert_eq!((period(&tables), outside(&tables)), (Some((20_727, 20_757)), 3));
    }

    #[test]
    fn a_month_is_shown_whole() {
        let month = tables(&[(20_727, 50), (20_757, 60)]);
        assert_eq!((period(&month), outside(&month)), (Some((20_727, 20_757)), 0));
        assert_eq!((period(&Tables::default()), outside(&Tables::default())), (None, 0));
    }
}
