//! RMSprop, `torch.optim.RMSprop` (Hinton 2012).

use super::{Hyper, Rule, State, at_least_zero, unit};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// s ← α·s + (1 − α)·g², w ← w − lr·g / (√s + ε). Centered: s less the square of the mean gradient, so the root of the
/// variance. With momentum: v ← momentum·v + g / (√s + ε), w ← w − lr·v.
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
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { lr: 1e-2, alpha: 0.99, eps: 1e-8, weight_decay: 0.0, momentum: 0.0, centered: false }
    }
}

impl Rule for RmsProp {
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

    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let (keep, take) = (S::constant(self.alpha), S::constant(1.0 - self.alpha));
        let (minus_lr, eps, decay) = (S::constant(-hyper.lr), S::constant(self.eps), S::constant(self.weight_decay));
        let momentum = S::constant(hyper.momentum.unwrap_or(self.momentum));
        let [square, mean, v] = &mut state.buffers[..] else { unreachable!("three buffers") };
        for ((((w, &g), square), mean), v) in w.iter_mut().zip(g).zip(square).zip(mean).zip(v) {
            let g = if self.weight_decay == 0.0 { g } else { decay.mul_add(*w, g) };
            *square = (take * g).mul_add(g, keep * *square);
            *mean = take.mul_add(g - *mean, *mean);
            let spread = if self.centered { (-*mean).mul_add(*mean, *square) } else { *square };
            *v = momentum * *v + g / (spread.sqrt() + eps);
            *w = minus_lr.mul_add(*v, *w);
        }
    }
}
