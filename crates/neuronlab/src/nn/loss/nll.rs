//! Negative log-likelihood of classes, `torch.nn.NLLLoss`: maximum likelihood (Fisher 1922). Outputs are logarithms of
//! probabilities.

#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::class_weights::ClassWeights;
use super::{Reduction, Rowwise, Targets, exponentials};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row's loss is −o at its class; slope −t, with t 1 at the class and 0 elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Nll {
    /// Weight w of each class, a number each, at least 0: a row's loss is multiplied with that of its class, and the mean divides
    /// by the sum of the weights of the rows' classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Vec<f64>>,
    /// Samples of this class do not count: its place among the classes, from 0. Or, where targets are numbers, a whole number
    /// that is no class and marks such samples, such as -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_index: Option<i64>,
    /// Mean over rows, or sum.
    pub reduction: Reduction,
}

impl Default for Nll {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Nll {
    /// What a row has at a class, times its weight.
    #[inline(always)]
    fn factor<S: Scalar>(&self, t: &[S], class: usize) -> S {
        match self.row_weights() {
            None => t[class],
            Some(weights) => weights.counted(t, class) * weights.of_class(class),
        }
    }
}

impl Rowwise for Nll {
    const DEFAULT: Self = Self { weight: None, ignore_index: None, reduction: Reduction::Mean };
    const MODULE: &'static str = "NLLLoss";
    const FORMULA: &'static str = "mean -output[class]";
    const TARGETS: Targets = Targets::Classes;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn row<S: Scalar>(&self, _: &Numbers<S>, o: &[S], t: &[S]) -> S {
        let mut sum = S::constant(0.0);
        for class in 0..o.len() {
            sum = self.factor(t, class).mul_add(o[class], sum);
        }
        -sum
    }

    #[inline(always)]
    fn row_gradient<S: Scalar>(&self, _: &Numbers<S>, _o: &[S], t: &[S], divisor: S, d: &mut [S]) {
        for class in 0..t.len() {
            d[class] = -self.factor(t, class) / divisor;
        }
    }

    #[inline(always)]
    fn row_weights(&self) -> Option<ClassWeights<'_>> {
        ClassWeights::new(self.weight.as_ref(), self.ignore_index)
    }

    /// eᵒ
    #[inline(always)]
    fn answer<S: Scalar>(&self, _: &Numbers<S>, row: &mut [S]) {
        exponentials(row);
    }
}
