//! Data sets: what a network is asked to learn.

mod columns;
mod csv_file;
mod generated;
mod inline;
mod table;

pub use columns::Column;
pub use csv_file::{CsvFile, Missing};
pub use generated::Generated;
pub use inline::Inline;
pub use table::Decimal;
pub(crate) use table::{Format, Table};

use crate::error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Samples as read or generated, before they are encoded for a loss. N samples, I inputs, O targets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dataset {
    /// Names of the inputs, I of them.
    pub input_names: Vec<String>,
    /// Inputs `[N, I]`, row by row; NaN where a value is missing and the mean is to be filled in.
    pub inputs: Vec<f64>,
    /// Names of the targets, O of them.
    pub target_names: Vec<String>,
    /// What each sample's answer should be.
    pub targets: Targets,
    /// How they were read, if they come from a table.
    pub reading: Reading,
}

/// How samples were made of the rows of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The columns that inputs are made of; none if each input is a column of its own.
    pub columns: Vec<Column>,
    /// Rows without any value, which were left out.
    pub without_value: usize,
    /// Rows that were left out because a value is missing.
    pub left_out: usize,
    /// Inputs that nobody asked for and that look like numbers of rows.
    pub row_numbers: Vec<String>,
    /// The SHA-256 of the file.
    pub sha256: Option<String>,
}

/// The right answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets {
    /// Numbers `[N, O]`, row by row.
    Numbers(Vec<f64>),
    /// One class a sample.
    Classes {
        /// Places in `names`, N of them.
        labels: Vec<u32>,
        /// Names of the classes, sorted.
        names: Vec<String>,
    },
}

impl Default for Targets {
    fn default() -> Self {
        Self::Numbers(vec![])
    }
}

impl Dataset {
    /// Number of samples, N.
    pub fn len(&self) -> usize {
        self.inputs.len() / self.input_names.len().max(1)
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Points of the plane in two classes called 0 and 1.
    fn two_classes(points: Vec<[f64; 2]>, labels: Vec<u32>) -> Self {
        Self::binary(points.into_iter().flatten().collect(), 2, labels)
    }

    /// Samples of `inputs` numbers in two classes called 0 and 1.
    fn binary(inputs: Vec<f64>, width: usize, labels: Vec<u32>) -> Self {
        Self {
            input_names: (1..=width).map(|i| format!("x{i}")).collect(),
            inputs,
            target_names: vec!["y".into()],
            targets: Targets::Classes { labels, names: vec!["0".into(), "1".into()] },
            reading: Reading::default(),
        }
    }

    /// The samples as CSV with a header: inputs, then targets; classes by name.
    pub fn to_csv(&self) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let mut write = |row: Vec<String>| csv.write_record(row).expect("writing to memory");
        write([&self.input_names[..], &self.target_names[..]].concat());
        let width = self.input_names.len();
        for (n, inputs) in self.inputs.chunks_exact(width).enumerate() {
            let cell = |x: &f64| if x.is_nan() { String::new() } else { x.to_string() };
            let mut row: Vec<String> = inputs.iter().map(cell).collect();
            match &self.targets {
                Targets::Classes { labels, names } => row.push(names[labels[n] as usize].clone()),
                Targets::Numbers(numbers) => {
                    let outputs = self.target_names.len();
                    row.extend(numbers[n * outputs..(n + 1) * outputs].iter().map(f64::to_string));
                }
            }
            write(row);
        }
        String::from_utf8(csv.into_inner().expect("writing to memory")).expect("made of strings")
    }
}

/// Where the samples come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Data {
    /// Exclusive or of two bits: 1 where the inputs differ.
    Xor,
    /// 1 where both inputs are 1.
    And,
    /// 1 where at least one input is 1.
    Or,
    /// 0 where both inputs are 1.
    Nand,
    /// 1 where both inputs are 0.
    Nor,
    /// 1 where the inputs are equal.
    Xnor,
    /// All rows of n bits in counting order; 1 where the number of ones is odd.
    Parity {
        /// Number of bits, 1 to 20.
        bits: u32,
    },
    /// Two circles, one within the other, as `sklearn.datasets.make_circles` draws them with `factor=0.5`.
    Circle(Generated),
    /// Two round clouds, around (−1, −1) and (1, 1), with `noise` as their standard deviation.
    Gaussians(Generated),
    /// Two arms of a spiral that turn 1¾ times, within the unit circle.
    Spiral(Generated),
    /// Two half circles that reach into each other, as `sklearn.datasets.make_moons` draws them.
    Moons(Generated),
    /// The user's own table.
    Csv(CsvFile),
    /// Samples that stand in the experiment itself.
    Inline(Inline),
}

