//! The verbs, one file each.

use neuronlab::{Error, Result};
use std::io::Write;
use std::path::Path;

/// Writes a picture under a temporary name and renames it.
fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As readable as the user's umask lets it be.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let written = builder.tempfile_in(folder).and_then(|mut part| {
        part.write_all(text.as_bytes())?;
        part.persist(file)?;
        Ok(())
    });
    written.map_err(|source| Error::Io { action: "write", path: file.into(), source })
}

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod curvature;
pub(crate) mod data;
pub(crate) mod experiment;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod methods;
pub(crate) mod predict;
pub(crate) mod replay;
pub(crate) mod schedule;
pub(crate) mod step;
pub(crate) mod summary;
pub(crate) mod sweep;
pub(crate) mod train;
mod watch;
