//! From a reply to its verdict: rules first, codes where no rule speaks.
//!
//! Rules stand in the order of their rank, which their files cannot change: a user's own before ours, a provider's signature before
//! any text, then how much the words say, then the category that names a cause before the one that names a place, then the pattern
//! that asks for more text. The first that matches decides; bare words give way to a precise enhanced status.

use std::cmp::Reverse;
use std::sync::LazyLock;

use super::category::{Action, Category, Class, Detail, Disagreement, Evidence, Scope};
use super::mask::mask;
use super::matcher::{Matcher, Patterns};
use super::rules::{self, Rule, RulesError, Says, When};
use super::stated::Stated;
use super::{code, enhanced, fold};

/// What a reply means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// Why.
    pub category: Category,
    /// Whose problem.
    pub class: Class,
    /// What to do.
    pub action: Action,
    /// The rule that decided; `enhanced`, `code` or `fallback` where none did.
    pub rule: &'a str,
    /// What it rests on.
    pub evidence: Evidence,
    /// The provider's page.
    pub help: Option<&'a str>,
    /// The provider that the reply's words name.
    pub provider: Option<&'a str>,
    /// The reply says that too many recipients are unknown.
    pub names_unknown_users: bool,
    /// What of the sender's identity did not hold; None where the reply is about something else, or does not say.
    pub detail: Option<Detail>,
    /// Who decided.
    pub scope: Scope,
    /// True where class hard rests on words or codes that are no proof: it takes two such replies to suppress an address.
    pub is_ambiguous: bool,
    /// How the parts of the reply contradict each other.
    pub disagreement: Option<Disagreement>,
}

/// What a search works with; kept from reply to reply, so that none allocates.
#[derive(Default)]
pub struct Scratch {
    signature: Vec<u8>,
    folded: Vec<u8>,
    matcher: super::matcher::Scratch,
}

/// Knows what replies mean.
pub struct Classifier {
    /// By rank, the first before all others.
    rules: Vec<Rule>,
    matcher: Matcher,
}

/// A file of our own rules, by its name.
macro_rules! files {
    ($($name:literal,)+) => { &[$(($name, include_str!(concat!("rules/", $name))),)+] };
}

/// The files of our own rules.
const FILES: &[(&str, &str)] = files![
    "generic/address.toml",
    "generic/storage.toml",
    "generic/sender.toml",
    "generic/block.toml",
    "generic/transport.toml",
    "generic/languages.toml",
    "generic/bare.toml",
    "provider/google.toml",
    "provider/microsoft.toml",
    "provider/yahoo.toml",
    "provider/isps.toml",
    "provider/filters.toml",
    "provider/mta.toml",
];

static BUILTIN: LazyLock<Classifier> = LazyLock::new(builtin);

#[expect(clippy::expect_used, reason = "the rules are part of the program, and a test reads them")]
fn builtin() -> Classifier {
    Classifier::read(&[]).expect("the rules are read by a test")
}

impl Classifier {
    /// The rules that the program carries.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The program's rules and a user's own: files as (name that errors show, TOML). A rule of the user goes before all of ours; one
    /// with the id of ours takes its place.
    ///
    /// # Errors
    ///
    /// A file is not of the rules' form, or a rule holds a word or pattern that is none.
    pub fn read(own: &[(&str, &str)]) -> Result<Self, RulesError> {
        Self::of_files(FILES, own)
    }

    /// Rules of the program's form and a user's own.
    pub(crate) fn of_files(ours: &[(&str, &str)], own: &[(&str, &str)]) -> Result<Self, RulesError> {
        let mut all: Vec<(Rule, Patterns)> = Vec::new();
        for (files, is_own) in [(ours, false), (own, true)] {
            for &(name, text) in files {
                for (rule, patterns) in rules::read(text, name, is_own)? {
                    if let Some((other, _)) = all.iter().find(|(other, _)| other.id == rule.id && other.is_own == is_own) {
                        let what = format!("the id {:?} is used in {}:{} too", rule.id, other.file, other.line);
                        return Err(RulesError { file: name.to_owned(), line: rule.line, what });
                    }
                    all.retain(|(other, _)| other.id != rule.id);
                    all.push((rule, patterns));
                }
            }
        }
        Ok(Self::of(all))
    }

