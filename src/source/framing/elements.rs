//! XML elements, one after the other in a file that has no root, each over any number of lines.
//!
//! An element ends on the line that holds its end tag; what begins behind that on the same line belongs to the same record. Well-formed
//! XML is not asked for: the logs that are framed so nest quotes and forget blanks. A line outside of elements is a record of its own.
//! An element that never ends would swallow the rest of the file, so one that is longer than a record may be is given up.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use memchr::memmem::{find, find_iter};

use super::{Cutter, Open, RECORD_BYTES, each_piece, without_end};

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
        let mut rest = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if self.name.is_empty() {
            self.name.extend_from_slice(name(rest));
        }
        let ends = if self.name.is_empty() { Ends::default() } else { ends(rest) };
        while !self.name.is_empty() {
            let Some(after) = after_element(rest, &self.name, &ends) else { break };
            rest = after.trim_ascii_start();
            self.name.clear();
            self.name.extend_from_slice(name(rest));
        }
        if !(line.trim_ascii().is_empty() && self.open.is_empty()) {
            self.open.extend(self.line_at, &line);
        }
        if self.open.is_overlong() {
            self.name.clear();
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
    text.strip_prefix(b"<").map(leading_name).unwrap_or_default()
}

/// The name of an element with which a text begins; empty if it begins with none.
fn leading_name(text: &[u8]) -> &[u8] {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.');
    let length = text.iter().position(|byte| !belongs(byte)).unwrap_or(text.len());
    text.get(..length).filter(|name| name.first().is_some_and(u8::is_ascii_alphabetic)).unwrap_or_default()
}

/// How many bytes stand behind the last end tag of each name. Found in one walk, since a line may hold very many elements.
type Ends<'a> = HashMap<&'a [u8], usize, FixedState>;

/// The end tags in `text`.
fn ends(text: &[u8]) -> Ends<'_> {
    let end = |at: usize| {
        let name = leading_name(text.get(at + 2..)?);
        let behind = text.get(at + 2 + name.len()..)?.strip_prefix(b">")?;
        Some((name, behind.len()))
    };
    find_iter(text, b"</").filter_map(end).collect()
}

/// What stands behind the end of the element `name`, if `text` holds it: its last end tag, which is one of `ends`, or `/>` where it has
/// none and nothing within.
fn after_element<'a>(text: &'a [u8], name: &[u8], ends: &Ends<'_>) -> Option<&'a [u8]> {
    let tag_bytes = name.len() + b"</>".len();
    if let Some(start) = ends.get(name).and_then(|behind| text.len().checked_sub(*behind)).filter(|&start| start >= tag_bytes) {
        return text.get(start..);
    }
    let begins = text.strip_prefix(b"<")?.starts_with(name);
    let is_alone = find(text.get(1..)?, b"<").is_none() && text.ends_with(b"/>");
    (begins && is_alone).then_some(b"")
}
