//! The signature of a reply: what varies from mail to mail is replaced, so that ten thousand replies become a hundred.
//!
//! One pass over the bytes, no regular expression: this runs once for every failed attempt. What is kept and what is masked is told
//! from the reply alone, never from other replies, and masking a signature gives the signature. Placeholders keep the kind:
//! `<ip>`, `<email>`, `<host>`, `<id>`, `<time>`, `<n>`, `<url-arg>`.

mod link;
mod piece;

use super::token::{Token, token};
use super::unfold::{self, Opening};

/// A signature is cut after the last whole word within this many bytes.
pub const LIMIT: usize = 480;

/// Masks `reply` into its signature, which replaces the content of `into`: UTF-8 without control characters, at most [`LIMIT`]
/// bytes and a placeholder.
pub fn mask(reply: &[u8], into: &mut Vec<u8>) {
    into.clear();
    scan(&unfold::clean(reply), into);
    // What a hostile reply hides behind a mask (`Mon, Mon, 24 Feb`) shows in the next round; a real one is done after the first. What
    // was not changed at all is done too.
    if *into == reply {
        return;
    }
    let mut before = Vec::with_capacity(into.len() + 16);
    for _ in 0..ROUNDS {
        std::mem::swap(&mut before, into);
        into.clear();
        scan(&unfold::clean(&before), into);
        if before == *into {
            return;
        }
    }
}

/// Rounds after which a signature is taken as it is.
const ROUNDS: usize = 64;

/// One round.
fn scan(text: &str, into: &mut Vec<u8>) {
    let (opening, rest) = unfold::opening(unfold::unframe(text));
    Scan { out: into, opening, rest, is_spaced: false, is_in_url: false, last: None, word: 0 }.run();
}

/// What a placeholder stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ip,
    Email,
    Host,
    Id,
    Time,
    N,
    UrlArg,
}

impl Kind {
    const ALL: [Self; 7] = [Self::Ip, Self::Email, Self::Host, Self::Id, Self::Time, Self::N, Self::UrlArg];

    const fn text(self) -> &'static str {
        match self {
            Self::Ip => "<ip>",
            Self::Email => "<email>",
            Self::Host => "<host>",
            Self::Id => "<id>",
            Self::Time => "<time>",
            Self::N => "<n>",
            Self::UrlArg => "<url-arg>",
        }
    }
}

/// Where the scanner stands.
struct Scan<'a, 'o> {
    out: &'o mut Vec<u8>,
    opening: Opening<'a>,
    rest: &'a str,
    /// White space was seen and is not yet written.
    is_spaced: bool,
    /// Inside a link that a placeholder interrupts.
    is_in_url: bool,
    /// The last time or number written: its kind and where it begins and ends in `out`.
    last: Option<(Kind, usize, usize)>,
    /// Where the last run begins in `out`.
    word: usize,
}

/// What ends a run.
const fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'<' | b'>' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b',' | b';' | b'|' | b'`')
}

