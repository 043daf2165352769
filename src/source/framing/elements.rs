//! XML elements, one after the other in a file that has no root, each over any number of lines.
//!
//! An element ends on the line that holds its end tag; what begins behind that on the same line belongs to the same record. Well-formed
//! XML is not asked for: the logs that are framed so nest quotes and forget blanks. A line outside of elements is a record of its own.

use memchr::memmem::{find, rfind};

use super::{Cutter, Open, RECORD_BYTES, each_piece};

/// Cuts elements.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    open: Open,
    /// The name of the element that is open; empty if none is.
    name: Vec<u8>,
    /// The beginning of a line that is not in `open` yet.
    line: Vec<u8>,
    line_at: u64,
    /// Whether the line that is going on is longer than a record may be.
    is_overlong: bool,
}

impl Cutter for Elements {
    fn push<F: FnMut(u64, &[u8])>(&mut self, at: u64, block: &[u8], each: &mut F) {
        each_piece(at, block, |at, piece, ends| self.piece(at, piece, ends, each));
    }

    fn finish<F: FnMut(u64, &[u8])>(mut self, each: &mut F) -> u64 {
        if !self.line.is_empty() {
            self.judge(each);
        }
        self.open.close(0, b"", without_end, each);
        self.open.overlong
    }
}

impl Elements {
    /// Takes a line, or a part of one.
    fn piece<F: FnMut(u64, &[u8])>(&mut self, at: u64, piece: &[u8], ends: bool, each: &mut F) {
        if self.is_overlong {
            self.open.extend(at, piece);
        } else {
            if self.line.is_empty() {
                self.line_at = at;
            }
            self.line.extend_from_slice(piece);
            if self.line.len() > RECORD_BYTES {
                self.open.extend(self.line_at, &self.line);
                self.line.clear();
                self.is_overlong = true;
            } else if ends {
                self.judge(each);
            }
        }
        if ends && self.is_overlong {
            // Nobody knows what such a line ends: the element is given up with it.
            self.open.close(at, b"", without_end, each);
            self.name.clear();
            self.is_overlong = false;
        }
    }

    /// Adds the line at hand to a record, and gives that if the line ends it.
    fn judge<F: FnMut(u64, &[u8])>(&mut self, each: &mut F) {
        let line = std::mem::take(&mut self.line);
        let mut rest = line.trim_ascii();
        if self.name.is_empty() {
            self.name.extend_from_slice(name(rest));
        }
        while !self.name.is_empty() {
            let Some(after) = after_element(rest, &self.name) else { break };
            rest = after.trim_ascii_start();
            self.name.clear();
            self.name.extend_from_slice(name(rest));
        }
        if !(line.trim_ascii().is_empty() && self.open.is_empty()) {
            self.open.extend(self.line_at, &line);
        }
        if self.name.is_empty() {
            self.open.close(self.line_at, b"", without_end, each);
        }
        self.line = line;
        self.line.clear();
    }
}

/// The name of the element that begins a text: `<name …`. Empty if none does.
fn name(text: &[u8]) -> &[u8] {
    let Some(inside) = text.strip_prefix(b"<") else { return b"" };
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.');
    let length = inside.iter().position(|byte| !belongs(byte)).unwrap_or(inside.len());
    inside.get(..length).filter(|name| name.first().is_some_and(u8::is_ascii_alphabetic)).unwrap_or_default()
}

/// What stands behind the end of the element `name`, if `text` holds it: its last end tag, or `/>` where it has none and nothing within.
fn after_element<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut tag = Vec::with_capacity(name.len() + 3);
    tag.extend_from_slice(b"</");
    tag.extend_from_slice(name);
    tag.push(b'>');
    if let Some(at) = rfind(text, &tag) {
        return text.get(at + tag.len()..);
    }
    let begins = text.strip_prefix(b"<")?.starts_with(name);
    let is_alone = find(text.get(1..)?, b"<").is_none() && text.ends_with(b"/>");
    (begins && is_alone).then_some(b"")
}

/// A record without its line end.
fn without_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}
