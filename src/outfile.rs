//! Files that are written whole or not at all: beside their place first, and then moved there. What replaces a file has its permissions
//! from its first byte on: a list of addresses that is its owner's alone is that while it is written too.
//!
//! May be asked by any stage and knows none of them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// A file beside `target` that holds what `write` writes, safe on the disk and to be moved there: renamed before, it could be empty after
/// a failure of power.
///
/// # Errors
/// The folder is not there, or it cannot be written.
pub fn staged(target: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<NamedTempFile> {
    let file = beside(target)?;
    write(file.as_file())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A new file beside `target`, with the permissions of the file that it replaces, else with those of any new file: temporary ones are the
/// owner's alone.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mailtally-");
    #[cfg(unix)]
    {
        if let Some(replaced) = fs::metadata(target).ok().filter(fs::Metadata::is_file) {
            let file = builder.tempfile_in(folder_of(target))?;
            file.as_file().set_permissions(replaced.permissions())?;
            return Ok(file);
        }
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    builder.tempfile_in(folder_of(target))
}

/// Puts what `write` writes into the place of the file at `path`. Where a link stands, that is the file to which it leads; what is no file
/// (`/dev/stdout`, `/dev/null`, a named pipe) is written to and stays what it is.
///
/// # Errors
/// It cannot be written; a file that was there is then as it was.
pub fn replace(path: &Path, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return write_all(&OpenOptions::new().write(true).open(path)?, write);
    }
    let target = match fs::read_link(path) {
        // Where nothing stands yet, the file is made there.
        Ok(link) => fs::canonicalize(path).unwrap_or_else(|_| folder_of(path).join(link)),
        Err(_) => path.to_owned(),
    };
    let file = staged(&target, |file| write_all(file, write))?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// The folder of a file.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_all(file: &File, write: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>) -> io::Result<()> {
    let mut to = BufWriter::new(file);
    write(&mut to)?;
    to.flush()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{FileTypeExt, symlink};

    use super::*;

    #[test]
    fn what_is_no_file_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        replace(&pipe, |to| to.write_all(b"page")).unwrap();
        assert_eq!(reader.join().unwrap(), b"page");
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    }

    #[test]
    fn a_link_leads_to_the_file_that_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("2026-10.html"), folder.path().join("latest.html"));
        fs::write(&file, "old").unwrap();
        symlink("2026-10.html", &link).unwrap();
        replace(&link, |to| to.write_all(b"new")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        let next = folder.path().join("next.html");
        symlink("2026-11.html", &next).unwrap();
        replace(&next, |to| to.write_all(b"newer")).unwrap();
        assert!(fs::symlink_metadata(&next).unwrap().is_symlink());
        assert_eq!(fs::read(folder.path().join("2026-11.html")).unwrap(), b"newer");
        symlink("gone/2026-12.html", folder.path().join("nowhere")).unwrap();
        assert!(replace(&folder.path().join("nowhere"), |to| to.write_all(b"new")).is_err());
    }

    #[test]
    fn what_replaces_a_file_has_its_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("suppress.csv");
        for wanted in [0o600, 0o640, 0o666] {
            fs::write(&file, "old").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(wanted)).unwrap();
            let mode = |file: &fs::Metadata| file.permissions().mode() & 0o777;
            replace(&file, |to| {
                assert_eq!(mode(&to.get_ref().metadata()?), wanted, "while it is written");
                to.write_all(b"new")
            })
            .unwrap();
            assert_eq!((fs::read(&file).unwrap(), mode(&fs::metadata(&file).unwrap())), (b"new".to_vec(), wanted));
        }
    }

    #[test]
    fn what_cannot_be_written_whole_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, "old").unwrap();
        replace(&file, |to| to.write_all(b"half").and_then(|()| Err(io::Error::other("full")))).unwrap_err();
        assert_eq!(fs::read(&file).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
