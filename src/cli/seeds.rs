//! The option that names the list of seeds.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::{Args, ValueHint};

use crate::seeds::Seeds;

/// The list of seeds.
#[derive(Args, Debug)]
pub(super) struct SeedOptions {
    /// Tell what became of the mail to the seeds of FILE: an address a line, or columns address, provider, date, campaign, seen
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Scope")]
    seeds: Option<PathBuf>,
}

impl SeedOptions {
    /// The list; empty where none is named.
    pub(super) fn read(&self) -> Result<Arc<Seeds>> {
        let Some(path) = &self.seeds else { return Ok(Arc::default()) };
        let told = || format!("--seeds {}", path.display());
        let text = std::fs::read(path).with_context(told)?;
        Ok(Arc::new(Seeds::read(&text).with_context(told)?))
    }
}