    fn of(mut all: Vec<(Rule, Patterns)>) -> Self {
        all.sort_by_cached_key(|(rule, _)| Reverse(rank(rule)));
        let (rules, patterns): (Vec<Rule>, Vec<Patterns>) = all.into_iter().unzip();
        let samples: Vec<Vec<u8>> = rules.iter().flat_map(|rule| &rule.examples).map(|example| folded(example)).collect();
        let matcher = Matcher::new(&patterns, samples.iter().map(Vec::as_slice));
        Self { rules, matcher }
    }

    /// All rules, by rank.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What `reply` means, raw or masked: both give the same verdict, since rules see the signature.
    #[must_use]
    pub fn classify(&self, reply: &[u8]) -> Verdict<'_> {
        self.classify_with(reply, None, &mut Scratch::default())
    }

    /// As [`Self::classify`], for a reply that is known to come from `provider`: words that are bare elsewhere may mean something
    /// there.
    #[must_use]
    pub fn classify_from(&self, reply: &[u8], provider: Option<&str>) -> Verdict<'_> {
        self.classify_with(reply, provider, &mut Scratch::default())
    }

    /// As [`Self::classify_from`], for many replies.
    #[must_use]
    pub fn classify_with(&self, reply: &[u8], provider: Option<&str>, scratch: &mut Scratch) -> Verdict<'_> {
        let mut signature = std::mem::take(&mut scratch.signature);
        mask(reply, &mut signature);
        let verdict = self.classify_signature(&signature, provider, scratch);
        scratch.signature = signature;
        verdict
    }

    /// As [`Self::classify_with`], for what [`mask`] gave.
    #[must_use]
    pub fn classify_signature(&self, signature: &[u8], provider: Option<&str>, scratch: &mut Scratch) -> Verdict<'_> {
        fold::fold(signature, &mut scratch.folded);
        let stated = Stated::of(signature);
        let may = |rule: usize| self.rules.get(rule).is_some_and(|rule| holds(rule, stated, provider));
        let found = self.matcher.first(&scratch.folded, &mut scratch.matcher, may);
        let rule = found.and_then(|index| self.rules.get(index));
        let mut verdict = match (rule, stated.status.and_then(enhanced::category)) {
            (Some(rule), status) if rule.says > Says::Hint || status.is_none_or(|(_, is_precise)| !is_precise) => {
                of_rule(rule, stated, &scratch.folded)
            }
            (_, status) => by_codes(stated, status.map(|(category, _)| category)),
        };
        verdict.disagreement = disagreement(&verdict, stated);
        verdict
    }

    /// All rules that match `reply`, by rank: the first one decides, unless it is of bare words and the status is precise.
    #[cfg(test)]
    pub(crate) fn matching(&self, reply: &[u8], provider: Option<&str>) -> Vec<&Rule> {
        let mut scratch = Scratch::default();
        mask(reply, &mut scratch.signature);
        fold::fold(&scratch.signature, &mut scratch.folded);
        let stated = Stated::of(&scratch.signature);
        let rules = self.matcher.all(&scratch.folded).into_iter().filter_map(|index| self.rules.get(index));
        rules.filter(|rule| holds(rule, stated, provider)).collect()
    }
}

/// An example as patterns see a reply, but for what is masked.
fn folded(example: &str) -> Vec<u8> {
    let mut folded = Vec::new();
    fold::fold(example.as_bytes(), &mut folded);
    folded
}

/// What orders rules; the greatest is asked first. The id makes the order total; a test holds that it never decides between two
/// verdicts.
fn rank(rule: &Rule) -> (bool, Reverse<Evidence>, Says, bool, u16, usize, Reverse<String>) {
    let precedence = rule.category.precedence();
    (
        rule.is_own,
        Reverse(rule.evidence),
        rule.says,
        rule.needs_provider,
        precedence,
        rule.least_bytes,
        Reverse(rule.id.clone()),
    )
}

