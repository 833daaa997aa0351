//! The verbs, one file each.

use neuronlab::{Error, Result, file};
use std::path::Path;

/// Writes what `--out` asks for.
fn write(path: &Path, text: &str) -> Result<()> {
    file::write(path, text.as_bytes())
}

/// Refuses to overwrite a file unasked. (What is no file, such as a device or a pipe, has nothing to lose.)
fn may_write(file: &Path, force: bool) -> Result<()> {
    if file.is_file() && !force {
        return Err(Error::Exists { path: file.into(), holds: "exists".into() });
    }
    Ok(())
}

pub(crate) mod answer;
pub(crate) mod bench;
mod bench_wide;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod curvature;
pub(crate) mod data;
pub(crate) mod draw;
pub(crate) mod experiment;
pub(crate) mod explain;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod methods;
mod picture;
pub(crate) mod predict;
pub(crate) mod replay;
pub(crate) mod schedule;
pub(crate) mod step;
pub(crate) mod summary;
pub(crate) mod sweep;
pub(crate) mod train;
mod watch;

pub(crate) use watch::{INTERRUPTED, listen_to_ctrl_c, noticed};
