//! Initialisation: the numbers that parameters start from, drawn from PyTorch's stream, as `torch.nn.init` does.

mod fan;
mod given;
mod householder;
mod orthogonal;
mod trunc_normal;

pub use fan::{FanMode, Nonlinearity, fans};
pub use given::Given;

use crate::error::{Error, Result};
use crate::limits::ends;
use crate::random::{TorchReal, TorchRng};
use crate::scalar::Real;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a parameter tensor is filled.
///
/// `fan_in` is the number of inputs of a neuron, `fan_out` the number of neurons that an input goes to; for a
/// convolution both are multiplied by the size of the kernel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Init {
    /// What `torch.nn.Linear` and `Conv2d` do when they are made: U(−1/√fan_in, 1/√fan_in), weights (`kaiming_uniform_`
    /// with a = √5) and biases; after LeCun, Bottou, Orr and Müller (1998), whose deviation is 1/√fan_in itself.
    #[default]
    Default,
    /// All zeros, `zeros_`.
    Zeros,
    /// All ones, `ones_`.
    Ones,
    /// All the same, `constant_`.
    Constant {
        /// The number.
        value: f64,
    },
    /// U(low, high), `uniform_`.
    Uniform {
        /// Lower end.
        #[serde(default)]
        low: f64,
        /// Upper end.
        #[serde(default = "one")]
        high: f64,
    },
    /// N(mean, std²), `normal_`.
    Normal {
        /// Mean.
        #[serde(default)]
        mean: f64,
        /// Standard deviation, at least 0.
        #[serde(default = "one")]
        std: f64,
    },
    /// N(mean, std²) without what lies outside of a to b, `trunc_normal_`; by rejection (von Neumann 1951).
    TruncNormal {
        /// Mean, before truncation.
        #[serde(default)]
        mean: f64,
        /// Standard deviation before truncation, more than 0.
        #[serde(default = "one")]
        std: f64,
        /// Lower end.
        #[serde(default = "minus_two")]
        a: f64,
        /// Upper end, above the lower.
        #[serde(default = "two")]
        b: f64,
    },
    /// U(−b, b) with b = gain·√(6 / (fan_in + fan_out)), `xavier_uniform_` (Glorot and Bengio 2010).
    XavierUniform {
        /// Factor for the nonlinearity that follows, such as 5/3 for tanh.
        #[serde(default = "one")]
        gain: f64,
    },
    /// N(0, σ²) with σ = gain·√(2 / (fan_in + fan_out)), `xavier_normal_` (Glorot and Bengio 2010).
    XavierNormal {
        /// Factor for the nonlinearity that follows, such as 5/3 for tanh.
        #[serde(default = "one")]
        gain: f64,
    },
    /// U(−b, b) with b = gain·√(3 / fan), `kaiming_uniform_` (He, Zhang, Ren and Sun 2015).
    KaimingUniform {
        /// Which fan keeps its variance.
        #[serde(default)]
        mode: FanMode,
        /// What follows the layer; it gives the gain.
        #[serde(default)]
        nonlinearity: Nonlinearity,
        /// Slope below 0 of `leaky_relu`.
        #[serde(default)]
        a: f64,
    },
    /// N(0, σ²) with σ = gain / √fan, `kaiming_normal_` (He, Zhang, Ren and Sun 2015).
    KaimingNormal {
        /// Which fan keeps its variance.
        #[serde(default)]
        mode: FanMode,
        /// What follows the layer; it gives the gain.
        #[serde(default)]
        nonlinearity: Nonlinearity,
        /// Slope below 0 of `leaky_relu`.
        #[serde(default)]
        a: f64,
    },
    /// Rows or columns of length `gain` at right angles to each other, `orthogonal_` (Saxe, McClelland and Ganguli 2013).
    Orthogonal {
        /// Length.
        #[serde(default = "one")]
        gain: f64,
    },
    /// Numbers that are given, by the parameters' names; only as the experiment's `init`. Parameters that are not named are drawn
    /// as by `default`.
    Given(Given),
}

fn one() -> f64 {
    1.0
}

fn two() -> f64 {
    2.0
}

fn minus_two() -> f64 {
    -2.0
}

impl Init {
    /// Whether a weight of this shape can be drawn before somebody loses patience: orthogonal vectors are made one by one, each
    /// against all before.
    ///
    /// # Errors
    /// It would take hours.
    pub fn check_size(&self, shape: &[usize]) -> Result<()> {
        let Self::Orthogonal { .. } = self else { return Ok(()) };
        let (rows, all) = (shape[0] as u128, shape.iter().fold(1u128, |all, &n| all.saturating_mul(n as u128)));
        let work = all.saturating_mul(2 * rows.min(all / rows.max(1)));
        ends(("init", work, "a smaller weight, or another scheme"), "an orthogonal weight")
    }

