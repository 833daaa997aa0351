//! `neuronlab train`: the main job.

use super::watch::{INTERRUPTED, Watch, listen_to_ctrl_c, may_go_on, noticed};
use crate::args::TrainArgs;
use crate::printer::{List, Printer};
use crate::{Failure, tables};
use neuronlab::experiment::Monitor;
use neuronlab::optim::Optimizer;
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::sweep::Outcome;
use neuronlab::text::in_line;
use neuronlab::train::{Ended, Evaluation, Note, Scores};
use neuronlab::{Divergence, Experiment, History, Results, Trainer, draw};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Whether the run that is under way has been saved.
static SAVED: AtomicBool = AtomicBool::new(false);

/// Seconds after which a run is saved before its report is made.
const LONG: f64 = 5.0;

/// Classes that the confusion matrix may have.
const MOST_CLASSES: usize = 12;

/// Samples that the truth table lists; the rest is counted.
const MOST_ROWS: usize = 16;

pub(crate) fn run(args: &TrainArgs, printer: &mut Printer) -> Result<(), Failure> {
    let experiment = match &args.resume {
        Some(folder) => Results::open(folder)?.experiment(&args.source.set)?,
        None => args.source.experiment()?,
    };
    match experiment.dtype {
        Dtype::Float32 => prepare::<f32>(args, &experiment, printer),
        Dtype::Float64 => prepare::<f64>(args, &experiment, printer),
    }
}

/// A new run, or an old one that goes on.
fn prepare<T: Real + TorchReal>(
    args: &TrainArgs,
    experiment: &Experiment,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let (results, trainer, history) = if let Some(folder) = &args.resume {
        Results::open(folder)?.resume(experiment)?
    } else {
        let trainer = Trainer::<T>::new(experiment)?;
        let history = History::new(&trainer);
        let folder = args.out.clone().unwrap_or_else(|| ["runs", &experiment.name].iter().collect());
        (Results::create(&folder, args.force)?, trainer, history)
    };
    introduce(&trainer, printer);
    train(args.every, &results, trainer, history, printer).1
}

/// A run of a sweep, into a results folder; with the hash of what it learned.
pub(super) fn replay(experiment: &Experiment, results: &Results, printer: &mut Printer) -> (u64, Result<(), Failure>) {
    fn in_type<T: Real + TorchReal>(
        e: &Experiment,
        results: &Results,
        printer: &mut Printer,
    ) -> (u64, Result<(), Failure>) {
        match Trainer::<T>::new(e) {
            Ok(trainer) => {
                let history = History::new(&trainer);
                introduce(&trainer, printer);
                train(50, results, trainer, history, printer)
            }
            Err(error) => (0, Err(error.into())),
        }
    }
    match experiment.dtype {
        Dtype::Float32 => in_type::<f32>(experiment, results, printer),
        Dtype::Float64 => in_type::<f64>(experiment, results, printer),
    }
}

/// Who trains what, before it begins.
fn introduce<T: Real>(trainer: &Trainer<T>, printer: &mut Printer) {
    let experiment = trainer.experiment();
    let network = trainer.model().network();
    let n = trainer.task().train.x.len() / network.in_features();
    printer.heading(format_args!(
        "{}: {n} samples, {} parameters, {}, {}, {}",
        experiment.name,
        network.parameters(),
        experiment.loss.name(),
        experiment.optimizer.describe(),
        experiment.dtype.name()
    ));
    for line in draw::reading(trainer.task()) {
        printer.line(tables::indented(&in_line(&line), "", 100));
    }
    printer.line("");
    printer.line(network.summary(trainer.sampler().size()));
    printer.line("");
    for note in trainer.notes() {
        printer.line(tables::indented(&format!("Unusual: {note}"), "", 100));
        printer.line("");
    }
    if trainer.steps() > 0 {
        printer.line(format_args!("Going on after step {} (epoch {}).", trainer.steps(), trainer.epochs()));
    }
}

/// Trains and writes the results; gives the hash of what was learned, too.
fn train<T: Real + TorchReal>(
    every: u64,
    results: &Results,
    mut trainer: Trainer<T>,
    history: History<T>,
    printer: &mut Printer,
) -> (u64, Result<(), Failure>) {
    let folder = results.folder().display().to_string();
    listen_to_ctrl_c(move || {
        if SAVED.load(Ordering::Relaxed) {
            format!("Interrupted.\nGo on from what was saved with: neuronlab train --resume {folder}")
        } else {
            "Interrupted in the first steps: nothing was saved.".into()
        }
    });
    SAVED.store(trainer.steps() > 0, Ordering::Relaxed);
    let started = Instant::now();
    let mut watch = Watch::new(every, &trainer, history, printer);
    let outcome = loop {
        let outcome = trainer.run(&mut watch);
        if outcome != Ok(Ended::Interrupted) || INTERRUPTED.load(Ordering::Relaxed) {
            break outcome;
        }
        if let Err(error) = results.save(&trainer, watch.history(), true, None) {
            return (0, Err(error.into()));
        }
        SAVED.store(true, Ordering::Relaxed);
        watch.saved();
    };
    noticed();
    let seconds = started.elapsed().as_secs_f64();
    let history = watch.finish();
    (Outcome::weights_of(&trainer), finish(results, &trainer, &history, &outcome, seconds, printer))
}

