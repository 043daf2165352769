//! Reasons, domains, sources and sender domains: a table for each.

use std::collections::BTreeSet;

use askama::Template;

use super::{Sides, grids, words};
use crate::insights::name;
use crate::report::Error;
use crate::report::text;
use crate::tables::Tables;
use crate::tables::changes::Change;

/// How many rows a table has.
const ROWS: usize = 60;

#[derive(Template)]
#[template(path = "comparison/parts.html")]
struct Parts {
    /// What is not told again.
    once: String,
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
    Ok(Parts { once: once(sides), tables }.render()?)
}

/// What is all mail under another name, and so stands with all mail alone.
fn once(sides: &Sides<'_>) -> String {
    let only = |names: fn(&Tables) -> BTreeSet<&str>| -> Option<&str> {
        let (before, after) = (names(sides.before), names(sides.after));
        let both: BTreeSet<&str> = before.union(&after).copied().collect();
        both.first().copied().filter(|name| both.len() == 1 && !name.is_empty())
    };
    let source = only(|tables| tables.sources.iter().map(|row| row.source.as_str()).collect());
    let sender = only(|tables| tables.senders.iter().map(|row| row.sender_domain.as_str()).collect());
    let told: Vec<String> = [("source", source), ("sender domain", sender)]
        .into_iter()
        .filter_map(|(what, name)| Some(format!("{} is the only {what}", text::shortened(&name::domain(name?), 60))))
        .collect();
    if told.is_empty() { String::new() } else { format!("{}: that is all mail, and stands there.", told.join(", ")) }
}

fn named(row: &Change) -> String {
    match row.within.as_str() {
        "reason" => format!("All mail: {}", name::category(&row.key)),
        "provider-reason" => words::subject(row),
        "domain" => format!("{} ({}): {}", name::domain(&row.key), text::provider(&row.provider), words::figure(row)),
        _ => format!("{}: {}", name::domain(&row.key), words::figure(row)),
    }
}
