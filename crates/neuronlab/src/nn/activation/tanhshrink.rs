//! What tanh takes away, `torch.nn.Tanhshrink` (of Torch7: Collobert, Kavukcuoglu and Farabet 2011).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z − tanh z`, `f′(z) = tanh² z`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tanhshrink {}

impl Default for Tanhshrink {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Tanhshrink {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Tanhshrink";
    const FORMULA: &'static str = "z - tanh(z)";

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        z - z.tanh()
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let tanh = z.tanh();
        tanh * tanh
    }
}
