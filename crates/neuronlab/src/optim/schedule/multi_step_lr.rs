//! The learning rate falls by a factor at given epochs, `MultiStepLR`, as in the residual
//! networks' training (He, Zhang, Ren and Sun 2015).

use super::{Curve, Per, positive};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base · gamma^k, k the milestones that t, the epochs done, has reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiStepLr {
    /// Epochs at which it falls, in rising order.
    pub milestones: Vec<u64>,
    /// Factor, more than 0.
    #[serde(default = "default_gamma")]
    pub gamma: f64,
}

fn default_gamma() -> f64 {
    0.1
}

impl Curve for MultiStepLr {
    const MODULE: &'static str = "MultiStepLR";
    const FORMULA: &'static str = "base * gamma^(milestones reached)";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        if let Some(i) = self.milestones.windows(2).position(|pair| pair[0] >= pair[1]) {
            let got = format!("{} after {}", self.milestones[i + 1], self.milestones[i]);
            return Err(Error::field("schedule.milestones", "epochs in rising order", got));
        }
        positive("gamma", self.gamma)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let reached = self.milestones.iter().filter(|&&m| m <= t).count();
        base.scaled(libm::pow(self.gamma, reached as f64))
    }

    fn applied(&self, t: u64, lr: f64, _base: f64) -> Option<f64> {
        Some(if self.milestones.contains(&t) { lr * self.gamma } else { lr })
    }
}
