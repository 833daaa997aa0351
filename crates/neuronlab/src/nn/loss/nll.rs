//! Negative log-likelihood of classes, `torch.nn.NLLLoss`: maximum likelihood (Fisher 1922). Outputs are logarithms of
//! probabilities.

use super::{Reduction, Rowwise, Targets, exponentials};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row's loss is −o at its class; slope −t, with t 1 at the class and 0 elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Nll {
    /// Mean over rows, or sum.
    pub reduction: Reduction,
}

impl Default for Nll {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Rowwise for Nll {
    const DEFAULT: Self = Self { reduction: Reduction::Mean };
    const MODULE: &'static str = "NLLLoss";
    const FORMULA: &'static str = "mean -output[class]";
    const TARGETS: Targets = Targets::Classes;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn row<S: Scalar>(&self, _: &Numbers<S>, o: &[S], t: &[S]) -> S {
        let mut sum = S::constant(0.0);
        for (&o, &t) in o.iter().zip(t) {
            sum = t.mul_add(o, sum);
        }
        -sum
    }

    #[inline(always)]
    fn row_gradient<S: Scalar>(&self, _: &Numbers<S>, _o: &[S], t: &[S], rows: S, d: &mut [S]) {
        for (d, &t) in d.iter_mut().zip(t) {
            *d = -t / rows;
        }
    }

    /// eᵒ
    #[inline(always)]
    fn answer<S: Scalar>(&self, row: &mut [S]) {
        exponentials(row);
    }
}
