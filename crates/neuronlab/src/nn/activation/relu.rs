//! The rectified linear unit, `torch.nn.ReLU` (Fukushima 1969; Nair and Hinton 2010).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = max(0, z)`; `f′(z)` is 1 above 0, and 0 at 0 and below, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Relu {}

impl Default for Relu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Relu {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "ReLU";
    const FORMULA: &'static str = "max(0, z)";

    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        let zero = S::constant(0.0);
        S::select(z.lt(zero), zero, z)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let zero = S::constant(0.0);
        S::select(zero.lt(z), S::constant(1.0), zero)
    }
}
