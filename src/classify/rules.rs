//! Rules as data: read from TOML, checked, with errors that name file, line and what is wrong.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use super::category::{Action, Category, Class, Detail, Evidence, Scope};
use super::fold;
use super::matcher::{Patterns, compile};
use super::pattern::Pattern;

/// What is wrong with a file of rules.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct RulesError {
    /// As the caller named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong, and where it can be told, what to write.
    pub what: String,
}

/// How much the words of a rule say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// Bare words ("rejected", "try again later") that count when nothing else does; a precise enhanced status is stronger.
    Hint,
    /// Names a cause or a state.
    Cause,
    /// Names a cause beyond doubt: no other words of the reply can turn it.
    Mark,
}

/// When a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// With any code or none.
    Always,
    /// With a 4xx or 4.x.x.
    Temporary,
    /// With a 5xx or 5.x.x, and no 4.x.x.
    Permanent,
    /// Without any code.
    Bare,
}

/// One rule.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file, and none depends on another")]
pub struct Rule {
    /// Unique: `generic/mailbox-full`.
    pub id: String,
    /// What a reply that it wins is about.
    pub category: Category,
    /// Whose problem that is.
    pub class: Class,
    /// What to do.
    pub action: Action,
    /// Signature or text.
    pub evidence: Evidence,
    /// How much it says.
    pub says: Says,
    /// When it holds.
    pub when: When,
    /// True where the file gives the class: then a temporary code does not soften it.
    pub is_class_given: bool,
    /// True where the words are no proof that the address is dead: it takes two of them, on days apart, to suppress it.
    pub is_ambiguous: bool,
    /// What of the sender's identity failed, where the rule is about that.
    pub detail: Option<Detail>,
    /// Who decided.
    pub scope: Scope,
    /// Whose replies speak so. None: anybody's.
    pub provider: Option<String>,
    /// True where the words mean this only when the caller knows that the provider said them.
    pub needs_provider: bool,
    /// True where the reply blames the sender for mail to unknown users.
    pub names_unknown_users: bool,
    /// Any of these must be found: regular expressions over the folded signature.
    pub patterns: Vec<String>,
    /// Any of these too, where there are any.
    pub also: Vec<String>,
    /// None of these.
    pub unless: Vec<String>,
    /// The provider's page for this reply.
    pub help: Option<String>,
    /// Who says so.
    pub source: String,
    /// Replies that this rule must win.
    pub examples: Vec<String>,
    /// True for a user's own rule: it goes before all others.
    pub is_own: bool,
    /// The file, as its reader named it.
    pub file: String,
    /// Where it begins there, from 1.
    pub line: usize,
    /// How many bytes a text must have that it matches: of two rules that say as much, the longer is the more special.
    pub(super) least_bytes: usize,
}

/// A pattern, or several of which any may match.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    /// The patterns with their words put in, folded as the text is that they are matched on.
    fn into_patterns(self, words: &Words) -> Result<Vec<String>, String> {
        let many = match self {
            Self::None => Vec::new(),
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        };
        many.iter().map(|one| Ok(fold::pattern(&words.expand(one)?))).collect()
    }
}

/// Parts of patterns that have a name: `{user}` in a pattern stands for what the word is defined as.
#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Words(BTreeMap<String, String>);

/// A rule to begin with, for a reply that none knows: its words as they stand between what is masked, to be shortened by hand.
#[must_use]
pub fn stub(signature: &str, example: &str) -> String {
    let mut folded = Vec::new();
    fold::fold(signature.as_bytes(), &mut folded);
    let folded = String::from_utf8_lossy(&folded);
    // Code and status say little, and the words should hold without them.
    let words = folded
        .split_once(|c: char| c.is_ascii_alphabetic())
        .map_or("", |(codes, _)| folded.get(codes.len()..).unwrap_or_default());
    let pattern = regex_syntax::escape(words).replace('\'', ".");
    let example = toml::Value::String(example.to_owned());
    format!(
        "[[rule]]\nid = \"own/name-it\"\ncategory = \"unclassified\" # the category you know it to be\npattern = '{pattern}'\n\
         source = \"who says so\"\nexamples = [{example}]\n"
    )
}

