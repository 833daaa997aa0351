//! No activation, `torch.nn.Identity`: linear neurons, as in Adaline (Widrow and Hoff 1960).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z`, `f′(z) = 1`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {}

impl Default for Identity {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Identity {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Identity";
    const FORMULA: &'static str = "z";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, _z: S, _a: S) -> S {
        S::constant(1.0)
    }
}
