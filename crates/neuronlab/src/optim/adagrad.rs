//! Adagrad, `torch.optim.Adagrad` (Duchi, Hazan and Singer 2011).

use super::{Clock, Factors, Hyper, Rule, at_least_zero, decayed, decays};
use crate::error::Result;
use crate::scalar::Scalar;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// s ← s + g², w ← w − lr / (1 + (t − 1)·lr_decay) · g / (√s + ε).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Adagrad {
    /// Learning rate, at least 0.
    pub lr: f64,
    /// How fast the learning rate falls with the steps t, at least 0.
    pub lr_decay: f64,
    /// Weight decay: this times w is added to the gradient.
    pub weight_decay: f64,
    /// What s begins with, at least 0.
    pub initial_accumulator_value: f64,
    /// Added to the root, against division by zero.
    pub eps: f64,
    /// Whether to make the loss large.
    pub maximize: bool,
}

impl Default for Adagrad {
    fn default() -> Self {
        Self { lr: 1e-2, lr_decay: 0.0, weight_decay: 0.0, initial_accumulator_value: 0.0, eps: 1e-10, maximize: false }
    }
}

impl Rule<1> for Adagrad {
    const MODULE: &'static str = "Adagrad";
    const FORMULA: &'static str = "s += g^2;  w -= lr g / (sqrt(s) + eps)";
    const STATE: &'static [&'static str] = &["sum"];

    fn hyper(&self) -> Hyper {
        Hyper { lr: self.lr, momentum: None }
    }

    fn settings(&self) -> String {
        format!("lr_decay={}", self.lr_decay)
    }

    fn initial(&self) -> f64 {
        self.initial_accumulator_value
    }

    fn validate(&self) -> Result<()> {
        at_least_zero("lr_decay", self.lr_decay)?;
        at_least_zero("initial_accumulator_value", self.initial_accumulator_value)?;
        at_least_zero("eps", self.eps)?;
        at_least_zero("weight_decay", self.weight_decay)
    }

    fn structure(&self) -> Self {
        Self { weight_decay: decays(self.weight_decay), ..Self::default() }
    }

    /// −lr, ε, weight decay.
    #[inline(always)]
    fn factors(&self, hyper: Hyper, clock: &mut Clock) -> Factors<f64> {
        let minus_lr = -hyper.lr / (1.0 + (clock.step - 1) as f64 * self.lr_decay);
        [minus_lr, self.eps, self.weight_decay, 0.0, 0.0, 0.0, 0.0, 0.0]
    }

    #[inline(always)]
    fn update<S: Scalar>(&self, factors: &Factors<S>, w: S, g: S, [sum]: [S; 1]) -> (S, [S; 1]) {
        let [minus_lr, eps, decay, ..] = *factors;
        let g = decayed(self.weight_decay, decay, w, g);
        let sum = g.mul_add(g, sum);
        (minus_lr.mul_add(g / (sum.sqrt() + eps), w), [sum])
    }
}
