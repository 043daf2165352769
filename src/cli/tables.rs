//! `mailtally tables`: what each table is and what its columns mean.

use std::io::Write;

use anyhow::{Result, anyhow};
use clap::Args;

use super::exit::{Done, usage};
use crate::tables::{COMPARISON, TABLES, Table};

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
                let Some(table) = Table::named(name) else {
                    let known: Vec<_> = all().map(|table| table.name).collect();
                    return Err(usage(anyhow!("{name}: no such table. These are known: {}.", known.join(", "))));
                };
                if self.sql { sql(&mut out, table)? } else { describe(&mut out, table)? }
            }
        }
        out.flush()?;
        Ok(Done::Whole)
    }
}

/// The tables of a period, then those of a comparison.
fn all() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain(&COMPARISON).copied()
}

fn list(out: &mut impl Write) -> Result<()> {
    let width = all().map(|table| table.name.len()).max().unwrap_or(0);
    for table in all() {
        writeln!(out, "{:width$}  {} Counts {}.", table.name, table.about, table.counts)?;
    }
    Ok(())
}

fn describe(out: &mut impl Write, table: &Table) -> Result<()> {
    writeln!(out, "{}: {} Counts {}.\n", table.name, table.about, table.counts)?;
    let columns: Vec<_> = table.file_columns().collect();
    let width = columns.iter().map(|column| column.name.len()).max().unwrap_or(0);
    for column in columns {
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

fn sql(out: &mut impl Write, table: &Table) -> Result<()> {
    match table.sql {
        Some(sql) => writeln!(out, "{}", sql.trim_end())?,
        None => writeln!(out, "-- {} is counted in Rust: what it needs is not alike in every SQL engine.", table.name)?,
    }
    Ok(())
}
