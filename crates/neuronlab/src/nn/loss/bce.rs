//! Binary cross-entropy of probabilities, `torch.nn.BCELoss` (Solla, Levin and Fleisher 1988).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms −t·ln o − (1 − t)·ln(1 − o) with logarithms not below −100; slope (o − t) / max(o·(1 − o), 10⁻¹²), as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bce {
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for Bce {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Bce {
    const DEFAULT: Self = Self { reduction: Reduction::Mean };
    const MODULE: &'static str = "BCELoss";
    const FORMULA: &'static str = "mean -t ln(output) - (1 - t) ln(1 - output)";
    const TARGETS: Targets = Targets::UnitNumbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S) -> S {
        let (one, least) = (S::constant(1.0), S::constant(-100.0));
        let (ln_o, ln_rest) = (o.ln().max(least), (one - o).ln().max(least));
        (t - one) * ln_rest - t * ln_o
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S, each: S) -> S {
        let spread = ((S::constant(1.0) - o) * o).max(S::constant(1e-12));
        each * (o - t) / spread
    }
}

impl Bce {
    /// Whether a limit acts: the slope's, which does before that of the logarithms.
    pub(super) fn clamps(output: f64) -> bool {
        (1.0 - output) * output < 1e-12
    }
}
