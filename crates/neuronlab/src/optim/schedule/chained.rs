//! Several schedules at once, `ChainedScheduler`. A warm-up by a factor below milestones, as He, Zhang, Ren and Sun (2015) did it.

use super::{Curve, Per, Progress, Schedule, validate_parts};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// After every epoch each schedule in its turn does to the learning rate what it does in that epoch: factors multiply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chained {
    /// The schedules in their order: ones that change the learning rate as it is, and do not put another in its place.
    pub schedules: Vec<Schedule>,
}

impl Chained {
    /// The learning rate after the schedules' turn at t epochs.
    fn turn(&self, t: u64, lr: f64, base: Hyper) -> f64 {
        self.schedules.iter().fold(lr, |lr, part| part.applied(t, lr, base.lr).unwrap_or(lr))
    }
}

impl Curve for Chained {
    const MODULE: &'static str = "ChainedScheduler";
    const FORMULA: &'static str = "lr after every schedule's own step, in their order";
    const PER: Per = Per::Epoch;

    fn validate(&self, base: Hyper) -> Result<()> {
        validate_parts(&self.schedules, base, |part| {
            let expected = "a schedule that changes the learning rate as it is, such as step_lr or linear_lr";
            let applied = part.applied(0, base.lr, base.lr);
            applied.map(|_| ()).ok_or_else(|| Error::field("schedule", expected, format!("`{}`", part.key())))
        })
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        Hyper { lr: (0..=t).fold(base.lr, |lr, t| self.turn(t, lr, base)), ..base }
    }

    fn advance(&self, progress: &mut Progress, base: Hyper, _mean_loss: f64) {
        progress.t += 1;
        progress.hyper.lr = self.turn(progress.t, progress.hyper.lr, base);
    }
}
