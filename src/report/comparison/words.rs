//! Rows of the table `changes` in words.

use crate::compare::verdict;
use crate::insights::{name, number};
use crate::report::text;
use crate::stats::{Interval, Rate};
use crate::tables::changes::Change;
use crate::tables::daily::Metric;

/// Outcomes of a period from which on it is not for want of mail that a change is unsure.
pub(super) const MUCH: i64 = 1_000;

/// Whether there is much mail in both periods: what leaves a change unsure then is that their days differ.
pub(super) fn is_much(row: &Change) -> bool {
    row.before_of.min(row.after_of) >= MUCH
}

/// What the verdict of a row is called, with its sign: no meaning by colour alone.
pub(super) fn verdict_words(row: &Change) -> &'static str {
    match row.verdict.as_str() {
        verdict::WORSE => "▲ worse",
        verdict::BETTER => "▼ better",
        verdict::SMALL => "△ moved, small",
        verdict::LITTLE if is_much(row) => "… days differ",
        verdict::LITTLE => "… too little mail",
        _ => "○ no clear change",
    }
}

/// Whose figure it is.
pub(super) fn subject(row: &Change) -> String {
    let provider = || text::provider(&row.provider);
    match row.within.as_str() {
        "total" => "All mail".to_owned(),
        "provider" => provider(),
        "domain" => name::domain(&row.key),
        "source" => format!("Source {}", row.key),
        "sender" => format!("Sender {}", name::domain(&row.key)),
        "reason" => name::category(&row.key),
        "provider-reason" => format!("{}: {}", provider(), name::category(&row.key)),
        _ => format!("{}: {}", provider(), name::domain(&row.key)),
    }
}

/// Which figure, as a reader calls it.
pub(super) fn figure(row: &Change) -> &'static str {
    Metric::named(&row.metric).map_or("", Metric::title)
}

pub(super) fn rates(row: &Change) -> (Rate, Rate) {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    (Rate::new(count(row.before_part), count(row.before_of)), Rate::new(count(row.after_part), count(row.after_of)))
}

pub(super) const fn interval(row: &Change) -> Interval {
    Interval { lower: row.difference_low, upper: row.difference_high }
}

/// `98.7 % → 97.9 % (−0.82 points, −1.1 … −0.50)`.
pub(super) fn movement(row: &Change) -> String {
    let (before, after) = rates(row);
    format!(
        "{} → {} ({} points, {})",
        number::rate(before),
        number::rate(after),
        number::points(row.difference),
        number::points_interval(interval(row)),
    )
}

/// What it amounts to: `about 1,234 outcomes fewer than at the rate of before`.
pub(super) fn amount(row: &Change) -> String {
    let counts = match (row.counts.as_str(), row.affected.abs()) {
        ("attempts", 1) => "attempt",
        ("attempts", _) => "attempts",
        ("addresses", 1) => "address",
        ("addresses", _) => "addresses",
        (_, 1) => "outcome",
        _ => "outcomes",
    };
    let way = if row.affected < 0 { "fewer" } else { "more" };
    format!("{}{}{counts} {way}", number::count(row.affected.abs()), number::GAP)
}

/// How often it is than before, where that says more than points: rates below 5 %.
pub(super) fn times(row: &Change) -> Option<String> {
    let is_rare = row.before_rate.unwrap_or(0.0).max(row.after_rate.unwrap_or(0.0)) < 0.05;
    row.ratio.filter(|ratio| is_rare && (*ratio >= 1.25 || *ratio <= 0.8)).map(|ratio| format!("×{ratio:.1}"))
}

/// The same in a sentence; a tenth and less of before is hardly read as a factor.
pub(super) fn times_in_words(row: &Change) -> Option<String> {
    let factor = times(row)?;
    let share = row.ratio.unwrap_or_default();
    let names =
        [(0.75, "three quarters"), (0.5, "half"), (0.33, "a third"), (0.25, "a quarter"), (0.2, "a fifth"), (0.1, "a tenth")];
    let off = |part: f64| (share - part).abs();
    let nearest = names.into_iter().min_by(|one, other| off(one.0).total_cmp(&off(other.0)));
    Some(match nearest.filter(|(part, _)| off(*part) < 0.035) {
        Some((_, name)) => format!("{name} of before"),
        None if row.after_part == 0 => "none any more".to_owned(),
        None if share < 0.1 => "less than a tenth of before".to_owned(),
        None => factor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_mail_is_not_said_to_be_too_little() {
        let of = |before_of: i64| {
            verdict_words(&Change { verdict: verdict::LITTLE.to_owned(), before_of, after_of: 8_000, ..Change::default() })
        };
        assert_eq!([of(999), of(1_000)], ["… too little mail", "… days differ"]);
    }

    #[test]
    fn what_became_rare_is_told_as_a_part_of_before() {
        let told = |after_part: i64| {
            let before_part = 1_000;
            let ratio = Some(after_part as f64 / before_part as f64);
            let rates = (Some(0.001), Some(after_part as f64 / 1e6));
            let row = Change { before_part, after_part, before_rate: rates.0, after_rate: rates.1, ratio, ..Change::default() };
            times_in_words(&row)
        };
        let wanted = [
            (0, "none any more"),
            (30, "less than a tenth of before"),
            (100, "a tenth of before"),
            (220, "a fifth of before"),
            (240, "a quarter of before"),
            (420, "×0.4"),
            (500, "half of before"),
            (3_400, "×3.4"),
        ];
        for (after, words) in wanted {
            assert_eq!(told(after).as_deref(), Some(words), "{after}");
        }
        assert_eq!(told(900), None);
    }
}
