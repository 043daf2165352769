//! Lines of the log that show what a finding says.

use crate::tables::Tables;
use crate::tables::signatures::Signature;

/// How many lines stand under a finding.
const LINES: usize = 3;

/// A line of the log and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The record, whole, as logged.
    pub line: String,
    /// Its file.
    pub path: String,
    /// Byte of the file's decompressed content where it begins.
    pub offset: i64,
}

impl Evidence {
    fn of(row: &Signature) -> Self {
        Self { line: row.example.clone(), path: row.path.clone(), offset: row.offset }
    }
}

/// The signatures that `belongs` chooses, the commonest first.
#[must_use]
pub fn signatures(tables: &Tables, belongs: impl Fn(&Signature) -> bool) -> Vec<&Signature> {
    let mut rows: Vec<&Signature> = tables.signatures.iter().filter(|row| belongs(row)).collect();
    rows.sort_by(|a, b| {
        let order = |row: &'_ Signature| (row.provider.clone(), row.source.clone(), row.signature.clone());
        b.attempts.cmp(&a.attempts).then_with(|| order(a).cmp(&order(b)))
    });
    rows
}

/// Lines of the first of them, each reply once.
pub(super) fn lines(rows: &[&Signature]) -> Vec<Evidence> {
    let mut shown: Vec<&Signature> = Vec::new();
    for row in rows {
        if shown.len() < LINES && shown.iter().all(|other| other.signature != row.signature) {
            shown.push(row);
        }
    }
    shown.into_iter().map(Evidence::of).collect()
}

/// Their attempts together.
pub(super) fn attempts(rows: &[&Signature]) -> i64 {
    rows.iter().map(|row| row.attempts).sum()
}

/// How many different providers they are of.
pub(super) fn providers(rows: &[&Signature]) -> i64 {
    let mut names: Vec<&str> = rows.iter().map(|row| row.provider.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.len() as i64
}

/// The first help page among them.
pub(super) fn help(rows: &[&Signature]) -> Option<String> {
    rows.iter().find_map(|row| row.help.clone())
}
