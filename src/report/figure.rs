//! A chart on the page: its message, its measure, the drawing for a wide and for a narrow page, and the table of the same numbers.

use askama::Template;

use super::Error;
use super::charts::Width;
use super::charts::canvas::Canvas;
use super::charts::ink::Ink;
use super::grid::Grid;

/// What an ink stands for in a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The ink.
    pub ink: Ink,
    /// Its meaning.
    pub label: String,
}

impl Key {
    /// `ink` stands for `label`.
    #[must_use]
    pub fn new(ink: Ink, label: impl Into<String>) -> Self {
        Self { ink, label: label.into() }
    }
}

/// What is said of a chart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// Unique on the page, fit for a link.
    pub id: String,
    /// The message.
    pub title: String,
    /// What is measured, in which unit, on which base.
    pub measure: String,
    /// Range, extremes and base, for those who do not see the marks.
    pub description: String,
    /// What the inks stand for; empty where names stand beside the marks.
    pub keys: Vec<Key>,
}

/// A chart and its table.
#[derive(Template)]
#[template(path = "figure.html")]
pub struct Figure {
    words: Words,
    wide: String,
    narrow: String,
    twin: String,
}

impl Figure {
    /// Draws a chart for both widths.
    ///
    /// # Errors
    /// If it cannot be drawn.
    pub fn new(words: Words, draw: impl Fn(Width) -> Canvas, twin: &Grid) -> Result<Self, Error> {
        let paint = |width, id: &str| draw(width).paint(id, &words.title, &words.description);
        let wide = paint(Width::Wide, &words.id)?;
        let narrow = paint(Width::Narrow, &format!("{}-n", words.id))?;
        Ok(Self { wide, narrow, twin: twin.html()?, words })
    }

    /// The HTML.
    ///
    /// # Errors
    /// If the template cannot be filled in.
    pub fn html(&self) -> Result<String, Error> {
        Ok(self.render()?)
    }
}

/// One of several small charts on one scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Tile {
    /// For links to it; empty: none.
    pub id: String,
    /// Whose.
    pub name: String,
    /// The figure that sums it up.
    pub note: String,
    /// The drawing.
    pub svg: String,
}

/// Small charts on one scale, and their tables.
#[derive(Template)]
#[template(path = "tiles.html")]
pub struct Tiles {
    /// What is said of them together.
    pub words: Words,
    /// They.
    pub tiles: Vec<Tile>,
    /// Their tables, as HTML.
    pub twins: Vec<String>,
}

impl Tiles {
    /// The HTML.
    ///
    /// # Errors
    /// If the template cannot be filled in.
    pub fn html(&self) -> Result<String, Error> {
        Ok(self.render()?)
    }
}
