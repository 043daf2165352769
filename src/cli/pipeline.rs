//! From inputs to tables: reads every segment on some thread, stitches and counts it there, and joins the parts in order.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Result, bail};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::exit::Done;
use super::feedback::Mails;
use super::inputs::Inputs;
use super::reading::{self, Remark};
use crate::classify::Classifier;
use crate::cubes::kept::Keep;
use crate::cubes::{Scope, Tally};
use crate::event::{Event, Micros, Sink};
use crate::feedback::CaseWatch;
use crate::format::{self, Reader};
use crate::insights::number;
use crate::intern::Interner;
use crate::reading::{FileRead, Lanes, Listed, Records, ToldFile, hosted};
use crate::seeds::Seeds;
use crate::stitch::{Overlap, Segment};
use crate::tables::inputs::Input;
use crate::tables::kept::Rows;
use crate::tables::names::hexadecimal;
use crate::tables::{self, Cubes, Limits, Tables, Veil};
use crate::visible::visible;

/// The tables of a run, and how whole the input was.
pub(super) struct Counted {
    /// The tables.
    pub(super) tables: Tables,
    /// What the person at the terminal is told of the inputs, in order.
    remarks: Vec<Remark>,
    /// Files whose records name no host, and are not told to be of one.
    hostless: usize,
    /// The rows behind the tables, where they were asked for.
    pub(super) rows: Option<Rows>,
}

/// What one unit came to.
struct Part {
    segment: Segment<Tally>,
    account: format::Account,
    hosts: Hosts,
    /// A reader of its file, for a record whose pieces lie on both sides of a cut.
    reader: Option<Box<dyn Reader>>,
    /// The host of its file, where records name none.
    host: Vec<u8>,
    /// Whether its file ends with it.
    is_last: bool,
}

/// The hosts that wrote the records of a part.
#[derive(Default)]
struct Hosts {
    seen: BTreeSet<Vec<u8>>,
    last: Vec<u8>,
}

