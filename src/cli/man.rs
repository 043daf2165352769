//! `mailtally man`: the manual, made of the same words as `--help`.

use std::io::Write;

use anyhow::{Result, anyhow};
use clap::{Args, CommandFactory};
use clap_mangen::Man as Page;

use super::Cli;
use super::exit::{Done, usage};

/// The manual, as a man page
#[derive(Args)]
#[command(
    after_help = "Examples:\n  mailtally man | man -l -\n  mailtally man report > /usr/local/share/man/man1/mailtally-report.1"
)]
pub(super) struct Man {
    /// The page of this command, instead of that of the whole program
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub(super) fn run(&self) -> Result<Done> {
        let mut program = Cli::command();
        program.build();
        let command = match &self.command {
            Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| unknown(name, &program)).map_err(usage)?,
            None => program,
        };
        let mut out = std::io::stdout().lock();
        Page::new(command).render(&mut out)?;
        out.flush()?;
        Ok(Done::Whole)
    }
}

fn unknown(name: &str, program: &clap::Command) -> anyhow::Error {
    let all: Vec<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    anyhow!("there is no command {name:?}; these are: {}", all.join(", "))
}
