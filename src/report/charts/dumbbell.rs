//! Two periods: a ring before, a dot after, and beside them the difference with its interval and what it is called.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, SMALL, Width, fitting};
use crate::insights::number;
use crate::report::text;
use crate::stats::Interval;

/// One pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Whose.
    pub name: String,
    /// The rate before, 0 to 1.
    pub before: f64,
    /// The rate after.
    pub after: f64,
    /// After less before.
    pub difference: f64,
    /// Where the difference may lie.
    pub interval: Interval,
    /// What it is called.
    pub verdict: String,
    /// Whether it is called a change.
    pub is_change: bool,
}

const TOP: f64 = 24.0;
const BOTTOM: f64 = 22.0;
/// Radius of rings and dots.
const RING: f64 = 4.4;

/// Where the parts of a row stand.
struct Places {
    row: f64,
    rates: (f64, f64),
    differences: (f64, f64),
}

impl Places {
    const fn of(width: Width) -> Self {
        match width {
            Width::Wide => Self { row: 26.0, rates: (150.0, 420.0), differences: (470.0, 690.0) },
            Width::Narrow => Self { row: 44.0, rates: (10.0, 150.0), differences: (200.0, 332.0) },
        }
    }
}

/// Draws the pairs one below the other.
#[must_use]
pub fn dumbbell(pairs: &[Pair], width: Width) -> Canvas {
    let places = Places::of(width);
    let height = TOP + places.row * pairs.len() as f64 + BOTTOM;
    let mut canvas = Canvas::new(width.units(), height);
    let rates = Scale::new(rate_extent(pairs), places.rates);
    let differences = Scale::new(difference_extent(pairs), places.differences);
    axis(&mut canvas, &rates, height, "rate", &number::tick);
    axis(&mut canvas, &differences, height, "change in points, 95 %", &|tick| points_tick(tick));
    let zero = differences.at(0.0);
    canvas.line([(zero, TOP - 4.0), (zero, height - BOTTOM + 2.0)], Ink::Muted, 1.2);
    let middles: Vec<f64> = pairs
        .iter()
        .enumerate()
        .map(|(at, pair)| names(&mut canvas, pair, TOP + places.row * at as f64, &places, width))
        .collect();
    // Lines first, ink by ink: neighbours of one look become one path.
    for (pair, &middle) in pairs.iter().zip(&middles) {
        let (from, to) = (rates.at(pair.before), rates.at(pair.after));
        // From the ring's edge on: the ring is open.
        if (to - from).abs() > RING {
            canvas.line([(from + RING.copysign(to - from), middle), (to, middle)], Ink::Line, 2.0);
        }
    }
    for is_change in [true, false] {
        for (pair, &middle) in pairs.iter().zip(&middles).filter(|(pair, _)| pair.is_change == is_change) {
            let (low, high) = (differences.at(pair.interval.lower), differences.at(pair.interval.upper));
            canvas.line([(low, middle), (high, middle)], ink(pair), 2.0);
            let (least, most) = differences.values;
            if pair.interval.lower < least {
                canvas.goes_on((low, middle), false, ink(pair));
            }
            if pair.interval.upper > most {
                canvas.goes_on((high, middle), true, ink(pair));
            }
        }
    }
    for (pair, &middle) in pairs.iter().zip(&middles) {
        canvas.ring((rates.at(pair.before), middle), RING, Ink::Line);
        canvas.dot((rates.at(pair.after), middle), RING, Ink::Line);
        canvas.dot((differences.at(pair.difference), middle), RING, ink(pair));
    }
    canvas
}

const fn ink(pair: &Pair) -> Ink {
    if pair.is_change { Ink::Line } else { Ink::Ghost }
}

/// Name and verdict of a pair; the height of its marks.
fn names(canvas: &mut Canvas, pair: &Pair, top: f64, places: &Places, width: Width) -> f64 {
    match width {
        Width::Wide => {
            let middle = top + places.row / 2.0;
            canvas.words(
                (places.rates.0 - 12.0, middle),
                &fitting(&pair.name, places.rates.0 - 12.0),
                Anchor::End,
                Ink::Text,
                LETTERS,
            );
            canvas.words((places.differences.1 + 14.0, middle), &pair.verdict, Anchor::Start, Ink::Text, LETTERS);
            middle
        }
        Width::Narrow => {
            // Names stand above their marks: lines through them would strike them out.
            canvas.bar((0.0, top), (width.units(), top + 20.0), Ink::Page);
            canvas.words(
                (places.rates.0 - 4.0, top + 11.0),
                &text::shortened(&pair.name, 24),
                Anchor::Start,
                Ink::Text,
                LETTERS,
            );
            canvas.words((places.differences.1 + 4.0, top + 11.0), &pair.verdict, Anchor::End, Ink::Text, LETTERS);
            top + 30.0
        }
    }
}

