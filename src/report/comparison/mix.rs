//! Did providers change, or did more mail go to the worse ones? A waterfall from the one total to the other.

use askama::Template;

use super::Sides;
use super::providers::capital;
use crate::insights::{number, total};
use crate::report::Error;
use crate::report::charts::waterfall::{Step, waterfall};
use crate::report::figure::{Figure, Words};
use crate::report::grid::{Cell, Grid, Head, Row, more};
use crate::report::text;
use crate::stats::Rate;
use crate::tables::mix::MixRow;

/// How many providers have a step of their own.
const STEPS: usize = 7;
/// How many rows the table has.
const ROWS: usize = 50;
/// Billionths of one in a hundredth of a point.
const HUNDREDTH: i64 = 100_000;

#[derive(Template)]
#[template(path = "comparison/mix.html")]
struct Mix {
    lead: String,
    chart: String,
    alone: String,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let rows = &sides.comparison.mix;
    let (before, after) =
        (totals(rows, |row| (row.before_part, row.before_of)), totals(rows, |row| (row.after_part, row.after_of)));
    let mix = if before.of == 0 || after.of == 0 {
        Mix { lead: "A period has no mail with a known end.".to_owned(), chart: String::new(), alone: String::new() }
    } else {
        let steps = Steps::of(rows);
        Mix { lead: lead(sides, &steps, before, after), chart: chart(sides, &steps, before, after)?, alone: alone(rows) }
    };
    Ok(mix.render()?)
}

fn totals(rows: &[MixRow], of: fn(&MixRow) -> (i64, i64)) -> Rate {
    let (part, whole) = rows.iter().map(of).fold((0, 0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
    total::rate(part, whole)
}

/// Billionths as points of two decimals, with a sign.
fn points(hundredths: i64) -> String {
    let sign = match hundredths.signum() {
        -1 => "−",
        1 => "+",
        _ => "",
    };
    format!("{sign}{}.{:02}", hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100)
}

/// Billionths in whole hundredths of a point, rounded so that they add up to the sum, rounded: the largest remainders go up.
fn hundredths(terms: &[i64]) -> Vec<i64> {
    let mut whole: Vec<i64> = terms.iter().map(|term| term.div_euclid(HUNDREDTH)).collect();
    let sum: i64 = terms.iter().sum();
    let missing = (sum + HUNDREDTH / 2).div_euclid(HUNDREDTH) - whole.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..terms.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(terms.get(at).map_or(0, |term| term.rem_euclid(HUNDREDTH))), at));
    for at in order.into_iter().take(usize::try_from(missing).unwrap_or(0)) {
        if let Some(term) = whole.get_mut(at) {
            *term += 1;
        }
    }
    whole
}

/// The steps between the totals, in billionths and in hundredths of a point as they are shown: the mix, then providers' own rates.
struct Steps {
    names: Vec<String>,
    terms: Vec<i64>,
    shown: Vec<i64>,
}

impl Steps {
    fn of(rows: &[MixRow]) -> Self {
        let mut largest: Vec<&MixRow> = rows.iter().collect();
        largest.sort_by_key(|row| std::cmp::Reverse(row.performance.abs()));
        let (named, rest) = largest.split_at(largest.len().min(STEPS));
        let mut names = vec!["Another mix of mail".to_owned()];
        let mut terms: Vec<i64> = vec![rows.iter().map(|row| row.mix).sum()];
        names.extend(named.iter().map(|row| text::provider(&row.provider)));
        terms.extend(named.iter().map(|row| row.performance));
        if !rest.is_empty() {
            names.push(number::many(rest.len() as i64, "other provider", "other providers"));
            terms.push(rest.iter().map(|row| row.performance).sum());
        }
        let shown = hundredths(&terms);
        Self { names, terms, shown }
    }
}

fn lead(sides: &Sides<'_>, steps: &Steps, before: Rate, after: Rate) -> String {
    let (sum, mix): (i64, i64) = (steps.shown.iter().sum(), steps.shown.first().copied().unwrap_or(0));
    format!(
        "The share {} went from {} to {}: {} points, of which {} are the providers’ own rates and {} another mix of mail among them. \
         The parts add up exactly.",
        sides.comparison.headline.title(),
        number::rate(before),
        number::rate(after),
        points(sum),
        points(sum - mix),
        points(mix),
    )
}

