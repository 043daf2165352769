//! What the head of a file shows: its first and last stamps, its header, and whether its first record is the end of another file's.

use std::collections::BTreeSet;

use crate::event::{Event, Framing, Kind, Micros, Pos, Sink};
use crate::format::{Opening, Reader};
use crate::source::{HEAD_BYTES, each_record_of};

/// How many lines of a head are looked at.
const LINES: usize = 64;

/// How many bytes of a line are its form: a stamp and the byte behind it.
const FORM_BYTES: usize = 12;

/// How a line begins, see [`form`].
pub(super) type Form = [u8; FORM_BYTES];

/// What a head shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Begins {
    /// The first stamp of a whole record.
    pub(super) first: Option<Micros>,
    /// The latest stamp of the records looked at.
    pub(super) latest: Option<Micros>,
    /// The host of the first stamp; empty where not logged.
    pub(super) host: Vec<u8>,
    /// What stands before the first record, if it is the end of one that another file began.
    pub(super) lead: Option<Lead>,
    /// The forms of its lines, but for the first; empty if there are no others.
    pub(super) forms: BTreeSet<Form>,
    /// The rows before the first one with a stamp, without a lead: the names of columns.
    pub(super) header: Vec<u8>,
    /// Whether everything looked at behind the lead opens with a stamp, if only what is cut off does not.
    pub(super) all_open: bool,
}

/// The end of a record that another file began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lead {
    /// Its bytes as they stand in the file, line end included.
    pub(super) bytes: Vec<u8>,
    /// Whether the file holds nothing else.
    pub(super) is_all: bool,
}

/// Takes events and forgets them.
pub(super) struct Nowhere;

impl Sink for Nowhere {
    fn event(&mut self, _: &Event<'_>) {}
}

impl Begins {
    /// Looks at a head through a reader of the file.
    pub(super) fn of(reader: &mut dyn Reader, head: &[u8], framing: Framing) -> Self {
        match framing {
            Framing::Lines => Self::of_lines(reader, head),
            Framing::Csv | Framing::Json => Self::of_records(reader, head, framing),
            Framing::Mbox => {
                let mut begins = Self::default();
                each_record_of(head, framing, |_, record| begins.see(reader.opening(record)));
                begins
            }
        }
    }

    fn of_lines(reader: &mut dyn Reader, head: &[u8]) -> Self {
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
        let lead = Lead { bytes: first.to_vec(), is_all: is_whole_file && first.len() == head.len() };
        Self { lead: Some(lead), forms, ..Self::default() }.with(others.into_iter(), reader)
    }

    /// Rows or objects. What stands before the first that opens with a stamp is a header, or else a lead.
    fn of_records(reader: &mut dyn Reader, head: &[u8], framing: Framing) -> Self {
        let mut begins = Self { all_open: true, ..Self::default() };
        // Where the first record with a stamp begins, and the first that is not understood; whether the last one has a stamp.
        let (mut start, mut unread, mut is_open) = (None, None, true);
        let mut records = 0;
        let tail = each_record_of(head, framing, |at, record| {
            records += 1;
            let opening = reader.opening(record);
            if opening.is_none() && start.is_none() && unread.is_none() {
                let kind = reader.read(record, Pos::default(), &mut Nowhere);
                unread = (kind == Kind::Unparsed).then_some(at);
            }
            begins.all_open &= is_open;
            is_open = opening.is_some() || start.is_none();
            start = start.or(opening.is_some().then_some(at));
            begins.see(opening);
        });
        // What the head cuts off need not be understood.
        begins.all_open &= is_open || tail.is_some();
        let end = start.or(tail.filter(|_| records > 1)).map_or(head.len(), |end| end as usize);
        let before = head.get(..end).unwrap_or_default();
        let is_all = start.is_none() && head.len() < HEAD_BYTES;
        if unread.is_none_or(|unread| unread >= end as u64) {
            if framing == Framing::Csv {
                begins.header = before.to_vec();
            }
        } else if start.is_some() || is_all {
            let before = if is_all { head } else { before };
            begins.lead = Some(Lead { bytes: before.to_vec(), is_all });
        }
        begins
    }

    /// Judges the only line of a file, which shows by itself whether it is whole, by the forms of a file beside it.
    pub(super) fn judge_only_line(&mut self, head: &[u8], forms: &BTreeSet<Form>) {
        let is_only = self.forms.is_empty() && head.len() < HEAD_BYTES;
        if is_only && self.lead.is_none() && !forms.is_empty() && !forms.contains(&form(head)) {
            self.lead = Some(Lead { bytes: head.to_vec(), is_all: true });
        }
    }

    /// Takes the stamps of `lines`.
    fn with<'a>(mut self, lines: impl Iterator<Item = &'a [u8]>, reader: &mut dyn Reader) -> Self {
        self.all_open = true;
        for line in lines {
            let opening = reader.opening(line.trim_ascii_end());
            self.all_open &= opening.is_some();
            self.see(opening);
        }
        self
    }

    /// Takes the stamp of the next record.
    fn see(&mut self, opening: Option<Opening>) {
        let Some(Opening { time, host }) = opening else { return };
        if self.first.is_none() {
            (self.first, self.host) = (Some(time), host);
        }
        self.latest = self.latest.max(Some(time));
    }
}

/// Whether the first line of a file is the end of a line that began elsewhere, judged by the `others` behind it and their `forms`.
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
