//! A straight line between two factors of the learning rate, `LinearLR`: a warm-up (Goyal and others 2017).

use super::{Curve, Per, at_least_one, at_least_zero, at_most_one, positive};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base·(start_factor + (end_factor − start_factor)·min(t, total_iters) / total_iters), t the epochs done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinearLr {
    /// Factor at the start, more than 0 and at most 1.
    #[serde(default = "default_start_factor")]
    pub start_factor: f64,
    /// Factor at the end, 0 to 1.
    #[serde(default = "default_end_factor")]
    pub end_factor: f64,
    /// Epochs from start to end, at least 1.
    #[serde(default = "default_total_iters")]
    pub total_iters: u64,
}

fn default_start_factor() -> f64 {
    1.0 / 3.0
}

fn default_end_factor() -> f64 {
    1.0
}

fn default_total_iters() -> u64 {
    5
}

impl Curve for LinearLr {
    const MODULE: &'static str = "LinearLR";
    const FORMULA: &'static str = "base * (start + (end - start) min(t, total) / total)";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        at_least_one("total_iters", self.total_iters)?;
        positive("start_factor", self.start_factor)?;
        at_most_one("start_factor", self.start_factor)?;
        at_least_zero("end_factor", self.end_factor)?;
        at_most_one("end_factor", self.end_factor)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let share = t.min(self.total_iters) as f64 / self.total_iters as f64;
        base.scaled(self.start_factor + (self.end_factor - self.start_factor) * share)
    }

    fn applied(&self, t: u64, lr: f64, _base: f64) -> Option<f64> {
        let (rise, total) = (self.end_factor - self.start_factor, self.total_iters as f64);
        Some(match t {
            0 => lr * self.start_factor,
            t if t > self.total_iters => lr,
            t => lr * (1.0 + rise / (total * self.start_factor + (t - 1) as f64 * rise)),
        })
    }
}
