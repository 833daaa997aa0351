//! The continuously differentiable exponential linear unit, `torch.nn.CELU` (Barron 2017).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z` above 0 and `α·(e^(z/α) − 1)` below; `f′(z)` is 1 above 0, and `e^(z/α)` at 0 and below. (As in PyTorch, f′ takes
/// α as float32 holds it, in float64 too.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Celu {
    /// Where f goes to far below 0 is −α; not 0.
    pub alpha: f64,
}

impl Default for Celu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Celu {
    const DEFAULT: Self = Self { alpha: 1.0 };
    const MODULE: &'static str = "CELU";
    const FORMULA: &'static str = "z if z > 0, else alpha * (exp(z / alpha) - 1)";

    /// α, 1/α, and that of f′.
    fn numbers(&self) -> Numbers<f64> {
        [self.alpha, 1.0 / self.alpha, 1.0 / f64::from(self.alpha as f32)]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        let below = (z.min(S::constant(0.0)) * numbers[1]).exp_m1() * numbers[0];
        S::select(S::constant(0.0).lt(z), z, below)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        let below = numbers[2] * numbers[0] * (z.min(S::constant(0.0)) * numbers[2]).exp();
        S::select(S::constant(0.0).lt(z), S::constant(1.0), below)
    }
}
