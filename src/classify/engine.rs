//! From a reply to its verdict: rules first, codes where no rule speaks.
//!
//! All patterns are matched in one pass. Of those that match, the kind of evidence decides (a provider's own words before any text),
//! then the category that names a cause before the one that names a place, then the longer match, then the rule's name.

use std::cmp::Reverse;
use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::category::{Action, Category, Class, Evidence};
use super::mask::mask;

/// Rules in TOML, as they stand.
#[derive(Deserialize)]
struct File {
    rule: Vec<Rule>,
}

/// One rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    category: String,
    pattern: String,
    evidence: Option<String>,
    class: Option<String>,
    action: Option<String>,
    provider: Option<String>,
    help: Option<String>,
    #[serde(default)]
    names_unknown_users: bool,
    /// Who says so.
    #[expect(dead_code, reason = "for the reader of the rule")]
    source: String,
    examples: Vec<String>,
}

/// A rule ready to be asked.
struct Compiled {
    id: String,
    category: Category,
    class: Option<Class>,
    action: Option<Action>,
    evidence: Evidence,
    help: Option<String>,
    provider: Option<String>,
    names_unknown_users: bool,
    pattern: Regex,
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are the rule's test"))]
    examples: Vec<String>,
}

/// What a reply means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// Why.
    pub category: Category,
    /// Whose problem.
    pub class: Class,
    /// What to do.
    pub action: Action,
    /// The rule that decided; `code` or `fallback` where none did.
    pub rule: &'a str,
    /// What it rests on.
    pub evidence: Evidence,
    /// The provider's page.
    pub help: Option<&'a str>,
    /// The provider that the reply's words name.
    pub provider: Option<&'a str>,
    /// The reply says that too many recipients are unknown.
    pub names_unknown_users: bool,
}

/// Knows what replies mean.
pub struct Classifier {
    rules: Vec<Compiled>,
    set: RegexSet,
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The TOML is not of the rules' form.
    #[error("{file}: {error}")]
    Form {
        /// The file.
        file: String,
        /// What is wrong, with its line.
        error: toml::de::Error,
    },
    /// A word that is none of those allowed.
    #[error("{file}: rule {rule}: {value:?} is no {what}")]
    Word {
        /// The file.
        file: String,
        /// The rule.
        rule: String,
        /// What was read.
        value: String,
        /// What it should be.
        what: &'static str,
    },
    /// A pattern that is no regular expression.
    #[error("{file}: rule {rule}: {error}")]
    Pattern {
        /// The file.
        file: String,
        /// The rule.
        rule: String,
        /// What is wrong.
        error: Box<regex::Error>,
    },
}

static BUILTIN: LazyLock<Classifier> = LazyLock::new(builtin);

#[expect(clippy::expect_used, reason = "the rules are part of the program, and a test reads them")]
fn builtin() -> Classifier {
    let files =
        [("providers.toml", include_str!("rules/providers.toml")), ("generic.toml", include_str!("rules/generic.toml"))];
    Classifier::read(&files).expect("the rules are read by a test")
}

impl Classifier {
    /// The rules that the program carries.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads rule files, each with the name that its errors show.
    ///
    /// # Errors
    ///
    /// A file is not of the rules' form, or a rule holds a word or pattern that is none.
    pub fn read(files: &[(&str, &str)]) -> Result<Self, RulesError> {
        let mut rules = Vec::new();
        for &(name, text) in files {
            let file: File = toml::from_str(text).map_err(|error| RulesError::Form { file: name.to_owned(), error })?;
            for rule in file.rule {
                rules.push(compiled(name, rule)?);
            }
        }
        let patterns = rules.iter().map(|rule| rule.pattern.as_str());
        let set = RegexSetBuilder::new(patterns).case_insensitive(true).size_limit(64 << 20).build();
        let set = set.map_err(|error| RulesError::Pattern {
            file: "all rules".into(),
            rule: "together".into(),
            error: Box::new(error),
        })?;
        Ok(Self { rules, set })
    }

    /// What `reply` means, raw or masked: both give the same verdict, since rules see the signature.
    #[must_use]
    pub fn classify(&self, reply: &[u8]) -> Verdict<'_> {
        let mut signature = Vec::new();
        mask(reply, &mut signature);
        let matches = self.set.matches(&signature);
        let found = matches.iter().filter_map(|index| self.rules.get(index));
        let best = found.max_by_key(|rule| {
            let length = rule.pattern.find(&signature).map_or(0, |found| found.len());
            (Reverse(rule.evidence), rule.category.precedence(), length, Reverse(&rule.id))
        });
        best.map_or_else(|| by_code(&signature), |rule| rule.verdict(&signature))
    }
}

fn compiled(file: &str, rule: Rule) -> Result<Compiled, RulesError> {
    let word =
        |value: &str, what| RulesError::Word { file: file.to_owned(), rule: rule.id.clone(), value: value.to_owned(), what };
    let category = Category::parse(&rule.category).ok_or_else(|| word(&rule.category, "category"))?;
    let class = rule.class.as_deref().map(|name| Class::parse(name).ok_or_else(|| word(name, "class"))).transpose()?;
    let action = rule.action.as_deref().map(|name| Action::parse(name).ok_or_else(|| word(name, "action"))).transpose()?;
    let evidence = rule.evidence.as_deref().unwrap_or("text");
    let evidence = Evidence::parse(evidence).ok_or_else(|| word(evidence, "kind of evidence"))?;
    let pattern = RegexBuilder::new(&rule.pattern).case_insensitive(true).build();
    let failed = |error| RulesError::Pattern { file: file.to_owned(), rule: rule.id.clone(), error: Box::new(error) };
    let pattern = pattern.map_err(failed)?;
    Ok(Compiled {
        category,
        class,
        action,
        evidence,
        pattern,
        id: rule.id,
        help: rule.help,
        provider: rule.provider,
        names_unknown_users: rule.names_unknown_users,
        examples: rule.examples,
    })
}

