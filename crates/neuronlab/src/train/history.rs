//! The loss of every step, and the samples it was made on.

use super::trainer::{Listener, Step};
use super::{Sampler, Trainer};
use crate::error::{Error, Result};
use crate::file;
use crate::scalar::Real;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;

/// One row a step.
#[derive(Debug, Clone, PartialEq)]
pub struct History<T> {
    /// The loss of each step, before its update.
    pub losses: Vec<T>,
    /// The samples of all steps, one after the other; empty where every step takes all.
    samples: Vec<u32>,
    /// Samples a step, steps an epoch, samples an epoch.
    size: usize,
    steps: usize,
    per_epoch: usize,
    /// Whether every step takes all samples, so that they are not listed.
    all: bool,
}

impl<T: Real> History<T> {
    /// An empty history for the run of `trainer`.
    pub fn new(trainer: &Trainer<T>) -> Self {
        Self::of(trainer.sampler())
    }

    fn of(sampler: &Sampler) -> Self {
        let (size, steps, per_epoch) = (sampler.size(), sampler.steps(), sampler.samples_per_epoch());
        Self { losses: vec![], samples: vec![], size, steps, per_epoch, all: sampler.takes_all() }
    }

    /// The epoch of a step.
    pub fn epoch(&self, step: usize) -> usize {
        step / self.steps
    }

    /// Steps an epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.steps
    }

    /// The samples of a step; empty where every step takes all.
    pub fn samples(&self, step: usize) -> &[u32] {
        if self.all {
            return &[];
        }
        let start = step % self.steps * self.size;
        let end = (start + self.size).min(self.per_epoch);
        let epoch = self.epoch(step) * self.per_epoch;
        &self.samples[epoch + start..epoch + end]
    }

    /// `history.csv`: epoch, step, sample, loss. Several samples stand in one cell with spaces, all are `all`.
    pub fn to_csv(&self) -> String {
        let mut csv = String::with_capacity(24 * (self.losses.len() + 1));
        csv.push_str("epoch,step,sample,loss\n");
        for (step, loss) in self.losses.iter().enumerate() {
            let _ = write!(csv, "{},{step},", self.epoch(step));
            for (i, sample) in self.samples(step).iter().enumerate() {
                let _ = write!(csv, "{}{sample}", if i == 0 { "" } else { " " });
            }
            let _ = writeln!(csv, "{},{loss}", if self.all { "all" } else { "" });
        }
        csv
    }

    /// The losses in a `history.csv`.
    pub(super) fn losses_in(path: &Path) -> Result<Vec<T>> {
        let text = file::read_text(path, file::MOST_NUMBERS)?;
        let rows = text.lines().enumerate().skip(1);
        rows.map(|(i, line)| {
            let loss = line.rsplit_once(',').and_then(|(_, loss)| loss.parse().ok());
            loss.ok_or_else(|| {
                Error::file(path, "rows `epoch,step,sample,loss`", format!("`{line}` in line {}", i + 1))
            })
        })
        .collect()
    }

    /// The first `steps` rows of a `history.csv`; `empty` is a history of the same run.
    pub(super) fn read(path: &Path, mut empty: Self, steps: usize) -> Result<Self> {
        let text = file::read_text(path, file::MOST_NUMBERS)?;
        let bad = |got: String| Error::file(path, format!("{steps} rows `epoch,step,sample,loss`"), got);
        for (step, line) in text.lines().skip(1).take(steps).enumerate() {
            let cells: Vec<&str> = line.split(',').collect();
            let row = match cells[..] {
                [epoch, at, sample, loss] if at.parse() == Ok(step) && epoch.parse() == Ok(empty.epoch(step)) => {
                    let samples: Option<Vec<u32>> = match sample {
                        "all" => Some(vec![]),
                        list => list.split(' ').map(|s| s.parse().ok()).collect(),
                    };
                    let expected =
                        if empty.all { 0 } else { empty.size.min(empty.per_epoch - step % empty.steps * empty.size) };
                    samples.filter(|s| s.len() == expected).zip(loss.parse::<T>().ok().filter(|loss| loss.is_finite()))
                }
                _ => None,
            };
            let (samples, loss) = row.ok_or_else(|| bad(format!("`{line}` in line {}", step + 2)))?;
            empty.samples.extend(samples);
            empty.losses.push(loss);
        }
        if empty.losses.len() < steps {
            return Err(bad(empty.losses.len().to_string()));
        }
        Ok(empty)
    }
}

impl<T: Real> Listener<T> for History<T> {
    #[inline]
    fn step(&mut self, step: &Step<'_, T>) -> ControlFlow<()> {
        self.losses.push(step.loss);
        if !self.all {
            self.samples.extend_from_slice(step.samples);
        }
        ControlFlow::Continue(())
    }
}
