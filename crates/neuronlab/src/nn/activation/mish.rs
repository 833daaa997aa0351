//! Self-regularised, `torch.nn.Mish` (Misra 2019).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z·tanh(s)` with `s = ln(1 + eᶻ)`; `f′(z) = tanh(s) + z·σ(z)·(1 − tanh²(s))`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mish {}

impl Default for Mish {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Mish {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Mish";
    const FORMULA: &'static str = "z * tanh(ln(1 + exp(z)))";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z * softplus(z).tanh()
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let one = S::constant(1.0);
        let t = softplus(z).tanh();
        let sigmoid = one / (one + (-z).exp());
        t + z * sigmoid * (one - t * t)
    }
}

/// ln(1 + eᶻ); z itself above 20, as in PyTorch.
#[inline(always)]
fn softplus<S: Scalar>(z: S) -> S {
    let threshold = S::constant(20.0);
    S::select(threshold.lt(z), z, z.min(threshold).exp().ln_1p())
}
