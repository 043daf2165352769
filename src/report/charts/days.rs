//! Day by day: stacked bars of counts from zero, weekends shaded, days without a log hatched as gaps.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::{Scale, round_up};
use super::{SMALL, Width, width_of};
use crate::insights::number;

/// A day's bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Its parts, from the ground up.
    pub parts: Vec<(Ink, f64)>,
}

impl Bar {
    fn whole(&self) -> f64 {
        self.parts.iter().map(|(_, part)| part).sum()
    }
}

const TOP: f64 = 10.0;
const BOTTOM: f64 = 22.0;

/// Draws a bar a day; `bars` are calendar days in order.
#[must_use]
pub fn days(bars: &[Bar], width: Width) -> Canvas {
    let height = match width {
        Width::Wide => 230.0,
        Width::Narrow => 190.0,
    };
    let mut canvas = Canvas::new(width.units(), height);
    let high = round_up(bars.iter().map(Bar::whole).fold(0.0, f64::max));
    let up = Scale::new((0.0, high), (height - BOTTOM, TOP));
    // Half a message is none.
    let ticks: Vec<f64> = up.ticks(4).into_iter().filter(|tick| (tick - tick.round()).abs() < 1e-6).collect();
    let left = ticks.iter().map(|tick| width_of(&number::count(*tick as i64), SMALL)).fold(0.0, f64::max) + 8.0;
    let right = width.units() - 4.0;
    let step = (right - left) / bars.len().max(1) as f64;
    for at in (0..bars.len()).filter(|at| bars.get(*at).is_some_and(|bar| number::is_weekend(bar.day))) {
        let x = left + step * at as f64;
        canvas.faint_bar((x, TOP), (x + step, height - BOTTOM), Ink::Ghost, 0.15);
    }
    for tick in ticks {
        let y = up.at(tick);
        canvas.line([(left, y), (right, y)], Ink::Rule, 0.8);
        canvas.words((left - 6.0, y), &number::count(tick as i64), Anchor::End, Ink::Muted, SMALL);
    }
    for part in 0..bars.iter().map(|bar| bar.parts.len()).max().unwrap_or(0) {
        for (at, bar) in bars.iter().enumerate() {
            let below: f64 = bar.parts.iter().take(part).map(|(_, below)| below).sum();
            if let Some(&(ink, value)) = bar.parts.get(part) {
                let x = left + step * at as f64;
                canvas.bar((x + step * 0.12, up.at(below + value)), (x + step * 0.88, up.at(below)), ink);
            }
        }
    }
    let most = match width {
        Width::Wide => 10,
        Width::Narrow => 4,
    };
    day_axis(&mut canvas, bars.iter().map(|bar| bar.day), (left, right), height - 9.0, most);
    canvas
}

/// How wide the name of a day is at most, `22 Oct` in small letters.
pub(super) const DAY_WIDTH: f64 = 36.0;

/// Names of days below an axis that gives each day the same room: the first, then every so many, `most` at most.
pub(super) fn day_axis(
    canvas: &mut Canvas,
    days: impl ExactSizeIterator<Item = i32>,
    (left, right): (f64, f64),
    y: f64,
    most: usize,
) {
    let count = days.len();
    let step = (right - left) / count.max(1) as f64;
    // Whole weeks where they fit: the same weekday below each name.
    let every = match count.div_ceil(most.max(1)).max(1) {
        few @ 1..=3 => few,
        some => some.div_ceil(7) * 7,
    };
    let mut free = f64::NEG_INFINITY;
    for (at, day) in days.enumerate().filter(|(at, _)| at % every == 0) {
        let x = left + step * (at as f64 + 0.5);
        let anchor = if at == 0 && step < 30.0 {
            Anchor::Start
        } else if right - x < 18.0 {
            Anchor::End
        } else {
            Anchor::Middle
        };
        let x = if anchor == Anchor::Start { left } else { x };
        let begins = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - DAY_WIDTH / 2.0,
            Anchor::End => x - DAY_WIDTH,
        };
        if begins < free {
            continue;
        }
        free = begins + DAY_WIDTH + 3.0;
        canvas.words((x, y), &number::short_date(day), anchor, Ink::Muted, SMALL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(parts: usize) -> Vec<Bar> {
        let part = |at: usize| {
            ([Ink::Delivered, Ink::Deferred, Ink::Bounced, Ink::Blocked, Ink::Expired, Ink::Later][at % 6], 100.0 + at as f64)
        };
        (0..31).map(|day| Bar { day: 20_727 + day, parts: (0..parts).map(part).collect() }).collect()
    }

    #[test]
    fn a_month_of_six_states_is_a_small_chart() {
        for width in [Width::Wide, Width::Narrow] {
            let svg = days(&month(6), width).paint("c", "t", "d").unwrap();
            assert!(svg.len() < 8_000, "{}", svg.len());
            assert_eq!(svg.matches("class=\"blocked\"").count(), 1, "a state is one path");
        }
    }

    #[test]
    fn one_message_is_not_cut_into_halves_that_read_as_none() {
        let svg = days(&[Bar { day: 20_727, parts: vec![(Ink::Delivered, 1.0)] }], Width::Wide).paint("c", "t", "d").unwrap();
        let ticks: Vec<&str> = svg.split("text-anchor=\"end\">").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        assert_eq!(ticks, ["0", "1"], "{svg}");
    }

    #[test]
    fn a_year_has_as_few_names_as_a_week() {
        let year: Vec<Bar> = (0..365).map(|day| Bar { day, parts: vec![(Ink::Delivered, 1.0)] }).collect();
        assert!(days(&year, Width::Narrow).paint("c", "t", "d").unwrap().matches("<text").count() <= 12);
        assert!(!days(&[], Width::Wide).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
