//! `mailtally completions`: a script by which a shell completes commands, options and file names.

use std::io::Write;

use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use super::exit::Done;

/// What a shell needs to complete the command line
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally completions bash > ~/.local/share/bash-completion/completions/mailtally\n  mailtally completions fish > ~/.config/fish/completions/mailtally.fish"
)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<Done> {
        // Written whole: what it is given to panics where a pipe is closed early.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "mailtally", &mut script);
        std::io::stdout().write_all(&script)?;
        Ok(Done::Whole)
    }
}
