//! The masks of dropout for runs side by side, each from its own random stream.

use super::draws::Draws;
use crate::experiment::{Batch, Experiment};
use crate::nn::{Model, draw_mask};
use crate::random::TorchRng;
use crate::scalar::{Real, Scalar};

/// What draws the masks of each lane.
pub(super) struct Masks<T> {
    /// Each run's torch stream as its initialisation left it; none where the order of the samples comes from these streams,
    /// too: then [`Draws`] has them.
    streams: Vec<TorchRng>,
    /// The probability of each layer, by lane; empty without dropout.
    p: Vec<Vec<f64>>,
    /// Whether PyTorch's loader takes a number from the stream at the beginning of every epoch.
    loads: bool,
    /// The masks of one lane's layer, and those of all lanes, `[layer][number][lane]`.
    alone: Vec<T>,
    lanes: Vec<Vec<T>>,
}

impl<T: Real> Masks<T> {
    /// Of lanes whose networks have dropout, at most `rows` rows a step; none without.
    pub(super) fn new(experiments: &[&Experiment], batch: &Batch, streams: Vec<TorchRng>, rows: usize) -> Option<Self> {
        let layers = &experiments[0].network.layers;
        if layers.iter().all(|layer| layer.dropout == 0.0) {
            return None;
        }
        let of_layer = |l: usize| -> Vec<f64> {
            if layers[l].dropout == 0.0 {
                return vec![];
            }
            experiments.iter().map(|experiment| experiment.network.layers[l].dropout).collect()
        };
        let p: Vec<Vec<f64>> = (0..layers.len()).map(of_layer).collect();
        let sizes: Vec<usize> = layers.iter().map(|layer| rows * layer.out_features).collect();
        let lanes = p.iter().zip(&sizes).map(|(p, size)| vec![T::default(); p.len() * size]).collect();
        let alone = vec![T::default(); sizes.into_iter().max().unwrap_or(0)];
        Some(Self { streams, p, loads: batch.loads_in_order(), alone, lanes })
    }

    /// Draws the masks of step `step` of an epoch, after its samples, into the model.
    #[inline(always)]
    pub(super) fn draw<S: Scalar<Element = T>>(&mut self, step: usize, draws: &mut Draws, model: &mut Model<S>) {
        let streams = draws.streams().unwrap_or(&mut self.streams);
        let (_, values) = model.layers_mut();
        // A run at a time, since its stream is large.
        for (k, stream) in streams.iter_mut().enumerate() {
            if self.loads && step == 0 {
                stream.loader_base();
            }
            for (l, layer) in values.iter().enumerate() {
                if self.p[l].is_empty() {
                    continue;
                }
                let mask = &mut self.alone[..layer.a.len()];
                draw_mask(stream, self.p[l][k], mask);
                for (i, factor) in mask.iter().enumerate() {
                    self.lanes[l][i * S::LANES + k] = *factor;
                }
            }
        }
        for (values, lanes) in values.iter_mut().zip(&self.lanes) {
            if let Some(dropped) = &mut values.dropout {
                for (factor, lanes) in dropped.mask.iter_mut().zip(lanes.chunks_exact(S::LANES)) {
                    *factor = S::load(lanes);
                }
            }
        }
    }
}
