//! `mailtally query`: a question in SQL over the tables of a run and the rows behind them.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::{Args, ValueEnum};

use super::aligned;
use super::arguments;
use super::counting::CountOptions;
use super::exit::{Done, usage};
use super::inputs::{Inputs, Reading};
use super::output;
use super::pipeline;
use super::seeds::SeedOptions;
use crate::insights::number;
use crate::tables::As;
use crate::tables::ask::{Answer, AskError, Question};
use crate::visible::visible;

fn row_count(text: &str) -> Result<u32, String> {
    arguments::whole(text, 1..=500_000_000).ok_or_else(|| "it takes a whole number of rows, 1 to 500,000,000".to_owned())
}

/// A question in SQL, over all tables, attempts and outcomes
#[derive(Args)]
#[command(
    override_usage = "mailtally query [OPTIONS] <INPUT>... <SQL>",
    after_help = "Examples:\n  mailtally query /var/log/mail.log* 'SELECT provider, outcomes, delivered FROM providers'\n  mailtally query logs/ --as csv \"SELECT time, recipient, signature FROM attempts WHERE code = 550\"\n\n`mailtally tables` lists what can be asked, `mailtally tables outcomes` the columns of one."
)]
pub(super) struct Query {
    /// Log files, folders or globs, `-` for standard input; then, last of all, one SELECT over the tables that `mailtally tables` lists
    // One list: options may stand between the two.
    #[arg(value_name = "INPUT", required = true, value_hint = clap::ValueHint::AnyPath)]
    words: Vec<String>,

    #[command(flatten)]
    how: Reading,

    #[command(flatten)]
    mail: CountOptions,

    #[command(flatten)]
    seeds: SeedOptions,

    /// In which form
    #[arg(long = "as", value_enum, value_name = "FORM", default_value_t = Form::Table, help_heading = "Output")]
    form: Form,

    /// The file that the answer goes to, instead of standard output (`-`)
    #[arg(long, short, value_name = "FILE", value_hint = clap::ValueHint::FilePath, help_heading = "Output")]
    output: Option<PathBuf>,

    /// Most attempts and outcomes that are held in memory for the question
    #[arg(
        long, value_name = "N", default_value_t = 20_000_000, value_parser = row_count,
        help_heading = "Running"
    )]
    max_rows: u32,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Aligned columns: for reading
    Table,
    /// Comma-separated values: for spreadsheets
    Csv,
    /// JSON: an array of objects
    Json,
    /// Apache Parquet, into a file
    Parquet,
}

impl Query {
    pub(super) fn run(&self) -> Result<Done> {
        let output = self.output.as_deref().filter(|path| !output::is_standard(path));
        if self.form == Form::Parquet && output.is_none() {
            return Err(usage(anyhow!("--as parquet is written to a file: name it with -o FILE")));
        }
        let (inputs, sql) = self.parts().map_err(usage)?;
        let question = Question::read(sql).map_err(|refused| usage(refused.into()))?;
        output.map_or(Ok(()), |path| output::check_file("-o", path))?;
        let wanted = self.mail.wanted(&inputs, self.seeds.read().map_err(usage)?)?;
        let keep = question.keep(self.max_rows as usize);
        let mut counted = pipeline::count_keeping(&inputs, &wanted, keep)?;
        counted.tell(&inputs);
        // The engine may quote the logs.
        let told = |error: AskError| anyhow!(visible(&error.to_string()));
        let answer = question.ask(&counted.tables, counted.rows.take()).map_err(told)?;
        match output {
            Some(path) => {
                match self.form() {
                    Some(form) => answer.write_file(form, path)?,
                    None => answer.write_with(path, |to| aligned::write(&answer, to))?,
                }
                let rows = number::many(answer.height() as i64, "row", "rows").replace(number::GAP, " ");
                output::tell(&format!("{}: {rows}", path.display()), self.how.quiet);
            }
            None => self.print(&answer)?,
        }
        Ok(counted.done())
    }

    /// What is read, and the question.
    fn parts(&self) -> Result<(Inputs, &str)> {
        let is_question = |word: &String| {
            let first = word.split_whitespace().next().unwrap_or_default();
            ["select", "with"].iter().any(|known| first.eq_ignore_ascii_case(known)) && first.len() < word.len()
        };
        if let Some((last, before)) = self.words.split_last()
            && !is_question(last)
            && before.iter().any(is_question)
        {
            return Err(anyhow!("the question comes last: INPUT… 'SELECT …'"));
        }
        match self.words.split_last() {
            Some((sql, inputs)) if !inputs.is_empty() => Ok((Inputs { inputs: inputs.to_vec(), how: self.how.clone() }, sql)),
            Some(_) | None => Err(anyhow!("a query needs an input and, last of all, the question: INPUT… 'SELECT …'")),
        }
    }

    /// Writes the answer to standard output.
    fn print(&self, answer: &Answer) -> Result<()> {
        let mut out = BufWriter::new(std::io::stdout());
        match self.form() {
            Some(form) => answer.write(form, &mut out)?,
            None => aligned::write(answer, &mut out)?,
        }
        out.flush()?;
        Ok(())
    }

    /// The form of a file; None for what is aligned for reading.
    const fn form(&self) -> Option<As> {
        match self.form {
            Form::Table => None,
            Form::Csv => Some(As::Csv),
            Form::Json => Some(As::Json),
            Form::Parquet => Some(As::Parquet),
        }
    }
}
