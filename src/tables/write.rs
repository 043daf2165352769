//! Tables as files: Parquet, CSV or JSON, the same cells in each.
//!
//! All files are written beside their place first and then renamed, so that a failure leaves what was there. Equal tables give equal
//! bytes.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, KeyValueMetadata, ParquetCompression, ParquetWriter};
use serde::Serialize;
use tempfile::NamedTempFile;

use super::column::{Cell, Column};
use super::frame::Builder;
use super::{Table, Tables};
use crate::outfile::staged;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// Parquet, zstd; the columns' units and meanings are in its key-value metadata under `mailtally`.
    Parquet,
    /// CSV, RFC 4180 but for `\n`, UTF-8, a header. A null is empty. A text that a spreadsheet would take for a formula (`=`, `+`,
    /// `-`, `@`, tab or carriage return first) gets an apostrophe before it: strangers write the replies.
    Csv,
    /// JSON: an array of objects, one a line.
    Json,
}

impl As {
    /// What its files end in.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct WriteError {
    /// The file or folder.
    pub path: PathBuf,
    /// What went wrong.
    pub source: io::Error,
}

/// Writes the tables of `which` into `folder`, which is made if need be, each as `NAME.EXTENSION`. Gives the paths, in order.
///
/// # Errors
/// If the folder or a file cannot be written; files of before are then as they were, unless a rename itself failed.
pub fn write(tables: &Tables, which: &[&Table], folder: &Path, form: As) -> Result<Vec<PathBuf>, WriteError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        |source| WriteError { path, source }
    };
    fs::create_dir_all(folder).map_err(at(folder))?;
    let mut files: Vec<(NamedTempFile, PathBuf)> = Vec::with_capacity(which.len());
    for table in which {
        let path = folder.join(table.name).with_extension(form.extension());
        let file = staged(&path, |file| write_table(tables, table, file, form));
        files.push((file.map_err(at(&path))?, path));
    }
    let mut paths = Vec::with_capacity(files.len());
    for (file, path) in files {
        file.persist(&path).map_err(|error| at(&path)(error.error))?;
        paths.push(path);
    }
    Ok(paths)
}

fn write_table(tables: &Tables, table: &Table, file: &File, form: As) -> io::Result<()> {
    match form {
        As::Parquet => parquet(tables, table, file),
        As::Csv => csv(tables, table, file),
        As::Json => json(tables, table, file),
    }
}

/// Takes the cells of a row.
type Take<'t, 'a> = &'t mut dyn FnMut(&[Cell<'a>]) -> io::Result<()>;

/// Gives each row with its derived cells. The first error ends it.
pub(super) fn rows<'a>(tables: &'a Tables, table: &Table, take: Take<'_, 'a>) -> io::Result<()> {
    let mut result = Ok(());
    let mut all = Vec::new();
    (table.rows)(tables, &mut |cells| {
        if result.is_ok() {
            all.clear();
            all.extend_from_slice(cells);
            for derived in table.derived {
                derived.append(table.columns, &mut all);
            }
            result = take(&all);
        }
    });
    result
}

/// What a Parquet file says of itself.
#[derive(Serialize)]
struct About<'a> {
    table: &'a str,
    #[serde(rename = "about")]
    what: &'a str,
    counts: &'a str,
    columns: Vec<AboutColumn>,
}

/// What it says of a column.
#[derive(Serialize)]
struct AboutColumn {
    name: &'static str,
    kind: &'static str,
    unit: &'static str,
    meaning: &'static str,
}

fn parquet(tables: &Tables, table: &Table, file: &File) -> io::Result<()> {
    let columns: Vec<Column> = table.file_columns().collect();
    let mut builder = Builder::new(&columns, 0);
    rows(tables, table, &mut |cells| {
        builder.push(cells.iter().copied());
        Ok(())
    })?;
    let told = columns.iter().map(|column| AboutColumn {
        name: column.name,
        kind: column.kind.name(),
        unit: column.unit,
        meaning: column.meaning,
    });
    let about = About { table: table.name, what: table.about, counts: table.counts, columns: told.collect() };
    let metadata = KeyValueMetadata::from_static(vec![("mailtally".to_owned(), serde_json::to_string(&about)?)]);
    let mut frame = builder.frame().map_err(io::Error::other)?;
    parquet_frame(file, &mut frame, Some(metadata))
}

