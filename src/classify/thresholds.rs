//! When an address leaves the list and when a mail is tried again: data, with the defaults of the guide.

use serde::Deserialize;

use super::category::{Action, Category, Class};
use super::engine::Verdict;

/// All of them. Source and reasons: `thresholds.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Of class hard.
    pub hard: Hard,
    /// Of class soft, but for full mailboxes.
    pub soft: Soft,
    /// Of full mailboxes.
    pub full: Full,
    /// Of people who want no mail from this sender.
    pub refused: Refused,
    /// Of a recipient's own MX that does not relay for it.
    pub relay: Relay,
    /// Of a provider that calls many good addresses unknown at once.
    pub wave: Wave,
    /// Of trying again.
    pub retry: Retry,
}

/// Unknown users, closed accounts, bad domains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hard {
    /// Replies, where the words leave no doubt.
    pub explicit: u32,
    /// Replies, where they are no proof.
    pub ambiguous: u32,
    /// Hours between the first and the last of these.
    pub apart_hours: u32,
}

/// Mailboxes closed for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Soft {
    /// Failed messages on distinct days.
    pub failures: u32,
    /// Days within which they count.
    pub within_days: u32,
    /// Who sends on as many days of the period is a daily sender.
    pub daily_days: u32,
    /// Days that a daily sender's failures must span.
    pub daily_span_days: u32,
    /// Who sends on no more days of the period is a monthly sender, and exempt.
    pub monthly_days: u32,
}

/// Full mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Full {
    /// Failed messages on distinct days.
    pub failures: u32,
    /// Days within which they count.
    pub within_days: u32,
}

/// People who refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Replies.
    pub replies: u32,
}

/// A domain that its own MX does not serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Replies.
    pub replies: u32,
    /// Days that they span.
    pub span_days: u32,
}

/// A wave of false "user unknown".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wave {
    /// Addresses at one provider.
    pub addresses: u32,
    /// Hours within which they turn unknown.
    pub within_hours: u32,
    /// Days within which each of them took mail.
    pub accepted_days: u32,
}

/// Trying again.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Hours until the first, from and to.
    pub first_hours: [u32; 2],
    /// By which the wait grows from one to the next.
    pub factor: f64,
    /// Hours after which to give up, from and to.
    pub end_hours: [u32; 2],
}

/// What it takes before an address is suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Nothing of this kind suppresses.
    Never,
    /// As many replies, at least so many hours apart.
    Replies {
        /// How many.
        replies: u32,
        /// Hours between the first and the last.
        apart_hours: u32,
    },
    /// As many failed messages on distinct days.
    Failures {
        /// How many.
        failures: u32,
        /// Days within which they count.
        within_days: u32,
    },
}

impl Default for Thresholds {
    #[expect(clippy::expect_used, reason = "the defaults are part of the program, and a test reads them")]
    fn default() -> Self {
        Self::read("").expect("thresholds.toml is read by a test")
    }
}

impl Thresholds {
    /// The defaults, with what `own` sets anew: TOML of the same form, any part of it.
    ///
    /// # Errors
    /// Broken TOML, or a name or value that does not fit.
    pub fn read(own: &str) -> Result<Self, toml::de::Error> {
        let mut all: toml::Table = toml::from_str(include_str!("thresholds.toml"))?;
        let own: toml::Table = toml::from_str(own)?;
        for (section, values) in own {
            match (all.get_mut(&section), values) {
                (Some(toml::Value::Table(known)), toml::Value::Table(values)) => known.extend(values),
                (_, values) => {
                    all.insert(section, values);
                }
            }
        }
        all.try_into()
    }

    /// What it takes before an address with this verdict is suppressed.
    #[must_use]
    pub const fn limit(&self, verdict: &Verdict<'_>) -> Limit {
        match (verdict.class, verdict.category, verdict.action) {
            (Class::Hard, _, _) if verdict.is_ambiguous => {
                Limit::Replies { replies: self.hard.ambiguous, apart_hours: self.hard.apart_hours }
            }
            (Class::Hard, _, _) => Limit::Replies { replies: self.hard.explicit, apart_hours: 0 },
            (_, Category::MailboxFull, _) => {
                Limit::Failures { failures: self.full.failures, within_days: self.full.within_days }
            }
            (Class::Soft, Category::InactiveMailbox, _) => {
                Limit::Failures { failures: self.soft.failures, within_days: self.soft.within_days }
            }
            (_, Category::RecipientRefusesSender, Action::Suppress) => {
                Limit::Replies { replies: self.refused.replies, apart_hours: 0 }
            }
            _ => Limit::Never,
        }
    }

    /// Hours after the failure at which the guide tries again: the first, then each after a longer wait, until it gives up.
    #[must_use]
    pub fn retry_hours(&self) -> Vec<u32> {
        let [first, _] = self.retry.first_hours;
        let [_, end] = self.retry.end_hours;
        let (mut hours, mut wait, mut at) = (Vec::new(), f64::from(first.max(1)), 0.0);
        while at + wait <= f64::from(end) {
            at += wait;
            hours.push(at as u32);
            wait *= self.retry.factor.max(1.0);
        }
        hours
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Classifier;

    fn limit(reply: &str) -> Limit {
        Thresholds::default().limit(&Classifier::builtin().classify(reply.as_bytes()))
    }

    #[test]
    fn the_defaults_are_those_of_the_guide() {
        let defaults = Thresholds::default();
        assert_eq!((defaults.hard.explicit, defaults.hard.ambiguous), (1, 2));
        assert_eq!((defaults.soft.failures, defaults.soft.within_days), (4, 30));
        assert_eq!(defaults.retry_hours(), [2, 6, 14, 30]);
    }

    #[test]
    fn a_block_never_suppresses_an_address() {
        assert_eq!(limit("550 5.1.1 User unknown"), Limit::Replies { replies: 1, apart_hours: 0 });
        assert_eq!(limit("550 recipient rejected"), Limit::Replies { replies: 2, apart_hours: 72 });
        assert_eq!(limit("552 5.2.2 mailbox full"), Limit::Failures { failures: 4, within_days: 30 });
        assert_eq!(limit("550 5.7.1 rejected by the recipient"), Limit::Replies { replies: 2, apart_hours: 0 });
        for block in [
            "554 5.7.1 blocked using zen.spamhaus.org",
            "550 5.7.1 Access denied",
            "550 spam",
            "421 4.7.0 too many connections",
        ] {
            assert_eq!(limit(block), Limit::Never, "{block}");
        }
    }

    #[test]
    fn a_part_may_be_set_anew() {
        let own = Thresholds::read("[hard]\nexplicit = 2\n").unwrap();
        assert_eq!((own.hard.explicit, own.hard.ambiguous), (2, 2));
        let error = Thresholds::read("[hard]\nexplicitly = 2\n").expect_err("no such name").to_string();
        assert!(error.contains("explicitly"), "{error}");
    }
}
