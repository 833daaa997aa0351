//! ReLU with a slope below 0, `torch.nn.LeakyReLU` (Maas, Hannun and Ng 2013).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z` above 0 and `s·z` below; `f′(z)` is 1 above 0, and s at 0 and below, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LeakyRelu {
    /// Slope s at 0 and below.
    pub negative_slope: f64,
}

impl Default for LeakyRelu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for LeakyRelu {
    const DEFAULT: Self = Self { negative_slope: 0.01 };
    const MODULE: &'static str = "LeakyReLU";
    const FORMULA: &'static str = "max(0, z) + negative_slope * min(0, z)";

    fn has_kinks(&self) -> bool {
        self.negative_slope != 1.0
    }

    /// The slope below 0.
    fn numbers(&self) -> Numbers<f64> {
        [self.negative_slope, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        S::select(S::constant(0.0).lt(z), z, z * numbers[0])
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        S::select(S::constant(0.0).lt(z), S::constant(1.0), numbers[0])
    }
}
