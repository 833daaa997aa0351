//! SHA-256 sums of bytes, of files, and of what is read or written.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::Path;

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
