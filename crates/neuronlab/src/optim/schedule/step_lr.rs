//! The learning rate falls by a factor every so many epochs, `StepLR`: the policy `step` of Caffe (Jia and others 2014).

use super::{Curve, Per, at_least_one, positive};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base · gamma^⌊t / step_size⌋, t the epochs done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepLr {
    /// Epochs from one fall to the next, at least 1.
    pub step_size: u64,
    /// Factor, more than 0.
    #[serde(default = "default_gamma")]
    pub gamma: f64,
}

fn default_gamma() -> f64 {
    0.1
}

impl Curve for StepLr {
    const MODULE: &'static str = "StepLR";
    const FORMULA: &'static str = "base * gamma^floor(t / step_size)";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        at_least_one("step_size", self.step_size)?;
        positive("gamma", self.gamma)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        base.scaled(libm::pow(self.gamma, (t / self.step_size) as f64))
    }

    fn applied(&self, t: u64, lr: f64, _base: f64) -> Option<f64> {
        Some(if t > 0 && t.is_multiple_of(self.step_size) { lr * self.gamma } else { lr })
    }
}
