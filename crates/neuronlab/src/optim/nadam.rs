//! Adam with Nesterov momentum, `torch.optim.NAdam` (Dozat 2016).

use super::{Hyper, Rule, State, at_least_zero, unit_betas};
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
}

impl Default for NAdam {
    fn default() -> Self {
        Self { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, momentum_decay: 4e-3 }
    }
}

impl Rule for NAdam {
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

    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let [beta1, beta2] = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        let step = state.step as f64;
        let mu = |step: f64| beta1 * (1.0 - 0.5 * libm::pow(0.96, step * self.momentum_decay));
        let (now, next) = (mu(step), mu(step + 1.0));
        // PyTorch keeps the product in single precision, whatever the parameters are.
        state.product = f64::from(state.product as f32 * now as f32);
        let of_gradient = S::constant(-hyper.lr * (1.0 - now) / (1.0 - state.product));
        let of_mean = S::constant(-hyper.lr * next / (1.0 - state.product * next));
        let correction = S::constant(1.0 - libm::pow(beta2, step));
        let (take1, keep2, take2) = (S::constant(1.0 - beta1), S::constant(beta2), S::constant(1.0 - beta2));
        let (eps, decay) = (S::constant(self.eps), S::constant(self.weight_decay));
        let [m, s] = &mut state.buffers[..] else { unreachable!("two buffers") };
        for (((w, &g), m), s) in w.iter_mut().zip(g).zip(m).zip(s) {
            let g = if self.weight_decay == 0.0 { g } else { decay.mul_add(*w, g) };
            *m = take1.mul_add(g - *m, *m);
            *s = (take2 * g).mul_add(g, keep2 * *s);
            let denominator = (*s / correction).sqrt() + eps;
            *w = of_gradient.mul_add(g / denominator, *w);
            *w = of_mean.mul_add(*m / denominator, *w);
        }
    }
}
