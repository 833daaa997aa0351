//! Which samples make the next step, and the two random streams that decide it.

use crate::error::{Error, Result};
use crate::experiment::Batch;
use crate::random::{NumpyRng, TorchRng};

/// Draws the samples of one step after another. Nothing is allocated in a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampler {
    batch: Batch,
    /// Samples to choose from.
    n: usize,
    size: usize,
    steps: usize,
    /// The samples of this epoch in their order; empty where each is drawn by itself.
    order: Vec<u32>,
    /// The samples of this step.
    picked: Vec<u32>,
    torch: TorchRng,
    numpy: NumpyRng,
}

impl Sampler {
    /// A sampler over `n` samples; `torch` as the initialisation left it.
    pub fn new(batch: &Batch, n: usize, torch: TorchRng, numpy: NumpyRng) -> Result<Self> {
        let (size, steps) = batch.size_and_steps(n);
        let order = match batch {
            Batch::WithReplacement { .. } => vec![],
            Batch::Shuffle { .. } | Batch::InOrder { .. } | Batch::Full => (0..n as u32).collect(),
            Batch::List { samples, .. } => samples.clone(),
        };
        if let Some((i, far)) = order.iter().enumerate().find(|(_, s)| **s as usize >= n) {
            return Err(Error::field(format!("batch.samples.{i}"), format!("a sample from 0 to {}", n - 1), far));
        }
        Ok(Self { batch: batch.clone(), n, size, steps, order, picked: Vec::with_capacity(size), torch, numpy })
    }

    /// Steps an epoch.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Samples a step, but maybe for the last of an epoch.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether every step takes all samples once, so that they need not be listed.
    pub fn takes_all(&self) -> bool {
        let listed = matches!(self.batch, Batch::WithReplacement { .. } | Batch::List { .. });
        !listed && self.steps == 1 && self.n > 1
    }

    /// Samples of the smallest step.
    pub fn smallest(&self) -> usize {
        self.rows(self.steps - 1)
    }

    /// Samples of step `step` of an epoch.
    pub(crate) fn rows(&self, step: usize) -> usize {
        (self.samples_per_epoch() - step * self.size).min(self.size)
    }

    /// Samples an epoch.
    pub fn samples_per_epoch(&self) -> usize {
        if self.order.is_empty() { self.size * self.steps } else { self.order.len() }
    }

    /// The samples of step `step` of the epoch, counted from 0; steps must be asked for in their order.
    #[inline]
    pub fn next(&mut self, step: usize) -> &[u32] {
        if self.order.is_empty() {
            self.picked.clear();
            for _ in 0..self.size {
                self.picked.push(self.numpy.integer(self.n as u32));
            }
            return self.last(step);
        }
        if step == 0 && matches!(self.batch, Batch::Shuffle { .. }) {
            self.torch.loader_permutation(&mut self.order);
        }
        self.last(step)
    }

    /// The samples that the last [`next`](Self::next), of step `step`, gave.
    #[inline]
    pub fn last(&self, step: usize) -> &[u32] {
        if self.order.is_empty() {
            return &self.picked;
        }
        let start = step * self.size;
        &self.order[start..(start + self.size).min(self.order.len())]
    }

    /// The torch stream from which dropout draws the masks of step `step` of an epoch, whose samples [`next`](Self::next) gave.
    /// To be asked for once a step.
    pub(crate) fn mask_stream(&mut self, step: usize) -> &mut TorchRng {
        if step == 0 && self.batch.loads_in_order() {
            self.torch.loader_base();
        }
        &mut self.torch
    }

    /// What a checkpoint holds: the words of the torch and the NumPy stream, and the order of the epoch.
    pub(super) fn state(&self) -> [Vec<u32>; 3] {
        [self.torch.words(), self.numpy.words(), self.order.clone()]
    }

    /// Back to a [`state`](Self::state); `None` where it is none of this sampler.
    pub(super) fn restore(&mut self, torch: &[u32], numpy: &[u32], order: &[u32]) -> Option<()> {
        let fits = order.len() == self.order.len() && order.iter().all(|&s| (s as usize) < self.n);
        self.torch = TorchRng::from_words(torch)?;
        self.numpy = NumpyRng::from_words(numpy)?;
        self.order.copy_from_slice(fits.then_some(order)?);
        Some(())
    }
}
