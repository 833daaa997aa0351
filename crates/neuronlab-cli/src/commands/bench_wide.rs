//! `neuronlab bench --width`: how long a step of a wide network takes, and how near that is to the processor's limit.

use super::bench::{Times, peak};
use crate::args::{BatchSize, BenchArgs};
use crate::printer::Printer;
use crate::{Failure, tables};
use neuronlab::scalar::Simd;
use neuronlab::{Experiment, Trainer};
use serde_json::json;
use std::time::Instant;

/// Samples that are learned.
const SAMPLES: usize = 1000;

/// Times of one thing are taken this often, each over steps that take about so many seconds together.
const REPEATS: u32 = 9;
const SECONDS: f64 = 0.05;

/// One line of the table.
struct Measured {
    width: usize,
    rows: usize,
    optimizer: &'static str,
    /// Of a step, in seconds.
    times: Times,
    /// Floating-point operations of a step's products of matrices.
    operations: f64,
}

pub(crate) fn run(args: &BenchArgs, printer: &mut Printer) -> Result<(), Failure> {
    let simd = Simd::best();
    let peak = peak(simd);
    let mut all = vec![];
    for &width in &args.width {
        for &batch in &args.batch {
            for optimizer in ["sgd", "adam"] {
                all.push(measure(width, batch, optimizer)?);
            }
        }
    }
    if printer.json() {
        let steps = all.iter().map(|m| {
            let flops = m.operations / m.times.quantile(0.5);
            json!({ "width": m.width, "batch": m.rows, "optimizer": m.optimizer, "seconds_per_step": m.times.json(),
                "operations_in_products": m.operations, "flops": flops, "share_of_peak": flops / peak })
        });
        printer.value(&json!({
            "task": format!("moons, {SAMPLES} samples, 2-W-W-2, tanh, cross-entropy, float32, one thread"),
            "steps": steps.collect::<Vec<_>>(), "simd": simd.name(), "peak_flops": peak,
            "version": env!("CARGO_PKG_VERSION"), "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
        }));
    }
    printer.heading(format_args!(
        "A step of 2-W-W-2 on {SAMPLES} samples (moons, cross-entropy), {}, one thread",
        simd.name()
    ));
    printer.line("");
    let rows = all.iter().map(|m| {
        let times = [0.0, 0.5, 1.0].map(|share| format!("{:.1}", m.times.quantile(share) * 1e6));
        let flops = m.operations / m.times.quantile(0.5);
        let shares = [format!("{:.1}", flops / 1e9), format!("{:.0} %", 100.0 * flops / peak)];
        let what = [m.width.to_string(), m.rows.to_string(), m.optimizer.to_string()];
        what.into_iter().chain(times).chain(shares).collect()
    });
    let head = ["W", "batch", "optimizer", "µs best", "median", "worst", "GFLOP/s", "of peak"];
    printer.line(tables::table(&head, rows, &[2]));
    printer.line("");
    printer.line(format_args!(
        "GFLOP/s: of the products of matrices, by the time of the whole step. The peak is {:.1} GFLOP/s of fused multiply-adds.",
        peak / 1e9
    ));
    Ok(())
}

fn measure(width: usize, batch: BatchSize, optimizer: &'static str) -> Result<Measured, Failure> {
    let momentum = if optimizer == "sgd" { ",momentum=0.9" } else { "" };
    let mut experiment = Experiment::built_in("moons")?.with(&[
        format!("network=2-{width}-{width}-2"),
        format!("data.samples={SAMPLES}"),
        format!("optimizer={{name=\"{optimizer}\",lr=0.001{momentum}}}"),
        match batch {
            BatchSize::All => "batch=full".to_string(),
            BatchSize::Rows(rows) => format!("batch={{name=\"shuffle\",size={rows}}}"),
        },
        "stop.epochs=1".to_string(),
    ])?;
    experiment.split = None;
    let mut trainer = Trainer::<f32>::new(&experiment)?;
    let rows = trainer.sampler().size();
    let weights: Vec<usize> = trainer.model().network().layers().iter().map(|layer| layer.weight.len()).collect();
    // Forward and for the weights all of them, for the inputs all but the first layer's.
    let products = 3 * weights.iter().sum::<usize>() - weights[0];

    // More steps than the run has: they are like the others.
    let mut steps = |count: u64| -> Result<f64, Failure> {
        let start = Instant::now();
        for _ in 0..count {
            // By hand: this crate is not optimised, and a closure and `?` for each step would be timed, too.
            if let Err(divergence) = trainer.step() {
                return Err(Failure::Diverged(divergence.to_string()));
            }
        }
        Ok(start.elapsed().as_secs_f64())
    };
    let mut count = 1;
    while steps(count)? < SECONDS / 2.0 {
        count *= 2;
    }
    let times = Times::of(REPEATS, || Ok(steps(count)? / count as f64))?;
    Ok(Measured { width, rows, optimizer, times, operations: (2 * rows * products) as f64 })
}
