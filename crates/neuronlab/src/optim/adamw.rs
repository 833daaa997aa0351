//! Adam with decoupled weight decay, `torch.optim.AdamW`.

use super::adam::adaptive_step;
use super::{Hyper, Rule, State, at_least_zero, unit_betas};
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
}

impl Default for AdamW {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01, amsgrad: false }
    }
}

impl Rule for AdamW {
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

    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let keep = S::constant(1.0 - hyper.lr * self.weight_decay);
        let betas = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        adaptive_step(hyper.lr, betas, self.eps, self.amsgrad, |w, g| (w * keep, g), w, g, state);
    }
}
