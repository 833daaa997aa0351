//! The user's own table.

use super::columns::{Inputs, Words};
use super::table::{Decimal, Format, Table};
use super::{Dataset, Reading, Targets};
use crate::error::{Error, Result};
use crate::file;
use csv::StringRecord;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A table of samples, one a row. A first line with a byte-order mark is understood; rows without any value are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CsvFile {
    /// The file. A relative path starts from the folder of the experiment file; with `--set`, from the working directory.
    pub path: PathBuf,
    /// Columns with the inputs, by name; by number from 1 where the file has no header. Empty: all that are not targets, and not
    /// excluded.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Columns with the targets. Numbers, or one column of classes: words, or whole numbers if the loss wants classes.
    pub targets: Vec<String>,
    /// Columns that are left out where `inputs` is empty, such as the number of the row.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Inputs that are words: each word of the column becomes an input, 1 where the row has it, else 0.
    #[serde(default)]
    pub one_hot: Vec<String>,
    /// What becomes of a row in which a value is missing.
    #[serde(default)]
    pub missing: Missing,
    /// What means a missing value, besides nothing, `NA`, `N/A`, `#N/A`, `NaN`, `null` and `?`.
    #[serde(default)]
    pub na_values: Vec<String>,
    /// Whether the first line names the columns.
    #[serde(default = "yes")]
    pub header: bool,
    /// What stands between cells, one character; a space stands for any number of spaces and tabs. Empty: whichever of tab,
    /// vertical bar, `;` and `,` gives every line the same number of cells.
    #[serde(default)]
    pub delimiter: String,
    /// What stands before the decimals of a number.
    #[serde(default)]
    pub decimal: Decimal,
    /// Whether inputs are shifted and scaled to mean 0 and standard deviation 1 over the training samples. (Those that stand for a
    /// word stay 0 and 1.)
    #[serde(default)]
    pub standardize: bool,
    /// The SHA-256 of the file: another one is refused. A results folder has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What becomes of a row in which a value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The table is refused, with the line and the column.
    #[default]
    Refuse,
    /// The row is left out.
    Drop,
    /// An input takes its mean over the training samples, as scikit-learn's `SimpleImputer` has it; of a word, the share of each
    /// word. A row without a target is left out.
    Mean,
}

fn yes() -> bool {
    true
}

impl CsvFile {
    /// A table with a header, in which all columns but the targets are inputs.
    pub fn new(path: impl Into<PathBuf>, targets: Vec<String>) -> Self {
        Self {
            path: path.into(),
            inputs: vec![],
            targets,
            exclude: vec![],
            one_hot: vec![],
            missing: Missing::Refuse,
            na_values: vec![],
            header: true,
            delimiter: String::new(),
            decimal: Decimal::Point,
            standardize: false,
            sha256: None,
        }
    }

    /// The names of all columns of the file.
    pub(crate) fn column_names(&self) -> Result<Vec<String>> {
        Ok(Table::open(&self.path, &self.format(), file::MOST)?.names)
    }

    /// How the table is written.
    pub(crate) fn format(&self) -> Format {
        let Self { header, delimiter, decimal, na_values, .. } = self.clone();
        Format { header, delimiter, decimal, na_values }
    }

    /// Refuses settings that mean nothing.
    pub(super) fn validate(&self) -> Result<()> {
        if self.path.as_os_str().is_empty() {
            return Err(Error::field("data.path", "a file", "nothing"));
        }
        if self.targets.is_empty() {
            return Err(Error::field("data.targets", "the name of at least one column", "none"));
        }
        self.format().validate("data.delimiter")?;
        let lists = [
            ("data.inputs", &self.inputs),
            ("data.targets", &self.targets),
            ("data.exclude", &self.exclude),
            ("data.one_hot", &self.one_hot),
        ];
        for (field, names) in lists {
            if let Some((i, twice)) = repeated(names) {
                return Err(Error::field(format!("{field}.{i}"), "each column once", format!("`{twice}` again")));
            }
        }
        for (field, names) in [lists[0], lists[2], lists[3]] {
            let names: HashSet<&String> = names.iter().collect();
            if let Some(both) = self.targets.iter().find(|name| names.contains(name)) {
                return Err(Error::field(field, "columns that are not targets", format!("`{both}`, which is one")));
            }
        }
        if !self.inputs.is_empty() && !self.exclude.is_empty() {
            let expected = "nothing where data.inputs names the columns";
            return Err(Error::field("data.exclude", expected, format!("`{}`", self.exclude[0])));
        }
        Ok(())
    }

