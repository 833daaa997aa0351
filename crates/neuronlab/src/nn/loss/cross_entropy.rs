//! Cross-entropy of classes, `torch.nn.CrossEntropyLoss`: a softmax and the negative log-likelihood in one (Bridle 1990), with
//! label smoothing (Szegedy and others 2015).

use super::{Reduction, Rowwise, Targets, sum_of_exponentials};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A row's loss is −Σ t·ln p with p = softmax(o); slope p − t.
///
/// A target row t is 1 at the class and 0 elsewhere, or holds probabilities. ln p is computed as o − m − ln Σ eᵒ⁻ᵐ
/// with m the largest output, so that no exponential overflows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CrossEntropy {
    /// Share ε of each target that is spread evenly over all K classes: t becomes (1 − ε)·t + ε/K. 0 to 1.
    pub label_smoothing: f64,
    /// Mean over rows, or sum.
    pub reduction: Reduction,
}

impl Default for CrossEntropy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl CrossEntropy {
    /// A target after smoothing over the classes.
    #[inline(always)]
    fn smooth<S: Scalar>(numbers: &Numbers<S>, t: S) -> S {
        numbers[0] * t + numbers[1]
    }
}

impl Rowwise for CrossEntropy {
    const DEFAULT: Self = Self { label_smoothing: 0.0, reduction: Reduction::Mean };
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
        Self { label_smoothing: 0.0, ..*self }
    }

    #[inline(always)]
    fn row<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S]) -> S {
        let (m, exponentials) = sum_of_exponentials(o);
        let (ln_sum, mut sum) = (exponentials.ln(), S::constant(0.0));
        for (&z, &t) in o.iter().zip(t) {
            sum = Self::smooth(numbers, t).mul_add(ln_sum - (z - m), sum);
        }
        sum
    }

    #[inline(always)]
    fn row_gradient<S: Scalar>(&self, numbers: &Numbers<S>, o: &[S], t: &[S], rows: S, d: &mut [S]) {
        let (m, exponentials) = sum_of_exponentials(o);
        for ((d, &o), &t) in d.iter_mut().zip(o).zip(t) {
            let p = (o - m).exp() / exponentials;
            *d = (p - Self::smooth(numbers, t)) / rows;
        }
    }

    /// p = softmax(o)
    #[inline(always)]
    fn answer<S: Scalar>(&self, row: &mut [S]) {
        let (m, exponentials) = sum_of_exponentials(row);
        for o in row {
            *o = (*o - m).exp() / exponentials;
        }
    }
}
