//! A slow sigmoid, `torch.nn.Softsign` (Bergstra, Desjardins, Lamblin and Bengio 2009).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z / (1 + |z|)`, `f′(z) = 1 / (1 + |z|)²`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Softsign {}

impl Default for Softsign {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Softsign {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Softsign";
    const FORMULA: &'static str = "z / (1 + |z|)";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z / (S::constant(1.0) + z.abs())
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let one = S::constant(1.0);
        let size = one + z.abs();
        one / (size * size)
    }
}
