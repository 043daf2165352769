//! The options that say which mail counts and how it is judged: of every command that makes the tables of one period.

use std::sync::Arc;

use anyhow::Result;
use clap::Args;

use super::exit::usage;
use super::feedback::FeedbackOptions;
use super::inputs::Inputs;
use super::pipeline::Wanted;
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
}

impl CountOptions {
    /// What a run over `inputs` is about, with an eye on `seeds`.
    pub(super) fn wanted(&self, inputs: &Inputs, seeds: Arc<Seeds>) -> Result<Wanted> {
        Ok(Wanted {
            scope: self.scope.of(inputs)?,
            classifier: self.rules.shared().map_err(usage)?,
            limits: inputs.how.config.limits().map_err(usage)?,
            seeds,
            mails: self.feedback.read(inputs)?,
        })
    }
}
