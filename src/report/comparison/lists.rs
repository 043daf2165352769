//! Addresses that must leave the list: who had to leave it in the first period and was mailed again in the second, and who is new.

use std::collections::{BTreeMap, HashSet};

use askama::Template;

use super::Sides;
use crate::insights::number;
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::{Error, text};
use crate::tables::lists::Listed;

/// How many providers are listed.
const ROWS: usize = 15;

#[derive(Template)]
#[template(path = "comparison/lists.html")]
struct Lists {
    lead: String,
    table: String,
}

/// Addresses of a provider, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Churn {
    /// To be removed after the first period.
    before: i64,
    /// To be removed after the second.
    after: i64,
    /// In both: mailed again, and to be removed still.
    again: i64,
}

impl Churn {
    const fn only_after(self) -> i64 {
        self.after - self.again
    }
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let (all, providers) = churn(&sides.before.suppress, &sides.after.suppress);
    let table = if providers.is_empty() { String::new() } else { grid(&providers).html()? };
    Ok(Lists { lead: lead(sides, all), table }.render()?)
}

/// Addresses as a mailbox has them: domains know no case, and hardly any mailbox does.
fn key(row: &Listed) -> String {
    row.address.to_lowercase()
}

/// All together, and each provider that has any, the most of the second period first.
fn churn<'a>(before: &'a [Listed], after: &'a [Listed]) -> (Churn, Vec<(&'a str, Churn)>) {
    let known: HashSet<String> = before.iter().map(key).collect();
    let mut providers: BTreeMap<&str, Churn> = BTreeMap::new();
    for row in before {
        providers.entry(&row.provider).or_default().before += 1;
    }
    for row in after {
        let of = providers.entry(&row.provider).or_default();
        of.after += 1;
        of.again += i64::from(known.contains(&key(row)));
    }
    let mut all = Churn::default();
    for one in providers.values() {
        (all.before, all.after, all.again) = (all.before + one.before, all.after + one.after, all.again + one.again);
    }
    let mut providers: Vec<(&str, Churn)> = providers.into_iter().collect();
    providers.sort_by_key(|(provider, of)| (std::cmp::Reverse((of.after, of.before)), *provider));
    (all, providers)
}

fn lead(sides: &Sides<'_>, all: Churn) -> String {
    let (before, after) = sides.names();
    if (all.before, all.after) == (0, 0) {
        return "No address had to leave the list in either period.".to_owned();
    }
    let first = format!(
        "In {before} {} had to leave the list, in {after} {}.",
        number::many(all.before, "address", "addresses"),
        number::count(all.after),
    );
    let again = match all.again {
        0 => " None is in both.".to_owned(),
        n => format!(
            " {} in both: mailed again, and to be removed still. A list that is cleaned after each period has none of these.",
            number::many(n, "is", "are"),
        ),
    };
    let new = match all.only_after() {
        0 => String::new(),
        n => format!(" {} new.", number::many(n, "is", "are")),
    };
    format!("{first}{}{new}", if all.before.min(all.after) > 0 { again } else { String::new() })
}

fn grid(providers: &[(&str, Churn)]) -> Grid {
    let line = |(provider, of): &(&str, Churn)| {
        let cells = [of.before, of.after, of.again, of.only_after()].map(Cell::count);
        Row::new(text::provider(provider), cells.into_iter().collect())
    };
    Grid {
        caption: "Addresses that must leave the list, by provider".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Before", "addresses"),
            Head::numbers("After", "addresses"),
            Head::numbers("In both", "mailed again"),
            Head::numbers("New", "addresses"),
        ],
        rows: providers.iter().take(ROWS).map(line).collect(),
        more: more(providers.len(), ROWS, "suppress"),
        is_sortable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(address: &str, provider: &str) -> Listed {
        Listed { address: address.into(), provider: provider.into(), ..Listed::default() }
    }

    #[test]
    fn who_had_to_leave_before_and_was_mailed_again_is_told_from_who_is_new() {
        let before = [listed("a@x.example", "x.example"), listed("b@gmail.com", "google")];
        let after = [listed("A@x.example", "x.example"), listed("c@x.example", "x.example"), listed("d@gmail.com", "google")];
        let (all, providers) = churn(&before, &after);
        assert_eq!(all, Churn { before: 2, after: 3, again: 1 });
        assert_eq!(
            providers,
            [("x.example", Churn { before: 1, after: 2, again: 1 }), ("google", Churn { before: 1, after: 1, again: 0 })]
        );
        assert_eq!(all.only_after(), 2);
    }
}
