//! Stochastic gradient descent with momentum, `torch.optim.SGD`.

use super::{Hyper, Rule, State, at_least_zero};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// v ← momentum·v + (1 − dampening)·g, then w ← w − lr·v, in PyTorch's form: the learning rate scales the step when it
/// is taken, not what is remembered of it. The first v is g. Nesterov steps by g + momentum·v.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the velocity that is kept from step to step, at least 0.
    pub momentum: f64,
    /// Share of the gradient that is kept out of the velocity, from the second step on.
    pub dampening: f64,
    /// Whether to step by g + momentum·v; needs momentum, and no dampening.
    pub nesterov: bool,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
}

impl Default for Sgd {
    fn default() -> Self {
        Self { lr: 1e-3, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0 }
    }
}

impl Rule for Sgd {
    const MODULE: &'static str = "SGD";
    const FORMULA: &'static str = "v = momentum v + g;  w -= lr v";
    const STATE: &'static [&'static str] = &["momentum_buffer"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: Some(self.momentum) }
    }

    fn settings(&self) -> String {
        format!("momentum={}", self.momentum)
    }

    fn validate(&self) -> Result<()> {
        at_least_zero("momentum", self.momentum)?;
        at_least_zero("weight_decay", self.weight_decay)?;
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            let got = format!("momentum {} and dampening {}", self.momentum, self.dampening);
            return Err(crate::error::Error::field("optimizer.nesterov", "momentum above 0 and dampening 0", got));
        }
        Ok(())
    }

    /// The product with the momentum is rounded before the gradient is added, and the step is fused, as in PyTorch.
    #[inline(always)]
    fn step<S: Scalar>(&self, hyper: Hyper, w: &mut [S], g: &[S], state: &mut State<S>) {
        let momentum = S::constant(hyper.momentum.unwrap_or(self.momentum));
        let share = S::constant(if state.step == 1 { 1.0 } else { 1.0 - self.dampening });
        let (minus_lr, decay) = (S::constant(-hyper.lr), S::constant(self.weight_decay));
        for ((w, &g), v) in w.iter_mut().zip(g).zip(&mut state.buffers[0]) {
            let g = if self.weight_decay == 0.0 { g } else { decay.mul_add(*w, g) };
            *v = share.mul_add(g, momentum * *v);
            let direction = if self.nesterov { momentum.mul_add(*v, g) } else { *v };
            *w = minus_lr.mul_add(direction, *w);
        }
    }
}
