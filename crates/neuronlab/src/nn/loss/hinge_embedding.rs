//! Near or far, `torch.nn.HingeEmbeddingLoss` (Hadsell, Chopra and LeCun 2006). Outputs are distances.

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms o where the target is 1, and max(0, margin − o) where it is −1; slope 1, and −1 below the margin, 0 at it and beyond, as
/// in PyTorch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HingeEmbedding {
    /// From here on an output is far enough.
    pub margin: f64,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for HingeEmbedding {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for HingeEmbedding {
    const DEFAULT: Self = Self { margin: 1.0, reduction: Reduction::Mean };
    const MODULE: &'static str = "HingeEmbeddingLoss";
    const FORMULA: &'static str = "mean: output if t = 1, max(0, margin - output) if t = -1";
    const TARGETS: Targets = Targets::Signs;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// The margin.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [self.margin, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self { margin: 1.0, ..*self }
    }
    fn has_kinks(&self) -> bool {
        true
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S {
        let zero = S::constant(0.0);
        S::select(zero.lt(t), o, (numbers[0] - o).max(zero))
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S {
        let zero = S::constant(0.0);
        S::select(zero.lt(t), each, S::select(o.lt(numbers[0]), -each, zero))
    }

    /// Near, 1, or far, −1.
    #[inline(always)]
    fn answer<S: Scalar>(&self, numbers: &Numbers<S>, row: &mut [S]) {
        let (one, middle) = (S::constant(1.0), numbers[0] * S::constant(0.5));
        for o in row {
            *o = S::select(o.lt(middle), one, -one);
        }
    }
}
