//! The exercise's run on candle: one network, one sample a step, one thread.

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{Linear, Module};
use measure::{EPOCHS, LR, MOMENTUM, SAMPLES, STEPS, measure};
use rand::{Rng, SeedableRng, rngs::StdRng};
use rand_distr::StandardNormal;

#[path = "../../measure.rs"]
mod measure;

/// Shapes of the weights, [out, in].
const SHAPES: [(usize, usize); 4] = [(4, 2), (4, 4), (4, 4), (1, 4)];

/// Shape of the input [1, 2]; tanh after every layer but the last.
fn forward(layers: &[Linear], input: &Tensor) -> Result<Tensor> {
    let (last, hidden) = layers.split_last().expect("four layers");
    let h = hidden.iter().try_fold(input.clone(), |h, layer| layer.forward(&h)?.tanh())?;
    last.forward(&h)
}

/// SGD with momentum, v = 0.9 v + g and w = w - 0.02 v. candle's own SGD has no momentum.
struct Sgd {
    weights: Vec<Var>,
    velocities: Vec<Tensor>,
}

impl Sgd {
    fn new(weights: Vec<Var>) -> Result<Self> {
        let velocities = weights.iter().map(|w| w.zeros_like()).collect::<Result<_>>()?;
        Ok(Self { weights, velocities })
    }

    fn backward_step(&mut self, loss: &Tensor) -> Result<()> {
        let grads = loss.backward()?;
        for (w, v) in self.weights.iter().zip(&mut self.velocities) {
            let grad = grads.get(w).expect("the loss depends on every weight");
            *v = ((&*v * MOMENTUM)? + grad)?;
            w.set(&(w.as_tensor() - (&*v * LR)?)?)?;
        }
        Ok(())
    }
}

fn train(seed: u64) -> Result<Vec<Linear>> {
    // A generator of our own: candle's cannot be seeded on the CPU.
    let mut rng = StdRng::seed_from_u64(seed);
    let mut weights = Vec::new();
    for (out_features, in_features) in SHAPES {
        let normal: Vec<f32> = (&mut rng).sample_iter(StandardNormal).take(out_features * in_features).collect();
        weights.push(Var::from_vec(normal, (out_features, in_features), &Device::Cpu)?);
    }
    // A layer shares the memory of its weight: it sees what the optimizer sets.
    let layers: Vec<_> = weights.iter().map(|w| Linear::new(w.as_tensor().clone(), None)).collect();
    let mut sgd = Sgd::new(weights)?;

    let tensors = |(input, target)| Ok((Tensor::new(&[input], &Device::Cpu)?, Tensor::new(&[[target]], &Device::Cpu)?));
    let samples = SAMPLES.into_iter().map(tensors).collect::<Result<Vec<_>>>()?;
    for _ in 0..EPOCHS * STEPS {
        let (input, target) = &samples[rng.random_range(0..samples.len())];
        let loss = (forward(&layers, input)? - target)?.abs()?.mean_all()?;
        sgd.backward_step(&loss)?;
    }
    Ok(layers)
}

fn outputs(layers: &[Linear]) -> Result<Vec<f32>> {
    let inputs = SAMPLES.map(|(input, _)| input);
    forward(layers, &Tensor::new(&inputs, &Device::Cpu)?)?.flatten_all()?.to_vec1()
}

fn main() {
    measure("one run", |seed| train(seed).expect("shapes fit"), |layers| outputs(layers).expect("shapes fit"));
}
