//! `SHA256SUMS`: what a folder's files should be, as `sha256sum --check` reads it.

use crate::error::{Error, Result};
use crate::file;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
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

/// The SHA-256 of bytes, as `sha256sum` prints it.
pub fn sum_of(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// The sum of a file.
pub(crate) fn sum_of_file(path: &Path) -> io::Result<String> {
    let mut file = Summed::new(std::fs::File::open(path)?);
    io::copy(&mut file, &mut io::sink())?;
    Ok(file.sum())
}

/// What is read or written, with its sum.
pub(crate) struct Summed<F> {
    pub(crate) inner: F,
    sum: Sha256,
}

impl<F> Summed<F> {
    pub(crate) fn new(inner: F) -> Self {
        Self { inner, sum: Sha256::new() }
    }

    /// The sum of all that passed.
    pub(crate) fn sum(&self) -> String {
        hex(self.sum.clone().finalize().as_slice())
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl<F: Read> Read for Summed<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.sum.update(&buffer[..count]);
        Ok(count)
    }
}

impl<F: Write> Write for Summed<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.sum.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first example of FIPS 180-2, appendix B.
    #[test]
    fn sums_are_those_of_everybody() {
        assert_eq!(sum_of(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
