//! Binary cross-entropy of any numbers, `torch.nn.BCEWithLogitsLoss`: a sigmoid and BCE (Solla, Levin and Fleisher 1988) in
//! one, without overflow.

use super::{Elementwise, PerOutput, Reduction, Targets};
use crate::nn::numbers::Numbers;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With w = 1 + (p − 1)·t: terms (1 − t)·o + w·ln(1 + e⁻ᵒ); slope (1 − t) − w·σ(−o), which is σ(o) − t for p = 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BceWithLogits {
    /// Weight of each output, a number each, at least 0: its terms are multiplied with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<Vec<f64>>,
    /// Weight p of targets 1 against targets 0, at least 0: a number, or a list of one for each output.
    pub pos_weight: PerOutput,
    /// Mean over rows and outputs, or sum.
    pub reduction: Reduction,
}

impl Default for BceWithLogits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Elementwise for BceWithLogits {
    const DEFAULT: Self = Self { weight: None, pos_weight: PerOutput::All(1.0), reduction: Reduction::Mean };
    const MODULE: &'static str = "BCEWithLogitsLoss";
    const FORMULA: &'static str = "mean (1 - t) output + (1 + (pos_weight - 1) t) ln(1 + exp(-output))";
    const TARGETS: Targets = Targets::UnitNumbers;

    fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// p − 1, where it is the same for all outputs.
    fn numbers(&self, _outputs: usize) -> Numbers<f64> {
        match self.pos_weight {
            PerOutput::All(one) => [one - 1.0, 0.0, 0.0],
            PerOutput::Each(_) => [0.0; 3],
        }
    }
    fn structure(&self) -> Self {
        match self.pos_weight {
            PerOutput::All(_) => Self { pos_weight: PerOutput::All(1.0), ..self.clone() },
            PerOutput::Each(_) => self.clone(),
        }
    }

    fn has_lists(&self) -> bool {
        self.weight.is_some() || self.pos_weight.list().is_some()
    }
    #[inline(always)]
    fn of_output<S: Scalar>(&self, numbers: &Numbers<S>, output: usize) -> (Numbers<S>, S) {
        let mut numbers = *numbers;
        if let PerOutput::Each(list) = &self.pos_weight {
            numbers[0] = S::constant(list[output] - 1.0);
        }
        (numbers, S::constant(if let Some(weight) = &self.weight { weight[output] } else { 1.0 }))
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
    fn answer<S: Scalar>(&self, _: &Numbers<S>, row: &mut [S]) {
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
