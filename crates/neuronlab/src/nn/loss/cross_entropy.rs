//! Cross-entropy of classes, `torch.nn.CrossEntropyLoss`.

use super::Criterion;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// L = mean over rows of −Σ t·ln p with p = softmax(o); ∂L/∂o = (p − t) / B.
///
/// A target row t is 1 at the class and 0 elsewhere. ln p is computed as o − m − ln Σ eᵒ⁻ᵐ with m the largest
/// output, so that no exponential overflows.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrossEntropy {}

impl Criterion for CrossEntropy {
    const MODULE: &'static str = "CrossEntropyLoss";
    const FORMULA: &'static str = "mean -ln softmax(output)[class]";
    const CLASSES: bool = true;

    #[inline(always)]
    fn value<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize) -> S {
        let mut sum = S::constant(0.0);
        for (o, t) in output.chunks_exact(outputs).zip(target.chunks_exact(outputs)) {
            let (m, exponentials) = sum_of_exponentials(o);
            let ln_sum = exponentials.ln();
            for (&o, &t) in o.iter().zip(t) {
                sum = t.mul_add(ln_sum - (o - m), sum);
            }
        }
        sum / S::constant((output.len() / outputs) as f64)
    }

    #[inline(always)]
    fn gradient<S: Scalar>(&self, output: &[S], target: &[S], outputs: usize, d: &mut [S]) {
        let rows = S::constant((output.len() / outputs) as f64);
        let all = output.chunks_exact(outputs).zip(target.chunks_exact(outputs)).zip(d.chunks_exact_mut(outputs));
        for ((o, t), d) in all {
            let (m, exponentials) = sum_of_exponentials(o);
            for ((d, &o), &t) in d.iter_mut().zip(o).zip(t) {
                let p = (o - m).exp() / exponentials;
                *d = (p - t) / rows;
            }
        }
    }

    /// p = softmax(o)
    fn answer<S: Scalar>(&self, row: &mut [S]) {
        let (m, exponentials) = sum_of_exponentials(row);
        for o in row {
            *o = (*o - m).exp() / exponentials;
        }
    }
}

/// `(m, Σ eᵒ⁻ᵐ)` with m the largest output.
#[inline(always)]
fn sum_of_exponentials<S: Scalar>(o: &[S]) -> (S, S) {
    let m = o.iter().fold(o[0], |m, &o| m.max(o));
    (m, o.iter().fold(S::constant(0.0), |sum, &o| sum + (o - m).exp()))
}
