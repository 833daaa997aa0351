//! A step of a wide network on burn, with its CPU backend "flex".

use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer, SgdConfig};
use burn::prelude::*;
use steps::{LR, MOMENTUM, Peer, Rule, SAMPLES, measure};

#[path = "../../../steps.rs"]
mod steps;

#[derive(Module, Debug)]
struct Network {
    lin1: Linear,
    lin2: Linear,
    lin3: Linear,
}

impl Network {
    fn new(width: usize, device: &Device) -> Self {
        let linear = |in_features: usize, out_features| {
            let bound = 1.0 / (in_features as f64).sqrt();
            let initializer = Initializer::Uniform { min: -bound, max: bound };
            LinearConfig::new(in_features, out_features).with_initializer(initializer).init(device)
        };
        Self { lin1: linear(2, width), lin2: linear(width, width), lin3: linear(width, 2) }
    }

    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let h = self.lin1.forward(input).tanh();
        let h = self.lin2.forward(h).tanh();
        self.lin3.forward(h)
    }
}

struct Training {
    device: Device,
    /// None only while a step is made.
    network: Option<Network>,
    optimizer: ModuleOptimizer,
    criterion: CrossEntropyLoss,
    inputs: Tensor<2>,
    classes: Tensor<1, Int>,
}

impl Peer for Training {
    const WHAT: &str = "eager, flex backend";

    fn new(width: usize, rule: Rule, inputs: &[[f32; 2]], classes: &[u32]) -> Self {
        let device = Device::flex().autodiff();
        device.seed(0);
        // Without dampening momentum is PyTorch's; burn's default is 0.1.
        let momentum = MomentumConfig::new().with_momentum(MOMENTUM).with_dampening(0.0);
        let inputs: Vec<f32> = inputs.iter().flatten().copied().collect();
        let classes: Vec<i64> = classes.iter().map(|&class| class.into()).collect();
        Self {
            network: Some(Network::new(width, &device)),
            optimizer: match rule {
                Rule::Sgd => SgdConfig::new().with_momentum(Some(momentum)).init(),
                Rule::Adam => AdamConfig::new().with_epsilon(1e-8).init(),
            },
            criterion: CrossEntropyLossConfig::new().init(&device),
            inputs: Tensor::from_data(TensorData::new(inputs, [SAMPLES, 2]), &device),
            classes: Tensor::from_data(TensorData::new(classes, [SAMPLES]), &device),
            device,
        }
    }

    fn step(&mut self, rows: Option<&[u32]>) {
        let (mut inputs, mut classes) = (self.inputs.clone(), self.classes.clone());
        if let Some(rows) = rows {
            let rows: Vec<i64> = rows.iter().map(|&row| row.into()).collect();
            let shape = [rows.len()];
            let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, shape), &self.device);
            (inputs, classes) = (inputs.select(0, rows.clone()), classes.select(0, rows));
        }
        let network = self.network.take().expect("no step is being made");
        let grads = self.criterion.forward(network.forward(inputs), classes).backward();
        let grads = GradientsParams::from_grads(grads, &network);
        self.network = Some(self.optimizer.step(LR, network, grads));
    }

    fn loss(&self) -> f64 {
        let network = self.network.as_ref().expect("no step is being made");
        let loss = self.criterion.forward(network.forward(self.inputs.clone()), self.classes.clone());
        f64::from(loss.into_scalar::<f32>())
    }
}

fn main() {
    measure::<Training>();
}
