//! Binary cross-entropy of probabilities, `torch.nn.BCELoss` (Solla, Levin and Fleisher 1988).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms −t·ln o − (1 − t)·ln(1 − o) with logarithms not below −100; slope (o − t) / max(o·(1 − o), 10⁻¹²), as in PyTorch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Bce {
    /// Weight of each output, a number each, at least 0: its terms are multiplied with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Vec<f64>>,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for Bce {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Bce {
    const DEFAULT: Self = Self { weight: None, reduction: Reduction::Mean };
    const MODULE: &'static str = "BCELoss";
    const FORMULA: &'static str = "mean -t ln(output) - (1 - t) ln(1 - output)";
    const TARGETS: Targets = Targets::UnitNumbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    fn has_lists(&self) -> bool {
        self.weight.is_some()
    }
    #[inline(always)]
    fn of_output<S: Scalar>(&self, numbers: &Numbers<S>, output: usize) -> (Numbers<S>, S) {
        (*numbers, S::constant(if let Some(weight) = &self.weight { weight[output] } else { 1.0 }))
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
