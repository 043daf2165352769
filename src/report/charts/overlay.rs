//! The days of two periods over each other, the same weekday in the same place; a day without mail is a gap.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{SMALL, Width, days::day_axis, width_of};
use crate::insights::number;

/// A rate a day; None: no mail.
pub type Line = Vec<(i32, Option<f64>)>;

const TOP: f64 = 10.0;
const BOTTOM: f64 = 22.0;

/// Draws both lines over the days of the second.
#[must_use]
pub fn overlay(before: &Line, after: &Line, width: Width) -> Canvas {
    let height = match width {
        Width::Wide => 220.0,
        Width::Narrow => 180.0,
    };
    let mut canvas = Canvas::new(width.units(), height);
    let shift = shift(before, after);
    let placed =
        |line: &Line, by: i32| -> Vec<(i32, Option<f64>)> { line.iter().map(|&(day, rate)| (day + by, rate)).collect() };
    let (before, after) = (placed(before, shift), after.clone());
    let days = || before.iter().chain(&after).map(|(day, _)| *day);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return canvas };
    let up = Scale::new(extent(&[&before, &after]), (height - BOTTOM, TOP));
    let ticks = up.ticks(4);
    let left = ticks.iter().map(|tick| width_of(&number::tick(*tick), SMALL)).fold(0.0, f64::max) + 8.0;
    let right = width.units() - 6.0;
    let step = (right - left) / f64::from(last - first + 1);
    for day in (first..=last).filter(|day| number::is_weekend(*day)) {
        let x = left + step * f64::from(day - first);
        canvas.faint_bar((x, TOP), (x + step, height - BOTTOM), Ink::Ghost, 0.15);
    }
    for tick in ticks {
        let y = up.at(tick);
        canvas.line([(left, y), (right, y)], Ink::Rule, 0.8);
        canvas.words((left - 6.0, y), &number::tick(tick), Anchor::End, Ink::Muted, SMALL);
    }
    let x = |day: i32| left + step * (f64::from(day - first) + 0.5);
    for (line, ink, thick) in [(&before, Ink::Ghost, 2.6), (&after, Ink::Line, 1.8)] {
        for run in line.chunk_by(|a, b| a.1.is_some() && b.1.is_some()) {
            let points: Vec<(f64, f64)> = run.iter().filter_map(|&(day, rate)| Some((x(day), up.at(rate?)))).collect();
            match points.as_slice() {
                [] => {}
                [alone] => canvas.dot(*alone, 2.4, ink),
                several => canvas.line(several.iter().copied(), ink, thick),
            }
        }
    }
    let most = match width {
        Width::Wide => 10,
        Width::Narrow => 4,
    };
    day_axis(&mut canvas, (first..=last).collect::<Vec<_>>().into_iter(), (left, right), height - 9.0, most);
    canvas
}

/// By how many days the first period moves so that it begins near the second and on the same weekday.
fn shift(before: &Line, after: &Line) -> i32 {
    let (Some((one, _)), Some((other, _))) = (before.first(), after.first()) else { return 0 };
    let apart = other - one;
    // To the nearest whole week.
    (apart + 3).div_euclid(7) * 7
}

fn extent(lines: &[&Line]) -> (f64, f64) {
    let values = lines.iter().flat_map(|line| line.iter()).filter_map(|(_, rate)| *rate);
    let (low, high) = values.fold((1.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = ((high - low) * 0.08).max(0.001);
    ((low - room).max(0.0), (high + room).min(1.0).max(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(first: i32, gap: i32) -> Line {
        (first..first + 30).map(|day| (day, (day != first + gap).then_some(0.95 + f64::from(day % 5) / 100.0))).collect()
    }

    #[test]
    fn weekdays_lie_over_each_other() {
        // 1 September 2026 is a Tuesday, 1 October a Thursday: moved by four weeks.
        assert_eq!(shift(&month(20_697, 3), &month(20_727, 4)), 28);
        assert_eq!(shift(&month(20_697, 3), &month(20_697, 4)), 0);
        assert_eq!(shift(&Line::new(), &month(20_697, 4)), 0);
    }

    #[test]
    fn a_day_without_mail_is_a_gap() {
        for width in [Width::Wide, Width::Narrow] {
            let svg = overlay(&month(20_697, 3), &month(20_727, 4), width).paint("c", "t", "d").unwrap();
            assert!(svg.len() < 6_000 && !svg.contains("NaN"), "{svg}");
            let line = svg.split("class=\"line figure\"").nth(1).and_then(|rest| rest.split("/>").next()).unwrap();
            assert_eq!(line.matches('M').count(), 2, "{line}");
        }
        assert!(!overlay(&Line::new(), &Line::new(), Width::Wide).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
