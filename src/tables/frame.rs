//! Between cells and polars frames: the only place that knows how a [`Kind`] is stored.

use polars::prelude::{
    BooleanChunked, DataFrame, DataType, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn, NamedFrom, PolarsResult,
    Series, StringChunked, TimeUnit, TimeZone, polars_bail,
};

use super::column::{Cell, Column, Kind, Row};

/// Puts rows of cells under their columns.
pub(super) fn frame_of<'a, R>(columns: &[Column], rows: impl Iterator<Item = R>) -> PolarsResult<DataFrame>
where
    R: IntoIterator<Item = Cell<'a>>,
{
    let mut builder = Builder::new(columns, rows.size_hint().0);
    rows.for_each(|row| builder.push(row));
    builder.frame()
}

/// Collects rows for a frame. A row with too few cells, or one of another kind than its column, is a programming mistake: the first
/// gives an error in the end, the second a null.
pub(super) struct Builder<'a> {
    names: Vec<&'static str>,
    values: Vec<Values<'a>>,
    height: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(columns: &[Column], rows: usize) -> Self {
        let names = columns.iter().map(|column| column.name).collect();
        let values = columns.iter().map(|column| Values::new(column.kind, rows)).collect();
        Self { names, values, height: 0 }
    }

    pub(super) fn push(&mut self, row: impl IntoIterator<Item = Cell<'a>>) {
        self.values.iter_mut().zip(row).for_each(|(values, cell)| values.push(cell));
        self.height += 1;
    }

    pub(super) fn frame(self) -> PolarsResult<DataFrame> {
        let columns = self.names.into_iter().zip(self.values).map(|(name, values)| Ok(values.series(name)?.into_column()));
        DataFrame::new(self.height, columns.collect::<PolarsResult<_>>()?)
    }
}

/// The cells of one column while they are collected.
enum Values<'a> {
    Text(Vec<Option<&'a str>>),
    Whole(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Flag(Vec<Option<bool>>),
    Day(Vec<Option<i32>>),
    Time(Vec<Option<i64>>),
}

impl<'a> Values<'a> {
    fn new(kind: Kind, rows: usize) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::with_capacity(rows)),
            Kind::Whole => Self::Whole(Vec::with_capacity(rows)),
            Kind::Real => Self::Real(Vec::with_capacity(rows)),
            Kind::Flag => Self::Flag(Vec::with_capacity(rows)),
            Kind::Day => Self::Day(Vec::with_capacity(rows)),
            Kind::Time => Self::Time(Vec::with_capacity(rows)),
        }
    }

    fn push(&mut self, cell: Cell<'a>) {
        match self {
            Self::Text(values) => values.push(if let Cell::Text(value) = cell { Some(value) } else { None }),
            Self::Whole(values) => values.push(if let Cell::Whole(value) = cell { Some(value) } else { None }),
            Self::Real(values) => values.push(if let Cell::Real(value) = cell { Some(value) } else { None }),
            Self::Flag(values) => values.push(if let Cell::Flag(value) = cell { Some(value) } else { None }),
            Self::Day(values) => values.push(if let Cell::Day(value) = cell { Some(value) } else { None }),
            Self::Time(values) => values.push(if let Cell::Time(value) = cell { Some(value) } else { None }),
        }
    }

    fn series(self, name: &str) -> PolarsResult<Series> {
        match self {
            Self::Text(values) => Ok(Series::new(name.into(), values)),
            Self::Whole(values) => Ok(Series::new(name.into(), values)),
            Self::Real(values) => Ok(Series::new(name.into(), values)),
            Self::Flag(values) => Ok(Series::new(name.into(), values)),
            Self::Day(values) => Series::new(name.into(), values).cast(&DataType::Date),
            Self::Time(values) => {
                Series::new(name.into(), values).cast(&DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)))
            }
        }
    }
}

/// Reads all rows of a frame whose columns are those of `R`, in their order.
pub(super) fn rows_of<R: Row>(frame: &mut DataFrame) -> PolarsResult<Vec<R>> {
    frame.rechunk_mut();
    let mut columns = Vec::with_capacity(R::COLUMNS.len());
    if frame.width() != R::COLUMNS.len() {
        polars_bail!(SchemaMismatch: "{} columns where {} are wanted", frame.width(), R::COLUMNS.len());
    }
    for (column, wanted) in frame.columns().iter().zip(R::COLUMNS) {
        if column.name() != wanted.name {
            polars_bail!(SchemaMismatch: "column {} stands where {} is wanted", column.name(), wanted.name);
        }
        columns.push(Reader::new(column.as_materialized_series(), wanted.kind)?.cells());
    }
    (0..frame.height())
        .map(|row| {
            let read = R::read(&mut columns.iter_mut().map(|cells| cells.next().unwrap_or(Cell::Null)));
            read.map_or_else(|| polars_bail!(SchemaMismatch: "row {row} holds a null where none may be"), Ok)
        })
        .collect()
}

/// One column of a frame, typed.
pub(super) enum Reader<'a> {
    Text(&'a StringChunked),
    Whole(&'a Int64Chunked),
    Real(&'a Float64Chunked),
    Flag(&'a BooleanChunked),
    Day(&'a Int32Chunked),
    Time(&'a Int64Chunked),
}

impl<'a> Reader<'a> {
    pub(super) fn new(series: &'a Series, kind: Kind) -> PolarsResult<Self> {
        Ok(match kind {
            Kind::Text => Self::Text(series.str()?),
            Kind::Whole => Self::Whole(series.i64()?),
            Kind::Real => Self::Real(series.f64()?),
            Kind::Flag => Self::Flag(series.bool()?),
            Kind::Day => Self::Day(series.date()?.physical()),
            Kind::Time => Self::Time(series.datetime()?.physical()),
        })
    }

    /// All cells in order: a row after the other costs less so than each by its place.
    fn cells(&self) -> Box<dyn Iterator<Item = Cell<'a>> + 'a> {
        match *self {
            Self::Text(values) => Box::new(values.iter().map(|value| value.map_or(Cell::Null, Cell::Text))),
            Self::Whole(values) => Box::new(values.iter().map(|value| value.map_or(Cell::Null, Cell::Whole))),
            Self::Real(values) => Box::new(values.iter().map(|value| value.map_or(Cell::Null, Cell::Real))),
            Self::Flag(values) => Box::new(values.iter().map(|value| value.map_or(Cell::Null, Cell::Flag))),
            Self::Day(values) => Box::new(values.iter().map(|value| value.map_or(Cell::Null, Cell::Day))),
            Self::Time(values) => Box::new(values.iter().map(|value| value.map_or(Cell::Null, Cell::Time))),
        }
    }

    pub(super) fn cell(&self, row: usize) -> Cell<'a> {
        match self {
            Self::Text(values) => values.get(row).map_or(Cell::Null, Cell::Text),
            Self::Whole(values) => values.get(row).map_or(Cell::Null, Cell::Whole),
            Self::Real(values) => values.get(row).map_or(Cell::Null, Cell::Real),
            Self::Flag(values) => values.get(row).map_or(Cell::Null, Cell::Flag),
            Self::Day(values) => values.get(row).map_or(Cell::Null, Cell::Day),
            Self::Time(values) => values.get(row).map_or(Cell::Null, Cell::Time),
        }
    }
}
