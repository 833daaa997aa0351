//! A sweep in memory: no folder, no file.

use super::part::{Part, Watch};
use super::parts::Parts;
use super::{Options, Outcome, Sweep, Tally};
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A sweep whose parts are kept in memory: 72 bytes a run where runs are kept (72 MB for a million), and the counts of each cell.
///
/// ```
/// use neuronlab::Experiment;
/// use neuronlab::sweep::{Options, Sweep, SweepMemory};
///
/// let xor = Experiment::built_in("xor")?.with(&["stop.epochs=20".into()])?;
/// let memory = SweepMemory::new(Sweep::new(xor, &[], 128, None, true)?)?;
/// memory.train(&memory.missing(), &Options::default(), &|_| std::ops::ControlFlow::Continue(()))?;
/// assert_eq!(memory.tallies()?[0].runs, 128);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SweepMemory {
    parts: Parts,
    kept: Mutex<Kept>,
}

/// What the parts that are done left.
#[derive(Debug)]
struct Kept {
    /// By cell, of all parts that are done: counts can be added in any order.
    tallies: Vec<Tally>,
    /// By part; nothing in it where runs are not kept.
    outcomes: BTreeMap<usize, Vec<Outcome>>,
}

impl SweepMemory {
    /// Nothing of it is done yet.
    ///
    /// # Errors
    /// The experiment can't be trained, or there are more runs than a sweep can have.
    pub fn new(sweep: Sweep) -> Result<Self> {
        let kept = Kept { tallies: vec![Tally::default(); sweep.cells()], outcomes: BTreeMap::new() };
        Ok(Self { parts: Parts::of(sweep)?, kept: Mutex::new(kept) })
    }

    /// What was to be run.
    pub fn sweep(&self) -> &Sweep {
        &self.parts.sweep
    }

    /// Parts that are still to be done.
    pub fn missing(&self) -> Vec<usize> {
        let kept = self.kept();
        (0..self.parts.count()).filter(|part| !kept.outcomes.contains_key(part)).collect()
    }

    /// Runs in `parts`.
    pub fn runs_in(&self, parts: &[usize]) -> u64 {
        self.parts.runs_in(parts)
    }

    /// Trains the runs of `parts` and keeps each part as it is done. `false` where the watcher broke in: then those that were not
    /// done are still missing.
    ///
    /// # Errors
    /// Runs that can't be trained; more threads than fit into memory.
    pub fn train(&self, parts: &[usize], options: &Options, watch: Watch<'_>) -> Result<bool> {
        self.parts.train(parts, options, watch, |part, outcomes| {
            self.keep(part, &outcomes);
            Ok(())
        })
    }

    /// Takes over a part that was trained elsewhere, by [`Sweep::train_part`].
    ///
    /// # Errors
    /// The bytes are damaged, or of another part or another sweep.
    pub fn put_part(&self, part: usize, bytes: &[u8]) -> Result<()> {
        self.parts.check(part)?;
        let place = format!("part {part}");
        let read = Part::from_bytes(self.sweep(), part, self.parts.runs_of(part), bytes, Path::new(&place))?;
        self.add(part, &read.tallies, read.outcomes());
        Ok(())
    }

    /// Whether all runs are done.
    pub fn is_complete(&self) -> bool {
        self.kept().outcomes.len() == self.parts.count()
    }

    /// The tallies of all cells.
    ///
    /// # Errors
    /// Parts are missing.
    pub fn tallies(&self) -> Result<Vec<Tally>> {
        Ok(self.whole()?.tallies.clone())
    }

    /// Every kept run with its number, in order.
    ///
    /// # Errors
    /// Parts are missing.
    pub fn each_run(&self, mut each: impl FnMut(u64, Outcome)) -> Result<()> {
        let kept = self.whole()?;
        let outcomes = kept.outcomes.values().flatten();
        (0..).zip(outcomes).for_each(|(run, outcome)| each(run, outcome.clone()));
        Ok(())
    }

    fn keep(&self, part: usize, outcomes: &[(u64, Outcome)]) {
        let mut tallies = BTreeMap::<usize, Tally>::new();
        for (run, outcome) in outcomes {
            tallies.entry((run / self.sweep().runs()) as usize).or_default().add(outcome);
        }
        self.add(part, &tallies, outcomes.iter().map(|(_, outcome)| outcome.clone()));
    }

