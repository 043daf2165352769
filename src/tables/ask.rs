//! A question of a user's own, in SQL over all tables and the rows behind them.
//!
//! A question is read, made safe ([`guard`](super::guard)) and tried on empty tables before any input is: what is wrong with it is told
//! at once. It then knows which rows and columns a run has to keep for it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use polars::prelude::{DataFrame, DataType, IntoLazy, LazyFrame, PolarsError, PolarsResult, TimeUnit};
use polars::sql::SQLContext;
use sqlparser::ast::{
    Expr, GroupByExpr, Ident, OrderBy, OrderByExpr, OrderByKind, OrderByOptions, Query, SetExpr, TableFactor,
};

use super::column::{Cell, Column, Kind};
use super::frame::{Builder, Reader};
use super::guard::{self, Refused};
use super::kept::{ATTEMPTS, OUTCOMES, ROW_VIEWS, Rows};
use super::write::{self, As, WriteError};
use super::{TABLES, Table, Tables};
use crate::cubes::kept::Keep;
use crate::outfile;

/// A query that may be run.
#[derive(Clone, Debug)]
pub struct Question {
    sql: String,
    tables: BTreeSet<String>,
    columns: Option<BTreeSet<String>>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The engine failed on what was read: its words, which may quote the logs.
    #[error("the query failed: {0}")]
    Engine(String),
}

impl From<PolarsError> for AskError {
    fn from(error: PolarsError) -> Self {
        Self::Engine(words(&error))
    }
}

impl Question {
    /// Reads a query; nothing else is read for it.
    ///
    /// # Errors
    /// With a sentence that says what is wrong and how it can be written.
    pub fn read(sql: &str) -> Result<Self, Refused> {
        let known = TABLES.iter().map(|table| table.name).chain(ROW_VIEWS.iter().map(|view| view.name)).collect();
        let guarded = guard::guard(sql, &known)?;
        let names = guarded.tables.iter().map(String::as_str).collect::<Vec<_>>().join("`, `mailtally tables ");
        let told = |error: PolarsError| {
            let hint = if names.is_empty() { String::new() } else { format!(". Columns: `mailtally tables {names}`") };
            // "google" in double quotes is a column.
            let quotes = if sql.contains('"') { ". A text stands in single quotes: 'google'" } else { "" };
            Refused::Engine(format!("{}{quotes}{hint}", words(&error)))
        };
        let mut query = guarded.query;
        let columns = schema(&query.to_string()).map_err(told)?;
        // What does not fit together the engine finds only when it runs.
        empty(&query.to_string()).and_then(LazyFrame::collect).map_err(told)?;
        for (name, kind) in &columns {
            kind.as_ref()
                .map_err(|kind| Refused::Engine(format!("column {name} is of type {kind}, which has no form here: cast it")))?;
        }
        // Where the engine promises no order, the columns decide, from left to right.
        let as_written = query.to_string();
        if !is_in_order(&query) {
            order_by_all(&mut query, columns.iter().map(|(name, _)| name.as_str()));
        }
        let ordered = query.to_string();
        let sql = if schema(&ordered).is_ok() { ordered } else { as_written };
        Ok(Self { sql, tables: guarded.tables, columns: guarded.columns })
    }

    /// The rows that a run has to keep for it, at most so many; None if it needs none.
    #[must_use]
    pub fn keep(&self, most: usize) -> Option<Keep> {
        let names = |name: &str| self.tables.contains(name);
        let keep = Keep { attempts: names(ATTEMPTS.name), outcomes: names(OUTCOMES.name), most };
        (keep.attempts || keep.outcomes).then_some(keep)
    }

    /// Asks it of the tables of a run, and of the rows that the run kept.
    ///
    /// # Errors
    /// If the engine fails, as with a cast of a text that is no number.
    pub fn ask(&self, tables: &Tables, rows: Option<Rows>) -> Result<Answer, AskError> {
        let mut context = SQLContext::new();
        for table in TABLES.iter().filter(|table| self.tables.contains(table.name)) {
            context.register(table.name, frame(tables, table)?.lazy());
        }
        if let Some(rows) = rows {
            let is_wanted = |name: &str| self.columns.as_ref().is_none_or(|columns| columns.contains(name));
            for (name, frame) in rows.frames(&is_wanted)? {
                context.register(name, frame.lazy());
            }
        }
        let frame = context.execute(&self.sql).and_then(LazyFrame::collect)?;
        Ok(Answer::of(&frame)?)
    }
}

/// The rows of a table with what is derived from them.
fn frame(tables: &Tables, table: &Table) -> PolarsResult<DataFrame> {
    let columns: Vec<Column> = table.file_columns().collect();
    let mut builder = Builder::new(&columns, 0);
    let pushed = write::rows(tables, table, &mut |cells| {
        builder.push(cells.iter().copied());
        Ok(())
    });
    pushed.map_err(PolarsError::from)?;
    builder.frame()
}

/// Name and kind of each column that a query gives, asked of empty tables; for a kind that no file here has, the engine's name of it.
type Schema = Vec<(String, Result<Kind, String>)>;

fn schema(sql: &str) -> PolarsResult<Schema> {
    let schema = empty(sql)?.collect_schema()?;
    Ok(schema.iter().map(|(name, dtype)| (name.to_string(), kind(dtype).ok_or_else(|| dtype.to_string()))).collect())
}

