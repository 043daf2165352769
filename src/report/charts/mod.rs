//! The charts: one file each, a function from numbers to a painted canvas.
//!
//! A chart knows inks, not colours, and numbers, not tables; its message and its description are words that its section makes. Charts
//! with names beside their marks are drawn twice, for a wide and for a narrow page ([`Width`]), so that their letters are never small.
//! `spark` is the smallest, read it first.

pub mod ages;
pub mod canvas;
pub mod cumulative;
pub mod days;
pub mod dots;
pub mod dumbbell;
pub mod episodes;
pub mod ink;
pub mod overlay;
mod restyle;
pub mod scale;
pub mod shares;
pub mod spark;
pub mod strip;
pub mod tile;
pub mod waterfall;
pub mod week;
pub mod whisker;
pub mod within;

use crate::report::text;

/// For which page a chart is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// A desk's screen, or paper.
    Wide,
    /// A phone.
    Narrow,
}

impl Width {
    /// Units across: a unit is about a pixel.
    #[must_use]
    pub const fn units(self) -> f64 {
        match self {
            Self::Wide => 860.0,
            Self::Narrow => 344.0,
        }
    }
}

/// Height of letters.
pub(crate) const LETTERS: f64 = 12.5;
/// Height of the letters of axes.
pub(crate) const SMALL: f64 = 11.0;

/// The start of a name that fits beside a chart: letters of wide fonts are three fifths as wide as high.
#[must_use]
pub(crate) fn fitting(name: &str, width: f64) -> String {
    text::shortened(name, (width / (LETTERS * 0.6)) as usize)
}

/// How wide words are, roughly: sans-serif letters are about half as wide as high.
#[must_use]
pub(crate) fn width_of(words: &str, letters: f64) -> f64 {
    words.chars().count() as f64 * letters * 0.54
}
