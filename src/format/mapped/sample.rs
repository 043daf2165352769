//! The head of a file of unknown format as a table: which columns or members there are, and what stands in them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::format::json;
use crate::format::row::Row;

/// Records looked at.
const RECORDS: usize = 400;

/// Columns or members looked at.
const COLUMNS: usize = 256;

/// Objects within objects.
const DEEPEST: u8 = 4;

/// What the head of a file holds.
pub(super) struct Sample {
    /// What separates cells; None for objects.
    pub(super) separator: Option<u8>,
    /// In the order of the file; of objects by name.
    pub(super) columns: Vec<Column>,
}

/// A column of a table, or a member of objects.
pub(super) struct Column {
    /// Its name; of a member of a member with points between.
    pub(super) name: String,
    /// What stands in it, without what is empty.
    pub(super) values: Vec<String>,
}

impl Sample {
    /// The table that `head` holds. None: it holds none.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(head);
        if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) { objects(&text) } else { table(&text) }
    }
}

fn objects(text: &str) -> Option<Sample> {
    let mut columns = BTreeMap::new();
    for object in json::tops(text).take(RECORDS) {
        if let Some((value, _)) = json::read::<Json>(object) {
            flatten(&value, "", DEEPEST, &mut columns);
        }
    }
    let columns: Vec<Column> = columns.into_iter().map(|(name, values)| Column { name, values }).collect();
    (columns.len() >= 2).then_some(Sample { separator: None, columns })
}

/// The members of an object, and those of the objects in it. Objects in a list may be of several recipients: what belongs together in
/// them a mapping cannot say.
fn flatten(value: &Json, path: &str, depth: u8, columns: &mut BTreeMap<String, Vec<String>>) {
    let mut keep = |text: String| {
        if columns.len() < COLUMNS || columns.contains_key(path) {
            columns.entry(path.to_owned()).or_default().extend((!text.is_empty()).then_some(text));
        }
    };
    match value {
        Json::Object(members) => {
            let Some(depth) = depth.checked_sub(1) else { return };
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(value, &path, depth, columns);
            }
        }
        Json::Array(elements) => elements.iter().filter_map(Json::as_str).for_each(|text| keep(text.trim().to_owned())),
        Json::String(text) => keep(text.trim().to_owned()),
        Json::Number(number) => keep(number.to_string()),
        Json::Bool(flag) => keep(flag.to_string()),
        Json::Null => {}
    }
}

fn table(text: &str) -> Option<Sample> {
    let rows = |separator: u8| {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut row = Row::separated(separator);
        // A row of several lines gives pieces, which are not as long as the others.
        for line in text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty()).take(RECORDS) {
            rows.push(row.read(line.as_bytes()).iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
        }
        rows
    };
    let sampled = [b',', b';', b'\t', b'|'].into_iter().filter_map(|separator| columns(rows(separator), separator));
    // Of equals the first: a comma.
    sampled.fold(None, |best: Option<Sample>, next| match best {
        Some(best) if best.columns.len() >= next.columns.len() => Some(best),
        Some(_) | None => Some(next),
    })
}

/// The columns of rows, of which the first that is as long as most are is the header.
fn columns(rows: Vec<Vec<String>>, separator: u8) -> Option<Sample> {
    let mut lengths = BTreeMap::new();
    for row in &rows {
        *lengths.entry(row.len()).or_insert(0) += 1;
    }
    let (&length, &count) = lengths.iter().max_by_key(|(_, count)| **count)?;
    if !(3..=COLUMNS).contains(&length) || count < 2 || count * 2 < rows.len() {
        return None;
    }
    let mut rows = rows.into_iter().filter(|row| row.len() == length);
    let header = rows.next()?;
    let is_name = |cell: &String| cell.contains(|c: char| c.is_alphabetic()) && !cell.contains('@');
    let is_header =
        header.iter().all(is_name) && (1..length).all(|at| header.iter().take(at).all(|other| Some(other) != header.get(at)));
    if !is_header {
        return None;
    }
    let mut columns: Vec<Column> = header.into_iter().map(|name| Column { name, values: Vec::new() }).collect();
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            if !matches!(cell.as_str(), "" | "NULL" | "\\N" | "null") {
                column.values.push(cell);
            }
        }
    }
    Some(Sample { separator: Some(separator), columns })
}
