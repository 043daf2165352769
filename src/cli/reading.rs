//! What every command that reads logs does: lists the inputs, shows progress, can be interrupted, and says what happened to each file.

use anyhow::Result;

use super::inputs::Inputs;
use super::progress::Bar;
use crate::format::{self, Account};
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
    let bar = Bar::new(inputs.quiet, &listed, &progress);
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
    if told.format.is_none() {
        said.push(format!(
            "{}: unknown format, it looks like {}; nothing of it was read. If you know what it is, name it with --format.",
            told.file.name,
            format::looks_like(&told.file.head)
        ));
        is_damaged = true;
    } else if account.unparsed_share() > max_unparsed {
        said.push(format!(
            "{}: {} of {} lines were not understood; the others are counted. Allow it with --max-unparsed.",
            told.file.name, account.unparsed, account.lines
        ));
        is_damaged = true;
    }
    Remarks { said, is_damaged }
}

/// What gave the year of a file's stamps, if they do not name it.
pub(super) fn year_note(told: &Told) -> Option<String> {
    Some(format!("stamps name no year; it is taken from {}", told.year?))
}
