//! `SHA256SUMS`: what a folder's files should be, as `sha256sum --check` reads it.

use crate::error::{Error, Result};
use crate::file;
use std::collections::BTreeMap;
use std::path::Path;

/// The sums of a folder's files, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sums(pub(crate) BTreeMap<String, String>);

/// Bytes of the largest such file.
const MOST: u64 = 1 << 20;

impl Sums {
    /// Their file.
    pub(crate) const FILE: &'static str = "SHA256SUMS";

    /// The sums of a folder; none where an earlier version of the program wrote it.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let bad = |line: &str| Error::file(&path, "lines of a SHA-256 sum, two spaces and a name", format!("`{line}`"));
        let text = file::read_text(&path, MOST)?;
        let one = |line: &str| {
            let (sum, name) = line.split_once("  ")?;
            (sum.len() == 64 && !name.contains(['/', '\\'])).then(|| (name.to_string(), sum.to_string()))
        };
        Ok(Self(text.lines().map(|line| one(line).ok_or_else(|| bad(line))).collect::<Result<_>>()?))
    }

    pub(crate) fn to_text(&self) -> String {
        self.0.iter().fold(String::new(), |text, (name, sum)| text + sum + "  " + name + "\n")
    }

    /// Refuses a file that is not the one that was written, if it is known.
    pub(crate) fn check(&self, path: &Path, sum: &str) -> Result<()> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match self.0.get(name) {
            Some(written) if written != sum => Err(Error::file(
                path,
                "the file that was written (its sum is in SHA256SUMS)",
                "another: damaged or edited",
            )),
            _ => Ok(()),
        }
    }
}
