//! How much is done by which age: a share by hours, on a logarithmic axis, each known age with its dot.

use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, SMALL, Width};
use crate::insights::number;

const TOP: f64 = 18.0;
const BOTTOM: f64 = 36.0;
const LEFT: f64 = 46.0;

/// Draws the shares by age in hours, ages ascending. `marked` is the age that has its share written beside it.
#[must_use]
pub fn ages(points: &[(i64, f64)], marked: i64, width: Width) -> Canvas {
    let height = 190.0;
    let right = width.units() - 12.0;
    let mut canvas = Canvas::new(width.units(), height);
    let (first, last) = (points.first().map_or(1, |point| point.0.max(1)), points.last().map_or(2, |point| point.0.max(2)));
    let across = Scale::new(((first as f64).ln(), (last as f64).ln()), (LEFT + 6.0, right - 10.0));
    let up = Scale::new((0.0, 1.0), (height - BOTTOM, TOP));
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        canvas.line([(LEFT, up.at(share)), (right, up.at(share))], Ink::Rule, 0.8);
        canvas.words((LEFT - 6.0, up.at(share)), &number::tick(share), Anchor::End, Ink::Muted, SMALL);
    }
    let place = |&(hours, share): &(i64, f64)| (across.at((hours.max(1) as f64).ln()), up.at(share));
    canvas.line(points.iter().map(place), Ink::Line, 2.0);
    // On a phone every second age has room for its name.
    let step = if width == Width::Narrow { 2 } else { 1 };
    for (at, point) in points.iter().enumerate() {
        let (x, y) = place(point);
        canvas.dot((x, y), 3.0, Ink::Line);
        if at % step == 0 {
            let name = if point.0 < 24 { format!("{}\u{a0}h", point.0) } else { format!("{}\u{a0}d", point.0 / 24) };
            canvas.words((x, height - 20.0), &name, Anchor::Middle, Ink::Muted, SMALL);
        }
        if point.0 == marked {
            canvas.line([(x, y), (x, height - BOTTOM)], Ink::Ghost, 1.0);
            canvas.bold((x, y - 11.0), &number::percent(point.1), Anchor::Middle, Ink::Text, LETTERS);
        }
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_has_its_dot_and_the_marked_one_its_share() {
        let points = [(1, 0.4), (24, 0.8), (48, 0.9)];
        let svg = ages(&points, 24, Width::Wide).paint("c", "t", "d").unwrap();
        assert_eq!(svg.matches("<circle").count(), 3);
        assert!(svg.contains("80.0\u{a0}%") && svg.contains("2\u{a0}d"), "{svg}");
        assert!(!ages(&[], 24, Width::Narrow).paint("c", "t", "d").unwrap().contains("NaN"));
    }
}