impl Data {
    /// The name of every data set, as in experiment files.
    pub const NAMES: [&'static str; 13] = [
        "xor",
        "and",
        "or",
        "nand",
        "nor",
        "xnor",
        "parity",
        "circle",
        "gaussians",
        "spiral",
        "moons",
        "csv",
        "inline",
    ];

    /// Makes or reads the samples.
    pub fn load(&self) -> Result<Dataset> {
        Ok(match self {
            Self::Xor => gate(|a, b| a != b),
            Self::And => gate(|a, b| a && b),
            Self::Or => gate(|a, b| a || b),
            Self::Nand => gate(|a, b| !(a && b)),
            Self::Nor => gate(|a, b| !(a || b)),
            Self::Xnor => gate(|a, b| a == b),
            Self::Parity { bits } => parity(*bits),
            Self::Circle(settings) => settings.circle(),
            Self::Gaussians(settings) => settings.gaussians(),
            Self::Spiral(settings) => settings.spiral(),
            Self::Moons(settings) => settings.moons(),
            Self::Csv(file) => file.read()?,
            Self::Inline(rows) => rows.dataset(),
        })
    }

    /// Whether inputs are to be shifted and scaled.
    pub(crate) fn standardizes(&self) -> bool {
        match self {
            Self::Csv(file) => file.standardize,
            Self::Inline(rows) => rows.standardize,
            _ => false,
        }
    }

    /// Refuses settings that mean nothing.
    pub(crate) fn validate(&self) -> Result<()> {
        match self {
            Self::Parity { bits } if !(1..=20).contains(bits) => Err(Error::field("data.bits", "1 to 20", bits)),
            Self::Circle(g) | Self::Gaussians(g) | Self::Spiral(g) | Self::Moons(g) => g.validate(),
            Self::Csv(file) => file.validate(),
            Self::Inline(rows) => rows.validate(),
            _ => Ok(()),
        }
    }
}

/// The four rows of a gate of two bits.
fn gate(truth: fn(bool, bool) -> bool) -> Dataset {
    let rows = [(false, false), (false, true), (true, false), (true, true)];
    let points = rows.map(|(a, b)| [f64::from(u8::from(a)), f64::from(u8::from(b))]);
    Dataset::two_classes(points.into(), rows.map(|(a, b)| u32::from(truth(a, b))).into())
}

/// All rows of `bits` bits, the first the highest.
fn parity(bits: u32) -> Dataset {
    let rows = 0..1u32 << bits;
    let inputs = rows.clone().flat_map(|row| (0..bits).rev().map(move |bit| f64::from(row >> bit & 1))).collect();
    Dataset::binary(inputs, bits as usize, rows.map(|row| row.count_ones() % 2).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(data: &Data) -> Vec<u32> {
        match data.load().unwrap().targets {
            Targets::Classes { labels, .. } => labels,
            Targets::Numbers(_) => unreachable!("gates have classes"),
        }
    }

    #[test]
    fn gates_are_their_truth_tables() {
        let tables = [
            (Data::Xor, [0, 1, 1, 0]),
            (Data::And, [0, 0, 0, 1]),
            (Data::Or, [0, 1, 1, 1]),
            (Data::Nand, [1, 1, 1, 0]),
            (Data::Nor, [1, 0, 0, 0]),
            (Data::Xnor, [1, 0, 0, 1]),
        ];
        for (gate, table) in tables {
            assert_eq!(labels(&gate), table, "{gate:?}");
        }
        assert_eq!(Data::Xor.load().unwrap().inputs, [0., 0., 0., 1., 1., 0., 1., 1.]);
    }

    #[test]
    fn parity_of_two_bits_is_xor() {
        assert_eq!(Data::Parity { bits: 2 }.load().unwrap(), Data::Xor.load().unwrap());
        assert_eq!(labels(&Data::Parity { bits: 3 }), [0, 1, 1, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn csv_text_names_columns_and_classes() {
        assert_eq!(Data::And.load().unwrap().to_csv(), "x1,x2,y\n0,0,0\n0,1,0\n1,0,0\n1,1,1\n");
    }
}
