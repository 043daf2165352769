//! Keys of the cubes that tell what trying again brought: attempt by attempt, and by age.

use super::keys::{Measures, Translate};
use crate::intern::{Id, Translation};

/// More attempts than this are counted as so many.
pub const MOST_ATTEMPTS: u8 = 11;

/// The ages, in hours, at which a queue could have given up.
pub const LIFETIMES: [u16; 11] = [1, 2, 4, 8, 12, 24, 48, 72, 96, 120, 168];

/// The place of the first lifetime that is no less than an age; their number for what is older than all.
#[must_use]
pub fn lifetime_of(age_ms: i64) -> u8 {
    LIFETIMES.partition_point(|&hours| i64::from(hours) * 3_600_000 < age_ms) as u8
}

/// Real attempts of the outcomes of the scope, by how many came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retry {
    /// Route of the attempt.
    pub route: Id,
    /// The first is 1; up to [`MOST_ATTEMPTS`].
    pub number: u8,
    /// Milliseconds since the real attempt before it, rounded down to three significant digits; 0 for the first.
    pub gap_q_ms: i64,
    /// Its age since reception, as [`lifetime_of`] gives it.
    pub lifetime: u8,
}

/// What is added up for [`Retry`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryCounts {
    /// Attempts.
    pub attempts: u64,
    /// Of these, accepted.
    pub delivered: u64,
    /// Attempts made although a reply before had called the address dead.
    pub in_vain: u64,
}

/// Outcomes whose first failure was greylisting, by how long they waited for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Greylisted {
    /// Route of the last attempt that shows one.
    pub route: Id,
    /// Milliseconds from that failure to acceptance, rounded down to three significant digits; None: never accepted.
    pub passed_q_ms: Option<i64>,
}

impl Translate for Greylisted {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), ..self }
    }
}

/// What became of mail that was put off at least once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Delivered after all.
    Delivered,
    /// Failed for good, or bounced later.
    Failed,
    /// Given up because of its age.
    Expired,
    /// Unfinished as far as the log goes.
    Open,
}

/// Outcomes with at least one temporary failure, by what became of them and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deferred {
    /// Route of the last attempt that shows one.
    pub route: Id,
    /// What became of it.
    pub fate: Fate,
    /// Milliseconds from reception to that, rounded down to three significant digits.
    pub age_q_ms: i64,
}

impl Measures for RetryCounts {
    fn add(&mut self, other: Self) {
        self.attempts += other.attempts;
        self.delivered += other.delivered;
        self.in_vain += other.in_vain;
    }
}

impl Translate for Retry {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), ..self }
    }
}

impl Translate for Deferred {
    fn translated(self, by: &Translation) -> Self {
        Self { route: by.of(self.route), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_belongs_to_the_first_lifetime_that_holds_it() {
        const HOUR: i64 = 3_600_000;
        assert_eq!([0, 1, HOUR, HOUR + 1, 24 * HOUR, 168 * HOUR, 168 * HOUR + 1].map(lifetime_of), [0, 0, 0, 1, 5, 10, 11]);
    }
}
