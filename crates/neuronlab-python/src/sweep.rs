//! Sweeps: what is to be run, and the folder or the memory that holds what was.

use crate::error::{OrRaise, value_error};
use crate::experiment::Experiment;
use crate::table::{Column, Columns};
use neuronlab::sweep::{Options, Outcome, Share, SweepFolder, SweepMemory, Tally};
use neuronlab::{draw, sweep};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Between two looks at Ctrl-C and the progress bar.
const LOOK: Duration = Duration::from_millis(50);

/// The score interval of Wilson (1927) at 95 %: share, low and high end.
#[pyfunction]
pub(crate) fn wilson(successes: u64, runs: u64) -> (f64, f64, f64) {
    let share = sweep::wilson(successes, runs);
    (share.share, share.low, share.high)
}

/// What is to be run.
#[pyclass(frozen, module = "neuronlab._neuronlab")]
pub(crate) struct Sweep(sweep::Sweep);

#[pymethods]
impl Sweep {
    #[new]
    fn new(
        py: Python<'_>,
        experiment: &Experiment,
        vary: Vec<String>,
        runs: u64,
        random: Option<usize>,
        keep_runs: bool,
    ) -> PyResult<Self> {
        let experiment = experiment.0.clone();
        py.detach(|| sweep::Sweep::new(experiment, &vary, runs, random, keep_runs)).or_raise().map(Self)
    }

    /// From the text of a `sweep.toml`.
    #[staticmethod]
    fn from_toml(text: &str) -> PyResult<Self> {
        sweep::Sweep::from_toml(text, "sweep.toml".as_ref()).or_raise().map(Self)
    }

    /// The whole sweep as the text of a `sweep.toml`.
    fn to_toml(&self) -> String {
        self.0.to_toml()
    }

    /// Number of runs in all.
    #[getter]
    fn total(&self) -> u64 {
        self.0.total()
    }

    /// Number of cells.
    #[getter]
    fn cells(&self) -> usize {
        self.0.cells()
    }

    /// Number of parts: what depends on the sweep alone, and is trained whole or not at all.
    fn parts(&self, py: Python<'_>) -> PyResult<usize> {
        py.detach(|| self.0.parts()).or_raise()
    }

    /// Trains a part on one thread; its file. None where Ctrl-C came in between.
    fn train_part<'py>(&self, py: Python<'py>, part: usize) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = watched(py, None, |watch| self.0.train_part(part, watch))?;
        bytes.map(|bytes| PyBytes::new(py, &bytes)).ok_or_else(|| value_error("interrupted"))
    }

    /// The experiment of a run by its number.
    fn run_experiment(&self, run: u64) -> PyResult<Experiment> {
        self.0.run_experiment(run).or_raise().map(Experiment)
    }

    /// Fields that are varied.
    fn axes(&self) -> Vec<String> {
        self.0.axes().iter().map(|axis| axis.field().to_string()).collect()
    }
}

/// The folder of a sweep.
#[pyclass(frozen, module = "neuronlab._neuronlab")]
pub(crate) struct Folder(SweepFolder);

#[pymethods]
impl Folder {
    /// The folder of a sweep, made or gone on with.
    #[staticmethod]
    fn create(py: Python<'_>, path: PathBuf, sweep: &Sweep, force: bool) -> PyResult<Self> {
        let sweep = sweep.0.clone();
        py.detach(|| SweepFolder::create(&path, sweep, force)).or_raise().map(Self)
    }

    /// The folder of an earlier sweep.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        py.detach(|| SweepFolder::open(&path)).or_raise().map(Self)
    }

    /// Whether all runs are done.
    #[getter]
    fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// What was to be run.
    fn sweep(&self) -> Sweep {
        Sweep(self.0.sweep().clone())
    }

    /// Parts that are still to be done.
    fn missing(&self, py: Python<'_>) -> PyResult<Vec<usize>> {
        py.detach(|| self.0.missing(&Options::default())).or_raise()
    }

    /// Runs in some parts.
    fn runs_in(&self, parts: Vec<usize>) -> u64 {
        self.0.runs_in(&parts)
    }

    /// Trains parts on `threads` threads (0: one for each core). `progress` is called with the runs done.
    fn train(&self, py: Python<'_>, parts: Vec<usize>, threads: usize, progress: Option<Py<PyAny>>) -> PyResult<()> {
        let options = Options { threads, ..Options::default() };
        watched(py, progress.as_ref(), |watch| self.0.train(&parts, &options, watch)).map(|_| ())
    }

    /// Takes over a part that was trained elsewhere.
    fn put_part(&self, py: Python<'_>, part: usize, bytes: &[u8]) -> PyResult<()> {
        py.detach(|| self.0.put_part(part, bytes)).or_raise()
    }

    /// Adds the parts up and writes the files of a whole sweep.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.finish(|tallies| draw::sweep_files(self.0.sweep(), tallies))).or_raise().map(|_| ())
    }

    /// What every run left.
    fn runs(&self, py: Python<'_>) -> PyResult<Columns> {
        py.detach(|| runs(self.0.sweep(), |each| self.0.each_run(each))).or_raise().map(Columns)
    }

    /// What is true of each cell.
    fn cells(&self, py: Python<'_>) -> PyResult<Columns> {
        py.detach(|| Ok(cells(self.0.sweep(), &self.0.tallies()?))).or_raise().map(Columns)
    }

    /// The picture of a whole sweep; none where nothing is varied.
    fn plot(&self, py: Python<'_>) -> PyResult<Option<String>> {
        py.detach(|| Ok(draw::sweep_plot(self.0.sweep(), &self.0.tallies()?))).or_raise()
    }
}

