//! The folder of a sweep: parts while it runs, and what they add up to when all are there.

use super::part::{Part, Watch};
use super::parts::Parts;
use super::{Sweep, Tally};
use crate::error::{Error, Result};
use crate::file;
use crate::scalar::Simd;
use crate::train::{Folder, Results, Sums};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// How a sweep is run. None of it changes a bit of the results.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Threads; 0: one for each core.
    pub threads: usize,
    /// Instructions.
    pub simd: Simd,
    /// Which share of the parts: number (from 0) and count.
    pub shard: (usize, usize),
    /// Whether damaged parts are made again.
    pub recompute: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { threads: 0, simd: Simd::best(), shard: (0, 1), recompute: false }
    }
}

/// The folder of a sweep. `docs/sweep-folder.md` describes its files.
#[derive(Debug)]
pub struct SweepFolder {
    folder: Folder,
    parts: Parts,
}

impl SweepFolder {
    /// The whole description.
    pub const SWEEP: &'static str = "sweep.toml";
    /// One row a cell.
    pub const CELLS: &'static str = "cells.csv";
    /// One row a run.
    pub const RUNS: &'static str = "runs.csv";
    /// The counts of every cell, from which its row is made.
    pub const TALLIES: &'static str = "tallies.json";
    const PARTS: &'static str = "parts";
    /// Every file that a sweep leaves.
    const FILES: [&'static str; 8] =
        [Sums::FILE, Self::CELLS, Self::RUNS, Self::TALLIES, Self::SWEEP, "runs.parquet", "plot.svg", "report.html"];

    /// The folder of `sweep`, made or gone on with; locked, unless all is done. One that holds something else is refused unless
    /// `force`, which removes an earlier sweep, but nothing else.
    ///
    /// # Errors
    /// The folder holds something else, somebody is writing into it, or it can't be written to.
    pub fn create(path: &Path, sweep: Sweep, force: bool) -> Result<Self> {
        let earlier = file::read_text(&path.join(Self::SWEEP), file::MOST_TOML).ok();
        let same = earlier.as_ref().is_some_and(|text| *text == sweep.to_toml());
        let parts = Parts::of(sweep)?;
        let sweep = &parts.sweep;
        if same && !force && path.join(Self::CELLS).exists() {
            Folder::tidy(path);
            // Its run was killed after all was added up.
            if path.join(Self::PARTS).exists()
                && let Ok(folder) = Folder::open(path).locked()
            {
                folder.remove_folder(Self::PARTS)?;
            }
            return Ok(Self { folder: Folder::open(path), parts });
        }
        if let (Some(earlier), false, false) = (earlier, same, force) {
            let (ours, theirs) = difference(&sweep.to_toml(), &earlier);
            let holds = format!("holds another sweep, with `{theirs}` instead of `{ours}`");
            return Err(Error::Exists { path: path.into(), holds });
        }
        let folder = Folder::create(path, force || same, (Results::EXPERIMENT, "a results folder"))?;
        // Before it was ours, another run may have put another sweep there.
        let now = file::read_text(&path.join(Self::SWEEP), file::MOST_TOML).ok();
        if !force && now.is_some_and(|now| now != sweep.to_toml()) {
            let holds = "holds another sweep, which has just begun".into();
            return Err(Error::Exists { path: path.into(), holds });
        }
        if force {
            for file in Self::FILES {
                folder.remove(file)?;
            }
            folder.remove_folder(Self::PARTS)?;
        }
        if !same || force {
            folder.write(Self::SWEEP, sweep.to_toml().as_bytes())?;
        }
        if folder.path(Self::CELLS).exists() {
            folder.remove_folder(Self::PARTS)?;
        } else {
            let path = folder.path(Self::PARTS);
            fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
            folder.remove_left_over(Self::PARTS)?;
        }
        Ok(Self { folder, parts })
    }

    /// The folder of an earlier sweep, to read.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.join(Self::SWEEP).is_file() {
            let got = if path.is_dir() { "a folder without sweep.toml" } else { "no such folder" };
            return Err(Error::file(path, "the folder of a sweep", got));
        }
        let sweep = Sweep::read(&path.join(Self::SWEEP))?;
        Ok(Self { folder: Folder::open(path), parts: Parts::of(sweep)? })
    }

    /// What was to be run.
    pub fn sweep(&self) -> &Sweep {
        &self.parts.sweep
    }

    /// The path of one of its files.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path(file)
    }

    #[cfg(feature = "parquet")]
    pub(super) fn write_with(
        &self,
        file: &str,
        make: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<()> {
        self.changed(|folder| {
            let mut batch = folder.batch();
            batch.add_with(file, make)?;
            batch.commit(&[])
        })
    }

    /// Changes a folder that is whole, which nobody else does meanwhile.
    fn changed(&self, change: impl FnOnce(&Folder) -> Result<()>) -> Result<()> {
        if self.folder.is_locked() { change(&self.folder) } else { change(&Folder::open(self.folder.root()).locked()?) }
    }

    /// Whether all runs are done and added up.
    pub fn is_complete(&self) -> bool {
        self.folder.path(Self::CELLS).exists()
    }

    fn part_file(part: usize) -> String {
        format!("{}/{part:06}.part", Self::PARTS)
    }

    fn part_path(&self, part: usize) -> PathBuf {
        self.folder.path(&Self::part_file(part))
    }

    fn read_part(&self, part: usize) -> Result<Part> {
        Part::read(self.sweep(), part, self.parts.runs_of(part), &self.part_path(part))
    }

    /// Runs of this shard that are still to be done; damaged parts count where they are to be made again.
    ///
    /// # Errors
    /// A damaged part.
    pub fn missing(&self, options: &Options) -> Result<Vec<usize>> {
        let (shard, of) = options.shard;
        let mut missing = vec![];
        for part in (shard..self.parts.count()).step_by(of) {
            let there = self.part_path(part).exists()
                && match self.read_part(part) {
                    Err(_) if options.recompute => false,
                    read => read.map(|_| true)?,
                };
            if !there {
                missing.push(part);
            }
        }
        Ok(missing)
    }

    /// Runs of this shard.
    pub fn runs_of_shard(&self, options: &Options) -> u64 {
        let (shard, of) = options.shard;
        self.runs_in(&(shard..self.parts.count()).step_by(of).collect::<Vec<_>>())
    }

    /// Runs in those of `parts` that were not written.
    pub fn runs_left(&self, parts: &[usize]) -> u64 {
        let left = |part: &&usize| !self.part_path(**part).exists();
        self.runs_in(&parts.iter().filter(left).copied().collect::<Vec<_>>())
    }

    /// Runs in `parts`.
    pub fn runs_in(&self, parts: &[usize]) -> u64 {
        self.parts.runs_in(parts)
    }

    /// Trains the runs of `parts` and writes each part as it is done. `false` where the watcher broke in: then those that were not
    /// done are still missing.
    pub fn train(&self, parts: &[usize], options: &Options, watch: Watch<'_>) -> Result<bool> {
        self.parts.train(parts, options, watch, |index, outcomes| {
            let part = Part::of(self.sweep(), index, &outcomes);
            self.folder.write(&Self::part_file(index), &part.to_bytes(self.sweep()))
        })
    }

    /// Whether shards are of one sweep and together with what lies in `out` make it whole: to be asked before anything is changed.
    ///
    /// # Errors
    /// They are not; a part is damaged.
    pub fn check_shards(shards: &[Self], out: Option<&PathBuf>) -> Result<()> {
        let Some(first) = shards.first() else { return Ok(()) };
        let mut found = BTreeSet::new();
        for shard in shards {
            if shard.sweep().to_toml() != first.sweep().to_toml() {
                let (ours, theirs) = difference(&first.sweep().to_toml(), &shard.sweep().to_toml());
                let path = shard.path(Self::SWEEP);
                return Err(Error::file(&path, format!("the same sweep, with `{ours}`"), format!("`{theirs}`")));
            }
            if shard.is_complete() {
                return Err(Error::file(&shard.path(Self::CELLS), "a shard", "a whole sweep, which needs no merging"));
            }
            for part in (0..first.parts.count()).filter(|&part| shard.part_path(part).exists()) {
                shard.read_part(part)?;
                found.insert(part);
            }
        }
        // What lies in the folder to be filled is believed no more than what comes into it.
        let same = |out: &&PathBuf| {
            file::read_text(&out.join(Self::SWEEP), file::MOST_TOML).is_ok_and(|text| text == first.sweep().to_toml())
        };
        if let Some(out) = out.filter(same) {
            let out = Self::open(out)?;
            for part in (0..first.parts.count()).filter(|&part| out.part_path(part).exists()) {
                out.read_part(part)?;
                found.insert(part);
            }
            if out.is_complete() {
                return Ok(());
            }
        }
        let missing: Vec<usize> = (0..first.parts.count()).filter(|part| !found.contains(part)).collect();
        match missing.first() {
            None => Ok(()),
            Some(part) => {
                let expected = "shards that hold all parts of the sweep together (is one left out, or not done?)";
                let got =
                    format!("{} of {} parts nowhere, the first is part {part}", missing.len(), first.parts.count());
                Err(Error::file(&first.folder.path(Self::PARTS), expected, got))
            }
        }
    }

    /// Takes over the parts of another folder of the same sweep, as [`check_shards`](Self::check_shards) found it.
    pub fn take_parts(&self, other: &Self) -> Result<()> {
        for part in 0..self.parts.count() {
            if other.part_path(part).exists() {
                let part = other.read_part(part)?;
                self.folder.write(&Self::part_file(part.index), &part.to_bytes(self.sweep()))?;
            }
        }
        Ok(())
    }

    /// Takes over a part that was trained elsewhere, by [`Sweep::train_part`]. What is no such part of this sweep is not kept.
    ///
    /// # Errors
    /// The bytes are damaged, or of another part or another sweep; the folder can't be written to.
    pub fn put_part(&self, part: usize, bytes: &[u8]) -> Result<()> {
        self.parts.check(part)?;
        if self.part_path(part).exists() && self.read_part(part).is_ok() {
            return Ok(());
        }
        let file = Self::part_file(part);
        self.folder.write(&file, bytes)?;
        self.read_part(part).map(|_| ()).or_else(|error| self.folder.remove(&file).and(Err(error)))
    }

    /// Adds all parts up, one after the other: writes `runs.csv`, where runs are kept, and the files that `views` makes of the
    /// cells; at last `cells.csv`, which says that the sweep is whole, and removes the parts.
    ///
    /// # Errors
    /// Parts are missing or damaged.
    pub fn finish(&self, views: impl FnOnce(&[Tally]) -> Vec<(&'static str, String)>) -> Result<Vec<Tally>> {
        let missing = (0..self.parts.count()).filter(|&part| !self.part_path(part).exists()).collect::<Vec<_>>();
        if let Some(first) = missing.first() {
            let got = format!("{} of {} without a file, the first is part {first}", missing.len(), self.parts.count());
            return Err(Error::file(&self.folder.path(Self::PARTS), "all parts of the sweep", got));
        }
        let mut tallies = vec![Tally::default(); self.sweep().cells()];
        let mut add_up = |out: &mut (dyn Write + Send)| {
            if self.sweep().keeps_runs() {
                out.write_all(Part::header(self.sweep()).as_bytes())
                    .map_err(Error::io("write", &self.path(Self::RUNS)))?;
            }
            for index in 0..self.parts.count() {
                let part = self.read_part(index)?;
                for (cell, tally) in &part.tallies {
                    tallies[*cell].merge(tally);
                }
                out.write_all(part.rows.as_bytes()).map_err(Error::io("write", &self.path(Self::RUNS)))?;
            }
            Ok(())
        };
        let mut batch = self.folder.batch();
        if self.sweep().keeps_runs() {
            batch.add_with(Self::RUNS, add_up)?;
        } else {
            add_up(&mut std::io::sink())?;
        }
        for (file, text) in views(&tallies) {
            batch.add(file, text.as_bytes())?;
        }
        let text = serde_json::to_string(&tallies).expect("plain numbers");
        batch.add(Self::TALLIES, text.as_bytes())?;
        batch.add(Self::SWEEP, self.sweep().to_toml().as_bytes())?;
        batch.add(Self::CELLS, super::cells::to_csv(self.sweep(), &tallies).as_bytes())?;
        batch.commit(&[])?;
        self.folder.remove_folder(Self::PARTS)?;
        Ok(tallies)
    }

    /// Writes those of the files for people that a whole sweep lacks: somebody removed them, or an earlier version made none.
    ///
    /// # Errors
    /// They can't be written.
    pub fn restore(&self, views: Vec<(&'static str, String)>) -> Result<()> {
        let missing: Vec<_> = views.into_iter().filter(|(file, _)| !self.path(file).exists()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.changed(|folder| {
            let mut batch = folder.batch();
            missing.iter().try_for_each(|(file, text)| batch.add(file, text.as_bytes()))?;
            batch.commit(&[])
        })
    }

    /// A file's bytes, which are those that were written; so is the sweep that they are of.
    pub(super) fn read(&self, file: &str, most: u64) -> Result<Vec<u8>> {
        self.folder.read(Self::SWEEP, file::MOST_TOML)?;
        self.folder.read(file, most)
    }
}

/// The first lines in which two texts differ.
fn difference(ours: &str, theirs: &str) -> (String, String) {
    let mut lines = ours.lines().zip(theirs.lines());
    let (ours, theirs) = lines.find(|(a, b)| a != b).unwrap_or(("one sweep", "another"));
    (ours.into(), theirs.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use std::ops::ControlFlow;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Killed between the last file and the end: the parts go.
    #[test]
    fn parts_of_a_whole_sweep_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let experiment = Experiment::built_in("xor").unwrap().with(&["stop.epochs=2".into()]).unwrap();
        let sweep = Sweep::new(experiment, &[], 3, None, true).unwrap();
        let folder = SweepFolder::create(place.path(), sweep.clone(), false).unwrap();
        let options = Options::default();
        folder.train(&folder.missing(&options).unwrap(), &options, &|_| ControlFlow::Continue(())).unwrap();
        folder.finish(|_| vec![]).unwrap();
        drop(folder);
        fs::create_dir(place.path().join("parts")).unwrap();
        assert!(SweepFolder::create(place.path(), sweep, false).unwrap().is_complete());
        assert!(!place.path().join("parts").exists() && !place.path().join(".lock").exists());
    }

    /// What a whole sweep left is believed only as it was written, even where other counts could be those of runs.
    #[test]
    fn changed_files_of_a_whole_sweep_are_refused() {
        let place = tempfile::tempdir().unwrap();
        let experiment = Experiment::built_in("xor").unwrap().with(&["stop.epochs=2".into()]).unwrap();
        let sweep = Sweep::new(experiment, &["optimizer.lr=0.1,0.2".into()], 3, None, true).unwrap();
        let folder = SweepFolder::create(place.path(), sweep, false).unwrap();
        let options = Options::default();
        folder.train(&folder.missing(&options).unwrap(), &options, &|_| ControlFlow::Continue(())).unwrap();
        folder.finish(|_| vec![]).unwrap();
        for (file, from, to) in [
            ("tallies.json", "\"close\":0", "\"close\":1"),
            ("runs.csv", "0,0,0,0.1,0", "0,0,0,0.2,0"),
            ("sweep.toml", "0.2", "0.3"),
        ] {
            let good = fs::read_to_string(folder.path(file)).unwrap();
            assert!(good.contains(from), "{file}: {good}");
            fs::write(folder.path(file), good.replacen(from, to, 1)).unwrap();
            let error = folder.tallies().map(|_| ()).and_then(|()| folder.each_run(|_, _| {})).unwrap_err().to_string();
            assert!(error.contains(file) && error.contains("SHA256SUMS"), "{error}");
            fs::write(folder.path(file), good).unwrap();
        }
        folder.tallies().unwrap();
    }

    /// A sweep that is interrupted before it begins trains nothing and looks at no cell.
    #[test]
    fn an_interruption_is_noticed_before_a_part() {
        let place = tempfile::tempdir().unwrap();
        let experiment = Experiment::built_in("xor").unwrap().with(&["stop.epochs=2".into()]).unwrap();
        let sweep = Sweep::new(experiment, &[], 640, None, true).unwrap();
        let folder = SweepFolder::create(place.path(), sweep, false).unwrap();
        let asked = AtomicU64::new(0);
        let now = |runs: u64| {
            assert_eq!(runs, 0, "something was trained");
            asked.fetch_add(1, Ordering::Relaxed);
            ControlFlow::Break(())
        };
        let options = Options { threads: 1, ..Options::default() };
        let all = folder.missing(&options).unwrap();
        assert!(!folder.train(&all, &options, &now).unwrap());
        assert_eq!(asked.into_inner(), 1, "the first part is asked for, the others know");
    }

    /// An interrupted sweep trains no more than what is under way, and keeps a part that is done.
    #[test]
    fn an_interruption_ends_the_work_and_keeps_what_is_done() {
        let place = tempfile::tempdir().unwrap();
        let experiment = Experiment::built_in("xor").unwrap().with(&["stop.epochs=2".into()]).unwrap();
        let sweep = Sweep::new(experiment, &[], 64 * 9, None, true).unwrap();
        let folder = SweepFolder::create(place.path(), sweep, false).unwrap();
        let options = Options { threads: 1, ..Options::default() };
        let (trained, all) = (AtomicU64::new(0), folder.missing(&options).unwrap());
        assert_eq!(all.len(), 9);
        // Whatever the number of lanes: in the block that is the end of the first part.
        let soon = |runs: u64| {
            let before = trained.fetch_add(runs, Ordering::Relaxed);
            if before + runs >= 64 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        assert!(!folder.train(&all, &options, &soon).unwrap());
        assert!(trained.load(Ordering::Relaxed) <= 64, "{trained:?}");
        assert_eq!(folder.missing(&options).unwrap().len(), 8);
    }
}
