//! Adam with a largest gradient in place of the root, `torch.optim.Adamax`.

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays, mean, unit_betas};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// m ← β₁·m + (1 − β₁)·g, u ← max(β₂·u, |g| + ε), w ← w − lr·m̂ / u, with m̂ = m / (1 − β₁ᵗ) (Kingma and Ba 2014, section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adamax {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean of gradients, and of the largest gradient, kept from step to step; both in [0, 1).
    pub betas: [f64; 2],
    /// Added to the size of each gradient, against division by zero.
    pub eps: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for Adamax {
    fn default() -> Self {
        Self { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, maximize: false }
    }
}

impl Rule<2> for Adamax {
    const MODULE: &'static str = "Adamax";
    const FORMULA: &'static str = "u = max(beta2 u, |g| + eps);  w -= lr m_hat / u";
    const STATE: &'static [&'static str] = &["exp_avg", "exp_inf"];

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
        Self { weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    /// −lr / (1 − β₁ᵗ), 1 − β₁, β₂, ε, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let beta1 = hyper.momentum.unwrap_or(self.betas[0]);
        let minus_step = -hyper.lr / (1.0 - libm::pow(beta1, clock.step as f64));
        [minus_step, 1.0 - beta1, self.betas[1], self.eps, self.weight_decay, 0.0, 0.0, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [m, largest]: [S; 2]) -> (S, [S; 2]) {
        let [minus_step, take1, keep2, eps, decay, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let m = mean(take1, m, g);
        let largest = (keep2 * largest).max(g.abs() + eps);
        (minus_step.mul_add(m / largest, w), [m, largest])
    }
}
