//! What each compared figure means, and every column of the tables of a comparison.

use askama::Template;

use super::Sides;
use super::providers::capital;
use crate::report::Error;
use crate::tables::daily::Metric;
use crate::tables::{COMPARISON, Column};

#[derive(Template)]
#[template(path = "comparison/glossary.html")]
struct Glossary {
    figures: Vec<Figure>,
    tables: Vec<Table>,
}

struct Figure {
    id: &'static str,
    name: String,
    numerator: &'static str,
    denominator: &'static str,
}

struct Table {
    name: &'static str,
    about: &'static str,
    counts: &'static str,
    columns: Vec<Column>,
}

pub(super) fn html(_: &Sides<'_>) -> Result<String, Error> {
    let figure = |metric: Metric| {
        let (numerator, denominator) = metric.formula();
        Figure { id: metric.name(), name: capital(metric.title()), numerator, denominator }
    };
    let tables = COMPARISON.iter().map(|table| Table {
        name: table.name,
        about: table.about,
        counts: table.counts,
        columns: table.file_columns().collect(),
    });
    Ok(Glossary { figures: Metric::ALL.into_iter().map(figure).collect(), tables: tables.collect() }.render()?)
}
