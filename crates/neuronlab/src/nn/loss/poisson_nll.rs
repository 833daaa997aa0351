//! Counts by Poisson's distribution, `torch.nn.PoissonNLLLoss`: maximum likelihood (Fisher 1922; Nelder and Wedderburn 1972).

use super::{Elementwise, Reduction, Targets, exponentials};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms eᵒ − t·o, slope eᵒ − t; without `log_input` terms o − t·ln(o + eps), slope 1 − t/(o + eps).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PoissonNll {
    /// Whether an output is the logarithm of the mean count; else it is the mean count itself, above 0.
    pub log_input: bool,
    /// Whether Stirling's approximation of ln t! is added, t·ln t − t + ln(2πt)/2 for t above 1. No gradient depends on it.
    pub full: bool,
    /// Added to an output in its logarithm, without `log_input`.
    pub eps: f64,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for PoissonNll {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for PoissonNll {
    const DEFAULT: Self = Self { log_input: true, full: false, eps: 1e-8, reduction: Reduction::Mean };
    const MODULE: &'static str = "PoissonNLLLoss";
    const FORMULA: &'static str = "mean exp(output) - t * output";
    const TARGETS: Targets = Targets::Counts;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// eps.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [self.eps, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self { eps: 1e-8, ..*self }
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S {
        let term = if self.log_input { o.exp() - t * o } else { o - t * (o + numbers[0]).ln() };
        if self.full { term + stirling(t) } else { term }
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S {
        each * if self.log_input { o.exp() - t } else { S::constant(1.0) - t / (o + numbers[0]) }
    }

    /// The mean count.
    #[inline(always)]
    fn answer<S: Scalar>(&self, _: &Numbers<S>, row: &mut [S]) {
        if self.log_input {
            exponentials(row);
        }
    }
}

/// ln t! for t above 1, else 0.
#[inline(always)]
fn stirling<S: Scalar>(t: S) -> S {
    let (one, half) = (S::constant(1.0), S::constant(0.5));
    let above = t.max(one);
    let ln_factorial = above * above.ln() - above + half * (S::constant(std::f64::consts::TAU) * above).ln();
    S::select(one.lt(t), ln_factorial, S::constant(0.0))
}
