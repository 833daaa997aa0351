//! The line in which a row of a table begins, counted as the file is read: it may be a pipe, which can be read only once.

use super::spaces::Spaces;
use crate::file::Limited;
use crate::sha256::Summed;
use std::io::{self, BufReader, Read};

/// Bytes of the longest row.
pub(super) const MOST_ROW: u64 = 64 << 20;

/// The bytes of a file as they stand there.
pub(super) type Bytes = BufReader<Summed<Limited>>;

/// A table's bytes on their way to the csv crate, which reads ahead, skips empty lines, and counts `\r\n` in its own way.
pub(super) struct Lines {
    inner: Spaces<Bytes>,
    /// What was read last; rows end within it.
    chunk: Vec<u8>,
    /// Its first byte's place.
    start: u64,
    /// Bytes of it whose ends of lines are counted.
    counted: usize,
    /// The line that the next byte is in, from 1.
    line: u64,
    /// Where the row begins, and its line once that is found.
    row: u64,
    found: Option<u64>,
}

impl Lines {
    pub(super) fn new(inner: Spaces<Bytes>) -> Self {
        Self { inner, chunk: vec![], start: 0, counted: 0, line: 1, row: 0, found: None }
    }

    /// The SHA-256 of all bytes of the file that were read.
    pub(super) fn sum(&self) -> String {
        self.inner.inner.get_ref().sum()
    }

    /// The next row begins at this byte, or behind the empty lines that stand there.
    pub(super) fn begin_row(&mut self, at: u64) {
        let within = usize::try_from(at.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.chunk.len());
        self.count(within);
        (self.row, self.found) = (at, None);
        self.find();
    }

    /// The line in which the row begins.
    pub(super) fn line(&self) -> u64 {
        self.found.unwrap_or(self.line)
    }

    fn count(&mut self, to: usize) {
        let passed = self.counted..to.max(self.counted);
        self.line += self.chunk[passed].iter().filter(|&&b| b == b'\n').count() as u64;
        self.counted = self.counted.max(to);
    }

    fn find(&mut self) {
        let empty = self.chunk[self.counted..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        self.count(self.counted + empty);
        if self.counted < self.chunk.len() {
            self.found = Some(self.line);
        }
    }
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.count(self.chunk.len());
        self.start += self.chunk.len() as u64;
        if self.start - self.row.min(self.start) > MOST_ROW {
            return Err(io::Error::other(format!("a row has more than {} MiB", MOST_ROW >> 20)));
        }
        let count = self.inner.read(buffer)?;
        self.chunk.clear();
        self.chunk.extend_from_slice(&buffer[..count]);
        self.counted = 0;
        if self.found.is_none() {
            self.find();
        }
        Ok(count)
    }
}
