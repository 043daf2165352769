//! The configuration of a run: a file of the user's own numbers and names.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, ValueHint};

use crate::tables::Limits;
use crate::tables::lists::ListRules;

/// The configuration of a run.
#[derive(Args, Debug)]
pub(super) struct ConfigOptions {
    /// Take from FILE when an address is suppressed (`[actions]`) and what is never suppressed (`[lists]`)
    #[arg(long, value_name = "FILE", env = "MAILTALLY_CONFIG", value_hint = ValueHint::FilePath, help_heading = "Running")]
    config: Option<PathBuf>,
}

impl ConfigOptions {
    /// The limits of tables and lists, those of the file laid over the defaults.
    pub(super) fn limits(&self) -> Result<Limits> {
        let Some(path) = &self.config else { return Ok(Limits::default()) };
        let told = || format!("--config {}", path.display());
        let text = std::fs::read_to_string(path).with_context(told)?;
        Ok(Limits { lists: ListRules::read(&text).with_context(told)?, ..Limits::default() })
    }
}
