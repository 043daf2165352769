//! When in the week mail was put off.

use crate::insights::{number, total};
use crate::report::Error;
use crate::report::charts::week::{ENOUGH, week};
use crate::report::figure::{Figure, Words};
use crate::report::grid::{Cell, Grid, Head, Row};
use crate::stats::Rate;
use crate::tables::Tables;

const WEEK: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Temporary failures of first attempts by weekday and hour, all providers together. At night retries are most of what is tried: counted
/// with them, the quietest hours would look worst.
pub(super) fn html(tables: &Tables) -> Result<String, Error> {
    let mut cells = [[Rate::default(); 24]; 7];
    for row in &tables.heatmap {
        let place = usize::try_from(row.weekday - 1).ok().zip(usize::try_from(row.hour).ok());
        let cell = place.and_then(|(day, hour)| cells.get_mut(day)?.get_mut(hour));
        if let Some(cell) = cell {
            *cell = Rate::sum(&[*cell, total::rate(row.first_deferred, row.first)]);
        }
    }
    let all = Rate::sum(cells.as_flattened());
    let title = title(&cells);
    let words = Words {
        id: "week".to_owned(),
        title,
        measure: format!(
            "First attempts that failed for now, share of first attempts, by weekday and hour (UTC); the stronger the more. Small: fewer than \
             {ENOUGH}; a grey dot: fewer than 30"
        ),
        description: format!("{} of all first attempts were put off.", number::rate_in_full(all)),
        keys: Vec::new(),
    };
    let hours = std::iter::once(Head::words("Weekday")).chain((0..24).map(|hour| Head::numbers(format!("{hour:02}"), "")));
    let twin = Grid {
        caption: "First attempts that failed for now, share of first attempts, by weekday and hour (UTC)".to_owned(),
        heads: hours.collect(),
        rows: WEEK
            .iter()
            .zip(&cells)
            .map(|(day, hours)| Row::new(*day, hours.iter().map(|rate| Cell::rate(*rate)).collect()))
            .collect(),
        more: String::new(),
        is_sortable: false,
    };
    Figure::new(words, |width| week(&cells, width), &twin)?.html()
}

/// When most was put off: at which hour of which day, or where no such hour has enough mail, at which hour of all days.
fn title(cells: &[[Rate; 24]; 7]) -> String {
    if Rate::sum(cells.as_flattened()).part == 0 {
        return "Nothing was put off at any hour".to_owned();
    }
    let days = cells.iter().zip(WEEK);
    let of_week = days.flat_map(|(hours, day)| hours.iter().zip(0..).map(move |(rate, hour)| (Some(day), hour, *rate)));
    let at = |hour: usize| Rate::sum(&cells.iter().filter_map(|hours| hours.get(hour).copied()).collect::<Vec<_>>());
    let of_all = (0..24).map(|hour| (None, hour, at(hour)));
    let told = worst(of_week).or_else(|| worst(of_all)).map(|(day, hour, rate)| {
        let (on, together) = match day {
            Some(day) => (format!(" on {day}s"), ""),
            None => (String::new(), ", all days together"),
        };
        format!("Put off most{on} from {hour:02}:00 to {:02}:00: {} of first attempts{together}", hour + 1, number::rate(rate))
    });
    told.unwrap_or_else(|| "Too little mail to tell one hour from another".to_owned())
}

/// A cell: the day, if it is of one, the hour, what was put off.
type Hour = (Option<&'static str>, usize, Rate);

/// The worst of those with enough mail, the first of equals.
fn worst(hours: impl Iterator<Item = Hour>) -> Option<Hour> {
    let value = |rate: Rate| rate.value().unwrap_or(0.0);
    let judged = hours.filter(|(_, _, rate)| rate.of >= ENOUGH);
    judged.reduce(|worst, next| if value(next.2) > value(worst.2) { next } else { worst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_no_hour_of_the_week_has_enough_mail_the_hours_of_all_days_are_told() {
        let mut cells = [[Rate::new(0, 40); 24]; 7];
        assert_eq!(title(&cells), "Nothing was put off at any hour");
        for hours in &mut cells {
            (hours[2], hours[23]) = (Rate::new(5, 40), Rate::new(4, 40));
        }
        let told = |cells: &[[Rate; 24]; 7]| title(cells).replace('\u{a0}', " ");
        assert_eq!(told(&cells), "Put off most from 02:00 to 03:00: 12.5 % of first attempts, all days together");
        cells[1][9] = Rate::new(10, 200);
        assert_eq!(told(&cells), "Put off most on Tuesdays from 09:00 to 10:00: 5.0 % of first attempts");
        assert_eq!(told(&[[Rate::new(1, 20); 24]; 7]), "Too little mail to tell one hour from another");
    }
}
