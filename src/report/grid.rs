//! A table as the page shows it: heads with units, rows with a name, numbers to the right.
//!
//! Sections fill it with words that `number` made; the template only places them.

use askama::Template;

use crate::insights::number;
use crate::report::Error;
use crate::report::text;

/// Foreign text longer than this is cut on the page; files have it whole.
const LONGEST: usize = 120;

/// Words up to this length stay on one line.
const ONE_LINE: usize = 28;
/// The name of a row up to this length does on a wide page.
const NAME: usize = 40;

/// On which side a column's cells stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Words, to the left.
    Words,
    /// Numbers, to the right.
    Numbers,
}

/// The head of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it holds.
    pub label: String,
    /// Its unit; empty for words.
    pub unit: &'static str,
    /// Where its cells stand.
    pub side: Side,
}

impl Head {
    /// A column of words.
    #[must_use]
    pub fn words(label: impl Into<String>) -> Self {
        Self { label: label.into(), unit: "", side: Side::Words }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numbers(label: impl Into<String>, unit: &'static str) -> Self {
        Self { label: label.into(), unit, side: Side::Numbers }
    }

    fn is_words(&self) -> bool {
        self.side == Side::Words
    }
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// By what the column is sorted where the text does not tell: milliseconds of a time span.
    pub order: Option<i64>,
    /// Nothing, or too little to say anything.
    pub is_faint: bool,
    /// Words, to the left.
    pub is_words: bool,
    /// How dark its ground is, 1 to 5; 0: not at all.
    pub shade: u8,
    /// Where it leads; empty: nowhere.
    pub link: String,
}

impl Cell {
    /// Words; foreign ones are cut to a length that fits a page.
    #[must_use]
    pub fn words(text: impl AsRef<str>) -> Self {
        Self { text: text::shortened(text.as_ref(), LONGEST), is_words: true, ..Self::default() }
    }

    /// A number in words.
    #[must_use]
    pub fn figure(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A count; nothing is faint.
    #[must_use]
    pub fn count(n: i64) -> Self {
        Self { text: number::count(n), is_faint: n == 0, ..Self::default() }
    }

    /// A time span, or a dash.
    #[must_use]
    pub fn span(milliseconds: Option<i64>) -> Self {
        Self {
            text: milliseconds.map_or_else(|| number::NONE.to_owned(), number::span),
            order: Some(milliseconds.unwrap_or(-1)),
            is_faint: milliseconds.is_none(),
            ..Self::default()
        }
    }

    /// A share of something, or a dash.
    #[must_use]
    pub fn share(share: Option<f64>) -> Self {
        Self {
            text: share.map_or_else(|| number::NONE.to_owned(), number::percent),
            is_faint: share.is_none(),
            ..Self::default()
        }
    }

    /// A rate; one of too little mail is faint.
    #[must_use]
    pub fn rate(rate: crate::stats::Rate) -> Self {
        Self { text: number::rate(rate), is_faint: rate.is_too_little(), ..Self::default() }
    }

    /// The cell, leading to `link`.
    #[must_use]
    pub fn to(self, link: impl Into<String>) -> Self {
        Self { link: link.into(), ..self }
    }

    /// The cell, on a ground of that darkness.
    #[must_use]
    pub fn shaded(self, shade: u8) -> Self {
        Self { shade, ..self }
    }

    /// Words that stay on one line.
    fn is_short(&self) -> bool {
        self.is_words && self.text.len() <= ONE_LINE
    }

    /// A name that stays on one line where a page is wide.
    fn is_name(&self) -> bool {
        self.text.len() <= NAME
    }

    /// The classes of the cell.
    fn classes(&self) -> String {
        let mut classes = Vec::new();
        if self.is_words {
            classes.push("w".to_owned());
        }
        if self.is_short() {
            classes.push("k".to_owned());
        }
        if self.is_faint {
            classes.push("z".to_owned());
        }
        if self.shade > 0 {
            classes.push(format!("s{}", self.shade));
        }
        classes.join(" ")
    }
}

/// A row: its first cell names it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// For links to it; empty: none.
    pub id: String,
    /// A sum of others, set apart.
    pub is_sum: bool,
    /// What names it.
    pub name: Cell,
    /// The rest.
    pub cells: Vec<Cell>,
}

impl Row {
    /// A row without an id.
    #[must_use]
    pub fn new(name: impl AsRef<str>, cells: Vec<Cell>) -> Self {
        Self { name: Cell::words(name), cells, ..Self::default() }
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Template)]
#[template(path = "grid.html")]
pub struct Grid {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub heads: Vec<Head>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// What is not shown; empty: everything is.
    pub more: String,
    /// Whether its order may be changed by the reader.
    pub is_sortable: bool,
}

impl Grid {
    /// The HTML.
    ///
    /// # Errors
    /// If the template cannot be filled in.
    pub fn html(&self) -> Result<String, Error> {
        Ok(self.render()?)
    }
}

/// What is said where a table stops early: `12 more in the table domains`; empty where nothing is missing.
#[must_use]
pub fn more(all: usize, shown: usize, table: &str) -> String {
    match all.saturating_sub(shown) {
        0 => String::new(),
        left => format!("{} more in the table {table}.", number::count(left as i64)),
    }
}

/// How dark a cell is for a share: 0 for nothing, then 1 to 5.
#[must_use]
pub fn shade(share: f64) -> u8 {
    match share {
        share if share <= 0.0 || share.is_nan() => 0,
        share if share < 0.05 => 1,
        share if share < 0.15 => 2,
        share if share < 0.30 => 3,
        share if share < 0.60 => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_in_a_table_is_harmless_and_short() {
        const EVIL: &str = "<script>alert(1)</script>\u{202e}";
        let evil = format!("{EVIL}{}", "x".repeat(500));
        let grid = Grid {
            caption: EVIL.to_owned(),
            heads: vec![Head::words(EVIL)],
            rows: vec![Row { id: "a\" onclick=\"b".to_owned(), ..Row::new(&evil, vec![Cell::words(&evil).to("\"><b>")]) }],
            ..Grid::default()
        };
        let html = grid.html().unwrap();
        assert!(
            !html.contains("<script") && !html.contains("<b>") && !html.contains('\u{202e}') && !html.contains("onclick=\"")
        );
        assert!(html.contains("⟨U+202E⟩") && !html.contains(&"x".repeat(121)));
    }

    #[test]
    fn what_is_left_out_is_said() {
        assert_eq!(more(12, 12, "domains"), "");
        assert_eq!(more(1_300, 100, "domains"), "1,200 more in the table domains.");
    }

    #[test]
    fn shades_rise_with_the_share() {
        assert_eq!([0.0, 0.01, 0.1, 0.2, 0.5, 1.0].map(shade), [0, 1, 2, 3, 4, 5]);
    }
}
