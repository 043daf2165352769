//! The days behind the figures that two periods are compared by: numerator and denominator a day, for each figure and each of its keys.
//!
//! Counted from the cubes, never from rows of a table: no table has a day for each of its keys. Knows no period: a day without mail is
//! not there, and whoever compares lays the days out.

use std::collections::BTreeMap;

use super::build::Cubes;
use crate::stats::Rate;
use crate::stats::incidence::AtAge;

mod collect;
mod metric;

pub use metric::{Metric, Subject, Within};

/// Of each sort of key so many are followed, the largest.
pub const MOST_KEYS: usize = 500;
/// Keys with fewer outcomes than this are not followed, since a rate of fewer, in either period, is not compared: nothing could be said
/// of it.
pub const ENOUGH: u64 = 100;
/// So many replies are followed, the commonest.
pub const MOST_REPLIES: usize = 2_000;

/// Counts by day of reception, or of the attempt, since 1970-01-01 UTC; days without any are not there.
pub type Series = BTreeMap<i32, Rate>;

/// Outcomes by age, ascending, for each day of reception.
pub type Ages = BTreeMap<i32, Vec<AtAge>>;

/// The days of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Daily {
    /// Of each figure and key.
    pub series: BTreeMap<Subject, Series>,
    /// Of the figures that do not add up over days (distinct addresses), the value of the whole period.
    pub whole: BTreeMap<Subject, Rate>,
    /// Ages of the outcomes that were tried, by route; [`super::ALL`] for all.
    pub ages: BTreeMap<String, Ages>,
    /// Whether bounces that came after delivery are known: see [`super::Totals::knows_later`].
    pub knows_later: bool,
    /// Of the numerators in `series`, what was accepted and bounced later.
    pub later: BTreeMap<Subject, BTreeMap<i32, u64>>,
}

impl Daily {
    /// Counts them.
    #[must_use]
    pub fn of(cubes: &Cubes<'_>) -> Self {
        collect::collect(cubes)
    }

    /// The same of some of its days. What does not add up over days is then known by its days alone.
    #[must_use]
    pub fn only(&self, keeps: impl Fn(i32) -> bool) -> Self {
        let kept = |series: &Series| series.iter().filter(|(day, _)| keeps(**day)).map(|(&day, &cell)| (day, cell)).collect();
        let series = self.series.iter().map(|(subject, series)| (subject.clone(), kept(series))).collect();
        Self { series, knows_later: self.knows_later, ..Self::default() }
    }

    /// The same as if nothing had bounced later: what was accepted stays so. For periods of which one alone knows of such bounces.
    #[must_use]
    pub fn at_the_door(&self) -> Self {
        let mut door = Self { knows_later: false, ..self.clone() };
        for (subject, later) in std::mem::take(&mut door.later) {
            let Some(series) = door.series.get_mut(&subject) else { continue };
            for (day, later) in later {
                if let Some(cell) = series.get_mut(&day) {
                    cell.part = cell.part.saturating_sub(later);
                }
            }
        }
        door
    }

    /// The same without some figures, and without ages.
    #[must_use]
    pub fn without(&self, hides: impl Fn(Metric) -> bool) -> Self {
        let shown = |subject: &&Subject| !hides(subject.metric);
        let series = self.series.keys().filter(shown).filter_map(|key| Some((key.clone(), self.series.get(key)?.clone())));
        let whole = self.whole.keys().filter(shown).filter_map(|key| Some((key.clone(), *self.whole.get(key)?)));
        let knows_later = self.knows_later;
        Self { series: series.collect(), whole: whole.collect(), knows_later, ..Self::default() }
    }

    /// The figure of the whole period.
    #[must_use]
    pub fn value(&self, subject: &Subject) -> Rate {
        let sum = || self.series.get(subject).map_or_else(Rate::default, total);
        self.whole.get(subject).copied().unwrap_or_else(sum)
    }
}

/// All days together.
#[must_use]
pub fn total(series: &Series) -> Rate {
    series.values().fold(Rate::default(), |sum, day| Rate::new(sum.part + day.part, sum.of + day.of))
}
