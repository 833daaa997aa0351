//! The exercise's run on burn, with its CPU backend "flex": one network, one sample a step, one thread.

use burn::nn::loss::{LpLossConfig, Reduction};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use measure::{EPOCHS, LR, MOMENTUM, SAMPLES, STEPS, measure};
use rand::{Rng, SeedableRng, rngs::StdRng};

#[path = "../../measure.rs"]
mod measure;

#[derive(Module, Debug)]
struct Network {
    lin1: Linear,
    lin2: Linear,
    lin3: Linear,
    lin4: Linear,
}

impl Network {
    fn new(device: &Device) -> Self {
        let linear = |in_features, out_features| {
            let initializer = Initializer::Normal { mean: 0.0, std: 1.0 };
            LinearConfig::new(in_features, out_features).with_bias(false).with_initializer(initializer).init(device)
        };
        Self { lin1: linear(2, 4), lin2: linear(4, 4), lin3: linear(4, 4), lin4: linear(4, 1) }
    }

    /// Shape of the input [samples, 2], of the output [samples, 1].
    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let h = self.lin1.forward(input).tanh();
        let h = self.lin2.forward(h).tanh();
        let h = self.lin3.forward(h).tanh();
        self.lin4.forward(h)
    }
}

fn train(seed: u64, device: &Device) -> Network {
    device.seed(seed);
    let mut rng = StdRng::seed_from_u64(seed);
    let mut network = Network::new(device);
    let loss = LpLossConfig::l1();
    // Without dampening momentum is PyTorch's; burn's default is 0.1.
    let momentum = MomentumConfig::new().with_momentum(MOMENTUM).with_dampening(0.0);
    let mut sgd = SgdConfig::new().with_momentum(Some(momentum)).init();

    let samples = SAMPLES
        .map(|(input, target)| (Tensor::<2>::from_data([input], device), Tensor::<2>::from_data([[target]], device)));
    for _ in 0..EPOCHS * STEPS {
        let (input, target) = samples[rng.random_range(0..samples.len())].clone();
        let grads = loss.forward(network.forward(input), target, Reduction::Mean).backward();
        let grads = GradientsParams::from_grads(grads, &network);
        network = sgd.step(LR, network, grads);
    }
    network
}

fn main() {
    let device = Device::flex().autodiff();
    let inputs = Tensor::<2>::from_data(SAMPLES.map(|(input, _)| input), &device);
    measure(
        "one run, flex backend",
        |seed| train(seed, &device),
        |network| network.forward(inputs.clone()).into_data().try_to_vec().expect("float32"),
    );
}
