//! Words that are looked for in many records: the search is made ready once.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use memchr::memmem;

/// Phrases of which one may stand anywhere in a text.
pub(crate) struct Phrases {
    phrases: &'static [&'static [u8]],
    /// None inside: they cannot be searched for together.
    search: OnceLock<Option<AhoCorasick>>,
}

impl Phrases {
    /// These phrases.
    pub(crate) const fn new(phrases: &'static [&'static [u8]]) -> Self {
        Self { phrases, search: OnceLock::new() }
    }

    /// Whether a text holds one.
    pub(crate) fn are_in(&self, text: &[u8]) -> bool {
        match self.search.get_or_init(|| AhoCorasick::new(self.phrases).ok()) {
            Some(search) => search.is_match(text),
            None => self.phrases.iter().any(|phrase| memmem::find(text, phrase).is_some()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_them_is_enough() {
        static WORDS: Phrases = Phrases::new(&[b"timed out", b"refused"]);
        for (text, expected) in [(&b"connection timed out."[..], true), (b"refused", true), (b"Refused", false), (b"", false)] {
            assert_eq!(WORDS.are_in(text), expected);
        }
    }
}
