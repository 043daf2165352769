//! The options that say which mail counts and how it is judged: of every command that makes the tables of one period.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, ValueHint};

use super::exit::usage;
use super::feedback::FeedbackOptions;
use super::inputs::Inputs;
use super::pipeline::{Key, Wanted};
use super::rules::OwnRules;
use super::scope::ScopeOptions;
use crate::seeds::Seeds;

/// Which mail counts, what else tells of it, and by which rules it is judged.
#[derive(Args)]
pub(super) struct CountOptions {
    #[command(flatten)]
    scope: ScopeOptions,

    #[command(flatten)]
    feedback: FeedbackOptions,

    #[command(flatten)]
    rules: OwnRules,

    #[command(flatten)]
    veil: VeilOptions,
}

/// Whether addresses have other names in what is written.
#[derive(Args)]
pub(super) struct VeilOptions {
    /// Give addresses other names in all that is written: a keyed hash in place of what stands before the @
    #[arg(long, help_heading = "Output")]
    anonymize: bool,

    /// Take the key for --anonymize from FILE: with one key, an address has one name in every run [default: a key made of the inputs]
    #[arg(long, value_name = "FILE", requires = "anonymize", value_hint = ValueHint::FilePath, help_heading = "Output")]
    anonymize_key: Option<PathBuf>,
}

impl VeilOptions {
    /// By which key; None: addresses are written as they are.
    pub(super) fn key(&self) -> Result<Option<Key>> {
        let Some(path) = &self.anonymize_key else { return Ok(self.anonymize.then_some(Key::OfInputs)) };
        let key = std::fs::read(path).with_context(|| format!("cannot read the key {}", path.display()))?;
        anyhow::ensure!(key.len() >= 16, "the key {} has less than 16 bytes: it could be guessed", path.display());
        Ok(Some(Key::Own(key)))
    }
}

impl CountOptions {
    /// What a run over `inputs` is about, with an eye on `seeds`.
    pub(super) fn wanted(&self, inputs: &Inputs, seeds: Arc<Seeds>) -> Result<Wanted> {
        let key = self.veil.key().map_err(usage)?;
        Ok(Wanted {
            key,
            scope: self.scope.of(inputs)?,
            classifier: self.rules.shared().map_err(usage)?,
            limits: inputs.how.config.limits().map_err(usage)?,
            seeds,
            mails: self.feedback.read(inputs)?,
        })
    }
}
