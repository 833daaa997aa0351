//! Half a cosine from the learning rate down, and up again, `CosineAnnealingLR` (Loshchilov and Hutter 2016).

use super::{Curve, Per, at_least_one, at_least_zero, cosine};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// lr = eta_min + (base − eta_min)·(1 + cos(π·t / t_max)) / 2, t the epochs done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosineAnnealingLr {
    /// Epochs down to the lowest, at least 1.
    pub t_max: u64,
    /// The lowest, at least 0.
    #[serde(default)]
    pub eta_min: f64,
}

impl Curve for CosineAnnealingLr {
    const MODULE: &'static str = "CosineAnnealingLR";
    const FORMULA: &'static str = "eta_min + (base - eta_min) (1 + cos(pi t / t_max)) / 2";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        at_least_one("t_max", self.t_max)?;
        at_least_zero("eta_min", self.eta_min)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        Hyper { lr: cosine(base.lr, self.eta_min, t as f64 / self.t_max as f64), ..base }
    }

    /// From the lowest up there is no factor; PyTorch adds what the cosine of the optimizer's learning rate rises by.
    fn applied(&self, t: u64, lr: f64, base: f64) -> Option<f64> {
        let cosine = |t: u64| libm::cos(PI * t as f64 / self.t_max as f64);
        Some(if t == 0 {
            lr
        } else if (t - 1).is_multiple_of(self.t_max) && (t - 1) / self.t_max % 2 == 1 {
            lr + (base - self.eta_min) * (1.0 - cosine(1)) / 2.0
        } else {
            (1.0 + cosine(t)) / (1.0 + cosine(t - 1)) * (lr - self.eta_min) + self.eta_min
        })
    }
}
