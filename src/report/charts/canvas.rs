//! A sheet to draw on: marks with a meaning, at coordinates of a tenth of a unit, painted by plotters.

use plotters::backend::SVGBackend;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, ShapeStyle, TextStyle};

use super::ink::Ink;
use super::restyle::restyle;
use crate::report::Error;
use crate::visible::visible;

/// plotters' coordinates are whole numbers; drawing ten times as large and dividing afterwards gives tenths.
pub(super) const SCALE: f64 = 10.0;
/// plotters divides the size of a font by this.
const FONT_FACTOR: f64 = 1.24;

/// Where a text stands from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

#[derive(Clone, Debug)]
enum Mark {
    Bar { from: (f64, f64), to: (f64, f64), ink: Ink, alpha: f64 },
    Line { points: Vec<(f64, f64)>, ink: Ink, width: f64 },
    Area { points: Vec<(f64, f64)>, ink: Ink, alpha: f64 },
    Dot { at: (f64, f64), radius: f64, ink: Ink, is_filled: bool },
    Words { at: (f64, f64), text: String, anchor: Anchor, ink: Ink, size: f64, is_bold: bool },
}

/// The sheet. Units are those of the view box; the top left corner is (0, 0). Later marks lie above earlier ones.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: f64,
    height: f64,
    marks: Vec<Mark>,
}

impl Canvas {
    /// An empty one.
    #[must_use]
    pub const fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    /// A filled rectangle between two corners; nothing where it has no area.
    pub fn bar(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        self.faint_bar(from, to, ink, 1.0);
    }

    /// Likewise, more or less opaque.
    pub fn faint_bar(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink, alpha: f64) {
        if (to.0 - from.0).abs() * SCALE >= 1.0 && (to.1 - from.1).abs() * SCALE >= 1.0 {
            self.marks.push(Mark::Bar { from, to, ink, alpha });
        }
    }

    /// A line through points.
    pub fn line(&mut self, points: impl IntoIterator<Item = (f64, f64)>, ink: Ink, width: f64) {
        self.marks.push(Mark::Line { points: points.into_iter().collect(), ink, width });
    }

    /// A filled outline.
    pub fn area(&mut self, points: impl IntoIterator<Item = (f64, f64)>, ink: Ink, alpha: f64) {
        self.marks.push(Mark::Area { points: points.into_iter().collect(), ink, alpha });
    }

    /// That a line goes on beyond the axis, whose end it stands at: to the right, or to the left.
    pub fn goes_on(&mut self, (x, y): (f64, f64), is_rightwards: bool, ink: Ink) {
        let tip = if is_rightwards { x + 6.0 } else { x - 6.0 };
        self.area([(x, y - 4.0), (tip, y), (x, y + 4.0)], ink, 1.0);
    }

    /// A dot.
    pub fn dot(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        self.marks.push(Mark::Dot { at, radius, ink, is_filled: true });
    }

    /// A ring: an open end.
    pub fn ring(&mut self, at: (f64, f64), radius: f64, ink: Ink) {
        self.marks.push(Mark::Dot { at, radius, ink, is_filled: false });
    }

    /// Words, their middle at the height of the point; foreign text is made harmless here.
    pub fn words(&mut self, at: (f64, f64), text: &str, anchor: Anchor, ink: Ink, size: f64) {
        self.marks.push(Mark::Words { at, text: visible(text), anchor, ink, size, is_bold: false });
    }

    /// Likewise, bold.
    pub fn bold(&mut self, at: (f64, f64), text: &str, anchor: Anchor, ink: Ink, size: f64) {
        self.marks.push(Mark::Words { at, text: visible(text), anchor, ink, size, is_bold: true });
    }

    /// The SVG for the page. `id` must be unique on it; `title` says the message, `description` what the marks show.
    ///
    /// # Errors
    /// If plotters cannot draw, or writes what [`restyle`] does not know.
    pub fn paint(&self, id: &str, title: &str, description: &str) -> Result<String, Error> {
        let mut raw = String::new();
        let size = (scaled(self.width).max(1) as u32, scaled(self.height).max(1) as u32);
        {
            let area = SVGBackend::with_string(&mut raw, size).into_drawing_area();
            for mark in &self.marks {
                draw(&area, mark).map_err(|error| Error::Chart { id: id.to_owned(), reason: error })?;
            }
            area.present().map_err(|error| Error::Chart { id: id.to_owned(), reason: error.to_string() })?;
        }
        restyle(&raw, (self.width, self.height), id, title, description)
            .ok_or_else(|| Error::Chart { id: id.to_owned(), reason: "an element that is not known".to_owned() })
    }
}

fn scaled(value: f64) -> i32 {
    (value * SCALE).round() as i32
}

fn point((x, y): (f64, f64)) -> (i32, i32) {
    (scaled(x), scaled(y))
}

type Sheet<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

fn draw(area: &Sheet<'_>, mark: &Mark) -> Result<(), String> {
    let style = |ink: Ink, alpha: f64, filled: bool, width: f64| ShapeStyle {
        color: ink.sentinel().mix(alpha),
        filled,
        stroke_width: scaled(width).max(1) as u32,
    };
    let drawn = match mark {
        Mark::Bar { from, to, ink, alpha } => {
            area.draw(&Rectangle::new([point(*from), point(*to)], style(*ink, *alpha, true, 0.0)))
        }
        Mark::Line { points, ink, width } => {
            area.draw(&PathElement::new(points.iter().copied().map(point).collect::<Vec<_>>(), style(*ink, 1.0, false, *width)))
        }
        Mark::Area { points, ink, alpha } => {
            area.draw(&Polygon::new(points.iter().copied().map(point).collect::<Vec<_>>(), style(*ink, *alpha, true, 0.0)))
        }
        Mark::Dot { at, radius, ink, is_filled } => {
            area.draw(&Circle::new(point(*at), scaled(*radius), style(*ink, 1.0, *is_filled, 1.5)))
        }
        Mark::Words { at, text, anchor, ink, size, is_bold } => {
            let horizontal = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let font = ("sans-serif", size * SCALE * FONT_FACTOR).into_font();
            let font = if *is_bold { font.style(plotters::style::FontStyle::Bold) } else { font };
            let colour = ink.sentinel();
            let style = TextStyle::from(font).color(&colour).pos(Pos::new(horizontal, VPos::Center));
            area.draw(&Text::new(text.as_str(), point(*at), style))
        }
    };
    drawn.map_err(|error| error.to_string())
}
