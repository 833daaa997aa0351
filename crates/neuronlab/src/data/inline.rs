//! Samples that stand in the experiment itself: those of a worked example, or of arrays in Python.

use super::{Dataset, Reading, Targets};
use crate::error::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Samples written out, one row each. They are part of the experiment, so that it needs no file beside it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inline {
    /// The inputs of each sample.
    pub inputs: Vec<Vec<f64>>,
    /// The right numbers for each sample. Empty where `classes` says what is right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Vec<f64>>,
    /// The class of each sample, a word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Names of the inputs. Empty: x1, x2, and so on.
    #[serde(default)]
    pub input_names: Vec<String>,
    /// Names of the targets. Empty: y, or y1, y2, and so on.
    #[serde(default)]
    pub target_names: Vec<String>,
    /// Whether inputs are shifted and scaled to mean 0 and standard deviation 1 over the training samples.
    #[serde(default)]
    pub standardize: bool,
}

impl Inline {
    /// Refuses rows that do not fit together.
    pub(super) fn validate(&self) -> Result<()> {
        let Some(first) = self.inputs.first().filter(|first| !first.is_empty()) else {
            let got = if self.inputs.is_empty() { "none" } else { "rows without numbers" };
            return Err(Error::field("data.inputs", "at least one row of at least one number", got));
        };
        all_as_long("data.inputs", &self.inputs, first.len())?;
        let samples = self.inputs.len();
        let width = self.targets.first().map_or(1, Vec::len);
        match (self.targets.len(), self.classes.len()) {
            (0, 0) => return Err(Error::field("data.targets", "a row for each sample, or data.classes", "none")),
            (0, words) => as_many("data.classes", "one word for each sample", words, samples)?,
            (rows, 0) => as_many("data.targets", "one row for each sample", rows, samples)?,
            _ => return Err(Error::field("data.classes", "either data.targets or data.classes", "both")),
        }
        if width == 0 {
            return Err(Error::field("data.targets.0", "at least one number", "none"));
        }
        all_as_long("data.targets", &self.targets, width)?;
        for (field, names, columns) in
            [("data.input_names", &self.input_names, first.len()), ("data.target_names", &self.target_names, width)]
        {
            if !names.is_empty() {
                as_many(field, "one name for each column", names.len(), columns)?;
            }
            if let Some((i, twice)) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
                return Err(Error::field(format!("{field}.{i}"), "each name once", format!("`{twice}` again")));
            }
        }
        Ok(())
    }

    /// The samples; what [`validate`](Self::validate) takes.
    pub(super) fn dataset(&self) -> Dataset {
        let named = |names: &[String], letter: &str, columns: usize| -> Vec<String> {
            match (names, columns) {
                ([], 1) if letter == "y" => vec!["y".into()],
                ([], columns) => (1..=columns).map(|i| format!("{letter}{i}")).collect(),
                (names, _) => names.to_vec(),
            }
        };
        let targets = if self.classes.is_empty() {
            Targets::Numbers(self.targets.concat())
        } else {
            let mut names = self.classes.clone();
            names.sort();
            names.dedup();
            let label = |class: &String| names.binary_search(class).expect("it is one of them") as u32;
            Targets::Classes { labels: self.classes.iter().map(label).collect(), names }
        };
        Dataset {
            input_names: named(&self.input_names, "x", self.inputs.first().map_or(0, Vec::len)),
            inputs: self.inputs.concat(),
            target_names: named(&self.target_names, "y", self.targets.first().map_or(1, Vec::len)),
            targets,
            reading: Reading::default(),
        }
    }
}

fn as_many(field: &str, expected: &str, got: usize, wanted: usize) -> Result<()> {
    if got == wanted { Ok(()) } else { Err(Error::field(field, format!("{wanted}, {expected}"), got)) }
}

fn all_as_long(field: &str, rows: &[Vec<f64>], width: usize) -> Result<()> {
    match rows.iter().position(|row| row.len() != width) {
        None => Ok(()),
        Some(i) => Err(Error::field(format!("{field}.{i}"), format!("{width} numbers, as in row 0"), rows[i].len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::data::Data;

    fn xor(settings: &str) -> Result<Experiment> {
        let rows = "inputs=[[0,0],[0,1],[1,0],[1,1]]";
        Experiment::built_in("xor")?.with(&[format!("data={{name='inline',{rows},{settings}}}")])
    }

    /// Samples written out are those of the data set, to the last bit of the run.
    #[test]
    fn xor_written_out_is_xor() {
        let (written, built_in) = (xor("classes=['0','1','1','0']").unwrap(), Experiment::built_in("xor").unwrap());
        assert_eq!(written.data.load().unwrap(), Data::Xor.load().unwrap());
        let again = Experiment::from_toml(&written.to_toml(), "again").unwrap();
        assert_eq!(again, written);
        let losses = |experiment: &Experiment| {
            let mut trainer = crate::Trainer::<f32>::new(experiment).unwrap();
            (0..40).map(|_| trainer.step().unwrap().loss).collect::<Vec<_>>()
        };
        assert_eq!(losses(&written), losses(&built_in));
        assert_eq!(losses(&xor("targets=[[0],[1],[1],[0]]").unwrap()), losses(&built_in));
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let message = |settings: &str| xor(settings).unwrap_err().to_string();
        assert_eq!(message("targets=[[0],[1],[1]]"), "data.targets: expected 4, one row for each sample, got 3");
        assert_eq!(message("targets=[[0],[1],[1],[0,1]]"), "data.targets.3: expected 1 numbers, as in row 0, got 2");
        assert_eq!(message("classes=['a']"), "data.classes: expected 4, one word for each sample, got 1");
        assert!(message("").contains("data.targets: expected a row for each sample, or data.classes, got none"));
        let both = "targets=[[0],[1],[1],[0]],classes=['a','b','b','a']";
        assert!(message(both).contains("either data.targets or data.classes, got both"));
        let names = "targets=[[0],[1],[1],[0]],input_names=['a','a']";
        assert_eq!(message(names), "data.input_names.1: expected each name once, got `a` again");
        let empty = Experiment::built_in("xor").unwrap().with(&["data={name='inline',inputs=[],targets=[]}".into()]);
        assert!(empty.unwrap_err().to_string().starts_with("data.inputs: expected at least one row"));
    }
}
