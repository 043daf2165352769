//! A rate day by day, one of several on the same scale: a bar a day, thresholds as lines.

use super::SMALL;
use super::canvas::{Anchor, Canvas};
use super::days::day_axis;
use super::ink::Ink;
use super::scale::Scale;
use crate::insights::number;

const WIDTH: f64 = 262.0;
/// Room for the names of the marks.
const GUTTER: f64 = 30.0;
const TOP: f64 = 6.0;
const BASE: f64 = 78.0;
const HEIGHT: f64 = 98.0;

/// Draws `days` (the day, and its rate or nothing) on a scale from zero to `high`; days above it end in a cap of their own.
#[must_use]
pub fn strip(days: &[(i32, Option<f64>)], marks: &[f64], high: f64) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let up = Scale::new((0.0, high.max(1e-6)), (BASE, TOP));
    let right = WIDTH - GUTTER;
    let step = right / days.len().max(1) as f64;
    canvas.line([(0.0, BASE), (right, BASE)], Ink::Rule, 0.8);
    for (at, (_, rate)) in days.iter().enumerate() {
        if let Some(rate) = rate {
            canvas.bar((step * (at as f64 + 0.12), up.at(*rate)), (step * (at as f64 + 0.88), BASE), Ink::Bounced);
        }
    }
    for mark in marks.iter().filter(|mark| **mark <= high) {
        let y = up.at(*mark);
        canvas.line([(0.0, y), (right + 3.0, y)], Ink::Mark, 1.0);
        canvas.words((WIDTH, y), &number::tick(*mark), Anchor::End, Ink::Muted, SMALL);
    }
    day_axis(&mut canvas, days.iter().map(|(day, _)| *day), (0.0, right), HEIGHT - 8.0, 5);
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_beyond_the_scale_are_left_out() {
        let days: Vec<(i32, Option<f64>)> = (0..31).map(|day| (day, Some(0.01))).collect();
        let svg = strip(&days, &[0.01, 0.05], 0.02).paint("c", "t", "d").unwrap();
        assert!(svg.len() < 3_000 && svg.contains("1\u{a0}%") && !svg.contains("5\u{a0}%"), "{svg}");
    }
}
