//! Will it fit? Asked before anything is allocated, so that a slip of a digit is an error and not a swamped machine.

use crate::error::{Error, Result};
use crate::experiment::{Batch, Experiment};

/// The most that one run may hold in memory: 8 GiB.
pub(super) const LIMIT: u128 = 8 << 30;

/// Refuses an experiment whose run would need more than [`LIMIT`]; I inputs, `n` samples to learn from.
pub(super) fn check(experiment: &Experiment, inputs: usize, n: usize, number: usize) -> Result<()> {
    let (batch, steps) = experiment.batch.size_and_steps(n);
    let (batch, number) = (batch as u128, number as u128);

    let mut parameters = 0u128;
    let mut neurons = 0u128;
    let mut width = inputs as u128;
    for layer in &experiment.network.layers {
        let out = layer.out_features as u128;
        parameters = parameters.saturating_add(width.saturating_mul(out)).saturating_add(out);
        neurons = neurons.saturating_add(out);
        width = out;
    }
    // Value, gradient, velocity and the value before; four numbers a neuron and row.
    let network = parameters.saturating_mul(4 * number);
    let activations = neurons.saturating_mul(4 * number).saturating_mul(batch);
    let sample = if matches!(experiment.batch, Batch::Full) { 0 } else { 4 * batch };
    let steps = u128::from(experiment.stop.epochs).saturating_mul(steps as u128);
    let history = steps.saturating_mul(number + sample);

    for (field, bytes, hint) in [
        ("network.layers", network, "fewer or narrower layers"),
        ("batch.size", activations, "smaller batches"),
        ("stop.epochs", history, "fewer epochs: one row a step is kept"),
    ] {
        if bytes > LIMIT {
            let got = format!("a run that needs {} GiB", bytes >> 30);
            return Err(Error::field(field, format!("a run of at most {} GiB", LIMIT >> 30), got).with_hint(hint));
        }
    }
    Ok(())
}
