//! The learning rate falls by a factor every epoch, `ExponentialLR`: the policy `exp` of Caffe (Jia and others 2014).

use super::{Curve, Per, positive};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base · gammaᵗ, t the epochs done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExponentialLr {
    /// Factor, more than 0.
    pub gamma: f64,
}

impl Curve for ExponentialLr {
    const MODULE: &'static str = "ExponentialLR";
    const FORMULA: &'static str = "base * gamma^t";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        positive("gamma", self.gamma)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        base.scaled(libm::pow(self.gamma, t as f64))
    }

    fn applied(&self, t: u64, lr: f64, _base: f64) -> Option<f64> {
        Some(if t > 0 { lr * self.gamma } else { lr })
    }
}
