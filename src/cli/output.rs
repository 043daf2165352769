//! Files that commands write.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::outfile;

/// Writes a page: never half of it.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let told = || format!("{}: the page could not be written", path.display());
    outfile::replace(path, |to| to.write_all(content)).with_context(told)
}
