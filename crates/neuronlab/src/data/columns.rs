//! The columns of a table that inputs are made of: numbers, and words, of which each becomes an input.

use super::table::Table;
use crate::error::{Error, Result, listed, unknown};
use csv::StringRecord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A column of a table that inputs are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name; its number where the table has no header.
    pub name: String,
    /// Its words, of which each is an input that is 1 where the row has the word, else 0. None: the column is numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
}

impl Column {
    /// Names of the inputs that the column becomes: its own, or `sex=F` and `sex=M`.
    pub fn input_names(&self) -> impl Iterator<Item = String> {
        let own = self.words.is_empty().then(|| self.name.clone());
        own.into_iter().chain(self.words.iter().map(|word| format!("{}={word}", self.name)))
    }

    /// How many inputs it becomes.
    pub fn width(&self) -> usize {
        self.words.len().max(1)
    }

    /// Appends the inputs of a word, by its place.
    fn push(&self, place: usize, inputs: &mut Vec<f64>) {
        inputs.extend((0..self.words.len()).map(|i| f64::from(u8::from(i == place))));
    }

    /// The word's place.
    fn place(&self, word: &str) -> Option<usize> {
        self.words.iter().position(|known| known == word)
    }

    /// Appends the inputs of a value that somebody typed; NaN where it is missing.
    pub(crate) fn parse(&self, cell: &str, inputs: &mut Vec<f64>) -> Result<()> {
        if self.words.is_empty() {
            let number = cell.parse().ok().filter(|number: &f64| number.is_finite());
            inputs.push(number.ok_or_else(|| Error::field(&self.name, "a finite number", format!("`{cell}`")))?);
            return Ok(());
        }
        let place = self.place(cell);
        self.push(place.ok_or_else(|| unknown(&self.name, cell, self.words.iter().map(String::as_str)))?, inputs);
        Ok(())
    }

    /// Appends the inputs of a cell; NaN where the value is missing and that is `filled`.
    pub(crate) fn read(
        &self,
        table: &Table,
        row: &StringRecord,
        column: usize,
        filled: bool,
        inputs: &mut Vec<f64>,
    ) -> Result<()> {
        if filled && table.is_missing(row, column) {
            inputs.extend(std::iter::repeat_n(f64::NAN, self.width()));
        } else if self.words.is_empty() {
            inputs.push(table.number(row, column)?);
        } else {
            let word = table.present(row, column)?;
            let expected = || format!("a word that training knew: {}", listed(self.words.iter().map(String::as_str)));
            let place = self.place(word).ok_or_else(|| table.bad_cell(column, &expected(), format!("`{word}`")))?;
            self.push(place, inputs);
        }
        Ok(())
    }
}

/// Words as they come, each with a number.
#[derive(Debug, Default)]
pub(super) struct Words(BTreeMap<String, u32>);

impl Words {
    /// The number of a word: how many came before it.
    pub(super) fn number(&mut self, word: &str) -> u32 {
        if let Some(&known) = self.0.get(word) {
            return known;
        }
        let next = self.0.len() as u32;
        self.0.insert(word.into(), next);
        next
    }

    /// The words in alphabetical order, and for each number the word's place in it.
    pub(super) fn sorted(self) -> (Vec<String>, Vec<u32>) {
        let mut places = vec![0; self.0.len()];
        for (place, &came) in self.0.values().enumerate() {
            places[came as usize] = place as u32;
        }
        (self.0.into_keys().collect(), places)
    }
}

/// What is read of one column.
struct Reading {
    column: usize,
    /// Of a column of words.
    words: Option<Words>,
    /// The first number, as long as the others count up from it.
    counts_from: Option<f64>,
}

/// The inputs while they are read.
pub(super) struct Inputs {
    readings: Vec<Reading>,
    /// Row by row, a number for each column: of a word that by which it goes.
    cells: Vec<f64>,
    rows: usize,
}

impl Inputs {
    /// Of columns, of which some are words.
    pub(super) fn new(columns: &[usize], one_hot: &[usize]) -> Self {
        let reading = |&column: &usize| Reading {
            column,
            words: one_hot.contains(&column).then(Words::default),
            counts_from: Some(0.0),
        };
        Self { readings: columns.iter().map(reading).collect(), cells: vec![], rows: 0 }
    }

    /// Takes a row; a missing value is NaN if it is to be `filled`, else an error.
    pub(super) fn take(&mut self, table: &Table, row: &StringRecord, filled: bool) -> Result<()> {
        let number = self.rows as f64;
        for reading in &mut self.readings {
            let cell = if filled && table.is_missing(row, reading.column) {
                f64::NAN
            } else if let Some(words) = &mut reading.words {
                f64::from(words.number(table.present(row, reading.column)?))
            } else {
                table.number(row, reading.column)?
            };
            if reading.counts_from.is_some() {
                let first = if self.rows == 0 { cell } else { reading.counts_from.unwrap_or_default() };
                reading.counts_from = (cell == first + number && (first == 0.0 || first == 1.0)).then_some(first);
            }
            self.cells.push(cell);
        }
        self.rows += 1;
        Ok(())
    }

    /// The columns that count the rows, from 0 or 1.
    pub(super) fn counting(&self) -> Vec<usize> {
        let counts = |reading: &&Reading| self.rows > 2 && reading.words.is_none() && reading.counts_from.is_some();
        self.readings.iter().filter(counts).map(|reading| reading.column).collect()
    }

    /// The columns, and the inputs `[N, I]`.
    pub(super) fn finish(self, table: &Table) -> (Vec<Column>, Vec<f64>) {
        let width = self.readings.len();
        let (mut columns, mut places) = (Vec::with_capacity(width), Vec::with_capacity(width));
        for reading in self.readings {
            let (words, sorted) = reading.words.map(Words::sorted).unwrap_or_default();
            columns.push(Column { name: table.names[reading.column].clone(), words });
            places.push(sorted);
        }
        if columns.iter().all(|column| column.words.is_empty()) {
            return (columns, self.cells);
        }
        let inputs: usize = columns.iter().map(Column::width).sum();
        let mut wide = Vec::with_capacity(self.rows * inputs);
        for row in self.cells.chunks_exact(width) {
            for ((column, places), &cell) in columns.iter().zip(&places).zip(row) {
                match column.words.is_empty() {
                    true => wide.push(cell),
                    false if cell.is_nan() => wide.extend(std::iter::repeat_n(f64::NAN, column.width())),
                    false => column.push(places[cell as usize] as usize, &mut wide),
                }
            }
        }
        (columns, wide)
    }
}
