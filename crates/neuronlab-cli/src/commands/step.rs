//! `neuronlab step`: training, one operation at a time, forward and back in time.

use crate::Failure;
use crate::args::StepArgs;
use crate::moment::{Default, Moment as Run};
use crate::printer::{self, List, Printer};
use neuronlab::explain::{Moment, Operation, operations};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{Error, Result};
use serde_json::{Value, json};
use std::io::IsTerminal;

pub(crate) fn run(args: &StepArgs, printer: &mut Printer) -> Result<(), Failure> {
    match args.moment.experiment()?.dtype {
        Dtype::Float32 => in_type::<f32>(args, printer),
        Dtype::Float64 => in_type::<f64>(args, printer),
    }
}

fn in_type<T: Real + TorchReal>(args: &StepArgs, printer: &mut Printer) -> Result<(), Failure> {
    let mut run = args.moment.moment::<T>(Default::LastStep)?;
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if terminal && args.count.is_none() && !printer.json() {
        return walk(&mut run, printer);
    }
    // What can't be shown is said before the first character of a list.
    let first = at(&mut run)?;
    let mut failed = None;
    let later = (1..args.count.unwrap_or(1)).map_while(|_| {
        run.step += 1;
        match at(&mut run) {
            Ok(moment) => Some(moment),
            // More steps were asked for than there are.
            Err(Error::Field { field, .. }) if field == "step" => None,
            Err(error) => {
                failed = Some(error);
                None
            }
        }
    });
    let moments = std::iter::once(first).chain(later);
    if printer.json() {
        printer.value(&List::new(moments.map(|moment| as_json(&moment))));
    } else {
        moments.for_each(|moment| whole(&moment, printer));
    }
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// All operations of a step.
fn whole(moment: &Moment, printer: &mut Printer) {
    printer.heading(title(moment));
    let all = operations(moment);
    for (i, operation) in all.iter().enumerate() {
        print(operation, i, all.len(), printer);
    }
    printer.line("");
}

/// The step that the run is at.
fn at<T: Real + TorchReal>(run: &mut Run<T>) -> Result<Moment> {
    let step = run.step;
    let trainer = run.trainer()?;
    Moment::new(trainer, None).map_err(|error| match error {
        Error::Field { field, got, .. } if field == "sample" && got.contains("at its end") => Error::Field {
            field: "step".into(),
            expected: format!("0 to {}", step.saturating_sub(1)),
            got: step.to_string(),
            hint: Some(format!("the run has {step} steps")),
        },
        other => other,
    })
}

fn title(moment: &Moment) -> String {
    let origin = moment.origin.as_ref();
    origin.map_or(String::new(), |o| format!("{}: step {} (epoch {})", o.experiment, o.step, o.epoch))
}

fn print(operation: &Operation, i: usize, n: usize, printer: &mut Printer) {
    printer.line("");
    printer.heading(format_args!("{}/{n}  {}  {}", i + 1, operation.phase.name(), operation.title));
    for block in &operation.blocks {
        printer.numbers(block);
    }
}

fn as_json(moment: &Moment) -> Value {
    let operation = |operation: &Operation| {
        let lines: Vec<String> =
            operation.blocks.iter().flat_map(|b| b.to_string().lines().map(String::from).collect::<Vec<_>>()).collect();
        json!({ "phase": operation.phase, "title": operation.title, "lines": lines })
    };
    let all: Vec<Value> = operations(moment).iter().map(operation).collect();
    let (step, epoch) = moment.origin.as_ref().map(|origin| (origin.step, origin.epoch)).unzip();
    json!({ "step": step, "epoch": epoch, "samples": moment.samples, "loss": moment.loss, "operations": all })
}

/// What can be typed between two operations.
enum Move {
    Next,
    Back,
    NextStep,
    PreviousStep,
    Go(u64),
    Quit,
}

const KEYS: &str = "Enter next   b back   n next step   p previous step   g N go to step N   q quit";

fn parse(line: &str) -> Option<Move> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        [] => Some(Move::Next),
        ["b" | "back"] => Some(Move::Back),
        ["n" | "next"] => Some(Move::NextStep),
        ["p" | "previous"] => Some(Move::PreviousStep),
        ["q" | "quit" | "exit"] => Some(Move::Quit),
        ["g" | "go", step] | [step] => step.parse().ok().map(Move::Go),
        _ => None,
    }
}

/// Shows one operation, asks, shows the next; until `q` or the end of the input.
fn walk<T: Real + TorchReal>(run: &mut Run<T>, printer: &mut Printer) -> Result<(), Failure> {
    let mut moment = at(run)?;
    let mut all = operations(&moment);
    let mut place = 0;
    printer.heading(title(&moment));
    printer.line(KEYS);
    print(&all[place], place, all.len(), printer);
    loop {
        let Some(line) = printer.ask() else { return Ok(()) };
        let (step, end) = match parse(&line) {
            None => {
                printer.line(KEYS);
                continue;
            }
            Some(Move::Quit) => return Ok(()),
            Some(Move::Next) if place + 1 < all.len() => {
                place += 1;
                print(&all[place], place, all.len(), printer);
                continue;
            }
            Some(Move::Back) if place > 0 => {
                place -= 1;
                print(&all[place], place, all.len(), printer);
                continue;
            }
            Some(Move::Next | Move::NextStep) => (Some(run.step + 1), false),
            // Back from the first operation is to the last one of the step before.
            Some(Move::Back) => (run.step.checked_sub(1), true),
            Some(Move::PreviousStep) => (run.step.checked_sub(1), false),
            Some(Move::Go(step)) => (Some(step), false),
        };
        let Some(step) = step else {
            printer.line("This is the first step.");
            continue;
        };
        let before = std::mem::replace(&mut run.step, step);
        match at(run) {
            Ok(there) => moment = there,
            Err(error) => {
                run.step = before;
                printer::error(&error.to_string());
                continue;
            }
        }
        all = operations(&moment);
        place = if end { all.len() - 1 } else { 0 };
        printer.line("");
        printer.heading(title(&moment));
        print(&all[place], place, all.len(), printer);
    }
}
