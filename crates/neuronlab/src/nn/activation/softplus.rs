//! A smooth ReLU, `torch.nn.Softplus` (Dugas, Bengio, Bélisle, Nadeau and Garcia 2000).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = ln(1 + e^(β·z)) / β`, `f′(z) = σ(β·z)`; z itself with slope 1 where β·z is above the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Softplus {
    /// Sharpness β of the bend, not 0.
    pub beta: f64,
    /// Where `β·z` is above this, f(z) = z.
    pub threshold: f64,
}

impl Default for Softplus {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Softplus {
    const DEFAULT: Self = Self { beta: 1.0, threshold: 20.0 };
    const MODULE: &'static str = "Softplus";
    const FORMULA: &'static str = "ln(1 + exp(beta * z)) / beta";

    /// β, threshold.
    fn numbers(&self) -> Numbers<f64> {
        [self.beta, self.threshold, 0.0]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        let [beta, threshold, _] = *numbers;
        let x = z * beta;
        S::select(threshold.lt(x), z, x.min(threshold).exp().ln_1p() / beta)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        let (one, [beta, threshold, _]) = (S::constant(1.0), *numbers);
        let x = z * beta;
        let e = x.min(threshold).exp();
        S::select(threshold.lt(x), one, e / (e + one))
    }
}
