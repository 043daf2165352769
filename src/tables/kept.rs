//! The rows behind the counts as frames: the views `attempts` and `outcomes` that a query can name.
//!
//! A view holds what the tables count and nothing else, so that counting its rows gives their sums. Rows are sorted by time, host and
//! message; only the columns that a query names are made, since there may be millions of rows.

mod attempt;
mod outcome;

use std::borrow::Cow;
use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};

use super::column::{Cell, Column, Kind};
use super::frame::Builder;
use super::names::{Names, utf8};
use super::veil::Veil;
use crate::cubes::kept::Kept;
use crate::event::Enhanced;
use crate::intern::{Id, Interner};

/// A view of single rows.
pub struct RowView {
    /// As it stands behind `FROM`.
    pub name: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// What a row is.
    pub counts: &'static str,
    /// Gives its columns, in order.
    pub columns: fn() -> Vec<Column>,
}

/// The view of attempts.
pub static ATTEMPTS: RowView = RowView {
    name: "attempts",
    about: "Every attempt that lies in the period, of the mail that the run is about.",
    counts: "attempts: those of sort real (with --scope all also local) are in the figures",
    columns: || attempt::FIELDS.iter().map(|field| field.column).collect(),
};

/// The view of outcomes.
pub static OUTCOMES: RowView = RowView {
    name: "outcomes",
    about: "Every message × recipient that was received in the period, as it stood when the settling time was over.",
    counts: "outcomes",
    columns: || outcome::FIELDS.iter().map(|field| field.column).collect(),
};

/// Both.
pub static ROW_VIEWS: [&RowView; 2] = [&ATTEMPTS, &OUTCOMES];

/// One column: what it means, and how a row's cell is made.
struct Field<R> {
    column: Column,
    cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>,
}

impl<R> Field<R> {
    const fn key(
        name: &'static str,
        kind: Kind,
        meaning: &'static str,
        cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>,
    ) -> Self {
        Self { column: Column::key(name, kind, meaning), cell }
    }

    const fn text(name: &'static str, meaning: &'static str, cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>) -> Self {
        Self::key(name, Kind::Text, meaning, cell)
    }

    const fn flag(name: &'static str, meaning: &'static str, cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>) -> Self {
        Self::key(name, Kind::Flag, meaning, cell)
    }

    const fn count(
        name: &'static str,
        unit: &'static str,
        meaning: &'static str,
        cell: for<'a> fn(&R, &'a Shown<'_>) -> Cell<'a>,
    ) -> Self {
        Self { column: Column::count(name, unit, meaning), cell }
    }

    const fn or_null(self) -> Self {
        Self { column: self.column.or_null(), cell: self.cell }
    }
}

const MESSAGE: &str = "The message: a hash of host, instance, queue id and first stamp. A row is told by it, recipient_no and, of attempts, \
                       attempt_no.";
const RECIPIENT_NO: &str = "Number of the recipient within the message, from 0.";

/// The bits of a hash as a signed number: unsigned ones are decimals elsewhere.
const fn hash(hash: u64) -> Cell<'static> {
    Cell::Whole(hash.cast_signed())
}

fn code(code: u16) -> Cell<'static> {
    if code == 0 { Cell::Null } else { Cell::Whole(i64::from(code)) }
}

/// What the ids of kept rows read.
struct Shown<'a> {
    names: Names<'a>,
    words: Vec<Cow<'a, str>>,
    /// The same words, where addresses have other names: they are addresses.
    persons: Option<Vec<String>>,
    enhanced: BTreeMap<Enhanced, String>,
    paths: &'a [String],
}

impl Shown<'_> {
    fn text(&self, id: Id) -> Cell<'_> {
        Cell::Text(self.names.text(id))
    }

    fn text_or_null(&self, id: Id) -> Cell<'_> {
        if id == Id::EMPTY { Cell::Null } else { self.text(id) }
    }

    fn word(&self, id: Id) -> Cell<'_> {
        Cell::Text(self.words.get(id.0 as usize).map_or("", Cow::as_ref))
    }

    fn person(&self, id: Id) -> Cell<'_> {
        let Some(persons) = &self.persons else { return self.word(id) };
        Cell::Text(persons.get(id.0 as usize).map_or("", String::as_str))
    }

    fn enhanced(&self, status: Option<Enhanced>) -> Cell<'_> {
        status.and_then(|status| self.enhanced.get(&status)).map_or(Cell::Null, |text| Cell::Text(text))
    }

    fn path(&self, file: u32) -> Cell<'_> {
        Cell::Text(self.paths.get(file as usize).map_or("", String::as_str))
    }
}

