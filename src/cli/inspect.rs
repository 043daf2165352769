//! `mailtally inspect`: what each file is, and how every line of it was counted. Needs no stitch.

use std::io::Write;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::exit::Done;
use super::inputs::Inputs;
use super::reading;
use crate::format::{self, Account};
use crate::reading::{Listed, Read, Records, Told};
use crate::source::{Damage, Severity};

/// What each file is, and how every line of it was counted
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally inspect /var/log/mail.log*\n  mailtally inspect --json logs/ | jq '.files[].unparsed'"
)]
pub(super) struct Inspect {
    #[command(flatten)]
    inputs: Inputs,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One file, as `--json` prints it. The names are fixed for scripts.
#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    format: &'a str,
    compression: &'a str,
    bytes: u64,
    lines: u64,
    delivery: u64,
    context: u64,
    other: u64,
    unparsed: u64,
    attempts: u64,
    delivered: u64,
    deferred: u64,
    bounced: u64,
    expired: u64,
    inbound_rejects: u64,
    recipient_domains: u64,
    first: Option<String>,
    last: Option<String>,
    damage: Vec<String>,
    /// A mapping in TOML, for a file of unknown format that one can be made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

#[derive(Serialize)]
struct Files<'a> {
    files: Vec<Line<'a>>,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<Done> {
        let begin = |files: &[Told]| vec![Account::default(); files.len()];
        let (listed, mut read) = reading::read(&self.inputs, begin, account, |accounts, file, account| {
            if let Some(whole) = accounts.get_mut(file) {
                whole.absorb(&account);
            }
        })?;
        for (account, read) in read.state.iter_mut().zip(&read.files) {
            account.bytes = read.bytes;
        }
        self.print(&listed, &read)
    }

    fn print(&self, listed: &Listed, read: &Read<Vec<Account>>) -> Result<Done> {
        let mut lines = Vec::new();
        let mut is_damaged = listed.damage.iter().any(|damage| damage.severity() == Severity::Damage);
        for (told, (account, file)) in listed.files.iter().zip(read.state.iter().zip(&read.files)) {
            let remarks = reading::remarks(told, account, file, self.inputs.max_unparsed);
            is_damaged |= remarks.is_damaged;
            lines.push((line(told, account, remarks.said), reading::year_note(told)));
        }
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &Files { files: lines.into_iter().map(|(line, _)| line).collect() })?;
            writeln!(out)?;
        } else {
            for (line, year) in &lines {
                write_line(&mut out, line, year.as_deref())?;
            }
        }
        out.flush()?;
        tell(&listed.damage, self.inputs.quiet);
        if read.state.iter().all(|account| account.delivery == 0) {
            bail!("no input holds a delivery record. Name logs of a mail server, or force a format with --format.");
        }
        Ok(if is_damaged { Done::Damaged } else { Done::Whole })
    }
}

/// Tells of inputs that are not among the files; of those that cost no figure only if that is wanted.
#[expect(clippy::print_stderr, reason = "messages go to stderr")]
fn tell(damage: &[Damage], quiet: bool) {
    for damage in damage.iter().filter(|damage| !quiet || damage.severity() == Severity::Damage) {
        eprintln!("mailtally: {damage}");
    }
}

/// Counts the records of a unit.
fn account(records: &mut Records<'_>) -> Account {
    let mut account = Account::default();
    records.each(|reader, at, record| {
        let kind = reader.read(record, at, &mut account);
        account.record(kind);
    });
    account
}

fn line<'a>(told: &'a Told, account: &Account, said: Vec<String>) -> Line<'a> {
    let stamp = |time: crate::event::Micros| jiff::Timestamp::from_microsecond(time.0).map(|time| time.to_string()).ok();
    Line {
        path: &told.file.name,
        format: told.format.map_or("unknown", |format| format.name()),
        compression: told.file.compression.name(),
        bytes: account.bytes,
        lines: account.lines,
        delivery: account.delivery,
        context: account.context,
        other: account.other,
        unparsed: account.unparsed,
        attempts: account.attempts,
        delivered: account.delivered,
        deferred: account.deferred,
        bounced: account.bounced,
        expired: account.expired,
        inbound_rejects: account.inbound_rejects,
        recipient_domains: account.recipient_domains(),
        first: account.first.and_then(stamp),
        last: account.last.and_then(stamp),
        damage: said,
        suggestion: if told.format.is_none() { format::suggest(&told.file.head) } else { None },
    }
}

fn write_line(out: &mut impl Write, line: &Line<'_>, year: Option<&str>) -> Result<()> {
    writeln!(out, "{}", line.path)?;
    writeln!(out, "  format      {} ({}, {} bytes)", line.format, line.compression, line.bytes)?;
    writeln!(
        out,
        "  lines       {}: {} delivery, {} context, {} other, {} unparsed",
        line.lines, line.delivery, line.context, line.other, line.unparsed
    )?;
    writeln!(
        out,
        "  attempts    {}: {} delivered, {} deferred, {} bounced, {} expired, at {} recipient domains",
        line.attempts, line.delivered, line.deferred, line.bounced, line.expired, line.recipient_domains
    )?;
    writeln!(out, "  inbound     {} rejects", line.inbound_rejects)?;
    if let (Some(first), Some(last)) = (&line.first, &line.last) {
        writeln!(out, "  from, to    {first} {last}")?;
    }
    if let Some(year) = year {
        writeln!(out, "  year        {year}")?;
    }
    for damage in &line.damage {
        writeln!(out, "  damage      {damage}")?;
    }
    if let Some(suggestion) = &line.suggestion {
        writeln!(out, "\n# A mapping for {}: check it, name it, and put it into mailtally.toml.", line.path.escape_debug())?;
        writeln!(out, "{suggestion}")?;
    }
    Ok(())
}
