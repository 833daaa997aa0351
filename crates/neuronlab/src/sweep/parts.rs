//! The parts of a sweep: which runs each has, and how some of them are trained on all cores. Where they are kept is not known here:
//! [`SweepFolder`](super::SweepFolder) keeps them as files, [`SweepMemory`](super::SweepMemory) in memory.

use super::part::{self, Watch};
use super::{Options, Outcome, Sweep};
use crate::error::{Error, Result};
use rayon::prelude::*;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

/// A sweep, and how its runs are divided.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) sweep: Sweep,
    /// Runs of each but the last.
    runs: u64,
}

/// Bytes of stack of a thread that trains. Optimised, a step needs little; in an unoptimised build every vector that it computes
/// has a place of its own, and together they are more than the usual 2 MiB.
const STACK: usize = 16 << 20;

impl Parts {
    pub(super) fn of(sweep: Sweep) -> Result<Self> {
        let runs = part::size(&sweep)?;
        Ok(Self { sweep, runs })
    }

    pub(super) fn count(&self) -> usize {
        self.sweep.total().div_ceil(self.runs) as usize
    }

    pub(super) fn runs_of(&self, part: usize) -> Range<u64> {
        let start = part as u64 * self.runs;
        start..(start + self.runs).min(self.sweep.total())
    }

    /// Runs in `parts`.
    pub(super) fn runs_in(&self, parts: &[usize]) -> u64 {
        parts.iter().map(|&part| self.runs_of(part)).map(|runs| runs.end - runs.start).sum()
    }

    /// Refuses a part that there is not.
    pub(super) fn check(&self, part: usize) -> Result<()> {
        let last = self.count() - 1;
        if part <= last { Ok(()) } else { Err(Error::field("part", format!("0 to {last}"), part)) }
    }

    /// Trains `parts` and hands over what their runs left, part by part as they are done. `false` where the watcher broke in: then
    /// those that were not handed over are still missing.
    pub(super) fn train(
        &self,
        parts: &[usize],
        options: &Options,
        watch: Watch<'_>,
        keep: impl Fn(usize, Vec<(u64, Outcome)>) -> Result<()> + Sync,
    ) -> Result<bool> {
        let stopped = AtomicBool::new(false);
        part::threads_fit(&self.sweep, options.threads, options.simd)?;
        // More threads than parts would have nothing to do.
        let threads = options.threads.min(parts.len().max(1));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build();
        let pool = pool.map_err(|e| Error::field("--threads", "threads that the system gives", e))?;
        part::threads_fit(&self.sweep, pool.current_num_threads(), options.simd)?;
        let one = |&index: &usize| {
            let watch = |runs: u64| {
                if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { watch(runs) }
            };
            // Thousands of parts may be left when somebody breaks in.
            if watch(0).is_break() {
                stopped.store(true, Ordering::Relaxed);
                return Ok(());
            }
            match part::train(&self.sweep, self.runs_of(index), options.simd, &watch) {
                Ok(Some(outcomes)) => keep(index, outcomes),
                Ok(None) => {
                    stopped.store(true, Ordering::Relaxed);
                    Ok(())
                }
                Err(error) => {
                    stopped.store(true, Ordering::Relaxed);
                    Err(error)
                }
            }
        };
        // One part at a time from the front, so that progress is even and an early end leaves early parts.
        pool.install(|| parts.par_iter().with_max_len(1).try_for_each(one))?;
        Ok(!stopped.into_inner())
    }
}
