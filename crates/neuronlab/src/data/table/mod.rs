//! A table in a text file: its head, and its rows one after the other.

mod format;
mod lines;
mod spaces;

pub use format::Decimal;
pub(crate) use format::Format;

use crate::delimiter;
use crate::error::{Error, Result, listed, unknown};
use crate::file;
use crate::sha256::Summed;
use csv::StringRecord;
use lines::Lines;
use spaces::Spaces;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Bytes at the beginning of a table in which the delimiter is looked for.
const START: usize = 1 << 16;

/// A table that is being read, with the names of its columns.
pub(crate) struct Table {
    path: PathBuf,
    format: Format,
    /// What stands between cells, given or guessed.
    delimiter: u8,
    reader: csv::Reader<Lines>,
    /// The line in which the last row begins.
    line: u64,
    /// The first row where there is no header.
    first: Option<StringRecord>,
    pub(super) names: Vec<String>,
}

impl Table {
    /// Opens a file of at most so many bytes and reads its first line.
    pub(crate) fn open(path: &Path, format: &Format, most: u64) -> Result<Self> {
        let read = |e| Error::io("read", path)(e);
        let mut file = BufReader::with_capacity(START, Summed::new(file::open(path, most)?));
        if file.fill_buf().map_err(read)?.starts_with(b"\xef\xbb\xbf") {
            file.consume(3);
        }
        let start = file.fill_buf().map_err(read)?.to_vec();
        let delimiter = format.delimiter().unwrap_or_else(|| delimiter::guess(&start, start.len() < START - 3));
        let lines = Lines::new(Spaces::new(file, delimiter == b' '));
        let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(lines);

        let mut first = StringRecord::new();
        if !reader.read_record(&mut first).map_err(|e| bad_csv(path, reader.get_ref().line(), &e, delimiter))? {
            return Err(Error::file(path, "a table", "an empty file"));
        }
        if first.len() == 1 && delimiter::is_of_spaces(&start, start.len() < START - 3) {
            let got = format!("`{}`, with spaces between the cells", first[0].trim());
            let expected = "cells with a comma, a semicolon or a tab between them";
            return Err(Error::file(path, expected, got).with_hint(SPACES));
        }
        let names: Vec<String> = if format.header {
            first.iter().map(|name| name.trim().to_string()).collect()
        } else {
            (1..=first.len()).map(|i| i.to_string()).collect()
        };
        let line = reader.get_ref().line();
        let format = format.clone();
        let table = Self {
            path: path.into(),
            line,
            first: (!format.header).then_some(first),
            format,
            delimiter,
            reader,
            names,
        };
        if table.format.header && table.begins_with_a_sample() {
            let all = table.names.iter().all(|name| table.format.number(name).is_some());
            let what = if all { "numbers" } else { "numbers and words" };
            let got = format!("{what}: {}", listed(table.names.iter().map(String::as_str)));
            let hint = "data.header=false, if the first line is a sample; columns then go by their numbers, from 1";
            return Err(Error::file(path, "names of the columns in the first line", got).with_hint(hint));
        }
        Ok(table)
    }

    /// Whether the head is numbers, and not those that count columns; or half of it is, with decimals, which years have not.
    fn begins_with_a_sample(&self) -> bool {
        let counts = |from: usize| self.names.iter().enumerate().all(|(i, name)| *name == (from + i).to_string());
        let counted = self.names.len() > 2 && (counts(0) || counts(1));
        let numbers: Vec<&String> = self.names.iter().filter(|name| self.format.number(name).is_some()).collect();
        let decimals = numbers.iter().any(|name| name.parse::<i64>().is_err());
        !counted && (numbers.len() == self.names.len() || decimals && 2 * numbers.len() >= self.names.len())
    }

    /// The rows of the named columns, which must hold finite numbers; `field` names the request in errors.
    #[cfg(test)]
    fn numbers(mut self, field: &str, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let columns = self.columns(field, names)?;
        let (mut rows, mut row) = (Vec::new(), StringRecord::new());
        while self.next_row(&mut row)? {
            rows.push(columns.iter().map(|&i| self.number(&row, i)).collect::<Result<_>>()?);
        }
        Ok(rows)
    }

    /// The places of columns by name.
    pub(crate) fn columns(&self, field: &str, names: &[String]) -> Result<Vec<usize>> {
        let mut places: HashMap<&String, Vec<usize>> = HashMap::with_capacity(self.names.len());
        for (i, name) in self.names.iter().enumerate() {
            places.entry(name).or_default().push(i);
        }
        let place = |name: &String| match places.get(name).map(Vec::as_slice) {
            Some(&[place]) => Ok(place),
            Some(several) => Err(self.repeated(name, several[1])),
            None => Err(self.no_such_column(field, name)),
        };
        names.iter().map(place).collect()
    }

    fn no_such_column(&self, field: &str, name: &str) -> Error {
        let error = unknown(field, name, self.names.iter().map(String::as_str));
        let numbers = self.names.iter().filter(|name| self.format.number(name).is_some()).count();
        if self.format.header && 2 * numbers >= self.names.len() {
            return error.with_hint("data.header=false, if the first line is a sample");
        }
        error
    }

    /// A name that is wanted and that two columns have.
    pub(crate) fn repeated(&self, name: &str, column: usize) -> Error {
        let got = format!("`{name}` again as column {}", column + 1);
        Error::file(&self.path, "a different name for each column that is used", got)
    }

