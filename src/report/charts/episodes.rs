//! Stretches of time, a lane per name: when a provider refused a source. The darker, the larger the refused share; an arrow where the
//! end is not in the log.

use super::canvas::{Anchor, Canvas};
use super::days::DAY_WIDTH;
use super::ink::Ink;
use super::scale::Scale;
use super::{LETTERS, SMALL, Width, fitting};
use crate::insights::number;

/// A stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Hours since 1970-01-01T00, UTC, the first included.
    pub from: i32,
    /// The first hour after it.
    pub to: i32,
    /// Refused share, 0 to 1.
    pub share: f64,
    /// Its ink.
    pub ink: Ink,
    /// Still going on when the log ends.
    pub is_open: bool,
}

/// A name's stretches.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Who refused whom.
    pub name: String,
    /// When.
    pub spans: Vec<Span>,
}

const TOP: f64 = 22.0;

/// Draws lanes over the calendar days from `first` to `last`.
#[must_use]
pub fn episodes(lanes: &[Lane], (first, last): (i32, i32), width: Width) -> Canvas {
    let (row, bar, left) = match width {
        Width::Wide => (26.0, 16.0, 250.0),
        Width::Narrow => (36.0, 13.0, 2.0),
    };
    let right = width.units() - 10.0;
    let bottom = TOP + row * lanes.len() as f64;
    let mut canvas = Canvas::new(width.units(), bottom + 8.0);
    let across = Scale::new((f64::from(first) * 24.0, (f64::from(last) + 1.0) * 24.0), (left, right));
    days(&mut canvas, &across, (first, last), bottom, width);
    for (at, lane) in lanes.iter().enumerate() {
        let top = TOP + row * at as f64;
        let bar_top = match width {
            Width::Wide => {
                canvas.words(
                    (left - 10.0, top + row / 2.0),
                    &fitting(&lane.name, left - 10.0),
                    Anchor::End,
                    Ink::Text,
                    LETTERS,
                );
                top + (row - bar) / 2.0
            }
            Width::Narrow => {
                canvas.words((left, top + 12.0), &fitting(&lane.name, right - left), Anchor::Start, Ink::Text, LETTERS);
                top + 21.0
            }
        };
        canvas.line([(left, bar_top + bar / 2.0), (right, bar_top + bar / 2.0)], Ink::Rule, 0.8);
        for span in &lane.spans {
            draw(&mut canvas, &across, span, (bar_top, bar));
        }
    }
    canvas
}

fn draw(canvas: &mut Canvas, across: &Scale, span: &Span, (top, height): (f64, f64)) {
    let from = across.at(f64::from(span.from));
    // An hour of a month is less than a pixel wide: it must be seen all the same.
    let to = across.at(f64::from(span.to)).max(from + 3.0);
    let shade = (0.35 + 0.65 * span.share).clamp(0.35, 1.0);
    canvas.faint_bar((from, top), (to, top + height), span.ink, (shade * 10.0).round() / 10.0);
    if span.is_open {
        let middle = top + height / 2.0;
        canvas.area([(to, top), (to + 9.0, middle), (to, top + height)], span.ink, 1.0);
    }
}

/// A faint line for each Monday, with its date.
fn days(canvas: &mut Canvas, across: &Scale, (first, last): (i32, i32), bottom: f64, width: Width) {
    let (short, long) = match width {
        Width::Wide => (16, 7),
        Width::Narrow => (6, 14),
    };
    let span = last.saturating_sub(first).max(0) + 1;
    let every = if span <= short { 1 } else { long * (span / 60).max(1) };
    let mut day = first;
    while day <= last {
        let x = across.at(f64::from(day) * 24.0);
        canvas.line([(x, TOP - 6.0), (x, bottom + 4.0)], Ink::Rule, 0.8);
        if x + 2.0 + DAY_WIDTH <= width.units() {
            canvas.words((x + 2.0, 8.0), &number::short_date(day), Anchor::Start, Ink::Muted, SMALL);
        }
        day = day.saturating_add(every);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hour_is_seen_and_an_open_end_is_an_arrow() {
        let span = Span { from: 20_727 * 24, to: 20_727 * 24 + 1, share: 0.9, ink: Ink::Blocked, is_open: true };
        let lanes = [Lane { name: "Microsoft refused 192.0.2.14".to_owned(), spans: vec![span] }];
        let svg = episodes(&lanes, (20_727, 20_757), Width::Wide).paint("c", "t", "d").unwrap();
        assert!(svg.contains("h3v16h-3z") && svg.contains("l9 8"), "{svg}");
    }

    #[test]
    fn twenty_four_lanes_are_a_small_chart() {
        let span = |n: i32| Span {
            from: 20_727 * 24 + n * 9,
            to: 20_727 * 24 + n * 9 + 7,
            share: 0.7,
            ink: Ink::Blocked,
            is_open: false,
        };
        let lanes: Vec<Lane> = (0..24)
            .map(|n| Lane { name: format!("provider-{n}.example → 192.0.2.{n}"), spans: vec![span(n), span(n + 30)] })
            .collect();
        for width in [Width::Wide, Width::Narrow] {
            let size = episodes(&lanes, (20_727, 20_757), width).paint("c", "t", "d").unwrap().len();
            assert!(size < 9_000, "{size}");
        }
    }
}