impl Compiled {
    fn verdict(&self, signature: &[u8]) -> Verdict<'_> {
        let is_passing = matches!(self.category, Category::InactiveMailbox) && is_temporary(signature);
        let class = self.class.unwrap_or(if is_passing { Class::Soft } else { self.category.class() });
        let action = self.action.unwrap_or(if is_passing { Action::Retry } else { self.category.action() });
        Verdict {
            category: self.category,
            class,
            action,
            rule: &self.id,
            evidence: self.evidence,
            help: self.help.as_deref(),
            provider: self.provider.as_deref(),
            names_unknown_users: self.names_unknown_users,
        }
    }
}

/// Whether code, status or words say that it passes.
fn is_temporary(signature: &[u8]) -> bool {
    signature.starts_with(b"4")
        || memchr::memmem::find(signature, b" 4.").is_some()
        || memchr::memmem::find(signature, b"emporar").is_some()
}

/// What enhanced status and reply code say where the words say nothing (RFC 3463, RFC 5321).
fn by_code(signature: &[u8]) -> Verdict<'static> {
    let mut words = signature.split(|&byte| byte == b' ' || byte == b'-');
    let code = words.next().unwrap_or_default();
    let status = words.next().unwrap_or_default();
    let subject = status.get(1..).unwrap_or_default();
    let by_status = match subject {
        b".1.1" | b".1.0" | b".1.3" | b".1.6" => Some(Category::UnknownUser),
        b".1.2" | b".1.10" => Some(Category::BadDomain),
        b".1.7" | b".1.8" | b".7.23" | b".7.25" | b".7.26" | b".7.27" => Some(Category::Authentication),
        b".2.1" => Some(Category::InactiveMailbox),
        b".2.2" => Some(Category::MailboxFull),
        b".2.3" | b".3.4" => Some(Category::MessageTooLarge),
        b".4.1" | b".4.2" => Some(Category::ConnectionFailure),
        b".4.3" | b".4.4" => Some(Category::DnsFailure),
        b".4.5" => Some(Category::RateLimit),
        b".4.6" => Some(Category::RoutingLoop),
        b".4.7" => Some(Category::Expired),
        b".3.0" | b".3.1" | b".3.2" | b".3.5" => Some(Category::ServerError),
        b".5.1" | b".5.2" | b".5.4" => Some(Category::ProtocolError),
        b".7.0" | b".7.1" | b".7.2" => Some(Category::PolicyOther),
        _ => None,
    };
    if let Some(category) = by_status {
        return plain(category, "enhanced", Evidence::Enhanced);
    }
    match code {
        b"421" | b"451" | b"454" => plain(Category::ServerError, "code", Evidence::Code),
        b"452" | b"552" => plain(Category::MailboxFull, "code", Evidence::Code),
        b"500" | b"501" | b"502" | b"503" | b"504" => plain(Category::ProtocolError, "code", Evidence::Code),
        b"530" | b"535" => plain(Category::RelayDenied, "code", Evidence::Code),
        b"556" => plain(Category::BadDomain, "code", Evidence::Code),
        _ => plain(Category::Unclassified, "fallback", Evidence::Fallback),
    }
}

fn plain(category: Category, rule: &'static str, evidence: Evidence) -> Verdict<'static> {
    let (class, action) = (category.class(), category.action());
    Verdict { category, class, action, rule, evidence, help: None, provider: None, names_unknown_users: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_won_by_its_rule() {
        let classifier = Classifier::builtin();
        let mut lost = Vec::new();
        for rule in &classifier.rules {
            assert!(!rule.examples.is_empty(), "{} has no example", rule.id);
            for example in &rule.examples {
                let verdict = classifier.classify(example.as_bytes());
                if verdict.rule != rule.id {
                    lost.push(format!("{}: {example} goes to {}", rule.id, verdict.rule));
                }
            }
        }
        assert!(lost.is_empty(), "{}", lost.join("\n"));
    }

    #[test]
    fn a_signature_means_what_its_reply_means() {
        let classifier = Classifier::builtin();
        for rule in &classifier.rules {
            for example in &rule.examples {
                let mut signature = Vec::new();
                mask(example.as_bytes(), &mut signature);
                assert_eq!(classifier.classify(example.as_bytes()), classifier.classify(&signature), "{example}");
            }
        }
    }

    #[test]
    fn no_policy_reply_suppresses_an_address() {
        for rule in &Classifier::builtin().rules {
            let verdict = rule.verdict(b"550 5.7.1 x");
            let is_own_refusal = verdict.category == Category::RecipientRefusesSender;
            assert!(verdict.class != Class::Policy || verdict.action != Action::Suppress || is_own_refusal, "{}", rule.id);
        }
    }

    #[test]
    fn wrong_rules_are_told_where_and_why() {
        let error =
            |text: &str| Classifier::read(&[("mine.toml", text)]).err().map(|error| error.to_string()).unwrap_or_default();
        let rule = |category: &str, pattern: &str| {
            format!("[[rule]]\nid = 'mine'\ncategory = '{category}'\npattern = '{pattern}'\nsource = 'me'\nexamples = []\n")
        };
        assert!(error("[[rule]]\nid = 1").contains("mine.toml"), "{}", error("[[rule]]\nid = 1"));
        assert!(error(&rule("nonsense", "x")).contains("\"nonsense\" is no category"));
        assert!(error(&rule("expired", "(")).contains("rule mine"));
    }
}
