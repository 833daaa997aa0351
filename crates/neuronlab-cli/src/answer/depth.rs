//! What becomes of signals and gradients on their way through many layers: the reason for Xavier and Kaiming.

use crate::Failure;
use neuronlab::nn::{FanMode, Init, Nonlinearity};
use neuronlab::random::TorchRng;
use neuronlab::{Activation, Loss, Model, Network};

pub(crate) const WIDTH: usize = 64;

/// A way to draw weights, and the activation between.
pub(crate) struct Scheme {
    pub(crate) name: &'static str,
    pub(crate) init: Init,
    pub(crate) activation: Activation,
}

/// The schemes that are compared.
pub(crate) fn schemes() -> Vec<Scheme> {
    let tanh = |name, init| Scheme { name, init, activation: Activation::TANH };
    let relu = |name, init| Scheme { name, init, activation: Activation::RELU };
    let kaiming = Init::KaimingNormal { mode: FanMode::FanIn, nonlinearity: Nonlinearity::Relu, a: 0.0 };
    vec![
        tanh("N(0, 1), tanh", Init::Normal { mean: 0.0, std: 1.0 }),
        tanh("PyTorch's default, tanh", Init::Default),
        tanh("Xavier, tanh", Init::XavierNormal { gain: 1.0 }),
        relu("Xavier, ReLU", Init::XavierNormal { gain: 1.0 }),
        relu("Kaiming, ReLU", kaiming),
    ]
}

/// Variances of the activations and the gradients of one network: of the first layer and of the last.
pub(crate) struct Signals {
    pub(crate) a: [f64; 2],
    pub(crate) da: [f64; 2],
}

/// Of a network of `depth` layers with weights of a seed.
pub(crate) fn signals(scheme: &Scheme, depth: usize, seed: u64) -> Result<Signals, Failure> {
    let network = (0..depth).fold(Network::new(WIDTH), |network, _| network.linear(WIDTH, false, scheme.activation));
    let mut rng = TorchRng::new(seed);
    let parameters = network.initialise(&scheme.init, &Init::Zeros, &mut rng);
    let mut x = vec![0.0f64; 32 * WIDTH];
    rng.normal(&mut x, 0.0, 1.0);
    let mut target = vec![0.0f64; 32 * WIDTH];
    rng.normal(&mut target, 0.0, 1.0);
    let mut model = Model::new(network, parameters)?;
    model.forward(&x);
    model.backward(&Loss::MSE_LOSS, &target);
    let of = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
    Ok(Signals { a: [0, depth - 1].map(|l| of(&model.layer(l).a)), da: [0, depth - 1].map(|l| of(&model.layer(l).da)) })
}

/// Median, and the 5 % and 95 % quantiles, of numbers of many seeds.
pub(crate) fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values[((values.len() - 1) as f64 * q).round() as usize];
    format!("{:.1e} ({:.1e} … {:.1e})", at(0.5), at(0.05), at(0.95))
}
