//! A mapping as it is written in a configuration, and what it comes to.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::field::Field;
use super::time::Form;
use super::words::{Word, Words};
use crate::format::FORMATS;

/// A mapping as TOML has it, not yet checked: `[[format]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenMapping {
    name: String,
    kind: Kind,
    separator: Option<String>,
    columns: Option<Vec<String>>,
    time_format: Option<String>,
    fields: BTreeMap<Field, Names>,
    #[serde(default)]
    status: BTreeMap<Word, Names>,
}

/// What the records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Csv,
    Json,
}

/// One name or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl Names {
    fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// What is wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A name that no option can take.
    #[error("{0:?}: a format's name is one word of lower-case letters, digits, - and _")]
    Name(String),
    /// A name that is taken.
    #[error("{0}: there is a format of this name already")]
    Taken(String),
    /// Something must be told.
    #[error("{name}: `fields` must name {what}")]
    Missing {
        /// The format.
        name: String,
        /// What is missing.
        what: &'static str,
    },
    /// A value means two things.
    #[error("{name}: `status` explains {value:?} twice")]
    Twice {
        /// The format.
        name: String,
        /// The value.
        value: String,
    },
    /// A status without an explanation, or an explanation without a status.
    #[error("{0}: `fields.status` and the table `status` belong together: one is missing")]
    Unexplained(String),
    /// A separator that is none.
    #[error("{name}: {value:?} cannot separate cells; one of \",\", \";\", \"|\" and \"\\t\" can")]
    Separator {
        /// The format.
        name: String,
        /// What was given.
        value: String,
    },
    /// Options of CSV for something else.
    #[error("{0}: `separator` and `columns` are for kind = \"csv\"")]
    NotForObjects(String),
    /// Fields name a column that `columns` does not.
    #[error("{name}: there is no {column:?} among `columns`")]
    Column {
        /// The format.
        name: String,
        /// The column.
        column: String,
    },
    /// A form of time that is not known.
    #[error(
        "{name}: no time is written as {form:?}; name \"rfc3339\", \"epoch\", \"epoch_ms\" or a pattern such as \"%d/%m/%Y %H:%M:%S\""
    )]
    Time {
        /// The format.
        name: String,
        /// What was given.
        form: String,
    },
}

/// How records are laid out.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// Rows of cells; the columns' names, if no header tells them.
    Table { separator: u8, columns: Option<Vec<String>> },
    /// Objects.
    Objects,
}

/// A checked mapping: a format.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) name: String,
    pub(super) layout: Layout,
    /// The columns or members that mean something, each once.
    pub(super) sources: Vec<String>,
    /// Per field, which of `sources` tell it, in order.
    pub(super) of: [Vec<usize>; Field::COUNT],
    pub(super) words: Words,
    pub(super) form: Form,
}

impl Mapping {
    /// Checks what was written. `taken` are the names of the other mappings.
    ///
    /// # Errors
    /// What was written cannot be meant.
    pub fn new(written: &WrittenMapping, taken: &[&str]) -> Result<Self, MappingError> {
        let name = written.name.clone();
        let is_word = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if name.is_empty() || !name.bytes().all(is_word) || name == "unknown" {
            return Err(MappingError::Name(name));
        }
        if FORMATS.iter().any(|format| format.name() == name) || taken.contains(&name.as_str()) {
            return Err(MappingError::Taken(name));
        }
        let has = |field: Field| written.fields.get(&field).is_some_and(|names| !names.all().is_empty());
        let missing = |what| MappingError::Missing { name: name.clone(), what };
        if !has(Field::Time) {
            return Err(missing("`time`"));
        }
        if !has(Field::Recipient) {
            return Err(missing("`recipient`"));
        }
        if !(has(Field::Status) || has(Field::Reply) || has(Field::Code)) {
            return Err(missing("`status`, or else `reply` or `code`, whose numbers tell what came of it"));
        }
        let words = words(written)?;
        if words.is_empty() == has(Field::Status) {
            return Err(MappingError::Unexplained(name));
        }
        let form = match &written.time_format {
            None => Form::Told,
            Some(form) => Form::read(form).ok_or_else(|| MappingError::Time { name: name.clone(), form: form.clone() })?,
        };
        let (sources, of) = sources(written);
        let layout = layout(written, &sources)?;
        Ok(Self { name, layout, sources, of, words, form })
    }

    /// Whether the field is told at all.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of.get(field as usize).is_some_and(|sources| !sources.is_empty())
    }

    /// The sources without which a record says nothing: when, who, and what came of it.
    pub(super) fn telling(&self) -> impl Iterator<Item = usize> {
        let outcome = if self.has(Field::Status) { Field::Status } else { Field::Code };
        let outcome = if self.has(outcome) { outcome } else { Field::Reply };
        [Field::Time, Field::Recipient, outcome].into_iter().filter_map(|field| self.of.get(field as usize)?.first().copied())
    }
}

