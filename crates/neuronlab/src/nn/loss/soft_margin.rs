//! The logistic loss of targets 1 and −1, `torch.nn.SoftMarginLoss` (Friedman, Hastie and Tibshirani 2000).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms ln(1 + e⁻ᵗᵒ), computed so that no exponential overflows (PyTorch's own does); slope −t·σ(−t·o).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SoftMargin {
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for SoftMargin {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for SoftMargin {
    const DEFAULT: Self = Self { reduction: Reduction::Mean };
    const MODULE: &'static str = "SoftMarginLoss";
    const FORMULA: &'static str = "mean ln(1 + exp(-t * output))";
    const TARGETS: Targets = Targets::Signs;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S) -> S {
        let x = -t * o;
        (-x.abs()).exp().ln_1p() + x.max(S::constant(0.0))
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S, each: S) -> S {
        -(each * t) / (S::constant(1.0) + (t * o).exp())
    }

    /// The probability of 1 less that of −1.
    #[inline(always)]
    fn answer<S: Scalar>(&self, _: &Numbers<S>, row: &mut [S]) {
        for o in row {
            *o = (*o * S::constant(0.5)).tanh();
        }
    }
}
