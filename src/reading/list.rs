//! What is to be read: finds the inputs, tells their formats and years, and brings them into their true order.

use sha2::{Digest, Sha256};

use super::begins::Begins;
use super::told::{Shown, ToldFile};
use super::year::{self, YearFrom};
use super::{header, lanes, nameless, seam};
use crate::event::{Framing, Micros};
use crate::format::{self, FileContext, Format};
use crate::source::{self, Damage, File, Span, Torn};

/// What is read, and how.
#[derive(Clone)]
pub struct Options {
    /// Files, folders, globs; `-` for standard input.
    pub inputs: Vec<String>,
    /// The format of all of them, if it is not to be told from their content.
    pub format: Option<&'static dyn Format>,
    /// Formats of a configuration, beside those that are built in.
    pub own_formats: Vec<&'static dyn Format>,
    /// The zone of stamps that name none.
    pub zone: jiff::tz::TimeZone,
    /// The latest moment that a stamp without a year may mean: the end of the year that was given.
    pub year: Option<Micros>,
    /// Relays that are ours, beside loopback.
    pub own_relays: Vec<String>,
}

/// The inputs in their true order, and what was found wrong with them.
pub struct Listed {
    /// By rank: first stamp, last stamp of the head, whether the first line goes on from elsewhere, rotation order, name.
    pub files: Vec<ToldFile>,
    /// What goes since another file has all of it, and ends within a line.
    pub(super) torn: Vec<(ToldFile, Torn)>,
    /// What could not be read, and what counts once.
    pub damage: Vec<Damage>,
}

/// Finds the inputs, tells what they are and in which order they were written.
#[must_use]
pub fn list(options: &Options) -> Listed {
    let found = source::discover(&options.inputs, |file| told(file, options));
    // Mails are told apart one by one: whoever counts them sees which came twice.
    let (mails, logs): (Vec<ToldFile>, Vec<ToldFile>) = found.files.into_iter().partition(ToldFile::holds_mails);
    let once = source::drop_duplicates(logs);
    let mut files: Vec<ToldFile> = once.files.into_iter().chain(mails).collect();
    header::lend(&mut files);
    seam::assume(&mut files, |told, format| settle(told, format, options));
    let damage = source::settled([found.damage, once.notes].concat());
    let mut listed = Listed { files: Vec::new(), torn: once.torn, damage };
    listed.rank(files);
    listed
}

impl Listed {
    /// Brings `files` into their true order.
    fn rank(&mut self, files: Vec<ToldFile>) {
        let spans: Vec<Option<Span>> = files.iter().map(span).collect();
        let order = {
            let files: Vec<&File> = files.iter().map(|told| &told.file).collect();
            source::rank(&files, &spans)
        };
        let mut slots: Vec<Option<ToldFile>> = files.into_iter().map(Some).collect();
        self.files = order.into_iter().filter_map(|index| slots.get_mut(index).and_then(Option::take)).collect();
        seam::place(&mut self.files);
        nameless::name(&mut self.files);
        lanes::place(&mut self.files);
    }

    /// Takes `anchors` (rank of a file, last stamp) for files whose lines contradicted their years, and ranks all files anew.
    pub(super) fn date_again(&mut self, anchors: &[(usize, Micros)]) {
        for &(rank, anchor) in anchors {
            if let Some(told) = self.files.get_mut(rank) {
                (told.context.anchor, told.year) = (anchor, Some(YearFrom::Order));
                told.begins = begins(told);
                told.last = told.format.and_then(|format| year::last_stamp(&told.file, format, &told.context));
            }
        }
        let files = std::mem::take(&mut self.files);
        self.rank(files);
    }
}

