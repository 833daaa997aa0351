//! The learning rate falls when the loss does not, `ReduceLROnPlateau`; by hand so Krizhevsky, Sutskever and Hinton (2012).

use super::{Curve, Per, Progress, at_least_zero, positive};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// lr becomes max(lr · factor, min_lr) after more than `patience` epochs in a row without a better mean loss; then the count
/// rests for `cooldown` epochs. Better is less than best·(1 − threshold), or best − threshold; where higher is better, more than
/// best·(1 + threshold), or best + threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReduceLrOnPlateau {
    /// Whether lower or higher is better. A loss is to fall, so `max` is for comparisons with PyTorch.
    pub mode: Best,
    /// Factor, more than 0 and less than 1.
    pub factor: f64,
    /// Epochs without a better loss that are borne.
    pub patience: u64,
    /// How much better is better, at least 0.
    pub threshold: f64,
    /// Whether the threshold is a share of the best loss or a difference.
    pub threshold_mode: ThresholdMode,
    /// Epochs of rest after a fall.
    pub cooldown: u64,
    /// The lowest learning rate, at least 0.
    pub min_lr: f64,
    /// A fall by less than this is not made.
    pub eps: f64,
}

/// Which of the losses so far is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Best {
    /// The lowest.
    Min,
    /// The highest.
    Max,
}

/// What a threshold is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdMode {
    /// The best loss.
    Rel,
    /// Nothing: it is a difference.
    Abs,
}

impl Default for ReduceLrOnPlateau {
    fn default() -> Self {
        Self {
            mode: Best::Min,
            factor: 0.1,
            patience: 10,
            threshold: 1e-4,
            threshold_mode: ThresholdMode::Rel,
            cooldown: 0,
            min_lr: 0.0,
            eps: 1e-8,
        }
    }
}

impl Curve for ReduceLrOnPlateau {
    const MODULE: &'static str = "ReduceLROnPlateau";
    const FORMULA: &'static str = "lr * factor after patience epochs without a better mean loss";
    const PER: Per = Per::Epoch;

    fn validate(&self, _base: Hyper) -> Result<()> {
        positive("factor", self.factor)?;
        if self.factor >= 1.0 {
            return Err(Error::field("schedule.factor", "less than 1", self.factor));
        }
        at_least_zero("threshold", self.threshold)?;
        at_least_zero("min_lr", self.min_lr)?;
        at_least_zero("eps", self.eps)
    }

    /// It depends on the losses: before any, the optimizer's own.
    fn at(&self, _t: u64, base: Hyper) -> Hyper {
        base
    }

    fn advance(&self, progress: &mut Progress, _base: Hyper, mean_loss: f64) {
        progress.t += 1;
        // The highest is the lowest with the other sign, to the bit: a sign changes no rounding.
        let (watched, sign) = match self.mode {
            Best::Min => (mean_loss, 1.0),
            Best::Max => (-mean_loss, -1.0),
        };
        let better = match self.threshold_mode {
            ThresholdMode::Rel => progress.best * (1.0 - sign * self.threshold),
            ThresholdMode::Abs => progress.best - self.threshold,
        };
        if watched < better {
            progress.best = watched;
            progress.bad = 0;
        } else {
            progress.bad += 1;
        }
        if progress.rest > 0 {
            progress.rest -= 1;
            progress.bad = 0;
        }
        if progress.bad > self.patience {
            let lower = (progress.hyper.lr * self.factor).max(self.min_lr);
            if progress.hyper.lr - lower > self.eps {
                progress.hyper.lr = lower;
            }
            progress.rest = self.cooldown;
            progress.bad = 0;
        }
    }
}
