//! `neuronlab bench`: how fast the exercise's run is, alone and many side by side.

use super::train::in_units;
use crate::args::BenchArgs;
use crate::printer::Printer;
use crate::{Failure, PROGRAM, tables};
use neuronlab::scalar::{Simd, multiply_adds};
use neuronlab::sweep::{Options, Sweep, SweepFolder};
use neuronlab::{Error, Experiment, History, Trainer};
use serde_json::json;
use std::ops::ControlFlow;
use std::time::Instant;

/// Sweeps timed for each number of threads.
const SWEEPS: u32 = 5;

/// Times of one thing, in seconds, sorted.
pub(super) struct Times(Vec<f64>);

impl Times {
    pub(super) fn of(runs: u32, mut work: impl FnMut() -> Result<f64, Failure>) -> Result<Self, Failure> {
        let mut seconds = (0..runs).map(|_| work()).collect::<Result<Vec<f64>, _>>()?;
        seconds.sort_by(f64::total_cmp);
        Ok(Self(seconds))
    }

    pub(super) fn quantile(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }

    pub(super) fn json(&self) -> serde_json::Value {
        json!({ "runs": self.0.len(), "best": self.quantile(0.0), "median": self.quantile(0.5), "worst": self.quantile(1.0) })
    }
}

/// Many runs at a time on some threads.
struct Many {
    threads: usize,
    times: Times,
}

impl Many {
    /// Runs a second, by the median (0.5), the best (0) or the worst (1) time.
    fn rate(&self, runs: u64, quantile: f64) -> f64 {
        runs as f64 / self.times.quantile(quantile)
    }
}

