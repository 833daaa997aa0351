//! `draw network`.

use crate::Failure;
use crate::args::DrawNetworkArgs;
use crate::moment::Default;
use neuronlab::draw::Diagram;
use neuronlab::explain::{Moment, significant};
use neuronlab::random::TorchReal;
use neuronlab::scalar::Real;

pub(super) fn network<T: Real + TorchReal>(args: &DrawNetworkArgs) -> Result<String, Failure> {
    let mut moment = args.moment.moment::<T>(Default::End)?;
    let step = moment.step;
    let trainer = moment.trainer()?;
    let name = &trainer.experiment().name;
    let network = trainer.model().network();
    if args.plain {
        return Ok(Diagram::new(network).title(format!("The network of {name}")).draw());
    }
    let parameters: Vec<f64> = trainer.model().parameters().iter().map(|w| w.to_f64()).collect();
    let mut diagram = Diagram::new(network).title(format!("The network of {name} at step {step}")).weights(&parameters);
    if args.values {
        diagram = diagram.with_values();
    }
    if let Some(sample) = args.sample {
        let pass = Moment::new(trainer, Some(&[sample]))?;
        let title = format!("The network of {name} at step {step}, and what it makes of sample {sample}");
        diagram = diagram.title(title).note(pass.in_data(0)).inside(|layer, neuron| computed(&pass, layer, neuron));
    }
    Ok(diagram.draw())
}

/// The weighted sum of a neuron, where its activation changes it, and its output.
fn computed(pass: &Moment, layer: usize, neuron: usize) -> Vec<String> {
    let output = pass.activations(layer)[neuron];
    let sum = layer.checked_sub(1).map(|l| pass.layers[l].z[neuron]).filter(|sum| *sum != output);
    let sum = sum.map(|sum| format!("sum {}", significant(sum, 3)));
    sum.into_iter().chain([significant(output, 3)]).collect()
}
