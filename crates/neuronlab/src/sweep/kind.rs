//! Runs that go side by side: those whose experiments consist of the same operations.

use super::Sweep;
use super::block::{Block, Common, Run};
use super::divergence::Diverging;
use super::outcome::Outcome;
use super::part::Watch;
use crate::error::{Error, Result};
use crate::random::TorchReal;
use crate::scalar::{Real, Simd};
use crate::train::Trainer;

/// Of so many parts of the lanes one must be filled, if training them side by side is to be faster than one by one.
const FEW: usize = 9;

/// Runs that can go side by side.
pub(super) struct Kind {
    pub(super) structure: crate::Experiment,
    pub(super) runs: Vec<Run>,
    /// Of the runs, in the sweep.
    pub(super) numbers: Vec<u64>,
}

impl Kind {
    /// What the runs left, in their order; `None` where the watcher broke in.
    pub(super) fn train<T: Real + TorchReal>(&self, simd: Simd, watch: Watch<'_>) -> Result<Option<Vec<Outcome>>> {
        let common = Common::<T>::new(&self.runs[0].experiment)?;
        let lanes = simd.lanes::<T>();
        let alone = common.is_trained_alone(lanes);
        let (mut outcomes, mut memory) = (Vec::with_capacity(self.runs.len()), vec![]);
        for runs in self.runs.chunks(lanes) {
            if watch(0).is_break() {
                return Ok(None);
            }
            if alone {
                for run in runs {
                    outcomes.push(Some(Outcome::alone_on(&run.complete(), &common.task)?));
                }
            } else {
                outcomes.extend(simd.run(Block { common: &common, runs, memory: &mut memory })?);
            }
            let _ = watch(runs.len() as u64);
        }
        self.find_steps(&common, simd, watch, &mut memory, &mut outcomes)
    }

    /// Of runs that left the finite numbers the step is not known yet. Many are trained again side by side, few alone.
    fn find_steps<T: Real + TorchReal>(
        &self,
        common: &Common<T>,
        simd: Simd,
        watch: Watch<'_>,
        memory: &mut Vec<u32>,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<Option<Vec<Outcome>>> {
        let lanes = simd.lanes::<T>();
        let left: Vec<usize> = (0..outcomes.len()).filter(|&i| outcomes[i].is_none()).collect();
        for some in left.chunks(lanes).filter(|some| some.len() * FEW > lanes) {
            if watch(0).is_break() {
                return Ok(None);
            }
            let runs: Vec<Run> = some.iter().map(|&i| self.runs[i].clone()).collect();
            let block = Block { common, runs: &runs, memory };
            for (&i, outcome) in some.iter().zip(simd.run(Diverging(block))?) {
                outcomes[i] = outcome;
            }
        }
        let mut whole = Vec::with_capacity(outcomes.len());
        for (outcome, run) in outcomes.iter_mut().zip(&self.runs) {
            whole.push(match outcome.take() {
                Some(outcome) => outcome,
                None if watch(0).is_break() => return Ok(None),
                None => Outcome::alone_on(&run.complete(), &common.task)?,
            });
        }
        Ok(Some(whole))
    }

    /// Why the first run that can't be trained can't, with its cell.
    pub(super) fn first_error(&self, sweep: &Sweep) -> Option<Error> {
        let error = |(run, number): (&Run, &u64)| {
            let error = Trainer::<f32>::new(&run.experiment).err()?;
            Some(in_cell(sweep, number / sweep.runs(), error))
        };
        self.runs.iter().zip(&self.numbers).find_map(error)
    }
}

/// The same error, with the cell that it is of.
pub(super) fn in_cell(sweep: &Sweep, cell: u64, error: Error) -> Error {
    let values = sweep.cell(cell as usize);
    let names = sweep.axes().iter().zip(values).map(|(axis, value)| format!("{}={value}", axis.field()));
    error.with_hint(format!("in cell {cell}: {}", names.collect::<Vec<_>>().join(", ")))
}
