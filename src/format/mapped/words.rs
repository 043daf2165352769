//! What the words of a status mean, as a mapping says.

use serde::Deserialize;

use crate::event::Status;
use crate::format::json::Meaning;

/// What a value of the status means, as a mapping names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// The recipient's server took it.
    Delivered,
    /// It failed for now and is tried again.
    Deferred,
    /// It failed for good.
    Bounced,
    /// It was given up because of its age.
    Expired,
    /// The sending system took it in; nothing was tried yet.
    Accepted,
    /// The sending system refused to send it: suppressed, or against its rules.
    NotSent,
    /// A bounce came back after the delivery.
    BouncedLater,
    /// The recipient complained.
    Complaint,
    /// Opened, clicked, or nothing of a delivery.
    Ignored,
}

impl Word {
    /// All of them, in the order in which a mapping is written.
    pub(super) const ALL: [Self; 9] = [
        Self::Delivered,
        Self::Deferred,
        Self::Bounced,
        Self::Expired,
        Self::BouncedLater,
        Self::Complaint,
        Self::Accepted,
        Self::NotSent,
        Self::Ignored,
    ];

    /// Its name in a mapping.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Expired => "expired",
            Self::Accepted => "accepted",
            Self::NotSent => "not_sent",
            Self::BouncedLater => "bounced_later",
            Self::Complaint => "complaint",
            Self::Ignored => "ignored",
        }
    }

    /// What it is for a story.
    pub(super) const fn meaning(self) -> Meaning {
        match self {
            Self::Delivered => Meaning::Tried(Status::Delivered),
            Self::Deferred => Meaning::Tried(Status::Deferred),
            Self::Bounced => Meaning::Tried(Status::Failed),
            Self::Expired => Meaning::Tried(Status::Expired),
            Self::Accepted => Meaning::Accepted,
            Self::NotSent => Meaning::NotSent,
            Self::BouncedLater => Meaning::BouncedLater,
            Self::Complaint => Meaning::Complaint,
            Self::Ignored => Meaning::Aside,
        }
    }
}

/// The values of a status as a mapping explains them, whatever their case; a value that ends with `*` means all that begin so.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// In lower case.
    whole: Vec<(String, Word)>,
    /// In lower case, the longest first.
    beginnings: Vec<(String, Word)>,
}

impl Words {
    /// Adds a value; false if it is there already, and nothing is added.
    pub(super) fn add(&mut self, value: &str, word: Word) -> bool {
        let value = value.trim().to_lowercase();
        let (list, value) = match value.strip_suffix('*') {
            Some(beginning) => (&mut self.beginnings, beginning.to_owned()),
            None => (&mut self.whole, value),
        };
        if list.iter().any(|(known, _)| *known == value) {
            return false;
        }
        list.push((value, word));
        self.beginnings.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        true
    }

    /// Whether no value is explained.
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.beginnings.is_empty()
    }

    /// What a value means.
    pub(super) fn word(&self, value: &str) -> Option<Word> {
        let whole = self.whole.iter().find(|(known, _)| same(known, value));
        let begins = |known: &str| value.get(..known.len()).is_some_and(|front| same(known, front));
        let found = whole.or_else(|| self.beginnings.iter().find(|(known, _)| begins(known)));
        found.map(|(_, word)| *word)
    }
}

/// Whether `value` is `known`, which is in lower case.
fn same(known: &str, value: &str) -> bool {
    known.eq_ignore_ascii_case(value) || (!value.is_ascii() && known == value.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_means_what_the_mapping_says() {
        let mut words = Words::default();
        for (value, word) in
            [("Sent", Word::Delivered), ("bounce*", Word::Bounced), ("bounce-soft*", Word::Deferred), ("ÄBER", Word::Ignored)]
        {
            assert!(words.add(value, word));
        }
        assert!(!words.add("SENT", Word::Bounced) && !words.add("Bounce*", Word::Deferred));
        let all = ["sent", "SENT", "sent later", "Bounce: full", "bounce-soft: full", "äber", "", "bou"];
        let found: Vec<_> = all.map(|value| words.word(value)).to_vec();
        let expected = [Word::Delivered, Word::Delivered, Word::Ignored, Word::Bounced, Word::Deferred, Word::Ignored];
        assert_eq!(found[..2], [Some(expected[0]), Some(expected[1])]);
        assert_eq!(found[2], None);
        assert_eq!(found[3..6], [Some(expected[3]), Some(expected[4]), Some(expected[5])]);
        assert_eq!(found[6..], [None, None]);
    }
}
