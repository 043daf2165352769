//! `mailtally report`: the report of a period as one HTML file, and its summary on the terminal.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use super::counting::CountOptions;
use super::exit::{Done, usage};
use super::export::FormOptions;
use super::fail_on::{self, Condition};
use super::inputs::Inputs;
use super::output;
use super::pipeline;
use super::seeds::SeedOptions;
use crate::cubes::Scope;
use crate::event::Micros;
use crate::insights::{number, total};
use crate::report::facts::Facts;
use crate::report::{About, page, summary};
use crate::tables::Tables;

/// The report of a month as one HTML file
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally report /var/log/mail.log* -o october.html\n  mailtally report logs/ --period 2026-10 --tz Europe/Berlin --tables october/"
)]
pub(super) struct Report {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    mail: CountOptions,

    #[command(flatten)]
    seeds: SeedOptions,

    /// The file that the report goes to; `-` for standard output
    #[arg(long, short, value_name = "FILE", default_value = "report.html", value_hint = clap::ValueHint::FilePath, help_heading = "Output")]
    output: PathBuf,

    /// Write each table as a file into this folder too
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help_heading = "Tables")]
    tables: Option<PathBuf>,

    #[command(flatten)]
    form: FormOptions,

    /// The heading of the page [default: "Delivery report" and the period]
    #[arg(long, value_name = "TEXT", value_parser = output::title_of, help_heading = "Output")]
    title: Option<String>,

    /// Write what the page folds away open: for printers and PDF
    #[arg(long, help_heading = "Output")]
    print: bool,

    /// End with exit code 4 if a figure is above or below a percentage: `block_rate>1`, `delivered_rate@google<95`. Figures are columns of
    /// the tables `providers` and `unknown_users`; may be given several times
    #[arg(long, value_name = "CONDITION", help_heading = "Output")]
    fail_on: Vec<Condition>,
}

impl Report {
    pub(super) fn run(&self) -> Result<Done> {
        let which = self.form.which().map_err(usage)?;
        output::check_file("-o", &self.output)?;
        self.tables.iter().try_for_each(|folder| output::check_folder("--tables", folder))?;
        let wanted = self.mail.wanted(&self.inputs, self.seeds.read().map_err(usage)?)?;
        let counted = pipeline::count(&self.inputs, &wanted)?;
        counted.ensure_mail(wanted.scope, &self.inputs)?;
        let about = About {
            title: self.title.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: String::new(),
            warnings: Vec::new(),
            notes: preliminary(&counted.tables, wanted.scope).into_iter().chain(counted.notes(&self.inputs)).collect(),
            is_unfolded: self.print,
        };
        let facts = Facts::of(&counted.tables, &about);
        let html = page(&facts)?;
        if let Some(folder) = &self.tables {
            crate::tables::write(&counted.tables, &which, folder, self.form.form())?;
        }
        if output::is_standard(&self.output) {
            std::io::stdout().lock().write_all(html.as_bytes())?;
        } else {
            output::replace(&self.output, html.as_bytes())?;
            self.summarise(&facts, html.len()).with_context(|| output::written(&self.output))?;
        }
        counted.tell(&self.inputs);
        let is_held = fail_on::tell(self.fail_on.iter().filter_map(|condition| condition.told(&counted.tables)));
        let done = if is_held { Done::Held } else { counted.done() };
        // The program ends here: what is by the million need not be given back one by one.
        std::mem::forget(facts);
        std::mem::forget(counted);
        Ok(done)
    }

    /// The month in lines, on standard output.
    fn summarise(&self, facts: &Facts<'_>, bytes: usize) -> Result<()> {
        let mut out = std::io::stdout().lock();
        write!(out, "{}", output::plain(&summary(facts, output::look())))?;
        writeln!(out, "{} {} kB", self.output.display(), bytes.div_ceil(1000))?;
        out.flush()?;
        Ok(())
    }
}

/// That figures of the period may still change: mail waits, and the log ends before the time is over in which it may be decided.
fn preliminary(tables: &Tables, scope: Scope) -> Option<String> {
    let all = total::all(tables);
    let waiting = all.deferred + all.queued;
    let (_, last) = tables.totals.stamps?;
    let followed = last.0.saturating_sub(scope.until.0).max(0);
    if waiting == 0 || followed >= scope.settle {
        return None;
    }
    let waits = number::many(waiting, "outcome still waits", "outcomes still wait");
    let goes_on = if followed < Micros::MINUTE {
        "does not go on after it".to_owned()
    } else {
        format!("goes on for {} after it", number::span(followed / 1_000))
    };
    let settle = number::span(scope.settle / 1_000);
    Some(format!("Preliminary: {waits}. Mail is followed for {settle} after the period (--settle), and the log {goes_on}."))
}