impl Hosts {
    fn see(&mut self, host: &[u8]) {
        // Emptiness first: to compare nothing with nothing costs more than to compare names. The library's masked load at the address of an
        // empty vector, which is none, is a fault that the processor has to suppress.
        if !host.is_empty() && self.last != host {
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

    fn unmapped(&mut self, field: &'static str, value: &[u8]) {
        self.account.unmapped(field, value);
    }
}

/// What a run is about beside its inputs.
pub(super) struct Wanted {
    /// Which mail counts.
    pub(super) scope: Scope,
    /// By which rules replies are classified.
    pub(super) classifier: &'static Classifier,
    /// How wide tables may be, and by which numbers lists are made.
    pub(super) limits: Limits,
    /// Addresses that are watched.
    pub(super) seeds: Arc<Seeds>,
    /// Mails that came back.
    pub(super) mails: Mails,
    /// By which key addresses get other names in what is written; None: they keep theirs.
    pub(super) key: Option<Key>,
}

/// What the other names of addresses depend on.
#[derive(Clone)]
pub(super) enum Key {
    /// The bytes of a file.
    Own(Vec<u8>),
    /// What was read. Who has that has the addresses.
    OfInputs,
}

impl Wanted {
    /// The mail of `scope` with the usual limits, and no seeds.
    pub(super) fn of(scope: Scope, classifier: &'static Classifier) -> Self {
        Self { scope, classifier, limits: Limits::default(), seeds: Arc::default(), mails: Mails::default(), key: None }
    }
}

/// Reads all inputs and makes the tables.
pub(super) fn count(inputs: &Inputs, wanted: &Wanted) -> Result<Counted> {
    Ok(count_and(inputs, wanted, |_| ())?.0)
}

/// Likewise, and keeps rows.
pub(super) fn count_keeping(inputs: &Inputs, wanted: &Wanted, keep: Option<Keep>) -> Result<Counted> {
    Ok(count_with(inputs, wanted, keep, |_| ())?.0)
}

/// Likewise, and what `also` makes of what was counted.
pub(super) fn count_and<T>(inputs: &Inputs, wanted: &Wanted, also: impl FnOnce(&Cubes<'_>) -> T) -> Result<(Counted, T)> {
    count_with(inputs, wanted, None, also)
}

fn count_with<T>(
    inputs: &Inputs,
    wanted: &Wanted,
    keep: Option<Keep>,
    also: impl FnOnce(&Cubes<'_>) -> T,
) -> Result<(Counted, T)> {
    let Wanted { scope, classifier, seeds, mails, .. } = wanted;
    let cases = Arc::new(CaseWatch::new(mails.returned.cases.clone()));
    let tally = || Tally::new(*scope, classifier).watching(Arc::clone(seeds)).looking_for(Arc::clone(&cases)).keeping(keep);
    let (listed, read) =
        reading::read(inputs, |files| Whole::new(files, tally()), |records| part(records, tally()), Whole::take)?;
    read.state.tables(&listed, &read.files, inputs, wanted, also)
}

/// Reads one unit.
fn part(records: &mut Records<'_>, tally: Tally) -> Part {
    let is_alone = records.told().lane.is_none();
    let mut segment = if is_alone { Segment::new(tally) } else { Segment::held(tally) };
    let (mut account, mut hosts) = (format::Account::default(), Hosts::default());
    let host = records.told().host.clone();
    records.each(|reader, at, record| {
        let mut both = Both { segment: &mut segment, account: &mut account, hosts: &mut hosts };
        let kind = hosted(&host, &mut both, |into| reader.read(record, at, into));
        account.record(kind);
        // A record whose pieces were just completed. The account counted them as they stand.
        while let Some(joined) = segment.joined() {
            hosted(&host, &mut segment, |into| reader.read(&joined.record, joined.pos, into));
        }
    });
    Part { segment, account, hosts, reader: records.told().reader(), host, is_last: records.ends_file() }
}

/// All that was read so far, in order.
struct Whole {
    stitch: Overlap<Tally>,
    lanes: Lanes,
    accounts: Vec<format::Account>,
    hosts: BTreeSet<Vec<u8>>,
    /// Files of which some record named a host.
    hosted: BTreeSet<usize>,
}

impl Whole {
    fn new(files: &[ToldFile], tally: Tally) -> Self {
        let accounts = vec![format::Account::default(); files.len()];
        let lanes = Lanes::of(files);
        Self { stitch: Overlap::new(tally, &lanes.firsts), lanes, accounts, hosts: BTreeSet::new(), hosted: BTreeSet::new() }
    }

    /// Joins what comes next.
    fn take(&mut self, file: usize, part: Part) {
        if let Some(account) = self.accounts.get_mut(file) {
            account.absorb(&part.account);
        }
        if !part.hosts.seen.is_empty() {
            self.hosted.insert(file);
        }
        self.hosts.extend(part.hosts.seen);
        let mut reader = part.reader;
        self.stitch.join(self.lanes.of_file(file), part.segment, &mut |record, at, into| {
            if let Some(reader) = &mut reader {
                hosted(&part.host, into, |into| reader.read(record, at, into));
            }
        });
        if let Some(lane) = self.lanes.over_with(file).filter(|_| part.is_last) {
            self.stitch.close(lane);
        }
    }

    /// Ends the stitch and makes the tables.
    fn tables<T>(
        mut self,
        listed: &Listed,
        reads: &[FileRead],
        inputs: &Inputs,
        wanted: &Wanted,
        also: impl FnOnce(&Cubes<'_>) -> T,
    ) -> Result<(Counted, T)> {
        let (lexicon, mut tally, noted) = self.stitch.finish().finish();
        tally.note(&noted);
        let mut remarks: Vec<Remark> = listed.damage.iter().map(Remark::of).collect();
        remarks.extend(wanted.mails.remarks.iter().cloned());
        let mut rows = Vec::with_capacity(listed.files.len());
        for (told, (account, read)) in listed.files.iter().zip(self.accounts.iter_mut().zip(reads)) {
            account.bytes = read.bytes;
            let said = reading::remarks(told, account, read, inputs);
            let notes: Vec<String> = said.iter().map(|remark| remark.words.clone()).chain(reading::notes(told)).collect();
            let is_damaged = said.iter().any(|remark| remark.is_damage);
            rows.push(row(told, account, &notes, is_damaged));
            remarks.extend(said);
            remarks.extend(mails_note(told).map(|words| Remark { words, is_damage: false }));
        }
        if rows.iter().all(|row| row.attempts == 0) {
            bail!(
                "{}no input holds a delivery record. Name log files of a mail server, or force a format with --format",
                told(&remarks)
            );
        }
        let is_hostless = |(file, row): &(usize, &Input)| row.attempts > 0 && !self.hosted.contains(file);
        let hostless = rows.iter().enumerate().filter(is_hostless).count();
        let stamps = |pick: fn(&Input) -> Option<Micros>| rows.iter().filter_map(pick);
        let account = tables::Account {
            paths: listed.files.iter().map(|told| told.file.name.clone()).collect(),
            hosts: self.hosts.iter().map(|host| tables::names::utf8(host).into_owned()).collect(),
            stamps: stamps(|row| row.first).min().zip(stamps(|row| row.last).max()),
            digest: digest(listed, &self.accounts, &wanted.mails),
            inputs: rows,
            returned: wanted.mails.returned.clone(),
        };
        let mut texts: Interner = lexicon.texts;
        tally.settle(&mut texts, &self.hosts);
        let kept = tally.kept.take();
        if kept.as_ref().is_some_and(|kept| kept.is_over) {
            bail!("{TOO_MANY_ROWS}");
        }
        let paths = account.paths.clone();
        let veil = wanted.key.as_ref().map(|key| match key {
            Key::Own(key) => Veil::new(key),
            Key::OfInputs => Veil::new(&secret(listed)),
        });
        let (mut tables, also) = Tables::build_and(tally, &mut texts, wanted.classifier, account, &wanted.limits, also)?;
        if let Some(veil) = &veil {
            tables.veil(veil);
        }
        let rows = kept.map(|kept| Rows::new(kept, texts, paths, veil));
        Ok((Counted { tables, remarks, hostless, rows }, also))
    }
}

const TOO_MANY_ROWS: &str = "more attempts and outcomes than --max-rows allows: nothing was answered. Name a shorter time with --since and \
                             --until, or allow more";

/// What is told of the inputs, in front of a failure: each on a line of its own.
fn told(remarks: &[Remark]) -> String {
    remarks.iter().flat_map(|remark| [visible(&remark.words), "\nmailtally: ".to_owned()]).collect()
}

/// The day in `zone` on which a moment lies, in days since 1970-01-01.
fn day(at: Micros, zone: &TimeZone) -> i32 {
    let offset = jiff::Timestamp::from_microsecond(at.0).map_or(0, |at| zone.to_offset(at).seconds());
    Micros(at.0.saturating_add(i64::from(offset) * Micros::SECOND)).day()
}

/// What is to be said of mails among the logs: they are not read there.
fn mails_note(told: &ToldFile) -> Option<String> {
    told.holds_mails().then(|| {
        format!(
            "{}: mails, not a log; nothing of it is counted. Name bounces with --dsn, complaints with --arf.",
            told.file.name
        )
    })
}

/// A file as a row of `inputs`.
fn row(told: &ToldFile, account: &format::Account, said: &[String], is_damaged: bool) -> Input {
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
        is_damaged,
        note: said.join("; "),
    }
}

/// What nobody knows who has not the inputs. It must not follow from their digest, which is told.
fn secret(listed: &Listed) -> Vec<u8> {
    let mut whole = Sha256::new_with_prefix(b"other names for addresses");
    listed.files.iter().for_each(|told| whole.update(told.file.head()));
    whole.finalize().to_vec()
}

/// What identifies the input: of each file in its order the beginning and the length.
fn digest(listed: &Listed, accounts: &[format::Account], mails: &Mails) -> String {
    let mut whole = Sha256::new();
    for (told, account) in listed.files.iter().zip(accounts) {
        whole.update(told.shown.digest);
        whole.update(account.bytes.to_le_bytes());
    }
    mails.digests.iter().for_each(|digest| whole.update(digest.to_le_bytes()));
    hexadecimal(&whole.finalize())
}

impl Counted {
    /// Tells on stderr what was noticed of the inputs.
    pub(super) fn tell(&self, inputs: &Inputs) {
        reading::tell(&self.remarks, inputs.how.quiet);
    }

    /// What was assumed of the inputs, for the page.
    pub(super) fn notes(&self, inputs: &Inputs) -> Vec<String> {
        let mut notes = inputs.notes(&[self.tables.totals.stamps]);
        if self.hostless > 0 {
            let files = number::many(self.hostless as i64, "file names", "files name");
            notes.push(format!("The records of {files} no host: who wrote them is not among the hosts."));
        }
        notes
    }

    /// How the run ends.
    pub(super) fn done(&self) -> Done {
        if self.remarks.iter().any(|remark| remark.is_damage) { Done::Damaged } else { Done::Whole }
    }

    /// Fails where a period was named that holds no mail: it is rather mistyped than a month without trouble.
    pub(super) fn ensure_mail(&self, scope: Scope, inputs: &Inputs) -> Result<()> {
        let (all, totals) = (Scope::default(), &self.tables.totals);
        let is_named = (scope.since, scope.until) != (all.since, all.until);
        if is_named && totals.outcomes == 0 && totals.attempts == 0 {
            bail!("{}", self.no_mail(scope, inputs, ""));
        }
        Ok(())
    }

    /// That no mail was received in `scope`, and what the logs hold, after what is to be told of them. `whose`: which of two periods it is.
    pub(super) fn no_mail(&self, scope: Scope, inputs: &Inputs, whose: &str) -> String {
        let zone = inputs.zone();
        let when = match (scope.since == Scope::default().since, scope.until == Scope::default().until) {
            (true, true) => String::new(),
            (true, false) => format!(" before {}", number::iso_date(day(scope.until, &zone))),
            (false, true) => format!(" since {}", number::iso_date(day(scope.since, &zone))),
            (false, false) => {
                format!(" in {}", number::period(day(scope.since, &zone), day(Micros(scope.until.0 - 1), &zone)))
            }
        };
        let held = self.tables.totals.stamps.map_or_else(String::new, |(first, last)| {
            format!("; the logs hold {}", number::period(day(first, &zone), day(last, &zone)))
        });
        format!("{}no mail was received{when}{whose}{held}", told(&self.remarks))
    }
}
