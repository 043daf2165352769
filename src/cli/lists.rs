//! `mailtally lists`: whom to suppress, whom to send to again, and where a cause must be mended first, as three files.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use clap::Args;

use super::counting::CountOptions;
use super::exit::Done;
use super::inputs::Inputs;
use super::output;
use super::pipeline::{self, Counted};
use crate::insights::number;
use crate::tables::lists::{FIX, Listed, RETRY, SUPPRESS};
use crate::tables::{As, Table};

/// Whom to suppress, whom to send to again, and where a cause must be mended first
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally lists /var/log/mail.log* --into lists/\n  mailtally lists logs/ --period 2026-10 --into lists/ --config mailtally.toml\n\nWrites suppress.csv, retry.csv and fix.csv: every address whose last mail failed is on one of them. `mailtally tables suppress`\ntells the columns. Give the logs of a whole month or more: some rules look at 30 days."
)]
pub(super) struct Lists {
    #[command(flatten)]
    inputs: Inputs,

    #[command(flatten)]
    mail: CountOptions,

    /// The folder that the files go to; made if need be
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    into: PathBuf,
}

impl Lists {
    pub(super) fn run(&self) -> Result<Done> {
        output::check_folder("--into", &self.into)?;
        let wanted = self.mail.wanted(&self.inputs, Arc::default())?;
        let counted = pipeline::count(&self.inputs, &wanted)?;
        let which: [&Table; 3] = [&SUPPRESS, &RETRY, &FIX];
        let paths = crate::tables::write(&counted.tables, &which, &self.into, As::Csv)?;
        counted.tell(&self.inputs);
        tell(&counted, &paths)?;
        Ok(counted.done())
    }
}

/// How many addresses are in each file, and by which rule.
fn tell(counted: &Counted, paths: &[PathBuf]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let tables = &counted.tables;
    for (path, rows) in paths.iter().zip([&tables.suppress, &tables.retry, &tables.fix]) {
        writeln!(out, "{}", line(path, rows))?;
    }
    for folded in &tables.totals.folded {
        if [SUPPRESS.name, RETRY.name, FIX.name].contains(&folded.view) {
            writeln!(out, "{}: {} more are not in the file", folded.view, number::many(folded.names, "address", "addresses"))?;
        }
    }
    out.flush()?;
    Ok(())
}

fn line(path: &Path, rows: &[Listed]) -> String {
    let mut by_basis: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        *by_basis.entry(&row.basis).or_default() += 1;
    }
    let mut by_basis: Vec<_> = by_basis.into_iter().collect();
    by_basis.sort_by_key(|&(basis, addresses)| (std::cmp::Reverse(addresses), basis));
    let parts: Vec<String> =
        by_basis.iter().map(|(basis, addresses)| format!("{basis} {}", number::count(*addresses))).collect();
    let addresses = number::many(rows.len() as i64, "address", "addresses");
    let line = format!("{}  {addresses}  {}", path.display(), parts.join(", "));
    line.trim_end().replace(number::GAP, " ")
}
