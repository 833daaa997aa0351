//! Stochastic gradient descent with momentum, `torch.optim.SGD`.

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// v ← momentum·v + (1 − dampening)·g, then w ← w − lr·v, in PyTorch's form: the learning rate scales the step when it
/// is taken, not what is remembered of it. The first v is g. Nesterov steps by g + momentum·v (Robbins and Monro 1951; momentum:
/// Polyak 1964, Nesterov 1983). Every 32 steps velocities below 8·10⁻³¹ (`f64`:
/// 1.5·10⁻³⁰⁰) become 0.
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

impl Sgd {
    /// The same with momentum.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Whether it is v = momentum·v + g, w = w − lr·v, without any of the rest.
    pub(crate) fn is_plain(&self) -> bool {
        !self.nesterov && self.weight_decay == 0.0 && self.dampening == 0.0
    }
}

impl Rule<1> for Sgd {
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

    fn structure(&self) -> Self {
        Self { nesterov: self.nesterov, weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    /// Momentum, share of the gradient, −lr, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let share = if clock.step == 1 { 1.0 } else { 1.0 - self.dampening };
        [hyper.momentum.unwrap_or(self.momentum), share, -hyper.lr, self.weight_decay, 0.0, 0.0, 0.0, 0.0]
    }

    /// The product with the momentum is rounded before the gradient is added, and the step is fused, as in PyTorch.
    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [v]: [S; 1]) -> (S, [S; 1]) {
        let [momentum, share, minus_lr, decay, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let v = share.mul_add(g, momentum * v);
        let direction = if self.nesterov { momentum.mul_add(v, g) } else { v };
        (minus_lr.mul_add(direction, w), [v])
    }
}
