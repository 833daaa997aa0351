//! The sigmoid-weighted linear unit, `torch.nn.SiLU` (Elfwing, Uchibe and Doya 2017), or swish (Ramachandran, Zoph and Le
//! 2017).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z·σ(z)`, `f′(z) = σ(z)·(1 + z·(1 − σ(z)))`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Silu {}

impl Default for Silu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Silu {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "SiLU";
    const FORMULA: &'static str = "z / (1 + exp(-z))";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z / (S::constant(1.0) + (-z).exp())
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let one = S::constant(1.0);
        let sigmoid = one / (one + (-z).exp());
        sigmoid * (one + z * (one - sigmoid))
    }
}
