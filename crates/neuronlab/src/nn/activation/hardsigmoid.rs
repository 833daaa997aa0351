//! A sigmoid of straight lines, `torch.nn.Hardsigmoid` (Courbariaux, Bengio and David 2015; with these walls Howard and others
//! 2019).

use super::Elementwise;
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `f(z) = min(6, max(0, z + 3)) / 6`; `f′(z)` is 1/6 between −3 and 3, and 0 at them and beyond, as in PyTorch. (Its 1/6 is
/// that of float32, in float64 too.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hardsigmoid {}

impl Default for Hardsigmoid {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Hardsigmoid {
    const DEFAULT: Self = Self {};
    const MODULE: &'static str = "Hardsigmoid";
    const FORMULA: &'static str = "min(6, max(0, z + 3)) / 6";

    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn value<S: Scalar>(&self, _: &Numbers<S>, z: S) -> S {
        let six = S::constant(6.0);
        (z + S::constant(3.0)).max(S::constant(0.0)).min(six) / six
    }

    #[inline(always)]
    fn derivative<S: Scalar>(&self, _: &Numbers<S>, z: S, _a: S) -> S {
        let (zero, three, sixth) = (S::constant(0.0), S::constant(3.0), S::constant(f64::from(1.0f32 / 6.0)));
        let below_3 = S::select(z.lt(three), sixth, zero);
        S::select((-three).lt(z), below_3, zero)
    }
}
