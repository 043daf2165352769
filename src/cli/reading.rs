//! What every command that reads logs does: lists the inputs, shows progress, can be interrupted, and says what happened to each file.

use anyhow::Result;
use bstr::BStr;

use super::inputs::Inputs;
use super::progress::Bar;
use crate::format::{self, Account, Near};
use crate::reading::{self, FileRead, Listed, Read, Records, Stopped, Told};
use crate::source::{Progress, SEGMENT_BYTES, Severity};

/// Lists the inputs and reads them all: see [`Listed::read`]. `begin` is shown the files.
pub(super) fn read<S: Send, P: Send>(
    inputs: &Inputs,
    begin: impl Fn(&[Told]) -> S,
    work: impl Fn(&mut Records<'_>) -> P + Sync,
    fold: impl Fn(&mut S, usize, P) + Sync,
) -> Result<(Listed, Read<S>)> {
    let progress = Progress::default();
    interrupt_on_signal(&progress)?;
    let mut listed = reading::list(&inputs.options().map_err(super::exit::usage)?);
    if progress.is_interrupted() {
        return Err(Stopped::Interrupted.into());
    }
    let bar = Bar::new(inputs.how.quiet, &listed, &progress);
    let read = listed.read((inputs.threads(), SEGMENT_BYTES), &progress, begin, work, fold);
    bar.clear();
    Ok((listed, read?))
}

/// Lets Ctrl-C stop the reading, so that what was half written goes away. One that comes while nothing is being read (standard input
/// may wait for ever), or a second one, ends the program at once.
fn interrupt_on_signal(progress: &Progress) -> Result<()> {
    #[cfg(unix)]
    {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
        let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
        let progress = progress.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for _ in signals.forever() {
                if progress.is_interrupted() {
                    std::process::exit(super::exit::INTERRUPTED.into());
                }
                progress.interrupt();
                std::thread::spawn(|| {
                    std::thread::sleep(PATIENCE);
                    std::process::exit(super::exit::INTERRUPTED.into());
                });
            }
        })?;
    }
    Ok(())
}

/// What is to be said of a file.
pub(super) struct Remarks {
    /// In words.
    pub(super) said: Vec<String>,
    /// Whether it changes the exit code.
    pub(super) is_damaged: bool,
}

/// What is to be said of a file: its damage, that nothing of it was read, that too many of its records were not understood.
pub(super) fn remarks(told: &Told, account: &Account, read: &FileRead, max_unparsed: f64) -> Remarks {
    let mut said: Vec<String> = read.damage.iter().map(ToString::to_string).collect();
    let mut is_damaged = read.damage.iter().any(|damage| damage.severity() == Severity::Damage);
    let Some(format) = told.format else {
        said.push(format!("{}: {}", told.file.name, unknown(told)));
        return Remarks { said, is_damaged: true };
    };
    if let Some(misfit) = format.misfit(&told.file.head).filter(|_| told.lent.is_none()) {
        let how = if format::by_name(format.name()).is_some() { "as" } else { "by the mapping" };
        said.push(format!("{}: it is read {how} {}, but {misfit}.", told.file.name, format.name()));
        is_damaged = true;
    }
    let unmapped: Vec<String> = account.unmapped().map(|(field, value)| format!("{field} {:?}", BStr::new(value))).collect();
    if !unmapped.is_empty() {
        said.push(format!(
            "{}: {} of {} records have values that the mapping {} cannot read, such as {}.",
            told.file.name,
            account.unparsed,
            account.lines,
            format.name(),
            unmapped.join(", ")
        ));
    }
    if account.unparsed_share() > max_unparsed {
        said.push(format!(
            "{}: {} of {} lines were not understood; the others are counted. Allow it with --max-unparsed.",
            told.file.name, account.unparsed, account.lines
        ));
        is_damaged = true;
    }
    Remarks { said, is_damaged }
}

/// What is to be said of a file of unknown format: what it looks like, what it is nearest to, and what can be done.
fn unknown(told: &Told) -> String {
    let head = &told.file.head;
    let what = match &told.near {
        Some(Near { format, missing: Some(missing), .. }) => format!(
            "It is nearest to the mapping {format}, but {missing}. Put the mapping right, or take it as it is with --format {format}."
        ),
        Some(Near { format, missing: None, lines }) => format!(
            "It is nearest to {format}, which can read {lines} of its first lines. If it is that, say so with --format {format}."
        ),
        None if format::suggest(head).is_some() => {
            "`mailtally inspect` writes a mapping for it, to be put into mailtally.toml.".to_owned()
        }
        None => {
            "No format that is known can read any of its first lines. If you know what it is, name it with --format.".to_owned()
        }
    };
    format!("unknown format, it looks like {}; nothing of it was read. {what}", format::looks_like(head))
}

/// What was assumed of a file: the year of its stamps, if they do not name it, the names of its columns, and its host.
pub(super) fn notes(told: &Told) -> Vec<String> {
    let year = told.year.map(|from| format!("stamps name no year; it is taken from {from}"));
    let columns = told.lent.as_ref().map(|lent| format!("it has no header; its columns are read as {} names them", lent.from));
    let host = (!told.host.is_empty()).then(|| {
        let host = BStr::new(&told.host);
        format!(
            "its records name no host; it is taken to be of {host}, as its folder, its name or a log that says the same tells"
        )
    });
    year.into_iter().chain(columns).chain(host).collect()
}
