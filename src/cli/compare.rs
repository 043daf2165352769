//! `mailtally compare`: two periods side by side, as one HTML file, its tables, and a summary on the terminal.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde::Serialize;

use super::counting::VeilOptions;
use super::exit::{Done, usage};
use super::export::FormOptions;
use super::fail_on::{self, Turn};
use super::feedback::TwoFeedbackOptions;
use super::inputs::{Inputs, Reading};
use super::output;
use super::pipeline::{self, Counted, Wanted};
use super::rules::OwnRules;
use super::scope::TwoScopes;
use crate::compare::{Comparison, Period, verdict};
use crate::cubes::Scope;
use crate::event::Micros;
use crate::insights::total;
use crate::report::comparison::{About, Sides, page, sentence, summary, warnings};
use crate::tables::daily::Daily;
use crate::tables::{COMPARISON, TABLES, Table, Tables, write_json};

/// What changed between two periods
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally compare --before september/ --after october/ -o compare.html\n  mailtally compare --before /var/log/mail.log* --before-period 2026-09 --after-period 2026-10 --tables changes/"
)]
pub(super) struct Compare {
    /// Log files, folders or globs of the first period
    #[arg(long, value_name = "INPUT", num_args = 1.., required = true, value_hint = clap::ValueHint::AnyPath)]
    before: Vec<String>,

    /// Those of the second; without any, those of --before, if --before-period and --after-period tell them apart
    #[arg(long, value_name = "INPUT", num_args = 1.., value_hint = clap::ValueHint::AnyPath)]
    after: Vec<String>,

    #[command(flatten)]
    how: Reading,

    #[command(flatten)]
    scope: TwoScopes,

    #[command(flatten)]
    feedback: TwoFeedbackOptions,

    #[command(flatten)]
    rules: OwnRules,

    #[command(flatten)]
    veil: VeilOptions,

    /// The file that the comparison goes to; `-` for standard output
    #[arg(long, short, value_name = "FILE", default_value = "compare.html", value_hint = clap::ValueHint::FilePath, help_heading = "Output")]
    output: PathBuf,

    /// Print the comparison as JSON instead of the summary
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Write the tables of the comparison into this folder, and those of both periods into `before` and `after` below it
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath, help_heading = "Tables")]
    tables: Option<PathBuf>,

    #[command(flatten)]
    form: FormOptions,

    /// The heading of the page [default: "Comparison" and the periods]
    #[arg(long, value_name = "TEXT", value_parser = output::title_of, help_heading = "Output")]
    title: Option<String>,

    /// Write what the page folds away open: for printers and PDF
    #[arg(long, help_heading = "Output")]
    print: bool,

    /// End with exit code 4 if there is such a change
    #[arg(long, value_name = "CHANGE", help_heading = "Output")]
    fail_on: Option<Turn>,
}

/// One period, counted.
struct Side {
    counted: Counted,
    daily: Daily,
}

impl Compare {
    pub(super) fn run(&self) -> Result<Done> {
        let all: Vec<&Table> = COMPARISON.into_iter().chain(TABLES).collect();
        let which = self.form.which_of(&all).map_err(usage)?;
        let inputs = self.inputs().map_err(usage)?;
        output::check_file("-o", &self.output)?;
        self.tables.iter().try_for_each(|folder| output::check_folder("--tables", folder))?;
        let scopes = self.scope.of(&self.how.zone())?;
        let (before, after, settle) = settled(&inputs, self.wanted(&inputs, scopes)?)?;
        let periods = [&before, &after].map(|side| Period { tables: &side.counted.tables, daily: &side.daily });
        let [one, other] = periods;
        for (whose, side, inputs, scope) in
            [(", the first period", &before, &inputs.0, scopes.0), (", the second period", &after, &inputs.1, scopes.1)]
        {
            if total::period(&side.counted.tables).is_none() {
                bail!("{}. There is nothing to compare", side.counted.no_mail(scope, inputs, whose));
            }
        }
        let Some(comparison) = Comparison::of(one, other) else { bail!("there is nothing to compare") };
        let about = About {
            title: self.title.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settle_ms: settle / 1_000,
            are_apart: scopes.0.until <= scopes.1.since || scopes.1.until <= scopes.0.since,
            notes: inputs.0.notes(&[one.tables.totals.stamps, other.tables.totals.stamps]),
            is_unfolded: self.print,
        };
        let sides = Sides { before: one.tables, after: other.tables, comparison: &comparison, about: &about };
        let html = page(&sides)?;
        if let Some(folder) = &self.tables {
            self.write_tables(folder, &which, &sides)?;
        }
        if output::is_standard(&self.output) {
            std::io::stdout().lock().write_all(html.as_bytes())?;
        } else {
            output::replace(&self.output, html.as_bytes())?;
            let told = if self.json { json(&sides) } else { self.summarise(&sides, html.len()) };
            told.with_context(|| output::written(&self.output))?;
        }
        before.counted.tell(&inputs.0);
        after.counted.tell(&inputs.1);
        if fail_on::tell(self.fail_on.and_then(|turn| turn.told(&comparison))) {
            return Ok(Done::Held);
        }
        Ok(if before.counted.done() == Done::Whole { after.counted.done() } else { Done::Damaged })
    }