/// Writes the results and says how it went.
fn finish<T: Real + TorchReal>(
    results: &Results,
    trainer: &Trainer<T>,
    history: &History<T>,
    outcome: &Result<Ended, Box<Divergence>>,
    seconds: f64,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let folder = results.folder().display();
    let ended = match outcome {
        Ok(ended) => in_words(*ended, trainer),
        Err(divergence) => divergence.to_string(),
    };
    let interrupted_now = outcome == &Ok(Ended::Interrupted);
    // A report over millions of samples takes a while, too: it is not waited for where the work is worth something, or somebody waits.
    if interrupted_now || seconds > LONG {
        results.save(trainer, history, outcome.is_ok(), None)?;
        SAVED.store(outcome.is_ok(), Ordering::Relaxed);
    }
    if interrupted_now && !may_go_on() {
        return Err(interrupted(&ended, results));
    }
    let page = draw::report(trainer, history, &ended, outcome.is_err());
    results.save(trainer, history, outcome.is_ok(), Some(&page))?;

    match outcome {
        Err(divergence) => {
            if printer.json() {
                printer.value(&json!({
                    "name": trainer.experiment().name, "ended": ended, "diverged": true, "epoch": divergence.epoch,
                    "step": divergence.step, "parameter": divergence.parameter, "weights": hash_of(trainer),
                    "notes": trainer.notes(), "out": results.folder(),
                }));
            }
            let before = "The results up to there, with the last finite parameters, are in";
            let hint = advice(trainer);
            Err(Failure::Diverged(format!("{ended}.\n{before} {folder}.\n  hint: {hint}")))
        }
        Ok(Ended::Interrupted) => Err(interrupted(&ended, results)),
        Ok(_) => {
            conclude(results, trainer, &ended, seconds, printer);
            Ok(())
        }
    }
}

fn interrupted(ended: &str, results: &Results) -> Failure {
    Failure::Interrupted(format!("{ended}.\nGo on with: neuronlab train --resume {}", results.folder().display()))
}

/// What is most likely to help against divergence.
fn advice<T: Real>(trainer: &Trainer<T>) -> &'static str {
    let unscaled = |field: &str| trainer.notes().iter().any(|note| note.field == field);
    match trainer.experiment().optimizer {
        optimizer if optimizer.maximizes() => "optimizer.maximize = false: it makes the loss large without end",
        Optimizer::Sgd(sgd) if sgd.momentum >= 1.0 => "optimizer.momentum below 1, or the velocity grows without end",
        _ if unscaled(Note::STANDARDIZE) => {
            "data.standardize=true, since columns are large; a smaller optimizer.lr, or clip"
        }
        _ if unscaled("data.targets") => {
            "targets in a larger unit, so that they are about 1; a smaller optimizer.lr, or clip"
        }
        _ => "a smaller optimizer.lr, or clip",
    }
}

fn in_words<T: Real>(ended: Ended, trainer: &Trainer<T>) -> String {
    let (steps, epochs) = (trainer.steps(), trainer.epochs());
    let watched = match trainer.experiment().stop.monitor {
        Monitor::Training => "the mean loss",
        Monitor::HeldBack => "the loss of the held-back samples",
    };
    let ended = match ended {
        Ended::Epochs if epochs == 1 => format!("Finished: the one epoch, {steps} steps"),
        Ended::Epochs => format!("Finished: all {epochs} epochs, {steps} steps"),
        Ended::LossBelow => format!("Stopped after {epochs} epochs, {steps} steps: {watched} is below the bound"),
        Ended::Patience => format!("Stopped after {epochs} epochs, {steps} steps: {watched} became no lower"),
        Ended::Interrupted => format!("Interrupted after {steps} steps (epoch {epochs})"),
    };
    match trainer.restored() {
        Some(best) => {
            let s = if best == 1 { "" } else { "s" };
            format!("{ended}; the weights are those after {best} epoch{s}, where {watched} was lowest")
        }
        None => ended,
    }
}

