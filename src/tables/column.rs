//! Columns and cells: what a table says of itself, and the one way in which a row is read from a frame and written to a file.
//!
//! A table's row is declared once, by [`row!`](row): the struct, the documentation of its columns, reading and writing follow from
//! the same lines, so that none of them can differ from the others.

/// What a column holds. Decides its type in Parquet, CSV and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8; bytes of a log that are not are written `\xNN`.
    Text,
    /// A whole number, 64 bits, signed.
    Whole,
    /// A double.
    Real,
    /// True or false.
    Flag,
    /// A calendar day, UTC.
    Day,
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time,
}

impl Kind {
    /// As `mailtally tables` names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "integer",
            Self::Real => "double",
            Self::Flag => "boolean",
            Self::Day => "date",
            Self::Time => "timestamp",
        }
    }
}

/// A column of a table or cube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Lower case; the same in SQL, Parquet, CSV and JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a cell may be null.
    pub is_nullable: bool,
    /// What is counted or measured: outcomes, attempts, addresses, ms, share. Empty for keys and words.
    pub unit: &'static str,
    /// One or two sentences.
    pub meaning: &'static str,
}

impl Column {
    /// A key or a word, never null.
    #[must_use]
    pub const fn key(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self { name, kind, is_nullable: false, unit: "", meaning }
    }

    /// A whole number of `unit`, never null.
    #[must_use]
    pub const fn count(name: &'static str, unit: &'static str, meaning: &'static str) -> Self {
        Self { name, kind: Kind::Whole, is_nullable: false, unit, meaning }
    }

    /// The same column, nullable.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { is_nullable: true, ..self }
    }
}

/// One value of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// See [`Kind::Text`].
    Text(&'a str),
    /// See [`Kind::Whole`].
    Whole(i64),
    /// See [`Kind::Real`].
    Real(f64),
    /// See [`Kind::Flag`].
    Flag(bool),
    /// Days since 1970-01-01.
    Day(i32),
    /// See [`Kind::Time`].
    Time(i64),
}

/// A type that a cell can hold.
pub trait Value: Sized {
    /// The kind of its cells.
    const KIND: Kind;
    /// Whether its cells may be null.
    const IS_NULLABLE: bool = false;
    /// As a cell.
    fn cell(&self) -> Cell<'_>;
    /// From a cell; None for a cell of another kind.
    fn of(cell: Cell<'_>) -> Option<Self>;
    /// Puts what `with` makes of a text in its place, if it makes something.
    fn rewrite(&mut self, with: &mut dyn FnMut(&str) -> Option<String>) {
        if let Cell::Text(text) = self.cell()
            && let Some(new) = with(text).and_then(|new| Self::of(Cell::Text(&new)))
        {
            *self = new;
        }
    }
}

/// Implements [`Value`] for a type that is one variant of [`Cell`].
macro_rules! value {
    ($type:ty, $kind:ident, |$self:ident| $as_cell:expr, |$inner:ident| $from_cell:expr) => {
        impl Value for $type {
            const KIND: Kind = Kind::$kind;

            fn cell(&self) -> Cell<'_> {
                let $self = self;
                Cell::$kind($as_cell)
            }

            fn of(cell: Cell<'_>) -> Option<Self> {
                if let Cell::$kind($inner) = cell { Some($from_cell) } else { None }
            }
        }
    };
}

value!(String, Text, |text| text, |text| text.to_owned());
value!(std::sync::Arc<str>, Text, |text| text, |text| text.into());
value!(i64, Whole, |number| *number, |number| number);
value!(f64, Real, |number| *number, |number| number);
value!(bool, Flag, |flag| *flag, |flag| flag);
value!(i32, Day, |day| *day, |day| day);
value!(crate::event::Micros, Time, |time| time.0, |time| crate::event::Micros(time));

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;
    const IS_NULLABLE: bool = true;

    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, Value::cell)
    }

    fn of(cell: Cell<'_>) -> Option<Self> {
        if matches!(cell, Cell::Null) { Some(None) } else { T::of(cell).map(Some) }
    }
}

