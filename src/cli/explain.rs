//! `mailtally explain`: what one reply means, and which rule says so.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use serde::Serialize;

use super::config::ConfigOption;
use super::exit::{Done, usage};
use super::rules::OwnRules;
use crate::classify::advice::{self, Advice};
use crate::classify::{Category, Classifier, Scope, Scratch, Stated, Thresholds, Verdict, mask};
use crate::provider::Providers;

/// What a reply means, and which rule says so
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally explain '550 5.1.1 <a@example.org>: User unknown'\n  mailtally explain --json < replies.txt"
)]
pub(super) struct Explain {
    /// Replies as the log has them; one a line on standard input if none is given
    #[arg(value_name = "REPLY")]
    replies: Vec<String>,

    /// Who said it, where the reply does not show that, by id, name or domain: google, Microsoft, yahoo.com …
    #[arg(long, value_name = "PROVIDER")]
    from: Option<String>,

    #[command(flatten)]
    own: OwnRules,

    #[command(flatten)]
    config: ConfigOption,

    /// Print one JSON object a reply
    #[arg(long)]
    json: bool,
}

/// A reply and its verdict, as `--json` prints it. The names are fixed for scripts.
#[derive(Serialize)]
struct Line<'a> {
    reply: &'a str,
    code: Option<u16>,
    enhanced: Option<String>,
    category: &'a str,
    class: &'a str,
    action: &'a str,
    rule: &'a str,
    provider: Option<&'a str>,
    help: Option<&'a str>,
    evidence: &'a str,
    detail: Option<&'a str>,
    scope: &'a str,
    disagreement: Option<&'a str>,
    signature: &'a str,
    address: &'a str,
    retry: &'a str,
    ask: &'a str,
}

/// What every reply is asked against.
struct Explainer<'a> {
    classifier: &'a Classifier,
    providers: &'static Providers,
    thresholds: Thresholds,
    from: Option<&'a str>,
    scratch: Scratch,
    is_json: bool,
}

impl Explain {
    pub(super) fn run(&self) -> Result<Done> {
        let is_word = |reply: &String| !reply.contains(char::is_whitespace);
        let is_code = |reply: &String| reply.len() == 3 && reply.bytes().all(|byte| byte.is_ascii_digit());
        if self.replies.first().is_some_and(is_code) && self.replies.iter().all(is_word) && !self.replies.iter().all(is_code) {
            return Err(usage(anyhow!("one reply is one argument. Put it into quotes: '{}'", self.replies.join(" "))));
        }
        if self.replies.is_empty() && std::io::stdin().is_terminal() {
            return Err(usage(anyhow!("no reply is named. Put it into quotes: mailtally explain '550 5.1.1 User unknown'")));
        }
        let classifier = self.own.classifier().map_err(usage)?;
        let from = self.from.as_deref().map(|word| speaker(word, &classifier)).transpose().map_err(usage)?;
        let mut explainer = Explainer {
            classifier: &classifier,
            providers: Providers::builtin(),
            thresholds: self.config.read().map_err(usage)?.thresholds,
            from,
            scratch: Scratch::default(),
            is_json: self.json,
        };
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        if self.replies.is_empty() {
            for line in std::io::stdin().lock().split(b'\n') {
                let line = line.context("standard input")?;
                let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned();
                if !line.is_empty() {
                    explainer.explain(&line, &mut out)?;
                }
            }
        }
        for reply in &self.replies {
            explainer.explain(reply, &mut out)?;
        }
        out.flush()?;
        Ok(Done::Whole)
    }
}

/// The id of the provider that `--from` names.
fn speaker<'a>(word: &'a str, classifier: &Classifier) -> Result<&'a str> {
    let providers = Providers::builtin();
    let is_of_rules = classifier.rules().iter().any(|rule| rule.provider.as_deref() == Some(word));
    let id = if is_of_rules { Some(word) } else { providers.named(word) };
    id.ok_or_else(|| {
        let near = providers.nearest(word).map_or_else(String::new, |near| format!(" Is {near} meant?"));
        anyhow!("--from {word}: no such provider.{near}")
    })
}

