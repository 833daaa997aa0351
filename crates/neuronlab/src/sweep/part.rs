//! A part of a sweep: 64 to some thousand runs in a row, written whole or not at all.
//!
//! A part's file is a line of JSON, with the tallies of its cells and a checksum, and the rows of its runs where they are kept.

use super::divergence::Diverging;
use super::outcome::Outcome;
use super::tally::Tally;
use super::{Sweep, block};
use crate::error::{Error, Result};
use crate::experiment::FORMAT;
use crate::file;
use crate::limits::MEMORY_LIMIT;
use crate::random::TorchReal;
use crate::scalar::{Dtype, Real, Simd};
use crate::train::{Trainer, fnv1a};
use block::{Block, Common, Run};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;

/// What runs of one part left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub(super) index: usize,
    /// Of each cell that has runs here.
    pub(super) tallies: BTreeMap<usize, Tally>,
    /// Rows of `runs.csv`, where runs are kept.
    pub(super) rows: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    sweep: u64,
    part: usize,
    tallies: BTreeMap<usize, Tally>,
    /// Of the tallies and the rows.
    checksum: u64,
}

/// Runs that a part has at most and, but for the last, at least; both multiples of every number of lanes.
const MOST_RUNS: u64 = 4096;
const LEAST_RUNS: u64 = 64;
/// Parts of the longest sweep, and the runs of a part of it: what they left is in memory until the part is written.
const MOST_PARTS: u64 = 100_000;
const MOST_HELD: u64 = 1 << 20;
/// Multiplications that a part of long runs takes at least: about a second.
const WORK: u128 = 1 << 33;
/// Parts that a sweep of short runs has at least, if it has the runs, so that all cores have some.
const PARTS: u64 = 256;
/// Of so many parts of the lanes one must be filled, if training them side by side is to be faster than one by one.
const FEW: usize = 9;
/// Memory that the lanes of a block may take, in bytes; where a network is larger its runs are trained one by one.
const MOST_MEMORY: usize = 1 << 30;

/// The runs of each part. It depends on the sweep alone, so that parts made anywhere fit together.
pub(super) fn size(sweep: &Sweep) -> Result<u64> {
    let experiment = sweep.cell_experiment(0)?;
    let work = match experiment.dtype {
        Dtype::Float32 => Common::<f32>::new(&experiment)?.work_a_run(experiment.stop.epochs),
        Dtype::Float64 => Common::<f64>::new(&experiment)?.work_a_run(experiment.stop.epochs),
    };
    let by_work = u64::try_from(WORK / work.max(1)).unwrap_or(u64::MAX);
    let runs = (sweep.total() / PARTS).min(by_work).min(MOST_RUNS).max(sweep.total() / MOST_PARTS);
    if runs > MOST_HELD {
        let expected = format!("at most {} runs in all", MOST_HELD * MOST_PARTS);
        return Err(Error::field("--runs", expected, sweep.total()));
    }
    Ok(runs.next_multiple_of(LEAST_RUNS).max(LEAST_RUNS))
}

/// Refuses so many threads if the runs that they train at a time do not fit into memory together.
pub(super) fn threads_fit(sweep: &Sweep, threads: usize) -> Result<()> {
    fn bytes<T: Real + TorchReal>(experiment: &crate::Experiment) -> Result<u128> {
        let one = Common::<T>::new(experiment)?.numbers_a_run() as u128 * size_of::<T>() as u128;
        let block = one * Simd::best().lanes::<T>() as u128;
        Ok(if block > MOST_MEMORY as u128 { one } else { block })
    }
    let experiment = sweep.cell_experiment(0)?;
    let each = match experiment.dtype {
        Dtype::Float32 => bytes::<f32>(&experiment)?,
        Dtype::Float64 => bytes::<f64>(&experiment)?,
    };
    let most = (MEMORY_LIMIT / each.max(1)).max(1);
    if threads as u128 <= most {
        return Ok(());
    }
    let expected = format!("at most {most}, since each takes {} MiB for this network", each >> 20);
    Err(Error::field("--threads", expected, threads))
}

/// Called with the number of runs that have just been done, and with 0 before the next ones; `Break` then ends the work.
pub(super) type Watch<'w> = &'w (dyn Fn(u64) -> ControlFlow<()> + Sync);

/// Trains the runs of a part; `None` where the watcher broke in.
pub(super) fn train(
    sweep: &Sweep,
    index: usize,
    runs: Range<u64>,
    simd: Simd,
    watch: Watch<'_>,
) -> Result<Option<Part>> {
    let mut kinds: Vec<Kind> = vec![];
    let mut cell: Option<(u64, Arc<crate::Experiment>, usize)> = None;
    for run in runs.clone() {
        let number = run / sweep.runs();
        if cell.as_ref().is_none_or(|(of, ..)| *of != number) {
            let experiment = sweep.cell_experiment(number as usize).map_err(|e| in_cell(sweep, number, e))?;
            let structure = experiment.structure();
            let kind = kinds.iter().position(|kind| kind.structure == structure).unwrap_or_else(|| {
                kinds.push(Kind { structure, runs: vec![], numbers: vec![] });
                kinds.len() - 1
            });
            cell = Some((number, Arc::new(experiment), kind));
        }
        let (_, experiment, kind) = cell.as_ref().expect("it was just set");
        kinds[*kind].runs.push(Run { experiment: Arc::clone(experiment), offset: run % sweep.runs() });
        kinds[*kind].numbers.push(run);
    }
    let mut outcomes: Vec<(u64, Outcome)> = vec![];
    for kind in kinds {
        let trained = match kind.structure.dtype {
            Dtype::Float32 => kind.train::<f32>(simd, watch),
            Dtype::Float64 => kind.train::<f64>(simd, watch),
        };
        let trained = trained.map_err(|e| kind.first_error(sweep).unwrap_or(e))?;
        let Some(trained) = trained else { return Ok(None) };
        outcomes.extend(kind.numbers.into_iter().zip(trained));
    }
    outcomes.sort_by_key(|(run, _)| *run);
    Ok(Some(Part::of(sweep, index, &outcomes)))
}

