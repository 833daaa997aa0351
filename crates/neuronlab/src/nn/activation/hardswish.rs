//! SiLU with straight walls, `torch.nn.Hardswish` (Howard and others 2019).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = z·min(6, max(0, z + 3)) / 6`; `f′(z)` is `z/3 + ½` between −3 and 3, 0 at −3 and below, 1 at 3 and above, as in
/// PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hardswish {}

impl Default for Hardswish {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Hardswish {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Hardswish";
    const FORMULA: &'static str = "z * min(6, max(0, z + 3)) / 6";

    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        let six = S::constant(6.0);
        z * (z + S::constant(3.0)).max(S::constant(0.0)).min(six) / six
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let (three, half) = (S::constant(3.0), S::constant(0.5));
        let below_3 = S::select(z.lt(three), z / three + half, S::constant(1.0));
        S::select((-three).lt(z), below_3, S::constant(0.0))
    }
}
