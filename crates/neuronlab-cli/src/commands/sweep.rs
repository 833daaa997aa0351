//! `neuronlab sweep`: an experiment many times, over a grid of settings.

use super::train::in_units;
use super::watch::{INTERRUPTED, listen_to_ctrl_c, noticed};
use crate::args::{ListRuns, SweepArgs};
use crate::printer::{self, Printer};
use crate::{Failure, tables};
use indicatif::ProgressBar;
use neuronlab::scalar::{Dtype, Simd};
use neuronlab::sweep::{Options, Pick, Share, Sweep, SweepFolder, Tally, brief, is_within};
use neuronlab::{Error, draw};
use serde_json::json;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Cells that the table shows.
const MOST_ROWS: usize = 60;
/// Runs a cell, where nothing is said.
const RUNS: u64 = 1000;
/// Runs that `--list` names.
const LISTED: usize = 10;

pub(crate) fn run(args: &SweepArgs, printer: &mut Printer) -> Result<(), Failure> {
    if args.parquet && !cfg!(feature = "parquet") {
        let error = Error::Field {
            field: "--parquet".into(),
            expected: "a program that was built with the feature parquet".into(),
            got: "one without".into(),
            hint: Some("cargo install --path crates/neuronlab-cli --features parquet".into()),
        };
        return Err(error.into());
    }
    let (folder, sweep) = which(args)?;
    let options = Options {
        threads: args.threads.map_or(0, usize::from),
        simd: Simd::best(),
        shard: args.shard.unwrap_or((0, 1)),
        recompute: args.recompute,
    };
    let folder = SweepFolder::create(&folder, sweep, args.force)?;
    let tallies = if folder.is_complete() {
        printer.line(format_args!("Done before; nothing was trained. (Another folder: --out, anew: --force)\n"));
        let tallies = folder.tallies()?;
        // A disk that can't be written to is no reason not to show the table.
        if let Err(error) = folder.restore(draw::sweep_files(folder.sweep(), &tallies)) {
            printer.line(format_args!("{error}\n"));
        }
        tallies
    } else {
        train(&folder, &options, printer)?;
        if let Some((shard, of)) = args.shard {
            let place = folder.path("");
            printer.line(format_args!("Shard {} of {of} is done, in {}", shard + 1, place.display()));
            printer.line("Join all of them with: neuronlab merge DIR… --out DIR");
            if printer.json() {
                let sweep = folder.sweep();
                printer.value(&json!({
                    "name": sweep.experiment().name, "runs": sweep.runs(), "total": sweep.total(), "shard": shard + 1,
                    "of": of, "done": folder.runs_of_shard(&options), "out": place,
                }));
            }
            return Ok(());
        }
        finish(&folder)?
    };
    #[cfg(feature = "parquet")]
    if args.parquet {
        folder.write_parquet()?;
        printer.line(format_args!("Written: {}\n", folder.path(SweepFolder::PARQUET).display()));
    }
    if let Some(kind) = args.list {
        return list(&folder, kind, printer);
    }
    show(&folder, &tallies, printer);
    Ok(())
}

/// A command that asks for what can't be.
pub(super) fn usage(option: &str, expected: &str, got: String, hint: &str) -> Failure {
    let (field, expected, hint) = (option.into(), expected.into(), Some(hint.into()));
    Failure::Error(Error::Field { field, expected, got, hint })
}

/// The folder of an earlier sweep as SOURCE is that sweep.
fn which(args: &SweepArgs) -> Result<(PathBuf, Sweep), Failure> {
    let source = Path::new(&args.source.source);
    let file = source.join(SweepFolder::SWEEP);
    if file.is_file() {
        let given = [
            ("--vary", !args.vary.is_empty()),
            ("--set", !args.source.set.is_empty()),
            ("--runs", args.runs.is_some()),
            ("--random", args.random.is_some()),
            ("--no-runs", args.no_runs),
        ];
        if let Some((option, _)) = given.into_iter().find(|(_, given)| *given) {
            let got = format!("{}, whose sweep.toml has settled it", source.display());
            let hint = "to vary something else, begin with the experiment";
            return Err(usage(option, "an experiment as SOURCE, not an earlier sweep", got, hint));
        }
        return Ok((args.out.clone().unwrap_or_else(|| source.into()), Sweep::read(&file)?));
    }
    let fields = |settings: &[String]| -> Vec<String> {
        settings.iter().map(|text| text.split('=').next().unwrap_or_default().trim().to_string()).collect()
    };
    for (set, vary) in fields(&args.source.set).iter().flat_map(|s| fields(&args.vary).into_iter().map(move |v| (s, v)))
    {
        if is_within(set, &vary) {
            let got = format!("`{set}`, and `{vary}` varied");
            let hint = format!("--vary {set}=VALUE behind it holds in every cell");
            return Err(usage("--set", "no field that --vary replaces", got, &hint));
        }
    }
    let experiment = args.source.experiment()?;
    let out = args.out.clone().unwrap_or_else(|| Path::new("runs").join(format!("{}-sweep", experiment.name)));
    Ok((out, Sweep::new(experiment, &args.vary, args.runs.unwrap_or(RUNS), args.random, !args.no_runs)?))
}

