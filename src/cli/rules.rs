//! `mailtally rules`: lists the rules by which replies are classified, and tests each on its examples.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueHint};
use serde::Serialize;

use super::exit::{Done, usage};
use crate::classify::{Classifier, Rule};

/// A user's own rules.
#[derive(Args)]
pub(super) struct OwnRules {
    /// Lay the rules of FILE over the built-in ones; may be given several times
    #[arg(long = "rules", value_name = "FILE", env = "MAILTALLY_RULES", value_delimiter = ',', value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

impl OwnRules {
    /// The built-in rules with these laid over them.
    pub(super) fn classifier(&self) -> Result<Classifier> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the rules of {}", path.display()))?;
            Ok((path.display().to_string(), text))
        };
        let files: Vec<(String, String)> = self.files.iter().map(read).collect::<Result<_>>()?;
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Ok(Classifier::read(&files)?)
    }

    /// The same for a whole run: it lives as long as the program.
    #[cfg(feature = "tables")]
    pub(super) fn shared(&self) -> Result<&'static Classifier> {
        if self.files.is_empty() { Ok(Classifier::builtin()) } else { Ok(Box::leak(Box::new(self.classifier()?))) }
    }
}

/// List the rules by which replies are classified, and test each on its examples
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally rules --rules own.toml\n  mailtally rules google/ --json\n\nExit code 1: an example is taken by another rule."
)]
pub(super) struct Rules {
    /// Only rules whose id begins so
    #[arg(value_name = "ID")]
    id: Option<String>,

    #[command(flatten)]
    own: OwnRules,

    /// Print one JSON object a rule
    #[arg(long)]
    json: bool,
}

/// A rule as `--json` prints it. The names are fixed for scripts.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    category: &'a str,
    class: &'a str,
    action: &'a str,
    evidence: &'a str,
    provider: Option<&'a str>,
    help: Option<&'a str>,
    source: &'a str,
    file: &'a str,
    #[serde(rename = "line")]
    at: usize,
    own: bool,
    examples: &'a [String],
    lost: Vec<Lost<'a>>,
}

/// An example that another rule takes.
#[derive(Serialize)]
struct Lost<'a> {
    example: &'a str,
    to: &'a str,
}

impl Rules {
    pub(super) fn run(&self) -> Result<Done> {
        let classifier = self.own.classifier().map_err(usage)?;
        let begins = |rule: &&Rule| self.id.as_deref().is_none_or(|id| rule.id.starts_with(id));
        let rules: Vec<&Rule> = classifier.rules().iter().filter(begins).collect();
        if rules.is_empty() {
            return Err(usage(anyhow!("no rule begins with {:?}", self.id.as_deref().unwrap_or_default())));
        }
        let mut out = std::io::stdout().lock();
        let mut lost = 0;
        let mut examples = 0;
        for rule in rules {
            let line = line(rule, &classifier);
            lost += line.lost.len();
            examples += line.examples.len();
            if self.json {
                serde_json::to_writer(&mut out, &line)?;
                writeln!(out)?;
            } else {
                print(&line, &mut out)?;
            }
        }
        if !self.json {
            writeln!(out, "{examples} examples, of which other rules take {lost}")?;
        }
        out.flush()?;
        anyhow::ensure!(lost == 0, "{lost} examples are taken by other rules");
        Ok(Done::Whole)
    }
}

fn line<'a>(rule: &'a Rule, classifier: &'a Classifier) -> Line<'a> {
    let speaker = rule.provider.as_deref().filter(|_| rule.needs_provider);
    let winners = rule.examples.iter().map(|example| (example, classifier.classify_from(example.as_bytes(), speaker).rule));
    Line {
        id: &rule.id,
        category: rule.category.name(),
        class: rule.class.name(),
        action: rule.action.name(),
        evidence: rule.evidence.name(),
        provider: rule.provider.as_deref(),
        help: rule.help.as_deref(),
        source: &rule.source,
        file: &rule.file,
        at: rule.line,
        own: rule.is_own,
        examples: &rule.examples,
        lost: winners.filter(|(_, winner)| *winner != rule.id).map(|(example, to)| Lost { example, to }).collect(),
    }
}

fn print(line: &Line<'_>, out: &mut impl Write) -> Result<()> {
    let Line { id, category, class, action, evidence, file, at, .. } = line;
    writeln!(out, "{id:<32} {category:<24} {class:<7} {action:<14} {evidence:<9} {file}:{at}")?;
    for Lost { example, to } in &line.lost {
        writeln!(out, "  {to} takes its example: {}", example.escape_debug())?;
    }
    Ok(())
}
