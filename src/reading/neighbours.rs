//! What files beside each other tell of one that shows too little itself: the end of a log that was cut, less than a line, rows without
//! the header that names their columns.

use std::cmp::Reverse;

use super::begins::{Begins, Lead};
use super::told::Told;
use crate::event::Framing;
use crate::format::{self, Format};
use crate::source::{HEAD_BYTES, each_record_of};

/// How near two files lie by their names: of one family, in one folder, and how many bytes their names share at their beginning.
pub(super) type Nearness = (bool, bool, usize);

/// How near two files lie.
pub(super) fn nearness(one: &Told, other: &Told) -> Nearness {
    let shared = one.file.name.bytes().zip(other.file.name.bytes()).take_while(|(one, other)| one == other).count();
    (one.file.rotation.family == other.file.rotation.family, one.folder() == other.folder(), shared)
}

/// The file for which `is_fit` holds and that is nearest to another by its name.
fn nearest(files: &[Told], index: usize, is_fit: impl Fn(&Told) -> bool) -> Option<&Told> {
    let told = files.get(index)?;
    let others = files.iter().enumerate().filter(|&(other, _)| other != index).map(|(_, other)| other);
    others.filter(|other| is_fit(other)).max_by_key(|other| (nearness(told, other), Reverse(&other.file.name)))
}

/// Lets files that show too little take format, framing and header from their neighbours. `settle` finds the year of their stamps.
pub(super) fn assume(files: &mut [Told], settle: impl Fn(&mut Told)) {
    join_headers(files);
    for index in 0..files.len() {
        lend_header(files, index);
    }
    for index in 0..files.len() {
        lend_format(files, index, &settle);
    }
    for index in 0..files.len() {
        judge_only_line(files, index);
    }
}

/// A header that was cut in two: a file that is less than a row, and one that shows a format only together with it.
fn join_headers(files: &mut [Told]) {
    let is_piece = |told: &Told| !told.is_recognised && told.file.head.len() < HEAD_BYTES && !told.file.head.contains(&b'\n');
    for index in 0..files.len() {
        let Some(told) = files.get(index).filter(|told| is_piece(told)) else { continue };
        let fits = |other: &(usize, &Told)| other.0 != index && !other.1.is_recognised && other.1.folder() == told.folder();
        let with = |(next, other): (usize, &Told)| {
            let both = [&told.file.head[..], &other.file.head].concat();
            let forced = |format: &'static dyn Format| format.recognise(&both).map(|(_, framing)| (format, framing));
            let detected = || format::detect(&both).map(|found| (found.format, found.framing));
            let (format, _) = told.format.map_or_else(detected, forced).filter(|&(_, framing)| framing == Framing::Csv)?;
            let end = memchr::memchr(b'\n', &both)? + 1;
            let header = both.get(..end)?.to_vec();
            Some((next, format, header))
        };
        let mut others = files.iter().enumerate().filter(fits).filter_map(with);
        let Some((next, format, header)) = others.next() else { continue };
        let lead = header.get(told.file.head.len()..).unwrap_or_default().to_vec();
        for part in [index, next] {
            if let Some(told) = files.get_mut(part) {
                (told.format, told.framing, told.is_recognised) = (Some(format), Framing::Csv, true);
                told.header.clone_from(&header);
                told.begins = Begins::default();
            }
        }
        if let Some(next) = files.get_mut(next) {
            next.look();
            next.begins.lead = Some(Lead { is_all: lead.len() == next.file.head.len(), bytes: lead });
        }
    }
}

/// Rows without a header take that of the nearest file of their format.
fn lend_header(files: &mut [Told], index: usize) {
    let Some(told) = files.get(index) else { return };
    if told.framing != Framing::Csv || told.begins.first.is_some() || !told.header.is_empty() {
        return;
    }
    let name = told.format.map(format::Format::name);
    let has_header = |other: &Told| other.format.map(format::Format::name) == name && !other.begins.header.is_empty();
    let Some(header) = nearest(files, index, has_header).map(|other| other.begins.header.clone()) else { return };
    if let Some(told) = files.get_mut(index) {
        let before = std::mem::take(&mut told.begins);
        told.header = header;
        told.look();
        if told.begins.first.is_none() && told.begins.lead.is_none() {
            (told.header, told.begins) = (Vec::new(), before);
        }
    }
}

/// A file that shows no format takes that of the nearest one that does, if its records then open as that one's do; or it holds less than
/// a record, and may turn out to be a half of one.
fn lend_format(files: &mut [Told], index: usize, settle: impl Fn(&mut Told)) {
    let Some(told) = files.get(index).filter(|told| !told.is_recognised && !told.file.head.contains(&0)) else { return };
    let is_donor = |other: &Told| other.is_recognised && other.framing != Framing::Mbox;
    let Some(donor) = nearest(files, index, is_donor) else { return };
    let (is_family, is_near, _) = nearness(told, donor);
    let (format, framing, host) = (donor.format, donor.framing, donor.begins.host.clone());
    let header = if donor.header.is_empty() { donor.begins.header.clone() } else { donor.header.clone() };
    let Some(told) = files.get_mut(index) else { return };
    let before = (told.framing, told.year);
    (told.assumed, told.framing, told.header) = (format, framing, header);
    settle(told);
    told.look();
    let begins = &told.begins;
    let is_like = match framing {
        // What is like a log of the same host is one, if it also begins in the middle of a line: else it is another log.
        Framing::Lines => begins.lead.is_some() && begins.host == host,
        Framing::Csv | Framing::Json | Framing::Mbox => is_family || is_near,
    };
    // The end of a list holds no record.
    let is_empty = framing == Framing::Json && records(&told.file.head, framing) == (0, false);
    if is_like && (is_empty || begins.first.is_some() && begins.all_open) {
        told.format = told.format.or(format);
    } else if !is_less_than_a_record(told) {
        (told.assumed, told.framing, told.year) = (None, before.0, before.1);
        told.header.clear();
        if told.format.is_some() {
            told.look();
        } else {
            told.begins = Begins::default();
        }
    }
}

/// Whether all of a file is the beginning or the end of one record.
fn is_less_than_a_record(told: &Told) -> bool {
    let head = &told.file.head;
    if head.len() >= HEAD_BYTES {
        return false;
    }
    told.begins.lead.as_ref().is_some_and(|lead| lead.is_all) || records(head, told.framing) == (1, true)
}

/// How many records `content` holds, and whether the last of them is cut off.
fn records(content: &[u8], framing: Framing) -> (u64, bool) {
    let mut records = 0;
    let tail = each_record_of(content, framing, |_, _| records += 1);
    (records, tail.is_some())
}

/// The only line of a file is judged by the lines of the nearest file that has more.
fn judge_only_line(files: &mut [Told], index: usize) {
    let is_whole = |told: &Told| told.format.is_some() && told.begins.forms.is_empty() && told.begins.lead.is_none();
    if !files.get(index).is_some_and(|told| is_whole(told) && told.framing == Framing::Lines) {
        return;
    }
    let forms = nearest(files, index, |other| !other.begins.forms.is_empty()).map(|other| other.begins.forms.clone());
    if let (Some(told), Some(forms)) = (files.get_mut(index), forms) {
        told.begins.judge_only_line(&told.file.head, &forms);
    }
}
