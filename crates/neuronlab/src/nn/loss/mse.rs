//! Mean squared error, `torch.nn.MSELoss`: least squares (Legendre 1805).

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms (o − t)²; slope 2·(o − t).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Mse {
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for Mse {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for Mse {
    const DEFAULT: Self = Self { reduction: Reduction::Mean };
    const MODULE: &'static str = "MSELoss";
    const FORMULA: &'static str = "mean (output - target)^2";
    const TARGETS: Targets = Targets::Numbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S) -> S {
        (o - t) * (o - t)
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S, each: S) -> S {
        (each + each) * (o - t)
    }
}
