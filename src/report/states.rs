//! How mail ended, in the seven parts that the page shows, with one ink each.

use super::charts::ink::Ink;
use super::figure::Key;
use crate::tables::domains::Domain;
use crate::tables::providers::Provider;
use crate::tables::timeline::Day;

/// What has the nine end states.
pub trait Ends {
    /// Delivered, bounced later, bounced, blocked, expired, deferred, queued, cancelled, unknown.
    fn ends(&self) -> [i64; 9];
}

macro_rules! ends {
    ($($row:ty),+) => {$(
        impl Ends for $row {
            fn ends(&self) -> [i64; 9] {
                let Self { delivered, bounced_later, bounced, blocked, expired, deferred, queued, cancelled, unknown, .. } = self;
                [delivered, bounced_later, bounced, blocked, expired, deferred, queued, cancelled, unknown].map(|count| *count)
            }
        }
    )+};
}

ends!(Domain, Provider, Day);

/// A part of the mail of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How it is drawn.
    pub ink: Ink,
    /// What it is called.
    pub label: &'static str,
    /// How many outcomes.
    pub outcomes: i64,
}

/// The parts of a row, in the order in which they are drawn and told; they add up to its outcomes.
#[must_use]
pub fn parts(row: &impl Ends) -> [Part; 7] {
    let [delivered, later, bounced, blocked, expired, deferred, queued, cancelled, unknown] = row.ends();
    let part = |ink, label, outcomes| Part { ink, label, outcomes };
    [
        part(Ink::Delivered, "delivered", delivered),
        part(Ink::Deferred, "still waiting", deferred + queued),
        part(Ink::Bounced, "bounced", bounced),
        part(Ink::Blocked, "blocked", blocked),
        part(Ink::Expired, "expired", expired),
        part(Ink::Later, "bounced later", later),
        part(Ink::Ghost, "no known end", cancelled + unknown),
    ]
}

/// The parts for a stacked bar.
#[must_use]
pub fn bar(row: &impl Ends) -> Vec<(Ink, f64)> {
    parts(row).into_iter().map(|part| (part.ink, part.outcomes as f64)).collect()
}

/// What the inks of the parts mean, of those that occur in a row.
#[must_use]
pub fn keys(row: &impl Ends) -> Vec<Key> {
    parts(row).into_iter().filter(|part| part.outcomes > 0).map(|part| Key::new(part.ink, part.label)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_all_of_the_mail() {
        let row = Provider {
            delivered: 1,
            bounced_later: 2,
            bounced: 4,
            blocked: 8,
            expired: 16,
            deferred: 32,
            queued: 64,
            cancelled: 128,
            unknown: 256,
            ..Provider::default()
        };
        let outcomes = parts(&row).map(|part| part.outcomes);
        assert_eq!((outcomes, outcomes.iter().sum::<i64>()), ([1, 96, 4, 8, 16, 2, 384], 511));
        assert_eq!(keys(&Provider::default()), []);
    }
}
