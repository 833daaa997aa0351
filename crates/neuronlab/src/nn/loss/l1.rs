//! Mean absolute error, `torch.nn.L1Loss`: least absolute deviations (Boscovich 1757).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms |o − t|; slope sign(o − t), which is 0 where o = t exactly, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct L1 {
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for L1 {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for L1 {
    const DEFAULT: Self = Self { reduction: Reduction::Mean };
    const MODULE: &'static str = "L1Loss";
    const FORMULA: &'static str = "mean |output - target|";
    const TARGETS: Targets = Targets::Numbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S) -> S {
        (o - t).abs()
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S, each: S) -> S {
        let (zero, e) = (S::constant(0.0), o - t);
        // An error that is NaN has no sign: e itself goes on.
        let below = S::select(e.lt(zero), -each, e);
        S::select(zero.lt(e), each, below)
    }
}
