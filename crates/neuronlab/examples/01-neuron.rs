//! Lesson 1. A neuron: a weighted sum of its inputs, and a function of that.
//!
//! `cargo run --release -p neuronlab --example 01-neuron`

use neuronlab::{Result, prelude::*};

fn main() -> Result<()> {
    let (inputs, weights) = ([1.0, -2.0], [0.5, 0.125]);

    // By hand: i = w₁·x₁ + w₂·x₂, o = tanh(i).
    let i = weights[0] * inputs[0] + weights[1] * inputs[1];
    println!("by hand:       i = {i}, o = tanh(i) = {}", f64::tanh(i));

    // The same neuron as a network of one layer with one output.
    let network = Network::sequential([Linear::new(2, 1).bias(false).tanh()])?;
    let mut neuron = Model::new(network, weights.to_vec())?;
    let o = neuron.forward(&inputs)[0];
    println!("as a network:  i = {}, o = {o}", neuron.layer(0).z[0]);

    // Without bias it is an odd function: at (0, 0) it answers 0 whatever its weights.
    println!("at (0, 0):     o = {}", neuron.forward(&[0.0, 0.0])[0]);

    // A bias is a weight whose input is always 1; now the answer at (0, 0) can be anything.
    let network = Network::sequential([Linear::new(2, 1).tanh()])?;
    let mut neuron = Model::new(network, vec![0.5, 0.125, 1.0])?;
    println!("with bias 1:   o = {}", neuron.forward(&[0.0, 0.0])[0]);
    Ok(())
}
