//! The hyperbolic tangent, `torch.nn.Tanh`.

use super::Elementwise;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = tanh z`, `f′(z) = 1 − f(z)²`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tanh {}

impl Elementwise for Tanh {
    const MODULE: &'static str = "Tanh";
    const FORMULA: &'static str = "tanh(z)";

    #[inline(always)]
    fn value<S: Scalar>(&self, z: S) -> S {
        z.tanh()
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _z: S, a: S) -> S {
        S::constant(1.0) - a * a
    }
}
