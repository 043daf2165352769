//! How columns are usually called and what words usually mean: `usual.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::field::Field;
use super::words::Word;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Usual {
    names: BTreeMap<Field, Vec<String>>,
    words: BTreeMap<Word, Vec<String>>,
}

/// A test reads the file, so that it is never a default.
static USUAL: LazyLock<Usual> = LazyLock::new(|| toml::from_str(include_str!("usual.toml")).unwrap_or_default());

/// What columns of this field are usually called, as [`plain`] has it; the surest first.
pub(super) fn names(field: Field) -> &'static [String] {
    USUAL.names.get(&field).map(Vec::as_slice).unwrap_or_default()
}

/// What is usually meant by this value of a status, whatever its case and punctuation. None: it has no usual meaning.
pub(super) fn word(value: &str) -> Option<Word> {
    let value = plain(value);
    USUAL.words.iter().find(|(_, values)| values.contains(&value)).map(|(word, _)| *word)
}

/// A name or word without case, blanks and punctuation.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_has_names_and_each_word_means_one_thing() {
        let usual: Usual = toml::from_str(include_str!("usual.toml")).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for field in Field::ALL {
            assert!(!names(field).is_empty(), "{field:?}");
            for name in names(field) {
                assert_eq!(plain(name), *name);
                assert!(seen.insert(name), "{name} names two fields");
            }
        }
        seen.clear();
        for word in Word::ALL {
            for value in &usual.words[&word] {
                assert_eq!(plain(value), *value);
                assert!(seen.insert(value), "{value} means two things");
            }
        }
    }

    #[test]
    fn case_and_punctuation_do_not_matter() {
        assert_eq!(word("Hard-Bounce"), Some(Word::Bounced));
        assert_eq!(word("soft_bounce"), Some(Word::Bounced));
        assert_eq!(word("pending review"), None);
    }
}
