//! How a run ends: the documented exit codes.

use std::process::ExitCode;

use super::say::{say, say_error};
use crate::reading::Stopped;

/// The exit code of a run that somebody stopped, as a shell would give it: 128 and the number of SIGINT.
pub(super) const INTERRUPTED: u8 = 130;

/// An option that cannot be meant so, found before anything is read: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(String);

/// The same error, as one of usage.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(super) fn usage(error: anyhow::Error) -> anyhow::Error {
    Usage(told(&error)).into()
}

/// What a command that did not fail came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// All was read: exit code 0.
    Whole,
    /// Written, but some input was damaged, of unknown format, or unparsed past the allowed share: exit code 3.
    Damaged,
    /// Written, and a condition of `--fail-on` holds: exit code 4, whether or not input was damaged too.
    #[cfg(feature = "tables")]
    Held,
}

/// The exit code; an error is told on stderr and ends with 1, or with 2 if it is one of usage. A closed pipe is no error.
pub(super) fn code(result: anyhow::Result<Done>) -> ExitCode {
    match result {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::Damaged) => ExitCode::from(3),
        #[cfg(feature = "tables")]
        Ok(Done::Held) => ExitCode::from(4),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if error.downcast_ref() == Some(&Stopped::Interrupted) => {
            say("interrupted; nothing was written.");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) if error.is::<Usage>() => {
            say_error(&error);
            if let Some(words) = super::arguments::of_variable(&error.to_string()) {
                say(words);
            }
            ExitCode::from(2)
        }
        Err(error) => {
            // What fails without a name is what everything without a name is written to.
            let place = if error.chain().len() == 1 && io_kind(error.as_ref()).is_some() { "standard output: " } else { "" };
            say_error(format_args!("{place}{}", told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes; a cause that an error has told in its own words is not told again.
fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| io_kind(cause) == Some(std::io::ErrorKind::BrokenPipe))
}

fn io_kind(cause: &(dyn std::error::Error + 'static)) -> Option<std::io::ErrorKind> {
    let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
    cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(json)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let inner = || anyhow!("[actions]: unknown field");
        assert_eq!(told(&inner()), "[actions]: unknown field");
        assert_eq!(told(&inner().context("a.toml")), "a.toml: [actions]: unknown field");
        let whole: anyhow::Result<()> = Err(anyhow!("no such file")).context("t: no such file");
        assert_eq!(told(&whole.unwrap_err()), "t: no such file");
    }
}
