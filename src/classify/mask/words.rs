//! Words as sentences have them: most of a reply, written as they come.

use super::LIMIT;
use super::kind::Kind;
use super::name::{announced, behind};
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
        {
            let look = Look::at(word);
            if look == Look::Special {
                break;
            }
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
            if look == Look::Announcing
                && let Some(kind) = announced(word)
                && let Some((before, name)) = self.rest.as_bytes().get(..last).and_then(|head| behind(kind, head, after))
            {
                self.words_and_name(end - marks, before, name, kind);
                return true;
            }
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

    /// Writes `words` bytes of the rest, what of `between` bytes stands behind them, and a placeholder for the `name` bytes that follow.
    fn words_and_name(&mut self, words: usize, between: usize, name: usize, kind: Kind) {
        let Some((words, rest)) = self.rest.split_at_checked(words) else { return };
        self.write(words);
        let between = rest.get(..between).unwrap_or_default();
        self.out.extend_from_slice(between.as_bytes());
        self.skip(words.len() + between.len() + name);
        self.word = self.out.len();
        self.place(kind);
        self.is_in_url = false;
    }
}

/// What a word shows at first sight.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Plain,
    /// May be something else than a word.
    Special,
    /// May announce a name: by its length and its first letter.
    Announcing,
}

impl Look {
    #[inline]
    fn at(word: &[u8]) -> Self {
        let Some(&first) = word.first() else { return Self::Special };
        let (is_special, is_announcing) = match word.len() {
            2 => (matches!(word, b"AM" | b"PM"), false),
            3 | 6 => (first.is_ascii_uppercase() && is_calendar(word), false),
            4 => (first.is_ascii_uppercase() && is_calendar(word), matches!(first, b'u' | b'U' | b'p')),
            5 => (word == b"gsmtp" || word == b"March" || word == b"April", first | 0x20 == b'a'),
            7 => (first.is_ascii_uppercase() && is_calendar(word), matches!(first | 0x20, b'a' | b'm')),
            8 => (first.is_ascii_uppercase() && is_calendar(word), matches!(first | 0x20, b'u' | b's')),
            9 => (first.is_ascii_uppercase() && is_calendar(word), first | 0x20 == b'r'),
            // Capitals within it: it may be an id.
            10.. => (word.iter().skip(1).any(u8::is_ascii_uppercase), false),
            _ => (false, false),
        };
        match (is_special, is_announcing) {
            (true, _) => Self::Special,
            (false, true) => Self::Announcing,
            (false, false) => Self::Plain,
        }
    }
}
