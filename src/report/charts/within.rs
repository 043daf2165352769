//! How soon it was accepted: the share by the time since reception, on a logarithmic axis, with that of all mail behind it.

use super::SMALL;
use super::canvas::{Anchor, Canvas};
use super::ink::Ink;
use super::scale::Scale;
use crate::insights::number;

const WIDTH: f64 = 262.0;
const LEFT: f64 = 40.0;
const TOP: f64 = 8.0;
const BASE: f64 = 92.0;
const HEIGHT: f64 = 112.0;

/// The ages at which the share is known, in minutes, and how they are named on the axis; 48 hours is too near to 24 for a name.
pub const AGES: [(f64, &str); 6] =
    [(1.0, "1 min"), (10.0, "10"), (60.0, "1 h"), (240.0, "4"), (1_440.0, "24 h"), (2_880.0, "")];

/// Where the upright axis begins if the least share is this: at a tenth, and never at the end.
#[must_use]
pub fn begins(least: f64) -> f64 {
    ((least * 10.0).floor() / 10.0).clamp(0.0, 0.9)
}

/// Draws the shares at [`AGES`], those of all mail behind them. `low` is where the axis begins.
#[must_use]
pub fn within(shares: &[Option<f64>; 6], all: &[Option<f64>; 6], low: f64) -> Canvas {
    let mut canvas = Canvas::new(WIDTH, HEIGHT);
    let across = Scale::new((0.0, 2_880.0_f64.ln()), (LEFT + 4.0, WIDTH - 6.0));
    let up = Scale::new((low, 1.0), (BASE, TOP));
    for tick in up.ticks(4) {
        canvas.line([(LEFT, up.at(tick)), (WIDTH, up.at(tick))], Ink::Rule, 0.6);
        canvas.words((LEFT - 5.0, up.at(tick)), &number::tick(tick), Anchor::End, Ink::Muted, SMALL);
    }
    for (minutes, name) in AGES {
        let x = across.at(minutes.ln());
        canvas.line([(x, BASE), (x, BASE + 3.0)], Ink::Muted, 0.8);
        if !name.is_empty() {
            canvas.words((x, HEIGHT - 8.0), name, Anchor::Middle, Ink::Muted, SMALL);
        }
    }
    let points = |shares: &[Option<f64>; 6]| -> Vec<(f64, f64)> {
        AGES.iter().zip(shares).filter_map(|((minutes, _), share)| Some((across.at(minutes.ln()), up.at((*share)?)))).collect()
    };
    canvas.line(points(all), Ink::Ghost, 3.0);
    let own = points(shares);
    canvas.line(own.iter().copied(), Ink::Line, 1.8);
    for point in own {
        canvas.dot(point, 2.6, Ink::Line);
    }
    canvas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_room_where_all_was_accepted_at_once() {
        for (least, begin) in [(1.0, 0.9), (0.95, 0.9), (0.87, 0.8), (0.04, 0.0), (0.0, 0.0)] {
            assert!((begins(least) - begin).abs() < 1e-9, "{least}");
        }
    }

    #[test]
    fn ages_without_a_share_have_no_dot() {
        let shares = [Some(0.5), Some(0.9), None, None, None, None];
        let svg = within(&shares, &[Some(0.8); 6], 0.5).paint("c", "t", "d").unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.len() < 4_000 && !svg.contains("NaN"), "{svg}");
    }
}
