//! The logarithm of the sigmoid, `torch.nn.LogSigmoid` (of Torch7: Collobert, Kavukcuoglu and Farabet 2011).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = ln σ(z)`, computed as `min(0, z) − ln(1 + e^(−|z|))`; `f′(z) = σ(−z)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogSigmoid {}

impl Default for LogSigmoid {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for LogSigmoid {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "LogSigmoid";
    const FORMULA: &'static str = "-ln(1 + exp(-z))";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z.min(S::constant(0.0)) - (-z.abs()).exp().ln_1p()
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let one = S::constant(1.0);
        one / (one + z.exp())
    }
}
