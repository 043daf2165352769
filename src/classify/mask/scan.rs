//! Cuts a reply into runs, which white space and brackets end, and tells apart words and runs that are looked at more closely.

use super::LIMIT;
use super::kind::Kind;
use crate::classify::byte_set::ByteSet;
use crate::classify::token::{Token, token};
use crate::classify::unfold::{self, Opening};

/// Where the scanner stands.
pub(super) struct Scan<'a, 'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) opening: Opening<'a>,
    pub(super) rest: &'a str,
    /// White space was seen and is not yet written.
    pub(super) is_spaced: bool,
    /// Inside a link that a placeholder interrupts.
    pub(super) is_in_url: bool,
    /// The last time or number written: its kind and where it begins and ends in `out`.
    pub(super) last: Option<(Kind, usize, usize)>,
    /// Where the last run begins in `out`.
    pub(super) word: usize,
}

impl<'a, 'o> Scan<'a, 'o> {
    /// At the beginning of `text`; writes into `out`.
    pub(super) fn new(text: &'a str, out: &'o mut Vec<u8>) -> Self {
        let (opening, rest) = unfold::opening(text);
        Self { out, opening, rest, is_spaced: false, is_in_url: false, last: None, word: 0 }
    }

    pub(super) fn run(mut self) {
        self.out.extend_from_slice(self.opening.code.as_bytes());
        if !self.opening.status.is_empty() {
            self.is_spaced = !self.out.is_empty();
            self.write(self.opening.status);
        }
        self.is_spaced |= !self.out.is_empty();
        self.opening_name();
        while let Some(&byte) = self.rest.as_bytes().first() {
            if self.out.len() > LIMIT {
                return self.cut();
            }
            let kinds = ByteSet::of_byte(byte);
            if kinds.has(ByteSet::LETTER) && self.words() {
                continue;
            }
            if byte <= b' ' || byte == 0x7f {
                self.is_spaced = !self.out.is_empty();
                self.skip(1);
            } else if kinds.has(ByteSet::END) {
                self.bracket(byte);
            } else {
                let (end, set) = ByteSet::until(self.rest.as_bytes(), ByteSet::END);
                let (run, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
                self.rest = rest;
                self.take(run, set);
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

    fn bracket(&mut self, byte: u8) {
        if byte == b'<'
            && let Some(kind) = Kind::ALL.into_iter().find(|kind| self.rest.starts_with(kind.text()))
        {
            self.skip(kind.text().len());
            return self.place(kind);
        }
        if matches!(byte, b'<' | b'[' | b'(' | b'"') && self.name_in_brackets(byte) {
            self.is_in_url = false;
            return;
        }
        self.space();
        self.is_in_url = false;
        self.out.push(byte);
        self.skip(1);
    }

    /// One run of a reply.
    fn take(&mut self, run: &'a str, set: ByteSet) {
        let is_first_after_space = self.is_spaced;
        if set.is_only(ByteSet::LETTER) && !self.is_half_of_day(run.as_bytes()) {
            return self.letters(run, set);
        }
        if is_first_after_space
            && !self.opening.code.is_empty()
            && let Some(inner) = self.repeated(run)
        {
            if !inner.is_empty() {
                self.take(inner, ByteSet::of(inner.as_bytes()));
            }
            return;
        }
        if self.is_zone(run.as_bytes()) || self.is_half_of_day(run.as_bytes()) {
            self.is_spaced = false;
            return;
        }
        if is_first_after_space && !self.opening.status.is_empty() && run == self.opening.status {
            return;
        }
        let word = self.out.len() + usize::from(self.is_spaced);
        if self.is_in_url && !self.is_spaced {
            self.link(run, set);
        } else {
            self.piece(run, set);
        }
        if run != "-" {
            self.word = word;
        }
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
    fn letters(&mut self, run: &str, set: ByteSet) {
        if run.len() == 5 && run == "gsmtp" {
            self.mask_session();
        } else if is_calendar(run.as_bytes()) && self.is_before_number() {
            return self.place(Kind::Time);
        } else if run.len() >= 10 && token(run, set) == Token::Id {
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

/// The name of a month or day, short or whole.
pub(super) fn is_calendar(word: &[u8]) -> bool {
    matches!(
        word,
        b"January"
            | b"February"
            | b"March"
            | b"April"
            | b"June"
            | b"July"
            | b"August"
            | b"September"
            | b"October"
            | b"November"
            | b"December"
            | b"Monday"
            | b"Tuesday"
            | b"Wednesday"
            | b"Thursday"
            | b"Friday"
            | b"Saturday"
            | b"Sunday"
            | b"Jan"
            | b"Feb"
            | b"Mar"
            | b"Apr"
            | b"May"
            | b"Jun"
            | b"Jul"
            | b"Aug"
            | b"Sep"
            | b"Oct"
            | b"Nov"
            | b"Dec"
            | b"Mon"
            | b"Tue"
            | b"Wed"
            | b"Thu"
            | b"Fri"
            | b"Sat"
            | b"Sun"
    )
}

/// What stands between bytes of one of the kinds `splits`, each with the kinds of its bytes and the byte that ends it. Nothing
/// stands behind one at the end.
pub(super) fn parts(text: &str, splits: ByteSet) -> impl Iterator<Item = (&str, ByteSet, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (end, set) = ByteSet::until(rest.as_bytes(), splits);
        let (part, tail) = rest.split_at_checked(end)?;
        let (split, tail) = tail.split_at_checked(1).unwrap_or_default();
        rest = tail;
        Some((part, set, split))
    })
}
