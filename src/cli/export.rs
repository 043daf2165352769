//! `mailtally export`: each table of a run as a file.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::counting::CountOptions;
use super::exit::{Done, usage};
use super::inputs::Inputs;
use super::output;
use super::pipeline;
use super::seeds::SeedOptions;
use crate::insights::number;
use crate::tables::{As, TABLES, Table};

/// Each table of a run as a file
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally export /var/log/mail.log* --tables october/\n  mailtally export logs/ --tables out/ --as csv --only domains,providers"
)]
pub(super) struct Export {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    mail: CountOptions,

    #[command(flatten)]
    seeds: SeedOptions,

    /// The folder that the files go to; made if need be
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    tables: PathBuf,

    #[command(flatten)]
    form: FormOptions,
}

/// In which form tables are written, and which.
#[derive(Args, Debug)]
pub(super) struct FormOptions {
    /// In which form
    #[arg(
        long = "as", value_enum, value_name = "FORM", default_value_t = Form::Parquet, requires = "tables", help_heading = "Tables"
    )]
    form: Form,

    /// Only these tables
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "tables", help_heading = "Tables")]
    only: Vec<String>,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Apache Parquet: for pandas, polars, `DuckDB`, Spark
    Parquet,
    /// Comma-separated values: for spreadsheets
    Csv,
    /// JSON: an array of objects
    Json,
}

impl FormOptions {
    /// The form as the tables know it.
    pub(super) const fn form(&self) -> As {
        match self.form {
            Form::Parquet => As::Parquet,
            Form::Csv => As::Csv,
            Form::Json => As::Json,
        }
    }

    /// The tables of a period that were asked for, in their own order.
    pub(super) fn which(&self) -> Result<Vec<&'static Table>> {
        self.which_of(&TABLES)
    }

    /// Those of `all` that were asked for, in their own order.
    pub(super) fn which_of(&self, all: &[&'static Table]) -> Result<Vec<&'static Table>> {
        if let Some(unknown) = self.only.iter().find(|name| !all.iter().any(|table| table.name == **name)) {
            let known: Vec<_> = all.iter().map(|table| table.name).collect();
            let hint = if Table::named(unknown).is_some() { " It is made by `mailtally compare`." } else { "" };
            bail!("--only {unknown}: no such table.{hint} These are known: {}.", known.join(", "));
        }
        let is_wanted = |table: &&Table| self.only.is_empty() || self.only.iter().any(|name| name == table.name);
        Ok(all.iter().copied().filter(is_wanted).collect())
    }
}

impl Export {
    pub(super) fn run(&self) -> Result<Done> {
        let which = self.form.which().map_err(usage)?;
        output::check_folder("--tables", &self.tables)?;
        let wanted = self.mail.wanted(&self.inputs, self.seeds.read().map_err(usage)?)?;
        let counted = pipeline::count(&self.inputs, &wanted)?;
        counted.tell(&self.inputs);
        let paths = crate::tables::write(&counted.tables, &which, &self.tables, self.form.form())?;
        let files = number::many(paths.len() as i64, "table", "tables").replace(number::GAP, " ");
        output::tell(&format!("{}: {files}", self.tables.display()), self.inputs.how.quiet);
        Ok(counted.done())
    }
}
