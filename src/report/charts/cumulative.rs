//! How few names hold how much: the share of the largest 1, 2, 3 … of them, on a logarithmic axis.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, SMALL, Width, width_of};
use crate::insights::number;

const TOP: f64 = 10.0;
const BOTTOM: f64 = 36.0;
const LEFT: f64 = 46.0;

/// Draws the curve through `points` (how many of the largest, which share together), which rise in both.
#[must_use]
pub fn cumulative(points: &[(usize, f64)], unit: &str, width: Width) -> Canvas {
    let height = 190.0;
    let right = width.units() - 12.0;
    let mut canvas = Canvas::new(width.units(), height);
    let most = points.last().map_or(1, |(rank, _)| (*rank).max(2)) as f64;
    let across = Scale::new((0.0, most.ln()), (LEFT + 6.0, right));
    let up = Scale::new((0.0, 1.0), (height - BOTTOM, TOP));
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        canvas.line([(LEFT, up.at(share)), (right, up.at(share))], Ink::Rule, 0.8);
        canvas.words((LEFT - 6.0, up.at(share)), &number::tick(share), Anchor::End, Ink::Muted, SMALL);
    }
    let mut power = 1.0_f64;
    while power <= most {
        canvas.words((across.at(power.ln()), height - 24.0), &number::count(power as i64), Anchor::Middle, Ink::Muted, SMALL);
        power *= 10.0;
    }
    canvas.words((right, height - 8.0), unit, Anchor::End, Ink::Muted, SMALL);
    let place = |&(rank, share): &(usize, f64)| (across.at((rank.max(1) as f64).ln()), up.at(share));
    canvas.line(points.iter().map(place), Ink::Line, 2.0);
    if let Some(half) = points.iter().find(|(_, share)| *share >= 0.8) {
        let (x, y) = place(half);
        canvas.dot((x, y), 4.0, Ink::Line);
        let words = format!("{} take {}", number::count(half.0 as i64), number::percent(half.1));
        let base = height - BOTTOM;
        canvas.line([(x, y), (x, base)], Ink::Ghost, 1.0);
        // The curve rises: at the foot of the line there is room on either side.
        let fits = x + 8.0 + width_of(&words, LETTERS) < right;
        let (at, anchor) = if fits { ((x + 7.0, base - 12.0), Anchor::Start) } else { ((x - 7.0, base - 12.0), Anchor::End) };
        canvas.bold(at, &words, anchor, Ink::Text, LETTERS);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_names_how_many_take_four_fifths() {
        let points = [(1, 0.4), (2, 0.6), (3, 0.85), (1_000, 1.0)];
        let svg = cumulative(&points, "domains", Width::Wide).paint("c", "t", "d").unwrap();
        assert!(svg.contains("3 take 85.0\u{a0}%") && svg.contains(">1,000</text>"), "{svg}");
        assert!(!cumulative(&[], "domains", Width::Narrow).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
