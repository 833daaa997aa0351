//! The learning rate falls to 0 as a power, `PolynomialLR`: the policy `poly` of Caffe (Jia and others 2014).

use super::{Curve, Per, at_least_one, positive};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base·(1 − min(t, total_iters) / total_iters)^power, t the epochs done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolynomialLr {
    /// Epochs down to 0, at least 1.
    #[serde(default = "default_total_iters")]
    pub total_iters: u64,
    /// Power, more than 0.
    #[serde(default = "default_power")]
    pub power: f64,
}

fn default_total_iters() -> u64 {
    5
}

fn default_power() -> f64 {
    1.0
}

impl Curve for PolynomialLr {
    const MODULE: &'static str = "PolynomialLR";
    const FORMULA: &'static str = "base * (1 - min(t, total) / total)^power";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        at_least_one("total_iters", self.total_iters)?;
        positive("power", self.power)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let left = 1.0 - t.min(self.total_iters) as f64 / self.total_iters as f64;
        base.scaled(libm::pow(left, self.power))
    }

    fn applied(&self, t: u64, lr: f64, _base: f64) -> Option<f64> {
        if t == 0 || t > self.total_iters {
            return Some(lr);
        }
        let left = |t: u64| 1.0 - t as f64 / self.total_iters as f64;
        Some(lr * libm::pow(left(t) / left(t - 1), self.power))
    }
}