    /// The next row; false if there is none.
    pub(crate) fn next_row(&mut self, row: &mut StringRecord) -> Result<bool> {
        if let Some(first) = self.first.take() {
            *row = first;
            return Ok(true);
        }
        let begins = self.reader.position().byte();
        self.reader.get_mut().begin_row(begins);
        let read = self.reader.read_record(row);
        self.line = self.reader.get_ref().line();
        read.map_err(|e| bad_csv(&self.path, self.line, &e, self.delimiter))
    }

    /// Whether a cell holds no value.
    pub(crate) fn is_missing(&self, row: &StringRecord, column: usize) -> bool {
        self.format.is_missing(row[column].trim())
    }

    /// A cell that is not empty.
    pub(crate) fn present<'r>(&self, row: &'r StringRecord, column: usize) -> Result<&'r str> {
        let cell = row[column].trim();
        if self.format.is_missing(cell) {
            let got = if cell.is_empty() { "nothing".into() } else { format!("`{cell}`, a missing value") };
            let hint = "data.missing=\"drop\" leaves out rows like this one, \"mean\" fills in the mean of the column";
            return Err(self.bad_cell(column, "a value", got).with_hint(hint));
        }
        Ok(cell)
    }

    /// A cell that is a finite number.
    pub(crate) fn number(&self, row: &StringRecord, column: usize) -> Result<f64> {
        let cell = row[column].trim();
        match self.format.number(cell) {
            Some(number) if self.format.na_values.is_empty() || !self.format.is_missing(cell) => Ok(number),
            _ => {
                let cell = self.present(row, column)?;
                let error = self.bad_cell(column, "a finite number", format!("`{cell}`"));
                let name = &self.names[column];
                Err(match self.format.hint(cell) {
                    Some(hint) if self.format.is_date(cell) && !name.is_empty() => {
                        error.with_hint(format!("data.exclude=[\"{name}\"] leaves the column out; {hint}"))
                    }
                    Some(hint) => error.with_hint(hint),
                    None => error,
                })
            }
        }
    }

    /// Whether a cell holds a word: a value that is no number, and none that is written in another way.
    pub(crate) fn is_word(&self, row: &StringRecord, column: usize) -> bool {
        let cell = row[column].trim();
        !self.format.is_missing(cell) && self.format.number(cell).is_none() && self.format.hint(cell).is_none()
    }

    /// The error for a cell of the row that was read last.
    pub(crate) fn bad_cell(&self, column: usize, expected: &str, got: String) -> Error {
        Error::cell(&self.path, self.line, &self.name_of(column), expected, got)
    }

    /// A column's name, or its number where it has none.
    pub(crate) fn name_of(&self, column: usize) -> String {
        match self.names[column].as_str() {
            "" => format!("{} (which has no name)", column + 1),
            name => name.into(),
        }
    }

    /// The SHA-256 of the file, once all of it is read.
    pub(crate) fn sum(&self) -> String {
        self.reader.get_ref().sum()
    }
}

const SPACES: &str = "data.delimiter=\" \", which stands for any number of spaces and tabs";

/// The csv crate's errors in our words.
fn bad_csv(path: &Path, line: u64, error: &csv::Error, delimiter: u8) -> Error {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let error =
                Error::file(path, format!("{expected_len} cells in every row"), format!("{len} in line {line}"));
            // Where a tab stands twice, cells are shifted.
            if delimiter == b'\t' && len > expected_len { error.with_hint(SPACES) } else { error }
        }
        csv::ErrorKind::Utf8 { .. } => Error::file(path, "text in UTF-8", format!("other bytes in line {line}"))
            .with_hint("save the table as \"CSV UTF-8\""),
        _ => Error::file(path, "a table", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(rows: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), rows).unwrap();
        let table = Table::open(file.path(), &Format::default(), file::MOST).unwrap();
        table.numbers("--csv", &["a".into(), "b".into()]).unwrap_err().to_string()
    }

    /// Rows of all sizes, before and behind what the csv crate reads at a time, between empty lines and ends of both kinds.
    #[test]
    fn the_line_of_a_bad_cell_is_counted_as_it_is_read() {
        for (good, lines) in [("", 0), ("1,2\n", 1), ("1,2\r\n", 1), ("\n\n1,2\n", 3), ("\"1\",\"2\"\n\r\n", 2)] {
            for count in [1, 7, 2000, 5000] {
                let rows = format!("\u{feff}a,b\n{}\n\n1,x\n", good.repeat(count));
                let expected = format!("line {}, column b", 1 + lines * count + 3);
                let error = error(&rows);
                assert!(error.contains(&expected), "{good:?} {count}: {error}");
            }
        }
        let long = format!("a,b\n1,2\n1,\"x{}\"\n", "\n".repeat(20_000));
        assert!(error(&long).contains("line 3, column b"));
        let unequal = format!("a,b\n{}1\n", "1,2\n".repeat(3000));
        assert!(error(&unequal).contains("got 1 in line 3002"));
    }

    /// What comes through a pipe can be read only once.
    #[cfg(unix)]
    #[test]
    fn a_bad_cell_in_a_pipe_has_its_line() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().join("pipe");
        if !std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
            return;
        }
        let to = pipe.clone();
        let writer = std::thread::spawn(move || std::fs::write(to, "a,b\n1,2\n\n1,x\n").unwrap());
        let table = Table::open(&pipe, &Format::default(), file::MOST);
        let read = table.and_then(|table| table.numbers("--csv", &["b".into()]));
        writer.join().unwrap();
        assert!(read.unwrap_err().to_string().contains("line 4, column b"));
    }

    #[test]
    fn a_row_without_end_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(80 << 20).unwrap();
        let error = Table::open(file.path(), &Format::default(), file::MOST).err().unwrap().to_string();
        assert!(error.contains("a row has more than 64 MiB"), "{error}");
    }
}