/// A sweep in memory, with the methods of a folder.
#[pyclass(frozen, module = "neuronlab._neuronlab")]
pub(crate) struct Memory(SweepMemory);

#[pymethods]
impl Memory {
    #[new]
    fn new(py: Python<'_>, sweep: &Sweep) -> PyResult<Self> {
        let sweep = sweep.0.clone();
        py.detach(|| SweepMemory::new(sweep)).or_raise().map(Self)
    }

    /// Whether all runs are done.
    #[getter]
    fn is_complete(&self) -> bool {
        self.0.is_complete()
    }

    /// What was to be run.
    fn sweep(&self) -> Sweep {
        Sweep(self.0.sweep().clone())
    }

    /// Parts that are still to be done.
    fn missing(&self) -> Vec<usize> {
        self.0.missing()
    }

    /// Runs in some parts.
    fn runs_in(&self, parts: Vec<usize>) -> u64 {
        self.0.runs_in(&parts)
    }

    /// Trains parts on `threads` threads (0: one for each core). `progress` is called with the runs done.
    fn train(&self, py: Python<'_>, parts: Vec<usize>, threads: usize, progress: Option<Py<PyAny>>) -> PyResult<()> {
        let options = Options { threads, ..Options::default() };
        watched(py, progress.as_ref(), |watch| self.0.train(&parts, &options, watch)).map(|_| ())
    }

    /// Takes over a part that was trained elsewhere.
    fn put_part(&self, py: Python<'_>, part: usize, bytes: &[u8]) -> PyResult<()> {
        py.detach(|| self.0.put_part(part, bytes)).or_raise()
    }

    /// Refuses a sweep of which parts are missing; there is nothing to write.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.tallies()).or_raise().map(|_| ())
    }

    /// What every run left.
    fn runs(&self, py: Python<'_>) -> PyResult<Columns> {
        py.detach(|| runs(self.0.sweep(), |each| self.0.each_run(each))).or_raise().map(Columns)
    }

    /// What is true of each cell.
    fn cells(&self, py: Python<'_>) -> PyResult<Columns> {
        py.detach(|| Ok(cells(self.0.sweep(), &self.0.tallies()?))).or_raise().map(Columns)
    }

    /// The picture of a whole sweep; none where nothing is varied.
    fn plot(&self, py: Python<'_>) -> PyResult<Option<String>> {
        py.detach(|| Ok(draw::sweep_plot(self.0.sweep(), &self.0.tallies()?))).or_raise()
    }
}

