//! Adadelta, `torch.optim.Adadelta` (Zeiler 2012).

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays, mean_square, unit};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// s ← ρ·s + (1 − ρ)·g², d = √(u + ε) / √(s + ε) · g, u ← ρ·u + (1 − ρ)·d², w ← w − lr·d.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adadelta {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean squares kept from step to step, in [0, 1).
    pub rho: f64,
    /// Added under both roots.
    pub eps: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for Adadelta {
    fn default() -> Self {
        Self { lr: 1.0, rho: 0.9, eps: 1e-6, weight_decay: 0.0, maximize: false }
    }
}

impl Rule<2> for Adadelta {
    const MODULE: &'static str = "Adadelta";
    const FORMULA: &'static str = "d = sqrt(u + eps) / sqrt(s + eps) g;  w -= lr d";
    const STATE: &'static [&'static str] = &["square_avg", "acc_delta"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: None }
    }

    fn settings(&self) -> String {
        format!("rho={}", self.rho)
    }

    fn validate(&self) -> Result<()> {
        unit("rho", self.rho)?;
        at_least_zero("eps", self.eps)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    fn structure(&self) -> Self {
        Self { weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    /// ρ, 1 − ρ, −lr, ε, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, _clock: &mut Clock) -> Factors<f64> {
        [self.rho, 1.0 - self.rho, -hyper.lr, self.eps, self.weight_decay, 0.0, 0.0, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [s, moved]: [S; 2]) -> (S, [S; 2]) {
        let [keep, take, minus_lr, eps, decay, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let s = mean_square(keep, take, s, g);
        let delta = (moved + eps).sqrt() / (s + eps).sqrt() * g;
        (minus_lr.mul_add(delta, w), [s, mean_square(keep, take, moved, delta)])
    }
}