pub(crate) fn run(args: &BenchArgs, printer: &mut Printer) -> Result<(), Failure> {
    if !args.width.is_empty() {
        return super::bench_wide::run(args, printer);
    }
    let experiment = Experiment::built_in("xor")?;
    let steps = experiment.stop.epochs * 4;
    let alone = alone(args.runs, &experiment)?;
    let simd = Simd::best();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let counts = if cores > 1 { vec![1, cores] } else { vec![1] };
    let many = counts
        .into_iter()
        .map(|threads| side_by_side(&experiment, args.many, threads))
        .collect::<Result<Vec<_>, _>>()?;
    let peak = peak(simd);

    let operations: u64 = operations().iter().map(|(_, count)| count).sum();
    let rate = many[0].rate(args.many, 0.5);
    let flops = rate * steps as f64 * operations as f64;
    if printer.json() {
        let times: serde_json::Map<_, _> = alone.iter().map(|(name, times)| ((*name).into(), times.json())).collect();
        let threads = many.iter().map(|m| {
            json!({ "threads": m.threads, "runs": args.many, "seconds": m.times.json(),
                "runs_per_second": m.rate(args.many, 0.5), "runs_per_second_and_core": m.rate(args.many, 0.5) / m.threads as f64 })
        });
        printer.value(&json!({
            "experiment": "xor", "steps": steps, "unit": "seconds", "times": times,
            "side_by_side": threads.collect::<Vec<_>>(), "simd": simd.name(), "lanes": simd.lanes::<f32>(),
            "operations_per_step": operations, "flops": flops, "peak_flops": peak, "share_of_peak": flops / peak,
            "version": env!("CARGO_PKG_VERSION"), "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        }));
    }
    printer.heading(format_args!("The exercise's run: {steps} steps of the 44-parameter network, one thread"));
    printer.line("");
    let rows = alone.iter().map(|(name, times)| {
        let quantiles = [0.0, 0.5, 1.0].map(|share| in_units(times.quantile(share)));
        std::iter::once((*name).to_string()).chain([times.0.len().to_string()]).chain(quantiles).collect()
    });
    printer.line(tables::table(&["", "runs", "best", "median", "worst"], rows, &[0]));
    printer.line("");
    printer.line(format_args!("{:.0} ns a step (median of the loop)", alone[0].1.quantile(0.5) / steps as f64 * 1e9));
    printer.line("");
    show_many(&many, args.many, simd, printer);
    printer.line("");
    show_operations(operations, flops, peak, printer);
    Ok(())
}

fn alone(runs: u32, experiment: &Experiment) -> Result<Vec<(&'static str, Times)>, Failure> {
    let alone = Times::of(runs, || {
        let mut trainer = Trainer::<f32>::new(experiment)?;
        timed(|| trainer.run(&mut ()).map(|_| ()).map_err(|d| Failure::Diverged(d.to_string())))
    })?;
    let recorded = Times::of(runs, || {
        let mut trainer = Trainer::<f32>::new(experiment)?;
        let mut history = History::new(&trainer);
        timed(|| trainer.run(&mut history).map(|_| ()).map_err(|d| Failure::Diverged(d.to_string())))
    })?;
    let process = Times::of(runs.min(20), || timed(whole_process))?;
    Ok(vec![("training loop", alone), ("training loop, history kept", recorded), ("whole process", process)])
}

/// A sweep of the exercise as the command makes it, with all its files, into a folder that is removed again.
fn side_by_side(experiment: &Experiment, runs: u64, threads: usize) -> Result<Many, Failure> {
    let options = Options { threads, ..Options::default() };
    let times = Times::of(SWEEPS, || {
        let place =
            tempfile::tempdir().map_err(|source| Error::Io { action: "create", path: "a folder".into(), source })?;
        let sweep = Sweep::new(experiment.clone(), &[], runs, None, true)?;
        let folder = SweepFolder::create(place.path(), sweep, false)?;
        timed(|| {
            folder.train(&folder.missing(&options)?, &options, &|_| ControlFlow::Continue(()))?;
            folder.finish(|_| vec![])?;
            Ok(())
        })
    })?;
    Ok(Many { threads, times })
}

fn show_many(many: &[Many], runs: u64, simd: Simd, printer: &mut Printer) {
    printer.heading(format_args!("Sweeps of {runs} runs, {}, {} side by side", simd.name(), simd.lanes::<f32>()));
    printer.line("");
    let rows = many.iter().map(|m| {
        let rates = [1.0, 0.5, 0.0].map(|q| format!("{:.0}", m.rate(runs, q)));
        let core = format!("{:.0}", m.rate(runs, 0.5) / m.threads as f64);
        let scaling = format!("{:.2}", m.rate(runs, 0.5) / many[0].rate(runs, 0.5));
        std::iter::once(m.threads.to_string()).chain(rates).chain([core, scaling]).collect()
    });
    let head = ["threads", "runs/s worst", "median", "best", "runs/s and core", "times one thread"];
    printer.line(tables::table(&head, rows, &[]));
}

fn show_operations(operations: u64, flops: f64, peak: f64, printer: &mut Printer) {
    printer.heading("Floating-point operations of one step of one network");
    printer.line("");
    let rows = operations_table(operations);
    printer.line(tables::table(&["", "operations"], rows, &[0]));
    printer.line("");
    printer.line(format_args!(
        "{:.1} GFLOP/s on one thread, {:.0} % of {:.1} GFLOP/s, the measured peak of fused multiply-adds",
        flops / 1e9,
        100.0 * flops / peak,
        peak / 1e9
    ));
}

fn operations_table(total: u64) -> Vec<Vec<String>> {
    let rows = operations().into_iter().chain([("together", total)]);
    rows.map(|(what, count)| vec![what.to_string(), count.to_string()]).collect()
}

/// Operations of a step: a fused multiply-add counts as two; comparisons, selections and moves as none.
fn operations() -> [(&'static str, u64); 6] {
    let (weights, neurons, hidden, behind_first) = (44, 13, 12, 36);
    // Near 0: 2 products and 3 fused; far out: a difference and 9 fused; of both a quotient and a difference.
    let tanh = (2 + 2 * 3) + (1 + 2 * 9) + 2;
    [
        ("weighted sums", neurons + 2 * (weights - neurons)),
        ("tanh", hidden * tanh),
        ("loss and its slope", 3),
        ("tanh backward, da (1 - a^2)", 3 * hidden),
        ("weighted sums backward", hidden + 2 * (behind_first - hidden) + weights),
        ("momentum and step", 5 * weights),
    ]
}

/// Floating-point operations a second that fused multiply-adds alone reach: the best of some tries.
pub(super) fn peak(simd: Simd) -> f64 {
    let one = || {
        let start = Instant::now();
        let (operations, _) = std::hint::black_box(multiply_adds(simd, 2_000_000));
        operations as f64 / start.elapsed().as_secs_f64()
    };
    (0..10).map(|_| one()).fold(0.0, f64::max)
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}

/// `neuronlab train --quiet` into a folder that is removed again.
fn whole_process() -> Result<(), Failure> {
    let failed = |source| Error::Io { action: "run", path: "neuronlab train".into(), source };
    let folder = tempfile::tempdir().map_err(failed)?;
    let itself = std::env::current_exe().map_err(failed)?;
    // Within Python this process is Python's.
    let is_ours = itself.file_stem().is_some_and(|name| name == "neuronlab");
    let program = if is_ours { itself.into_os_string() } else { PROGRAM.get().cloned().unwrap_or_default() };
    let status = std::process::Command::new(program)
        .args(["train", "--quiet", "--out"])
        .arg(folder.path())
        .status()
        .map_err(failed)?;
    if status.success() { Ok(()) } else { Err(failed(std::io::Error::other(status.to_string())).into()) }
}
