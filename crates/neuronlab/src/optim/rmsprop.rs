//! RMSprop, `torch.optim.RMSprop` (Hinton 2012).

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays, mean, mean_square, unit};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// s ← α·s + (1 − α)·g², w ← w − lr·g / (√s + ε). Centered: s less the square of the mean gradient, so the root of the
/// variance. With momentum: v ← momentum·v + g / (√s + ε), w ← w − lr·v. While the momentum is 0 v stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the mean square kept from step to step, in [0, 1).
    pub alpha: f64,
    /// Added to the root, against division by zero.
    pub eps: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// Share of the velocity kept from step to step, at least 0.
    pub momentum: f64,
    /// Whether to divide by the root of the variance.
    pub centered: bool,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { lr: 1e-2, alpha: 0.99, eps: 1e-8, weight_decay: 0.0, momentum: 0.0, centered: false, maximize: false }
    }
}

impl Rule<3> for RmsProp {
    const MODULE: &'static str = "RMSprop";
    const FORMULA: &'static str = "w -= lr g / (sqrt(s) + eps)";
    const STATE: &'static [&'static str] = &["square_avg", "grad_avg", "momentum_buffer"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: Some(self.momentum) }
    }

    fn settings(&self) -> String {
        format!("alpha={}, momentum={}", self.alpha, self.momentum)
    }

    fn validate(&self) -> Result<()> {
        unit("alpha", self.alpha)?;
        at_least_zero("eps", self.eps)?;
        at_least_zero("momentum", self.momentum)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    fn structure(&self) -> Self {
        Self { centered: self.centered, weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    /// α, 1 − α, −lr, ε, momentum, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, _clock: &mut Clock) -> Factors<f64> {
        let momentum = hyper.momentum.unwrap_or(self.momentum);
        [self.alpha, 1.0 - self.alpha, -hyper.lr, self.eps, momentum, self.weight_decay, 0.0, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [s, m, v]: [S; 3]) -> (S, [S; 3]) {
        let [keep, take, minus_lr, eps, momentum, decay, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let (s, m) = (mean_square(keep, take, s, g), mean(take, m, g));
        let spread = if self.centered { (-m).mul_add(m, s) } else { s };
        let direction = g / (spread.sqrt() + eps);
        let moves = S::constant(0.0).lt(momentum);
        let moved = momentum * v + direction;
        (minus_lr.mul_add(S::select(moves, moved, direction), w), [s, m, S::select(moves, moved, v)])
    }
}
