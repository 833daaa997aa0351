//! Initialisation: the numbers that parameters start from, drawn from PyTorch's stream.

use crate::error::{Error, Result};
use crate::random::{TorchReal, TorchRng};
use crate::scalar::Real;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a parameter tensor is filled.
///
/// For a `Linear` layer, `fan_in` is the number of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Init {
    /// What `torch.nn.Linear` does when it is made: U(−1/√fan_in, 1/√fan_in), weights (`kaiming_uniform_` with a = √5)
    /// and biases.
    #[default]
    Default,
    /// All zeros.
    Zeros,
    /// U(low, high), `torch.nn.init.uniform_`.
    Uniform {
        /// Lower end.
        #[serde(default)]
        low: f64,
        /// Upper end.
        #[serde(default = "one")]
        high: f64,
    },
    /// N(mean, std²), `torch.nn.init.normal_`.
    Normal {
        /// Mean.
        #[serde(default)]
        mean: f64,
        /// Standard deviation, at least 0.
        #[serde(default = "one")]
        std: f64,
    },
}

fn one() -> f64 {
    1.0
}

impl Init {
    /// Fills `values`, the weights or the biases of a layer with `fan_in` inputs.
    pub fn fill<T: Real + TorchReal>(&self, rng: &mut TorchRng, values: &mut [T], fan_in: usize, role: Role) {
        match *self {
            Self::Default => {
                let bound = match role {
                    // As PyTorch computes it: gain = √(2 / (1 + a²)) with a = √5, bound = √3·gain/√fan_in.
                    Role::Weight => {
                        let gain = (2.0 / (1.0 + 5f64.sqrt().powi(2))).sqrt();
                        3f64.sqrt() * (gain / (fan_in as f64).sqrt())
                    }
                    Role::Bias => 1.0 / (fan_in as f64).sqrt(),
                };
                rng.uniform(values, -bound, bound);
            }
            Self::Zeros => values.fill(T::constant(0.0)),
            Self::Uniform { low, high } => rng.uniform(values, low, high),
            Self::Normal { mean, std } => rng.normal(values, mean, std),
        }
    }

    /// Refuses settings that mean nothing; `field` names the place in the experiment.
    pub(crate) fn validate(&self, field: &str) -> Result<()> {
        match *self {
            Self::Uniform { low, high } if low > high => {
                Err(Error::field(format!("{field}.high"), format!("at least `low`, which is {low}"), high))
            }
            Self::Normal { std, .. } if std < 0.0 => Err(Error::field(format!("{field}.std"), "at least 0", std)),
            _ => Ok(()),
        }
    }
}

/// What a tensor of a layer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `weight[out, in]`
    Weight,
    /// `bias[out]`
    Bias,
}
