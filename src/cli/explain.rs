//! `mailtally explain`: what one reply means, and which rule says so.

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;

use super::exit::Done;
use crate::classify::{Classifier, Verdict};
use crate::event::Enhanced;
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
}

impl Explain {
    pub(super) fn run(&self) -> Result<Done> {
        let mut out = std::io::stdout().lock();
        if self.replies.is_empty() {
            for line in std::io::stdin().lock().split(b'\n') {
                let line = line.context("standard input")?;
                let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned();
                if !line.is_empty() {
                    self.explain(&line, &mut out)?;
                }
            }
        }
        for reply in &self.replies {
            self.explain(reply, &mut out)?;
        }
        out.flush()?;
        Ok(Done::Whole)
    }

    fn explain(&self, reply: &str, out: &mut impl Write) -> Result<()> {
        let verdict = Classifier::builtin().classify(reply.as_bytes());
        let provider = verdict.provider.or_else(|| Providers::builtin().of_reply(reply.as_bytes()));
        let help = verdict.help.or_else(|| Providers::builtin().help(provider?));
        let line = line(reply, &verdict, provider, help);
        if self.json {
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
            return Ok(());
        }
        writeln!(out, "{}", reply.escape_debug())?;
        writeln!(out, "  {}, class {}: {}", line.category, line.class, advice(line.action))?;
        writeln!(out, "  by rule {} (evidence: {})", line.rule, verdict.evidence)?;
        if let Some(provider) = provider {
            writeln!(out, "  said by {}", Providers::builtin().display_name(provider))?;
        }
        if let Some(help) = help {
            writeln!(out, "  see {help}")?;
        }
        Ok(())
    }
}

fn line<'a>(reply: &'a str, verdict: &Verdict<'a>, provider: Option<&'a str>, help: Option<&'a str>) -> Line<'a> {
    let (code, enhanced) = codes(reply);
    Line {
        reply,
        code,
        enhanced: enhanced.map(|status| status.to_string()),
        category: verdict.category.name(),
        class: verdict.class.name(),
        action: verdict.action.name(),
        rule: verdict.rule,
        provider,
        help,
    }
}

/// Reply code and enhanced status as they stand at the beginning, RFC 5321 section 4.2 and RFC 2034.
fn codes(reply: &str) -> (Option<u16>, Option<Enhanced>) {
    let mut words = reply.split([' ', '-']).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let code = first.parse().ok().filter(|code| first.len() == 3 && (200..600).contains(code));
    let status = if code.is_some() { words.next().unwrap_or_default() } else { first };
    (code, Enhanced::read(status.trim_start_matches('#').as_bytes()))
}

/// What to do, in words.
fn advice(action: &str) -> &'static str {
    match action {
        "suppress" => "send nothing more to this address",
        "retry" => "it passes: try again, later or slower",
        "fix-then-retry" => "mend the cause first, then send again; keep the address",
        _ => "no rule of thumb holds: look at it",
    }
}
