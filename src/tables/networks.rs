//! IPv6 beside IPv4: what either got accepted at the same provider on the same days.

use std::collections::{BTreeMap, HashMap};

use super::column::{Row, row};
use super::frames::count;
use super::names::Names;
use super::reconcile::Identity;
use super::{Table, each};
use crate::cubes::{AttemptChannel, Cube};
use crate::intern::Id;
use crate::rows::Network;
use crate::stats::Rate;
use crate::stats::distribution::student95;

/// With fewer days than this their spread says nothing, and the difference has no interval.
const FEWEST_DAYS: usize = 8;

row! {
/// One row of `networks`; counts are real attempts, of the days on which the provider was tried over both protocols.
pub struct NetworkRow {
    /// Route: who runs the mailbox, as the attempts show it.
    pub provider: String => "",
    /// Days on which it was tried over both.
    pub days: i64 => "days",
    /// Over IPv4.
    pub ipv4_attempts: i64 => "attempts",
    /// Of these, accepted.
    pub ipv4_accepted: i64 => "attempts",
    /// Over IPv6.
    pub ipv6_attempts: i64 => "attempts",
    /// Of these, accepted.
    pub ipv6_accepted: i64 => "attempts",
    /// Accepted over IPv6 less accepted over IPv4, day by day: the mean over the days, each by the attempts that both have (Mantel–Haenszel).
    pub ipv6_gap: f64 => "share",
    /// Lower end of its 95 % interval by the spread of the days; null with fewer than 8.
    pub ipv6_gap_low: Option<f64> => "share",
    /// Upper end likewise.
    pub ipv6_gap_high: Option<f64> => "share",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "networks",
    about: "IPv6 beside IPv4: what either got accepted at the same provider on the same days; one row per provider that was tried over both.",
    counts: "attempts",
    sql: None,
    columns: NetworkRow::COLUMNS,
    derived: &[],
    reconciles: &[
        Identity::AtMost { part: "ipv4_accepted", whole: "ipv4_attempts" },
        Identity::AtMost { part: "ipv6_accepted", whole: "ipv6_attempts" },
    ],
    rows: |tables, take| each(&tables.networks, take),
};

/// A day at a provider: accepted of attempts over either protocol.
#[derive(Clone, Copy, Default)]
struct Day {
    v4: Rate,
    v6: Rate,
}

/// The rows, providers by name.
pub(super) fn rows(cube: &Cube<AttemptChannel, u64>, names: &Names<'_>) -> Vec<NetworkRow> {
    let mut days: HashMap<(Id, i32), Day> = HashMap::new();
    for (key, &attempts) in cube.iter().filter(|(key, _)| key.network != Network::Unknown) {
        let day = days.entry((key.route, key.day)).or_default();
        let rate = if key.network == Network::V6 { &mut day.v6 } else { &mut day.v4 };
        *rate = Rate::new(rate.part + if key.is_delivered { attempts } else { 0 }, rate.of + attempts);
    }
    let mut shared: BTreeMap<&str, BTreeMap<i32, Day>> = BTreeMap::new();
    for ((route, day), rates) in days.into_iter().filter(|(_, day)| day.v4.of > 0 && day.v6.of > 0) {
        shared.entry(names.text(route)).or_default().insert(day, rates);
    }
    let row = |(provider, days): (&str, BTreeMap<i32, Day>)| row(provider, &days.into_values().collect::<Vec<_>>());
    shared.into_iter().map(row).collect()
}

fn row(provider: &str, days: &[Day]) -> NetworkRow {
    let sum = |of: fn(&Day) -> Rate| Rate::sum(&days.iter().map(of).collect::<Vec<_>>());
    let (v4, v6) = (sum(|day| day.v4), sum(|day| day.v6));
    let differences: Vec<(f64, f64)> = days.iter().filter_map(difference).collect();
    let weight: f64 = differences.iter().map(|(_, weight)| weight).sum();
    let gap = differences.iter().map(|(difference, weight)| difference * weight).sum::<f64>() / weight;
    let half = (differences.len() >= FEWEST_DAYS).then(|| {
        let n = differences.len() as f64;
        let squares: f64 = differences.iter().map(|(difference, weight)| (weight * (difference - gap)).powi(2)).sum();
        student95(n - 1.0) * (n / (n - 1.0) * squares).sqrt() / weight
    });
    NetworkRow {
        provider: provider.to_owned(),
        days: days.len() as i64,
        ipv4_attempts: count(v4.of),
        ipv4_accepted: count(v4.part),
        ipv6_attempts: count(v6.of),
        ipv6_accepted: count(v6.part),
        ipv6_gap: gap,
        ipv6_gap_low: half.map(|half| (gap - half).max(-1.0)),
        ipv6_gap_high: half.map(|half| (gap + half).min(1.0)),
    }
}

/// The difference on a day, and how much it weighs: n₄ · n₆ / (n₄ + n₆).
fn difference(day: &Day) -> Option<(f64, f64)> {
    let (v4, v6) = (day.v4.of as f64, day.v6.of as f64);
    Some((day.v6.value()? - day.v4.value()?, v4 * v6 / (v4 + v6)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intern::Interner;

    /// Attempts and how many of them were accepted, by day, over IPv4 and over IPv6.
    fn told(days: &[[(u64, u64); 2]]) -> Vec<NetworkRow> {
        let mut texts = Interner::default();
        let route = texts.intern(b"google");
        let mut cube = Cube::default();
        for (day, networks) in (100..).zip(days) {
            for (network, (attempts, accepted)) in [Network::V4, Network::V6].into_iter().zip(*networks) {
                let key =
                    |is_delivered| AttemptChannel { day, route, source: Id::EMPTY, network, tls: Id::EMPTY, is_delivered };
                [(true, accepted), (false, attempts - accepted)]
                    .into_iter()
                    .filter(|(_, n)| *n > 0)
                    .for_each(|(is, n)| cube.add(key(is), n));
            }
        }
        rows(&cube, &Names::of(&texts))
    }

    #[test]
    fn days_of_one_protocol_alone_are_not_compared() {
        // A bad day before IPv6 was switched on would make IPv4 look worse than it is.
        let rows = told(&[[(1_000, 100), (0, 0)], [(100, 90), (300, 240)], [(300, 270), (100, 80)]]);
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(
            (row.days, row.ipv4_attempts, row.ipv4_accepted, row.ipv6_attempts, row.ipv6_accepted),
            (2, 400, 360, 400, 320)
        );
        assert!((row.ipv6_gap + 0.1).abs() < 1e-12, "{}", row.ipv6_gap);
        assert_eq!((row.ipv6_gap_low, row.ipv6_gap_high), (None, None));
    }

    #[test]
    fn a_good_day_that_is_mostly_of_one_protocol_is_no_gap() {
        // Summed up, IPv6 has 50 of 110 and IPv4 60 of 110.
        let rows = told(&[[(100, 60), (10, 6)], [(10, 4), (100, 40)]]);
        assert!(rows[0].ipv6_gap.abs() < 1e-12, "{}", rows[0].ipv6_gap);
    }

    #[test]
    fn with_days_enough_their_spread_tells_how_sure_it_is() {
        let rows = told(&[[(100, 90), (100, 80)]; 8]);
        assert_eq!((rows[0].ipv6_gap_low, rows[0].ipv6_gap_high), (Some(rows[0].ipv6_gap), Some(rows[0].ipv6_gap)));
        let mut days = [[(100, 90), (100, 80)]; 8];
        (days[0][1].1, days[1][1].1) = (90, 70);
        let rows = told(&days);
        let (low, high) = (rows[0].ipv6_gap_low.unwrap(), rows[0].ipv6_gap_high.unwrap());
        // Differences of 0, −20 and six of −10 points, weighing alike: their standard error is 1.89 points, t with 7 degrees 2.365.
        assert!(
            (rows[0].ipv6_gap + 0.1).abs() < 1e-12 && (low + 0.1447).abs() < 1e-4 && (high + 0.0553).abs() < 1e-4,
            "{low} {high}"
        );
    }

    #[test]
    fn one_protocol_has_no_row() {
        assert_eq!(told(&[[(100, 90), (0, 0)]]), []);
    }
}