/// Writes a frame as Parquet.
pub(super) fn parquet_frame(
    to: impl Write + Send,
    frame: &mut DataFrame,
    metadata: Option<KeyValueMetadata>,
) -> io::Result<()> {
    let writer = ParquetWriter::new(to).with_compression(ParquetCompression::Zstd(None)).with_key_value_metadata(metadata);
    writer.finish(frame).map_err(io::Error::other)?;
    Ok(())
}

fn csv(tables: &Tables, table: &Table, file: &File) -> io::Result<()> {
    let names: Vec<&str> = table.file_columns().map(|column| column.name).collect();
    csv_rows(BufWriter::new(file), &names, |take| rows(tables, table, take))
}

/// Writes the rows that `give` gives as CSV.
pub(super) fn csv_rows<'a>(
    to: impl Write,
    names: &[&str],
    give: impl FnOnce(Take<'_, 'a>) -> io::Result<()>,
) -> io::Result<()> {
    let mut to = csv::Writer::from_writer(to);
    to.write_record(names.iter().map(|name| guarded(name).into_owned()))?;
    give(&mut |cells| {
        for cell in cells {
            match *cell {
                Cell::Text(text) => to.write_field(&*guarded(text))?,
                Cell::Null | Cell::Whole(_) | Cell::Real(_) | Cell::Flag(_) | Cell::Day(_) | Cell::Time(_) => {
                    to.write_field(word(*cell).unwrap_or_default())?;
                }
            }
        }
        Ok(to.write_record(None::<&[u8]>)?)
    })?;
    to.flush()
}

/// A text with which no spreadsheet reckons.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn json(tables: &Tables, table: &Table, file: &File) -> io::Result<()> {
    let names: Vec<&str> = table.file_columns().map(|column| column.name).collect();
    let mut to = BufWriter::new(file);
    json_rows(&mut to, &names, |take| rows(tables, table, take))?;
    to.flush()
}

/// Writes the rows of a table as a JSON array of objects, one a line.
///
/// # Errors
/// If `to` cannot be written.
pub fn write_json(tables: &Tables, table: &Table, to: &mut impl Write) -> io::Result<()> {
    let names: Vec<&str> = table.file_columns().map(|column| column.name).collect();
    json_rows(to, &names, |take| rows(tables, table, take))
}

/// Writes the rows that `give` gives as JSON.
pub(super) fn json_rows<'a>(
    to: &mut impl Write,
    names: &[&str],
    give: impl FnOnce(Take<'_, 'a>) -> io::Result<()>,
) -> io::Result<()> {
    let mut before: &[u8] = b"[";
    give(&mut |cells| {
        to.write_all(before)?;
        before = b",";
        let mut between: &[u8] = b"\n{";
        for (name, cell) in names.iter().zip(cells) {
            to.write_all(between)?;
            between = b", ";
            serde_json::to_writer(&mut *to, name)?;
            to.write_all(b": ")?;
            match (*cell, word(*cell)) {
                (Cell::Text(text), _) => serde_json::to_writer(&mut *to, text)?,
                (Cell::Day(_) | Cell::Time(_), Some(word)) => serde_json::to_writer(&mut *to, &word)?,
                (_, Some(word)) => to.write_all(word.as_bytes())?,
                (_, None) => to.write_all(b"null")?,
            }
        }
        to.write_all(b"}")
    })?;
    to.write_all(if before == b"[" { b"[]\n" } else { b"\n]\n" })
}

