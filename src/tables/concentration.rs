//! How much hangs on how few: the largest providers and recipient domains, and how even the rest is.

use super::column::{Row, row};
use super::domains::Domain;
use super::providers::Provider;
use super::reconcile::Identity;
use super::{Table, each};

row! {
/// One row of `concentration`; counts are outcomes.
pub struct Concentration {
    /// `provider` or `domain`: what the mail is shared out among.
    pub among: String => "",
    /// How many of them have mail.
    pub members: i64 => "providers or domains",
    /// Messages × recipients.
    pub outcomes: i64 => "outcomes",
    /// Of these, to the largest.
    pub largest: i64 => "outcomes",
    /// Likewise, to the three largest.
    pub largest_3: i64 => "outcomes",
    /// Likewise, to the five largest.
    pub largest_5: i64 => "outcomes",
    /// How few of them make 80 % of the outcomes.
    pub make_80: i64 => "providers or domains",
    /// Likewise 95 %.
    pub make_95: i64 => "providers or domains",
    /// Herfindahl index: the sum of the squared shares. 1: all goes to one; 1/n: evenly to n.
    pub herfindahl: f64 => "share",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "concentration",
    about: "How much of the mail hangs on the largest providers and recipient domains: one row for each of the two, none without mail.",
    counts: "outcomes",
    sql: None,
    columns: Concentration::COLUMNS,
    derived: &[],
    reconciles: &[
        Identity::AtMost { part: "largest", whole: "largest_3" },
        Identity::AtMost { part: "largest_3", whole: "largest_5" },
        Identity::AtMost { part: "largest_5", whole: "outcomes" },
        Identity::AtMost { part: "make_80", whole: "make_95" },
        Identity::AtMost { part: "make_95", whole: "members" },
    ],
    rows: |tables, take| each(&tables.concentration, take),
};

/// [`Concentration::among`] of providers.
pub const PROVIDERS: &str = "provider";
/// Likewise of recipient domains.
pub const DOMAINS: &str = "domain";

/// The rows.
#[must_use]
pub fn rows(providers: &[Provider], domains: &[Domain]) -> Vec<Concentration> {
    let of_providers = row(PROVIDERS, providers.iter().map(|row| row.outcomes).collect());
    // Of domains that were put together nobody knows the shares.
    let are_known = domains.iter().all(|row| !row.domain.starts_with('('));
    let of_domains = are_known.then(|| row(DOMAINS, domains.iter().map(|row| row.outcomes).collect()));
    of_providers.into_iter().chain(of_domains.flatten()).collect()
}

fn row(among: &str, mut members: Vec<i64>) -> Option<Concentration> {
    members.retain(|outcomes| *outcomes > 0);
    members.sort_unstable_by_key(|outcomes| std::cmp::Reverse(*outcomes));
    let outcomes: i64 = members.iter().sum();
    let of_largest = |most: usize| members.iter().take(most).sum();
    let make = |per_cent: i128| {
        let wanted = i128::from(outcomes) * per_cent;
        let sums = members.iter().scan(0, |sum, part| {
            *sum += i128::from(*part) * 100;
            Some(*sum)
        });
        sums.take_while(|sum| *sum < wanted).count() as i64 + 1
    };
    let share = |part: i64| part as f64 / outcomes as f64;
    (outcomes > 0).then(|| Concentration {
        among: among.to_owned(),
        members: members.len() as i64,
        outcomes,
        largest: of_largest(1),
        largest_3: of_largest(3),
        largest_5: of_largest(5),
        make_80: make(80),
        make_95: make(95),
        herfindahl: members.iter().map(|part| share(*part).powi(2)).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(members: &[i64]) -> Concentration {
        row(PROVIDERS, members.to_vec()).unwrap()
    }

    #[test]
    fn shares_are_those_of_the_largest() {
        let row = of(&[5, 60, 0, 25, 10]);
        assert_eq!((row.members, row.outcomes, row.largest, row.largest_3, row.largest_5), (4, 100, 60, 95, 100));
        assert_eq!((row.make_80, row.make_95), (2, 3));
        assert!((row.herfindahl - 0.435).abs() < 1e-12, "{}", row.herfindahl);
    }

    #[test]
    fn one_has_all_or_all_have_alike() {
        assert!((of(&[7]).herfindahl - 1.0).abs() < 1e-12);
        assert!((of(&[3; 4]).herfindahl - 0.25).abs() < 1e-12);
        assert_eq!((of(&[7]).make_80, of(&[7]).make_95, of(&[3; 4]).make_80, of(&[3; 4]).make_95), (1, 1, 4, 4));
        assert_eq!(row(PROVIDERS, vec![0, 0]), None);
    }
}
