//! The exponential linear unit, `torch.nn.ELU` (Clevert, Unterthiner and Hochreiter 2015).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z` above 0 and `α·(eᶻ − 1)` below; `f′(z)` is 1 above 0, and `α·eᶻ` at 0 and below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Elu {
    /// Where f goes to far below 0 is −α.
    pub alpha: f64,
}

impl Default for Elu {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Elu {
    const DEFAULT: Self = Self { alpha: 1.0 };
    const MODULE: &'static str = "ELU";
    const FORMULA: &'static str = "z if z > 0, else alpha * (exp(z) - 1)";

    fn has_kinks(&self) -> bool {
        self.alpha != 1.0
    }

    /// α.
    fn numbers(&self) -> Numbers<f64> {
        [self.alpha, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        let below = z.min(S::constant(0.0)).exp_m1() * numbers[0];
        S::select(S::constant(0.0).lt(z), z, below)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        let below = z.min(S::constant(0.0)).exp() * numbers[0];
        S::select(S::constant(0.0).lt(z), S::constant(1.0), below)
    }
}
