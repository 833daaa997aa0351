//! What a whole sweep kept, read again: its runs, its tallies, and the runs that are worth a look.

use super::outcome::no_such_run;
use super::{Outcome, SweepFolder, Tally, part};
use crate::error::{Error, Result};
use crate::file;
use crate::scalar::Simd;
use crate::sha256::Summed;
use crate::train::Sums;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};

impl SweepFolder {
    /// What a run left side by side with others: as it is kept, or, where it is not, trained in lanes again.
    pub fn outcome(&self, run: u64, simd: Simd) -> Result<Outcome> {
        if run >= self.sweep().total() {
            return Err(no_such_run(run, self.sweep().total()));
        }
        let mut found = None;
        if self.is_complete() {
            self.each_run(|number, outcome| {
                if number == run {
                    found = Some(outcome);
                }
            })?;
        }
        found.map_or_else(|| part::in_lanes(self.sweep(), run, simd), Ok)
    }

    /// Every kept run with its number, in order.
    pub fn each_run(&self, mut each: impl FnMut(u64, Outcome)) -> Result<()> {
        if !self.sweep().keeps_runs() {
            return Ok(());
        }
        let path = self.path(Self::RUNS);
        self.read(Self::SWEEP, file::MOST_TOML)?;
        let mut file = BufReader::new(Summed::new(fs::File::open(&path).map_err(Error::io("read", &path))?));
        let bad = |line: usize, got: &str| Error::file(&path, "rows of runs, whole", format!("`{got}` in line {line}"));
        let mut runs = 0;
        for (i, line) in file.by_ref().lines().enumerate().skip(1) {
            let line = line.map_err(Error::io("read", &path))?;
            let row = Outcome::of_row(&line).filter(|(number, _)| *number == runs);
            let (number, outcome) = row.ok_or_else(|| bad(i + 1, &line))?;
            each(number, outcome);
            runs += 1;
        }
        if runs != self.sweep().total() {
            return Err(bad(runs as usize + 2, "the end"));
        }
        // What was seen is wrong if the file is, and who asked hears of it.
        Sums::read(&self.path(""))?.check(&path, &file.get_ref().sum())
    }

    /// The tallies of all cells of a whole sweep.
    pub fn tallies(&self) -> Result<Vec<Tally>> {
        let path = self.path(Self::TALLIES);
        let expected = "the tallies of every cell (--force runs the sweep again)";
        let bytes = self.read(Self::TALLIES, file::MOST).map_err(|e| match e {
            Error::Io { source, .. } => Error::file(&path, expected, source),
            other => other,
        })?;
        let tallies: Option<Vec<Tally>> = serde_json::from_slice(&bytes).ok();
        let whole = |tallies: &Vec<Tally>| {
            tallies.len() == self.sweep().cells() && tallies.iter().all(|tally| tally.can_be_of(self.sweep().runs()))
        };
        let fits = tallies.filter(whole);
        fits.ok_or_else(|| Error::file(&path, expected, "a damaged file"))
    }
}

/// The kept runs nearest to an end, or to the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Largest errors.
    Worst,
    /// Smallest errors.
    Best,
    /// Errors nearest to the median.
    Median,
    /// Runs that left the finite numbers, the earliest first.
    Diverged,
}

impl SweepFolder {
    /// At most `count` runs of a kind, with their numbers.
    pub fn pick(&self, pick: Pick, count: usize) -> Result<Vec<(u64, Outcome)>> {
        let median = if pick == Pick::Median {
            let mut all = Tally::default();
            self.each_run(|_, outcome| all.add(&outcome))?;
            all.error_quantile(0.5).unwrap_or(0.0)
        } else {
            0.0
        };
        // Ordered by what is wanted first, then by number: no two keys are equal.
        let mut kept: BTreeMap<(u64, u64), Outcome> = BTreeMap::new();
        self.each_run(|run, outcome| {
            let key = match (pick, outcome.error, outcome.diverged) {
                (Pick::Diverged, _, step) => step,
                (Pick::Worst, Some(error), _) => Some(u64::MAX - error.to_bits()),
                (Pick::Best, Some(error), _) => Some(error.to_bits()),
                (Pick::Median, Some(error), _) => Some((error - median).abs().to_bits()),
                _ => None,
            };
            if let Some(key) = key {
                kept.insert((key, run), outcome);
                if kept.len() > count {
                    kept.pop_last();
                }
            }
        })?;
        Ok(kept.into_iter().map(|((_, run), outcome)| (run, outcome)).collect())
    }
}
