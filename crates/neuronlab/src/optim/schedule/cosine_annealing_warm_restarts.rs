//! Half cosines down, each from the start again, `CosineAnnealingWarmRestarts` (Loshchilov and Hutter 2016).

use super::{Curve, Per, at_least_one, at_least_zero, cosine};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// As `cosine_annealing_lr` over t_0 epochs, then over t_0·t_mult, then over t_0·t_mult², …
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosineAnnealingWarmRestarts {
    /// Epochs of the first period, at least 1.
    pub t_0: u64,
    /// By how much each period is longer than the one before, at least 1.
    #[serde(default = "default_t_mult")]
    pub t_mult: u64,
    /// The lowest, at least 0.
    #[serde(default)]
    pub eta_min: f64,
}

fn default_t_mult() -> u64 {
    1
}

impl Curve for CosineAnnealingWarmRestarts {
    const MODULE: &'static str = "CosineAnnealingWarmRestarts";
    const FORMULA: &'static str = "eta_min + (base - eta_min) (1 + cos(pi t_cur / t_i)) / 2";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        at_least_one("t_0", self.t_0)?;
        at_least_one("t_mult", self.t_mult)?;
        at_least_zero("eta_min", self.eta_min)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let (mut t, mut period) = (t, self.t_0);
        if self.t_mult == 1 {
            t %= period;
        }
        while t >= period {
            t -= period;
            period = period.saturating_mul(self.t_mult);
        }
        Hyper { lr: cosine(base.lr, self.eta_min, t as f64 / period as f64), ..base }
    }
}