fn train(folder: &SweepFolder, options: &Options, printer: &mut Printer) -> Result<(), Failure> {
    let sweep = folder.sweep();
    let missing = folder.missing(options)?;
    let runs = folder.runs_in(&missing);
    let threads = if options.threads == 0 { cores() } else { options.threads };
    let lanes = match sweep.experiment().dtype {
        Dtype::Float32 => options.simd.lanes::<f32>(),
        Dtype::Float64 => options.simd.lanes::<f64>(),
    };
    printer.heading(format_args!(
        "{}: {} of {} runs = {} runs, {}, {lanes} side by side, {}",
        sweep.experiment().name,
        counted(sweep.cells(), "cell"),
        sweep.runs(),
        sweep.total(),
        options.simd.name(),
        counted(threads, "thread"),
    ));
    if runs < sweep.total() && options.shard.1 == 1 {
        printer.line(format_args!("Going on: {} runs are done, {runs} are left.", sweep.total() - runs));
    }
    listen_to_ctrl_c(|| "Interrupted. What is done is kept: go on with the same command.".into());
    let bar = if printer::watched() { ProgressBar::new(runs) } else { ProgressBar::hidden() };
    bar.set_style(printer::bar_style("{wide_bar} run {human_pos}/{human_len}  {rate}  {eta} left"));
    let watch = |runs: u64| {
        bar.inc(runs);
        if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let started = Instant::now();
    let whole = folder.train(&missing, options, &watch)?;
    bar.finish_and_clear();
    if !whole {
        noticed();
        let left = folder.runs_left(&missing);
        let message = format!("Interrupted: {left} runs are left.\nGo on with the same command.");
        return Err(Failure::Interrupted(message));
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = runs as f64 / seconds;
    printer.line(format_args!(
        "{runs} runs in {}: {rate:.0} a second, {:.0} a second and core",
        in_units(seconds),
        rate / threads.min(cores()) as f64
    ));
    printer.line("");
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Adds the parts up and writes what is made of them.
pub(super) fn finish(folder: &SweepFolder) -> Result<Vec<Tally>, Failure> {
    Ok(folder.finish(|tallies| draw::sweep_files(folder.sweep(), tallies))?)
}

/// The table of the cells, and where the rest is.
pub(super) fn show(folder: &SweepFolder, tallies: &[Tally], printer: &mut Printer) {
    let sweep = folder.sweep();
    if printer.json() {
        let cells: Vec<_> = tallies.iter().enumerate().map(|(cell, tally)| in_json(sweep, cell, tally)).collect();
        printer.value(&json!({
            "name": sweep.experiment().name, "runs": sweep.runs(), "total": sweep.total(), "cells": cells,
            "out": folder.path(""),
        }));
    }
    let mut head: Vec<&str> = sweep.axes().iter().map(neuronlab::sweep::Axis::field).collect();
    let left: Vec<usize> = (0..head.len()).collect();
    head.extend(["right", "95 %", "close", "95 %", "error", "25-75 %", "epochs", "25-75 %", "diverged"]);
    let rows = tallies.iter().take(MOST_ROWS).enumerate().map(|(cell, tally)| row(sweep, cell, tally));
    printer.line(tables::table(&head, rows, &left));
    if tallies.len() > MOST_ROWS {
        printer.line(format_args!(" … and {} more cells in {}", tallies.len() - MOST_ROWS, SweepFolder::CELLS));
    }
    printer.line("");
    let all = draw::right_share_means(sweep);
    let within = draw::right_means(sweep);
    printer.line(format_args!("right   share of runs with {all} samples {within}"));
    printer.line(format_args!("close   share of runs with a mean absolute error below {}", draw::close_means(sweep)));
    printer.line("error   median of the final mean absolute error of the runs that did not diverge");
    printer.line("epochs  median of the epochs until a run was right, of those that were");
    printer.line("");
    printer.line(format_args!("Results: {}", folder.path("").display()));
}

fn row(sweep: &Sweep, cell: usize, tally: &Tally) -> Vec<String> {
    let percent = |share: Share| format!("{:.1} %", share.share * 100.0);
    let interval = |share: Share| format!("{:.1}-{:.1}", share.low * 100.0, share.high * 100.0);
    let maybe = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let error = |q: f64| tally.error_quantile(q).map(|v| format!("{v:.2e}"));
    let epochs = |q: f64| tally.epochs_quantile(q).map(|v| v.to_string());
    let range = |ends: [Option<String>; 2]| match ends {
        [Some(low), Some(high)] => format!("{low}-{high}"),
        _ => String::new(),
    };
    let between = |ends: [Option<String>; 2]| match ends {
        [Some(low), Some(high)] => format!("{low} … {high}"),
        _ => String::new(),
    };
    let mut row: Vec<String> = sweep.cell(cell).iter().map(|value| brief(value)).collect();
    row.extend([
        percent(tally.right_share()),
        interval(tally.right_share()),
        percent(tally.close_share()),
        interval(tally.close_share()),
        maybe(error(0.5)),
        between([error(0.25), error(0.75)]),
        maybe(epochs(0.5)),
        range([epochs(0.25), epochs(0.75)]),
        tally.diverged.to_string(),
    ]);
    row
}

fn values_of(sweep: &Sweep, cell: usize) -> serde_json::Value {
    sweep.axes().iter().zip(sweep.cell(cell)).map(|(axis, value)| (axis.field().to_string(), value)).collect()
}

fn in_json(sweep: &Sweep, cell: usize, tally: &Tally) -> serde_json::Value {
    let share = |s: Share| json!({ "share": s.share, "low": s.low, "high": s.high });
    let errors = [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| tally.error_quantile(q));
    let epochs = [0.25, 0.5, 0.75].map(|q| tally.epochs_quantile(q));
    json!({
        "cell": cell, "values": values_of(sweep, cell), "runs": tally.runs, "right": share(tally.right_share()),
        "close": share(tally.close_share()), "diverged": tally.diverged,
        "error_quantiles": errors, "epochs_quantiles": epochs,
    })
}

/// Runs worth a replay.
fn list(folder: &SweepFolder, kind: ListRuns, printer: &mut Printer) -> Result<(), Failure> {
    let pick = match kind {
        ListRuns::Worst => Pick::Worst,
        ListRuns::Best => Pick::Best,
        ListRuns::Median => Pick::Median,
        ListRuns::Diverged => Pick::Diverged,
    };
    let sweep = folder.sweep();
    if !sweep.keeps_runs() {
        let got = format!("{}, made with --no-runs", folder.path("").display());
        return Err(usage(
            "--list",
            "a sweep that keeps its runs",
            got,
            "run r of a cell can be replayed nevertheless",
        ));
    }
    let runs = folder.pick(pick, LISTED)?;
    // Of seeds that are varied, those of the run are shown, not those that its cell begins with.
    let own = ["seed.torch", "seed.numpy"];
    let axes = sweep.axes().iter().map(neuronlab::sweep::Axis::field);
    let (shown, varied): (Vec<usize>, Vec<&str>) = axes.enumerate().filter(|(_, field)| !own.contains(field)).unzip();
    let head = [&["run"], &varied[..], &own, &["error", "right", "diverged in step"]].concat();
    let mut rows = vec![];
    for (run, outcome) in &runs {
        let seed = sweep.run_experiment(*run)?.seed;
        let mut row = vec![run.to_string()];
        let cell = sweep.cell((run / sweep.runs()) as usize);
        row.extend(shown.iter().map(|&axis| brief(&cell[axis])));
        row.extend([
            seed.torch.to_string(),
            seed.numpy.to_string(),
            outcome.error.map_or_else(|| "-".into(), |error| format!("{error:.3e}")),
            if outcome.right { "yes" } else { "no" }.into(),
            outcome.diverged.map_or_else(|| "-".into(), |step| step.to_string()),
        ]);
        rows.push(row);
    }
    if printer.json() {
        let mut values = vec![];
        for (run, o) in &runs {
            let (cell, seed) = (run / sweep.runs(), sweep.run_experiment(*run)?.seed);
            values.push(json!({ "run": run, "cell": cell, "values": values_of(sweep, cell as usize),
                "seed": { "torch": seed.torch, "numpy": seed.numpy }, "error": o.error, "right": o.right,
                "close": o.close, "epochs": o.epochs, "solved": o.solved, "diverged": o.diverged }));
        }
        printer.value(&values);
    }
    if rows.is_empty() {
        printer.line("None.");
        return Ok(());
    }
    printer.line(tables::table(&head, rows, &[]));
    printer.line("");
    printer.line(format_args!("Open one with: neuronlab replay {} --run {}", folder.path("").display(), runs[0].0));
    Ok(())
}
