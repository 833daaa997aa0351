//! Squared near the target, absolute farther out, `torch.nn.SmoothL1Loss` (Girshick 2015).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With e = o − t: terms e²/(2β) for |e| < β, |e| − β/2 beyond; slope e/β, then sign(e).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmoothL1 {
    /// Where the parabola goes over into lines, above 0.
    pub beta: f64,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for SmoothL1 {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for SmoothL1 {
    const DEFAULT: Self = Self { beta: 1.0, reduction: Reduction::Mean };
    const MODULE: &'static str = "SmoothL1Loss";
    const FORMULA: &'static str = "mean: e^2 / (2 beta) if |e| < beta, else |e| - beta / 2";
    const TARGETS: Targets = Targets::Numbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// β.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [self.beta, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self { beta: 1.0, ..*self }
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S {
        let (e, beta, half) = (o - t, numbers[0], S::constant(0.5));
        S::select(e.abs().lt(beta), half * e * e / beta, e.abs() - half * beta)
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S {
        let (e, beta) = (o - t, numbers[0]);
        S::select(e.abs().lt(beta), each * e / beta, each.copysign(e))
    }
}
