//! Cells with any number of spaces and tabs between them, read as if there were one space.

use std::io::{self, BufRead, Read};

/// Bytes in which, if that is asked for, a run of spaces and tabs outside quotes is one space, and none stands at either end of a
/// line.
pub(super) struct Spaces<R> {
    pub(super) inner: R,
    squeeze: Option<Squeeze>,
    /// What is done and not yet taken, from `at`.
    ready: Vec<u8>,
    at: usize,
}

/// How far squeezing is.
#[derive(Default)]
struct Squeeze {
    quoted: bool,
    /// Whether something stands in this line already.
    begun: bool,
    /// Whether a space is to come before the next byte.
    pending: bool,
}

impl<R> Spaces<R> {
    pub(super) fn new(inner: R, squeezes: bool) -> Self {
        Self { inner, squeeze: squeezes.then(Squeeze::default), ready: vec![], at: 0 }
    }
}

impl Squeeze {
    fn squeeze(&mut self, bytes: &[u8], ready: &mut Vec<u8>) {
        for &byte in bytes {
            match byte {
                b' ' | b'\t' if !self.quoted => {
                    self.pending = self.begun;
                    continue;
                }
                b'\n' | b'\r' if !self.quoted => (self.begun, self.pending) = (false, false),
                b'"' => self.quoted = !self.quoted,
                _ => {}
            }
            ready.extend(self.pending.then_some(b' '));
            self.pending = false;
            self.begun |= !matches!(byte, b'\n' | b'\r');
            ready.push(byte);
        }
    }
}

impl<R: BufRead> Read for Spaces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(squeeze) = &mut self.squeeze else { return self.inner.read(buffer) };
        while self.at == self.ready.len() {
            self.at = 0;
            self.ready.clear();
            let bytes = self.inner.fill_buf()?;
            let count = bytes.len();
            if count == 0 {
                return Ok(0);
            }
            squeeze.squeeze(bytes, &mut self.ready);
            self.inner.consume(count);
        }
        let count = buffer.len().min(self.ready.len() - self.at);
        buffer[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes in pieces of any size comes out the same.
    #[test]
    fn runs_of_spaces_are_one() {
        let text = "  1 \t 2\t\t3  \r\n\n 4 \"a  b\" 5\n6 7  8";
        let expected = "1 2 3\r\n\n4 \"a  b\" 5\n6 7 8";
        for size in 1..text.len() {
            let mut squeezed = String::new();
            let pieces = io::BufReader::with_capacity(size, text.as_bytes());
            Spaces::new(pieces, true).read_to_string(&mut squeezed).unwrap();
            assert_eq!(squeezed, expected, "pieces of {size}");
        }
    }
}
