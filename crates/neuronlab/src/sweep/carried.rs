//! Parts that are trained elsewhere: on another machine, in a task of Ray or Dask. A part travels as the bytes of its file.

use super::Sweep;
use super::part::{self, Watch};
use crate::error::{Error, Result};
use crate::scalar::Simd;

impl Sweep {
    /// Number of parts. It depends on the sweep alone.
    ///
    /// # Errors
    /// The experiment can't be trained, or there are more runs than a sweep can have.
    pub fn parts(&self) -> Result<usize> {
        Ok(self.total().div_ceil(part::size(self)?) as usize)
    }

    /// Trains a part on this thread and gives its file, for [`SweepFolder::put_part`](super::SweepFolder::put_part); `None` where the watcher broke in.
    ///
    /// ```
    /// use neuronlab::Experiment;
    /// use neuronlab::sweep::{Sweep, SweepFolder};
    /// use std::ops::ControlFlow;
    ///
    /// let xor = Experiment::built_in("xor")?.with(&["stop.epochs=20".into()])?;
    /// let sweep = Sweep::new(xor, &[], 128, None, true)?;
    /// let place = tempfile::tempdir()?;
    /// let folder = SweepFolder::create(place.path(), sweep.clone(), false)?;
    /// for part in 0..sweep.parts()? {
    ///     let bytes = sweep.train_part(part, &|_| ControlFlow::Continue(()))?.expect("nobody broke in");
    ///     folder.put_part(part, &bytes)?;
    /// }
    /// assert_eq!(folder.finish(|_| vec![])?[0].runs, 128);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such part; its runs can't be trained.
    pub fn train_part(&self, part: usize, watch: Watch<'_>) -> Result<Option<Vec<u8>>> {
        let (size, parts) = (part::size(self)?, self.parts()?);
        if part >= parts {
            return Err(Error::field("part", format!("0 to {}", parts - 1), part));
        }
        let first = part as u64 * size;
        let runs = first..(first + size).min(self.total());
        let trained = part::train(self, part, runs, Simd::best(), watch)?;
        Ok(trained.map(|part| part.to_bytes(self)))
    }
}
