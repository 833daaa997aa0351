//! The user's own table.

use super::lines::Lines;
use super::{Dataset, Targets};
use crate::error::{Error, Result, unknown};
use crate::file;
use csv::StringRecord;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A table of samples, one a row. A first line with a byte-order mark is understood; a missing value
/// (nothing, `NA`, `N/A`, `NaN`, `?`) is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvFile {
    /// The file. A relative path starts from the folder of the experiment file; with `--set`, from the working directory.
    pub path: PathBuf,
    /// Columns with the inputs, by name; by number from 1 where the file has no header. Empty: all that are not targets.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Columns with the targets. Numbers, or one column of classes: words, or whole numbers if the loss wants classes.
    pub targets: Vec<String>,
    /// Whether the first line names the columns.
    #[serde(default = "yes")]
    pub header: bool,
    /// What stands between cells, one character. Empty: whichever of `,` `;` tab the first line has most of.
    #[serde(default)]
    pub delimiter: String,
    /// Whether inputs are shifted and scaled to mean 0 and standard deviation 1 over the training samples.
    #[serde(default)]
    pub standardize: bool,
}

fn yes() -> bool {
    true
}

impl CsvFile {
    /// Refuses settings that mean nothing.
    pub(super) fn validate(&self) -> Result<()> {
        if self.path.as_os_str().is_empty() {
            return Err(Error::field("data.path", "a file", "nothing"));
        }
        if self.targets.is_empty() {
            return Err(Error::field("data.targets", "the name of at least one column", "none"));
        }
        if self.delimiter.len() > 1 || self.delimiter.contains(['"', '\n', '\r']) {
            return Err(Error::field("data.delimiter", "one ASCII character", format!("`{}`", self.delimiter)));
        }
        for (field, names) in [("data.inputs", &self.inputs), ("data.targets", &self.targets)] {
            if let Some((i, twice)) = repeated(names) {
                return Err(Error::field(format!("{field}.{i}"), "each column once", format!("`{twice}` again")));
            }
        }
        let inputs: HashSet<&String> = self.inputs.iter().collect();
        match self.targets.iter().find(|name| inputs.contains(name)) {
            Some(both) => {
                Err(Error::field("data.inputs", "columns that are not targets", format!("`{both}`, which is one")))
            }
            None => Ok(()),
        }
    }

    /// Reads the table.
    pub(super) fn read(&self) -> Result<Dataset> {
        let mut table = Table::open(&self.path, self.header, self.delimiter.bytes().next())?;
        let targets = table.columns("data.targets", &self.targets)?;
        let inputs = if self.inputs.is_empty() {
            let targets: HashSet<&usize> = targets.iter().collect();
            (0..table.names.len()).filter(|i| !targets.contains(i)).collect()
        } else {
            table.columns("data.inputs", &self.inputs)?
        };
        if inputs.is_empty() {
            return Err(Error::file(&self.path, "at least one column of inputs", "targets only"));
        }
        let mut values = Vec::new();
        let mut column = TargetColumn::Undecided;
        while let Some(row) = table.next_row()? {
            for &i in &inputs {
                values.push(table.number(&row, i)?);
            }
            column.take(&table, &row, &targets)?;
        }
        let names = |columns: &[usize]| columns.iter().map(|&i| table.names[i].clone()).collect();
        Ok(Dataset {
            input_names: names(&inputs),
            inputs: values,
            target_names: names(&targets),
            targets: column.finish(&self.path)?,
        })
    }
}

/// The first name that stands there twice, with its second place.
fn repeated(names: &[String]) -> Option<(usize, &String)> {
    let mut seen = HashSet::with_capacity(names.len());
    names.iter().enumerate().find(|(_, name)| !seen.insert(*name))
}

/// The targets while they are read: the first row says whether they are numbers or words.
enum TargetColumn {
    Undecided,
    Numbers(Vec<f64>),
    /// Each class with the order in which it came, and the rows by that.
    Words(BTreeMap<String, u32>, Vec<u32>),
}

impl TargetColumn {
    fn take(&mut self, table: &Table, row: &StringRecord, targets: &[usize]) -> Result<()> {
        if matches!(self, Self::Undecided) {
            let word = targets.len() == 1 && row[targets[0]].trim().parse::<f64>().is_err();
            *self = if word { Self::Words(BTreeMap::new(), vec![]) } else { Self::Numbers(vec![]) };
        }
        match self {
            Self::Words(classes, labels) => {
                let word = table.present(row, targets[0])?;
                let next = classes.len() as u32;
                labels.push(*classes.entry(word.to_string()).or_insert(next));
            }
            Self::Numbers(numbers) => {
                for &i in targets {
                    numbers.push(table.number(row, i)?);
                }
            }
            Self::Undecided => unreachable!("decided above"),
        }
        Ok(())
    }

    fn finish(self, path: &Path) -> Result<Targets> {
        match self {
            Self::Undecided => Err(Error::file(path, "at least one row of data", "none")),
            Self::Numbers(numbers) => Ok(Targets::Numbers(numbers)),
            Self::Words(classes, mut labels) => {
                let mut sorted = vec![0; classes.len()];
                for (place, &came) in classes.values().enumerate() {
                    sorted[came as usize] = place as u32;
                }
                for label in &mut labels {
                    *label = sorted[*label as usize];
                }
                Ok(Targets::Classes { labels, names: classes.into_keys().collect() })
            }
        }
    }
}

/// A CSV file that is being read, with the names of its columns.
pub struct Table {
    path: PathBuf,
    reader: csv::Reader<Lines>,
    /// The line in which the last row begins.
    line: u64,
    /// The first row where there is no header.
    first: Option<StringRecord>,
    names: Vec<String>,
}