/// Truth table, quality, time, place.
fn conclude<T: Real>(results: &Results, trainer: &Trainer<T>, ended: &str, seconds: f64, printer: &mut Printer) {
    let task = trainer.task();
    let training = trainer.evaluate(&task.train.x, &task.train.y);
    let held_back = (!task.test.x.is_empty()).then(|| trainer.evaluate(&task.test.x, &task.test.y));
    let mut files = vec![Results::EXPERIMENT, Results::HISTORY, Results::WEIGHTS, Results::CHECKPOINT, Results::REPORT];
    files.extend(results.path(Results::TABLE).exists().then_some(Results::TABLE));
    let files = files.join(", ");

    if printer.json() {
        let quality = |e: &Evaluation<T>, scores: &Scores| {
            let mut quality = json!({ "loss": e.loss, "mean_absolute_error": e.mean_absolute_error, "right": e.right });
            let scores = serde_json::to_value(scores).expect("plain numbers");
            if let (Some(quality), serde_json::Value::Object(scores)) = (quality.as_object_mut(), scores) {
                quality.extend(scores);
            }
            quality
        };
        printer.value(&Trained {
            name: &trainer.experiment().name,
            ended,
            diverged: false,
            epochs: trainer.epochs(),
            steps: trainer.steps(),
            seconds,
            training: quality(&training, &Scores::new(trainer, &training, &task.train.y)),
            held_back: held_back.as_ref().map(|e| quality(e, &Scores::new(trainer, e, &task.test.y))),
            restored: trainer.restored(),
            classes: &task.classes,
            samples: List::new(samples(trainer, &training)),
            weights: hash_of(trainer),
            notes: [trainer.notes(), trainer.stuck()].concat(),
            out: results.folder(),
        });
    }
    printer.line("");
    let draw::Answers { head, rows, more } = draw::answers(trainer, &training, MOST_ROWS);
    printer.line(tables::table(&head.iter().map(String::as_str).collect::<Vec<_>>(), rows, &[]));
    if more > 0 {
        printer.line(format_args!(" … and {more} more samples"));
    }
    printer.line("");
    let without = if trainer.experiment().regularization.is_some() { " (without the penalty)" } else { "" };
    let sides = [("training", Some(&training), &task.train.y), ("held back", held_back.as_ref(), &task.test.y)];
    for (name, e, y) in sides {
        let Some(e) = e else { continue };
        let scores = Scores::new(trainer, e, y);
        let errors = match scores {
            Scores::Numbers { rmse, r2 } if task.reading.sha256.is_some() => {
                let r2 = r2.map_or("–".into(), draw::decimals);
                format!(", RMSE {}, R² {r2}", draw::decimals(rmse))
            }
            _ => String::new(),
        };
        printer.line(format_args!(
            "{name}: loss {}{without}, mean absolute error {}{errors}, right {:.1} %",
            draw::decimals(e.loss),
            draw::decimals(e.mean_absolute_error),
            100.0 * e.right
        ));
    }
    // Of samples that were held back, if there are some: the others may have been learned by heart.
    let (name, e, y) = sides.into_iter().rfind(|(_, e, _)| e.is_some()).expect("there are training samples");
    if let Some(Scores::Classes { confusion }) = e.map(|e| Scores::new(trainer, e, y))
        && task.reading.sha256.is_some()
        && (2..=MOST_CLASSES).contains(&confusion.len())
    {
        let (head, rows) = draw::confusion(&task.classes, &confusion);
        let n: u64 = confusion.iter().flatten().sum();
        printer.line("");
        printer.line(format_args!("{n} samples ({name}) by class, and what was answered:"));
        printer.line(tables::table(&head.iter().map(String::as_str).collect::<Vec<_>>(), rows, &[0]));
        printer.line("");
    }
    for note in trainer.stuck() {
        printer.line(tables::indented(&format!("Stuck: {note}"), "", 100));
    }
    printer.line(format_args!("{ended}, in {}.", in_units(seconds)));
    printer.line(format_args!("Results in {}: {files}", results.folder().display()));
}

/// The hash of what was learned, as `runs.csv` of a sweep has it.
fn hash_of<T: Real>(trainer: &Trainer<T>) -> String {
    format!("{:016x}", Outcome::weights_of(trainer))
}

/// What a run left, for machines.
#[derive(serde::Serialize)]
struct Trained<'t, L> {
    name: &'t str,
    ended: &'t str,
    diverged: bool,
    epochs: u64,
    steps: u64,
    seconds: f64,
    training: serde_json::Value,
    held_back: Option<serde_json::Value>,
    /// Whole epochs after which the weights were the best, if those are what the run left.
    restored: Option<u64>,
    classes: &'t [String],
    samples: L,
    weights: String,
    notes: Vec<neuronlab::train::Note>,
    out: &'t std::path::Path,
}

/// Every training sample with its answer, for machines.
fn samples<T: Real>(trainer: &Trainer<T>, evaluation: &Evaluation<T>) -> impl Iterator<Item = serde_json::Value> {
    let task = trainer.task();
    let outputs = trainer.model().network().out_features();
    let rows = task.train.x.chunks_exact(task.input_names.len());
    let answers = task.train.y.chunks_exact(outputs).zip(evaluation.answers.chunks_exact(outputs));
    rows.zip(answers).map(|(x, (y, o))| {
        let wide = |row: &[T]| row.iter().map(|v| v.to_f64()).collect::<Vec<_>>();
        let original: Vec<f64> = x.iter().enumerate().map(|(i, &v)| task.original(i, v).to_f64()).collect();
        json!({ "input": original, "target": wide(y), "answer": wide(o) })
    })
}

/// A time in the unit in which people would say it.
pub(super) fn in_units(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 120.0 => format!("{s:.1} s"),
        s => format!("{:.0} min {:.0} s", (s / 60.0).floor(), s % 60.0),
    }
}
