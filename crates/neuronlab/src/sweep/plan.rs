//! A sweep as plain data: the experiment, what is varied, how often. `sweep.toml` holds it whole.
//!
//! Cells are the points of the grid, the last axis fastest, or points drawn at random. Each cell has the same number of runs;
//! run r of a cell takes its seeds from `base + r`, so that cells are compared on the same draws. Runs are numbered through:
//! number = cell · runs + r.

use super::axis::Axis;
use super::block::Run;
use super::outcome::no_such_run;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, FORMAT};
use crate::file;
use crate::random::NumpyRng;
use crate::train::{Trainer, fnv1a};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// A grid is at most so large.
const MOST_CELLS: usize = 1_000_000;

/// Whether the path of a field leads into the table at another path.
pub fn is_within(field: &str, table: &str) -> bool {
    field.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'))
}

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Sweep {
    experiment: Experiment,
    axes: Vec<Axis>,
    runs: u64,
    /// Cells drawn at random, instead of a grid.
    random: Option<usize>,
    keep_runs: bool,
    /// Of cells drawn at random, the values.
    drawn: Vec<Vec<String>>,
    /// `sweep.toml`
    text: String,
}

/// What `sweep.toml` holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    runs: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    random: Option<usize>,
    keep_runs: bool,
    vary: Vec<String>,
    experiment: toml::Table,
}

impl Sweep {
    /// `runs` runs in each cell of the grid of `vary` (as in [`Axis::parse`]), or in each of `random` cells. With
    /// `keep_runs`, what every run left is kept, not the statistics alone.
    ///
    /// # Errors
    /// No runs, too many cells or seeds, an axis that names no field, a value that does not fit its field.
    pub fn new(
        experiment: Experiment,
        vary: &[String],
        runs: u64,
        random: Option<usize>,
        keep_runs: bool,
    ) -> Result<Self> {
        if runs == 0 {
            return Err(Error::field("--runs", "at least 1", 0));
        }
        let whole = |field: &str| experiment.holds_whole_number(field);
        let axes = vary.iter().map(|text| Axis::parse(text, random.is_some(), whole)).collect::<Result<Vec<_>>>()?;
        for (i, axis) in axes.iter().enumerate() {
            let field = axis.field();
            if axes[..i].iter().any(|other| other.field() == field) {
                return Err(Error::field("--vary", "each field once", format!("`{field}` twice")));
            }
            if let Some(part) = axes[..i].iter().find(|other| is_within(other.field(), field)) {
                let got = format!("`{}` before `{field}`, which replaces it", part.field());
                let error = Error::field("--vary", "no field that a later one replaces", got);
                return Err(error.with_hint("the other way round each sets what it says"));
            }
        }
        let mut sweep = Self { experiment, axes, runs, random, keep_runs, drawn: vec![], text: String::new() };
        sweep.check_size()?;
        if let Some(cells) = random {
            let mut rng = NumpyRng::new(sweep.experiment.seed.numpy);
            sweep.drawn = (0..cells).map(|_| sweep.axes.iter().map(|axis| axis.draw(&mut rng)).collect()).collect();
        }
        sweep.check_values()?;
        sweep.text = sweep.to_toml();
        Ok(sweep)
    }

    fn check_size(&self) -> Result<()> {
        let grid = self.axes.iter().try_fold(1usize, |cells, axis| cells.checked_mul(axis.values().len()));
        match (self.random, grid) {
            (Some(_), _) if self.axes.is_empty() => {
                return Err(Error::field("--random", "ranges to draw from, with --vary", "none"));
            }
            (Some(0), _) => return Err(Error::field("--random", "at least 1", 0)),
            (Some(cells), _) if cells > MOST_CELLS => {
                return Err(Error::field("--random", format!("at most {MOST_CELLS} cells"), cells));
            }
            (None, cells) if cells.is_none_or(|cells| cells > MOST_CELLS) => {
                let got = cells.map_or("more than can be counted".into(), |cells| cells.to_string());
                let error = Error::field("--vary", format!("a grid of at most {MOST_CELLS} cells"), got);
                return Err(error.with_hint("fewer values an axis, or --random N"));
            }
            _ => {}
        }
        let most = u64::from(u32::MAX - self.experiment.seed.numpy).min(i64::MAX as u64 - self.experiment.seed.torch);
        if self.runs - 1 > most {
            let expected = format!("at most {}, so that the last seed is one", most + 1);
            return Err(Error::field("--runs", expected, self.runs));
        }
        if (self.cells() as u64).checked_mul(self.runs).is_none() {
            return Err(Error::field("--runs", "fewer runs in all than 2^64", self.runs));
        }
        Ok(())
    }