/// Our own words, which every file may use.
static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("rules/words.toml")).unwrap_or_default();
    file.words
});

/// More words than this has only a pattern whose words name each other.
const MOST_WORDS: usize = 32;

impl Words {
    fn expand(&self, pattern: &str) -> Result<String, String> {
        let mut text = pattern.to_owned();
        for _ in 0..MOST_WORDS {
            let Some((head, name, tail)) = named_word(&text) else { return Ok(text) };
            let word = self.0.get(name).or_else(|| WORDS.0.get(name));
            let word = word.ok_or_else(|| format!("the pattern {pattern:?} uses the word {{{name}}}, which is not defined"))?;
            text = format!("{head}(?:{word}){tail}").replace(&format!("{{{name}}}"), &format!("(?:{word})"));
        }
        Err(format!("the words of the pattern {pattern:?} name each other without end"))
    }
}

/// The first `{name}` of a pattern, with what stands before and behind it. `{2,5}` is none.
fn named_word(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some((head, rest)) = text.get(from..)?.split_once('{') {
        let (name, tail) = rest.split_once('}')?;
        let start = from + head.len();
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
            return Some((text.get(..start)?, name, tail));
        }
        from = start + 1;
    }
    None
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    words: Words,
    #[serde(default)]
    rule: Vec<Spanned<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    category: String,
    class: Option<String>,
    action: Option<String>,
    evidence: Option<String>,
    says: Option<String>,
    when: Option<String>,
    detail: Option<String>,
    scope: Option<String>,
    provider: Option<String>,
    #[serde(default)]
    ambiguous: bool,
    #[serde(default)]
    needs_provider: bool,
    #[serde(default)]
    names_unknown_users: bool,
    pattern: OneOrMany,
    #[serde(default)]
    also: OneOrMany,
    #[serde(default)]
    unless: OneOrMany,
    help: Option<String>,
    source: String,
    examples: Vec<String>,
}

/// Reads the rules of one file. `is_own`: they are a user's, and go before all others.
///
/// # Errors
/// Broken TOML, a key or name that does not exist, a missing example, a pattern that is no regular expression.
pub(super) fn read(toml_text: &str, file: &str, is_own: bool) -> Result<Vec<(Rule, Patterns)>, RulesError> {
    let line_of = |span: Range<usize>| 1 + toml_text.bytes().take(span.start).filter(|&byte| byte == b'\n').count();
    let fail =
        |span: Option<Range<usize>>, what: String| RulesError { file: file.to_owned(), line: span.map_or(1, line_of), what };
    let entries: File = toml::from_str(toml_text).map_err(|error| fail(error.span(), error.message().to_owned()))?;
    let mut rules: Vec<(Rule, Patterns)> = Vec::with_capacity(entries.rule.len());
    // Entries stand in order: lines are counted on from the last.
    let (mut line, mut counted) = (1, 0);
    for entry in entries.rule {
        let span = entry.span();
        line += toml_text.bytes().take(span.start).skip(counted).filter(|&byte| byte == b'\n').count();
        counted = span.start;
        let place = Place { file, line, is_own, words: &entries.words };
        let (rule, patterns) = check(entry.into_inner(), &place).map_err(|what| fail(Some(span.clone()), what))?;
        if rules.iter().any(|(other, _)| other.id == rule.id) {
            return Err(fail(Some(span), format!("the id {:?} is used twice", rule.id)));
        }
        rules.push((rule, patterns));
    }
    Ok(rules)
}

/// Where a rule stands.
struct Place<'a> {
    file: &'a str,
    line: usize,
    is_own: bool,
    words: &'a Words,
}

