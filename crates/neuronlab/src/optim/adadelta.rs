//! Adadelta, `torch.optim.Adadelta` (Zeiler 2012).

use super::{Hyper, Rule, State, at_least_zero, unit};
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
}

impl Default for Adadelta {
    fn default() -> Self {
        Self { lr: 1.0, rho: 0.9, eps: 1e-6, weight_decay: 0.0 }
    }
}

impl Rule for Adadelta {
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

    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let (keep, take) = (S::constant(self.rho), S::constant(1.0 - self.rho));
        let (minus_lr, eps, decay) = (S::constant(-hyper.lr), S::constant(self.eps), S::constant(self.weight_decay));
        let [square, moved] = &mut state.buffers[..] else { unreachable!("two buffers") };
        for (((w, &g), square), moved) in w.iter_mut().zip(g).zip(square).zip(moved) {
            let g = if self.weight_decay == 0.0 { g } else { decay.mul_add(*w, g) };
            *square = (take * g).mul_add(g, keep * *square);
            let delta = (*moved + eps).sqrt() / (*square + eps).sqrt() * g;
            *moved = (take * delta).mul_add(delta, keep * *moved);
            *w = minus_lr.mul_add(delta, *w);
        }
    }
}
