//! Runs that are trained side by side, and what they have in common.
//!
//! What differs between runs are their parameters, samples and numeric settings; structure and data are common.

use super::outcome::Outcome;
use super::side::Side;
use crate::error::Result;
use crate::experiment::Experiment;
use crate::random::TorchReal;
use crate::scalar::{LaneWork, Real, Scalar};
use crate::train::{Sampler, Task, Trainer};
use std::sync::Arc;

/// What runs side by side have in common.
#[derive(Debug)]
pub(super) struct Common<T> {
    pub(super) structure: Experiment,
    pub(super) task: Arc<Task<T>>,
    pub(super) sampler: Sampler,
    /// Inputs and targets of the training samples, one list a column.
    pub(super) inputs: Vec<Vec<T>>,
    pub(super) targets: Vec<Vec<T>>,
}

impl<T: Real + TorchReal> Common<T> {
    pub(super) fn new(experiment: &Experiment) -> Result<Self> {
        let trainer = Trainer::<T>::new(experiment)?;
        let (task, network) = (trainer.shared_task(), trainer.model().network());
        let columns = |values: &[T], width: usize| -> Vec<Vec<T>> {
            (0..width).map(|i| values.iter().skip(i).step_by(width).copied().collect()).collect()
        };
        let mut structure = experiment.structure();
        structure.loss = trainer.loss().structure();
        Ok(Self {
            structure,
            inputs: columns(&task.train.x, network.in_features()),
            targets: columns(&task.train.y, network.out_features()),
            sampler: trainer.sampler().clone(),
            task,
        })
    }

    /// Numbers that training one run holds in memory at a time.
    pub(super) fn numbers_a_run(&self) -> usize {
        let (parameters, neurons) = self.structure.network.sizes(self.inputs.len());
        let buffers = self.structure.optimizer.buffers().len() as u128;
        let numbers = parameters * (3 + buffers) + neurons * 4 * self.sampler.size() as u128;
        usize::try_from(numbers).unwrap_or(usize::MAX)
    }

    /// Whether its runs are trained one by one rather than side by side in so many lanes: where lanes do not fit into the caches,
    /// and a network alone fills the vectors.
    ///
    /// In lanes each row of a batch fetches all weights of all lanes. Alone, weights are near, and those fetched serve many
    /// rows; of few rows there is little to share. Found by measurement, on widths 8 to 256 and batches 1 to 256 (AVX2, caches
    /// of 512 KiB and 32 MiB). The bits of a run are the same.
    /// (Nor do lanes evaluate held-back samples, or keep the best of their parameters.)
    pub(super) fn is_trained_alone(&self, lanes: usize) -> bool {
        const NEAR: usize = 5 << 19;
        const FAR: usize = 24 << 20;
        const MANY_ROWS: usize = 8;
        if self.structure.stop.follows_epochs() {
            return true;
        }
        let bytes = self.numbers_a_run().saturating_mul(lanes * size_of::<T>());
        lanes > 1 && (bytes > FAR || (bytes > NEAR && self.sampler.size() >= MANY_ROWS))
    }

    /// Multiplications of one run, roughly.
    pub(super) fn work_a_run(&self, epochs: u64) -> u128 {
        let (parameters, _) = self.structure.network.sizes(self.inputs.len());
        parameters * u128::from(epochs) * (self.sampler.samples_per_epoch() as u128 + self.sampler.steps() as u128)
    }
}

/// One run: its experiment but for the seeds, which are `base + offset`.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) experiment: Arc<Experiment>,
    pub(super) offset: u64,
}

impl Run {
    /// The experiment with the run's own seeds: one that can be trained alone.
    pub(super) fn complete(&self) -> Experiment {
        let mut experiment = Experiment::clone(&self.experiment);
        experiment.seed = experiment.seed.run(self.offset);
        experiment
    }
}

/// As many runs as there are lanes, or fewer.
pub(super) struct Block<'a, T> {
    pub(super) common: &'a Common<T>,
    pub(super) runs: &'a [Run],
    /// What the block before used, to be used again: from the system it would come page by page.
    pub(super) memory: &'a mut Vec<u32>,
}

impl<T: Real + TorchReal> LaneWork<T> for Block<'_, T> {
    /// What the runs left, in their order; `None` for one that left the finite numbers.
    type Output = Result<Vec<Option<Outcome>>>;

    fn run<S: Scalar<Element = T>>(self) -> Self::Output {
        let mut lanes = Side::<S>::new(self.common, self.runs, std::mem::take(self.memory))?;
        lanes.train();
        let (outcomes, memory) = lanes.outcomes();
        *self.memory = memory;
        Ok(outcomes.take(self.runs.len()).collect())
    }
}
