//! Words as sentences have them: most of a reply, written as they come.

use super::LIMIT;
use super::scan::{Scan, is_calendar};
use crate::eight::letters;

impl Scan<'_, '_> {
    /// Writes the words at the start of the rest that stay whatever stands before and behind them, with the single spaces and the
    /// punctuation between them. False if there are none: the next run is to be looked at.
    pub(super) fn words(&mut self) -> bool {
        let (mut end, mut last) = (0, 0);
        let mut rest = self.rest.as_bytes();
        while end <= LIMIT
            && let Some((word, after)) = rest.split_at_checked(letters(rest))
            && !is_special(word)
        {
            let marks = match after {
                [] | [b' ' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'<' | b'>' | b'"', ..] => 0,
                // A run that touches a link belongs to it.
                [b'.' | b':' | b'!' | b'?', b' ', ..] | [b'.' | b':' | b'!' | b'?']
                    if end > 0 || self.is_spaced || !self.is_in_url =>
                {
                    1
                }
                _ => break,
            };
            last = end;
            end += word.len() + marks;
            let Some([b' ', next @ ..]) = after.get(marks..) else { break };
            end += 1;
            rest = next;
        }
        let Some((words, _)) = self.rest.split_at_checked(end).filter(|_| end > 0) else { return false };
        // The space behind the last is written with what follows, if anything does.
        let words = words.strip_suffix(' ').unwrap_or(words);
        self.word = self.out.len() + usize::from(self.is_spaced) + last;
        self.write(words);
        self.is_in_url &= last == 0;
        self.skip(words.len());
        true
    }
}

/// True for what may be something else than a word.
#[inline]
fn is_special(word: &[u8]) -> bool {
    match word.len() {
        0 => true,
        2 => matches!(word, b"AM" | b"PM"),
        3 | 4 | 6..=9 => word.first().is_some_and(u8::is_ascii_uppercase) && is_calendar(word),
        5 => word == b"gsmtp" || word == b"March" || word == b"April",
        // Capitals within it: it may be an id.
        10.. => word.iter().skip(1).any(u8::is_ascii_uppercase),
        _ => false,
    }
}
