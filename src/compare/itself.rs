//! The first period compared with itself: how often this very comparison calls a change where there is none.

use super::judge::{changes, verdict};
use super::replies::Categories;
use super::{Days, Observed, family};
use crate::stats::effective::FEWEST_DAYS;
use crate::tables::daily::{Daily, Metric};

/// Into which halves the period was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halves {
    /// Odd and even ISO weeks.
    Weeks,
    /// Odd and even days.
    Days,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Itself {
    /// The halves.
    pub halves: Halves,
    /// How many figures were compared.
    pub compared: usize,
    /// Of these, called a change.
    pub flagged: usize,
}

/// Compares the halves of a period: weeks where each half has enough of their days, else days.
pub(super) fn check(daily: &Daily, days: Days) -> Option<Itself> {
    // 1970-01-01 was a Thursday: ISO weeks begin on Mondays.
    let week = |day: i32| (day + 3).div_euclid(7).rem_euclid(2) == 0;
    let day = |day: i32| day.rem_euclid(2) == 0;
    let all = daily.series.get(&family::total(Metric::Deferred))?;
    let is_enough = |one: &dyn Fn(i32) -> bool| {
        let active = all.range(days.0..=days.1).filter(|(_, cell)| cell.of > 0);
        let (odd, even): (Vec<i32>, Vec<i32>) = active.map(|(&day, _)| day).partition(|&day| one(day));
        odd.len().min(even.len()) >= FEWEST_DAYS
    };
    let halves = if is_enough(&week) {
        Halves::Weeks
    } else if is_enough(&day) {
        Halves::Days
    } else {
        return None;
    };
    let is_odd = |at: i32| match halves {
        Halves::Weeks => week(at),
        Halves::Days => day(at),
    };
    let (odd, even) = (daily.only(is_odd), daily.only(|day| !is_odd(day)));
    let half = |daily| Observed { daily, days };
    let rows = changes(half(&odd), half(&even), &Categories::new());
    let flagged = rows.iter().filter(|row| verdict::is_change(&row.verdict)).count();
    Some(Itself { halves, compared: rows.len(), flagged })
}
