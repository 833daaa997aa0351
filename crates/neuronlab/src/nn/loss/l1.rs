//! Mean absolute error, `torch.nn.L1Loss`.

use super::{Criterion, mean};
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// L = mean |o − t|; ∂L/∂o = sign(o − t) / (B·O), which is 0 where o = t exactly, as in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct L1 {}

impl Criterion for L1 {
    const MODULE: &'static str = "L1Loss";
    const FORMULA: &'static str = "mean |output - target|";
    const CLASSES: bool = false;

    #[inline(always)]
    fn value<S: Scalar>(&self, output: &[S], target: &[S], _outputs: usize) -> S {
        mean(output, target, |o, t| (o - t).abs())
    }

    #[inline(always)]
    fn gradient<S: Scalar>(&self, output: &[S], target: &[S], _outputs: usize, d: &mut [S]) {
        let zero = S::constant(0.0);
        let each = S::constant(1.0) / S::constant(output.len() as f64);
        for ((d, &o), &t) in d.iter_mut().zip(output).zip(target) {
            let e = o - t;
            // An error that is NaN has no sign: e itself goes on.
            let below = S::select(e.lt(zero), -each, e);
            *d = S::select(zero.lt(e), each, below);
        }
    }
}
