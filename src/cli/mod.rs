//! The command line: arguments, and the pipeline that each command runs. The only stage that knows all others, and the only one
//! that speaks.

#[cfg(feature = "tables")]
mod aligned;
mod arguments;
#[cfg(feature = "tables")]
mod compare;
mod completions;
mod config;
#[cfg(feature = "tables")]
mod counting;
mod exit;
mod explain;
#[cfg(feature = "tables")]
mod export;
#[cfg(feature = "tables")]
mod fail_on;
#[cfg(feature = "tables")]
mod feedback;
mod inputs;
mod inspect;
#[cfg(feature = "tables")]
mod lists;
mod man;
#[cfg(feature = "tables")]
mod output;
#[cfg(feature = "tables")]
mod pipeline;
mod progress;
#[cfg(feature = "tables")]
mod query;
mod reading;
#[cfg(feature = "tables")]
mod report;
mod rules;
mod say;
#[cfg(feature = "tables")]
mod scope;
#[cfg(feature = "tables")]
mod seeds;
#[cfg(feature = "tables")]
mod tables;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Reads the delivery logs of mail servers and writes the deliverability report of the month
#[derive(Parser)]
#[command(name = "mailtally", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What each file is, and how every line of it was counted
    Inspect(inspect::Inspect),
    /// What a reply means, and which rule says so
    Explain(explain::Explain),
    /// The report of a month as one HTML file
    #[cfg(feature = "tables")]
    Report(report::Report),
    /// What changed between two periods
    #[cfg(feature = "tables")]
    Compare(compare::Compare),
    /// Each table of a run as a file
    #[cfg(feature = "tables")]
    Export(export::Export),
    /// A question in SQL, over all tables, attempts and outcomes
    #[cfg(feature = "tables")]
    Query(query::Query),
    /// Whom to suppress, whom to send to again, and where a cause must be mended first
    #[cfg(feature = "tables")]
    Lists(lists::Lists),
    /// The tables, their columns, units and definitions
    #[cfg(feature = "tables")]
    Tables(tables::Tables),
    /// The rules by which replies are classified, each tested on its examples
    Rules(rules::Rules),
    /// A configuration with every setting at its default, to be changed
    Config(config::ConfigExample),
    /// What a shell needs to complete the command line
    Completions(completions::Completions),
    /// The manual, as a man page
    Man(man::Man),
}

/// Runs what the arguments ask for.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match arguments::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let result = match cli.command {
        Command::Inspect(inspect) => inspect.run(),
        Command::Explain(explain) => explain.run(),
        #[cfg(feature = "tables")]
        Command::Report(report) => report.run(),
        #[cfg(feature = "tables")]
        Command::Compare(compare) => compare.run(),
        #[cfg(feature = "tables")]
        Command::Export(export) => export.run(),
        #[cfg(feature = "tables")]
        Command::Query(query) => query.run(),
        #[cfg(feature = "tables")]
        Command::Lists(lists) => lists.run(),
        #[cfg(feature = "tables")]
        Command::Tables(tables) => tables.run(),
        Command::Rules(rules) => rules.run(),
        Command::Config(config) => config.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    };
    exit::code(result)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        super::Cli::command().debug_assert();
    }
}
