//! Rectified Adam, `torch.optim.RAdam` (Liu and others 2019).

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decay_factor, decayed_either, decays, mean, mean_square, unit_betas};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Adam, whose step is scaled by how far the variance of its root can be trusted, and is that of plain momentum while it
/// can't be: ρ∞ = 2/(1 − β₂) − 1, ρₜ = ρ∞ − 2t·β₂ᵗ/(1 − β₂ᵗ); trusted where ρₜ > 5.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RAdam {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean of gradients, and of their squares, kept from step to step; both in [0, 1).
    pub betas: [f64; 2],
    /// Added to the root, against division by zero.
    pub eps: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// Whether weights decay by themselves, as in AdamW, w ← w·(1 − lr·weight_decay), and not through the gradient.
    pub decoupled_weight_decay: bool,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for RAdam {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, decoupled_weight_decay: false, maximize: false }
    }
}

impl Rule<2> for RAdam {
    const MODULE: &'static str = "RAdam";
    const FORMULA: &'static str = "w -= lr r m_hat / (sqrt(s_hat) + eps), or lr m_hat in the first steps";
    const STATE: &'static [&'static str] = &["exp_avg", "exp_avg_sq"];

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
        let decoupled_weight_decay = self.decoupled_weight_decay && self.weight_decay != 0.0;
        Self { weight_decay: decays(self.weight_decay), decoupled_weight_decay, ..Self::default() }
    }

    /// −lr with its corrections, 1 where the root is trusted, 1 − β₁, β₂, 1 − β₂, ε, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let [beta1, beta2] = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        let step = clock.step as f64;
        let power = libm::pow(beta2, step);
        let longest = 2.0 / (1.0 - beta2) - 1.0;
        let length = longest - 2.0 * step * power / (1.0 - power);
        let trusted = length > 5.0;
        let rectified = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length);
        let scale = if trusted { rectified.sqrt() * (1.0 - power).sqrt() } else { 1.0 };
        let minus_step = -hyper.lr * scale / (1.0 - libm::pow(beta1, step));
        let trusted = f64::from(u8::from(trusted));
        let decay = decay_factor(self.decoupled_weight_decay, hyper.lr, self.weight_decay);
        [minus_step, trusted, 1.0 - beta1, beta2, 1.0 - beta2, self.eps, decay, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [m, s]: [S; 2]) -> (S, [S; 2]) {
        let [minus_step, trusted, take1, keep2, take2, eps, decay, _] = *factors;
        let (w, g) = decayed_either(self.decoupled_weight_decay, self.weight_decay, decay, w, g);
        let (m, s) = (mean(take1, m, g), mean_square(keep2, take2, s, g));
        let direction = S::select(S::constant(0.0).lt(trusted), m / (s.sqrt() + eps), m);
        (minus_step.mul_add(direction, w), [m, s])
    }
}
