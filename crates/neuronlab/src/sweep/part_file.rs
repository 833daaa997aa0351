//! A part's file: a line of JSON, with the tallies of its cells and a checksum, and the rows of its runs where they are kept.

use super::Sweep;
use super::outcome::Outcome;
use super::part::{LEAST_RUNS, Part};
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::experiment::FORMAT;
use crate::file;
use crate::train::fnv1a;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    sweep: u64,
    part: usize,
    tallies: BTreeMap<usize, Tally>,
    /// Of the tallies and the rows.
    checksum: u64,
}

impl Part {
    /// The part's file.
    pub(super) fn to_bytes(&self, sweep: &Sweep) -> Vec<u8> {
        let head = Head {
            format: FORMAT,
            sweep: sweep.fingerprint(),
            part: self.index,
            checksum: checksum(&self.tallies, &self.rows),
            tallies: self.tallies.clone(),
        };
        let head = serde_json::to_string(&head).expect("plain numbers");
        format!("{head}\n{}", self.rows).into_bytes()
    }

    /// From its file, which must hold `runs` as they would be written: a checksum is against accidents, and can be made by hand.
    pub(super) fn read(sweep: &Sweep, index: usize, runs: Range<u64>, path: &Path) -> Result<Self> {
        Self::from_bytes(sweep, index, runs, &file::read(path, file::MOST)?, path)
    }

    /// From what its file holds; `path` names it in errors.
    pub(super) fn from_bytes(sweep: &Sweep, index: usize, runs: Range<u64>, bytes: &[u8], path: &Path) -> Result<Self> {
        let parsed = std::str::from_utf8(bytes).ok().and_then(|text| {
            let (head, rows) = text.split_once('\n')?;
            let head: Head = serde_json::from_str(head).ok()?;
            (head.checksum == checksum(&head.tallies, rows)).then_some((head, rows))
        });
        let Some((head, rows)) = parsed else {
            let expected = "a part of a sweep, whole (`neuronlab sweep … --recompute` makes it again)";
            return Err(Error::file(path, expected, "a damaged file: the checksum is wrong"));
        };
        if head.format != FORMAT || head.sweep != sweep.fingerprint() || head.part != index {
            return Err(Error::file(path, format!("part {index} of this sweep"), "a part of another sweep"));
        }
        let part = Self { index, tallies: head.tallies, rows: rows.into() };
        match part.doubt(sweep, runs) {
            None => Ok(part),
            Some(doubt) => Err(Error::file(path, "what runs of this sweep can leave", doubt)),
        }
    }

    /// What can't be of these runs, if something can't.
    fn doubt(&self, sweep: &Sweep, runs: Range<u64>) -> Option<String> {
        let cell = |run: u64| (run / sweep.runs()) as usize;
        let wanted = cell(runs.start)..cell(runs.end - 1) + 1;
        if !self.tallies.keys().copied().eq(wanted) {
            return Some("tallies of other cells".into());
        }
        for (&cell, tally) in &self.tallies {
            let first = cell as u64 * sweep.runs();
            let count = runs.end.min(first + sweep.runs()) - runs.start.max(first);
            if !tally.can_be_of(count) {
                return Some(format!("a tally of cell {cell} that no {count} runs have"));
            }
        }
        if !sweep.keeps_runs() {
            return (!self.rows.is_empty()).then(|| "rows of runs, which this sweep does not keep".into());
        }
        let mut outcomes = vec![];
        for (line, run) in self.rows.lines().zip(runs.clone()) {
            match Outcome::of_row(line) {
                Some((number, outcome)) if number == run => outcomes.push((run, outcome)),
                _ => return Some(format!("`{line}` as the row of run {run}")),
            }
        }
        // What is read and written again is what was there, row by row and cell by cell.
        let whole = outcomes.len() as u64 == runs.end - runs.start;
        let same = whole && Self::of(sweep, self.index, &outcomes) == *self;
        (!same).then(|| "rows and tallies that do not belong together".into())
    }
}

/// Whether a file is the first part of a sweep; the fuzzer's way in. What is read can be added up and shown.
pub(crate) fn reads(sweep: &Sweep, path: &Path) -> bool {
    let Ok(part) = Part::read(sweep, 0, 0..sweep.total().min(LEAST_RUNS), path) else { return false };
    let mut tallies = vec![Tally::default(); sweep.cells()];
    for (cell, tally) in &part.tallies {
        tallies[*cell].merge(tally);
    }
    let _ = super::cells::to_csv(sweep, &tallies);
    true
}

/// The same part with the sweep and the checksum that it should have, if it is one.
pub(crate) fn signed(sweep: &Sweep, part: &[u8]) -> Option<Vec<u8>> {
    let (head, rows) = std::str::from_utf8(part).ok()?.split_once('\n')?;
    let head: Head = serde_json::from_str(head).ok()?;
    Some(Part { index: 0, tallies: head.tallies, rows: rows.into() }.to_bytes(sweep))
}

fn checksum(tallies: &BTreeMap<usize, Tally>, rows: &str) -> u64 {
    let tallies = serde_json::to_string(tallies).expect("plain numbers");
    fnv1a(tallies.bytes().chain(rows.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;
    use crate::scalar::Simd;
    use crate::sweep::part::train;
    use std::ops::ControlFlow;

    /// Whatever is wrong, and with the right checksum.
    #[test]
    fn a_part_that_no_runs_left_is_refused() {
        let short = Experiment::built_in("xor").unwrap().with(&["stop.epochs=3".into()]).unwrap();
        let sweep = Sweep::new(short, &[], 3, None, true).unwrap();
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("part");
        let outcomes = train(&sweep, 0..3, Simd::best(), &|_| ControlFlow::Continue(())).unwrap().unwrap();
        let part = Part::of(&sweep, 0, &outcomes);
        let refused = |part: &Part| {
            std::fs::write(&path, part.to_bytes(&sweep)).unwrap();
            Part::read(&sweep, 0, 0..3, &path).map_err(|error| error.to_string())
        };
        assert_eq!(refused(&part).unwrap(), part);
        let error = part.rows.lines().next().unwrap().split(',').nth(5).unwrap();
        for (from, to) in
            [(error, "NaN"), (error, "inf"), (error, "-1"), (error, ""), (error, "0.25"), ("0,0,0,", "1,0,0,")]
        {
            let rows = part.rows.replacen(from, to, 1);
            assert!(refused(&Part { rows, ..part.clone() }).is_err(), "{from} {to}");
        }
        let mut tallies = part.tallies.clone();
        tallies.get_mut(&0).unwrap().runs = u64::MAX;
        assert!(
            refused(&Part { tallies, ..part.clone() }).unwrap_err().contains("a tally of cell 0 that no 3 runs have")
        );
        let other = BTreeMap::from([(7, Tally::default())]);
        assert!(refused(&Part { tallies: other, ..part.clone() }).unwrap_err().contains("tallies of other cells"));
    }
}
