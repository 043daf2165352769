//! What the table of providers says of texts that are known by number.

use crate::intern::{Id, Interner};

/// Asks a table for each text once.
#[derive(Debug, Default)]
pub struct Memo(Vec<Asked>);

/// Whether the table was asked for a text, and what it said.
#[derive(Clone, Copy, Debug, Default)]
enum Asked {
    #[default]
    NotYet,
    Unknown,
    Known(&'static str),
}

impl Memo {
    /// What `table` says of the text of `id`. Ids are those of one interner.
    pub fn ask(&mut self, id: Id, texts: &Interner, table: impl FnOnce(&[u8]) -> Option<&'static str>) -> Option<&'static str> {
        let place = id.0 as usize;
        match self.0.get(place).copied().unwrap_or_default() {
            Asked::Known(provider) => return Some(provider),
            Asked::Unknown => return None,
            Asked::NotYet => {}
        }
        let provider = table(texts.text(id));
        if self.0.len() <= place {
            self.0.resize(texts.len().max(place + 1), Asked::NotYet);
        }
        if let Some(asked) = self.0.get_mut(place) {
            *asked = provider.map_or(Asked::Unknown, Asked::Known);
        }
        provider
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_for_once() {
        let mut texts = Interner::default();
        let (one, two) = (texts.intern(b"one"), texts.intern(b"two"));
        let (mut memo, mut asked) = (Memo::default(), 0);
        for _ in 0..3 {
            let answer = memo.ask(one, &texts, |text| {
                asked += 1;
                (text == b"one").then_some("a provider")
            });
            assert_eq!(answer, Some("a provider"));
            assert_eq!(memo.ask(two, &texts, |_| None), None);
        }
        assert_eq!(asked, 1);
    }
}
