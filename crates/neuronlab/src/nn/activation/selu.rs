//! The self-normalising ELU, `torch.nn.SELU` (Klambauer, Unterthiner, Mayr and Hochreiter 2017).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = λ·z` above 0 and `λ·α·(eᶻ − 1)` below; `f′(z)` is λ above 0, and `λ·α·eᶻ` at 0 and below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Selu {}

impl Default for Selu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Selu {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "SELU";
    const FORMULA: &'static str = "1.0507 * (z if z > 0, else 1.6733 * (exp(z) - 1))";

    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        let below = z.min(S::constant(0.0)).exp_m1() * S::constant(LAMBDA * ALPHA);
        S::select(S::constant(0.0).lt(z), z * S::constant(LAMBDA), below)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let below = z.min(S::constant(0.0)).exp() * S::constant(LAMBDA * ALPHA);
        S::select(S::constant(0.0).lt(z), S::constant(LAMBDA), below)
    }
}

/// The fixed point at which mean 0 and variance 1 are kept; the paper's numbers, as PyTorch has them.
const LAMBDA: f64 = 1.050_700_987_355_480_5;
const ALPHA: f64 = 1.673_263_242_354_377_2;