    /// What each period is about.
    fn wanted(&self, inputs: &(Inputs, Inputs), scopes: (Scope, Scope)) -> Result<(Wanted, Wanted)> {
        let classifier = self.rules.shared().map_err(usage)?;
        let key = self.veil.key().map_err(usage)?;
        let limits = self.how.config.limits().map_err(usage)?;
        let (before, after) = self.feedback.apart(self.after.is_empty());
        let of_before = before.read(&inputs.0)?;
        // The mails of one log are the same for both periods.
        let of_after = if after == before { of_before.clone() } else { after.read(&inputs.1)? };
        let wanted = |scope, mails| Wanted { mails, key: key.clone(), limits: limits.clone(), ..Wanted::of(scope, classifier) };
        Ok((wanted(scopes.0, of_before), wanted(scopes.1, of_after)))
    }

    /// What is read for each period.
    fn inputs(&self) -> Result<(Inputs, Inputs)> {
        if self.after.is_empty() && !self.scope.are_named() {
            bail!(
                "--after names no input. Name one, or tell two periods of --before apart with --before-period and --after-period."
            );
        }
        if self.before.iter().chain(&self.after).any(|input| input == "-") {
            bail!("-: a comparison may read its inputs twice, and standard input can be read but once. Name a file.");
        }
        if self.json && output::is_standard(&self.output) {
            bail!("--json and -o - both write to standard output. Name a file for the page with -o.");
        }
        let of = |inputs: &[String]| Inputs { inputs: inputs.to_vec(), how: self.how.clone() };
        let after = if self.after.is_empty() { &self.before } else { &self.after };
        Ok((of(&self.before), of(after)))
    }

    fn write_tables(&self, folder: &Path, which: &[&Table], sides: &Sides<'_>) -> Result<()> {
        let of_comparison = |table: &&&Table| COMPARISON.iter().any(|known| std::ptr::eq(*known, **table));
        let compared: Vec<&Table> = which.iter().filter(of_comparison).copied().collect();
        let of_periods: Vec<&Table> = which.iter().filter(|table| !of_comparison(table)).copied().collect();
        crate::tables::write(&sides.comparison.tables(), &compared, folder, self.form.form())?;
        for (name, tables) in [("before", sides.before), ("after", sides.after)] {
            if !of_periods.is_empty() {
                crate::tables::write(tables, &of_periods, &folder.join(name), self.form.form())?;
            }
        }
        Ok(())
    }

    /// The comparison in lines, on standard output.
    fn summarise(&self, sides: &Sides<'_>, bytes: usize) -> Result<()> {
        let mut out = std::io::stdout().lock();
        write!(out, "{}", output::plain(&summary(sides, output::look())))?;
        writeln!(out, "{} {} kB", self.output.display(), bytes.div_ceil(1000))?;
        out.flush()?;
        Ok(())
    }
}

