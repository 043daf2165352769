//! From inputs to tables: reads every segment on some thread, stitches and counts it there, and joins the parts in order.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};

use super::exit::Done;
use super::inputs::Inputs;
use super::reading::{self, Listed, Told, Unit};
use crate::classify::Classifier;
use crate::cubes::{Scope, Tally};
use crate::event::{Event, Micros, Pos, Sink};
use crate::format;
use crate::intern::Interner;
use crate::source::{Damage, Progress, SEGMENT_BYTES, Severity};
use crate::stitch::Segment;
use crate::tables::inputs::Input;
use crate::tables::{self, Limits, Tables};

/// The tables of a run, and how whole the input was.
pub(super) struct Counted {
    /// The tables.
    pub(super) tables: Tables,
    /// Some input was damaged, of unknown format, or unparsed past the allowed share.
    pub(super) is_damaged: bool,
    /// Notes for the person at the terminal, in order.
    pub(super) messages: Vec<String>,
}

/// What one unit came to.
struct Part {
    segment: Segment<Tally>,
    account: format::Account,
    hosts: Hosts,
    tail: Option<(u64, Vec<u8>)>,
    damage: Vec<Damage>,
}

/// The hosts that wrote the records of a part.
#[derive(Default)]
struct Hosts {
    seen: BTreeSet<Vec<u8>>,
    last: Vec<u8>,
}

impl Hosts {
    fn see(&mut self, host: &[u8]) {
        if self.last != host && !host.is_empty() {
            self.last.clear();
            self.last.extend_from_slice(host);
            self.seen.insert(host.to_vec());
        }
    }
}

/// Gives each event to the account of the file and to the stitch.
struct Both<'a> {
    segment: &'a mut Segment<Tally>,
    account: &'a mut format::Account,
    hosts: &'a mut Hosts,
}

impl Sink for Both<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.hosts.see(event.head.host);
        self.account.event(event);
        self.segment.event(event);
    }
}

/// Reads all inputs and makes the tables.
pub(super) fn count(inputs: &Inputs, scope: Scope) -> Result<Counted> {
    let listed = reading::list(inputs)?;
    let threads = inputs.threads();
    let units = reading::units(&listed.files, SEGMENT_BYTES, threads);
    let progress = Progress::default();
    let mut whole = Whole::new(&listed, scope);
    let read = |index: usize| units.get(index).and_then(|&unit| read(listed.files.get(unit.file)?, unit, scope, &progress));
    reading::in_order(units.len(), threads, read, |index, part: Option<Part>| {
        if let (Some(unit), Some(part)) = (units.get(index), part) {
            whole.take(&listed, unit.file, part);
        }
    })?;
    whole.tables(&listed, inputs.max_unparsed)
}

/// Reads one unit.
fn read(told: &Told, unit: Unit, scope: Scope, progress: &Progress) -> Option<Part> {
    let mut reader = told.reader()?;
    let mut segment = Segment::new(Tally::new(scope));
    let (mut account, mut hosts) = (format::Account::default(), Hosts::default());
    let file = unit.file as u32;
    let ended = reading::each_record(told, unit, progress, |offset, record| {
        let mut both = Both { segment: &mut segment, account: &mut account, hosts: &mut hosts };
        let kind = reader.read(record, Pos { file, offset }, &mut both);
        account.record(kind);
    });
    account.bytes = ended.bytes;
    Some(Part { segment, account, hosts, tail: ended.tail, damage: ended.damage })
}

/// All that was read so far, in order.
struct Whole {
    scope: Scope,
    segment: Segment<Tally>,
    accounts: Vec<(format::Account, Vec<Damage>)>,
    hosts: BTreeSet<Vec<u8>>,
}

impl Whole {
    fn new(listed: &Listed, scope: Scope) -> Self {
        let accounts = listed.files.iter().map(|_| <_>::default()).collect();
        Self { scope, segment: Segment::beginning(Tally::new(scope)), accounts, hosts: BTreeSet::new() }
    }

