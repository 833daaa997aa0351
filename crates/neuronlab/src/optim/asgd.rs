//! Averaged stochastic gradient descent, `torch.optim.ASGD`.

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// w ← w·(1 − lambd·η) − η·g, and beside it an average a ← a + μ·(w − a) (Polyak and Juditsky 1992), which training does not
/// use. The first η is lr, those after step t are lr / (1 + lambd·lr·t)^alpha, so that what a schedule says comes a step later.
/// μ is 1, so that a is w, up to step t0 + 1; then it is 1 / (t − 1 − t0). As in PyTorch η and μ have single precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Asgd {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// How fast weights decay and the learning rate falls, at least 0.
    pub lambd: f64,
    /// Power by which the learning rate falls, at least 0.
    pub alpha: f64,
    /// The step from which on weights are averaged.
    pub t0: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for Asgd {
    fn default() -> Self {
        Self { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weight_decay: 0.0, maximize: false }
    }
}

impl Rule<1> for Asgd {
    const MODULE: &'static str = "ASGD";
    const FORMULA: &'static str = "eta = lr / (1 + lambd lr t)^alpha;  w = (1 - lambd eta) w - eta g;  ax += mu (w - ax)";
    const STATE: &'static [&'static str] = &["ax"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: None }
    }

    fn settings(&self) -> String {
        format!("lambd={}, alpha={}, t0={}", self.lambd, self.alpha, self.t0)
    }

    fn validate(&self) -> Result<()> {
        at_least_zero("lambd", self.lambd)?;
        at_least_zero("alpha", self.alpha)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    fn structure(&self) -> Self {
        Self { weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    /// −η, 1 − lambd·η, weight decay, μ, and 1 where the average still is the weight.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let step = clock.step as f64;
        let eta = if clock.step == 1 { single(hyper.lr) } else { clock.carried };
        let mu = if clock.step == 1 { 1.0 } else { single(1.0 / (step - 1.0 - self.t0).max(1.0)) };
        clock.carried = single(hyper.lr / libm::pow(1.0 + self.lambd * hyper.lr * step, self.alpha));
        let follows = f64::from(u8::from(mu == 1.0));
        [-eta, 1.0 - self.lambd * eta, self.weight_decay, mu, follows, 0.0, 0.0, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [average]: [S; 1]) -> (S, [S; 1]) {
        let [minus_eta, keep, decay, mu, follows, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let w = minus_eta.mul_add(g, w * keep);
        let averaged = average + (w - average) * mu;
        (w, [S::select(S::constant(0.0).lt(follows), w, averaged)])
    }
}

/// Rounded to single precision.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}
