//! Adam, `torch.optim.Adam`.

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays, mean, mean_square, unit_betas};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// m ← β₁·m + (1 − β₁)·g, s ← β₂·s + (1 − β₂)·g², w ← w − lr·m̂ / (√ŝ + ε), with m̂ = m / (1 − β₁ᵗ) and ŝ = s / (1 − β₂ᵗ)
/// (Kingma and Ba 2014). Weight decay is added to the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
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

impl Default for Adam {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, amsgrad: false, maximize: false }
    }
}

impl Rule<3> for Adam {
    const MODULE: &'static str = "Adam";
    const FORMULA: &'static str = "w -= lr m_hat / (sqrt(s_hat) + eps)";
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
        Self { amsgrad: self.amsgrad, weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let betas = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        factors(hyper.lr, betas, self.eps, self.weight_decay, clock)
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, remembered: [S; 3]) -> (S, [S; 3]) {
        let g = decayed(self.weight_decay, factors[6], w, g);
        update(factors, self.amsgrad, w, g, remembered)
    }
}

/// −lr / (1 − β₁ᵗ), √(1 − β₂ᵗ), 1 − β₁, β₂, 1 − β₂, ε, and what decays weights.
#[inline(always)]
pub(super) fn factors(lr: f64, [beta1, beta2]: [f64; 2], eps: f64, decay: f64, clock: &Clock) -> Factors<f64> {
    let step = clock.step as f64;
    let minus_step = -lr / (1.0 - libm::pow(beta1, step));
    let root = (1.0 - libm::pow(beta2, step)).sqrt();
    [minus_step, root, 1.0 - beta1, beta2, 1.0 - beta2, eps, decay, 0.0]
}

/// The step, when weight decay has done its part.
#[inline(always)]
pub(super) fn update<S: Scalar>(factors: &Factors<S>, amsgrad: bool, w: S, g: S, remembered: [S; 3]) -> (S, [S; 3]) {
    let [minus_step, root, take1, keep2, take2, eps, ..] = *factors;
    let [m, s, largest] = remembered;
    let (m, s) = (mean(take1, m, g), mean_square(keep2, take2, s, g));
    let largest = largest.max(s);
    let spread = if amsgrad { largest } else { s };
    (minus_step.mul_add(m / (spread.sqrt() / root + eps), w), [m, s, largest])
}
