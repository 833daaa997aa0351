//! A straight line between two walls, `torch.nn.Hardtanh` (Collobert 2004).

use super::Elementwise;
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

    #[inline(always)]
    fn value<S: Scalar>(&self, z: S) -> S {
        z.max(S::constant(self.min_val)).min(S::constant(self.max_val))
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, z: S, _a: S) -> S {
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let below_max = S::select(z.lt(S::constant(self.max_val)), one, zero);
        S::select(S::constant(self.min_val).lt(z), below_max, zero)
    }
}
