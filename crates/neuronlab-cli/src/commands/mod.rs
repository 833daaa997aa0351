//! The verbs, one file each.

use neuronlab::{Result, file};
use std::path::Path;

/// Writes what `--out` asks for.
fn write(path: &Path, text: &str) -> Result<()> {
    file::write(path, text.as_bytes())
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
