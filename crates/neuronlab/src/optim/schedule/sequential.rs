//! One schedule after the other, `SequentialLR`. A warm-up and then a cosine: Loshchilov and Hutter (2016) after Goyal and
//! others (2017).

use super::{Curve, Per, Schedule, validate_parts};
use crate::error::{Error, Result};
use crate::optim::Hyper;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first schedule up to the first milestone, then the next one as if the run began there, from the optimizer's learning
/// rate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequential {
    /// The schedules in their order: ones that count epochs and do not watch the loss.
    pub schedules: Vec<Schedule>,
    /// The epochs at which the next one begins, in rising order from 1; one fewer than schedules.
    pub milestones: Vec<u64>,
}

impl Curve for Sequential {
    const MODULE: &'static str = "SequentialLR";
    const FORMULA: &'static str = "schedules[milestones reached] (t - last milestone)";
    const PER: Per = Per::Epoch;

    fn validate(&self, base: Hyper) -> Result<()> {
        validate_parts(&self.schedules, base, can_follow)?;
        let wanted = self.schedules.len() - 1;
        if self.milestones.len() != wanted {
            let expected = format!("{wanted}, one fewer than schedules");
            return Err(Error::field("schedule.milestones", expected, self.milestones.len()));
        }
        if self.milestones.first() == Some(&0) {
            return Err(Error::field("schedule.milestones.0", "at least 1", 0));
        }
        if let Some(i) = self.milestones.windows(2).position(|pair| pair[0] >= pair[1]) {
            let got = format!("{} after {}", self.milestones[i + 1], self.milestones[i]);
            return Err(Error::field("schedule.milestones", "epochs in rising order", got));
        }
        Ok(())
    }

    fn at(&self, t: u64, base: Hyper) -> Hyper {
        match self.milestones.iter().rposition(|&m| m <= t) {
            Some(i) => self.schedules[i + 1].at_after_start(t - self.milestones[i], base),
            None => self.schedules[0].at(t, base),
        }
    }
}

/// Refuses what has no place in a sequence.
fn can_follow(part: &Schedule) -> Result<()> {
    let fits = part.per() == Per::Epoch && !part.watches_loss();
    if fits && !matches!(part, Schedule::Sequential(_) | Schedule::Chained(_)) {
        return Ok(());
    }
    let expected = "a schedule that counts epochs, does not watch the loss and has no parts itself";
    Err(Error::field("schedule", expected, format!("`{}`", part.key())))
}
