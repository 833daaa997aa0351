//! What is kept of one run of a sweep.

use crate::error::{Error, Result};
use crate::experiment::Experiment;
use crate::nn::Model;
use crate::random::TorchReal;
use crate::scalar::{Dtype, Real};
use crate::train::{FNV1A_OF_NOTHING, Task, Trainer, fnv1a, fnv1a_and};
use std::sync::Arc;

/// What one run left.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Whether the share of samples that the experiment wants (all, by default) is right.
    pub right: bool,
    /// Whether the mean absolute error is below the experiment's bound.
    pub close: bool,
    /// Mean absolute error over the samples it was trained on; `None` where it diverged.
    pub error: Option<f64>,
    /// Epochs done.
    pub epochs: u64,
    /// Epochs after which it was seen to be right for the first time.
    pub solved: Option<u64>,
    /// The step in which it left the finite numbers; the number of all steps where only its last answers did.
    pub diverged: Option<u64>,
    /// A hash of the bits of its last finite parameters.
    pub weights: u64,
}

impl Outcome {
    /// Of the run that `experiment` describes, trained alone.
    pub fn alone(experiment: &Experiment) -> Result<Self> {
        match experiment.dtype {
            Dtype::Float32 => Self::alone_in::<f32>(experiment),
            Dtype::Float64 => Self::alone_in::<f64>(experiment),
        }
    }

    fn alone_in<T: Real + TorchReal>(experiment: &Experiment) -> Result<Self> {
        Ok(Self::of_training(Trainer::<T>::new(experiment)?))
    }

    /// Of the run that `experiment` describes, trained alone on a task that is there already.
    pub(super) fn alone_on<T: Real + TorchReal>(experiment: &Experiment, task: &Arc<Task<T>>) -> Result<Self> {
        Ok(Self::of_training(Trainer::on(experiment, Arc::clone(task))?))
    }

    fn of_training<T: Real + TorchReal>(mut trainer: Trainer<T>) -> Self {
        let experiment = trainer.experiment();
        let every = experiment.success.looks_every(experiment.stop.epochs);
        let mut solved = None;
        while trainer.ended().is_none() {
            if let Err(divergence) = trainer.step() {
                return Self::diverged(divergence.step, trainer.epochs(), hash_of(trainer.model()));
            }
            let over = trainer.ended().is_some();
            let at_look = trainer.at_epoch() && trainer.epochs().is_multiple_of(every);
            if (at_look || over) && solved.is_none() && judged(&trainer).0 {
                solved = Some(trainer.epochs());
            }
        }
        Self::of(&trainer, solved)
    }

    /// Of a run that left the finite numbers in a step, after so many epochs, with the hash of what it was before.
    pub(super) fn diverged(step: u64, epochs: u64, weights: u64) -> Self {
        Self { right: false, close: false, error: None, epochs, solved: None, diverged: Some(step), weights }
    }

    /// Of a run that has ended, with the epochs after which it was right.
    pub fn of<T: Real>(trainer: &Trainer<T>, solved: Option<u64>) -> Self {
        let (right, error) = judged(trainer);
        if !error.is_finite() {
            return Self::diverged(trainer.steps(), trainer.epochs(), hash_of(trainer.model()));
        }
        Self {
            right,
            close: error < trainer.experiment().success.error,
            error: Some(error),
            epochs: trainer.epochs(),
            solved,
            diverged: None,
            weights: hash_of(trainer.model()),
        }
    }

    /// The hash of what a trainer has learned, as in [`weights`](Self::weights).
    pub fn weights_of<T: Real>(trainer: &Trainer<T>) -> u64 {
        hash_of(trainer.model())
    }

    /// Names of the columns in `runs.csv`, behind run, cell, axes and seeds.
    pub(super) const COLUMNS: [&str; 7] = ["right", "close", "error", "epochs", "solved", "diverged", "weights"];