    /// Reads the table.
    pub(super) fn read(&self) -> Result<Dataset> {
        let mut table = Table::open(&self.path, &self.format(), file::MOST)?;
        let targets = table.columns("data.targets", &self.targets)?;
        let (picked, blank) = self.picked(&table, &targets)?;
        let one_hot = table.columns("data.one_hot", &self.one_hot)?;
        if let Some(place) = one_hot.iter().position(|column| !picked.contains(column)) {
            let got = format!("`{}`, which is none", self.one_hot[place]);
            return Err(Error::field(format!("data.one_hot.{place}"), "columns that are inputs", got));
        }

        let (mut inputs, mut column) = (Inputs::new(&picked, &one_hot), TargetColumn::Undecided);
        let (mut row, mut without_value, mut left_out) = (StringRecord::new(), 0, 0);
        while table.next_row(&mut row)? {
            if row.len() > 1 && row.iter().all(|cell| cell.trim().is_empty()) {
                without_value += 1;
                continue;
            }
            if self.leaves_out(&table, &row, &picked, &targets) {
                left_out += 1;
                continue;
            }
            if let Some(&unnamed) = blank.iter().find(|&&column| !row[column].trim().is_empty()) {
                let error = table.bad_cell(unnamed, "nothing", format!("`{}`", row[unnamed].trim()));
                return Err(
                    error.with_hint("a name for the column; or data.inputs, with the names of those that are meant")
                );
            }
            let filled = self.missing == Missing::Mean;
            inputs
                .take(&table, &row, filled)
                .map_err(|error| Self::words_hint(error, &table, &row, &picked, &one_hot))?;
            column.take(&table, &row, &targets).map_err(Self::of_target)?;
        }
        let targets = column.finish(&self.path).map_err(|error| match left_out {
            0 => error,
            rows => error.with_hint(format!("a value is missing in each of its {rows} rows")),
        })?;
        let row_numbers = self.row_numbers(&table, &inputs, &picked)?;
        self.is_the_same(&table.sum())?;
        let (columns, values) = inputs.finish(&table);
        let input_names: Vec<String> = columns.iter().flat_map(super::Column::input_names).collect();
        if let Some((_, twice)) = repeated(&input_names) {
            let got = format!("`{twice}` as a column, and as a word of another");
            return Err(Error::field("data.one_hot", "inputs of different names", got));
        }
        Ok(Dataset {
            input_names,
            inputs: values,
            target_names: self.targets.clone(),
            targets,
            reading: Reading { columns, without_value, left_out, row_numbers, sha256: Some(table.sum()) },
        })
    }

    /// The columns of the inputs, and those without a name, which must be empty.
    fn picked(&self, table: &Table, targets: &[usize]) -> Result<(Vec<usize>, Vec<usize>)> {
        if !self.inputs.is_empty() {
            return Ok((table.columns("data.inputs", &self.inputs)?, vec![]));
        }
        let excluded: HashSet<&String> = self.exclude.iter().collect();
        if let Some(unknown) = self.exclude.iter().find(|name| !table.names.contains(name)) {
            table.columns("data.exclude", std::slice::from_ref(unknown))?;
        }
        let targets: HashSet<&usize> = targets.iter().collect();
        let rest = (0..table.names.len()).filter(|i| !targets.contains(i) && !excluded.contains(&table.names[*i]));
        let (blank, picked): (Vec<usize>, Vec<usize>) = rest.partition(|&i| i > 0 && table.names[i].is_empty());
        let mut seen = HashSet::with_capacity(picked.len());
        if let Some(&again) = picked.iter().find(|&&i| !seen.insert(&table.names[i])) {
            return Err(table.repeated(&table.names[again], again));
        }
        if picked.is_empty() {
            return Err(Error::file(&self.path, "at least one column of inputs", "targets only"));
        }
        Ok((picked, blank))
    }

    /// Whether the row is left out for a value that is missing.
    fn leaves_out(&self, table: &Table, row: &StringRecord, inputs: &[usize], targets: &[usize]) -> bool {
        let missing = |columns: &[usize]| columns.iter().any(|&column| table.is_missing(row, column));
        match self.missing {
            Missing::Refuse => false,
            Missing::Drop => missing(targets) || missing(inputs),
            Missing::Mean => missing(targets),
        }
    }

    /// The error, with all columns of words in the row where one of them was taken for numbers.
    fn words_hint(error: Error, table: &Table, row: &StringRecord, inputs: &[usize], one_hot: &[usize]) -> Error {
        let words = inputs.iter().filter(|&&column| one_hot.contains(&column) || table.is_word(row, column));
        let names: Vec<String> = words.map(|&column| format!("\"{}\"", table.names[column])).collect();
        match &error {
            Error::Cell { hint: None, .. } if names.len() > one_hot.len() => {
                let hint = format!(
                    "data.one_hot=[{}] makes an input of each word; or name the inputs that are numbers",
                    names.join(", ")
                );
                error.with_hint(hint)
            }
            _ => error,
        }
    }