impl Table {
    /// Opens a file and reads its first line. The delimiter is guessed from that if it is not given.
    pub fn open(path: &Path, header: bool, delimiter: Option<u8>) -> Result<Self> {
        Self::open_up_to(path, header, delimiter, file::MOST)
    }

    /// The same, if the file has at most so many bytes.
    pub(crate) fn open_up_to(path: &Path, header: bool, delimiter: Option<u8>, most: u64) -> Result<Self> {
        let read = |e| Error::io("read", path)(e);
        let mut file = BufReader::with_capacity(1 << 16, file::open(path, most)?);
        if file.fill_buf().map_err(read)?.starts_with(b"\xef\xbb\xbf") {
            file.consume(3);
        }
        let start = file.fill_buf().map_err(read)?;
        let line = start.split(|&b| b == b'\n').next().unwrap_or_default();
        let count = |d: u8| line.iter().filter(|&&b| b == d).count();
        let guess = [b',', b';', b'\t'].into_iter().rev().max_by_key(|&d| count(d)).expect("three candidates");
        let delimiter = delimiter.unwrap_or(guess);

        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(Lines::new(file));
        let mut first = StringRecord::new();
        if !reader.read_record(&mut first).map_err(|e| bad_csv(path, reader.get_ref().line(), &e))? {
            return Err(Error::file(path, "a table", "an empty file"));
        }
        let names: Vec<String> = if header {
            first.iter().map(|name| name.trim().to_string()).collect()
        } else {
            (1..=first.len()).map(|i| i.to_string()).collect()
        };
        if let Some((i, twice)) = repeated(&names) {
            return Err(Error::file(
                path,
                "a different name for each column",
                format!("`{twice}` again as column {}", i + 1),
            ));
        }
        let line = reader.get_ref().line();
        Ok(Self { path: path.into(), reader, line, first: (!header).then_some(first), names })
    }

    /// The rows of the named columns, which must hold finite numbers; `field` names the request in errors.
    pub fn numbers(mut self, field: &str, names: &[String]) -> Result<Vec<Vec<f64>>> {
        let columns = self.columns(field, names)?;
        let mut rows = Vec::new();
        while let Some(row) = self.next_row()? {
            rows.push(columns.iter().map(|&i| self.number(&row, i)).collect::<Result<_>>()?);
        }
        Ok(rows)
    }

    /// The places of columns by name.
    fn columns(&self, field: &str, names: &[String]) -> Result<Vec<usize>> {
        let places: HashMap<&String, usize> = self.names.iter().enumerate().map(|(i, name)| (name, i)).collect();
        let place = |name: &String| {
            places.get(name).copied().ok_or_else(|| unknown(field, name, self.names.iter().map(String::as_str)))
        };
        names.iter().map(place).collect()
    }

    /// The next row, if there is one.
    fn next_row(&mut self) -> Result<Option<StringRecord>> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let mut row = StringRecord::new();
        let begins = self.reader.position().byte();
        self.reader.get_mut().begin_row(begins);
        let read = self.reader.read_record(&mut row);
        self.line = self.reader.get_ref().line();
        let more = read.map_err(|e| bad_csv(&self.path, self.line, &e))?;
        Ok(more.then_some(row))
    }

    /// A cell that is not empty.
    fn present<'r>(&self, row: &'r StringRecord, column: usize) -> Result<&'r str> {
        let cell = row[column].trim();
        if ["", "na", "n/a", "nan", "?"].iter().any(|missing| cell.eq_ignore_ascii_case(missing)) {
            let got = if cell.is_empty() { "nothing".into() } else { format!("`{cell}`, a missing value") };
            return Err(self.bad_cell(column, "a value", got));
        }
        Ok(cell)
    }

    /// A cell that is a finite number.
    fn number(&self, row: &StringRecord, column: usize) -> Result<f64> {
        match row[column].trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => {
                let cell = self.present(row, column)?;
                Err(self.bad_cell(column, "a finite number", format!("`{cell}`")))
            }
        }
    }

    fn bad_cell(&self, column: usize, expected: &str, got: String) -> Error {
        Error::Cell {
            path: self.path.clone(),
            line: self.line,
            column: self.names[column].clone(),
            expected: expected.into(),
            got,
        }
    }
}

/// The csv crate's errors in our words.
fn bad_csv(path: &Path, line: u64, error: &csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Error::file(path, format!("{expected_len} cells in every row"), format!("{len} in line {line}"))
        }
        csv::ErrorKind::Utf8 { .. } => Error::file(path, "text in UTF-8", format!("other bytes in line {line}")),
        _ => Error::file(path, "a table", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(rows: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), rows).unwrap();
        let table = Table::open(file.path(), true, None).unwrap();
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
        let read = Table::open(&pipe, true, None).and_then(|table| table.numbers("--csv", &["b".into()]));
        writer.join().unwrap();
        assert!(read.unwrap_err().to_string().contains("line 4, column b"));
    }

    /// Compared one with another they would take minutes.
    #[test]
    fn hundreds_of_thousands_of_columns_are_told_apart() {
        let names: Vec<String> = (0..300_000).map(|i| format!("c{i}")).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{}\n{}\n", names.join(","), vec!["1"; names.len()].join(","))).unwrap();
        let table = CsvFile {
            path: file.path().into(),
            inputs: names[1000..].to_vec(),
            targets: names[..1000].to_vec(),
            header: true,
            delimiter: String::new(),
            standardize: false,
        };
        table.validate().unwrap();
        assert_eq!(table.read().unwrap().input_names.len(), 299_000);
    }

    #[test]
    fn a_row_without_end_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(80 << 20).unwrap();
        let error = Table::open(file.path(), true, None).err().unwrap().to_string();
        assert!(error.contains("a row has more than 64 MiB"), "{error}");
    }
}
