//! How soon mail was accepted in two periods: the curve, and how far its quantiles moved.

use super::Observed;
use super::family::laid_out;
use crate::stats::bootstrap::quantile_shift;
use crate::stats::compare::RateComparison;
use crate::stats::effective::pooled_phi;
use crate::stats::incidence::{AtAge, Incidence, known_within};
use crate::stats::quantile::Weighted;
use crate::tables::ALL;
use crate::tables::daily::{Ages, Daily, Series};
use crate::tables::shifts::Shift;

/// Quantiles that are compared.
const PER_MILLE: [u32; 3] = [500, 900, 950];
/// Routes that have a row for each, the largest; beside all together.
const ROUTES: usize = 12;
/// Accepted outcomes that a route needs in both periods.
const ENOUGH: u64 = 100;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Ages of the curve, with their names.
const AGES: [(&str, i64); 6] = [
    ("1 min", MINUTE_MS),
    ("10 min", 10 * MINUTE_MS),
    ("1 h", HOUR_MS),
    ("4 h", 4 * HOUR_MS),
    ("24 h", 24 * HOUR_MS),
    ("48 h", 48 * HOUR_MS),
];

/// What was accepted within so much time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// At each age, ascending; empty where a period has no mail that was tried.
    pub points: Vec<CurvePoint>,
}

/// One age.
#[derive(Clone, Debug, PartialEq)]
pub struct CurvePoint {
    /// In words.
    pub age: &'static str,
    /// Share accepted by then before (Aalen–Johansen).
    pub before: f64,
    /// Likewise after.
    pub after: f64,
    /// The 95 % interval of the difference, days being the unit.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// The curve of all mail.
pub(super) fn curve(before: Observed<'_>, after: Observed<'_>) -> Curve {
    let (Some(one), Some(other)) = (before.daily.ages.get(ALL), after.daily.ages.get(ALL)) else { return Curve::default() };
    let all = |ages: &Ages| Incidence::of(&ages.values().flatten().copied().collect::<Vec<AtAge>>());
    let (one_all, other_all) = (all(one), all(other));
    let point = |(age, ms): (&'static str, i64)| {
        let series = |ages: &Ages| -> Series { ages.iter().map(|(&day, ages)| (day, known_within(ages, ms))).collect() };
        let (one, other) = (laid_out(&series(one), before.days), laid_out(&series(other), after.days));
        // Of few days both periods' together tell how much they spread.
        let phi = pooled_phi([one.as_slice(), other.as_slice()]);
        let compared = RateComparison::of(&one, &other, phi)?;
        let (before, after) = (one_all.accepted_within(ms)?, other_all.accepted_within(ms)?);
        // The interval of the known rates, moved to the curves' difference.
        let moved = (after - before) - compared.difference;
        Some(CurvePoint { age, before, after, low: compared.interval.lower + moved, high: compared.interval.upper + moved })
    };
    Curve { points: AGES.into_iter().filter_map(point).collect() }
}

/// The rows: all mail first, then routes, the largest first.
pub(super) fn shifts(before: Observed<'_>, after: Observed<'_>, seed: u64) -> Vec<Shift> {
    let accepted = |daily: &Daily, route: &str| -> u64 {
        daily.ages.get(route).into_iter().flat_map(|ages| ages.values().flatten()).map(|at| at.accepted).sum()
    };
    let mut routes: Vec<(&str, u64, u64)> = before
        .daily
        .ages
        .keys()
        .map(|route| (route.as_str(), accepted(before.daily, route), accepted(after.daily, route)))
        .collect();
    routes.retain(|(_, before, after)| *before.min(after) >= ENOUGH);
    routes.sort_by_key(|&(route, before, after)| (route != ALL, std::cmp::Reverse(before + after), route));
    let mut rows = Vec::new();
    for (at, (route, before_accepted, after_accepted)) in routes.into_iter().take(ROUTES + 1).enumerate() {
        let (one, other) = (histograms(before, route), histograms(after, route));
        for (which, per_mille) in PER_MILLE.into_iter().enumerate() {
            let chance = seed.wrapping_add((at * PER_MILLE.len() + which) as u64);
            let Some(shift) = quantile_shift(&one, &other, per_mille, chance) else { continue };
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            rows.push(Shift {
                provider: route.to_owned(),
                per_mille: i64::from(per_mille),
                before_accepted: count(before_accepted),
                after_accepted: count(after_accepted),
                before_ms: shift.before,
                after_ms: shift.after,
                shift_low_ms: shift.lower,
                shift_high_ms: shift.upper,
            });
        }
    }
    rows
}

/// Ages of accepted outcomes, a histogram a day.
fn histograms(period: Observed<'_>, route: &str) -> Vec<Vec<Weighted>> {
    let (first, last) = period.days;
    let Some(ages) = period.daily.ages.get(route) else { return Vec::new() };
    let of_day = |ages: &Vec<AtAge>| ages.iter().filter(|at| at.accepted > 0).map(|at| (at.age, at.accepted)).collect();
    ages.range(first..=last).map(|(_, ages)| of_day(ages)).collect()
}
