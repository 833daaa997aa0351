//! `neuronlab bench`: how fast the exercise's run is, the loop alone and the whole program.

use super::train::in_units;
use crate::args::BenchArgs;
use crate::printer::Printer;
use crate::{Failure, tables};
use neuronlab::{Error, Experiment, History, Trainer};
use serde_json::json;
use std::time::Instant;

/// Times of one thing, in seconds, sorted.
struct Times(Vec<f64>);

impl Times {
    fn of(runs: u32, mut work: impl FnMut() -> Result<f64, Failure>) -> Result<Self, Failure> {
        let mut seconds = (0..runs).map(|_| work()).collect::<Result<Vec<f64>, _>>()?;
        seconds.sort_by(f64::total_cmp);
        Ok(Self(seconds))
    }

    fn quantile(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share).round() as usize]
    }

    fn json(&self) -> serde_json::Value {
        json!({ "runs": self.0.len(), "best": self.quantile(0.0), "median": self.quantile(0.5), "worst": self.quantile(1.0) })
    }
}

pub(crate) fn run(args: &BenchArgs, printer: &mut Printer) -> Result<(), Failure> {
    let experiment = Experiment::built_in("xor")?;
    let steps = experiment.stop.epochs * 4;
    let alone = Times::of(args.runs, || {
        let mut trainer = Trainer::<f32>::new(&experiment)?;
        timed(|| trainer.run(&mut ()).map(|_| ()).map_err(|d| Failure::Diverged(d.to_string())))
    })?;
    let recorded = Times::of(args.runs, || {
        let mut trainer = Trainer::<f32>::new(&experiment)?;
        let mut history = History::new(&trainer);
        timed(|| trainer.run(&mut history).map(|_| ()).map_err(|d| Failure::Diverged(d.to_string())))
    })?;
    let process = Times::of(args.runs.min(20), || timed(whole_process))?;

    let rows = [("training loop", &alone), ("training loop, history kept", &recorded), ("whole process", &process)];
    if printer.json() {
        let times: serde_json::Map<_, _> =
            rows.iter().map(|(name, times)| ((*name).to_string(), times.json())).collect();
        printer.value(&json!({
            "experiment": "xor", "steps": steps, "unit": "seconds", "times": times,
            "version": env!("CARGO_PKG_VERSION"), "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        }));
    }
    printer.heading(format_args!("The exercise's run: {steps} steps of the 44-parameter network, one thread"));
    printer.line("");
    let table = rows.iter().map(|(name, times)| {
        let quantiles = [0.0, 0.5, 1.0].map(|share| in_units(times.quantile(share)));
        std::iter::once((*name).to_string()).chain([times.0.len().to_string()]).chain(quantiles).collect()
    });
    printer.line(tables::table(&["", "runs", "best", "median", "worst"], table, &[0]));
    printer.line("");
    printer.line(format_args!("{:.0} ns a step (median of the loop)", alone.quantile(0.5) / steps as f64 * 1e9));
    Ok(())
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
    let program = std::env::current_exe().map_err(failed)?;
    let status = std::process::Command::new(program)
        .args(["train", "--quiet", "--out"])
        .arg(folder.path())
        .status()
        .map_err(failed)?;
    if status.success() { Ok(()) } else { Err(failed(std::io::Error::other(status.to_string())).into()) }
}