/// What was found out about one reply.
struct Found<'a> {
    reply: &'a str,
    verdict: Verdict<'a>,
    stated: Stated,
    /// Who said it, and that provider's page on it.
    provider: Option<&'a str>,
    help: Option<&'a str>,
    signature: String,
    advice: Advice,
}

impl<'c> Explainer<'c> {
    fn explain(&mut self, reply: &str, out: &mut impl Write) -> Result<()> {
        let found = self.find(reply);
        if self.is_json {
            serde_json::to_writer(&mut *out, &found.line())?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{}", reply.escape_debug())?;
        if found.stated.code.is_some_and(|code| (200..300).contains(&code)) {
            writeln!(out, "  accepted: the server took what was asked; no rule is about that")?;
        } else {
            self.verdict(&found, out)?;
        }
        for line in found.stated.explain() {
            writeln!(out, "  {line}")?;
        }
        let stub = crate::classify::stub(&found.signature, reply);
        // A reply without words, or of one that took the mail, leaves nothing for a rule.
        let is_stub = !stub.contains("pattern = ''") && found.stated.code.is_none_or(|code| code >= 300);
        if found.verdict.category == Category::Unclassified && is_stub {
            writeln!(out, "  As a rule of your own, in a file for --rules:\n")?;
            for line in stub.lines() {
                writeln!(out, "    {line}")?;
            }
        }
        writeln!(out)?;
        Ok(())
    }

    fn find<'a>(&mut self, reply: &'a str) -> Found<'a>
    where
        'c: 'a,
    {
        let verdict = self.classifier.classify_with(reply.as_bytes(), self.from, &mut self.scratch);
        let provider = verdict.provider.or(self.from).or_else(|| self.providers.of_reply(reply.as_bytes()));
        let mut signature = Vec::new();
        mask(reply.as_bytes(), &mut signature);
        Found {
            reply,
            verdict,
            stated: Stated::of(reply.as_bytes()),
            provider,
            help: verdict.help.or_else(|| self.providers.help(provider?).filter(|_| verdict.scope != Scope::Own)),
            signature: String::from_utf8_lossy(&signature).into_owned(),
            advice: Advice::of(&verdict, &self.thresholds),
        }
    }

    fn verdict(&self, found: &Found<'_>, out: &mut impl Write) -> Result<()> {
        let Found { verdict, advice, .. } = found;
        writeln!(out, "  {} (class {}): {}", verdict.category, verdict.class, advice.meaning)?;
        if let Some(detail) = verdict.detail {
            writeln!(out, "  which      {}", advice::detail(detail))?;
        }
        writeln!(out, "  address    {}", advice.address)?;
        writeln!(out, "  again      {}", advice.retry)?;
        writeln!(out, "  ask        {}", advice.ask)?;
        if let Some(disagreement) = verdict.disagreement {
            writeln!(out, "  note       {}", advice::disagreement(disagreement))?;
        }
        if let Some(provider) = found.provider {
            writeln!(out, "  said by    {}", self.providers.display_name(provider))?;
        }
        if let Some(help) = found.help {
            writeln!(out, "  see        {help}")?;
        }
        let rule = self.classifier.rules().iter().find(|rule| rule.id == verdict.rule);
        let source = rule.map_or("RFC 5321, RFC 3463", |rule| &rule.source);
        writeln!(out, "  because    rule {}, evidence {}: {source}", verdict.rule, verdict.evidence)?;
        Ok(())
    }
}

impl<'a> Found<'a> {
    fn line(&'a self) -> Line<'a> {
        let Self { reply, verdict, stated, provider, help, signature, advice } = self;
        Line {
            reply,
            code: stated.code,
            enhanced: stated.status.map(|status| status.to_string()),
            category: verdict.category.name(),
            class: verdict.class.name(),
            action: verdict.action.name(),
            rule: verdict.rule,
            provider: *provider,
            help: *help,
            evidence: verdict.evidence.name(),
            detail: verdict.detail.map(crate::classify::Detail::name),
            scope: verdict.scope.name(),
            disagreement: verdict.disagreement.map(crate::classify::Disagreement::name),
            signature,
            address: &advice.address,
            retry: &advice.retry,
            ask: advice.ask,
        }
    }
}
