//! Words as sentences have them: most of a reply, written as they come.

use super::scan::{Scan, is_calendar};

impl Scan<'_, '_> {
    /// Writes the words at the start of the rest that stay whatever stands before and behind them, with the single spaces and the
    /// punctuation between them. False if there are none: the next run is to be looked at.
    pub(super) fn words(&mut self) -> bool {
        let (mut end, mut last) = (0, 0);
        let mut rest = self.rest.as_bytes();
        while let Some(word) = Word::first(rest) {
            if end > 0 {
                // Behind the space.
                last = end + 1;
            } else if word.is_marked && self.is_in_url && !self.is_spaced {
                // A run that touches a link belongs to it.
                break;
            }
            end = last + word.len;
            match word.rest {
                [b' ', next @ ..] => rest = next,
                _ => break,
            }
        }
        let Some((words, rest)) = self.rest.split_at_checked(end).filter(|_| end > 0) else { return false };
        self.word = self.out.len() + usize::from(self.is_spaced) + last;
        self.write(words);
        self.is_in_url &= last == 0;
        self.rest = rest;
        true
    }
}

/// A word with the punctuation mark behind it.
struct Word<'a> {
    len: usize,
    is_marked: bool,
    rest: &'a [u8],
}

impl<'a> Word<'a> {
    /// The word that `text` begins with; None if it may be something else.
    #[inline]
    fn first(text: &'a [u8]) -> Option<Self> {
        let len = letters(text);
        let (word, rest) = text.split_at_checked(len)?;
        let is_special = match len {
            0 => true,
            3 => is_calendar(word),
            5 => word == b"gsmtp",
            // Capitals within it: it may be an id.
            10.. => word.iter().skip(1).any(u8::is_ascii_uppercase),
            _ => false,
        };
        if is_special {
            return None;
        }
        match rest {
            [] | [b' ' | b',' | b';' | b'(' | b')' | b'[' | b']' | b'<' | b'>' | b'"', ..] => {
                Some(Self { len, is_marked: false, rest })
            }
            [b'.' | b':' | b'!' | b'?', rest @ ..] if matches!(rest, [] | [b' ', ..]) => {
                Some(Self { len: len + 1, is_marked: true, rest })
            }
            _ => None,
        }
    }
}

/// How many ASCII letters `text` begins with, eight looked at together.
fn letters(text: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let mut count = 0;
    let (eights, tail) = text.as_chunks::<8>();
    for eight in eights {
        let bytes = u64::from_le_bytes(*eight);
        let lower = (bytes | (EACH * 0x20)) & (EACH * 0x7f);
        // The high bit of each byte: from `a`, up to `z`, ASCII.
        let letters = (lower + EACH * (0x80 - 0x61)) & !(lower + EACH * (0x80 - 0x7b)) & !bytes;
        let others = !letters & (EACH * 0x80);
        if others != 0 {
            return count + others.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    count + tail.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_end_at_the_first_other_byte() {
        for byte in 0..=u8::MAX {
            for before in 0..20 {
                let mut text = b"aZzAbcdefghijklmnopq".to_vec();
                text[before] = byte;
                let expected = if byte.is_ascii_alphabetic() { text.len() } else { before };
                assert_eq!(letters(&text), expected, "{byte:#x} at {before}");
            }
        }
        assert_eq!(letters(b""), 0);
    }
}
