//! From what was typed to the files that are read: folders, globs, pipes, and names given twice.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::damage::{Damage, Mishap, settled};
use super::file::{File, reason};

/// What was found.
#[derive(Debug)]
pub struct Discovery<T> {
    /// The files, by name, or what was made of them. Duplicates of content are still among them; [`super::drop_duplicates`] takes them
    /// out.
    pub files: Vec<T>,
    /// What could not be read, was empty or named twice; by path.
    pub damage: Vec<Damage>,
}

/// Finds the files of `inputs`. Each is a file, a folder (with the folders in it, hidden ones left out), a pipe, a glob, or `-` for
/// standard input. A file whose name looks like a glob is meant before the glob is. Reads the head of each file; standard input
/// waits until it has given one. `each` is given a file while its head is in memory.
#[must_use]
pub fn discover<S: AsRef<OsStr>, T>(inputs: &[S], each: impl FnMut(File) -> T) -> Discovery<T> {
    let mut found = Found::default();
    for input in inputs {
        found.input(Path::new(input.as_ref()));
    }
    found.opened(each)
}

/// Where content comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Regular,
    Pipe,
    Stdin,
}

/// Paths, and what went wrong in finding them.
#[derive(Default)]
struct Found {
    /// By the name shown, so that the order of arguments does not show.
    paths: BTreeMap<String, (PathBuf, Kind)>,
    damage: Vec<Damage>,
}

impl Found {
    /// Takes one input as it was typed.
    fn input(&mut self, path: &Path) {
        if path == Path::new("-") {
            return self.add(path, Kind::Stdin);
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            Ok(metadata) if metadata.is_file() => self.add(path, Kind::Regular),
            Ok(metadata) if is_pipe(&metadata) => self.add(path, Kind::Pipe),
            Ok(_) => self.say(path, Mishap::NotAFile),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match path.to_str().filter(|name| name.contains(['*', '?', '['])) {
                    Some(pattern) => self.glob(path, pattern),
                    None => self.say(path, Mishap::Missing),
                }
            }
            Err(error) => self.say(path, Mishap::Unreadable(reason(&error))),
        }
    }

    /// Takes what a pattern matches. `*` spares hidden files, as in a shell.
    fn glob(&mut self, path: &Path, pattern: &str) {
        let options =
            glob::MatchOptions { require_literal_leading_dot: true, require_literal_separator: true, ..Default::default() };
        let matches = match glob::glob_with(pattern, options) {
            Ok(matches) => matches,
            Err(error) => return self.say(path, Mishap::BadPattern(error.msg.to_owned())),
        };
        let mut any = false;
        for one in matches {
            any = true;
            match one {
                Ok(path) if path.is_dir() => self.folder(&path),
                Ok(path) => self.listed(&path),
                Err(error) => self.say(error.path(), Mishap::Unreadable(reason(error.error()))),
            }
        }
        if !any {
            self.say(path, Mishap::NoMatch);
        }
    }

    /// Takes the files of a folder and of the folders in it.
    fn folder(&mut self, path: &Path) {
        let before = (self.paths.len(), self.damage.len());
        let mut folders = vec![path.to_owned()];
        while let Some(folder) = folders.pop() {
            match fs::read_dir(&folder) {
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(entry) => self.entry(&entry, &mut folders),
                            Err(error) => self.say(&folder, Mishap::Unreadable(reason(&error))),
                        }
                    }
                }
                Err(error) => self.say(&folder, Mishap::Unreadable(reason(&error))),
            }
        }
        if before == (self.paths.len(), self.damage.len()) {
            self.say(path, Mishap::EmptyFolder);
        }
    }

    /// Takes an entry of a folder. A link to a folder is not followed: it may lead back here.
    fn entry(&mut self, entry: &fs::DirEntry, folders: &mut Vec<PathBuf>) {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            return;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => folders.push(entry.path()),
            Ok(_) => self.listed(&entry.path()),
            Err(error) => self.say(&entry.path(), Mishap::Unreadable(reason(&error))),
        }
    }

    /// Takes a path that a folder or a pattern gave: sockets and pipes there are not meant as logs.
    fn listed(&mut self, path: &Path) {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => self.add(path, Kind::Regular),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => self.say(path, Mishap::Missing),
            Err(error) => self.say(path, Mishap::Unreadable(reason(&error))),
        }
    }

    /// Adds a path, or says that it is there.
    fn add(&mut self, path: &Path, kind: Kind) {
        let name = shown(path);
        if self.paths.insert(name.clone(), (path.to_owned(), kind)).is_some() {
            self.damage.push(Damage::new(&name, Mishap::NamedTwice(name.clone())));
        }
    }

    fn say(&mut self, path: &Path, what: Mishap) {
        self.damage.push(Damage::new(&shown(path), what));
    }

    /// Reads the heads. Of two names of one file the first in sorted order stays.
    fn opened<T>(mut self, mut each: impl FnMut(File) -> T) -> Discovery<T> {
        let mut files = Vec::new();
        let mut names: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (name, (path, kind)) in self.paths {
            // The end of an unnamed pipe (`/dev/fd/63`) has no path of its own; its name does for it.
            let true_path = if kind == Kind::Regular { fs::canonicalize(&path).unwrap_or(path.clone()) } else { path.clone() };
            if let Some(other) = names.get(&true_path) {
                self.damage.push(Damage::new(&name, Mishap::NamedTwice(other.clone())));
                continue;
            }
            names.insert(true_path, name.clone());
            let file = match kind {
                Kind::Regular => File::regular(&name, &path),
                Kind::Stdin => File::pipe(&name, &path, Box::new(std::io::stdin())),
                Kind::Pipe => fs::File::open(&path)
                    .map_err(|error| vec![Damage::new(&name, Mishap::Unreadable(reason(&error)))])
                    .and_then(|pipe| File::pipe(&name, &path, Box::new(pipe))),
            };
            match file {
                Ok(file) => files.push(each(file)),
                Err(damage) => self.damage.extend(damage),
            }
        }
        Discovery { files, damage: settled(self.damage) }
    }
}

#[cfg(unix)]
fn is_pipe(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &fs::Metadata) -> bool {
    false
}

/// A path as text, from which it can be told again: what is not UTF-8 and control characters stand as `\xHH`, and so does a `\`
/// that an `x` follows.
fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let mut characters = chunk.valid().chars().peekable();
        while let Some(character) = characters.next() {
            if character.is_control() || (character == '\\' && characters.peek() == Some(&'x')) {
                escape(character.encode_utf8(&mut [0; 4]).as_bytes(), &mut text);
            } else {
                text.push(character);
            }
        }
        escape(chunk.invalid(), &mut text);
    }
    text
}

/// Writes each byte as `\xHH`.
fn escape(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        // Writing to a text cannot fail.
        let _ = write!(text, "\\x{byte:02X}");
    }
}

#[cfg(test)]
mod tests;
