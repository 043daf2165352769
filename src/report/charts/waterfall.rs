//! How one total became another: a bar for each step, beginning where the last one ended.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, SMALL, Width, fitting};
use crate::insights::number;
use crate::report::text;

/// A step, or a total.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is.
    pub name: String,
    /// From where to where; a total has both ends alike.
    pub from: f64,
    /// Where the next one begins.
    pub to: f64,
    /// What stands beside it.
    pub label: String,
}

const TOP: f64 = 8.0;
const BOTTOM: f64 = 22.0;

/// Draws the steps one below the other. More is better: what takes away is bounced ink, what adds delivered ink.
#[must_use]
pub fn waterfall(steps: &[Step], width: Width) -> Canvas {
    let (row, left, right) = match width {
        Width::Wide => (26.0, 190.0, width.units() - 120.0),
        Width::Narrow => (42.0, 10.0, width.units() - 10.0),
    };
    let height = TOP + row * steps.len() as f64 + BOTTOM;
    let mut canvas = Canvas::new(width.units(), height);
    let across = Scale::new(extent(steps), (left, right));
    for tick in across.ticks(5) {
        let x = across.at(tick);
        canvas.line([(x, TOP - 4.0), (x, height - BOTTOM + 2.0)], Ink::Rule, 0.8);
        canvas.words((x, height - 9.0), &number::tick(tick), Anchor::Middle, Ink::Muted, SMALL);
    }
    let mut last: Option<(f64, f64)> = None;
    for (at, step) in steps.iter().enumerate() {
        let top = TOP + row * at as f64;
        let middle = match width {
            Width::Wide => {
                let middle = top + row / 2.0;
                canvas.words((left - 12.0, middle), &fitting(&step.name, left - 12.0), Anchor::End, Ink::Text, LETTERS);
                canvas.words((right + 12.0, middle), &step.label, Anchor::Start, Ink::Muted, LETTERS);
                middle
            }
            Width::Narrow => {
                canvas.bar((0.0, top), (width.units(), top + 20.0), Ink::Page);
                canvas.words((left - 4.0, top + 11.0), &text::shortened(&step.name, 28), Anchor::Start, Ink::Text, LETTERS);
                canvas.words((right + 4.0, top + 11.0), &step.label, Anchor::End, Ink::Muted, LETTERS);
                top + 30.0
            }
        };
        let (from, to) = (across.at(step.from), across.at(step.to));
        if let Some((x, y)) = last.filter(|_| width == Width::Wide) {
            canvas.line([(x, y), (x, middle)], Ink::Ghost, 0.8);
        }
        if (from - to).abs() < 0.05 {
            canvas.line([(to, middle - 7.0), (to, middle + 7.0)], Ink::Line, 3.0);
        } else {
            let ink = if to < from { Ink::Bounced } else { Ink::Delivered };
            canvas.bar((from.min(to), middle - 6.5), (from.max(to), middle + 6.5), ink);
        }
        last = Some((to, middle));
    }
    canvas
}

fn extent(steps: &[Step]) -> (f64, f64) {
    let ends = steps.iter().flat_map(|step| [step.from, step.to]);
    let (low, high) = ends.fold((1.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let room = ((high - low) * 0.08).max(0.000_5);
    (low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_begins_where_the_last_one_ended() {
        let step = |name: &str, from: f64, to: f64| Step { name: name.to_owned(), from, to, label: "−0.5".to_owned() };
        let steps =
            [step("before", 0.98, 0.98), step("mix", 0.98, 0.975), step("google", 0.975, 0.978), step("after", 0.978, 0.978)];
        for width in [Width::Wide, Width::Narrow] {
            let svg = waterfall(&steps, width).paint("c", "t", "d").unwrap();
            assert!(svg.len() < 8_000 && !svg.contains("NaN"), "{svg}");
            assert_eq!((svg.matches("class=\"bounced\"").count(), svg.matches("class=\"delivered\"").count()), (1, 1), "{svg}");
        }
        assert!(!waterfall(&[], Width::Wide).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
