//! How arguments are read: an empty variable of the environment counts as none, and what is wrong is told with what may be meant.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use super::Cli;
use super::say::say;

/// Reads the arguments of the program; else tells what is wrong, or what was asked for, and gives the exit code.
pub(super) fn read() -> Result<Cli, ExitCode> {
    let mut program = command();
    let read = program.try_get_matches_from_mut(std::env::args_os()).and_then(|matches| Cli::from_arg_matches(&matches));
    read.map_err(|error| {
        // A closed pipe ends a help text early.
        let _ = error.print();
        if error.use_stderr() {
            let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
            tell(hint(error.kind(), &words).as_deref());
            tell(of_variable(&error.to_string()).as_deref());
        }
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}

fn tell(words: Option<&str>) {
    if let Some(words) = words {
        say(words);
    }
}

/// The program's arguments, of which none is taken from a variable that is empty.
fn command() -> clap::Command {
    let without = |arg: clap::Arg| {
        let is_empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
        // So that `--settle -1` is told to be no number of days, not taken for an option.
        let arg = if arg.get_action().takes_values() && !arg.is_positional() { arg.allow_negative_numbers(true) } else { arg };
        if is_empty { arg.env(Resettable::Reset) } else { arg }
    };
    Cli::command().mut_subcommands(|command| command.mut_args(without))
}

/// A whole number within a range; None: it is none. The parser's own words would be about digits.
pub(super) fn whole<T: std::str::FromStr + PartialOrd>(text: &str, range: std::ops::RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|number| range.contains(number))
}

/// The variables that options may be taken from.
fn variables() -> impl Iterator<Item = OsString> {
    let program = Cli::command();
    let of = |command: &clap::Command| -> Vec<OsString> {
        command.get_arguments().filter_map(clap::Arg::get_env).map(OsStr::to_owned).collect()
    };
    let mut names: Vec<OsString> = program.get_subcommands().flat_map(of).collect();
    names.sort();
    names.dedup();
    names.into_iter()
}

/// Which variable a value comes from that an error is about, where no argument has it.
pub(super) fn of_variable(error: &str) -> Option<String> {
    let is_at_fault = |value: &OsString| {
        let is_argument = std::env::args_os().any(|word| word.to_string_lossy().contains(&*value.to_string_lossy()));
        !value.is_empty() && !is_argument && error.contains(&*value.to_string_lossy())
    };
    let name = variables().find(|name| std::env::var_os(name).is_some_and(|value| is_at_fault(&value)))?;
    Some(format!("the variable {} says so.", name.display()))
}

/// What may be meant, where the arguments cannot.
fn hint(kind: ErrorKind, words: &[String]) -> Option<String> {
    let (first, rest) = words.split_first()?;
    if kind == ErrorKind::InvalidSubcommand && (Path::new(first).exists() || first.contains(['*', '/'])) {
        return Some(format!("a report on it is written by: mailtally report {first}"));
    }
    if kind != ErrorKind::UnknownArgument {
        return None;
    }
    let is_given = |option: &str| rest.iter().any(|word| word == option || word.starts_with(&format!("{option}=")));
    let is_first_free = rest.first().is_some_and(|word| !word.starts_with('-'));
    match first.as_str() {
        "compare" if is_first_free => {
            Some("the two periods are named by options: mailtally compare --before A --after B".to_owned())
        }
        "compare" if ["--period", "--since", "--until"].into_iter().any(is_given) => {
            Some("each period has an option of its own: --before-period 2026-09 --after-period 2026-10.".to_owned())
        }
        "compare" if is_given("--dsn") || is_given("--arf") => {
            Some("each period has options of its own: --before-dsn, --after-dsn, --before-arf, --after-arf.".to_owned())
        }
        "export" if is_given("--into") => Some("the folder of tables is named by --tables DIR.".to_owned()),
        "lists" if is_given("--tables") || is_given("--output") || is_given("-o") => {
            Some("the folder of lists is named by --into DIR.".to_owned())
        }
        _ if is_given("--month") || is_given("--day") => Some("a month or a day is named by --period 2026-10.".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: ErrorKind, words: &[&str], said: Option<&str>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let told = hint(kind, &words);
        assert_eq!(told.is_some(), said.is_some(), "{told:?}");
        assert!(told.unwrap_or_default().contains(said.unwrap_or_default()));
    }

    #[test]
    fn what_may_be_meant_is_told() {
        check(ErrorKind::InvalidSubcommand, &["Cargo.toml"], Some("mailtally report Cargo.toml"));
        check(ErrorKind::InvalidSubcommand, &["rapport"], None);
        check(ErrorKind::UnknownArgument, &["compare", "a", "b"], Some("--before A --after B"));
        check(ErrorKind::UnknownArgument, &["report", "a", "--month", "2026-10"], Some("--period"));
        check(ErrorKind::UnknownArgument, &["compare", "--before", "a", "--period", "2026-10"], Some("--before-period"));
        check(ErrorKind::UnknownArgument, &["compare", "--before", "a", "--dsn=b"], Some("--before-dsn"));
        check(ErrorKind::UnknownArgument, &["export", "a", "--into", "b"], Some("--tables"));
        check(ErrorKind::UnknownArgument, &["lists", "a", "-o", "b"], Some("--into"));
        check(ErrorKind::UnknownArgument, &["report", "a", "--moth", "2026-10"], None);
    }
}
