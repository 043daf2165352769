//! From what was typed to the files that are meant: files, folders, globs, standard input.

use std::collections::BTreeMap;
use std::fs::FileType;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::damage::{Damage, What};
use super::duplicates;
use super::file::{File, shown};

/// What was found, and what was not.
#[derive(Default)]
pub struct Discovery {
    /// The inputs, by path: the order in which they were named does not show.
    pub files: Vec<File>,
    /// What was named and cannot be read, and what is read once although it is there twice.
    pub damage: Vec<Damage>,
}

/// Finds the inputs that were named. `-` is standard input; a folder stands for all files in it that are not hidden.
#[must_use]
pub fn discover(inputs: &[String]) -> Discovery {
    let mut found = Found::default();
    for input in inputs {
        found.named(input);
    }
    let mut files: Vec<File> = Vec::new();
    if found.is_stdin_named {
        files.push(File::stdin());
    }
    for path in found.paths.into_values() {
        match File::list(&path) {
            Ok(file) if file.head.is_empty() => {
                let bytes = file.bytes_on_disk.unwrap_or_default();
                // Stored bytes without content are damaged; reading them says how.
                if bytes > 0 { files.push(file) } else { found.damage.push(Damage::new(&file.name, What::Empty)) }
            }
            Ok(file) => files.push(file),
            Err(damage) => found.damage.push(damage),
        }
    }
    let (files, notes) = duplicates::removed(files);
    found.damage.extend(notes);
    Discovery { files, damage: super::settled(found.damage) }
}

#[derive(Default)]
struct Found {
    /// By real path, so that one file under two names is one.
    paths: BTreeMap<PathBuf, PathBuf>,
    is_stdin_named: bool,
    damage: Vec<Damage>,
}

impl Found {
    fn say(&mut self, path: &str, what: What) {
        self.damage.push(Damage::new(path, what));
    }

    fn named(&mut self, input: &str) {
        if input == "-" {
            self.is_stdin_named = true;
            return;
        }
        let path = Path::new(input);
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => self.folder(input, path),
            Ok(about) => self.file(path, about.file_type()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if input.contains(['*', '?', '[']) {
                    self.glob(input);
                } else {
                    self.say(input, What::Missing);
                }
            }
            Err(error) => self.say(input, What::Unreadable(error.to_string())),
        }
    }

    fn file(&mut self, path: &Path, kind: FileType) {
        if !(kind.is_file() || kind.is_fifo() || is_open_descriptor(path)) {
            return self.say(&shown(path), What::NotAFile);
        }
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        match self.paths.get(&real) {
            Some(other) if other != path => {
                // Of two names the lesser is shown, whichever was typed first.
                let (kept, left) =
                    if other.as_path() < path { (other.clone(), path.to_owned()) } else { (path.to_owned(), other.clone()) };
                self.say(&shown(&left), What::NamedTwice(shown(&kept)));
                self.paths.insert(real, kept);
            }
            Some(_) => {}
            None => {
                self.paths.insert(real, path.to_owned());
            }
        }
    }

    fn glob(&mut self, pattern: &str) {
        let paths = match glob::glob(pattern) {
            Ok(paths) => paths,
            Err(error) => return self.say(pattern, What::BadPattern(error.to_string())),
        };
        let mut is_matched = false;
        for path in paths {
            is_matched = true;
            match path {
                Ok(path) => self.within(&path),
                Err(error) => self.say(&shown(error.path()), What::Unreadable(error.error().to_string())),
            }
        }
        if !is_matched {
            self.say(pattern, What::NoMatch);
        }
    }

    fn folder(&mut self, input: &str, path: &Path) {
        let before = (self.paths.len(), self.damage.len());
        self.entries(path);
        if before == (self.paths.len(), self.damage.len()) {
            self.say(input, What::EmptyFolder);
        }
    }

    fn entries(&mut self, folder: &Path) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.say(&shown(folder), What::Unreadable(error.to_string())),
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        paths.sort();
        for path in paths {
            let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
            if !is_hidden {
                self.within(&path);
            }
        }
    }

    /// What a folder or a glob holds: pipes and sockets there were not meant.
    fn within(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            // A link to a folder may lead in a circle.
            Ok(about) if about.is_dir() && !path.is_symlink() => self.entries(path),
            Ok(about) if about.is_file() => self.file(path, about.file_type()),
            Ok(_) => {}
            Err(error) => self.say(&shown(path), What::Unreadable(error.to_string())),
        }
    }
}

/// `/dev/fd/63` of a shell's process substitution, `/dev/stdin`.
fn is_open_descriptor(path: &Path) -> bool {
    path.starts_with("/dev/fd") || path == Path::new("/dev/stdin") || path.starts_with("/proc/self/fd")
}
