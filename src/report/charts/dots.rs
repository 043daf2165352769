//! Rates with their uncertainty: a dot and its interval per name, on an axis that need not begin at zero.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, SMALL, Width, fitting};
use crate::insights::number;
use crate::report::text;
use crate::stats::Interval;

/// A dot.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// Whose rate.
    pub name: String,
    /// The rate, 0 to 1.
    pub value: f64,
    /// Where it may lie.
    pub interval: Interval,
    /// What stands beside it.
    pub label: String,
}

/// What the axis shows beside the dots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// From where to where it reaches at least.
    pub reaches: (f64, f64),
    /// Beyond which it does not reach: a dot out there is a ring at the end, so that one outlier does not press all others together.
    pub ends: Option<(f64, f64)>,
    /// Thresholds, with their words.
    pub marks: Vec<(f64, String)>,
    /// The rate of all together, for comparison.
    pub all: Option<f64>,
}

const TOP: f64 = 24.0;
const BOTTOM: f64 = 22.0;

/// Draws dots one below the other.
#[must_use]
pub fn dots(dots: &[Dot], axis: &Axis, width: Width) -> Canvas {
    let (row, left, right) = match width {
        Width::Wide => (24.0, 160.0, width.units() - 190.0),
        Width::Narrow => (38.0, 6.0, width.units() - 6.0),
    };
    let height = TOP + row * dots.len() as f64 + BOTTOM;
    let mut canvas = Canvas::new(width.units(), height);
    let across = Scale::new(extent(dots, axis), (left, right));
    grid(&mut canvas, &across, axis, height);
    if width == Width::Narrow {
        // Names stand above their dots here: lines through them would strike them out.
        for top in (0..dots.len()).map(|at| TOP + row * at as f64) {
            canvas.bar((0.0, top), (width.units(), top + 19.0), Ink::Page);
        }
    }
    for (at, dot) in dots.iter().enumerate() {
        let top = TOP + row * at as f64;
        let middle = match width {
            Width::Wide => {
                let middle = top + row / 2.0;
                canvas.words((left - 12.0, middle), &fitting(&dot.name, left - 12.0), Anchor::End, Ink::Text, LETTERS);
                canvas.words((right + 12.0, middle), &dot.label, Anchor::Start, Ink::Muted, LETTERS);
                middle
            }
            Width::Narrow => {
                canvas.words((left, top + 11.0), &text::shortened(&dot.name, 20), Anchor::Start, Ink::Text, LETTERS);
                canvas.words((right, top + 11.0), &dot.label, Anchor::End, Ink::Muted, LETTERS);
                top + 26.0
            }
        };
        let (low, high) = across.values;
        if (low..=high).contains(&dot.value) {
            canvas.line([(across.at(dot.interval.lower), middle), (across.at(dot.interval.upper), middle)], Ink::Line, 2.0);
            canvas.dot((across.at(dot.value), middle), 4.2, Ink::Line);
            if dot.interval.lower < low {
                canvas.goes_on((left, middle), false, Ink::Line);
            }
            if dot.interval.upper > high {
                canvas.goes_on((right, middle), true, Ink::Line);
            }
        } else {
            canvas.ring((across.at(dot.value), middle), 4.2, Ink::Line);
        }
    }
    canvas
}

/// Ticks, the marks and the rate of all.
fn grid(canvas: &mut Canvas, across: &Scale, axis: &Axis, height: f64) {
    let (top, bottom) = (TOP - 4.0, height - BOTTOM + 2.0);
    for tick in across.ticks(5) {
        let x = across.at(tick);
        canvas.line([(x, top), (x, bottom)], Ink::Rule, 0.8);
        let anchor = anchor_of(x, across);
        canvas.words((x, height - 9.0), &number::tick(tick), anchor, Ink::Muted, SMALL);
    }
    if let Some(all) = axis.all {
        let x = across.at(all);
        canvas.line([(x, top), (x, bottom)], Ink::Ghost, 1.6);
        canvas.words((x, 9.0), &format!("all {}", number::percent(all)), anchor_of(x, across), Ink::Muted, SMALL);
    }
    for (mark, words) in &axis.marks {
        let x = across.at(*mark);
        canvas.line([(x, top), (x, bottom)], Ink::Mark, 1.2);
        canvas.words((x, 9.0), words, anchor_of(x, across), Ink::Muted, SMALL);
    }
}

