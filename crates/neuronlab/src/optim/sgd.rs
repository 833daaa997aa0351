//! Stochastic gradient descent with momentum, `torch.optim.SGD`.

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// v ← momentum·v + (1 − dampening)·g, then w ← w − lr·v, in PyTorch's form: the learning rate scales the step when it
/// is taken, not what is remembered of it. The first v is g. Nesterov steps by g + momentum·v (Robbins and Monro 1951; momentum:
/// Polyak 1964, Nesterov 1983). While the momentum is 0 steps are by g: dampening does nothing then, and a velocity of earlier
/// steps stays as it was. Every 32 steps velocities below 8·10⁻³¹ (`f64`: 1.5·10⁻³⁰⁰) become 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sgd {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// Share of the velocity that is kept from step to step, at least 0.
    pub momentum: f64,
    /// Share of the gradient that is kept out of the velocity, from the second step with momentum on.
    pub dampening: f64,
    /// Whether to step by g + momentum·v; needs momentum, and no dampening.
    pub nesterov: bool,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// Whether to make the loss large.
    pub maximize: bool,
}

/// The place among the factors that is 1 in a step that leaves a velocity as it is.
pub(super) const RESTS: usize = 5;

impl Default for Sgd {
    fn default() -> Self {
        Self { lr: 1e-3, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0, maximize: false }
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
        let undampened = self.dampening == 0.0 || self.momentum == 0.0;
        !self.nesterov && self.weight_decay == 0.0 && undampened && !self.maximize
    }

    /// The step of all parameters where velocities rest in some lanes. There the momentum is 0, so that the step is by the
    /// gradient whatever the velocity.
    #[inline(always)]
    pub(super) fn update_resting<S: Scalar>(&self, factors: &Factors<S>, w: &mut [S], g: &[S], velocity: &mut [S]) {
        let rests = S::constant(0.0).lt(factors[RESTS]);
        for i in 0..w.len() {
            let before = velocity[i];
            let g = if self.maximize { -g[i] } else { g[i] };
            (w[i], [velocity[i]]) = self.update(factors, w[i], g, [before]);
            velocity[i] = S::select(rests, before, velocity[i]);
        }
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

    /// Share of the velocity, share of the gradient, −lr, weight decay, momentum, and whether a velocity rests.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let momentum = hyper.momentum.unwrap_or(self.momentum);
        let moves = clock.step > 1 && clock.carried != 0.0;
        let rests = moves && momentum == 0.0;
        clock.carried = f64::from(u8::from(moves || momentum != 0.0));
        let (keep, share) = if moves && !rests { (momentum, 1.0 - self.dampening) } else { (0.0, 1.0) };
        [keep, share, -hyper.lr, self.weight_decay, momentum, f64::from(u8::from(rests)), 0.0, 0.0]
    }

    /// The product with the momentum is rounded before the gradient is added, and the step is fused, as in PyTorch.
    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [v]: [S; 1]) -> (S, [S; 1]) {
        let [keep, share, minus_lr, decay, momentum, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let v = share.mul_add(g, keep * v);
        let direction = if self.nesterov { momentum.mul_add(v, g) } else { v };
        (minus_lr.mul_add(direction, w), [v])
    }
}