/// From the total before over the mix and the providers that count most to the total after.
fn chart(sides: &Sides<'_>, parts: &Steps, before: Rate, after: Rate) -> Result<String, Error> {
    let (before_name, after_name) = sides.names();
    let start = before.value().unwrap_or(0.0);
    let mut at = start;
    let mut steps = vec![Step { name: before_name, from: start, to: start, label: number::rate(before) }];
    for ((name, term), shown) in parts.names.iter().zip(&parts.terms).zip(&parts.shown) {
        let to = at + *term as f64 / 1e9;
        steps.push(Step { name: name.clone(), from: at, to, label: points(*shown) });
        at = to;
    }
    let end = after.value().unwrap_or(0.0);
    steps.push(Step { name: after_name, from: end, to: end, label: number::rate(after) });
    let words = Words {
        id: "mix".to_owned(),
        title: format!(
            "{}: from {} to {}, step by step",
            capital(sides.comparison.headline.title()),
            number::rate(before),
            number::rate(after)
        ),
        measure: "Share of outcomes with a known end; each step in points. Mix: more or less mail to providers that do worse or better. \
                  Providers: their own rate, weighted by their share of the mail"
            .to_owned(),
        description: format!("{} steps that add up to {} points.", steps.len() - 2, points(parts.shown.iter().sum())),
        keys: Vec::new(),
    };
    Figure::new(words, |width| waterfall(&steps, width), &grid(&sides.comparison.mix))?.html()
}

fn grid(rows: &[MixRow]) -> Grid {
    let shares = (totals(rows, |row| (row.before_of, row.before_of)).of, totals(rows, |row| (row.after_of, row.after_of)).of);
    let share = |n: i64, all: u64| Cell::share(total::rate(n, all as i64).value());
    let terms: Vec<i64> = rows.iter().flat_map(|row| [row.mix, row.performance]).collect();
    let shown = hundredths(&terms);
    let line = |(row, shown): (&MixRow, &[i64])| {
        let cell = |at: usize| Cell::figure(points(shown.get(at).copied().unwrap_or(0)));
        let cells = vec![
            share(row.before_of, shares.0),
            share(row.after_of, shares.1),
            Cell::rate(total::rate(row.before_part, row.before_of)),
            Cell::rate(total::rate(row.after_part, row.after_of)),
            cell(0),
            cell(1),
        ];
        Row::new(text::provider(&row.provider), cells)
    };
    let mut lines: Vec<Row> = rows.iter().zip(shown.chunks_exact(2)).take(ROWS).map(line).collect();
    let sum = |at: usize| Cell::figure(points(shown.iter().skip(at).step_by(2).sum()));
    let none = || Cell::figure("");
    lines.push(Row { is_sum: true, ..Row::new("All providers", vec![none(), none(), none(), none(), sum(0), sum(1)]) });
    Grid {
        caption: "The change of the total, by provider".to_owned(),
        heads: vec![
            Head::words("Provider"),
            Head::numbers("Share before", "of the mail"),
            Head::numbers("Share after", "of the mail"),
            Head::numbers("Rate before", ""),
            Head::numbers("Rate after", ""),
            Head::numbers("By mix", "points"),
            Head::numbers("By its rate", "points"),
        ],
        rows: lines,
        more: more(rows.len(), ROWS, "mix"),
        is_sortable: true,
    }
}

/// Providers that had mail in one period only, by name: their rate in the other is taken for that period's total.
fn alone(rows: &[MixRow]) -> String {
    const NAMED: usize = 8;
    let names = |is: fn(&MixRow) -> bool| -> Option<String> {
        let names: Vec<String> = rows.iter().filter(|row| is(row)).map(|row| text::provider(&row.provider)).collect();
        let more = names.len().saturating_sub(NAMED);
        let mut named = names.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
        if more > 0 {
            named = format!("{named} and {more} more");
        }
        (!named.is_empty()).then_some(named)
    };
    let parts = [
        names(|row| row.before_of == 0).map(|names| format!("Mail in the second period only: {names}.")),
        names(|row| row.after_of == 0).map(|names| format!("Mail in the first period only: {names}.")),
    ];
    let said: Vec<String> = parts.into_iter().flatten().collect();
    if said.is_empty() {
        return String::new();
    }
    format!(
        "{} Their rate in the other period is taken for that period’s total, so that coming and going is mix alone.",
        said.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn points_have_two_decimals_and_a_sign() {
        assert_eq!([points(-82), points(5), points(0), points(1_240)], ["−0.82", "+0.05", "0.00", "+12.40"]);
    }

    proptest! {
        #[test]
        fn what_is_shown_adds_up_to_what_is_shown(terms in prop::collection::vec(-50_000_000_i64..50_000_000, 0..30)) {
            let shown = hundredths(&terms);
            let sum: i64 = terms.iter().sum();
            prop_assert_eq!(shown.iter().sum::<i64>(), (sum + HUNDREDTH / 2).div_euclid(HUNDREDTH));
            for (term, shown) in terms.iter().zip(&shown) {
                prop_assert!((term - shown * HUNDREDTH).abs() < HUNDREDTH);
            }
        }
    }
}