/// A cell as it is written: days and times in ISO 8601, UTC. None: no value, or a moment that no calendar has.
#[must_use]
pub fn word(cell: Cell<'_>) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) => Some(text.to_owned()),
        Cell::Whole(number) => Some(number.to_string()),
        Cell::Real(number) => number.is_finite().then(|| number.to_string()),
        Cell::Flag(flag) => Some(flag.to_string()),
        Cell::Day(day) => {
            let midnight = jiff::Timestamp::from_second(i64::from(day) * 86_400).ok()?;
            Some(jiff::tz::TimeZone::UTC.to_datetime(midnight).date().to_string())
        }
        Cell::Time(micros) => Some(jiff::Timestamp::from_microsecond(micros).ok()?.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::domains::Domain;
    use super::super::timeline::Day;
    use super::super::unknown_users::UnknownUsers;
    use super::super::{TABLES, column::Row};
    use super::*;
    use polars::prelude::{ParquetReader, SerReader};

    fn domain(name: &str, provider: &str, delivered: i64) -> Domain {
        let texts = [name, provider].map(Cell::Text);
        let counts = Domain::COLUMNS.iter().skip(2).map(|column| match column.name {
            "delivered" | "outcomes" | "attempts" | "attempted" => Cell::Whole(delivered),
            _ => Cell::Whole(0),
        });
        Domain::read(&mut texts.into_iter().chain(counts)).unwrap()
    }

    fn tables() -> Tables {
        let day = Day::COLUMNS.iter().map(|column| match column.name {
            "day" => Cell::Day(20_727),
            "provider" => Cell::Text("google"),
            _ => Cell::Whole(1),
        });
        Tables {
            domains: vec![domain("=cmd|' /C calc'!A0", "a, \"quoted\"\nline", 30), domain("ü.example", "p", 0)],
            timeline: vec![Day::read(&mut day.into_iter()).unwrap()],
            unknown_users: vec![UnknownUsers {
                provider: "p".into(),
                day: None,
                attempted: 9,
                judged: 8,
                unknown: 2,
                held_back: 0,
                full: 0,
            }],
            ..Tables::default()
        }
    }

    fn written(form: As, table: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let paths = write(&tables(), &TABLES, &folder.path().join("new/folder"), form).unwrap();
        assert_eq!(paths.len(), TABLES.len());
        assert_eq!(fs::read_dir(folder.path().join("new/folder")).unwrap().count(), TABLES.len());
        fs::read(paths.iter().find(|path| path.file_stem().unwrap() == table).unwrap()).unwrap()
    }

    #[test]
    fn a_csv_cell_cannot_be_a_formula() {
        let csv = String::from_utf8(written(As::Csv, "domains")).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let of = |row: usize, name: &str| &rows[row][names.iter().position(|other| other == name).unwrap()];
        assert_eq!((of(0, "domain"), of(0, "provider")), ("'=cmd|' /C calc'!A0", "a, \"quoted\"\nline"));
        assert_eq!((of(0, "delivered_rate"), of(0, "resolved"), of(1, "delivered_rate")), ("1", "30", ""));
    }

    #[test]
    fn json_is_an_array_of_objects() {
        let rows: serde_json::Value = serde_json::from_slice(&written(As::Json, "timeline")).unwrap();
        assert_eq!(rows[0]["day"], "2026-10-01");
        assert_eq!(rows[0]["outcomes"], 1);
        let rows: serde_json::Value = serde_json::from_slice(&written(As::Json, "unknown_users")).unwrap();
        assert_eq!((&rows[0]["day"], &rows[0]["unknown_user_rate"]), (&serde_json::Value::Null, &serde_json::json!(0.25)));
        assert_eq!(written(As::Json, "delays"), b"[]\n");
    }

    #[test]
    fn parquet_holds_the_same_cells_and_tells_their_meaning() {
        let bytes = written(As::Parquet, "domains");
        let mut reader = ParquetReader::new(io::Cursor::new(&bytes));
        let metadata = reader.get_metadata().unwrap().key_value_metadata().clone().unwrap();
        let about = metadata.iter().find(|pair| pair.key == "mailtally").unwrap().value.clone().unwrap();
        let about: serde_json::Value = serde_json::from_str(&about).unwrap();
        assert_eq!((&about["table"], &about["columns"][0]["name"]), (&"domains".into(), &"domain".into()));
        let frame = reader.finish().unwrap();
        assert_eq!((frame.height(), frame.width()), (2, TABLES[1].file_columns().count()));
        assert_eq!(frame.column("domain").unwrap().str().unwrap().get(0), Some("=cmd|' /C calc'!A0"));
        assert_eq!(frame.column("delivered_rate").unwrap().f64().unwrap().get(1), None);
    }

    #[test]
    fn equal_tables_give_equal_bytes() {
        for form in [As::Parquet, As::Csv, As::Json] {
            assert_eq!(written(form, "domains"), written(form, "domains"));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = NamedTempFile::new().unwrap();
        let error = write(&tables(), &TABLES, file.path(), As::Csv).unwrap_err();
        assert_eq!(error.path, file.path());
    }

    #[cfg(unix)]
    #[test]
    fn files_are_readable_as_any_new_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let paths = write(&tables(), &TABLES[..1], folder.path(), As::Csv).unwrap();
        let usual = folder.path().join("usual");
        fs::write(&usual, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&paths[0]), mode(&usual));
        fs::set_permissions(&paths[0], fs::Permissions::from_mode(0o600)).unwrap();
        write(&tables(), &TABLES[..1], folder.path(), As::Csv).unwrap();
        assert_eq!(mode(&paths[0]) & 0o777, 0o600, "as it was");
    }
}
