//! A step of a wide network on candle.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, loss};
use rand::{Rng, SeedableRng, rngs::StdRng};
use steps::{LR, MOMENTUM, Peer, Rule, measure};

#[path = "../../../steps.rs"]
mod steps;

struct Network {
    layers: Vec<Linear>,
    inputs: Tensor,
    classes: Tensor,
    optimizer: Box<dyn FnMut(&Tensor) -> Result<()>>,
}

impl Network {
    fn try_new(width: usize, rule: Rule, inputs: &[[f32; 2]], classes: &[u32]) -> Result<Self> {
        // A generator of our own: candle's cannot be seeded on the CPU.
        let mut rng = StdRng::seed_from_u64(0);
        let (mut parameters, mut layers) = (Vec::new(), Vec::new());
        for (out_features, in_features) in [(width, 2), (width, width), (2, width)] {
            let bound = 1.0 / (in_features as f32).sqrt();
            let weight: Vec<f32> = (0..out_features * in_features).map(|_| rng.random_range(-bound..bound)).collect();
            let weight = Var::from_vec(weight, (out_features, in_features), &Device::Cpu)?;
            let bias = Var::zeros(out_features, DType::F32, &Device::Cpu)?;
            // A layer shares the memory of its parameters: it sees what the optimizer sets.
            layers.push(Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone())));
            parameters.extend([weight, bias]);
        }
        Ok(Self {
            layers,
            inputs: Tensor::from_slice(inputs.as_flattened(), (inputs.len(), 2), &Device::Cpu)?,
            classes: Tensor::new(classes, &Device::Cpu)?,
            optimizer: match rule {
                Rule::Sgd => sgd(parameters)?,
                Rule::Adam => adam(parameters)?,
            },
        })
    }

    fn loss_of(&self, inputs: &Tensor, classes: &Tensor) -> Result<Tensor> {
        let (last, hidden) = self.layers.split_last().expect("three layers");
        let h = hidden.iter().try_fold(inputs.clone(), |h, layer| layer.forward(&h)?.tanh())?;
        loss::cross_entropy(&last.forward(&h)?, classes)
    }

    fn try_step(&mut self, rows: Option<&[u32]>) -> Result<()> {
        let loss = match rows {
            None => self.loss_of(&self.inputs, &self.classes)?,
            Some(rows) => {
                let rows = Tensor::new(rows, &Device::Cpu)?;
                self.loss_of(&self.inputs.index_select(&rows, 0)?, &self.classes.index_select(&rows, 0)?)?
            }
        };
        (self.optimizer)(&loss)
    }
}

/// SGD with momentum, v = 0.9 v + g and w = w - 0.001 v. candle's own SGD has no momentum.
fn sgd(parameters: Vec<Var>) -> Result<Box<dyn FnMut(&Tensor) -> Result<()>>> {
    let mut velocities = parameters.iter().map(|w| w.zeros_like()).collect::<Result<Vec<_>>>()?;
    Ok(Box::new(move |loss| {
        let grads = loss.backward()?;
        for (w, v) in parameters.iter().zip(&mut velocities) {
            let grad = grads.get(w).expect("the loss depends on every parameter");
            *v = ((&*v * MOMENTUM)? + grad)?;
            w.set(&(w.as_tensor() - (&*v * LR)?)?)?;
        }
        Ok(())
    }))
}

/// AdamW without decay is Adam.
fn adam(parameters: Vec<Var>) -> Result<Box<dyn FnMut(&Tensor) -> Result<()>>> {
    let mut adam = AdamW::new(parameters, ParamsAdamW { lr: LR, weight_decay: 0.0, ..Default::default() })?;
    Ok(Box::new(move |loss| adam.backward_step(loss)))
}

impl Peer for Network {
    const WHAT: &str = "eager";

    fn new(width: usize, rule: Rule, inputs: &[[f32; 2]], classes: &[u32]) -> Self {
        Self::try_new(width, rule, inputs, classes).expect("shapes fit")
    }

    fn step(&mut self, rows: Option<&[u32]>) {
        self.try_step(rows).expect("shapes fit");
    }

    fn loss(&self) -> f64 {
        let loss = self.loss_of(&self.inputs, &self.classes).and_then(|loss| loss.to_scalar::<f32>());
        f64::from(loss.expect("shapes fit"))
    }
}

fn main() {
    measure::<Network>();
}
