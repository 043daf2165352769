//! How sure a figure is: its interval as a thin line, its value as a dot, thresholds as ticks.

use super::canvas::Canvas;
use super::ink::Ink;
use super::scale::Scale;
use crate::stats::Interval;

const WIDTH: f64 = 150.0;
const HEIGHT: f64 = 14.0;
const EDGE: f64 = 4.0;

/// Draws `value` within `interval`; the axis reaches as far as they and the `marks` do.
#[must_use]
pub fn whisker(value: f64, interval: Interval, marks: &[f64]) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let low = marks.iter().copied().fold(interval.lower.min(value), f64::min);
    let high = marks.iter().copied().fold(interval.upper.max(value), f64::max);
    let room = ((high - low) * 0.08).max(1e-6);
    let across = Scale::new(((low - room).max(0.0), (high + room).min(1.0)), (EDGE, WIDTH - EDGE));
    let middle = HEIGHT / 2.0;
    canvas.line([(0.0, middle), (WIDTH, middle)], Ink::Rule, 1.0);
    for mark in marks {
        canvas.line([(across.at(*mark), 1.0), (across.at(*mark), HEIGHT - 1.0)], Ink::Mark, 1.2);
    }
    canvas.line([(across.at(interval.lower), middle), (across.at(interval.upper), middle)], Ink::Line, 2.4);
    canvas.dot((across.at(value), middle), 3.4, Ink::Line);
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_stands_between_its_ends_and_the_marks_are_on_the_axis() {
        let svg = whisker(0.02, Interval { lower: 0.015, upper: 0.03 }, &[0.01, 0.05]).paint("w", "t", "d").unwrap();
        assert_eq!(svg.matches("class=\"line mark\"").count(), 1, "{svg}");
        assert!(svg.contains("<circle class=\"inkline\"") || svg.contains("<circle"), "{svg}");
        assert!(!whisker(1.0, Interval { lower: 1.0, upper: 1.0 }, &[]).paint("w", "t", "d").unwrap().contains("NaN"));
    }
}