/// Tells what a file is, and lets go of its head.
fn told(file: File, options: &Options) -> ToldFile {
    let (format, framing) = format_of(&file, options);
    let context = FileContext { anchor: Micros::default(), zone: options.zone.clone(), own_relays: options.own_relays.clone() };
    let mut told = ToldFile {
        file,
        format,
        framing,
        context,
        year: None,
        lent: None,
        begins: Begins::default(),
        host: Vec::new(),
        is_beside: false,
        is_backwards: false,
        last: None,
        lane: None,
        near: None,
        shown: Shown::default(),
        assumed: None,
    };
    told.shown = shown(&told, options);
    if let Some(format) = format {
        told.is_backwards = is_backwards(&mut told, format, options);
        settle(&mut told, format, options);
        told.begins = begins(&told);
        told.last = year::last_stamp(&told.file, format, &told.context).filter(|_| told.framing == Framing::Lines);
        if told.is_backwards {
            let newest = told.begins.latest;
            told.begins = std::mem::take(&mut told.begins).turned(told.last);
            told.last = newest.filter(|_| told.framing == Framing::Lines);
        }
    } else {
        told.near = format::nearest(&options.own_formats, &told.file.head(), &told.context);
    }
    told.file.let_go();
    told
}

/// What the head of a file shows beside its beginning.
fn shown(told: &ToldFile, options: &Options) -> Shown {
    let head = told.file.head();
    Shown {
        digest: Sha256::digest(&head).into(),
        format: options.format.and_then(|_| format::detect(&head)).map(|detection| detection.format.name()),
        misfit: told.format.and_then(|format| format.misfit(&head)),
        header: told.format.and_then(|format| format.header(&head)).map(<[u8]>::to_vec),
    }
}

/// Whether the records of a file of this `format` stand from the newest to the oldest. Asked before its stamps have a year, which depends on
/// it: none is taken to be later than the first, as in such a file none is.
fn is_backwards(told: &mut ToldFile, format: &dyn Format, options: &Options) -> bool {
    (told.context.anchor, _) = year::anchor(&told.file, options.year);
    if let Some(first) = begins(told).first {
        told.context.anchor = told.context.anchor.min(first);
    }
    let begins = begins(told);
    if !begins.steps.fall() {
        return false;
    }
    let last = year::last_stamp(&told.file, format, &told.context).filter(|_| told.framing == Framing::Lines);
    last.is_none_or(|last| begins.first.is_some_and(|first| last < first))
}

/// Finds the year of the stamps of a file of this `format`.
fn settle(told: &mut ToldFile, format: &dyn Format, options: &Options) {
    let (anchor, from) = year::anchor(&told.file, options.year);
    told.context.anchor = anchor;
    told.year = year::settle(&told.file, format, &mut told.context, from, told.is_backwards);
}

/// The format of a file, and how it is framed. A forced format says so itself; where it does not know the file either, it gets lines.
fn format_of(file: &File, options: &Options) -> (Option<&'static dyn Format>, Framing) {
    let head = file.head();
    if let Some(format) = options.format {
        let usual = if format.holds_mails() { Framing::Mbox } else { Framing::Lines };
        let framing = format.recognise(&head).map_or(usual, |(_, framing)| framing);
        return (Some(format), framing);
    }
    let told = format::detect_among(&options.own_formats, &head);
    (told.map(|told| told.format), told.map_or(Framing::Lines, |told| told.framing))
}

/// What the head of a file shows of its beginning.
pub(super) fn begins(told: &ToldFile) -> Begins {
    let Some(mut reader) = told.reader() else { return Begins::default() };
    if told.framing == Framing::Lines {
        return Begins::of_lines(&mut *reader, &told.file.head());
    }
    let mut begins = Begins::default();
    source::each_record_of(&told.file.head(), told.framing, |_, record| begins.see(reader.opening(record)));
    begins
}

/// What ranks a file; None if no stamp was seen.
fn span(told: &ToldFile) -> Option<Span> {
    let begins = &told.begins;
    Some(Span { first: begins.first?, latest: begins.latest?, is_continued: begins.lead.is_some() })
}
