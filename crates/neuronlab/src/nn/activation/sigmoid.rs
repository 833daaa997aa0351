//! The logistic function (Verhulst 1838), `torch.nn.Sigmoid`; that of backpropagation's first neurons (Rumelhart, Hinton and
//! Williams 1986).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = 1 / (1 + e⁻ᶻ)`, `f′(z) = f(z)·(1 − f(z))`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sigmoid {}

impl Default for Sigmoid {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Sigmoid {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Sigmoid";
    const FORMULA: &'static str = "1 / (1 + exp(-z))";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        let one = S::constant(1.0);
        one / (one + (-z).exp())
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, _z: S, a: S) -> S {
        a * (S::constant(1.0) - a)
    }
}