/// True where code and provider are those that the rule asks for.
fn holds(rule: &Rule, stated: Stated, provider: Option<&str>) -> bool {
    let is_when = match rule.when {
        When::Always => true,
        When::Temporary => stated.is_temporary(),
        When::Permanent => stated.is_permanent(),
        When::Bare => stated == Stated::default(),
    };
    is_when && (!rule.needs_provider || (provider.is_some() && provider == rule.provider.as_deref()))
}

/// Words that say of a mailbox that it comes back.
const FOR_NOW: [&[u8]; 10] = [
    b"temporar",
    b"again later",
    b"again in ",
    b"for now",
    b"at the moment",
    b"pending",
    b" until ",
    b"tomorrow",
    b"maintenance",
    b"migrat",
];

fn of_rule<'a>(rule: &'a Rule, stated: Stated, folded: &[u8]) -> Verdict<'a> {
    let passes = rule.category == Category::InactiveMailbox
        && !rule.is_class_given
        && (stated.is_temporary() || FOR_NOW.iter().any(|words| memchr::memmem::find(folded, words).is_some()));
    let (class, action) = if passes { (Class::Soft, Action::Retry) } else { (rule.class, rule.action) };
    Verdict {
        category: rule.category,
        class,
        action,
        rule: &rule.id,
        evidence: rule.evidence,
        help: rule.help.as_deref(),
        provider: rule.provider.as_deref(),
        names_unknown_users: rule.names_unknown_users,
        detail: rule.detail,
        scope: rule.scope,
        is_ambiguous: rule.is_ambiguous && class == Class::Hard,
        disagreement: None,
    }
}

/// What enhanced status and reply code say where the words say nothing (RFC 3463, RFC 5321).
fn by_codes(stated: Stated, by_status: Option<Category>) -> Verdict<'static> {
    let by_code = || code::of(stated.code?).map(|known| known.category).filter(|&known| known != Category::Unclassified);
    let (category, rule, evidence) = match (by_status, by_code()) {
        (Some(category), _) => (category, "enhanced", Evidence::Enhanced),
        (None, Some(category)) => (category, "code", Evidence::Code),
        (None, None) if stated.is_temporary() => (Category::ServerError, "code", Evidence::Code),
        (None, None) => (Category::Unclassified, "fallback", Evidence::Fallback),
    };
    let passes = category == Category::InactiveMailbox && stated.is_temporary();
    let (class, action) = if passes { (Class::Soft, Action::Retry) } else { (category.class(), category.action()) };
    Verdict {
        category,
        class,
        action,
        rule,
        evidence,
        help: None,
        provider: None,
        names_unknown_users: false,
        detail: None,
        scope: Scope::Provider,
        is_ambiguous: class == Class::Hard,
        disagreement: None,
    }
}

/// Where code, status and words contradict each other.
fn disagreement(verdict: &Verdict<'_>, stated: Stated) -> Option<Disagreement> {
    if stated.contradicts_itself() {
        return Some(Disagreement::CodeAgainstStatus);
    }
    // A full mailbox is a 552 by RFC 5321, and what our queue gave up is for good whatever its reason.
    let passes = verdict.class == Class::Soft && !matches!(verdict.category, Category::MailboxFull | Category::Expired);
    if passes && stated.is_permanent() {
        return Some(Disagreement::PermanentCode);
    }
    let heals = verdict.class == Class::Soft || matches!(verdict.category, Category::RateLimit | Category::Unclassified);
    if !heals && stated.is_temporary() {
        return Some(Disagreement::TemporaryCode);
    }
    let (by_status, is_precise) = stated.status.and_then(enhanced::category)?;
    let is_other = is_precise && by_status != verdict.category && by_status.class() != verdict.class;
    is_other.then_some(Disagreement::StatusAgainstWords)
}

#[cfg(test)]
mod tests;
