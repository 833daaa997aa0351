//! The samples of every step for runs side by side, each from its own random streams.

use crate::experiment::Batch;
use crate::random::{IntegerLanes, Mt19937Lanes, TorchRng};
use crate::scalar::Scalar;
use crate::train::Sampler;

/// Where the samples of a step come from.
pub(super) enum Draws {
    /// The same for all runs: in order, all, or as listed.
    Same(Box<Sampler>),
    /// Drawn one by one from the NumPy streams; samples a step.
    Drawn(IntegerLanes, usize),
    /// Shuffled every epoch from the torch streams: the order of the epoch `[place][lane]`, samples a step.
    Shuffled { streams: Vec<TorchRng>, order: Vec<u32>, size: usize },
}

impl Draws {
    /// `torch` as each run's initialisation left it, where samples are shuffled; `n` samples to choose from. `memory` is used
    /// for the state of the streams, whatever it holds.
    pub(super) fn new<S: Scalar>(
        batch: &Batch,
        n: usize,
        sampler: &Sampler,
        torch: Vec<TorchRng>,
        numpy: &[u32],
        memory: Vec<u32>,
    ) -> Self {
        match batch {
            Batch::WithReplacement { .. } => {
                Self::Drawn(IntegerLanes::new(Mt19937Lanes::seeded::<S>(numpy, memory), n as u32), sampler.size())
            }
            Batch::Shuffle { .. } => {
                let order = vec![0; n * torch.len()];
                Self::Shuffled { streams: torch, order, size: sampler.size() }
            }
            Batch::InOrder { .. } | Batch::Full | Batch::List { .. } => Self::Same(Box::new(sampler.clone())),
        }
    }

    /// The sample of every lane (or the one sample of all) at place `b` of step `step` of an epoch; to be asked for in order.
    #[inline(always)]
    pub(super) fn next(&mut self, step: usize, b: usize) -> &[u32] {
        match self {
            Self::Same(sampler) => {
                let samples = if b == 0 { sampler.next(step) } else { sampler.last(step) };
                &samples[b..=b]
            }
            Self::Drawn(lanes, _) => lanes.next_row(),
            Self::Shuffled { streams, order, size } => {
                if step == 0 && b == 0 {
                    shuffle(streams, order);
                }
                let (lanes, place) = (streams.len(), step * *size + b);
                &order[place * lanes..(place + 1) * lanes]
            }
        }
    }

    /// The torch streams, where the order of samples comes from them.
    pub(super) fn streams(&mut self) -> Option<&mut Vec<TorchRng>> {
        match self {
            Self::Shuffled { streams, .. } => Some(streams),
            Self::Same(_) | Self::Drawn(..) => None,
        }
    }

    /// Makes the next draws where they are made one step at a time. They depend on nothing that is being trained, so that the
    /// processor makes them while it waits.
    #[inline(always)]
    pub(super) fn make_ahead(&mut self) {
        if let Self::Drawn(lanes, _) = self {
            lanes.make_ahead();
        }
    }

    /// The memory that the state of the streams took.
    pub(super) fn into_memory(self) -> Vec<u32> {
        match self {
            Self::Drawn(lanes, _) => lanes.into_memory(),
            Self::Same(_) | Self::Shuffled { .. } => vec![],
        }
    }

    /// Samples of step `step` of an epoch.
    #[inline(always)]
    pub(super) fn rows(&self, step: usize) -> usize {
        match self {
            Self::Same(sampler) => sampler.rows(step),
            Self::Drawn(_, size) => *size,
            Self::Shuffled { streams, order, size } => (order.len() / streams.len() - step * size).min(*size),
        }
    }
}

/// The order of an epoch in each lane, as of [`TorchRng::loader_permutation`].
#[inline(always)]
fn shuffle(streams: &mut [TorchRng], order: &mut [u32]) {
    let lanes = streams.len();
    let n = order.len() / lanes;
    let seeds: Vec<u32> = streams.iter_mut().map(TorchRng::loader_seed).map(|seed| seed as u32).collect();
    let mut words = Mt19937Lanes::new(&seeds, vec![]);
    for (i, row) in order.chunks_exact_mut(lanes).enumerate() {
        row.fill(i as u32);
    }
    let mut row = vec![0; lanes];
    for i in 0..n.saturating_sub(1) {
        words.next_row(&mut row);
        for (k, &word) in row.iter().enumerate() {
            order.swap(i * lanes + k, (i + word as usize % (n - i)) * lanes + k);
        }
    }
}
