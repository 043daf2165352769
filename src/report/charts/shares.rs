//! Parts of a whole across names: horizontal stacked bars from zero, the longest first, with their numbers beside them.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, Width, fitting, width_of};
use crate::report::text;

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// Its parts, from left to right; those of nothing are left out.
    pub parts: Vec<(Ink, f64)>,
    /// What stands after it.
    pub label: String,
}

impl Bar {
    fn whole(&self) -> f64 {
        self.parts.iter().map(|(_, part)| part).sum()
    }
}

/// Draws bars on one scale.
#[must_use]
pub fn shares(bars: &[Bar], width: Width) -> Canvas {
    let longest = bars.iter().map(Bar::whole).fold(0.0, f64::max).max(1.0);
    let label = bars.iter().map(|bar| width_of(&bar.label, LETTERS)).fold(0.0, f64::max) + 10.0;
    let (row, bar_top, bar_height, left, right) = match width {
        Width::Wide => (25.0, 4.0, 17.0, 150.0, width.units() - label),
        Width::Narrow => (37.0, 19.0, 13.0, 0.0, width.units() - 2.0),
    };
    let mut canvas = Canvas::new(width.units(), row * bars.len() as f64 + 2.0);
    let across = Scale::new((0.0, longest), (left, right));
    for (at, bar) in bars.iter().enumerate() {
        let top = row * at as f64;
        match width {
            Width::Wide => {
                let middle = top + bar_top + bar_height / 2.0;
                canvas.words((left - 10.0, middle), &fitting(&bar.name, left - 10.0), Anchor::End, Ink::Text, LETTERS);
                canvas.words((across.at(bar.whole()) + 7.0, middle), &bar.label, Anchor::Start, Ink::Muted, LETTERS);
            }
            Width::Narrow => {
                canvas.words((left, top + 10.0), &text::shortened(&bar.name, 24), Anchor::Start, Ink::Text, LETTERS);
                canvas.words((right, top + 10.0), &bar.label, Anchor::End, Ink::Muted, LETTERS);
            }
        }
        let mut from = 0.0;
        for &(ink, part) in bar.parts.iter().filter(|(_, part)| *part > 0.0) {
            canvas.bar((across.at(from), top + bar_top), (across.at(from + part), top + bar_top + bar_height), ink);
            from += part;
        }
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, parts: [f64; 2]) -> Bar {
        Bar { name: name.to_owned(), parts: vec![(Ink::Delivered, parts[0]), (Ink::Blocked, parts[1])], label: "x".to_owned() }
    }

    #[test]
    fn the_longest_bar_fills_the_width_and_parts_follow_each_other() {
        let svg =
            shares(&[bar("Google", [75.0, 25.0]), bar("Yahoo", [50.0, 0.0])], Width::Narrow).paint("c", "t", "d").unwrap();
        assert!(svg.contains("class=\"delivered\" d=\"M0 19h256.5v13h-256.5z\""), "{svg}");
        assert!(svg.contains("class=\"blocked\" d=\"M256.5 19h85.5v13h-85.5z\""), "{svg}");
        assert!(svg.contains("class=\"delivered\" d=\"M0 56h171v13h-171z\""), "{svg}");
    }

    #[test]
    fn fifteen_providers_are_a_small_chart() {
        let bars: Vec<Bar> =
            (0..15).map(|n| bar(&format!("provider-{n}.example"), [1_000.0 / f64::from(n + 1), 7.0])).collect();
        for width in [Width::Wide, Width::Narrow] {
            let size = shares(&bars, width).paint("c", "t", "d").unwrap().len();
            assert!(size < 8_000, "{size}");
        }
        assert!(!shares(&[], Width::Wide).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