    /// The error of a target, which can't be left out.
    fn of_target(error: Error) -> Error {
        let hint = match &error {
            Error::Cell { hint: Some(hint), .. } => {
                hint.split_once("leaves the column out; ").map(|(_, rest)| rest.to_string())
            }
            _ => None,
        };
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// The columns that look like numbers of rows; those that are, by name and by value, are refused if nobody asked for them.
    fn row_numbers(&self, table: &Table, inputs: &Inputs, picked: &[usize]) -> Result<Vec<String>> {
        if !self.inputs.is_empty() {
            return Ok(vec![]);
        }
        let counting = inputs.counting();
        if let Some(&index) = counting.iter().find(|&&column| is_of_rows(&table.names[column])) {
            let name = &table.names[index];
            let got = if name.is_empty() {
                "the first one, which has no name and".into()
            } else {
                format!("`{name}`, which")
            };
            let hint = format!(
                "data.exclude=[\"{name}\"] leaves it out; to use it all the same, name the columns in data.inputs"
            );
            let expected = "columns that say something about a sample";
            return Err(Error::field("data.inputs", expected, format!("{got} counts the rows")).with_hint(hint));
        }
        let suspect =
            |&&column: &&usize| is_of_rows(&table.names[column]) || (picked.len() > 1 && counting.contains(&column));
        Ok(picked.iter().filter(suspect).map(|&column| table.name_of(column)).collect())
    }

    /// Refuses a table that is not the one that is described.
    fn is_the_same(&self, sum: &str) -> Result<()> {
        match &self.sha256 {
            Some(wanted) if wanted != sum => {
                let expected = "the table that the run was made with (its SHA-256 is data.sha256)";
                Err(Error::file(&self.path, expected, format!("another one, with {}…", &sum[..12])))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a column of this name usually tells rows apart.
fn is_of_rows(name: &str) -> bool {
    let lower = name.to_lowercase();
    let usual = ["", "id", "index", "idx", "no", "no.", "nr", "nr.", "#", "row", "rowname", "rownames", "row_names"];
    let ends = |end: &str| name.strip_suffix(end).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_lowercase()));
    usual.contains(&lower.as_str())
        || lower.starts_with("unnamed:")
        || lower.ends_with("_id")
        || lower.ends_with(" id")
        || ends("Id")
        || ends("ID")
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
    /// The class of each row, by the order in which they came.
    Classes(Words, Vec<u32>),
}

impl TargetColumn {
    fn take(&mut self, table: &Table, row: &StringRecord, targets: &[usize]) -> Result<()> {
        if matches!(self, Self::Undecided) {
            let word = targets.len() == 1 && table.is_word(row, targets[0]);
            *self = if word { Self::Classes(Words::default(), vec![]) } else { Self::Numbers(vec![]) };
        }
        match self {
            Self::Classes(classes, labels) => labels.push(classes.number(table.present(row, targets[0])?)),
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
            Self::Classes(classes, mut labels) => {
                let (names, places) = classes.sorted();
                if let [only] = &names[..] {
                    let got = format!("`{only}` in every row");
                    return Err(Error::field("data.targets", "at least two classes to tell apart", got));
                }
                for label in &mut labels {
                    *label = places[*label as usize];
                }
                Ok(Targets::Classes { labels, names })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared one with another they would take minutes.
    #[test]
    fn hundreds_of_thousands_of_columns_are_told_apart() {
        let names: Vec<String> = (0..300_000).map(|i| format!("c{i}")).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{}\n{}\n", names.join(","), vec!["1"; names.len()].join(","))).unwrap();
        let table = CsvFile { inputs: names[1000..].to_vec(), ..CsvFile::new(file.path(), names[..1000].to_vec()) };
        table.validate().unwrap();
        assert_eq!(table.read().unwrap().input_names.len(), 299_000);
    }

    #[test]
    fn names_that_tell_rows_apart() {
        for name in ["", "Id", "ID", "Unnamed: 0", "PassengerId", "customer_id", "index", "rownames", "CustomerID"] {
            assert!(is_of_rows(name), "{name}");
        }
        for name in ["covid", "humid", "width", "x", "acid", "CID", "note"] {
            assert!(!is_of_rows(name), "{name}");
        }
    }
}
