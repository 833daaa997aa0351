//! The only file that prints. What a terminal would obey instead of showing it is written out.

use crate::Failure;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressState, ProgressStyle};
use neuronlab::text::{is_hidden, printable};
use serde::{Serialize, Serializer};
use std::cell::Cell;
use std::fmt::Display;
use std::io::{BufRead, BufWriter, Error, ErrorKind, IsTerminal, Write};

/// Standard output, which may be closed by whoever reads it: then the work goes on in silence.
pub(crate) struct Printer {
    out: anstream::AutoStream<std::io::Stdout>,
    quiet: bool,
    json: bool,
    failed: Option<std::io::Error>,
}

impl Printer {
    pub(crate) fn new(quiet: bool, json: bool) -> Self {
        Self { out: anstream::stdout(), quiet, json, failed: None }
    }

    /// Whether the result is wanted as JSON.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// A line for people: not with `--json`, not with `--quiet`.
    pub(crate) fn line(&mut self, line: impl Display) {
        if !self.json {
            self.result(line);
        }
    }

    /// A line in bold on a terminal.
    pub(crate) fn heading(&mut self, line: impl Display) {
        let bold = Style::new().bold();
        if !self.json {
            self.put(format_args!("{bold}{}{bold:#}", printable(&line.to_string())));
        }
    }

    /// Lines full of numbers: on a terminal those below 0 are orange, as in the pictures.
    pub(crate) fn numbers(&mut self, text: impl Display) {
        if !self.json {
            self.put(below_zero_in_colour(&printable(&text.to_string())));
        }
    }

    /// A line of the result itself: not with `--quiet`.
    pub(crate) fn result(&mut self, line: impl Display) {
        self.put(printable(&line.to_string()));
    }

    /// A line with its colours.
    fn put(&mut self, line: impl Display) {
        if !self.quiet && self.failed.is_none() {
            self.failed = writeln!(self.out, "{line}").and_then(|()| self.out.flush()).err();
        }
    }

    /// A line that is typed in; none at the end of the input, or where nobody can read the answer.
    pub(crate) fn ask(&mut self) -> Option<String> {
        self.failed = write!(self.out, "> ").and_then(|()| self.out.flush()).err().or(self.failed.take());
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0 && self.failed.is_none()).then_some(line)
    }

    /// The result of a command as JSON.
    pub(crate) fn value(&mut self, value: &(impl Serialize + ?Sized)) {
        if !self.quiet && self.failed.is_none() {
            let mut out = Json(BufWriter::new(&mut self.out));
            let written = serde_json::to_writer_pretty(&mut out, value).map_err(Error::from);
            self.failed = written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).err();
        }
    }

    /// Whether all could be printed. A reader who has seen enough is no failure.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.failed {
            Some(e) if e.kind() != ErrorKind::BrokenPipe => {
                let error = neuronlab::Error::Io { action: "write to", path: "standard output".into(), source: e };
                Err(Failure::Error(error))
            }
            _ => Ok(()),
        }
    }
}

/// A list in JSON whose elements are made as they are printed, so that it may be as long as it likes. It can be printed once.
pub(crate) struct List<I>(Cell<Option<I>>);

impl<I: Iterator<Item: Serialize>> List<I> {
    pub(crate) fn new(elements: impl IntoIterator<IntoIter = I>) -> Self {
        Self(Cell::new(Some(elements.into_iter())))
    }
}

impl<I: Iterator<Item: Serialize>> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

/// JSON on its way out: of the characters that are not to be seen it lets some stand, all of them within strings.
struct Json<W>(W);

impl<W: Write> Write for Json<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        let text = std::str::from_utf8(bytes).map_err(|e| Error::new(ErrorKind::InvalidData, e))?;
        let mut start = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| is_hidden(*c) && *c != '\n') {
            write!(self.0, "{}\\u{:04x}", &text[start..at], u32::from(c))?;
            start = at + c.len_utf8();
        }
        self.0.write_all(&bytes[start..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.0.flush()
    }
}

fn below_zero_in_colour(text: &str) -> String {
    let orange = Style::new().fg_color(Some(AnsiColor::Yellow.into()));
    let (mut out, mut before, mut rest) = (String::new(), ' ', text);
    while let Some(c) = rest.chars().next() {
        let number = rest.strip_prefix('-').map_or(0, |digits| {
            let end =
                digits.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | 'e' | '-')).unwrap_or(digits.len());
            if digits.starts_with(|c: char| c.is_ascii_digit()) { 1 + end } else { 0 }
        });
        if number > 0 && matches!(before, ' ' | '·' | '(' | '\n') {
            let (negative, behind) = rest.split_at(number);
            out.extend([orange.render().to_string(), negative.into(), orange.render_reset().to_string()]);
            (before, rest) = ('0', behind);
        } else {
            out.push(c);
            (before, rest) = (c, &rest[c.len_utf8()..]);
        }
    }
    out
}

/// An error, on standard error.
pub(crate) fn error(message: &str) {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let _ = writeln!(anstream::stderr(), "{red}error{red:#}: {}", printable(message));
}

/// A word aside, on standard error.
pub(crate) fn note(message: &str) {
    let _ = writeln!(anstream::stderr(), "{}", printable(message));
}

/// Whether a person watches standard error.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// The style of a progress bar; `{rate}` in it is what is done in a second, with three digits.
pub(crate) fn bar_style(template: &str) -> ProgressStyle {
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{}/s", three_digits(state.per_sec()));
    };
    ProgressStyle::with_template(template).expect("a fixed template").with_key("rate", rate)
}

/// `5.04M`, `12.3k`, `250`, `0.0123`: no more digits than an eye can follow.
fn three_digits(number: f64) -> String {
    let rounded: f64 = format!("{number:.2e}").parse().unwrap_or(number);
    let (size, unit) = match rounded {
        n if n >= 1e9 => (1e9, "G"),
        n if n >= 1e6 => (1e6, "M"),
        n if n >= 1e3 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let shown = rounded / size;
    let decimals = if shown > 0.0 { (2 - shown.log10().floor() as i32).clamp(0, 6) } else { 0 };
    format!("{shown:.*}{unit}", decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_three_digits() {
        let cases = [
            (5_043_210.4, "5.04M"),
            (12_345.0, "12.3k"),
            (999_600.0, "1.00M"),
            (250.4, "250"),
            (2.718_9, "2.72"),
            (0.012_345, "0.0123"),
            (0.0, "0"),
            (7.2e10, "72.0G"),
        ];
        for (rate, text) in cases {
            assert_eq!(three_digits(rate), text);
        }
    }

    #[test]
    fn json_reads_as_what_it_was_and_shows_everything() {
        let name = "\u{1b}[31m \u{9b}1m \u{202e}x\u{7f}\n ∂ 日本";
        let mut out = Json(Vec::new());
        let value = serde_json::json!({ name: [1, "two"] });
        serde_json::to_writer_pretty(&mut out, &value).unwrap();
        let text = String::from_utf8(out.0).unwrap();
        assert_eq!(printable(&text), text);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn a_list_is_printed_as_it_is_made() {
        let text = |n: u32| serde_json::to_string(&List::new((0..n).map(|i| i * i))).unwrap();
        assert_eq!([text(0), text(4)], ["[]", "[0,1,4,9]"]);
    }

    #[test]
    fn numbers_below_zero_are_coloured_and_names_are_not() {
        let plain = "w[1,-2] = -0.5·-2e-9 - 3 (-1) a-1";
        let coloured = below_zero_in_colour(plain);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        assert_eq!(coloured.matches("\u{1b}[33m").count(), 3);
    }
}