/// The row of a table. Only [`row!`](row) implements it.
pub trait Row: Sized {
    /// Its columns, in order.
    const COLUMNS: &'static [Column];
    /// Appends its cells, in the order of the columns.
    fn cells<'a>(&'a self, into: &mut Vec<Cell<'a>>);
    /// Takes one cell a column, in their order; None where one does not fit its column.
    fn read(cells: &mut dyn Iterator<Item = Cell<'_>>) -> Option<Self>;
    /// Puts what `with` makes of a column's name and text in the place of each text.
    fn rewrite(&mut self, with: &mut dyn FnMut(&'static str, &str) -> Option<String>);
}

/// Declares a table's row: each field with its documentation, its type and the unit of its cells. The documentation is what
/// `mailtally tables` prints.
macro_rules! row {
    ($(#[doc = $about:literal])+ $seen:vis struct $row:ident {
        $($(#[doc = $meaning:literal])+ pub $field:ident: $type:ty => $unit:literal,)+
    }) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq)]
        $seen struct $row { $($(#[doc = $meaning])+ pub $field: $type,)+ }

        impl $crate::tables::column::Row for $row {
            const COLUMNS: &'static [$crate::tables::column::Column] = &[$($crate::tables::column::Column {
                name: stringify!($field),
                kind: <$type as $crate::tables::column::Value>::KIND,
                is_nullable: <$type as $crate::tables::column::Value>::IS_NULLABLE,
                unit: $unit,
                meaning: concat!($($meaning),+).trim_ascii(),
            }),+];

            fn cells<'a>(&'a self, into: &mut Vec<$crate::tables::column::Cell<'a>>) {
                $(into.push($crate::tables::column::Value::cell(&self.$field));)+
            }

            fn read(cells: &mut dyn Iterator<Item = $crate::tables::column::Cell<'_>>) -> Option<Self> {
                Some(Self { $($field: $crate::tables::column::Value::of(cells.next()?)?),+ })
            }

            fn rewrite(&mut self, with: &mut dyn FnMut(&'static str, &str) -> Option<String>) {
                $($crate::tables::column::Value::rewrite(&mut self.$field, &mut |text| with(stringify!($field), text));)+
            }
        }
    };
}

pub(crate) use row;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Micros;

    row! {
        /// A row of everything.
        struct Every {
            /// Words
            /// on two lines.
            pub word: String => "",
            /// Mails.
            pub mails: i64 => "outcomes",
            /// A code.
            pub code: Option<i64> => "",
            /// A day.
            pub day: i32 => "",
            /// A moment.
            pub first: Option<Micros> => "",
            /// A share.
            pub share: f64 => "share",
        }
    }

    fn every() -> Every {
        Every { word: "a".to_owned(), mails: 3, code: None, day: -1, first: Some(Micros(7)), share: 0.5 }
    }

    #[test]
    fn texts_are_rewritten_and_nothing_else() {
        let mut row = every();
        row.rewrite(&mut |column, text| Some(format!("{column}: {text}")));
        assert_eq!(row, Every { word: "word: a".to_owned(), ..every() });
        row.rewrite(&mut |_, _| None);
        assert_eq!(row.word, "word: a");
    }

    #[test]
    fn a_row_reads_back_what_it_wrote() {
        let (row, mut cells) = (every(), Vec::new());
        row.cells(&mut cells);
        assert_eq!(cells.len(), Every::COLUMNS.len());
        assert_eq!(Every::read(&mut cells.iter().copied()), Some(row.clone()));
    }

    #[test]
    fn a_cell_of_another_kind_does_not_fit() {
        let row = every();
        let mut cells = Vec::new();
        row.cells(&mut cells);
        cells[1] = Cell::Null;
        assert_eq!(Every::read(&mut cells.iter().copied()), None);
        assert_eq!(Every::read(&mut std::iter::empty()), None);
    }

    #[test]
    fn columns_are_documented_by_their_fields() {
        let word = Every::COLUMNS[0];
        assert_eq!((word.name, word.kind, word.is_nullable), ("word", Kind::Text, false));
        assert_eq!(word.meaning, "Words on two lines.");
        assert!(Every::COLUMNS[2].is_nullable && Every::COLUMNS[4].is_nullable);
        assert_eq!(Every::COLUMNS[3].kind, Kind::Day);
    }
}
