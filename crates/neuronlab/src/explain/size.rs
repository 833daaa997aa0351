//! Will a moment fit into memory, and will its paths be added up before somebody loses patience?

use super::Moment;
use crate::error::Result;
use crate::limits::{ends, fits};
use crate::nn::Network;
use crate::scalar::Real;
use crate::train::Trainer;

/// Refuses a batch, or a network, whose numbers do not fit into memory: those of the run, and all of them once more as `f64`.
pub(super) fn check<T: Real>(trainer: &Trainer<T>, rows: usize) -> Result<()> {
    let (network, size) = (trainer.model().network(), size_of::<T>());
    let mut row = (network.in_features() + network.out_features()) * 2 * (8 + size);
    for layer in network.layers() {
        let norm = if layer.batch_norm.is_some() { 4 } else { 0 } + if layer.dropout > 0.0 { 3 } else { 0 };
        // z, a and their derivatives in both precisions, once more for a change that is tried, and the derivative of a by z.
        let slopes = if layer.activation.is_elementwise() { 1 } else { layer.out_features };
        row += layer.out_features * ((4 + norm) * (2 * 8 + size) + 8 * slopes);
    }
    let buffers = trainer.experiment().optimizer.buffers().len();
    let parameters = network.parameters() as u128 * ((2 + buffers) * size + (9 + 2 * buffers) * 8) as u128;
    // The start of the run and this moment of it are there, too.
    let parameters = parameters.saturating_add(2 * trainer.bytes());
    let samples = (rows as u128).saturating_mul(row as u128);
    let few = "smaller batches, or some samples alone with --sample";
    fits("a look at one step", &[("sample", samples, few), ("network.layers", parameters, "fewer or narrower layers")])
}

impl Moment {
    /// Whether all paths from so many parameters to the loss can be added up, for a batch of so many rows; to be asked before
    /// the moment is made.
    ///
    /// # Errors
    /// It would take more memory than a run may, or hours.
    pub fn check_paths(network: &Network, rows: usize, parameters: usize) -> Result<()> {
        // Of a quantity: its sums, its part of the gradient, and its largest paths, in bytes.
        const QUANTITY: usize = 400;
        // A path that is taken along a step costs as much as some multiplications.
        const STEP: usize = 20;
        let (mut quantities, mut steps) = (0, 0);
        for layer in network.layers() {
            let normed = layer.batch_norm.is_some();
            let through = if normed { rows } else { 0 };
            let through = through + if layer.activation.is_elementwise() { 1 } else { layer.out_features };
            quantities += layer.out_features * (2 + usize::from(normed) + usize::from(layer.dropout > 0.0));
            steps += layer.out_features * (layer.in_features + through);
        }
        let hint = "smaller batches, or some samples alone with --sample";
        let what = "an explanation";
        let times = |count: usize| (rows as u128).saturating_mul(count as u128);
        fits(what, &[("sample", times(quantities).saturating_mul(QUANTITY as u128), hint)])?;
        ends(("sample", times(steps).saturating_mul((STEP * parameters) as u128), hint), what)
    }
}
