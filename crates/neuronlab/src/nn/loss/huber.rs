//! Squared near the target, absolute farther out, `torch.nn.HuberLoss` (Huber 1964).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With e = o − t: terms e²/2 for |e| < δ, δ·(|e| − δ/2) beyond; slope e, then δ·sign(e).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Huber {
    /// Where the parabola goes over into lines, above 0.
    pub delta: f64,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for Huber {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Huber {
    const DEFAULT: Self = Self { delta: 1.0, reduction: Reduction::Mean };
    const MODULE: &'static str = "HuberLoss";
    const FORMULA: &'static str = "mean: e^2 / 2 if |e| < delta, else delta * (|e| - delta / 2)";
    const TARGETS: Targets = Targets::Numbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// δ.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [self.delta, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self { delta: 1.0, ..*self }
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S {
        let (e, delta, half) = (o - t, numbers[0], S::constant(0.5));
        S::select(e.abs().lt(delta), half * e * e, delta * (e.abs() - half * delta))
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S {
        let (e, delta) = (o - t, numbers[0]);
        S::select(e.abs().lt(delta), each * e, (each * delta).copysign(e))
    }
}
