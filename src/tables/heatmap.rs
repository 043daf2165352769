//! When in the week: real attempts per route, weekday and hour, UTC.

use std::collections::BTreeMap;

use super::column::{Row, row};
use super::derived::rate;
use super::frames::count;
use super::names::Names;
use super::reconcile::HEATMAP;
use super::{Table, each};
use crate::cubes::keys::HourCounts;
use crate::cubes::{AttemptHour, Cube};
use crate::event::Status;

row! {
/// One row of `heatmap`; counts are real attempts.
pub struct Cell {
    /// Route: who runs the mailbox, as the attempt shows it.
    pub provider: String => "",
    /// Day of the week, 1 for Monday to 7 for Sunday, UTC.
    pub weekday: i64 => "weekday",
    /// Hour of the day, 0 to 23, UTC.
    pub hour: i64 => "hour",
    /// Real attempts.
    pub attempts: i64 => "attempts",
    /// Of these, temporary failures.
    pub deferred: i64 => "attempts",
    /// Of these, permanent failures.
    pub failed: i64 => "attempts",
    /// Of the attempts, the first of their message and recipient: retries follow the queue's clock, and meet what failed before.
    pub first: i64 => "attempts",
    /// Of the first, temporary failures.
    pub first_deferred: i64 => "attempts",
}
}

/// The table.
pub const TABLE: Table = Table {
    name: "heatmap",
    about: "When in the week: real attempts and their failures per provider, weekday and hour, UTC.",
    counts: "attempts",
    sql: None,
    columns: Cell::COLUMNS,
    derived: &[rate!("tempfail_share", &["deferred"], &["attempts"], "Temporary failures of real attempts.")],
    reconciles: HEATMAP,
    rows: |tables, take| each(&tables.heatmap, take),
};

/// The rows: providers by name, then the week from Monday on.
pub(super) fn rows(cube: &Cube<AttemptHour, HourCounts>, names: &Names<'_>) -> Vec<Cell> {
    let mut cells: BTreeMap<(&str, i64, i64), [u64; 5]> = BTreeMap::new();
    for (key, counts) in cube.iter() {
        let attempts = counts.attempts;
        let day = i64::from(key.hour.div_euclid(24));
        // 1970-01-01 was a Thursday.
        let weekday = (day + 3).rem_euclid(7) + 1;
        let cell = cells.entry((names.text(key.route), weekday, i64::from(key.hour.rem_euclid(24)))).or_default();
        let [all, deferred, failed, first, first_deferred] = cell;
        let of_first = if key.is_first { attempts } else { 0 };
        *all += attempts;
        *first += of_first;
        match key.status {
            Status::Deferred => {
                *deferred += attempts;
                *first_deferred += of_first;
            }
            Status::Failed | Status::Expired => *failed += attempts,
            Status::Delivered | Status::Unknown => {}
        }
    }
    let row = |((provider, weekday, hour), counts): ((&str, i64, i64), [u64; 5])| {
        let [attempts, deferred, failed, first, first_deferred] = counts.map(count);
        Cell { provider: provider.to_owned(), weekday, hour, attempts, deferred, failed, first, first_deferred }
    };
    cells.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Speaker, Stage};
    use crate::intern::{Id, Interner};

    #[test]
    fn the_week_begins_on_monday() {
        let mut cube = Cube::default();
        let key = |hour: i32, status, is_first| AttemptHour {
            hour,
            route: Id::EMPTY,
            source: Id::EMPTY,
            status,
            reason: None,
            stage: Stage::Unknown,
            speaker: Speaker::Remote,
            is_first,
        };
        // 2026-10-05 was a Monday: 20,731 days after 1970-01-01.
        cube.add(key(20_731 * 24 + 9, Status::Delivered, true), HourCounts { attempts: 5, minutes: 1 });
        cube.add(key(20_738 * 24 + 9, Status::Deferred, true), HourCounts { attempts: 2, minutes: 1 });
        cube.add(key(20_738 * 24 + 9, Status::Deferred, false), HourCounts { attempts: 30, minutes: 1 });
        cube.add(key(20_730 * 24 + 23, Status::Failed, true), HourCounts { attempts: 1, minutes: 1 });
        let interner = Interner::default();
        let rows = rows(&cube, &Names::of(&interner));
        let told: Vec<_> = rows.iter().map(|row| (row.weekday, row.hour, row.attempts, row.deferred, row.failed)).collect();
        assert_eq!(told, [(1, 9, 37, 32, 0), (7, 23, 1, 0, 1)]);
        assert_eq!(rows.iter().map(|row| (row.first, row.first_deferred)).collect::<Vec<_>>(), [(7, 2), (1, 0)]);
    }
}
