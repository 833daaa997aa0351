//! Parts that are trained elsewhere: on another machine, in a task of Ray or Dask. A part travels as the bytes of its file.

use super::Sweep;
use super::part::{self, Part, Watch};
use super::parts::Parts;
use crate::error::Result;
use crate::scalar::Simd;

impl Sweep {
    /// Number of parts. It depends on the sweep alone.
    ///
    /// # Errors
    /// The experiment can't be trained, or there are more runs than a sweep can have.
    pub fn parts(&self) -> Result<usize> {
        Ok(Parts::of(self.clone())?.count())
    }

    /// Trains a part on this thread and gives its file, for [`put_part`](super::SweepFolder::put_part) of a folder or of
    /// [memory](super::SweepMemory::put_part); `None` where the watcher broke in.
    ///
    /// ```
    /// use neuronlab::Experiment;
    /// use neuronlab::sweep::{Sweep, SweepMemory};
    /// use std::ops::ControlFlow;
    ///
    /// let xor = Experiment::built_in("xor")?.with(&["stop.epochs=20".into()])?;
    /// let sweep = Sweep::new(xor, &[], 128, None, true)?;
    /// let memory = SweepMemory::new(sweep.clone())?;
    /// for part in 0..sweep.parts()? {
    ///     let bytes = sweep.train_part(part, &|_| ControlFlow::Continue(()))?.expect("nobody broke in");
    ///     memory.put_part(part, &bytes)?;
    /// }
    /// assert_eq!(memory.tallies()?[0].runs, 128);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such part; its runs can't be trained.
    pub fn train_part(&self, part: usize, watch: Watch<'_>) -> Result<Option<Vec<u8>>> {
        let parts = Parts::of(self.clone())?;
        parts.check(part)?;
        let trained = part::train(self, parts.runs_of(part), Simd::best(), watch)?;
        Ok(trained.map(|outcomes| Part::of(self, part, &outcomes).to_bytes(self)))
    }
}
