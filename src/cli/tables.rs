//! `mailtally tables`: what each table is and what its columns mean.

use std::io::Write;

use anyhow::{Result, anyhow};
use clap::Args;

use super::exit::{Done, usage};
use crate::tables::kept::{ROW_VIEWS, RowView};
use crate::tables::{COMPARISON, Column, TABLES, Table};

/// The tables, their columns, units and definitions
#[derive(Args)]
#[command(after_help = "Examples:\n  mailtally tables\n  mailtally tables domains\n  mailtally tables domains --sql")]
pub(super) struct Tables {
    /// One table: its columns too
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Print the query that makes the table
    #[arg(long, requires = "name")]
    sql: bool,
}

impl Tables {
    pub(super) fn run(&self) -> Result<Done> {
        let mut out = std::io::stdout().lock();
        match &self.name {
            None => list(&mut out)?,
            Some(name) => {
                let told = known().into_iter().find(|told| told.name == name);
                let Some(told) = told else {
                    let known: Vec<_> = known().iter().map(|told| told.name).collect();
                    return Err(usage(anyhow!("{name}: no such table. These are known: {}.", known.join(", "))));
                };
                if self.sql { sql(&mut out, &told)? } else { describe(&mut out, &told)? }
            }
        }
        out.flush()?;
        Ok(Done::Whole)
    }
}

/// What is told of a table or view.
struct Told {
    name: &'static str,
    about: &'static str,
    counts: &'static str,
    columns: Vec<Column>,
    sql: Option<&'static str>,
}

/// The tables of a period, those of a comparison, then the views of single rows.
fn known() -> Vec<Told> {
    let of_table = |table: &&Table| Told {
        name: table.name,
        about: table.about,
        counts: table.counts,
        columns: table.file_columns().collect(),
        sql: table.sql,
    };
    let of_view = |view: &&RowView| Told {
        name: view.name,
        about: view.about,
        counts: view.counts,
        columns: (view.columns)(),
        sql: None,
    };
    TABLES.iter().chain(&COMPARISON).map(of_table).chain(ROW_VIEWS.iter().map(of_view)).collect()
}

fn list(out: &mut impl Write) -> Result<()> {
    let known = known();
    let width = known.iter().map(|told| told.name.len()).max().unwrap_or(0);
    for Told { name, about, counts, .. } in known {
        writeln!(out, "{name:width$}  {about} Counts {counts}.")?;
    }
    Ok(())
}

fn describe(out: &mut impl Write, told: &Told) -> Result<()> {
    writeln!(out, "{}: {} Counts {}.\n", told.name, told.about, told.counts)?;
    let width = told.columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
    for column in &told.columns {
        let unit = if column.unit.is_empty() {
            column.kind.name().to_owned()
        } else {
            format!("{}, {}", column.kind.name(), column.unit)
        };
        let null = if column.is_nullable { ", may be null" } else { "" };
        writeln!(out, "  {:width$}  {unit}{null}: {}", column.name, column.meaning)?;
    }
    Ok(())
}

fn sql(out: &mut impl Write, told: &Told) -> Result<()> {
    match told.sql {
        Some(sql) => writeln!(out, "{}", sql.trim_end())?,
        None => writeln!(out, "-- {} is counted in Rust: what it needs is not alike in every SQL engine.", told.name)?,
    }
    Ok(())
}
