//! The step in which runs leave the finite numbers, and what they were before it.
//!
//! Training side by side looks at its lanes only now and then. Lanes that were found to have left are trained once more, and
//! asked after every step.

use super::block::Block;
use super::look::{Finite, Learned};
use super::outcome::{Outcome, hashes};
use super::side::{Side, Step};
use crate::error::Result;
use crate::random::TorchReal;
use crate::scalar::{LaneWork, Real, Scalar};

/// Runs that diverge.
pub(super) struct Diverging<'a, T>(pub(super) Block<'a, T>);

impl<T: Real + TorchReal> LaneWork<T> for Diverging<'_, T> {
    /// `None` for a run that does not diverge after all.
    type Output = Result<Vec<Option<Outcome>>>;

    fn run<S: Scalar<Element = T>>(self) -> Self::Output {
        let Self(block) = self;
        let mut lanes = Side::<S>::new(block.common, block.runs, std::mem::take(block.memory))?;
        let outcomes = lanes.train_to_divergence(block.runs.len());
        let (_, memory) = lanes.outcomes();
        *block.memory = memory;
        Ok(outcomes)
    }
}

impl<S: Scalar> Side<'_, S>
where
    S::Element: Real + TorchReal,
{
    /// What the first `runs` lanes left, each with the parameters before the step that it diverged in.
    fn train_to_divergence(&mut self, runs: usize) -> Vec<Option<Outcome>> {
        let steps = self.common.sampler.steps() as u64;
        let most = self.experiments[..runs].iter().map(|e| e.stop.epochs).max().unwrap_or(0) * steps;
        let (mut outcomes, mut before) = (vec![None; runs], self.model.parameters().to_vec());
        for step in 0..most {
            before.copy_from_slice(self.model.parameters());
            S::call(Step(self, (step % steps) as usize));
            let finite = S::call(Finite(self));
            let left: Vec<usize> = (0..runs).filter(|&k| !finite[k] && outcomes[k].is_none()).collect();
            if !left.is_empty() {
                self.model.parameters_mut().swap_with_slice(&mut before);
                let learned = S::call(Learned(self));
                self.model.parameters_mut().swap_with_slice(&mut before);
                for (&k, weights) in left.iter().zip(hashes(&learned, S::LANES, &left)) {
                    outcomes[k] = Some(Outcome::diverged(step, step / steps, weights));
                }
            }
            if outcomes.iter().all(Option::is_some) {
                break;
            }
            if (step + 1) % steps == 0 {
                self.end_epoch();
            }
        }
        outcomes
    }
}