/// A query over empty tables.
fn empty(sql: &str) -> PolarsResult<LazyFrame> {
    let mut context = SQLContext::new();
    let tables = TABLES.iter().map(|table| (table.name, table.file_columns().collect()));
    for (name, columns) in tables.chain(ROW_VIEWS.iter().map(|view| (view.name, (view.columns)()))) {
        context.register(name, Builder::new(&columns, 0).frame()?.lazy());
    }
    context.execute(sql)
}

/// The kind of cells that a column of the engine becomes.
#[expect(clippy::wildcard_enum_match_arm, reason = "the engine's enum is not ours: what is not named has no form")]
fn kind(dtype: &DataType) -> Option<Kind> {
    match dtype {
        DataType::Float64 | DataType::Float32 => Some(Kind::Real),
        DataType::Boolean => Some(Kind::Flag),
        DataType::Date => Some(Kind::Day),
        DataType::Datetime(..) => Some(Kind::Time),
        // A column of nothing but NULL.
        DataType::String | DataType::Null => Some(Kind::Text),
        whole if whole.is_integer() => Some(Kind::Whole),
        _ => None,
    }
}

/// The first line of what the engine says.
fn words(error: &PolarsError) -> String {
    error.to_string().lines().next().unwrap_or_default().trim_end_matches(['.', ':']).to_owned()
}

/// Whether the rows come in the order of the one table that they are of, which is always the same.
fn is_in_order(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return false };
    let is_plain = select.distinct.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(keys, modifiers) if keys.is_empty() && modifiers.is_empty());
    let is_of_one_table = matches!(select.from.as_slice(), [from] if from.joins.is_empty()
        && matches!(&from.relation, TableFactor::Table { name, .. } if Table::named(&name.to_string()).is_some() || is_view(&name.to_string())));
    query.with.is_none() && query.order_by.is_none() && is_plain && is_of_one_table
}

fn is_view(name: &str) -> bool {
    ROW_VIEWS.iter().any(|view| view.name == name)
}

/// Lets the columns of the result decide between rows that ORDER BY does not tell apart.
fn order_by_all<'a>(query: &mut Query, columns: impl Iterator<Item = &'a str>) {
    let plain = OrderBy { kind: OrderByKind::Expressions(Vec::new()), interpolate: None };
    let OrderByKind::Expressions(keys) = &mut query.order_by.get_or_insert(plain).kind else { return };
    for name in columns {
        let expr = Expr::Identifier(Ident::with_quote('"', name));
        let is_there = keys.iter().any(|key| matches!(&key.expr, Expr::Identifier(known) if known.value == name));
        if !is_there {
            keys.push(OrderByExpr { expr, options: OrderByOptions::default(), with_fill: None });
        }
    }
}

/// What a question came to.
#[derive(Debug)]
pub struct Answer {
    columns: Vec<(String, Kind)>,
    frame: DataFrame,
}

impl Answer {
    fn of(frame: &DataFrame) -> PolarsResult<Self> {
        let mut columns = Vec::with_capacity(frame.width());
        let mut made = Vec::with_capacity(frame.width());
        for column in frame.columns() {
            let kind = kind(column.dtype()).unwrap_or(Kind::Text);
            let wanted = match kind {
                Kind::Text => DataType::String,
                Kind::Whole => DataType::Int64,
                Kind::Real => DataType::Float64,
                Kind::Flag => DataType::Boolean,
                Kind::Day => DataType::Date,
                Kind::Time => DataType::Datetime(TimeUnit::Microseconds, None),
            };
            columns.push((column.name().to_string(), kind));
            made.push(column.strict_cast(&wanted)?.rechunk());
        }
        Ok(Self { columns, frame: DataFrame::new(frame.height(), made)? })
    }

    /// Name and kind of each column.
    #[must_use]
    pub fn columns(&self) -> &[(String, Kind)] {
        &self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub fn height(&self) -> usize {
        self.frame.height()
    }

    /// Gives each row in turn. The first error ends it.
    ///
    /// # Errors
    /// What `take` says.
    pub fn each<'a>(&'a self, take: &mut dyn FnMut(&[Cell<'a>]) -> io::Result<()>) -> io::Result<()> {
        let readers = self.frame.columns().iter().zip(&self.columns);
        let readers = readers.map(|(column, (_, kind))| Reader::new(column.as_materialized_series(), *kind));
        let readers = readers.collect::<PolarsResult<Vec<_>>>().map_err(io::Error::other)?;
        let mut cells = Vec::with_capacity(readers.len());
        for row in 0..self.frame.height() {
            cells.clear();
            cells.extend(readers.iter().map(|reader| reader.cell(row)));
            take(&cells)?;
        }
        Ok(())
    }

    /// Writes it, in the form of the tables' own files.
    ///
    /// # Errors
    /// If that fails.
    pub fn write(&self, form: As, to: &mut (impl Write + Send)) -> io::Result<()> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        match form {
            As::Csv => write::csv_rows(to, &names, |take| self.each(take)),
            As::Json => write::json_rows(to, &names, |take| self.each(take)),
            As::Parquet => write::parquet_frame(to, &mut self.frame.clone(), None),
        }
    }

    /// Writes it as a file: beside its place first, then moved there.
    ///
    /// # Errors
    /// If that fails: then what was there is left.
    pub fn write_file(&self, form: As, path: &Path) -> Result<(), WriteError> {
        self.write_with(path, |to| self.write(form, to))
    }

    /// Writes what `write` writes as a file, whole or not at all.
    ///
    /// # Errors
    /// If that fails: then what was there is left.
    pub fn write_with(
        &self,
        path: &Path,
        write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        outfile::replace(path, write).map_err(|source| WriteError { path: path.to_owned(), source })
    }
}
