//! Rules as data: read from TOML, checked, with errors that name file, line and what is wrong.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use crate::classify::category::{Action, Category, Class, Evidence};

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
    /// With a 4xx, or without a code with a 4.x.x.
    Temporary,
    /// With a 5xx, or without a code with a 5.x.x.
    Permanent,
}

/// One rule.
#[derive(Clone, Debug)]
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
    /// The file, as its reader named it.
    pub file: String,
    /// Where it begins there, from 1.
    pub line: usize,
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
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
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
    provider: Option<String>,
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

/// Reads the rules of one file.
///
/// # Errors
/// Broken TOML, a key or name that does not exist, a missing example, a pattern that is no regular expression.
pub fn read(toml_text: &str, file: &str) -> Result<Vec<Rule>, RulesError> {
    let line_of = |span: Range<usize>| 1 + toml_text.bytes().take(span.start).filter(|&byte| byte == b'\n').count();
    let fail = |span: Option<Range<usize>>, what: String| RulesError {
        file: file.to_owned(),
        line: span.map_or(1, line_of),
        what,
    };
    let entries: File = toml::from_str(toml_text).map_err(|error| fail(error.span(), error.message().to_owned()))?;
    let mut rules: Vec<Rule> = Vec::with_capacity(entries.rule.len());
    for entry in entries.rule {
        let span = entry.span();
        let line = line_of(span.clone());
        let rule = check(entry.into_inner(), file, line).map_err(|what| fail(Some(span.clone()), what))?;
        if rules.iter().any(|other| other.id == rule.id) {
            return Err(fail(Some(span), format!("the id {:?} is used twice", rule.id)));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// One entry as a rule; else what is wrong with it.
fn check(entry: Entry, file: &str, line: usize) -> Result<Rule, String> {
    let id = entry.id;
    let category = named(&id, "category", &entry.category, Category::parse, Category::ALL.iter().map(|one| one.name()))?;
    let class = match &entry.class {
        Some(name) => named(&id, "class", name, Class::parse, Class::ALL.iter().map(|one| one.name()))?,
        None => category.class(),
    };
    let action = match &entry.action {
        Some(name) => named(&id, "action", name, Action::parse, Action::ALL.iter().map(|one| one.name()))?,
        None if class == Class::Soft => Action::Retry,
        None => category.action(),
    };
    let evidence = choice(&id, "evidence", entry.evidence.as_deref(), "text", &[("text", Evidence::Text), ("signature", Evidence::Signature)])?;
    let says = choice(&id, "says", entry.says.as_deref(), "cause", &[("hint", Says::Hint), ("cause", Says::Cause), ("mark", Says::Mark)])?;
    let whens = [("always", When::Always), ("temporary", When::Temporary), ("permanent", When::Permanent)];
    let when = choice(&id, "when", entry.when.as_deref(), "always", &whens)?;
    let rule = Rule {
        category,
        class,
        action,
        evidence,
        says,
        when,
        is_class_given: entry.class.is_some(),
        provider: entry.provider,
        needs_provider: entry.needs_provider,
        names_unknown_users: entry.names_unknown_users,
        patterns: entry.pattern.into_vec(),
        also: entry.also.into_vec(),
        unless: entry.unless.into_vec(),
        help: entry.help,
        source: entry.source,
        examples: entry.examples,
        file: file.to_owned(),
        line,
        id,
    };
    complete(&rule)?;
    Ok(rule)
}

/// What must not be missing, and every pattern tried alone, so that the error names it.
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
    for pattern in rule.patterns.iter().chain(&rule.also).chain(&rule.unless) {
        if pattern.is_empty() {
            return Err(format!("{id}: an empty pattern would match every reply"));
        }
        super::engine::builder([pattern]).build().map_err(|error| format!("{id}: pattern {pattern:?}: {error}"))?;
    }
    Ok(())
}

/// The value with this name; else a message with all names.
fn named<T>(
    id: &str,
    key: &str,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    names: impl Iterator<Item = &'static str>,
) -> Result<T, String> {
    parse(name).ok_or_else(|| format!("{id}: {key} = {name:?} does not exist; there are {}", names.collect::<Vec<_>>().join(", ")))
}

fn choice<T: Copy>(id: &str, key: &str, name: Option<&str>, default: &str, choices: &[(&'static str, T)]) -> Result<T, String> {
    let find = |name: &str| choices.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    named(id, key, name.unwrap_or(default), find, choices.iter().map(|(known, _)| *known))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = "id = \"own/a\"\ncategory = \"server-error\"\npattern = \"gone fishing\"\nsource = \"here\"\nexamples = [\"450 gone fishing\"]\n";

    #[track_caller]
    fn check(text: &str, line: usize, what: &str) {
        let error = read(text, "own.toml").expect_err(text);
        assert_eq!(error.line, line, "{error}");
        assert!(error.to_string().contains(what), "{error}");
    }

    #[test]
    fn a_rule_takes_class_and_action_from_its_category() {
        let rules = read(&format!("[[rule]]\n{RULE}"), "own.toml").unwrap();
        let rule = rules.first().unwrap();
        assert_eq!((rule.class, rule.action, rule.evidence, rule.line), (Class::Soft, Action::Retry, Evidence::Text, 1));
    }

    #[test]
    fn errors_name_the_line_and_what_is_wrong() {
        check("[[rule]]\nid = 5", 2, "");
        check(&format!("\n\n[[rule]]\n{}", RULE.replace("server-error", "server-eror")), 3, "\"server-eror\" does not exist; there are unknown-user");
        check(&format!("[[rule]]\n{}", RULE.replace("gone fishing\"\ns", "gone (fishing\"\ns")), 1, "own/a: pattern \"gone (fishing\"");
        check(&format!("[[rule]]\n{RULE}colour = 1\n"), 7, "colour");
        check(&format!("[[rule]]\n{RULE}\n[[rule]]\n{RULE}"), 8, "used twice");
        check(&format!("[[rule]]\n{}", RULE.replace("[\"450 gone fishing\"]", "[]")), 1, "needs at least one");
    }
}
