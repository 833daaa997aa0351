//! Once up and down to far below, every step, `OneCycleLR` (Smith and Topin 2017).

use super::{Curve, Per, at_least_one, at_least_zero, at_most_one, cosine, has_momentum, positive};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// From max_lr / div_factor up to max_lr over pct_start of the steps, then down to max_lr / div_factor / final_div_factor; in
/// three phases: up, down to the start, and on down. Momentum goes the other way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneCycleLr {
    /// The highest learning rate, more than 0.
    pub max_lr: f64,
    /// Steps of the whole cycle; at least as many as the run has.
    pub total_steps: u64,
    /// Share of the steps that go up, 0 to 1.
    #[serde(default = "default_pct_start")]
    pub pct_start: f64,
    /// By half cosines or by lines.
    #[serde(default)]
    pub anneal_strategy: Anneal,
    /// max_lr over this is the start, more than 0.
    #[serde(default = "default_div_factor")]
    pub div_factor: f64,
    /// The start over this is the end, more than 0.
    #[serde(default = "default_final_div_factor")]
    pub final_div_factor: f64,
    /// Whether to come back to the start before going down to the end.
    #[serde(default)]
    pub three_phase: bool,
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

fn default_pct_start() -> f64 {
    0.3
}

fn default_div_factor() -> f64 {
    25.0
}

fn default_final_div_factor() -> f64 {
    1e4
}

fn default_cycle_momentum() -> bool {
    true
}

fn default_base_momentum() -> f64 {
    0.85
}

fn default_max_momentum() -> f64 {
    0.95
}

impl Curve for OneCycleLr {
    const MODULE: &'static str = "OneCycleLR";
    const FORMULA: &'static str = "initial -> max_lr -> min, by half cosines or lines";
    const PER: Per = Per::Step;

    fn validate(&self, base: Hyper) -> Result<()> {
        positive("max_lr", self.max_lr)?;
        at_least_one("total_steps", self.total_steps)?;
        positive("div_factor", self.div_factor)?;
        positive("final_div_factor", self.final_div_factor)?;
        at_least_zero("pct_start", self.pct_start)?;
        at_most_one("pct_start", self.pct_start)?;
        if self.pct_start * self.total_steps as f64 == 1.0 {
            let got = format!("{} of {} steps", self.pct_start, self.total_steps);
            return Err(Error::field("schedule.pct_start", "a way up of more or less than 1 step", got));
        }
        if self.cycle_momentum { has_momentum(base, [self.base_momentum, self.max_momentum]) } else { Ok(()) }
    }

    fn longest(&self) -> Option<u64> {
        Some(self.total_steps)
    }

    fn cycles_momentum(&self) -> bool {
        self.cycle_momentum
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        let start = self.max_lr / self.div_factor;
        let end = start / self.final_div_factor;
        let (low, high) = (self.base_momentum, self.max_momentum);
        let peak = self.pct_start * self.total_steps as f64 - 1.0;
        let last = self.total_steps as f64 - 1.0;
        // Each phase: its last step, then learning rate and momentum from where to where.
        let back = 2.0 * self.pct_start * self.total_steps as f64 - 2.0;
        let up = (peak, (start, self.max_lr), (high, low));
        let phases = if self.three_phase {
            vec![up, (back, (self.max_lr, start), (low, high)), (last, (start, end), (high, high))]
        } else {
            vec![up, (last, (self.max_lr, end), (low, high))]
        };
        // When all steps are done there is no next one.
        let t = (t as f64).min(last);
        let mut from = 0.0;
        for (i, &(to, lr, momentum)) in phases.iter().enumerate() {
            if t <= to || i + 1 == phases.len() {
                let share = (t - from) / (to - from);
                let between = |(a, b): (f64, f64)| self.anneal_strategy.between(a, b, share);
                let cycled = self.cycle_momentum.then(|| between(momentum));
                return Hyper { lr: between(lr), momentum: cycled.or(base.momentum) };
            }
            from = to;
        }
        base
    }
}

/// How to go from one number to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Anneal {
    /// By half a cosine.
    #[default]
    Cos,
    /// By a line.
    Linear,
}

impl Anneal {
    /// The number at `share` of the way from a to b.
    fn between(self, a: f64, b: f64, share: f64) -> f64 {
        match self {
            Self::Cos => cosine(a, b, share),
            Self::Linear => (b - a) * share + a,
        }
    }
}
