//! What the head of a file of lines shows: its first and last stamps, and whether its first line is the end of another file's line.

use std::collections::BTreeSet;

use super::backwards::Steps;
use crate::event::Micros;
use crate::format::{Opening, Reader};
use crate::source::{File, HEAD_BYTES};

/// How many lines of a head are looked at.
const LINES: usize = 64;

/// How many bytes of a line are its form: a stamp and the byte behind it.
const FORM_BYTES: usize = 12;

/// What a head shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Begins {
    /// The first stamp of a whole record.
    pub(super) first: Option<Micros>,
    /// The latest stamp of the records looked at.
    pub(super) latest: Option<Micros>,
    /// The earliest of them.
    pub(super) earliest: Option<Micros>,
    /// How they go on from each other.
    pub(super) steps: Steps,
    /// The host of the first stamp; empty where not logged.
    pub(super) host: Vec<u8>,
    /// All hosts that its first records name.
    pub(super) hosts: BTreeSet<Vec<u8>>,
    /// The first line, if it is the end of a line that another file began.
    pub(super) lead: Option<Lead>,
    /// The forms of its lines, but for the first; empty if there are no others.
    pub(super) forms: BTreeSet<Form>,
}

/// How a line begins, see [`form`].
pub(super) type Form = [u8; FORM_BYTES];

/// The end of a line that another file began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lead {
    /// Its bytes, without `\n`.
    pub(super) bytes: Vec<u8>,
    /// Whether the file holds nothing else, not even the `\n`.
    pub(super) is_open: bool,
}

impl Lead {
    /// A first line, with its `\n` if it has one.
    fn of(line: &[u8]) -> Self {
        let bytes = line.strip_suffix(b"\n");
        Self { bytes: bytes.unwrap_or(line).to_vec(), is_open: bytes.is_none() }
    }

    /// Whether it is the `rest` of a line; if it has no end, the next of it.
    pub(super) fn ends_within(&self, rest: &[u8]) -> bool {
        if self.is_open { !self.bytes.is_empty() && rest.starts_with(&self.bytes) } else { rest == self.bytes }
    }
}

impl Begins {
    /// Looks at a head of lines through a reader of the file.
    pub(super) fn of_lines(reader: &mut dyn Reader, head: &[u8]) -> Self {
        let is_whole_file = head.len() < HEAD_BYTES;
        let mut lines = head.split_inclusive(|&byte| byte == b'\n').take(LINES);
        let Some(first) = lines.next() else { return Self::default() };
        if !first.ends_with(b"\n") && !is_whole_file {
            // A first line that is longer than a head: too long to be held back.
            return Self::default().with(std::iter::once(first), reader);
        }
        let others: Vec<&[u8]> = lines.filter(|line| line.ends_with(b"\n")).collect();
        let forms = others.iter().map(|line| form(line)).collect();
        if !is_end_of_line(reader, first, &others, &forms) {
            return Self { forms, ..Self::default() }.with(std::iter::once(first).chain(others), reader);
        }
        Self { lead: Some(Lead::of(first)), forms, ..Self::default() }.with(others.into_iter(), reader)
    }

    /// Judges the only line of a file, which shows by itself whether it is whole, by the forms of a file beside it.
    pub(super) fn judge_only_line(&mut self, file: &File, forms: &BTreeSet<Form>) {
        let is_only = self.forms.is_empty() && file.head_bytes() < HEAD_BYTES;
        if is_only && self.lead.is_none() && !forms.is_empty() {
            let head = file.head();
            if !forms.contains(&form(&head)) {
                self.lead = Some(Lead::of(&head));
            }
        }
    }

    /// Takes the stamps of `lines`.
    fn with<'a>(mut self, lines: impl Iterator<Item = &'a [u8]>, reader: &mut dyn Reader) -> Self {
        for line in lines {
            self.see(reader.opening(line.trim_ascii_end()));
        }
        self
    }

    /// Takes the stamp of the next record.
    pub(super) fn see(&mut self, opening: Option<Opening>) {
        let Some(Opening { time, host }) = opening else { return };
        if !host.is_empty() && !self.hosts.contains(&host) {
            self.hosts.insert(host.clone());
        }
        if self.first.is_none() {
            (self.first, self.host) = (Some(time), host);
        }
        self.latest = self.latest.max(Some(time));
        self.earliest = Some(self.earliest.map_or(time, |earliest| earliest.min(time)));
        self.steps.see(time);
    }

    /// As of a file that is read from its end, where `last` stands, if it is known.
    pub(super) fn turned(self, last: Option<Micros>) -> Self {
        Self { first: last.or(self.earliest), lead: None, ..self }
    }
}

/// Whether the first line of a file is the end of a line that began elsewhere, judged by the `others` behind it.
///
/// An empty one is: the cut fell before a line end. One without a stamp is, where the others have stamps. One with a stamp opens with a
/// whole header, and is a line of its own; unless none of the others has a header of this form, for then a longer header was cut in
/// two (`<22>` and the rest, a container's stamp and the program's), or some number looks like a stamp.
fn is_end_of_line(reader: &mut dyn Reader, first: &[u8], others: &[&[u8]], forms: &BTreeSet<Form>) -> bool {
    let text = first.trim_ascii_end();
    if text.is_empty() {
        return true;
    }
    let stamped = others.iter().filter(|line| reader.opening(line.trim_ascii_end()).is_some()).count();
    if stamped * 2 < others.len() {
        // A log without stamps: where its lines begin cannot be told from one alone.
        return false;
    }
    if reader.opening(text).is_none() {
        return true;
    }
    !forms.is_empty() && !forms.contains(&form(first))
}

/// The form of a line's beginning: digits are alike, and so is a blank that pads a digit; other bytes are themselves, letters alike.
fn form(line: &[u8]) -> Form {
    let mut form = [0; FORM_BYTES];
    let mut before = 0;
    for (place, &byte) in form.iter_mut().zip(line) {
        *place = match byte {
            b'0'..=b'9' => b'0',
            b' ' if before == b' ' => b'0',
            b'a'..=b'f' if line.starts_with(b"@4") => b'0',
            b'a'..=b'z' | b'A'..=b'Z' => b'a',
            _ => byte,
        };
        before = byte;
    }
    form
}
