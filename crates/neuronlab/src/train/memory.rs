//! Will a run fit? Asked before anything is allocated.

use crate::error::Result;
use crate::experiment::{Batch, Experiment};
use crate::limits::fits;
use crate::optim::Hyper;

/// Refuses an experiment whose run would need more than the limit; I inputs, `n` samples to learn from.
pub(super) fn check(experiment: &Experiment, inputs: usize, n: usize, number: usize) -> Result<()> {
    let (batch, steps) = experiment.batch.size_and_steps(n);
    let (batch, number) = (batch as u128, number as u128);
    let (parameters, neurons) = experiment.network.sizes(inputs);

    // Value, gradient, what the optimizer remembers, and the value before; four numbers a neuron and row.
    let buffers = experiment.optimizer.buffers().len() as u128;
    let kept = if experiment.stop.restore_best { 2 } else { 0 };
    let network = parameters.saturating_mul((3 + buffers + kept) * number);
    // Evaluations take 256 rows at a time.
    let activations = neurons.saturating_mul(4 * number).saturating_mul(batch.max(256));
    // The mask, and what is before it, forward and back.
    let dropped = experiment.network.layers.iter().filter(|layer| layer.dropout > 0.0);
    let dropped: u128 = dropped.map(|layer| layer.out_features as u128).sum();
    let activations = activations.saturating_add(dropped.saturating_mul(3 * number).saturating_mul(batch.max(256)));
    let sample = if matches!(experiment.batch, Batch::Full) { 0 } else { 4 * batch };
    let steps = u128::from(experiment.stop.epochs).saturating_mul(steps as u128);
    // A row, its learning rate and momentum where they change, and the text that is made of it when it is written.
    let rates = if experiment.schedule.is_some() { size_of::<(usize, Hyper)>() as u128 + 24 } else { 8 };
    let history = steps.saturating_mul(number + sample + rates + 24);
    let neurons_hint = if batch > 256 { "smaller batches" } else { "fewer or narrower layers" };
    let neurons_field = if batch > 256 { "batch.size" } else { "network.layers" };
    let parts = [
        ("network.layers", network, "fewer or narrower layers"),
        (neurons_field, activations, neurons_hint),
        ("stop.epochs", history, "fewer epochs: one row a step is kept"),
    ];
    fits("a run", &parts)?;
    experiment.network.inits_end(&experiment.init, inputs)
}
