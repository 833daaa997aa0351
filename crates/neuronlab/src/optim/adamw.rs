//! Adam with decoupled weight decay, `torch.optim.AdamW`.

use super::{Clock, Factors, Hyper, Rule, adam, at_least_zero, unit_betas};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Adam, with weight decay of the weights themselves: w ← w·(1 − lr·weight_decay) before the step (Loshchilov and Hutter
/// 2017).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdamW {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean of gradients, and of their squares, kept from step to step; both in [0, 1).
    pub betas: [f64; 2],
    /// Added to the root, against division by zero.
    pub eps: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Whether to divide by the largest root so far (Reddi, Kale and Kumar 2018).
    pub amsgrad: bool,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for AdamW {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01, amsgrad: false, maximize: false }
    }
}

impl Rule<3> for AdamW {
    const MODULE: &'static str = "AdamW";
    const FORMULA: &'static str = "w *= 1 - lr weight_decay;  w -= lr m_hat / (sqrt(s_hat) + eps)";
    const STATE: &'static [&'static str] = &["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: Some(self.betas[0]) }
    }

    fn settings(&self) -> String {
        format!("betas=({}, {})", self.betas[0], self.betas[1])
    }

    fn validate(&self) -> Result<()> {
        unit_betas(self.betas)?;
        at_least_zero("eps", self.eps)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    fn structure(&self) -> Self {
        Self { amsgrad: self.amsgrad, ..Self::default() }
    }

    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let betas = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        adam::factors(hyper.lr, betas, self.eps, 1.0 - hyper.lr * self.weight_decay, clock)
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, remembered: [S; 3]) -> (S, [S; 3]) {
        adam::update(factors, self.amsgrad, w * factors[6], g, remembered)
    }
}
