//! Entries of the journal, as `journalctl -o export` and `-o verbose` write them: a field a line, over any number of lines.
//!
//! An exported entry begins with its cursor and ends with an empty line. A field with other than plain text stands in binary: its name, a
//! line end, eight bytes of length (little-endian), so many bytes of whatever, a line end. A verbose entry is a line with stamp and cursor,
//! and its fields indented. Sources: "Journal Export Formats" of systemd's documentation; `output_verbose()` and `output_export()`.

use memchr::memchr;
use memchr::memmem::find;

use super::{Cutter, Open, RECORD_BYTES, without_end};

/// What every exported entry begins with: one that another cut short ends here too.
const CURSOR: &[u8] = b"__CURSOR=";

/// The longest name of a field (`journal_field_valid()`).
const LONGEST_NAME: usize = 64;

/// Cuts entries.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    open: Open,
    state: State,
    /// The beginning of a line that is not in `open` yet.
    line: Vec<u8>,
    line_at: u64,
}

/// Where in an entry the cutting stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// In a line.
    #[default]
    Line,
    /// In a line that is longer than a record may be: no field that matters is.
    Long,
    /// Before the length of a binary field: how many of its bytes came, and what they amount to.
    Length(u32, u64),
    /// In a binary field or the line end behind it: so many bytes are left.
    Binary(u64),
}

impl Cutter for Entries {
    fn push<F: FnMut(u64, &[u8])>(&mut self, mut at: u64, mut block: &[u8], each: &mut F) {
        while !block.is_empty() {
            let length = match self.state {
                State::Line | State::Long => memchr(b'\n', block).map_or(block.len(), |end| end + 1),
                State::Length(..) => 1,
                State::Binary(left) => usize::try_from(left).unwrap_or(usize::MAX).min(block.len()),
            };
            let Some((piece, rest)) = block.split_at_checked(length) else { return };
            self.piece(at, piece, each);
            at += length as u64;
            block = rest;
        }
    }

    fn finish<F: FnMut(u64, &[u8])>(mut self, each: &mut F) -> u64 {
        self.judge(each);
        self.open.close(0, b"", without_end, each);
        self.open.overlong
    }
}

impl Entries {
    /// Takes a line or a part of one, a byte of a length, a part of a binary field.
    fn piece<F: FnMut(u64, &[u8])>(&mut self, at: u64, piece: &[u8], each: &mut F) {
        match self.state {
            State::Line => {
                if self.line.is_empty() {
                    self.line_at = at;
                }
                self.line.extend_from_slice(piece);
                let ends = piece.ends_with(b"\n");
                if self.line.len() > RECORD_BYTES {
                    self.open.extend(self.line_at, &self.line);
                    self.line.clear();
                    self.state = if ends { State::Line } else { State::Long };
                } else if ends {
                    self.judge(each);
                }
            }
            State::Long => {
                self.open.extend(at, piece);
                if piece.ends_with(b"\n") {
                    self.state = State::Line;
                }
            }
            State::Length(count, length) => {
                self.open.extend(at, piece);
                let byte = piece.first().copied().map_or(0, u64::from);
                let length = length | byte << (8 * count);
                self.state = match count {
                    0..7 => State::Length(count + 1, length),
                    // Damage, or a core dump: what follows is looked at as lines, so that the next entry is found.
                    _ if length > RECORD_BYTES as u64 => State::Line,
                    _ => State::Binary(length + 1),
                };
            }
            State::Binary(left) => {
                self.open.extend(at, piece);
                let left = left.saturating_sub(piece.len() as u64);
                self.state = if left == 0 { State::Line } else { State::Binary(left) };
            }
        }
    }

    /// Adds the line at hand to an entry, and gives the entry that the line ends.
    fn judge<F: FnMut(u64, &[u8])>(&mut self, each: &mut F) {
        let line = std::mem::take(&mut self.line);
        let text = without_end(&line);
        if text.is_empty() || begins(text) {
            self.open.close(self.line_at, b"", without_end, each);
        }
        if !text.is_empty() {
            self.open.extend(self.line_at, &line);
            if self.open.kept.starts_with(CURSOR) && is_name(text) {
                self.state = State::Length(0, 0);
            }
        }
        self.line = line;
        self.line.clear();
    }
}

/// Whether a line begins an entry, or is one of those that `journalctl` puts between (`-- Boot … --`).
fn begins(line: &[u8]) -> bool {
    let is_verbose = || !line.starts_with(b" ") && line.ends_with(b"]") && find(line, b" [s=").is_some();
    line.starts_with(CURSOR) || line.starts_with(b"-- ") || is_verbose()
}

/// Whether a line is the name of a field and nothing else.
fn is_name(line: &[u8]) -> bool {
    line.len() <= LONGEST_NAME && line.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
}
