//! What every command that reads logs does: lists the inputs, shows progress, can be interrupted, and says what happened to each file.

use anyhow::Result;
use bstr::BStr;

use super::inputs::Inputs;
use super::progress::Bar;
use super::say::say;
use crate::format::{self, Account, Format, Near};
use crate::reading::{self, FileRead, Listed, Read, Records, Stopped, ToldFile};
use crate::source::{Damage, Progress, Severity};

/// Lists the inputs and reads them all: see [`Listed::read`]. `begin` is shown the files.
pub(super) fn read<S: Send, P: Send>(
    inputs: &Inputs,
    begin: impl Fn(&[ToldFile]) -> S,
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
    let read = listed.read(inputs.sharing(), &progress, begin, work, fold);
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

/// One thing that is to be said of an input.
#[derive(Clone)]
pub(super) struct Remark {
    /// In words.
    pub(super) words: String,
    /// Whether it changes the exit code: then it is said also where no notes are wanted.
    pub(super) is_damage: bool,
}

impl Remark {
    /// What changes the exit code.
    pub(super) fn damage(words: String) -> Self {
        Self { words, is_damage: true }
    }

    /// What happened to an input.
    pub(super) fn of(damage: &Damage) -> Self {
        Self { words: damage.to_string(), is_damage: damage.severity() == Severity::Damage }
    }
}

/// Tells remarks on stderr; with `quiet` only what changes the exit code.
pub(super) fn tell(remarks: &[Remark], quiet: bool) {
    for remark in remarks.iter().filter(|remark| remark.is_damage || !quiet) {
        say(&remark.words);
    }
}

/// What is to be said of a file: its damage, that nothing of it was read, that too many of its records were not understood.
pub(super) fn remarks(told: &ToldFile, account: &Account, read: &FileRead, inputs: &Inputs) -> Vec<Remark> {
    let mut said: Vec<Remark> = read.damage.iter().map(Remark::of).collect();
    let Some(format) = told.format else {
        let words = format!("{}: {}", told.file.name, unknown(told));
        // A folder of logs holds other files too, and nobody named this one. What could nearly be read is rather a log.
        said.push(Remark { words, is_damage: told.near.is_some() || !is_found(&told.file.name, inputs) });
        return said;
    };
    if let Some(misfit) = told.shown.misfit.as_ref().filter(|_| told.lent.is_none()) {
        let how = if format::by_name(format.name()).is_some() { "as" } else { "by the mapping" };
        said.push(Remark::damage(format!("{}: it is read {how} {}, but {misfit}.", told.file.name, format.name())));
    }
    let unmapped: Vec<String> = account.unmapped().map(|(field, value)| format!("{field} {:?}", BStr::new(value))).collect();
    let is_too_much = account.unparsed_share() > inputs.how.max_unparsed;
    if !unmapped.is_empty() {
        let words = format!(
            "{}: {} of {} records have values that the mapping {} cannot read, such as {}.",
            told.file.name,
            account.unparsed,
            account.lines,
            format.name(),
            unmapped.join(", ")
        );
        said.push(Remark { words, is_damage: is_too_much });
    }
    if is_too_much {
        let (name, unparsed, lines) = (&told.file.name, account.unparsed, account.lines);
        said.push(Remark::damage(if unparsed < lines {
            format!(
                "{name}: {unparsed} of {lines} lines were not understood; the others are counted. Allow it with --max-unparsed."
            )
        } else {
            format!("{name}: of {lines} lines none was understood as {}. Is it of another --format?", format.name())
        }));
    }
    said
}

/// Whether a file was found in a folder that was named, and was not named itself.
fn is_found(name: &str, inputs: &Inputs) -> bool {
    let is_under = |input: &String| {
        let rest = name.strip_prefix(input.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    inputs.inputs.iter().any(is_under) && !inputs.inputs.iter().any(|input| input == name)
}

/// What is to be said of a file of unknown format: what it looks like, what it is nearest to, and what can be done.
fn unknown(told: &ToldFile) -> String {
    let head = told.file.head();
    if let Some(known) = format::stranger(&head) {
        return format!("it is {}; nothing of it was read. {}", known.what, known.instead);
    }
    let what = match &told.near {
        Some(Near { format, missing: Some(missing), .. }) => format!(
            "It is nearest to the mapping {format}, but {missing}. Put the mapping right, or take it as it is with --format {format}."
        ),
        Some(Near { format, missing: None, lines }) => format!(
            "It is nearest to {format}, which can read {lines} of its first lines. If it is that, say so with --format {format}."
        ),
        None if format::suggest(&head).is_some() => {
            "`mailtally inspect` writes a mapping for it, to be put into mailtally.toml.".to_owned()
        }
        None => {
            "No format that is known can read any of its first lines. If you know what it is, name it with --format. A server whose \
             log is not known may be able to write a table or JSON with one record for each delivery: that is read by a mapping \
             (docs/formats.md, `[[format]]`)."
                .to_owned()
        }
    };
    format!("unknown format, it looks like {}; nothing of it was read. {what}", format::looks_like(&head))
}

/// What was assumed of a file: the year of its stamps, if they do not name it, the names of its columns, its host, and its format, if
/// that is not what it shows.
pub(super) fn notes(told: &ToldFile) -> Vec<String> {
    let is_log = |format: &&dyn Format| format.name() != "mail" && format::by_name(format.name()).is_some();
    let read_as = told.format.filter(|format| is_log(format) && told.lent.is_none()).map(Format::name);
    let other = read_as.zip(told.shown.format).filter(|(read_as, shown)| read_as != shown);
    let other = other
        .map(|(read_as, shown)| format!("it is read as {read_as}, as --format asks, but its records are those of {shown}"));
    let year = told.year.map(|from| format!("stamps name no year; it is taken from {from}"));
    let columns = told.lent.as_ref().map(|lent| format!("it has no header; its columns are read as {} names them", lent.from));
    let host = (!told.host.is_empty()).then(|| {
        let host = BStr::new(&told.host);
        format!(
            "its records name no host; it is taken to be of {host}, as its folder, its name or a log that says the same tells"
        )
    });
    other.into_iter().chain(year).chain(columns).chain(host).collect()
}
