//! Mails: a file that holds one, or a mailbox that holds many behind `From ` lines. Sources: RFC 5322, RFC 4155.
//!
//! Which of both is told by the first line: a mail of its own may well hold a line that looks like a separator. A record of a mailbox
//! begins with its `From ` line, which is no header and holds the time of arrival; the empty line before the next one ends it. Lines
//! that were quoted with `>` are left so.

use super::{Cutter, Open, each_piece};

/// How much of a line tells whether it separates mails.
const SEPARATOR_BYTES: usize = 320;

/// Cuts mails.
#[derive(Debug, Default)]
pub(crate) struct Mails {
    open: Open,
    file: Kind,
    /// The beginning of a line of which it is not yet known whether it separates mails; not in `open` yet.
    line: Vec<u8>,
    line_at: u64,
    /// Whether the line that is going on is known to belong to the open mail.
    is_inside: bool,
    /// Whether the line before was empty.
    is_after_empty: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// No line yet that is not empty.
    #[default]
    Unknown,
    /// A mail.
    Single,
    /// A mailbox.
    Mailbox,
}

impl Cutter for Mails {
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

impl Mails {
    /// Takes a line, or a part of one.
    fn piece<F: FnMut(u64, &[u8])>(&mut self, at: u64, piece: &[u8], ends: bool, each: &mut F) {
        if self.is_inside {
            self.open.extend(at, piece);
        } else {
            if self.line.is_empty() {
                self.line_at = at;
            }
            self.line.extend_from_slice(piece);
            if ends || self.line.len() > SEPARATOR_BYTES + b"From ".len() {
                self.judge(each);
                self.is_inside = true;
            }
        }
        if ends {
            self.is_inside = false;
        }
    }

    /// Decides what the line at hand is, and adds it to a mail.
    fn judge<F: FnMut(u64, &[u8])>(&mut self, each: &mut F) {
        let line = std::mem::take(&mut self.line);
        let is_empty = matches!(*line, [] | [b'\n'] | [b'\r', b'\n']);
        if self.file == Kind::Unknown && !is_empty {
            self.file = if is_separator(&line) { Kind::Mailbox } else { Kind::Single };
        }
        if self.file == Kind::Mailbox && self.is_after_empty && is_separator(&line) {
            self.open.close(self.line_at, b"", without_end, each);
        }
        // Empty lines before the first mail are nobody's.
        if self.file != Kind::Unknown {
            self.open.extend(self.line_at, &line);
        }
        self.is_after_empty = is_empty;
        self.line = line;
        self.line.clear();
    }
}

/// `From sender Thu Oct  1 08:00:01 2026`: the word, and a time of day, which no sentence has by chance.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let rest = rest.get(..SEPARATOR_BYTES).unwrap_or(rest);
    let is_time = |bytes: &[u8]| matches!(bytes, [b'0'..=b'9', b':', b'0'..=b'5', b'0'..=b'9', ..]);
    rest.windows(4).any(is_time)
}

/// A mail without the empty line that a mailbox puts behind it.
fn without_end(mail: &[u8]) -> &[u8] {
    for end in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(rest) = mail.strip_suffix(end) {
            return mail.get(..rest.len() + end.len() / 2).unwrap_or(mail);
        }
    }
    mail
}
