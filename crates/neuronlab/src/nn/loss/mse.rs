//! Mean squared error, `torch.nn.MSELoss`.

use super::{Criterion, mean};
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// L = mean (o − t)²; ∂L/∂o = 2·(o − t) / (B·O).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mse {}

impl Criterion for Mse {
    const MODULE: &'static str = "MSELoss";
    const FORMULA: &'static str = "mean (output - target)^2";
    const CLASSES: bool = false;

    #[inline(always)]
    fn value<S: Scalar>(&self, output: &[S], target: &[S], _outputs: usize) -> S {
        mean(output, target, |o, t| (o - t) * (o - t))
    }

    #[inline(always)]
    fn gradient<S: Scalar>(&self, output: &[S], target: &[S], _outputs: usize, d: &mut [S]) {
        let each = S::constant(2.0) / S::constant(output.len() as f64);
        for ((d, &o), &t) in d.iter_mut().zip(output).zip(target) {
            *d = each * (o - t);
        }
    }
}
