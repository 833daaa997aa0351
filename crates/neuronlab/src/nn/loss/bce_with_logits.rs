//! Binary cross-entropy of any numbers, `torch.nn.BCEWithLogitsLoss`: a sigmoid and BCE (Solla, Levin and Fleisher 1988) in
//! one, without overflow.

use super::{Elementwise, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With w = 1 + (p − 1)·t: terms (1 − t)·o + w·ln(1 + e⁻ᵒ); slope (1 − t) − w·σ(−o), which is σ(o) − t for p = 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BceWithLogits {
    /// Weight p of targets 1 against targets 0, at least 0.
    pub pos_weight: f64,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for BceWithLogits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for BceWithLogits {
    const DEFAULT: Self = Self { pos_weight: 1.0, reduction: Reduction::Mean };
    const MODULE: &'static str = "BCEWithLogitsLoss";
    const FORMULA: &'static str = "mean (1 - t) output + (1 + (pos_weight - 1) t) ln(1 + exp(-output))";
    const TARGETS: Targets = Targets::UnitNumbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// p − 1.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        [self.pos_weight - 1.0, 0.0, 0.0]
    }
    fn structure(&self) -> Self {
        Self { pos_weight: 1.0, ..*self }
    }

    #[inline(always)]
    fn term<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S) -> S {
        let (zero, one) = (S::constant(0.0), S::constant(1.0));
        let softplus = (-o.abs()).exp().ln_1p() + (-o).max(zero);
        (one - t) * o + Self::weight(numbers, t) * softplus
    }

    #[inline(always)]
    fn slope<S: Scalar>(&self, numbers: &Numbers<S>, o: S, t: S, each: S) -> S {
        let one = S::constant(1.0);
        let sigmoid = one / (one + (-o).exp());
        each * ((one - t) - Self::weight(numbers, t) * (one - sigmoid))
    }

    /// σ(o)
    #[inline(always)]
    fn answer<S: Scalar>(&self, row: &mut [S]) {
        let one = S::constant(1.0);
        for o in row {
            *o = one / (one + (-*o).exp());
        }
    }
}

impl BceWithLogits {
    /// 1 + (p − 1)·t
    #[inline(always)]
    fn weight<S: Scalar>(numbers: &Numbers<S>, t: S) -> S {
        S::constant(1.0) + numbers[0] * t
    }
}
