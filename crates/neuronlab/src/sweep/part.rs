//! A part of a sweep: 64 to some thousand runs in a row, written whole or not at all.

use super::Sweep;
use super::block::{Common, Run};
use super::kind::{Kind, in_cell};
use super::outcome::Outcome;
use super::tally::Tally;
use crate::error::{Error, Result};
use crate::limits::MEMORY_LIMIT;
use crate::random::TorchReal;
use crate::scalar::{Dtype, Real, Simd};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::{ControlFlow, Range};
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

/// Runs that a part has at most and, but for the last, at least; both multiples of every number of lanes.
const MOST_RUNS: u64 = 4096;
pub(super) const LEAST_RUNS: u64 = 64;
/// Parts of the longest sweep, and the runs of a part of it: what they left is in memory until the part is written.
const MOST_PARTS: u64 = 100_000;
const MOST_HELD: u64 = 1 << 20;
/// More threads than any machine has cores: they would bring it to a stop before one of them trains.
const MOST_THREADS: usize = 4096;
/// Multiplications that a part of long runs takes at least: about a second.
const WORK: u128 = 1 << 33;
/// Parts that a sweep of short runs has at least, if it has the runs, so that all cores have some.
const PARTS: u64 = 256;

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
pub(super) fn threads_fit(sweep: &Sweep, threads: usize, simd: Simd) -> Result<()> {
    fn bytes<T: Real + TorchReal>(experiment: &crate::Experiment, simd: Simd) -> Result<u128> {
        let (common, lanes) = (Common::<T>::new(experiment)?, simd.lanes::<T>());
        let side_by_side = if common.is_trained_alone(lanes) { 1 } else { lanes };
        Ok(common.numbers_a_run() as u128 * (side_by_side * size_of::<T>()) as u128)
    }
    let experiment = sweep.cell_experiment(0)?;
    let each = match experiment.dtype {
        Dtype::Float32 => bytes::<f32>(&experiment, simd)?,
        Dtype::Float64 => bytes::<f64>(&experiment, simd)?,
    };
    let most = (MEMORY_LIMIT / each.max(1)).max(1);
    if threads > MOST_THREADS {
        return Err(Error::field("--threads", format!("at most {MOST_THREADS}"), threads));
    }
    if threads as u128 <= most {
        return Ok(());
    }
    let expected = format!("at most {most}, since each takes {} MiB for this network", each >> 20);
    Err(Error::field("--threads", expected, threads))
}

/// Called with the number of runs that have just been done, and with 0 before the next ones; `Break` then ends the work.
pub(super) type Watch<'w> = &'w (dyn Fn(u64) -> ControlFlow<()> + Sync);

/// Trains the runs of a part: what each left, with its number, in order. `None` where the watcher broke in.
pub(super) fn train(
    sweep: &Sweep,
    runs: Range<u64>,
    simd: Simd,
    watch: Watch<'_>,
) -> Result<Option<Vec<(u64, Outcome)>>> {
    let mut kinds: Vec<Kind> = vec![];
    let mut cell: Option<(u64, Arc<crate::Experiment>, usize)> = None;
    for run in runs.clone() {
        let number = run / sweep.runs();
        if cell.as_ref().is_none_or(|(of, ..)| *of != number) {
            // Each cell's experiment is looked at as a whole: with a run a cell that takes a while.
            if watch(0).is_break() {
                return Ok(None);
            }
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
    Ok(Some(outcomes))
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

impl Part {
    pub(super) fn of(sweep: &Sweep, index: usize, outcomes: &[(u64, Outcome)]) -> Self {
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

    /// What its runs left, where they are kept.
    pub(super) fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.rows.lines().filter_map(|line| Outcome::of_row(line).map(|(_, outcome)| outcome))
    }

    /// The head of `runs.csv`.
    pub(super) fn header(sweep: &Sweep) -> String {
        let axes = joined(sweep.axes().iter().map(super::Axis::field));
        format!("run,cell,offset,{axes}{}\n", Outcome::COLUMNS.join(","))
    }
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
        assert!(
            threads_fit(&large, 4, Simd::best()).is_ok() && threads_fit(&sweep(&[], 1), 1024, Simd::best()).is_ok()
        );
        let error = threads_fit(&sweep(&[], 1), 1_000_000_000, Simd::best()).unwrap_err().to_string();
        assert_eq!(error, "--threads: expected at most 4096, got 1000000000");
        let error = threads_fit(&large, 1024, Simd::best()).unwrap_err().to_string();
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
}