/// Words near an end of the axis must not leave the sheet.
fn anchor_of(x: f64, across: &Scale) -> Anchor {
    let (left, right) = across.places;
    if x < left + 24.0 {
        Anchor::Start
    } else if x > right - 24.0 {
        Anchor::End
    } else {
        Anchor::Middle
    }
}

/// As far as intervals, marks and `reaches` do, within 0 and 1, a little room beside.
fn extent(dots: &[Dot], axis: &Axis) -> (f64, f64) {
    let ends = dots.iter().flat_map(|dot| [dot.interval.lower, dot.interval.upper]);
    let others = axis.marks.iter().map(|(mark, _)| *mark).chain(axis.all).chain([axis.reaches.0, axis.reaches.1]);
    let (low, high) = ends.chain(others).fold((1.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = ((high - low) * 0.03).max(1e-4);
    let (low, high) = ((low - room).max(0.0), (high + room).min(1.0));
    let (least, most) = axis.ends.unwrap_or((0.0, 1.0));
    (low.max(least), high.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(name: &str, value: f64) -> Dot {
        let interval = Interval { lower: (value - 0.01).max(0.0), upper: (value + 0.01).min(1.0) };
        Dot { name: name.to_owned(), value, interval, label: number::percent(value) }
    }

    #[test]
    fn marks_are_on_the_axis_even_when_all_dots_are_below_them() {
        let axis =
            Axis { reaches: (0.0, 0.01), marks: vec![(0.01, "1 %".to_owned()), (0.05, "5 %".to_owned())], ..Axis::default() };
        let svg = dots(&[dot("Google", 0.004)], &axis, Width::Wide).paint("c", "t", "d").unwrap();
        assert!(svg.contains(">5 %</text>") && svg.contains(">1 %</text>"), "{svg}");
    }

    #[test]
    fn an_outlier_is_a_ring_at_the_end() {
        let axis = Axis { ends: Some((0.8, 1.0)), reaches: (1.0, 0.0), ..Axis::default() };
        let svg = dots(&[dot("gmial.com", 0.02), dot("Google", 0.98)], &axis, Width::Wide).paint("c", "t", "d").unwrap();
        assert_eq!(svg.matches("<circle class=\"line figure\" cx=\"160\"").count(), 1, "{svg}");
        assert_eq!(svg.matches("<circle class=\"figure\"").count(), 1, "{svg}");
    }

    #[test]
    fn an_interval_that_goes_on_beyond_the_axis_ends_in_an_arrow() {
        let of = |lower: f64, upper: f64| Dot { interval: Interval { lower, upper }, ..dot("Google", 0.9) };
        let arrows = |lower, upper, width| {
            let axis = Axis { ends: Some((0.8, 0.95)), reaches: (1.0, 0.0), ..Axis::default() };
            let svg = dots(&[of(lower, upper)], &axis, width).paint("c", "t", "d").unwrap();
            let tips = ["l-6 4l6 4z", "l6 4l-6 4z"].map(|tip| svg.matches(tip).count());
            assert!(tips.iter().all(|tips| *tips < 2), "{svg}");
            tips
        };
        for width in [Width::Wide, Width::Narrow] {
            assert_eq!(arrows(0.85, 0.93, width), [0, 0]);
            assert_eq!(arrows(0.5, 0.93, width), [1, 0]);
            assert_eq!(arrows(0.85, 0.99, width), [0, 1]);
            assert_eq!(arrows(0.5, 0.99, width), [1, 1]);
        }
    }

    #[test]
    fn twenty_providers_are_a_small_chart() {
        let rows: Vec<Dot> = (0..20).map(|n| dot(&format!("provider-{n}.example"), 0.9 + f64::from(n) / 250.0)).collect();
        for width in [Width::Wide, Width::Narrow] {
            let size = dots(&rows, &Axis { all: Some(0.97), ..Axis::default() }, width).paint("c", "t", "d").unwrap().len();
            assert!(size < 9_000, "{size}");
        }
    }
}
