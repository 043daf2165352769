//! Files that commands write.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

/// Writes a file beside its place and moves it there: never half a page.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let told = || format!("{}: the page could not be written", path.display());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".mailtally-");
    // As any new file: temporary ones are the owner's alone.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).with_context(told)?;
    file.write_all(content).with_context(told)?;
    file.persist(path).with_context(told)?;
    Ok(())
}