/// Counts both periods with equal settling time: that which the shorter log allows, `--settle` at most. The second is counted first:
/// it is mostly the one whose log ends sooner after its period, so that the first need be read but once.
fn settled(inputs: &(Inputs, Inputs), wanted: (Wanted, Wanted)) -> Result<(Side, Side, i64)> {
    let (mut of_first, mut of_second) = wanted;
    let scopes = (of_first.scope, of_second.scope);
    let count = |inputs: &Inputs, wanted: &mut Wanted, scope: Scope| -> Result<Side> {
        wanted.scope = scope;
        let (counted, daily) = pipeline::count_and(inputs, wanted, Daily::of)?;
        Ok(Side { counted, daily })
    };
    let mut after = count(&inputs.1, &mut of_second, scopes.1)?;
    let of_after = allowed(&after.counted.tables, scopes.1);
    let is_named = scopes.0.until != Scope::default().until;
    let first = if is_named { Scope { settle: scopes.0.settle.min(of_after.settle), ..scopes.0 } } else { scopes.0 };
    let mut before = count(&inputs.0, &mut of_first, first)?;
    let of_before = allowed(&before.counted.tables, first);
    let settle = of_before.settle.min(of_after.settle).min(scopes.0.settle);
    if of_before.settle > settle {
        before = count(&inputs.0, &mut of_first, Scope { settle, ..of_before })?;
    }
    if of_after.settle > settle {
        after = count(&inputs.1, &mut of_second, Scope { settle, ..of_after })?;
    }
    Ok((before, after, settle))
}

/// The scope with its end, and with the settling time that was in force: what the log holds after that end, at most what was asked for
/// where the end is named. An end that is not named is that of the last day on which mail was received.
fn allowed(tables: &Tables, scope: Scope) -> Scope {
    let is_named = scope.until != Scope::default().until;
    let last_day = total::period(tables).map_or(0, |(_, last)| last);
    let until = if is_named { scope.until } else { Micros((i64::from(last_day) + 1) * Micros::DAY) };
    let logged = tables.totals.stamps.map_or(0, |(_, last)| last.0.saturating_sub(until.0)).max(0);
    Scope { until, settle: if is_named { logged.min(scope.settle) } else { logged }, ..scope }
}

/// What is told of a period in JSON.
#[derive(Serialize)]
struct PeriodJson<'a> {
    first_day: String,
    last_day: String,
    days: i32,
    outcomes: i64,
    hosts: &'a [String],
    files: usize,
    digest: &'a str,
}

/// The comparison as one JSON object, on standard output.
fn json(sides: &Sides<'_>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let comparison = sides.comparison;
    let verdicts = [verdict::WORSE, verdict::BETTER, verdict::SMALL, verdict::NONE, verdict::LITTLE];
    let counts: serde_json::Map<String, serde_json::Value> = verdicts
        .into_iter()
        .map(|name| (name.to_owned(), comparison.changes.iter().filter(|row| row.verdict == name).count().into()))
        .collect();
    let itself = comparison.itself.map(|itself| serde_json::json!({"compared": itself.compared, "flagged": itself.flagged}));
    let head = [
        ("schema", 1.into()),
        ("sentence", sentence(sides).into()),
        ("warnings", warnings(sides).into()),
        ("before", serde_json::to_value(period(sides.before))?),
        ("after", serde_json::to_value(period(sides.after))?),
        ("settled_hours", (sides.about.settle_ms / 3_600_000).into()),
        ("headline", comparison.headline.name().into()),
        ("verdicts", serde_json::Value::Object(counts)),
        ("with_itself", serde_json::to_value(itself)?),
    ];
    let mut before = "{";
    for (name, value) in head {
        write!(out, "{before}\n\"{name}\": {value}")?;
        before = ",";
    }
    let tables = comparison.tables();
    for table in COMPARISON {
        write!(out, ",\n\"{}\": ", table.name)?;
        write_json(&tables, table, &mut out)?;
    }
    writeln!(out, "}}")?;
    out.flush().map_err(|error| anyhow!(error))
}

fn period(tables: &Tables) -> PeriodJson<'_> {
    let (first, last) = total::period(tables).unwrap_or_default();
    PeriodJson {
        first_day: crate::insights::number::iso_date(first),
        last_day: crate::insights::number::iso_date(last),
        days: last - first + 1,
        outcomes: tables.totals.outcomes,
        hosts: &tables.totals.hosts,
        files: tables.inputs.len(),
        digest: &tables.totals.digest,
    }
}
