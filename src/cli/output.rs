//! Where commands write: files and folders, whether they can be written, and standard output.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::exit::usage;
use super::progress::is_set;
use super::say::say;
use crate::insights::number;
use crate::outfile;
use crate::report::Look;

/// How wide a summary is where no terminal says how wide it is.
const COLUMNS: usize = 80;

/// The heading of a page, from the command line.
pub(super) fn title_of(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("a title has words; without the option it is made of the period".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// Writes a page: never half of it.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let told = || format!("{}: the page could not be written", path.display());
    outfile::replace(path, |to| to.write_all(content)).with_context(told)
}

/// Tells on stderr what was written, for those who look.
pub(super) fn tell(words: &str, quiet: bool) {
    if !quiet && std::io::stderr().is_terminal() {
        say(words);
    }
}

/// What to say where the page is written and only what was to be printed is not.
pub(super) fn written(path: &Path) -> String {
    format!("{} is written; standard output", path.display())
}

/// Whether a path stands for standard output.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// Says before anything is read that `option` names a file that could not be written.
pub(super) fn check_file(option: &str, path: &Path) -> Result<()> {
    let check = || {
        if is_standard(path) || std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            // Devices, pipes and links: what they lead to shows when it is written.
            return Ok(());
        }
        ensure!(!path.is_dir(), "this is a folder. Name a file in it");
        let folder = outfile::folder_of(path);
        ensure!(folder.exists(), "there is no folder {}. Make it first", folder.display());
        takes_files(folder)
    };
    check().with_context(|| format!("{option} {}", path.display())).map_err(usage)
}

/// Likewise of a folder, which is made if need be.
pub(super) fn check_folder(option: &str, path: &Path) -> Result<()> {
    let there = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    takes_files(there).with_context(|| format!("{option} {}", path.display())).map_err(usage)
}

fn takes_files(folder: &Path) -> Result<()> {
    if !folder.is_dir() {
        bail!("{} is a file, where a folder is needed", folder.display());
    }
    tempfile::tempfile_in(folder).with_context(|| format!("the folder {} takes no file", folder.display()))?;
    Ok(())
}

/// How a summary on standard output may look: as wide as the terminal, within reason, and with bold letters where there is one.
pub(super) fn look() -> Look {
    let out = std::io::stdout();
    let columns = terminal_size::terminal_size_of(&out).map_or(COLUMNS, |(width, _)| usize::from(width.0).clamp(60, 100));
    Look { columns, is_coloured: out.is_terminal() && !is_set("NO_COLOR", |name| std::env::var(name).ok()) }
}

/// A summary with plain gaps: it is cut into lines already, and `grep` finds what a person would type.
pub(super) fn plain(summary: &str) -> String {
    summary.replace(number::GAP, " ")
}
