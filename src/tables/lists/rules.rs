//! By which numbers the lists are made, and what is never suppressed: `[actions]` and `[lists]` of a configuration.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::classify::Thresholds;

/// A configuration does not say what it should.
#[derive(Debug, thiserror::Error)]
pub enum ListRulesError {
    /// Not TOML.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// A part is not as it should be.
    #[error("[{section}]: {source}")]
    Section {
        /// Which.
        section: &'static str,
        /// What of it.
        source: toml::de::Error,
    },
    /// What is kept is neither an address nor a domain.
    #[error("[lists]: keep: {0:?} is neither an address nor a domain, such as \"ceo@example.org\" or \"example.org\"")]
    Keep(String),
}

/// By which numbers the lists are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListRules {
    /// `[actions]`: when an address is suppressed, when a mail is tried again.
    pub thresholds: Thresholds,
    /// `[lists] keep`: addresses and domains, in lower case, that are never suppressed.
    keep: BTreeSet<String>,
}

/// `[lists]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    #[serde(default)]
    keep: Vec<String>,
}

impl ListRules {
    /// The defaults, with what a configuration sets: TOML, of which the sections `actions` and `lists` are read.
    ///
    /// # Errors
    /// Broken TOML, or a name or value in these sections that does not fit.
    pub fn read(config: &str) -> Result<Self, ListRulesError> {
        let config: toml::Table = toml::from_str(config)?;
        let of = |section: &'static str| move |source| ListRulesError::Section { section, source };
        let own = match config.get("actions") {
            Some(toml::Value::Table(own)) => own.to_string(),
            Some(other) => format!("actions = {other}"),
            None => String::new(),
        };
        let thresholds = Thresholds::read(&own).map_err(of("actions"))?;
        let lists: Section =
            config.get("lists").cloned().map_or_else(|| Ok(Section::default()), toml::Value::try_into).map_err(of("lists"))?;
        let is_name = |name: &&String| {
            name.rsplit('@').next().is_none_or(|domain| domain.is_empty() || domain.contains(char::is_whitespace))
        };
        if let Some(wrong) = lists.keep.iter().find(is_name) {
            return Err(ListRulesError::Keep(wrong.clone()));
        }
        Ok(Self { thresholds, keep: lists.keep.iter().map(|name| name.trim_start_matches('@').to_ascii_lowercase()).collect() })
    }

    /// Whether the address, or its domain, is never to be suppressed.
    #[must_use]
    pub fn keeps(&self, address: &[u8]) -> bool {
        if self.keep.is_empty() {
            return false;
        }
        let address = String::from_utf8_lossy(address).to_ascii_lowercase();
        let domain = address.rsplit('@').next().unwrap_or_default();
        self.keep.contains(&address) || self.keep.contains(domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_sets_thresholds_and_what_is_kept() {
        let rules = ListRules::read(
            "[actions.hard]\nexplicit = 2\n[lists]\nkeep = [\"CEO@example.org\", \"@example.net\"]\n[streams]\na = 1",
        )
        .unwrap();
        assert_eq!(rules.thresholds.hard.explicit, 2);
        for kept in ["ceo@Example.org", "anyone@example.net"] {
            assert!(rules.keeps(kept.as_bytes()), "{kept}");
        }
        for other in ["other@example.org", "anyone@mail.example.net", ""] {
            assert!(!rules.keeps(other.as_bytes()), "{other}");
        }
        assert_eq!(ListRules::read("").unwrap(), ListRules::default());
    }

    #[test]
    fn what_does_not_fit_is_said_with_its_section() {
        for (config, wanted) in [
            ("[lists]\nkept = []", "kept"),
            ("[lists]\nkeep = \"example.org\"", "[lists]"),
            ("[lists]\nkeep = [\"two words\"]", "two words"),
            ("[lists]\nkeep = [\"\"]", "neither"),
            ("[actions.hard]\nexplicit = \"often\"", "[actions]"),
            ("actions = 3", "[actions]"),
            ("[actions", "expected"),
        ] {
            let error = ListRules::read(config).expect_err("it does not fit").to_string();
            assert!(error.contains(wanted), "{config}: {error}");
        }
    }
}