/// Works on a thread of its own, while this one looks at Ctrl-C and tells how many runs are done.
fn watched<R: Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce(&(dyn Fn(u64) -> ControlFlow<()> + Sync)) -> neuronlab::Result<R> + Send,
) -> PyResult<R> {
    let (done, stop, over) = (AtomicU64::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let watch = |runs: u64| {
        done.fetch_add(runs, Ordering::Relaxed);
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let look = |py: Python<'_>| -> PyResult<()> {
        py.check_signals()?;
        progress.map_or(Ok(()), |progress| progress.call1(py, (done.load(Ordering::Relaxed),)).map(|_| ()))
    };
    let (result, raised) = py.detach(|| {
        let caller = std::thread::current();
        let work = || {
            let result = work(&watch);
            // Short work is not waited for longer than it takes.
            over.store(true, Ordering::Release);
            caller.unpark();
            result
        };
        std::thread::scope(|scope| {
            let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            let worker = worker.expect("a thread");
            let mut raised = None;
            while !over.load(Ordering::Acquire) && !worker.is_finished() {
                std::thread::park_timeout(LOOK);
                if raised.is_none()
                    && let Err(error) = Python::attach(look)
                {
                    stop.store(true, Ordering::Relaxed);
                    raised = Some(error);
                }
            }
            (worker.join(), raised)
        })
    });
    if let Some(error) = raised {
        return Err(error);
    }
    let value =
        result.map_err(|_| pyo3::exceptions::PyRuntimeError::new_err("a bug in neuronlab: a thread panicked"))?;
    let value = value.or_raise()?;
    if let Some(progress) = progress {
        progress.call1(py, (done.into_inner(),))?;
    }
    Ok(value)
}

/// Bytes of stack of the thread that trains, as in the library.
const STACK: usize = 16 << 20;

/// A column for each axis, of the cell that a row is of.
fn of_axes(sweep: &sweep::Sweep, rows: &[usize]) -> Vec<(String, Column)> {
    let cells: Vec<Vec<String>> = (0..sweep.cells()).map(|cell| sweep.cell(cell)).collect();
    let column = |a: usize| Column::of_texts(rows.iter().map(|&cell| cells[cell][a].clone()).collect());
    sweep.axes().iter().enumerate().map(|(a, axis)| (axis.field().to_string(), column(a))).collect()
}

/// Columns of all runs, filled as they come: a million runs are not held twice.
fn runs(
    sweep: &sweep::Sweep,
    each_run: impl FnOnce(&mut dyn FnMut(u64, Outcome)) -> neuronlab::Result<()>,
) -> neuronlab::Result<Vec<(String, Column)>> {
    let (mut numbers, mut cell) = (vec![], vec![]);
    let (mut right, mut close, mut error, mut epochs) = (vec![], vec![], vec![], vec![]);
    let (mut solved, mut diverged, mut weights) = (vec![], vec![], vec![]);
    let a_cell = sweep.runs();
    each_run(&mut |run, outcome| {
        numbers.push(run);
        cell.push((run / a_cell) as usize);
        right.push(outcome.right);
        close.push(outcome.close);
        error.push(outcome.error);
        epochs.push(outcome.epochs);
        solved.push(outcome.solved);
        diverged.push(outcome.diverged);
        weights.push(outcome.weights);
    })?;
    let offsets: Vec<u64> = numbers.iter().map(|run| run % a_cell).collect();
    let mut columns = vec![
        ("run".into(), Column::from(numbers)),
        ("cell".into(), Column::from(cell.iter().map(|&cell| cell as u64).collect::<Vec<_>>())),
        ("offset".into(), Column::from(offsets)),
    ];
    columns.extend(of_axes(sweep, &cell));
    columns.extend([
        ("right".into(), Column::from(right)),
        ("close".into(), Column::from(close)),
        ("error".into(), Column::from(error)),
        ("epochs".into(), Column::from(epochs)),
        ("solved".into(), Column::from(solved)),
        ("diverged".into(), Column::from(diverged)),
        ("weights".into(), Column::from(weights)),
    ]);
    Ok(columns)
}

fn cells(sweep: &sweep::Sweep, tallies: &[Tally]) -> Vec<(String, Column)> {
    let rows: Vec<usize> = (0..tallies.len()).collect();
    let counts = |of: fn(&Tally) -> u64| Column::from(tallies.iter().map(of).collect::<Vec<_>>());
    let numbers = |of: &dyn Fn(&Tally) -> f64| Column::from(tallies.iter().map(of).collect::<Vec<_>>());
    let mut columns =
        vec![("cell".to_string(), Column::from(rows.iter().map(|&cell| cell as u64).collect::<Vec<_>>()))];
    columns.extend(of_axes(sweep, &rows));
    columns.push(("runs".into(), counts(|t| t.runs)));
    for (name, count, share) in [
        ("right", (|t| t.right) as fn(&Tally) -> u64, Tally::right_share as fn(&Tally) -> Share),
        ("close", |t| t.close, Tally::close_share),
    ] {
        columns.push((name.into(), counts(count)));
        columns.push((format!("{name}_share"), numbers(&|t| share(t).share)));
        columns.push((format!("{name}_low"), numbers(&|t| share(t).low)));
        columns.push((format!("{name}_high"), numbers(&|t| share(t).high)));
    }
    for (name, q) in [("25", 0.25), ("50", 0.5), ("75", 0.75)] {
        let errors = tallies.iter().map(|t| t.error_quantile(q)).collect::<Vec<_>>();
        columns.push((format!("error_{name}"), Column::from(errors)));
    }
    for (name, q) in [("25", 0.25), ("50", 0.5), ("75", 0.75)] {
        let epochs = tallies.iter().map(|t| t.epochs_quantile(q)).collect::<Vec<_>>();
        columns.push((format!("epochs_{name}"), Column::from(epochs)));
    }
    columns.push(("diverged".into(), counts(|t| t.diverged)));
    columns
}
