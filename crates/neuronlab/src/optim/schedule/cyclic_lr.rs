//! Up and down between two learning rates, every step, `CyclicLR` (Smith 2015).

use super::{Curve, Per, at_least_one, at_least_zero, has_momentum, positive};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A triangle from base_lr up to max_lr and down again; its height is the same each time (`triangular`), half of the one before
/// (`triangular2`), or gammaᵗ (`exp_range`), t the steps done. (PyTorch's scale_fn, a height by a function of one's own, is code
/// and can't stand in an experiment file.) Momentum goes the other way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CyclicLr {
    /// The lowest, at least 0; it takes the place of the optimizer's learning rate.
    pub base_lr: f64,
    /// The highest, more than the lowest.
    pub max_lr: f64,
    /// Steps up, at least 1.
    #[serde(default = "default_step_size_up")]
    pub step_size_up: u64,
    /// Steps down, at least 1. None: as many as up.
    #[serde(default)]
    pub step_size_down: Option<u64>,
    /// How the height changes.
    #[serde(default)]
    pub mode: Mode,
    /// Factor a step of `exp_range`, there more than 0; other modes do not use it.
    #[serde(default = "default_gamma")]
    pub gamma: f64,
    /// Whether momentum (or β₁) goes from max_momentum to base_momentum and back.
    #[serde(default = "default_cycle_momentum")]
    pub cycle_momentum: bool,
    /// The lowest momentum, in [0, 1).
    #[serde(default = "default_base_momentum")]
    pub base_momentum: f64,
    /// The highest momentum, in [0, 1).
    #[serde(default = "default_max_momentum")]
    pub max_momentum: f64,
}

fn default_step_size_up() -> u64 {
    2000
}

fn default_gamma() -> f64 {
    1.0
}

fn default_cycle_momentum() -> bool {
    true
}

fn default_base_momentum() -> f64 {
    0.8
}

fn default_max_momentum() -> f64 {
    0.9
}

impl Curve for CyclicLr {
    const MODULE: &'static str = "CyclicLR";
    const FORMULA: &'static str = "base_lr + (max_lr - base_lr) triangle(t) scale(t)";
    const PER: Per = Per::Step;

    fn validate(&self, base: Hyper) -> Result<()> {
        at_least_zero("base_lr", self.base_lr)?;
        if self.max_lr <= self.base_lr {
            return Err(Error::field("schedule.max_lr", format!("more than base_lr, which is {}", self.base_lr), self.max_lr));
        }
        at_least_one("step_size_up", self.step_size_up)?;
        at_least_one("step_size_down", self.step_size_down.unwrap_or(1))?;
        if self.mode == Mode::ExpRange {
            positive("gamma", self.gamma)?;
        }
        if self.cycle_momentum { has_momentum(base, [self.base_momentum, self.max_momentum]) } else { Ok(()) }
    }

    fn cycles_momentum(&self) -> bool {
        self.cycle_momentum
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let up = self.step_size_up as f64;
        let total = up + self.step_size_down.unwrap_or(self.step_size_up) as f64;
        let cycle = (1.0 + t as f64 / total).floor();
        let x = 1.0 + t as f64 / total - cycle;
        let ratio = up / total;
        let triangle = if x <= ratio { x / ratio } else { (x - 1.0) / (ratio - 1.0) };
        let height = match self.mode {
            Mode::Triangular => 1.0,
            Mode::Triangular2 => libm::pow(0.5, cycle - 1.0),
            Mode::ExpRange => libm::pow(self.gamma, t as f64),
        };
        let lr = self.base_lr + (self.max_lr - self.base_lr) * triangle * height;
        let momentum = self.max_momentum - (self.max_momentum - self.base_momentum) * triangle * height;
        Hyper { lr, momentum: if self.cycle_momentum { Some(momentum) } else { base.momentum } }
    }
}

/// How the height of the triangles changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It stays.
    #[default]
    Triangular,
    /// Each is half of the one before.
    Triangular2,
    /// It falls by the factor gamma every step.
    ExpRange,
}
