//! Lines of the log that show what a finding says.

use std::collections::{BTreeSet, HashMap};

use super::number;
use crate::provider::SELF_HOSTED;
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
    in_order(tables.signatures.iter().filter(|row| belongs(row)).collect())
}

/// The commonest first.
fn in_order(mut rows: Vec<&Signature>) -> Vec<&Signature> {
    fn order(row: &Signature) -> (&str, &str, &str) {
        (&row.provider, &row.source, &row.signature)
    }
    rows.sort_by(|a, b| b.attempts.cmp(&a.attempts).then_with(|| order(a).cmp(&order(b))));
    rows
}

/// The signatures of each provider, for who asks for one after the other: there may be very many of both.
pub(super) struct ByProvider<'a>(HashMap<&'a str, Vec<&'a Signature>>);

impl<'a> ByProvider<'a> {
    pub(super) fn of(tables: &'a Tables) -> Self {
        let mut all: HashMap<&str, Vec<&Signature>> = HashMap::new();
        for row in &tables.signatures {
            all.entry(&row.provider).or_default().push(row);
        }
        Self(all)
    }

    /// Those of a provider that `belongs` chooses, the commonest first.
    pub(super) fn signatures(&self, provider: &str, belongs: impl Fn(&Signature) -> bool) -> Vec<&'a Signature> {
        let rows = self.0.get(provider).into_iter().flatten().copied();
        in_order(rows.filter(|row| belongs(row)).collect())
    }
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

/// How many different providers these are, the servers that domains run themselves beside them: many, and none of them a provider.
pub(super) fn whom<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut known: BTreeSet<&str> = ids.collect();
    let is_self_hosted = known.remove(SELF_HOSTED);
    let providers = number::many(known.len() as i64, "provider", "providers");
    match (known.len(), is_self_hosted) {
        (0, true) => "self-hosted servers".to_owned(),
        (_, true) => format!("{providers} and self-hosted servers"),
        (_, false) => providers,
    }
}

/// The provider's page on the commonest of them; None where they are of several providers: it would be about one, and said of all.
pub(super) fn help(rows: &[&Signature]) -> Option<String> {
    let first = rows.first()?;
    first.help.clone().filter(|_| rows.iter().all(|row| row.provider == first.provider || row.help == first.help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_one_provider_is_none_of_replies_of_several() {
        let row = |provider: &str, help: &str| Signature {
            provider: provider.to_owned(),
            help: (!help.is_empty()).then(|| help.to_owned()),
            ..Signature::default()
        };
        let (yahoo, microsoft) = (row("yahoo", "https://senders.example/"), row("microsoft", "https://support.example/"));
        let same = row("microsoft", "https://senders.example/");
        assert_eq!(help(&[&yahoo, &yahoo]).as_deref(), Some("https://senders.example/"));
        assert_eq!(help(&[&yahoo, &same]).as_deref(), Some("https://senders.example/"));
        assert_eq!(help(&[&yahoo, &microsoft]), None);
        assert_eq!((help(&[&row("yahoo", ""), &yahoo]), help(&[])), (None, None));
    }
}