    /// The values of every axis by themselves, of ranges the ends, before anything is run; what does not go together shows when
    /// its cell's turn comes.
    fn check_values(&self) -> Result<()> {
        let first = |axis: &Axis| format!("{}={}", axis.field(), axis.values()[0]);
        for (i, axis) in self.axes.iter().enumerate() {
            for value in axis.extremes() {
                let mut settings: Vec<String> = self.axes.iter().map(first).collect();
                settings[i] = format!("{}={value}", axis.field());
                self.seeds_fit(&self.experiment.with(&settings)?)?;
            }
        }
        Ok(())
    }

    /// The last run of a cell needs seeds, too.
    fn seeds_fit(&self, experiment: &Experiment) -> Result<()> {
        let (most, got) = (u64::from(u32::MAX) + 1 - self.runs, experiment.seed.numpy);
        if u64::from(got) > most {
            return Err(Error::field("seed.numpy", format!("at most {most}, for so many runs"), got));
        }
        let (most, got) = (i64::MAX as u64 + 1 - self.runs, experiment.seed.torch);
        if got > most {
            return Err(Error::field("seed.torch", format!("at most {most}, for so many runs"), got));
        }
        Ok(())
    }

    /// From a `sweep.toml`.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_toml(&file::read_text(path, file::MOST_TOML)?, path)
    }

    /// From the text of a `sweep.toml`; `path` names it in errors.
    pub fn from_toml(text: &str, path: &Path) -> Result<Self> {
        let bad = |got: String| Error::file(path, "a sweep of this version", got);
        let document: Document = toml::from_str(text).map_err(|e| bad(e.message().into()))?;
        if document.format != FORMAT {
            return Err(bad(format!("format {}", document.format)));
        }
        let experiment = toml::to_string(&document.experiment).map_err(|e| bad(e.to_string()))?;
        let experiment = Experiment::from_toml(&experiment, &path.display().to_string())?;
        Self::new(experiment, &document.vary, document.runs, document.random, document.keep_runs)
    }

    /// The whole sweep as a file.
    pub fn to_toml(&self) -> String {
        let experiment: toml::Table = self.experiment.to_toml().parse().expect("an experiment file");
        let document = Document {
            format: FORMAT,
            runs: self.runs,
            random: self.random,
            keep_runs: self.keep_runs,
            vary: self.axes.iter().map(|axis| axis.text().to_string()).collect(),
            experiment,
        };
        toml::to_string(&document).expect("plain values")
    }

    /// The experiment that is varied.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// The number of outputs that tell the class of a sample; `None` where answers are numbers, right if they are near.
    pub fn class_outputs(&self) -> Option<usize> {
        let trainer = self.cell_experiment(0).and_then(|experiment| Trainer::<f32>::new(&experiment)).ok()?;
        (!trainer.task().classes.is_empty()).then(|| trainer.model().network().out_features())
    }

    /// What is varied.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Whether cells were drawn at random.
    pub fn is_random(&self) -> bool {
        self.random.is_some()
    }

    /// Runs a cell.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.random.unwrap_or_else(|| self.axes.iter().map(|axis| axis.values().len()).product())
    }

    /// Number of runs in all.
    pub fn total(&self) -> u64 {
        self.cells() as u64 * self.runs
    }

    /// Whether what every run left is kept.
    pub fn keeps_runs(&self) -> bool {
        self.keep_runs
    }

    /// The value of each axis in a cell.
    pub fn cell(&self, cell: usize) -> Vec<String> {
        if self.random.is_some() {
            return self.drawn[cell].clone();
        }
        let mut rest = cell;
        let mut values: Vec<String> = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            let list = axis.values();
            values.push(list[rest % list.len()].clone());
            rest /= list.len();
        }
        values.reverse();
        values
    }

    /// The experiment of a cell, with the seeds of its run 0.
    pub fn cell_experiment(&self, cell: usize) -> Result<Experiment> {
        let settings: Vec<String> =
            self.axes.iter().zip(self.cell(cell)).map(|(axis, value)| format!("{}={value}", axis.field())).collect();
        let experiment = self.experiment.with(&settings)?;
        self.seeds_fit(&experiment)?;
        Ok(experiment)
    }

    /// The experiment of a run, by its number: one that can be trained alone.
    pub fn run_experiment(&self, run: u64) -> Result<Experiment> {
        if run >= self.total() {
            return Err(no_such_run(run, self.total()));
        }
        let experiment = Arc::new(self.cell_experiment((run / self.runs) as usize)?);
        Ok(Run { experiment, offset: run % self.runs }.complete())
    }

    /// What tells this sweep from another one.
    pub(super) fn fingerprint(&self) -> u64 {
        fnv1a(self.text.bytes())
    }
}
