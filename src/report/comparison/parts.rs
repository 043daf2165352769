//! Reasons, domains, sources and sender domains: a table for each.

use askama::Template;

use super::{Sides, grids, words};
use crate::insights::name;
use crate::report::Error;
use crate::report::text;
use crate::tables::changes::Change;

/// How many rows a table has.
const ROWS: usize = 60;

#[derive(Template)]
#[template(path = "comparison/parts.html")]
struct Parts {
    tables: Vec<(&'static str, String)>,
}

pub(super) fn html(sides: &Sides<'_>) -> Result<String, Error> {
    let wanted: [(&'static str, &[&str], &str); 4] = [
        ("Reasons", &["reason", "provider-reason"], "Not delivered, by reason: share of the outcomes with a known end"),
        ("Recipient domains", &["domain"], "Domains behind known providers"),
        ("Sources", &["source"], "By who sent: address, virtual MTA, else host"),
        ("Sender domains", &["sender"], "By domain of the envelope sender"),
    ];
    let mut tables = Vec::new();
    for (title, within, caption) in wanted {
        let rows: Vec<&Change> = sides.comparison.changes.iter().filter(|row| within.contains(&row.within.as_str())).collect();
        if !rows.is_empty() {
            tables.push((title, grids::grid(caption, &rows, ROWS, &named).html()?));
        }
    }
    Ok(Parts { tables }.render()?)
}

fn named(row: &Change) -> String {
    match row.within.as_str() {
        "reason" => format!("All mail: {}", name::category(&row.key)),
        "provider-reason" => words::subject(row),
        "domain" => format!("{} ({}): {}", row.key, text::provider(&row.provider), words::figure(row)),
        _ => format!("{}: {}", row.key, words::figure(row)),
    }
}
