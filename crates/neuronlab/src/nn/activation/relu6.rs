//! ReLU that stops at 6, `torch.nn.ReLU6` (Krizhevsky 2010).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = min(6, max(0, z))`; `f′(z)` is 1 between 0 and 6, and 0 at them and beyond, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Relu6 {}

impl Default for Relu6 {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Relu6 {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "ReLU6";
    const FORMULA: &'static str = "min(6, max(0, z))";

    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z.max(S::constant(0.0)).min(S::constant(6.0))
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let below_6 = S::select(z.lt(S::constant(6.0)), one, zero);
        S::select(zero.lt(z), below_6, zero)
    }
}
