//! Adam with Nesterov momentum, `torch.optim.NAdam` (Dozat 2016).

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decay_factor, decayed_either, decays, mean, mean_square, unit_betas};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// With μₜ = β₁·(1 − 0.96^(t·momentum_decay) / 2) and Πₜ the product of all μ so far:
/// w ← w − lr·((1 − μₜ)/(1 − Πₜ)·g + μₜ₊₁/(1 − Πₜ₊₁)·m) / (√ŝ + ε), with m, ŝ as in Adam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NAdam {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean of gradients, and of their squares, kept from step to step; both in [0, 1).
    pub betas: [f64; 2],
    /// Added to the root, against division by zero.
    pub eps: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// How fast the momentum grows towards β₁, at least 0.
    pub momentum_decay: f64,
    /// Whether weights decay by themselves, as in AdamW, w ← w·(1 − lr·weight_decay), and not through the gradient.
    pub decoupled_weight_decay: bool,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for NAdam {
    fn default() -> Self {
        Self { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, momentum_decay: 4e-3, decoupled_weight_decay: false, maximize: false }
    }
}

impl Rule<2> for NAdam {
    const MODULE: &'static str = "NAdam";
    const FORMULA: &'static str = "w -= lr ((1 - mu) / (1 - prod) g + mu_next / (1 - prod mu_next) m) / (sqrt(s_hat) + eps)";
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
        at_least_zero("momentum_decay", self.momentum_decay)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    fn structure(&self) -> Self {
        let decoupled_weight_decay = self.decoupled_weight_decay && self.weight_decay != 0.0;
        Self { weight_decay: decays(self.weight_decay), decoupled_weight_decay, ..Self::default() }
    }

    /// Factors of the gradient and of the mean, 1 − β₂ᵗ, 1 − β₁, β₂, 1 − β₂, ε, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let [beta1, beta2] = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        let step = clock.step as f64;
        let mu = |step: f64| beta1 * (1.0 - 0.5 * libm::pow(0.96, step * self.momentum_decay));
        let (now, next) = (mu(step), mu(step + 1.0));
        // PyTorch keeps the product in single precision, whatever the parameters are.
        clock.carried = f64::from(clock.carried as f32 * now as f32);
        let of_gradient = -hyper.lr * (1.0 - now) / (1.0 - clock.carried);
        let of_mean = -hyper.lr * next / (1.0 - clock.carried * next);
        let correction = 1.0 - libm::pow(beta2, step);
        let decay = decay_factor(self.decoupled_weight_decay, hyper.lr, self.weight_decay);
        [of_gradient, of_mean, correction, 1.0 - beta1, beta2, 1.0 - beta2, self.eps, decay]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [m, s]: [S; 2]) -> (S, [S; 2]) {
        let [of_gradient, of_mean, correction, take1, keep2, take2, eps, decay] = *factors;
        let (w, g) = decayed_either(self.decoupled_weight_decay, self.weight_decay, decay, w, g);
        let (m, s) = (mean(take1, m, g), mean_square(keep2, take2, s, g));
        let denominator = (s / correction).sqrt() + eps;
        let w = of_gradient.mul_add(g / denominator, w);
        (of_mean.mul_add(m / denominator, w), [m, s])
    }
}