fn axis(canvas: &mut Canvas, across: &Scale, height: f64, title: &str, tick_words: &dyn Fn(f64) -> String) {
    let (left, right) = across.places;
    canvas.words((f64::midpoint(left, right), 9.0), title, Anchor::Middle, Ink::Muted, SMALL);
    for tick in across.ticks(4) {
        let x = across.at(tick);
        canvas.line([(x, TOP - 4.0), (x, height - BOTTOM + 2.0)], Ink::Rule, 0.8);
        canvas.words((x, height - 9.0), &tick_words(tick), Anchor::Middle, Ink::Muted, SMALL);
    }
}

/// A round number of points for a mark of the axis.
fn points_tick(difference: f64) -> String {
    let points = (difference * 10_000.0).round() / 100.0;
    if points < 0.0 { format!("−{}", points.abs()) } else { format!("{}", points.abs()) }
}

fn rate_extent(pairs: &[Pair]) -> (f64, f64) {
    let values = pairs.iter().flat_map(|pair| [pair.before, pair.after]);
    let (low, high) = values.fold((1.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = ((high - low) * 0.06).max(0.002);
    ((low - room).max(0.0), (high + room).min(1.0))
}

/// As far as the differences do and, of their intervals, as much again: one that is not sure at all must not press the others together.
fn difference_extent(pairs: &[Pair]) -> (f64, f64) {
    let widest = pairs.iter().map(|pair| pair.difference.abs()).fold(0.0_f64, f64::max).max(0.002) * 2.0;
    let ends = pairs.iter().flat_map(|pair| [pair.interval.lower, pair.interval.upper]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = (high - low).max(0.001) * 0.04;
    ((low - room).max(-widest), (high + room).min(widest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, before: f64, after: f64) -> Pair {
        let difference = after - before;
        let interval = Interval { lower: difference - 0.004, upper: difference + 0.004 };
        Pair { name: name.to_owned(), before, after, difference, interval, verdict: "▲ worse".to_owned(), is_change: true }
    }

    #[test]
    fn thirteen_providers_are_a_small_chart() {
        let rows: Vec<Pair> =
            (0..13).map(|n| pair(&format!("provider-{n}.example"), 0.97, 0.9 + f64::from(n) / 250.0)).collect();
        for width in [Width::Wide, Width::Narrow] {
            let svg = dumbbell(&rows, width).paint("c", "t", "d").unwrap();
            assert!(svg.len() < 8_000, "{}", svg.len());
            assert!(!svg.contains("NaN") && svg.contains("provider-12"));
        }
    }

    #[test]
    fn an_interval_that_is_cut_ends_in_an_arrow() {
        let mut wild = pair("small", 0.5, 0.5);
        wild.interval = Interval { lower: -0.5, upper: 0.5 };
        for width in [Width::Wide, Width::Narrow] {
            let arrows = |pairs: &[Pair]| {
                let svg = dumbbell(pairs, width).paint("c", "t", "d").unwrap();
                ["l-6 4l6 4z", "l6 4l-6 4z"].map(|tip| svg.matches(tip).count())
            };
            assert_eq!(arrows(&[pair("a", 0.97, 0.95)]), [0, 0]);
            assert_eq!(arrows(&[pair("a", 0.97, 0.95), wild.clone()]), [1, 1]);
        }
    }

    #[test]
    fn a_pair_that_is_not_sure_at_all_leaves_the_others_room() {
        let mut wild = pair("small", 0.5, 0.5);
        wild.interval = Interval { lower: -0.5, upper: 0.5 };
        let (low, high) = difference_extent(&[pair("a", 0.97, 0.95), wild]);
        assert!(low >= -0.041 && high <= 0.041, "{low} {high}");
        assert!(!dumbbell(&[], Width::Wide).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