    /// Joins what comes next.
    fn take(&mut self, listed: &Listed, file: usize, part: Part) {
        let Some((account, damage)) = self.accounts.get_mut(file) else { return };
        account.absorb(&part.account);
        damage.extend(part.damage);
        self.hosts.extend(part.hosts.seen);
        self.segment.join(part.segment);
        let (Some((offset, line)), Some(told)) = (part.tail, listed.files.get(file)) else { return };
        let Some(mut reader) = told.reader() else { return };
        let (mut last, mut hosts) = (Segment::new(Tally::new(self.scope)), Hosts::default());
        let mut both = Both { segment: &mut last, account, hosts: &mut hosts };
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let kind = reader.read(line, Pos { file: file as u32, offset }, &mut both);
        account.record(kind);
        self.hosts.extend(hosts.seen);
        self.segment.join(last);
    }

    /// Ends the stitch and makes the tables.
    fn tables(self, listed: &Listed, max_unparsed: f64) -> Result<Counted> {
        let (lexicon, mut tally, noted) = self.segment.finish();
        tally.note(&noted);
        let mut messages: Vec<String> = listed.damage.iter().map(ToString::to_string).collect();
        let mut is_damaged = listed.damage.iter().any(|damage| damage.severity() == Severity::Damage);
        let mut rows = Vec::with_capacity(listed.files.len());
        for (told, (account, damage)) in listed.files.iter().zip(&self.accounts) {
            let said = reading::remarks(told, account, damage, max_unparsed);
            is_damaged |= !said.is_empty();
            rows.push(row(told, account, &said));
            messages.extend(said);
        }
        if rows.iter().all(|row| row.attempts == 0) {
            bail!(
                "{}no input holds a delivery record. Name log files of a mail server, or force a format with --format",
                told(&messages)
            );
        }
        let stamps = |pick: fn(&Input) -> Option<Micros>| rows.iter().filter_map(pick);
        let account = tables::Account {
            paths: listed.files.iter().map(|told| told.file.name.clone()).collect(),
            hosts: self.hosts.iter().map(|host| tables::names::utf8(host).into_owned()).collect(),
            stamps: stamps(|row| row.first).min().zip(stamps(|row| row.last).max()),
            digest: digest(listed, &self.accounts),
            inputs: rows,
        };
        let mut texts: Interner = lexicon.texts;
        let tables = Tables::build(tally, &mut texts, Classifier::builtin(), account, Limits::default())?;
        Ok(Counted { tables, is_damaged, messages })
    }
}

/// Messages in front of a failure.
fn told(messages: &[String]) -> String {
    messages.iter().map(|message| format!("{message}\n")).collect()
}

/// A file as a row of `inputs`.
fn row(told: &Told, account: &format::Account, said: &[String]) -> Input {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Input {
        path: told.file.name.clone(),
        format: told.format.map_or("unknown", format::Format::name).to_owned(),
        compression: told.file.compression.name().to_owned(),
        bytes: count(account.bytes),
        lines: count(account.lines),
        delivery: count(account.delivery),
        context: count(account.context),
        other: count(account.other),
        unparsed: count(account.unparsed),
        attempts: count(account.attempts),
        delivered: count(account.delivered),
        deferred: count(account.deferred),
        bounced: count(account.bounced),
        expired: count(account.expired),
        inbound_rejects: count(account.inbound_rejects),
        recipient_domains: count(account.recipient_domains()),
        first: account.first,
        last: account.last,
        note: said.join("; "),
    }
}

/// What identifies the input: of each file in its order the beginning and the length.
fn digest(listed: &Listed, accounts: &[(format::Account, Vec<Damage>)]) -> String {
    let mut whole = Sha256::new();
    for (told, (account, _)) in listed.files.iter().zip(accounts) {
        whole.update(Sha256::digest(&told.file.head));
        whole.update(account.bytes.to_le_bytes());
    }
    whole.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Counted {
    /// Tells on stderr what was noticed of the inputs.
    #[expect(clippy::print_stderr, reason = "messages go to stderr")]
    pub(super) fn tell(&self, inputs: &Inputs) {
        if inputs.quiet {
            return;
        }
        for message in &self.messages {
            eprintln!("mailtally: {message}");
        }
    }

    /// How the run ends.
    pub(super) const fn done(&self) -> Done {
        if self.is_damaged { Done::Damaged } else { Done::Whole }
    }
}
