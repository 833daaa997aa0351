//! Divergence of distributions (Kullback and Leibler 1951), `torch.nn.KLDivLoss`. Outputs are logarithms of probabilities.

use super::{Elementwise, Reduction, Targets, exponentials};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms t·(ln t − o), 0 where t = 0; slope −t. With `log_target` a target is ln t itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KlDiv {
    /// Whether targets are logarithms of probabilities.
    pub log_target: bool,
    /// `batchmean`, which is the divergence of its definition; `mean` over rows and outputs (PyTorch's default); or sum.
    pub reduction: Reduction,
}

impl Default for KlDiv {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for KlDiv {
    const DEFAULT: Self = Self { log_target: false, reduction: Reduction::Mean };
    const MODULE: &'static str = "KLDivLoss";
    const FORMULA: &'static str = "mean t (ln(t) - output)";
    const TARGETS: Targets = Targets::Distributions;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, _: &Numbers<S>, o: S, t: S) -> S {
        let zero = S::constant(0.0);
        if self.log_target { t.exp() * (t - o) } else { S::select(zero.lt(t), t * (t.ln() - o), zero) }
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, _: &Numbers<S>, _o: S, t: S, each: S) -> S {
        -(if self.log_target { t.exp() } else { t }) * each
    }

    /// eᵒ
    #[inline(always)]
    fn answer<S: Scalar>(&self, _: &Numbers<S>, row: &mut [S]) {
        exponentials(row);
    }
}