    /// A part that is there already is the same one.
    fn add(&self, part: usize, tallies: &BTreeMap<usize, Tally>, outcomes: impl Iterator<Item = Outcome>) {
        let outcomes = if self.sweep().keeps_runs() { outcomes.collect() } else { vec![] };
        let mut kept = self.kept();
        if kept.outcomes.insert(part, outcomes).is_none() {
            for (&cell, tally) in tallies {
                kept.tallies[cell].merge(tally);
            }
        }
    }

    /// What is kept when all parts are there.
    fn whole(&self) -> Result<MutexGuard<'_, Kept>> {
        let kept = self.kept();
        let (done, all) = (kept.outcomes.len(), self.parts.count());
        if done == all { Ok(kept) } else { Err(Error::field("sweep", format!("all {all} parts"), done)) }
    }

    /// Nothing that is done while it is locked leaves it half done.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::sweep::SweepFolder;
    use std::ops::ControlFlow;
    use std::sync::atomic::{AtomicU64, Ordering};

    fn sweep(keep_runs: bool) -> Sweep {
        let xor = Experiment::built_in("xor").unwrap().with(&["stop.epochs=5".into()]).unwrap();
        Sweep::new(xor, &["optimizer.lr=0.02,30".into()], 100, None, keep_runs).unwrap()
    }

    fn trained(keep_runs: bool) -> SweepMemory {
        let memory = SweepMemory::new(sweep(keep_runs)).unwrap();
        let go_on = |_| ControlFlow::Continue(());
        assert!(memory.train(&memory.missing(), &Options::default(), &go_on).unwrap());
        memory
    }

    fn runs(each_run: impl FnOnce(&mut dyn FnMut(u64, Outcome)) -> Result<()>) -> Vec<(u64, Outcome)> {
        let mut runs = vec![];
        each_run(&mut |run, outcome| runs.push((run, outcome))).unwrap();
        runs
    }

    /// The judge is the folder, whose files are read.
    #[test]
    fn memory_holds_what_a_folder_holds() {
        let place = tempfile::tempdir().unwrap();
        let folder = SweepFolder::create(place.path(), sweep(true), false).unwrap();
        let options = Options::default();
        folder.train(&folder.missing(&options).unwrap(), &options, &|_| ControlFlow::Continue(())).unwrap();
        folder.finish(|_| vec![]).unwrap();
        let memory = trained(true);
        assert_eq!(memory.tallies().unwrap(), folder.tallies().unwrap());
        let kept = runs(|each| memory.each_run(each));
        assert_eq!((kept.len(), &kept), (200, &runs(|each| folder.each_run(each))));
        let without = trained(false);
        assert_eq!(without.tallies().unwrap(), memory.tallies().unwrap());
        assert_eq!(runs(|each| without.each_run(each)), []);
    }

    #[test]
    fn parts_trained_elsewhere_are_taken_once_and_damaged_ones_not_at_all() {
        let (memory, sweep) = (SweepMemory::new(sweep(true)).unwrap(), sweep(true));
        let go_on = |_| ControlFlow::Continue(());
        for part in memory.missing() {
            let bytes = sweep.train_part(part, &go_on).unwrap().unwrap();
            let error = memory.put_part(part, &bytes[..bytes.len() - 9]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("part {part}: ")) && error.contains("damaged"), "{error}");
            let error = memory.tallies().unwrap_err().to_string();
            assert_eq!(error, format!("sweep: expected all 4 parts, got {part}"));
            memory.put_part(part, &bytes).unwrap();
            memory.put_part(part, &bytes).unwrap();
        }
        assert_eq!(memory.tallies().unwrap(), trained(true).tallies().unwrap());
        assert_eq!(memory.put_part(4, &[]).unwrap_err().to_string(), "part: expected 0 to 3, got 4");
    }

    /// What was done when somebody broke in is there, and the same call goes on.
    #[test]
    fn an_interrupted_sweep_goes_on() {
        let memory = SweepMemory::new(sweep(true)).unwrap();
        let options = Options { threads: 1, ..Options::default() };
        let done = AtomicU64::new(0);
        let soon = |runs: u64| {
            let before = done.fetch_add(runs, Ordering::Relaxed);
            if before + runs >= 64 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert!(!memory.train(&memory.missing(), &options, &soon).unwrap());
        assert_eq!((memory.is_complete(), memory.missing()), (false, vec![1, 2, 3]));
        memory.train(&memory.missing(), &options, &|_| ControlFlow::Continue(())).unwrap();
        assert_eq!(memory.tallies().unwrap(), trained(true).tallies().unwrap());
    }
}