    /// Fills the weight of a layer; `shape` is `[out, in]`, or `[out, in, height, width]` of a convolution.
    ///
    /// # Panics
    /// If `shape` has fewer than two sizes, or not as many elements as `values`.
    pub fn fill_weight<T: Real + TorchReal>(&self, rng: &mut TorchRng, values: &mut [T], shape: &[usize]) {
        assert_eq!(values.len(), shape.iter().product::<usize>(), "as many values as the shape says");
        let (fan_in, fan_out) = fans(shape);
        let xavier = |gain: f64| gain * (2.0 / (fan_in + fan_out) as f64).sqrt();
        let kaiming = |mode: FanMode, nonlinearity: Nonlinearity, a: f64| {
            nonlinearity.gain(a) / (mode.of(fan_in, fan_out) as f64).sqrt()
        };
        let mut symmetric = |std: f64| {
            let bound = 3f64.sqrt() * std;
            rng.uniform(values, -bound, bound);
        };
        match *self {
            Self::Default | Self::Given(_) => symmetric(kaiming(FanMode::FanIn, Nonlinearity::LeakyRelu, 5f64.sqrt())),
            Self::XavierUniform { gain } => symmetric(xavier(gain)),
            Self::KaimingUniform { mode, nonlinearity, a } => symmetric(kaiming(mode, nonlinearity, a)),
            Self::XavierNormal { gain } => rng.normal(values, 0.0, xavier(gain)),
            Self::KaimingNormal { mode, nonlinearity, a } => rng.normal(values, 0.0, kaiming(mode, nonlinearity, a)),
            Self::Orthogonal { gain } => orthogonal::fill(rng, values, shape[0], gain),
            _ => self.fill_plain(rng, values),
        }
    }

    /// Fills the bias of a layer whose weight has `shape`.
    pub fn fill_bias<T: Real + TorchReal>(&self, rng: &mut TorchRng, values: &mut [T], shape: &[usize]) {
        match self {
            Self::Default => {
                let bound = 1.0 / (fans(shape).0 as f64).sqrt();
                rng.uniform(values, -bound, bound);
            }
            _ => self.fill_plain(rng, values),
        }
    }

    /// The schemes that look at no shape.
    fn fill_plain<T: Real + TorchReal>(&self, rng: &mut TorchRng, values: &mut [T]) {
        match *self {
            Self::Ones => values.fill(T::constant(1.0)),
            Self::Constant { value } => values.fill(T::constant(value)),
            Self::Uniform { low, high } => rng.uniform(values, low, high),
            Self::Normal { mean, std } => rng.normal(values, mean, std),
            Self::TruncNormal { mean, std, a, b } => trunc_normal::fill(rng, values, mean, std, (a, b)),
            _ => values.fill(T::constant(0.0)),
        }
    }

    /// Refuses settings that mean nothing; `field` names the place in the experiment.
    pub(crate) fn validate(&self, field: &str) -> Result<()> {
        match *self {
            Self::Uniform { low, high } if low > high => {
                Err(Error::field(format!("{field}.high"), format!("at least `low`, which is {low}"), high))
            }
            Self::TruncNormal { a, b, .. } if a >= b => {
                Err(Error::field(format!("{field}.b"), format!("more than `a`, which is {a}"), b))
            }
            Self::TruncNormal { std, .. } if std <= 0.0 => {
                Err(Error::field(format!("{field}.std"), "more than 0", std))
            }
            Self::Given(ref given) if field == "init" => given.validate(),
            Self::Given(_) => {
                let error = Error::field(field, "a scheme for one tensor", "`given`");
                Err(error.with_hint("it belongs into the experiment's `init`, which names the tensors"))
            }
            Self::Normal { std, .. } if std < 0.0 => Err(Error::field(format!("{field}.std"), "at least 0", std)),
            _ => Ok(()),
        }
    }

    /// The same for a bias, which has no fan_out and no rows.
    pub(crate) fn validate_bias(&self, field: &str) -> Result<()> {
        match self {
            Self::XavierUniform { .. }
            | Self::XavierNormal { .. }
            | Self::KaimingUniform { .. }
            | Self::KaimingNormal { .. }
            | Self::Orthogonal { .. } => {
                let error = Error::field(field, "a scheme for vectors", "one for matrices");
                Err(error.with_hint("such as `default`, `zeros`, `constant`, `uniform`, `normal`"))
            }
            Self::Given(_) => {
                let error = Error::field(field, "a scheme for one tensor", "`given`");
                Err(error.with_hint("`init` names weights and biases alike: init = { name = \"given\", … }"))
            }
            _ => self.validate(field),
        }
    }
}