const EVIDENCE: &[(&str, Evidence)] = &[("text", Evidence::Text), ("signature", Evidence::Signature)];
const SAYS: &[(&str, Says)] = &[("cause", Says::Cause), ("hint", Says::Hint), ("mark", Says::Mark)];
const WHEN: &[(&str, When)] =
    &[("always", When::Always), ("temporary", When::Temporary), ("permanent", When::Permanent), ("bare", When::Bare)];

/// One entry as a rule with its patterns; else what is wrong with it.
fn check(entry: Entry, place: &Place<'_>) -> Result<(Rule, Patterns), String> {
    let id = entry.id;
    let category = named(&id, "category", &entry.category, Category::parse, Category::ALL.iter().map(|one| one.name()))?;
    let given_class = optional(&id, "class", entry.class.as_deref(), Class::parse, Class::ALL.iter().map(|one| one.name()))?;
    let class = given_class.unwrap_or(category.class());
    let action = optional(&id, "action", entry.action.as_deref(), Action::parse, Action::ALL.iter().map(|one| one.name()))?;
    let default_action = if class == category.class() { category.action() } else { class.action() };
    let detail = optional(&id, "detail", entry.detail.as_deref(), Detail::parse, Detail::ALL.iter().map(|one| one.name()))?;
    let scope = optional(&id, "scope", entry.scope.as_deref(), Scope::parse, Scope::ALL.iter().map(|one| one.name()))?;
    let told = |what: String| format!("{id}: {what}");
    let mut rule = Rule {
        category,
        class,
        action: action.unwrap_or(default_action),
        evidence: choice(&id, "evidence", entry.evidence.as_deref(), EVIDENCE)?,
        says: choice(&id, "says", entry.says.as_deref(), SAYS)?,
        when: choice(&id, "when", entry.when.as_deref(), WHEN)?,
        is_class_given: given_class.is_some(),
        is_ambiguous: entry.ambiguous,
        detail,
        scope: scope.unwrap_or(Scope::Provider),
        provider: entry.provider,
        needs_provider: entry.needs_provider,
        names_unknown_users: entry.names_unknown_users,
        patterns: entry.pattern.into_patterns(place.words).map_err(&told)?,
        also: entry.also.into_patterns(place.words).map_err(&told)?,
        unless: entry.unless.into_patterns(place.words).map_err(&told)?,
        help: entry.help,
        source: entry.source,
        examples: entry.examples,
        is_own: place.is_own,
        file: place.file.to_owned(),
        line: place.line,
        least_bytes: 0,
        id: id.clone(),
    };
    complete(&rule)?;
    let read = |patterns: &[String]| patterns.iter().map(|pattern| tried(&rule, pattern)).collect::<Result<Vec<_>, _>>();
    let patterns = Patterns { any: read(&rule.patterns)?, also: read(&rule.also)?, unless: read(&rule.unless)? };
    let least = |patterns: &[Pattern]| patterns.iter().map(Pattern::least_bytes).min().unwrap_or_default();
    rule.least_bytes = least(&patterns.any) + least(&patterns.also);
    Ok((rule, patterns))
}

/// What must not be missing.
fn complete(rule: &Rule) -> Result<(), String> {
    let id = &rule.id;
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/.".contains(&byte)) {
        return Err(format!("the id {id:?} must be letters, digits and -_/."));
    }
    if rule.patterns.is_empty() {
        return Err(format!("{id}: pattern is missing"));
    }
    if rule.examples.is_empty() {
        return Err(format!("{id}: examples is empty; a rule needs at least one reply that it must win"));
    }
    if rule.needs_provider && rule.provider.is_none() {
        return Err(format!("{id}: needs_provider without provider"));
    }
    let is_persons_own = rule.category == Category::RecipientRefusesSender;
    if rule.class == Class::Policy && rule.action == Action::Suppress && !is_persons_own {
        return Err(format!("{id}: a policy block must not suppress an address; only recipient-refuses-sender may"));
    }
    Ok(())
}

