//! Fans and gains: what the scale of weights depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `(fan_in, fan_out)` of a weight `[out, in]`, or `[out, in, height, width]` of a convolution.
///
/// ```
/// use neuronlab::nn::fans;
///
/// assert_eq!(fans(&[4, 2]), (2, 4));
/// assert_eq!(fans(&[8, 3, 5, 5]), (75, 200));
/// ```
///
/// # Panics
/// If there are fewer than two sizes.
pub fn fans(shape: &[usize]) -> (usize, usize) {
    let kernel: usize = shape[2..].iter().product();
    (shape[1] * kernel, shape[0] * kernel)
}

/// Which fan keeps its variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FanMode {
    /// That of the forward pass.
    #[default]
    FanIn,
    /// That of the backward pass.
    FanOut,
}

impl FanMode {
    /// The one of the two.
    pub(super) fn of(self, fan_in: usize, fan_out: usize) -> usize {
        match self {
            Self::FanIn => fan_in,
            Self::FanOut => fan_out,
        }
    }
}

/// What follows a layer, for its gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nonlinearity {
    /// Gain 1.
    Linear,
    /// Gain 1.
    Sigmoid,
    /// Gain 5/3.
    Tanh,
    /// Gain √2.
    Relu,
    /// Gain √(2 / (1 + a²)) with a the slope below 0.
    #[default]
    LeakyRelu,
    /// Gain 3/4.
    Selu,
}

impl Nonlinearity {
    /// `torch.nn.init.calculate_gain(nonlinearity, a)`
    pub fn gain(self, a: f64) -> f64 {
        match self {
            Self::Linear | Self::Sigmoid => 1.0,
            Self::Tanh => 5.0 / 3.0,
            Self::Relu => 2f64.sqrt(),
            Self::LeakyRelu => (2.0 / (1.0 + a * a)).sqrt(),
            Self::Selu => 0.75,
        }
    }
}
