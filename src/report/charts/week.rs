//! When in the week: a cell per weekday and hour, the darker the higher its rate.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::{SMALL, Width};
use crate::stats::Rate;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LEFT: f64 = 34.0;
const TOP: f64 = 4.0;
const HIGH: f64 = 22.0;

/// An hour of the week of fewer than these has a small cell, and does not set the scale.
pub const ENOUGH: u64 = 200;

/// Draws the rates of a week from Monday on, 24 a day. An hour without an attempt has no cell, one of too few a small grey one, one of few
/// a small one. The darkest cell is the highest rate of those of [`ENOUGH`].
#[must_use]
pub fn week(rates: &[[Rate; 24]; 7], width: Width) -> Canvas {
    let across = width.units();
    let mut canvas = Canvas::new(across, TOP + HIGH * 7.0 + 20.0);
    let step = (across - LEFT) / 24.0;
    let judged = |rate: Rate| rate.value().filter(|_| !rate.is_too_little());
    let highest_of = |least: u64| {
        rates.iter().flatten().filter(|rate| rate.of >= least).filter_map(|rate| judged(*rate)).fold(0.0, f64::max)
    };
    let highest = if highest_of(ENOUGH) > 0.0 { highest_of(ENOUGH) } else { highest_of(0) };
    for (day, (name, hours)) in DAYS.iter().zip(rates).enumerate() {
        let y = TOP + HIGH * day as f64;
        canvas.words((0.0, y + HIGH * 0.5), name, Anchor::Start, Ink::Text, SMALL);
        for (hour, rate) in hours.iter().enumerate() {
            let x = LEFT + step * hour as f64;
            if let Some(share) = judged(*rate) {
                let alpha = if highest > 0.0 { 0.06 + 0.94 * (share / highest).min(1.0) } else { 0.06 };
                let inset = if rate.of < ENOUGH { (step * 0.28, HIGH * 0.28) } else { (0.5, 0.5) };
                canvas.faint_bar((x + inset.0, y + inset.1), (x + step - inset.0, y + HIGH - inset.1), Ink::Line, alpha);
            } else if rate.of > 0 {
                let (middle, centre) = (x + step / 2.0, y + HIGH / 2.0);
                canvas.bar((middle - 1.5, centre - 1.5), (middle + 1.5, centre + 1.5), Ink::Ghost);
            }
        }
    }
    let every = match width {
        Width::Wide => 3,
        Width::Narrow => 6,
    };
    for hour in (0..24).step_by(every) {
        let x = LEFT + step * f64::from(hour);
        canvas.words((x, TOP + HIGH * 7.0 + 14.0), &format!("{hour:02}"), Anchor::Start, Ink::Muted, SMALL);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_few_attempts_is_smaller_than_one_of_many_and_does_not_set_the_scale() {
        let mut rates = [[Rate::default(); 24]; 7];
        rates[0][9] = Rate::new(1_200, 12_000);
        rates[0][10] = Rate::new(600, 12_000);
        rates[3][1] = Rate::new(30, 30);
        let svg = week(&rates, Width::Wide).paint("c", "t", "d").unwrap();
        let cells: Vec<(&str, &str)> =
            svg.split("class=\"figure\"").skip(1).filter_map(|cell| cell.split("/>").next()?.split_once(" d=")).collect();
        let looks: Vec<&str> = cells.iter().map(|(look, _)| *look).collect();
        assert_eq!(looks, ["", " opacity=\"0.53\"", ""], "{svg}");
        assert!(cells[0].1.contains("h33.4v21") && cells[2].1.contains("h15.1v9.6"), "{svg}");
    }

    #[test]
    fn an_hour_without_mail_has_no_cell() {
        let mut rates = [[Rate::default(); 24]; 7];
        rates[0][9] = Rate::new(50, 100);
        rates[3][1] = Rate::new(29, 29);
        rates[6][23] = Rate::new(0, 100);
        let svg = week(&rates, Width::Wide).paint("c", "t", "d").unwrap();
        assert_eq!((svg.matches("class=\"figure\"").count(), svg.matches("class=\"ghost\"").count()), (2, 1), "{svg}");
    }
}