/// A pattern, tried alone, so that an error names it.
fn tried(rule: &Rule, pattern: &str) -> Result<Pattern, String> {
    let id = &rule.id;
    let read = Pattern::read(pattern).map_err(|error| format!("{id}: pattern {pattern:?}: {error}"))?;
    if read.least_bytes() == 0 {
        return Err(format!("{id}: pattern {pattern:?} would match every reply"));
    }
    if rule.is_own {
        compile(pattern).map_err(|error| format!("{id}: pattern {pattern:?}: {error}"))?;
    }
    Ok(read)
}

/// The value with this name; else a message with all names.
fn named<T>(
    id: &str,
    key: &str,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    names: impl Iterator<Item = &'static str>,
) -> Result<T, String> {
    let told = |names: Vec<_>| format!("{id}: {key} = {name:?} does not exist; there are {}", names.join(", "));
    parse(name).ok_or_else(|| told(names.collect()))
}

fn optional<T>(
    id: &str,
    key: &str,
    name: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
    names: impl Iterator<Item = &'static str>,
) -> Result<Option<T>, String> {
    name.map(|name| named(id, key, name, parse, names)).transpose()
}

/// One of a few values; the first where nothing is given.
fn choice<T: Copy>(id: &str, key: &str, name: Option<&str>, choices: &[(&'static str, T)]) -> Result<T, String> {
    let find = |name: &str| choices.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let default = choices.first().map_or("", |(name, _)| name);
    named(id, key, name.unwrap_or(default), find, choices.iter().map(|(known, _)| *known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "id = \"own/a\"\ncategory = \"server-error\"\npattern = \"gone fishing\"\nsource = \"here\"\nexamples = [\"450 gone fishing\"]\n";

    #[track_caller]
    fn check(text: &str, line: usize, what: &str) {
        let error = read(text, "own.toml", true).expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(what), "{error}");
    }

    #[test]
    fn a_rule_takes_class_and_action_from_its_category() {
        let rules = read(&format!("[[rule]]\n{RULE}"), "own.toml", true).unwrap();
        let (rule, _) = rules.first().unwrap();
        assert_eq!((rule.class, rule.action, rule.evidence, rule.line), (Class::Soft, Action::Retry, Evidence::Text, 1));
    }

    #[test]
    fn a_stub_is_a_rule_that_wins_its_reply() {
        for reply in ["554 The frobnicator isn't (yet) up", "550 \"quoted\" \\ and 'single' 100%", "550"] {
            let mut signature = Vec::new();
            crate::classify::mask(reply.as_bytes(), &mut signature);
            let text = stub(&String::from_utf8(signature).unwrap(), reply);
            match crate::classify::Classifier::read(&[("own.toml", &text)]) {
                Ok(classifier) => assert_eq!(classifier.classify(reply.as_bytes()).rule, "own/name-it", "{text}"),
                Err(error) => assert_eq!(reply, "550", "{error}: {text}"),
            }
        }
    }

    #[test]
    fn errors_name_the_line_and_what_is_wrong() {
        check("[[rule]]\nid = 5", 2, "");
        let other = |from: &str, to: &str| format!("\n\n[[rule]]\n{}", RULE.replace(from, to));
        check(&other("server-error", "server-eror"), 3, "\"server-eror\" does not exist; there are unknown-user");
        check(&other("gone fishing\"\ns", "gone (fishing\"\ns"), 3, "own/a: pattern \"gone (fishing\"");
        check(&other("gone fishing\"\ns", "(gone)?\"\ns"), 3, "would match every reply");
        check(&other("[\"450 gone fishing\"]", "[]"), 3, "needs at least one");
        check(&other("source", "action = \"suppress\"\nclass = \"policy\"\nsource"), 3, "must not suppress");
        check(&other("source", "needs_provider = true\nsource"), 3, "without provider");
        check(&format!("[[rule]]\n{RULE}colour = 1\n"), 7, "colour");
        check(&format!("[[rule]]\n{RULE}\n[[rule]]\n{RULE}"), 8, "used twice");
    }
}
