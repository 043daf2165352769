//! `mailtally inspect`: what each file is, and how every line of it was counted; of mails, what each is. Needs no stitch.

use std::io::Write;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::exit::Done;
use super::inputs::Inputs;
use super::reading::{self, Remark};
use crate::feedback::{About, Mail};
use crate::format::{self, Account};
use crate::reading::{Listed, Read, Records, ToldFile};
use crate::visible::visible;

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
    #[serde(flatten)]
    mails: Option<Mails>,
}

/// What the mails of a file are. Of a file that holds one mail each is 0 or 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Mails {
    /// Some recipient failed for good.
    files_bounce: u64,
    /// Somewhere it is still in a queue, and nobody failed.
    files_delay_only: u64,
    /// Anything else that is a mail: answers of programs, reports of success, other mail.
    files_not_a_bounce: u64,
    /// A recipient complains.
    complaints: u64,
    /// A report of the kind of complaints that is none: it is no spam, or about SPF, DKIM or DMARC.
    files_other_feedback: u64,
}

impl Mails {
    fn see(&mut self, mail: &Mail) {
        let count = match &mail.about {
            About::Bounce(_) => &mut self.files_bounce,
            About::Delay(_) => &mut self.files_delay_only,
            About::Complaint(complaint) if complaint.feedback.is_complaint() => &mut self.complaints,
            About::Complaint(_) => &mut self.files_other_feedback,
            About::Positive(_) | About::AutoReply | About::Challenge | About::Receipt | About::Aggregate | About::Other => {
                &mut self.files_not_a_bounce
            }
            About::NoMail => return,
        };
        *count += 1;
    }

    fn add(&mut self, other: Self) {
        self.files_bounce += other.files_bounce;
        self.files_delay_only += other.files_delay_only;
        self.files_not_a_bounce += other.files_not_a_bounce;
        self.complaints += other.complaints;
        self.files_other_feedback += other.files_other_feedback;
    }
}

/// What one file, or a part of it, came to.
#[derive(Clone, Debug, Default)]
struct Counted {
    account: Account,
    mails: Mails,
}

#[derive(Serialize)]
struct Files<'a> {
    files: Vec<Line<'a>>,
    /// Inputs of which nothing was read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_read: Vec<NotRead<'a>>,
}

/// An input of which nothing was read.
#[derive(Serialize)]
struct NotRead<'a> {
    path: &'a str,
    reason: String,
}

impl Inspect {
    pub(super) fn run(&self) -> Result<Done> {
        let begin = |files: &[ToldFile]| vec![Counted::default(); files.len()];
        let (listed, mut read) = reading::read(&self.inputs, begin, counted, |files, file, part| {
            if let Some(whole) = files.get_mut(file) {
                whole.account.absorb(&part.account);
                whole.mails.add(part.mails);
            }
        })?;
        for (counted, read) in read.state.iter_mut().zip(&read.files) {
            counted.account.bytes = read.bytes;
        }
        self.print(&listed, &read)
    }

    fn print(&self, listed: &Listed, read: &Read<Vec<Counted>>) -> Result<Done> {
        let mut lines = Vec::new();
        let missing: Vec<Remark> = listed.damage.iter().map(Remark::of).collect();
        let mut is_damaged = missing.iter().any(|remark| remark.is_damage);
        for (told, (counted, file)) in listed.files.iter().zip(read.state.iter().zip(&read.files)) {
            let remarks = reading::remarks(told, &counted.account, file, &self.inputs);
            is_damaged |= remarks.iter().any(|remark| remark.is_damage);
            let said = remarks.into_iter().map(|remark| remark.words).collect();
            lines.push((line(told, counted, said), reading::notes(told)));
        }
        let mut out = std::io::stdout().lock();
        if self.json {
            let files = lines.into_iter().map(|(line, _)| line).collect();
            let not_read = listed.damage.iter().map(|one| NotRead { path: &one.path, reason: one.what.to_string() }).collect();
            serde_json::to_writer(&mut out, &Files { files, not_read })?;
            writeln!(out)?;
        } else {
            for (line, notes) in &lines {
                write_line(&mut out, line, notes)?;
            }
        }
        out.flush()?;
        reading::tell(&missing, self.inputs.how.quiet);
        let holds_mails = listed.files.iter().any(ToldFile::holds_mails);
        if read.state.iter().all(|counted| counted.account.delivery == 0) && !holds_mails {
            bail!("no input holds a delivery record. Name logs of a mail server, or force a format with --format.");
        }
        Ok(if is_damaged { Done::Damaged } else { Done::Whole })
    }
}

/// Counts the records of a unit.
fn counted(records: &mut Records<'_>) -> Counted {
    let mut counted = Counted::default();
    let holds_mails = records.told().holds_mails();
    records.each(|reader, at, record| {
        let kind = reader.read(record, at, &mut counted.account);
        counted.account.record(kind);
        if holds_mails {
            counted.mails.see(&Mail::read(record));
        }
    });
    counted
}

fn line<'a>(told: &'a ToldFile, counted: &Counted, said: Vec<String>) -> Line<'a> {
    let account = &counted.account;
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
        mails: told.holds_mails().then_some(counted.mails),
        suggestion: if told.format.is_none() { format::suggest(&told.file.head()) } else { None },
    }
}

fn write_line(out: &mut impl Write, line: &Line<'_>, notes: &[String]) -> Result<()> {
    writeln!(out, "{}", visible(line.path))?;
    writeln!(out, "  format      {} ({}, {} bytes)", visible(line.format), line.compression, line.bytes)?;
    if let Some(mails) = &line.mails {
        writeln!(
            out,
            "  mails       {}: {} bounces, {} delays, {} complaints, {} other feedback reports, {} of other kinds",
            line.lines,
            mails.files_bounce,
            mails.files_delay_only,
            mails.complaints,
            mails.files_other_feedback,
            mails.files_not_a_bounce
        )?;
        return damages(out, line);
    }
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
    for note in notes {
        writeln!(out, "  note        {}", visible(note))?;
    }
    damages(out, line)
}

fn damages(out: &mut impl Write, line: &Line<'_>) -> Result<()> {
    for damage in &line.damage {
        writeln!(out, "  damage      {}", visible(damage))?;
    }
    if let Some(suggestion) = &line.suggestion {
        writeln!(out, "\n# A mapping for {}: check it, name it, and put it into mailtally.toml.", line.path.escape_debug())?;
        writeln!(out, "{suggestion}")?;
    }
    Ok(())
}
