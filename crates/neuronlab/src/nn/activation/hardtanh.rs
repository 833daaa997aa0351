//! A straight line between two walls, `torch.nn.Hardtanh` (Collobert 2004).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = min(max_val, max(min_val, z))`; `f′(z)` is 1 between the walls, and 0 at them and beyond, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hardtanh {
    /// Lower wall.
    pub min_val: f64,
    /// Upper wall, above the lower.
    pub max_val: f64,
}

impl Default for Hardtanh {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Hardtanh {
    const DEFAULT: Self = Self { min_val: -1.0, max_val: 1.0 };
    const MODULE: &'static str = "Hardtanh";
    const FORMULA: &'static str = "min(max_val, max(min_val, z))";

    fn has_kinks(&self) -> bool {
        true
    }

    /// The two walls.
    fn numbers(&self) -> Numbers<f64> {
        [self.min_val, self.max_val, 0.0]
    }
    fn structure(&self) -> Self {
        Self::DEFAULT
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, numbers: &Numbers<S>, z: S) -> S {
        z.max(numbers[0]).min(numbers[1])
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, numbers: &Numbers<S>, z: S, _a: S) -> S {
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let below_max = S::select(z.lt(numbers[1]), one, zero);
        S::select(numbers[0].lt(z), below_max, zero)
    }
}
