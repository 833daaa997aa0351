//! Numbers around their mean by the normal distribution, `torch.nn.GaussianNLLLoss` (Nix and Weigend 1994). Outputs are means.

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms (ln v + (o − t)²/v)/2 with v the larger of `var` and `eps`; slope (o − t)/v.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GaussianNll {
    /// Variance of the targets around their means, at least 0: one number, as the network gives the mean alone.
    pub var: f64,
    /// Whether ln(2π)/2 is added. No gradient depends on it.
    pub full: bool,
    /// The least that the variance is taken for.
    pub eps: f64,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for GaussianNll {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for GaussianNll {
    const DEFAULT: Self = Self { var: 1.0, full: false, eps: 1e-6, reduction: Reduction::Mean };
    const MODULE: &'static str = "GaussianNLLLoss";
    const FORMULA: &'static str = "mean (ln(var) + (output - t)^2 / var) / 2";
    const TARGETS: Targets = Targets::Numbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// v, and what does not depend on the output.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        let var = self.var.max(self.eps);
        let full = if self.full { 0.5 * std::f64::consts::TAU.ln() } else { 0.0 };
        [var, 0.5 * var.ln() + full, 0.0]
    }
    fn structure(&self) -> Self {
        Self { reduction: self.reduction, ..Self::DEFAULT }
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S {
        let e = o - t;
        S::constant(0.5) * (e * e / numbers[0]) + numbers[1]
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S {
        each * ((o - t) / numbers[0])
    }
}