/// The rows that a run kept, with what they read.
pub struct Rows {
    kept: Box<Kept>,
    texts: Interner,
    paths: Vec<String>,
    veil: Option<Veil>,
}

/// Rows of a frame that are put together at a time.
const BATCH: usize = 1 << 18;

impl Rows {
    /// Rows with the texts of their ids, and the paths of the files by rank. With a veil, addresses have other names.
    #[must_use]
    pub fn new(kept: Box<Kept>, texts: Interner, paths: Vec<String>, veil: Option<Veil>) -> Self {
        Self { kept, texts, paths, veil }
    }

    /// Frames of the views with those columns that `is_wanted` names, and the first one in any case.
    pub(super) fn frames(mut self, is_wanted: &dyn Fn(&str) -> bool) -> PolarsResult<[(&'static str, DataFrame); 2]> {
        let names = Names::of(&self.texts);
        self.kept.attempts.sort_unstable_by_key(|row| {
            (row.time, names.rank(row.host), row.message, row.recipient_no, row.attempt_no, row.pos, row.status)
        });
        self.kept.outcomes.sort_unstable_by_key(|row| {
            (
                row.received,
                names.rank(row.host),
                row.message,
                row.recipient_no,
                row.last,
                names.rank(row.key.domain),
                row.key.state,
            )
        });
        let kept = &self.kept;
        let statuses = kept.attempts.iter().map(|row| row.enhanced).chain(kept.outcomes.iter().map(|row| row.enhanced));
        let words: Vec<Cow<'_, str>> = (0..kept.words.len()).map(|id| utf8(kept.words.text(Id(id as u32)))).collect();
        let veiled = |veil: &Veil| words.iter().map(|word| veil.text(word).into_owned().into()).collect();
        let shown = Shown {
            names,
            persons: self.veil.as_ref().map(|veil| words.iter().map(|word| veil.person(word)).collect()),
            words: self.veil.as_ref().map(veiled).unwrap_or(words),
            enhanced: statuses.flatten().map(|status| (status, status.to_string())).collect(),
            paths: &self.paths,
        };
        Ok([
            (ATTEMPTS.name, frame(&attempt::FIELDS, &kept.attempts, &shown, is_wanted)?),
            (OUTCOMES.name, frame(&outcome::FIELDS, &kept.outcomes, &shown, is_wanted)?),
        ])
    }
}

fn frame<R>(fields: &[Field<R>], rows: &[R], shown: &Shown<'_>, is_wanted: &dyn Fn(&str) -> bool) -> PolarsResult<DataFrame> {
    let fields: Vec<&Field<R>> = fields
        .iter()
        .enumerate()
        .filter(|(place, field)| *place == 0 || is_wanted(field.column.name))
        .map(|(_, field)| field)
        .collect();
    let columns: Vec<Column> = fields.iter().map(|field| field.column).collect();
    let of_batch = |rows: &[R]| {
        let mut builder = Builder::new(&columns, rows.len());
        rows.iter().for_each(|row| builder.push(fields.iter().map(|field| (field.cell)(row, shown))));
        builder.frame()
    };
    let mut batches = rows.chunks(BATCH);
    let mut frame = of_batch(batches.next().unwrap_or_default())?;
    for batch in batches {
        frame.vstack_mut(&of_batch(batch)?)?;
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_view_is_documented_once() {
        for view in ROW_VIEWS {
            let columns = (view.columns)();
            let names: std::collections::BTreeSet<_> = columns.iter().map(|column| column.name).collect();
            assert_eq!(names.len(), columns.len(), "{}: a name twice", view.name);
            assert_eq!(columns.first().map(|column| column.name), Some("day"));
            for column in columns {
                assert!(column.meaning.len() > 5 && column.meaning.ends_with('.'), "{}.{}", view.name, column.name);
                let is_word = column.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                assert!(is_word, "{}.{}", view.name, column.name);
            }
        }
    }
}
