//! `mailtally inspect`: what each file is, and how every line of it was counted. Needs no stitch.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::exit::Done;
use super::inputs::Inputs;
use super::reading::{self, Told, Unit};
use crate::event::Pos;
use crate::format::Account;
use crate::source::{Damage, Progress, SEGMENT_BYTES, Severity};

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
}

#[derive(Serialize)]
struct Files<'a> {
    files: Vec<Line<'a>>,
}

/// What one unit came to.
struct Part {
    account: Account,
    tail: Option<(u64, Vec<u8>)>,
    damage: Vec<Damage>,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<Done> {
        let listed = reading::list(&self.inputs)?;
        let threads = self.inputs.threads();
        let units = reading::units(&listed.files, SEGMENT_BYTES, threads);
        let mut accounts: Vec<(Account, Vec<Damage>)> = listed.files.iter().map(|_| <_>::default()).collect();
        let progress = Progress::default();
        let read = |index: usize| units.get(index).and_then(|&unit| part(listed.files.get(unit.file)?, unit, &progress));
        reading::in_order(units.len(), threads, read, |index, part: Option<Part>| {
            let (Some(unit), Some(part)) = (units.get(index), part) else { return };
            let Some((account, damage)) = accounts.get_mut(unit.file) else { return };
            account.absorb(&part.account);
            damage.extend(part.damage);
            if let (Some((offset, line)), Some(told)) = (part.tail, listed.files.get(unit.file)) {
                account.absorb(&last_line(told, unit.file, offset, &line));
            }
        })?;
        self.print(&listed.files, &accounts, &listed.damage)
    }

    fn print(&self, files: &[Told], accounts: &[(Account, Vec<Damage>)], listed: &[Damage]) -> Result<Done> {
        let mut lines = Vec::new();
        let mut is_damaged = listed.iter().any(|damage| damage.severity() == Severity::Damage);
        for (told, (account, damage)) in files.iter().zip(accounts) {
            let line = line(told, account, damage, self.inputs.max_unparsed);
            is_damaged |= !line.damage.is_empty();
            lines.push(line);
        }
        let mut out = std::io::stdout().lock();
        if self.json {
            serde_json::to_writer(&mut out, &Files { files: lines })?;
            writeln!(out)?;
        } else {
            for line in &lines {
                write_line(&mut out, line)?;
            }
        }
        out.flush()?;
        tell(listed);
        if files.iter().all(|told| told.format.is_none()) {
            anyhow::bail!(
                "no input holds delivery records of a known format. Name log files, or force a format with --format."
            );
        }
        Ok(if is_damaged { Done::Damaged } else { Done::Whole })
    }
}

/// Notes on inputs that are not among the files.
#[expect(clippy::print_stderr, reason = "messages go to stderr")]
fn tell(damage: &[Damage]) {
    for damage in damage {
        eprintln!("mailtally: {damage}");
    }
}

/// Reads one unit.
fn part(told: &Told, unit: Unit, progress: &Progress) -> Option<Part> {
    let mut reader = told.reader()?;
    let mut account = Account::default();
    let file = unit.file as u32;
    let ended = reading::each_record(told, unit, progress, |offset, record| {
        let kind = reader.read(record, Pos { file, offset }, &mut account);
        account.record(kind);
    });
    account.bytes = ended.bytes;
    Some(Part { account, tail: ended.tail, damage: ended.damage })
}

/// The last line of a file that has no line end.
fn last_line(told: &Told, file: usize, offset: u64, line: &[u8]) -> Account {
    let mut account = Account::default();
    if let Some(mut reader) = told.reader() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let kind = reader.read(line, Pos { file: file as u32, offset }, &mut account);
        account.record(kind);
    }
    account
}

fn line<'a>(told: &'a Told, account: &Account, damage: &[Damage], max_unparsed: f64) -> Line<'a> {
    let said = reading::remarks(told, account, damage, max_unparsed);
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
    }
}

fn write_line(out: &mut impl Write, line: &Line<'_>) -> Result<()> {
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
    for damage in &line.damage {
        writeln!(out, "  damage      {damage}")?;
    }
    Ok(())
}
