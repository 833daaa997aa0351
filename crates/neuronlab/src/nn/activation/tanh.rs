//! The hyperbolic tangent, `torch.nn.Tanh`; better than the sigmoid, as its mean is near 0 (LeCun, Bottou, Orr and Müller
//! 1998).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = tanh z`, `f′(z) = 1 − f(z)²`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tanh {}

impl Default for Tanh {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Tanh {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Tanh";
    const FORMULA: &'static str = "tanh(z)";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z.tanh()
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, _z: S, a: S) -> S {
        S::constant(1.0) - a * a
    }
}