    /// The cells of the row in `runs.csv`, behind run, cell, axes and seeds.
    pub(super) fn cells(&self) -> [String; 7] {
        let flag = |flag: bool| u8::from(flag).to_string();
        let maybe = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_default();
        [
            flag(self.right),
            flag(self.close),
            self.error.map(|e| e.to_string()).unwrap_or_default(),
            self.epochs.to_string(),
            maybe(self.solved),
            maybe(self.diverged),
            format!("{:016x}", self.weights),
        ]
    }

    /// From a row of `runs.csv`, with the run's number.
    pub(super) fn of_row(line: &str) -> Option<(u64, Self)> {
        // The outcome's cells hold no commas; those of axes may.
        let mut cells: Vec<&str> = line.rsplitn(Self::COLUMNS.len() + 1, ',').collect();
        cells.reverse();
        let (before, cells) = cells.split_first()?;
        Some((before.split(',').next()?.parse().ok()?, Self::parse(cells.iter().copied())?))
    }

    /// From [`cells`](Self::cells).
    fn parse<'a>(cells: impl Iterator<Item = &'a str>) -> Option<Self> {
        let cells: Vec<&str> = cells.collect();
        let [right, close, error, epochs, solved, diverged, weights] = cells[..] else { return None };
        let flag = |cell: &str| ["0", "1"].iter().position(|flag| *flag == cell).map(|flag| flag == 1);
        let error: Option<f64> = if error.is_empty() { None } else { Some(error.parse().ok()?) };
        let maybe = |cell: &str| if cell.is_empty() { Some(None) } else { cell.parse().ok().map(Some) };
        let outcome = Self {
            right: flag(right)?,
            close: flag(close)?,
            error,
            epochs: epochs.parse().ok()?,
            solved: maybe(solved)?,
            diverged: maybe(diverged)?,
            weights: u64::from_str_radix(weights, 16).ok()?,
        };
        // A run has an error, or it diverged and is no success.
        let finite = outcome.error.is_none_or(|error| error.is_finite() && error >= 0.0);
        let failed = !(outcome.right || outcome.close || outcome.solved.is_some());
        let one = outcome.error.is_some() != outcome.diverged.is_some();
        (finite && one && (outcome.diverged.is_none() || failed)).then_some(outcome)
    }
}

/// Whether enough samples are right, and the mean absolute error.
fn judged<T: Real>(trainer: &Trainer<T>) -> (bool, f64) {
    let train = &trainer.task().train;
    let evaluation = trainer.evaluate(&train.x, &train.y);
    (evaluation.right >= trainer.experiment().success.share, evaluation.mean_absolute_error)
}

/// Of parameters, and of the running statistics of batch normalisation.
fn hash_of<T: Real>(model: &Model<T>) -> u64 {
    let running = (0..model.network().layers().len()).filter_map(|l| model.running(l));
    let running = running.flat_map(|r| r.mean.iter().chain(&r.var));
    hash(model.parameters().iter().chain(running).copied())
}

/// Of numbers by their bits.
fn hash<T: Real>(values: impl Iterator<Item = T>) -> u64 {
    fnv1a(values.flat_map(|value| value.to_f64().to_bits().to_le_bytes()))
}

/// [`hash`] of the numbers of some lanes, of `values[number][lane]`: side by side, as each step waits for the one before.
pub(super) fn hashes<T: Real>(values: &[T], lanes: usize, of: &[usize]) -> Vec<u64> {
    let mut hashes = vec![FNV1A_OF_NOTHING; of.len()];
    for row in values.chunks_exact(lanes) {
        let bytes: Vec<[u8; 8]> = of.iter().map(|&k| row[k].to_f64().to_bits().to_le_bytes()).collect();
        for i in 0..8 {
            for (hash, bytes) in hashes.iter_mut().zip(&bytes) {
                *hash = fnv1a_and(*hash, bytes[i]);
            }
        }
    }
    hashes
}

/// A run whose place is not known.
pub(super) fn no_such_run(run: u64, total: u64) -> Error {
    Error::field("--run", format!("a run from 0 to {}", total - 1), run)
}
