//! Two periods side by side: what changed, how sure that is, and what it amounts to.
//!
//! Between `tables`, whose days ([`Daily`]) it compares, and `report`, which shows the rows. Everything that is tested is one family: a
//! change is called only where it would stand out among all comparisons made at once. `stats` holds the tests; here is decided what
//! is tested and on which days. Knows no HTML and no logs.

mod delays;
mod family;
mod itself;
mod judge;
mod mix;
mod replies;

#[cfg(test)]
pub(crate) mod tests;

use sha2::{Digest, Sha256};

use crate::insights::{smarthost, total};
use crate::stats::Rate;
use crate::tables::Tables;
use crate::tables::changes::Change;
use crate::tables::daily::{Daily, Metric, Series};
use crate::tables::mix::MixRow;
use crate::tables::shifts::Shift;

pub use delays::{Curve, CurvePoint};
pub use itself::{Halves, Itself};
pub use judge::verdict;

/// One of the two periods.
#[derive(Clone, Copy)]
pub struct Period<'a> {
    /// Its tables.
    pub tables: &'a Tables,
    /// Its days.
    pub daily: &'a Daily,
}

/// A first and a last day, since 1970-01-01.
pub type Days = (i32, i32);

/// What was counted in one of the two periods, and the days on which it was.
#[derive(Clone, Copy)]
struct Observed<'a> {
    daily: &'a Daily,
    days: Days,
}

/// What two periods come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// What is called delivered here: [`Metric::Delivered`] where both periods know of bounces that came later.
    pub headline: Metric,
    /// All that was compared, most mail affected first.
    pub changes: Vec<Change>,
    /// The change of the headline's total, by provider.
    pub mix: Vec<MixRow>,
    /// How far times to acceptance moved.
    pub shifts: Vec<Shift>,
    /// Accepted within so much time, all mail.
    pub curve: Curve,
    /// The days of the headline, and those of what was deferred; all mail.
    pub days: Vec<DayByDay>,
    /// The first period compared with itself; None: it has too few days for two halves.
    pub itself: Option<Itself>,
    /// A smarthost took most of the mail of a period: what it hides is not compared.
    pub is_withheld: bool,
}

/// A figure of all mail on each calendar day of both periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayByDay {
    /// Which figure.
    pub metric: Metric,
    /// Day since 1970-01-01 and what it counted.
    pub before: Vec<(i32, Rate)>,
    /// Likewise.
    pub after: Vec<(i32, Rate)>,
}

impl Comparison {
    /// Compares two periods. None: one of them has no mail.
    #[must_use]
    pub fn of(before: Period<'_>, after: Period<'_>) -> Option<Self> {
        let (days, other_days) = (total::period(before.tables)?, total::period(after.tables)?);
        let headline = headline(before.daily, after.daily);
        let categories = replies::categories([before.tables, after.tables]);
        let is_withheld = [before, after].iter().any(|period| smarthost::hides_providers(period.tables));
        let known = |daily: &Daily| {
            let daily = if headline == Metric::Delivered { daily.clone() } else { daily.at_the_door() };
            if is_withheld { daily.without(Metric::is_of_providers) } else { daily }
        };
        let (one, other) = (known(before.daily), known(after.daily));
        let (one, other) = (Observed { daily: &one, days }, Observed { daily: &other, days: other_days });
        let providers = [before, after].map(|period| if is_withheld { &[] } else { period.tables.providers.as_slice() });
        let [of_one, of_other] = providers;
        Some(Self {
            headline,
            changes: judge::changes(one, other, &categories),
            mix: mix::rows(of_one, of_other, headline),
            shifts: delays::shifts(one, other, seed(before.tables, after.tables)),
            curve: delays::curve(one, other),
            days: [headline, Metric::Deferred]
                .into_iter()
                .filter(|metric| !(is_withheld && metric.is_of_providers()))
                .map(|metric| day_by_day(metric, one, other))
                .collect(),
            itself: itself::check(one.daily, days),
            is_withheld,
        })
    }

    /// The total of a figure.
    #[must_use]
    pub fn total(&self, metric: Metric) -> Option<&Change> {
        self.changes.iter().find(|row| row.within == "total" && row.metric == metric.name())
    }

    /// As the tables that are written.
    #[must_use]
    pub fn tables(&self) -> Tables {
        Tables { changes: self.changes.clone(), mix: self.mix.clone(), shifts: self.shifts.clone(), ..Tables::default() }
    }
}

fn day_by_day(metric: Metric, before: Observed<'_>, after: Observed<'_>) -> DayByDay {
    let laid = |Observed { daily, days }: Observed<'_>| -> Vec<(i32, Rate)> {
        let none = Series::new();
        let series = daily.series.get(&family::total(metric)).unwrap_or(&none);
        (days.0..=days.1).zip(family::laid_out(series, days)).collect()
    };
    DayByDay { metric, before: laid(before), after: laid(after) }
}

/// Delivered says more than accepted only where both periods would know of a bounce that came later.
const fn headline(before: &Daily, after: &Daily) -> Metric {
    if before.knows_later && after.knows_later { Metric::Delivered } else { Metric::Accepted }
}

/// Where chance begins: the same for the same inputs.
fn seed(before: &Tables, after: &Tables) -> u64 {
    let mut whole = Sha256::new();
    whole.update(&before.totals.digest);
    whole.update(&after.totals.digest);
    let digest: [u8; 32] = whole.finalize().into();
    digest.iter().take(8).fold(0, |seed, &byte| seed << 8 | u64::from(byte))
}
