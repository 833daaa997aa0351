//! Small values become 0, and large ones come nearer to it, `torch.nn.Softshrink` (Donoho 1995).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z)` is `z − λ` above λ, `z + λ` below −λ, and 0 between; `f′(z)` is 1 outside, and 0 between and at the two, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Softshrink {
    /// λ, at least 0: by so much |z| becomes less.
    pub lambd: f64,
}

impl Default for Softshrink {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Softshrink {
    const DEFAULT: Self = Self { lambd: 0.5 };
    const MODULE: &'static str = "Softshrink";
    const FORMULA: &'static str = "sign(z) * max(0, |z| - lambd)";

    fn has_kinks(&self) -> bool {
        true
    }

    /// λ.
    fn numbers(&self) -> Numbers<f64> {
        [self.lambd, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        let lambda = numbers[0];
        // 0·z rather than 0, so that NaN stays.
        let below = S::select(z.lt(-lambda), z + lambda, z * S::constant(0.0));
        S::select(lambda.lt(z), z - lambda, below)
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        S::select(numbers[0].lt(z.abs()), S::constant(1.0), S::constant(0.0))
    }
}
