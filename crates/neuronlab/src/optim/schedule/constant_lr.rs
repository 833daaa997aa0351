//! A factor for the first epochs, `ConstantLR`: so He, Zhang, Ren and Sun (2015) warmed a network of 110 layers up.

use super::{Curve, Per, at_most_one, positive};
use crate::error::Result;
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr = base · factor while t, the epochs done, is less than total_iters, then base. With total_iters 0 it is base · factor for
/// good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConstantLr {
    /// Factor, more than 0 and at most 1.
    pub factor: f64,
    /// Epochs with the factor; 0 for all.
    pub total_iters: u64,
}

impl Default for ConstantLr {
    fn default() -> Self {
        Self { factor: 1.0 / 3.0, total_iters: 5 }
    }
}

impl Curve for ConstantLr {
    const MODULE: &'static str = "ConstantLR";
    const FORMULA: &'static str = "base * factor while t < total, then base";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        positive("factor", self.factor)?;
        at_most_one("factor", self.factor)
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        if t < self.total_iters || self.total_iters == 0 { base.scaled(self.factor) } else { base }
    }

    /// PyTorch then takes the closed form, in which 0 epochs are none.
    fn at_after_start(&self, t: u64, base: Hyper) -> Hyper {
        if t < self.total_iters { base.scaled(self.factor) } else { base }
    }

    fn applied(&self, t: u64, lr: f64, _base: f64) -> Option<f64> {
        Some(match t {
            0 => lr * self.factor,
            t if t == self.total_iters => lr * (1.0 / self.factor),
            _ => lr,
        })
    }
}