/// One run, in lanes.
pub(super) fn in_lanes(sweep: &Sweep, run: u64, simd: Simd) -> Result<Outcome> {
    let experiment = sweep.cell_experiment((run / sweep.runs()) as usize)?;
    let structure = experiment.structure();
    let one = Run { experiment: Arc::new(experiment), offset: run % sweep.runs() };
    let kind = Kind { structure, runs: vec![one], numbers: vec![run] };
    let go_on = |_| ControlFlow::Continue(());
    let trained = match kind.structure.dtype {
        Dtype::Float32 => kind.train::<f32>(simd, &go_on)?,
        Dtype::Float64 => kind.train::<f64>(simd, &go_on)?,
    };
    Ok(trained.and_then(|mut outcomes| outcomes.pop()).expect("one run, and nobody breaks in"))
}

fn in_cell(sweep: &Sweep, cell: u64, error: Error) -> Error {
    let values = sweep.cell(cell as usize);
    let names = sweep.axes().iter().zip(values).map(|(axis, value)| format!("{}={value}", axis.field()));
    error.with_hint(format!("in cell {cell}: {}", names.collect::<Vec<_>>().join(", ")))
}

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
        let alone = common.numbers_a_run().saturating_mul(lanes * size_of::<T>()) > MOST_MEMORY;
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
    fn first_error(&self, sweep: &Sweep) -> Option<Error> {
        let error = |(run, number): (&Run, &u64)| {
            let error = Trainer::<f32>::new(&run.experiment).err()?;
            Some(in_cell(sweep, number / sweep.runs(), error))
        };
        self.runs.iter().zip(&self.numbers).find_map(error)
    }
}

impl Part {
    fn of(sweep: &Sweep, index: usize, outcomes: &[(u64, Outcome)]) -> Self {
        let (mut tallies, mut rows) = (BTreeMap::<usize, Tally>::new(), String::new());
        let mut last: Option<(u64, String)> = None;
        for (run, outcome) in outcomes {
            let (cell, offset) = (run / sweep.runs(), run % sweep.runs());
            tallies.entry(cell as usize).or_default().add(outcome);
            if sweep.keeps_runs() {
                if last.as_ref().is_none_or(|(of, _)| *of != cell) {
                    let values = joined(sweep.cell(cell as usize).iter().map(String::as_str));
                    last = Some((cell, values));
                }
                let (_, values) = last.as_ref().expect("it was just set");
                let _ = writeln!(rows, "{run},{cell},{offset},{values}{}", outcome.cells().join(","));
            }
        }
        Self { index, tallies, rows }
    }

    /// The head of `runs.csv`.
    pub(super) fn header(sweep: &Sweep) -> String {
        let axes = joined(sweep.axes().iter().map(super::Axis::field));
        format!("run,cell,offset,{axes}{}\n", Outcome::COLUMNS.join(","))
    }

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
        let bytes = file::read(path, file::MOST)?;
        let text = String::from_utf8(bytes).ok();
        let parsed = text.as_deref().and_then(|text| {
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

/// Cells of a CSV file, each with its comma.
fn joined<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    cells.fold(String::new(), |row, cell| row + &quoted(cell) + ",")
}

/// A cell of a CSV file.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Experiment;

    fn sweep(settings: &[&str], runs: u64) -> Sweep {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        Sweep::new(Experiment::built_in("xor").unwrap().with(&settings).unwrap(), &[], runs, None, true).unwrap()
    }

    #[test]
    fn threads_have_room_for_their_runs() {
        let large = sweep(&["network.layers.0.out_features=1000", "network.layers.1.out_features=1000"], 1);
        assert!(threads_fit(&large, 4).is_ok() && threads_fit(&sweep(&[], 1), 1024).is_ok());
        let error = threads_fit(&large, 1024).unwrap_err().to_string();
        assert!(error.starts_with("--threads: expected at most ") && error.contains("MiB for this network"), "{error}");
    }

    #[test]
    fn a_sweep_whose_parts_do_not_fit_into_memory_is_refused() {
        assert_eq!(size(&sweep(&[], 4_000_000_000)).unwrap(), 40_000);
        let vary = ["optimizer.lr=lin:0.01:0.1:100".to_string()];
        let many = Sweep::new(Experiment::built_in("xor").unwrap(), &vary, 4_000_000_000, None, true).unwrap();
        let error = size(&many).unwrap_err().to_string();
        assert_eq!(error, "--runs: expected at most 104857600000 runs in all, got 400000000000");
    }

    /// Whatever is wrong, and with the right checksum.
    #[test]
    fn a_part_that_no_runs_left_is_refused() {
        let sweep = sweep(&["stop.epochs=3"], 3);
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("part");
        let part = train(&sweep, 0, 0..3, Simd::best(), &|_| ControlFlow::Continue(())).unwrap().unwrap();
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
