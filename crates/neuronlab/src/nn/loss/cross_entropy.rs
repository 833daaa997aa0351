//! Cross-entropy of classes, `torch.nn.CrossEntropyLoss`: a softmax and the negative log-likelihood in one (Bridle 1990), with
//! label smoothing (Szegedy and others 2015).

#![allow(
    clippy::needless_range_loop,
    reason = "an iterator's adapters may be compiled for a processor without the vectors"
)]

use super::class_weights::ClassWeights;
use super::{Reduction, Rowwise, Targets, sum_of_exponentials};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row's loss is −Σ w·t·ln p with p = softmax(o) and weights w that are 1 if none are given; slope p − t.
///
/// A target row t is 1 at the class and 0 elsewhere, or holds probabilities. ln p is computed as o − m − ln Σ eᵒ⁻ᵐ
/// with m the largest output, so that no exponential overflows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrossEntropy {
    /// Weight w of each class, a number each, at least 0: the terms t·ln p are multiplied with it, and the mean divides by the sum
    /// of the weights of the rows' classes (of targets that are probabilities, by the number of rows).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Vec<f64>>,
    /// Samples of this class do not count: its place among the classes, from 0. Or, where targets are numbers, a whole number
    /// that is no class and marks such samples, such as -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_index: Option<i64>,
    /// Share ε of each target that is spread evenly over all K classes: t becomes (1 − ε)·t + ε/K. 0 to 1.
    pub label_smoothing: f64,
    /// Mean over rows, or sum.
    pub reduction: Reduction,
    /// Whether targets are rows of probabilities rather than classes: the data say so.
    #[serde(skip)]
    pub distributions: bool,
}

impl Default for CrossEntropy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl CrossEntropy {
    #[inline(always)]
    fn weights(&self) -> Option<ClassWeights<'_>> {
        ClassWeights::new(self.weight.as_ref(), self.ignore_index)
    }

    /// A target after smoothing over the classes, times its weight: the factor of −ln p.
    #[inline(always)]
    fn factor<S: Scalar>(&self, numbers: &Numbers<S>, t: &[S], class: usize) -> S {
        let Some(weights) = self.weights() else { return numbers[0] * t[class] + numbers[1] };
        let counts = if self.distributions { S::constant(1.0) } else { weights.counts(t) };
        (numbers[0] * weights.counted(t, class) + numbers[1] * counts) * weights.of_class(class)
    }

    /// The sum of the factors.
    #[inline(always)]
    fn factors<S: Scalar>(&self, numbers: &Numbers<S>, t: &[S]) -> S {
        if self.weights().is_none() {
            return S::constant(1.0);
        }
        let mut sum = S::constant(0.0);
        for class in 0..t.len() {
            sum = sum + self.factor(numbers, t, class);
        }
        sum
    }
}

impl Rowwise for CrossEntropy {
    const DEFAULT: Self = Self {
        weight: None,
        ignore_index: None,
        label_smoothing: 0.0,
        reduction: Reduction::Mean,
        distributions: false,
    };
    const MODULE: &'static str = "CrossEntropyLoss";
    const FORMULA: &'static str = "mean -ln(softmax(output)[class])";
    const TARGETS: Targets = Targets::ClassesOrDistributions;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// What the class keeps, and what each of all classes gets.
    fn numbers(&self, outputs: usize) -> Numbers<f64> {
        [1.0 - self.label_smoothing, self.label_smoothing / outputs as f64, 0.0]
    }
    fn structure(&self) -> Self {
        Self { label_smoothing: 0.0, ..self.clone() }
    }

    #[inline(always)]
    fn row<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S]) -> S {
        let (m, exponentials) = sum_of_exponentials(o);
        let (ln_sum, mut sum) = (exponentials.ln(), S::constant(0.0));
        for class in 0..o.len() {
            sum = self.factor(numbers, t, class).mul_add(ln_sum - (o[class] - m), sum);
        }
        sum
    }

    #[inline(always)]
    fn row_gradient<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S], divisor: S, d: &mut [S]) {
        let (m, exponentials) = sum_of_exponentials(o);
        let factors = self.factors(numbers, t);
        for class in 0..o.len() {
            let p = (o[class] - m).exp() / exponentials;
            d[class] = (factors * p - self.factor(numbers, t, class)) / divisor;
        }
    }

    #[inline(always)]
    fn row_weights(&self) -> Option<ClassWeights<'_>> {
        if self.distributions { None } else { self.weights() }
    }

    /// p = softmax(o)
    #[inline(always)]
    fn answer<S: Scalar>(&self, _: &Numbers<S>, row: &mut [S]) {
        let (m, exponentials) = sum_of_exponentials(row);
        for o in row {
            *o = (*o - m).exp() / exponentials;
        }
    }
}
