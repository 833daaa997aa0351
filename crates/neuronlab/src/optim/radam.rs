//! Rectified Adam, `torch.optim.RAdam` (Liu and others 2019).

use super::{Hyper, Rule, State, at_least_zero, unit_betas};
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
}

impl Default for RAdam {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0 }
    }
}

impl Rule for RAdam {
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

    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let [beta1, beta2] = [hyper.momentum.unwrap_or(self.betas[0]), self.betas[1]];
        let step = state.step as f64;
        let power = libm::pow(beta2, step);
        let longest = 2.0 / (1.0 - beta2) - 1.0;
        let length = longest - 2.0 * step * power / (1.0 - power);
        let trusted = length > 5.0;
        let rectified = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length);
        let scale = if trusted { rectified.sqrt() * (1.0 - power).sqrt() } else { 1.0 };
        let minus_step = S::constant(-hyper.lr * scale / (1.0 - libm::pow(beta1, step)));
        let (take1, keep2, take2) = (S::constant(1.0 - beta1), S::constant(beta2), S::constant(1.0 - beta2));
        let (eps, decay) = (S::constant(self.eps), S::constant(self.weight_decay));
        let [m, s] = &mut state.buffers[..] else { unreachable!("two buffers") };
        for (((w, &g), m), s) in w.iter_mut().zip(g).zip(m).zip(s) {
            let g = if self.weight_decay == 0.0 { g } else { decay.mul_add(*w, g) };
            *m = take1.mul_add(g - *m, *m);
            *s = (take2 * g).mul_add(g, keep2 * *s);
            let direction = if trusted { *m / (s.sqrt() + eps) } else { *m };
            *w = minus_step.mul_add(direction, *w);
        }
    }
}
