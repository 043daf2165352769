//! Sums over rows of the tables, and the denominators that `metrics` names.

use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::providers::Provider;

/// Id of the row that stands for all providers together.
pub const ALL: &str = "(all)";

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
    let start = Provider { provider: ALL.to_owned(), ..empty() };
    tables.providers.iter().fold(start, |sum, row| Provider {
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

/// A provider that got no mail.
#[must_use]
pub const fn empty() -> Provider {
    Provider {
        provider: String::new(),
        domains: 0,
        attempts: 0,
        outcomes: 0,
        delivered: 0,
        bounced_later: 0,
        bounced: 0,
        blocked: 0,
        expired: 0,
        deferred: 0,
        queued: 0,
        cancelled: 0,
        unknown: 0,
        deferred_once: 0,
        attempted: 0,
        lost_to_blocks: 0,
        hard: 0,
        soft: 0,
        first_try: 0,
        recovered: 0,
        touched_by_block: 0,
        waited_ms: 0,
    }
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