impl<'a> Scan<'a, '_> {
    fn run(mut self) {
        self.out.extend_from_slice(self.opening.code.as_bytes());
        if !self.opening.status.is_empty() {
            self.is_spaced = !self.out.is_empty();
            self.write(self.opening.status);
        }
        self.is_spaced |= !self.out.is_empty();
        while let Some(&byte) = self.rest.as_bytes().first() {
            if self.out.len() > LIMIT {
                return self.cut();
            }
            if byte <= b' ' || byte == 0x7f {
                self.is_spaced = !self.out.is_empty();
                self.skip(1);
            } else if is_bracket(byte) {
                self.bracket(byte);
            } else {
                let is_end = |byte: u8| byte <= b' ' || byte == 0x7f || is_bracket(byte);
                let end = self.rest.bytes().position(is_end).unwrap_or(self.rest.len());
                let (run, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
                self.rest = rest;
                self.take(run);
            }
        }
        if self.out.len() > LIMIT {
            self.cut();
        }
    }

    /// Cuts behind the last whole word within the limit; a single word without a space is cut as it comes.
    fn cut(self) {
        let end = self.out.get(..=LIMIT).and_then(|head| memchr::memrchr(b' ', head)).unwrap_or_else(|| {
            let is_start = |&at: &usize| self.out.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
            (0..=LIMIT).rev().find(is_start).unwrap_or(0)
        });
        self.out.truncate(end);
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Writes a kept piece, and the space that was due before it.
    fn write(&mut self, text: &str) {
        self.space();
        self.out.extend_from_slice(text.as_bytes());
    }

    fn space(&mut self) {
        if std::mem::take(&mut self.is_spaced) {
            self.out.push(b' ');
            self.is_in_url = false;
        }
    }

    /// Writes a placeholder. A time swallows what of a date stands before and behind it; `<x@y>` loses its own brackets.
    fn place(&mut self, kind: Kind) {
        if let Some((before, start, end)) = self.last {
            let is_next = self.out.len() == end || (self.out.len() == end + 1 && self.out.last() == Some(&b','));
            if is_next
                && (before == Kind::Time && matches!(kind, Kind::N | Kind::Time) || before == Kind::N && kind == Kind::Time)
            {
                self.out.truncate(start);
                // The space before the first piece of the date was written with it.
                self.is_spaced = false;
                self.put(Kind::Time);
                return;
            }
        }
        self.space();
        self.put(kind);
    }

    fn put(&mut self, kind: Kind) {
        let start = self.out.len();
        self.out.extend_from_slice(kind.text().as_bytes());
        self.last = matches!(kind, Kind::Time | Kind::N).then_some((kind, start, self.out.len()));
        while self.rest.starts_with('>') && self.last_before(kind) == Some(b'<') {
            let at = self.out.len() - kind.text().len() - 1;
            self.out.remove(at);
            self.skip(1);
            if let Some((_, start, end)) = &mut self.last {
                (*start, *end) = (*start - 1, *end - 1);
            }
        }
        if kind == Kind::Ip && self.last_before(kind) == Some(b'[') {
            self.drop_count();
        }
    }

    /// The byte before the placeholder just written.
    fn last_before(&self, kind: Kind) -> Option<u8> {
        let at = self.out.len().checked_sub(kind.text().len() + 1)?;
        self.out.get(at).copied()
    }

    /// Gmail counts inside the brackets: `[192.0.2.1      14]`.
    fn drop_count(&mut self) {
        let inner = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let end = inner.trim_start_matches(|c: char| c.is_ascii_digit());
        if end.len() < inner.len() && inner.len() < self.rest.len() && end.starts_with(']') {
            self.rest = end;
        }
    }

    fn bracket(&mut self, byte: u8) {
        if byte == b'<'
            && let Some(kind) = Kind::ALL.into_iter().find(|kind| self.rest.starts_with(kind.text()))
        {
            self.skip(kind.text().len());
            return self.place(kind);
        }
        self.space();
        self.is_in_url = false;
        self.out.push(byte);
        self.skip(1);
    }

    /// One run of a reply.
    fn take(&mut self, run: &'a str) {
        let bytes = run.as_bytes();
        let is_first_after_space = self.is_spaced;
        if bytes.iter().all(u8::is_ascii_alphabetic) {
            return self.letters(run);
        }
        if is_first_after_space
            && !self.opening.code.is_empty()
            && let Some(inner) = self.repeated(run)
        {
            if !inner.is_empty() {
                self.take(inner);
            }
            return;
        }
        if self.is_zone(bytes) {
            self.is_spaced = false;
            return;
        }
        if is_first_after_space && !self.opening.status.is_empty() && run == self.opening.status {
            return;
        }
        let word = self.out.len() + usize::from(self.is_spaced);
        if self.is_in_url && !self.is_spaced {
            self.link(run);
        } else {
            self.piece(run);
        }
        if run != "-" {
            self.word = word;
        }
    }

    /// `+0100` right behind a time.
    fn is_zone(&self, run: &[u8]) -> bool {
        let is_behind_time = self.last.is_some_and(|(kind, _, end)| kind == Kind::Time && self.out.len() == end);
        is_behind_time && matches!(run, [b'+' | b'-', zone @ ..] if zone.len() == 4 && zone.iter().all(u8::is_ascii_digit))
    }

    /// The repeated code at the head of an inner line of a folded reply: what follows it in the same run; None where it is none.
    fn repeated(&self, run: &'a str) -> Option<&'a str> {
        let rest = run.strip_prefix(self.opening.code)?;
        if let Some(inner) = rest.strip_prefix('-') {
            return Some(inner);
        }
        if !rest.is_empty() {
            return None;
        }
        let status = self.opening.status;
        let next = self.rest.trim_start();
        let is_line = self.opening.is_folded || (!status.is_empty() && next.starts_with(status));
        is_line.then_some("")
    }

    /// A run of ASCII letters: nearly always a word.
    fn letters(&mut self, run: &str) {
        if run.len() == 5 && run == "gsmtp" {
            self.mask_session();
        } else if run.len() == 3 && is_calendar(run) && self.is_before_number() {
            return self.place(Kind::Time);
        } else if run.len() >= 10 && token(run) == Token::Id {
            return self.place(Kind::Id);
        }
        self.word = self.out.len() + usize::from(self.is_spaced);
        self.write(run);
    }

    /// `ID - gsmtp`: Google's session id may have no shape of its own.
    fn mask_session(&mut self) {
        let is_dash = self.out.ends_with(b" -");
        let session = self.out.get(self.word..).and_then(|tail| tail.strip_suffix(b" -"));
        if is_dash
            && session.is_some_and(|id| !id.starts_with(b"<") && !id.contains(&b' ') && id.iter().any(u8::is_ascii_digit))
        {
            self.out.truncate(self.word);
            self.out.extend_from_slice(b"<id> -");
        }
    }

    /// `Feb 24`, `Mon, 24`: a month's or day's name is a date only before a number.
    fn is_before_number(&self) -> bool {
        let next = self.rest.trim_start_matches([',', ' ']);
        next.len() < self.rest.len()
            && (next.starts_with(|c: char| c.is_ascii_digit()) || next.starts_with("<n>") || next.starts_with("<time>"))
    }
}

fn is_calendar(word: &str) -> bool {
    matches!(
        word,
        "Jan"
            | "Feb"
            | "Mar"
            | "Apr"
            | "May"
            | "Jun"
            | "Jul"
            | "Aug"
            | "Sep"
            | "Oct"
            | "Nov"
            | "Dec"
            | "Mon"
            | "Tue"
            | "Wed"
            | "Thu"
            | "Fri"
            | "Sat"
            | "Sun"
    )
}

#[cfg(test)]
mod tests;
