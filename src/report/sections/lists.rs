//! The lists of addresses: how many are on each and by which rule. The addresses themselves are in files, never on the page.

use std::collections::BTreeMap;

use askama::Template;

use crate::insights::{name, number, total};
use crate::report::Error;
use crate::report::facts::Facts;
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::tables::lists::{Listed, meaning};

/// Rows of a table on the page.
const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "sections/lists.html")]
struct View {
    lead: String,
    suppress: String,
    retry: String,
    fix: String,
}

pub(super) fn html(facts: &Facts<'_>) -> Result<String, Error> {
    let tables = facts.tables;
    let of = |caption: &str, rows: &[Listed]| if rows.is_empty() { Ok(String::new()) } else { grid(caption, rows).html() };
    Ok(View {
        lead: lead(facts),
        suppress: of("Addresses that must leave the list", &tables.suppress)?,
        retry: of("Addresses to send to again", &tables.retry)?,
        fix: of("Addresses that wait for something to be mended", &tables.fix)?,
    }
    .render()?)
}

fn lead(facts: &Facts<'_>) -> String {
    let tables = facts.tables;
    let suppressed = total::rate(tables.totals.suppressed, tables.totals.addresses);
    if suppressed.part == 0 && tables.retry.is_empty() && tables.fix.is_empty() {
        return "No address is on any of the three lists: the last mail to each was taken, or waits.".to_owned();
    }
    format!(
        "{} leave the list: {} of the {} tried. {} can be sent to again, {} for something to be mended first. Every address whose last \
         mail failed is on one of the three lists; one that took mail later is on none.",
        number::many(tables.totals.suppressed, "address must", "addresses must"),
        number::rate(suppressed),
        number::count(tables.totals.addresses),
        number::many(tables.retry.len() as i64, "address", "addresses"),
        number::many(tables.fix.len() as i64, "waits", "wait"),
    )
}

/// Addresses by the rule that put them on the list and the reason of their failure.
fn grid(caption: &str, rows: &[Listed]) -> Grid {
    let mut sums: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
    for row in rows {
        let (addresses, failures) = sums.entry((&row.basis, &row.reason)).or_default();
        *addresses += 1;
        *failures += row.failures;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|&(key, (addresses, failures))| (std::cmp::Reverse((addresses, failures)), key));
    let line = |((basis, reason), (addresses, failures)): &((&str, &str), (i64, i64))| {
        let cells = vec![Cell::words(meaning(basis)), Cell::count(*addresses), Cell::count(*failures)];
        Row::new(name::category(reason), cells)
    };
    Grid {
        caption: caption.to_owned(),
        heads: vec![
            Head::words("Reason"),
            Head::words("Rule"),
            Head::numbers("Addresses", ""),
            Head::numbers("Failures", "outcomes"),
        ],
        rows: sums.iter().take(ROWS).map(line).collect(),
        more: more(sums.len(), sums.len().min(ROWS), "suppress, retry, fix"),
        is_sortable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::fixture;

    #[test]
    fn the_page_counts_addresses_and_names_none() {
        let tables = fixture::small();
        let grid = grid("x", &tables.suppress);
        let html = grid.html().unwrap();
        assert!(!tables.suppress.is_empty() && grid.rows.len() < 8);
        assert!(!html.contains('@'), "{html}");
    }
}