fn words(written: &WrittenMapping) -> Result<Words, MappingError> {
    let mut words = Words::default();
    for (word, values) in &written.status {
        for value in values.all() {
            if !words.add(value, *word) {
                return Err(MappingError::Twice { name: written.name.clone(), value: value.clone() });
            }
        }
    }
    Ok(words)
}

/// The columns or members, and which tell each field.
fn sources(written: &WrittenMapping) -> (Vec<String>, [Vec<usize>; Field::COUNT]) {
    let mut sources: Vec<String> = Vec::new();
    let mut of: [Vec<usize>; Field::COUNT] = Default::default();
    for (field, names) in &written.fields {
        for name in names.all() {
            let place = sources.iter().position(|known| known == name).unwrap_or_else(|| {
                sources.push(name.clone());
                sources.len() - 1
            });
            if let Some(of) = of.get_mut(*field as usize) {
                of.push(place);
            }
        }
    }
    (sources, of)
}

fn layout(written: &WrittenMapping, sources: &[String]) -> Result<Layout, MappingError> {
    let name = || written.name.clone();
    if written.kind == Kind::Json {
        let is_table = written.separator.is_some() || written.columns.is_some();
        return if is_table { Err(MappingError::NotForObjects(name())) } else { Ok(Layout::Objects) };
    }
    let separator = match written.separator.as_deref().map(str::as_bytes) {
        None => b',',
        Some(&[byte @ (b',' | b';' | b'|' | b'\t')]) => byte,
        Some(other) => {
            return Err(MappingError::Separator { name: name(), value: String::from_utf8_lossy(other).into_owned() });
        }
    };
    if let Some(columns) = &written.columns
        && let Some(column) =
            sources.iter().find(|source| !columns.iter().any(|column| super::table::is_same(column.as_bytes(), source)))
    {
        return Err(MappingError::Column { name: name(), column: column.clone() });
    }
    Ok(Layout::Table { separator, columns: written.columns.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct File {
        format: Vec<WrittenMapping>,
    }

    const GOOD: &str = "[[format]]\nname = 'own'\nkind = 'csv'\n\n[format.fields]\ntime = 'at'\nrecipient = 'to'\nstatus = 'what'\n\n[format.status]\ndelivered = 'ok'\n";

    fn read(text: &str) -> Result<Mapping, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        Mapping::new(&file.format[0], &["other"]).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn check(from: &str, to: &str, expected: &str) {
        assert!(GOOD.contains(from), "{from}");
        let error = read(&GOOD.replace(from, to)).map(|mapping| mapping.sources).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn what_is_good_is_read() {
        let mapping = read(GOOD).unwrap();
        assert_eq!((mapping.name.as_str(), mapping.sources.len()), ("own", 3));
        assert_eq!(mapping.telling().map(|source| mapping.sources[source].as_str()).collect::<Vec<_>>(), ["at", "to", "what"]);
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        check("'own'", "'Own'", "one word");
        check("'own'", "'postfix'", "already");
        check("'own'", "'other'", "already");
        check("time = 'at'\n", "", "`time`");
        check("recipient = 'to'\n", "", "`recipient`");
        check("status = 'what'\n", "", "`status`, or else");
        check("status = 'what'\n", "reply = 'said'\n", "belong together");
        check("delivered = 'ok'\n", "", "belong together");
        check("delivered = 'ok'\n", "delivered = ['ok', 'sent']\nbounced = 'OK'\n", "explains \"OK\" twice");
        check("kind = 'csv'\n", "kind = 'csv'\nseparator = ' '\n", "cannot separate");
        check("kind = 'csv'\n", "kind = 'json'\nseparator = ','\n", "for kind");
        check("kind = 'csv'\n", "kind = 'csv'\ncolumns = ['at', 'to']\n", "no \"what\" among");
        check("kind = 'csv'\n", "kind = 'csv'\ntime_format = 'noon'\n", "no time is written as \"noon\"");
        check("kind = 'csv'\n", "kind = 'xml'\n", "unknown variant `xml`");
        check("recipient = 'to'\n", "recipient = 'to'\nrecipent = 'to'\n", "unknown variant `recipent`");
        check("delivered = 'ok'\n", "delivred = 'ok'\n", "unknown variant `delivred`");
        check("kind = 'csv'\n", "kind = 'csv'\ncolour = 'red'\n", "unknown field `colour`");
    }
}
