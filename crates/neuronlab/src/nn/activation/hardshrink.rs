//! Small values become 0, `torch.nn.Hardshrink` (Donoho and Johnstone 1994).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z)` is z where |z| is above λ, and else 0; `f′(z)` is 1 there, and else 0, at ±λ too, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hardshrink {
    /// λ: up to this |z| becomes 0.
    pub lambd: f64,
}

impl Default for Hardshrink {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Hardshrink {
    const DEFAULT: Self = Self { lambd: 0.5 };
    const MODULE: &'static str = "Hardshrink";
    const FORMULA: &'static str = "z if |z| > lambd, else 0";

    fn has_kinks(&self) -> bool {
        true
    }

    /// λ.
    fn numbers(&self) -> Numbers<f64> {
        [self.lambd, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        // 0·z rather than 0, so that NaN stays.
        S::select(numbers[0].lt(z.abs()), z, z * S::constant(0.0))
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        S::select(numbers[0].lt(z.abs()), S::constant(1.0), S::constant(0.0))
    }
}
