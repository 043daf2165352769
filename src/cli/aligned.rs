//! Rows under their columns, aligned, for a person at a terminal.
//!
//! Text comes from strangers: what acts instead of showing is shown as a sign.

use std::io::{self, Write};

use crate::tables::ask::Answer;
use crate::tables::{Cell, Kind, word};
use crate::visible::visible;

/// Writes an answer; numbers stand to the right.
pub(super) fn write(answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    let head: Vec<String> = answer.columns().iter().map(|(name, _)| visible(name)).collect();
    let mut widths: Vec<usize> = head.iter().map(|name| name.chars().count()).collect();
    answer.each(&mut |cells| {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(shown(*cell).chars().count());
        }
        Ok(())
    })?;
    let is_right: Vec<bool> = answer.columns().iter().map(|(_, kind)| matches!(kind, Kind::Whole | Kind::Real)).collect();
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        let mut text = String::new();
        for ((cell, width), is_right) in cells.zip(&widths).zip(&is_right) {
            let room = " ".repeat(width.saturating_sub(cell.chars().count()));
            let parts = if *is_right { [&room, &cell] } else { [&cell, &room] };
            text.extend(parts.into_iter().map(String::as_str));
            text.push_str("  ");
        }
        writeln!(out, "{}", text.trim_end())
    };
    line(&mut head.into_iter())?;
    line(&mut widths.iter().map(|width| "─".repeat(*width)))?;
    answer.each(&mut |cells| line(&mut cells.iter().map(|cell| shown(*cell))))
}

/// A cell as it is shown; no value is told from an empty text.
fn shown(cell: Cell<'_>) -> String {
    word(cell).map_or_else(|| "null".to_owned(), |word| visible(&word))
}
