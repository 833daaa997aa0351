//! `neuronlab check`: gradients against difference quotients, and a user's own gradients against the right ones.

use crate::args::CheckArgs;
use crate::moment::Default;
use crate::printer::{self, Printer};
use crate::{Failure, tables};
use indicatif::{ProgressBar, ProgressStyle};
use neuronlab::explain::{Check, Diagnosis, Given, Moment, Verdict, nine, significant};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use std::path::Path;

/// Wrong gradients that are listed.
const MOST_ROWS: usize = 50;

pub(crate) fn run(args: &CheckArgs, printer: &mut Printer) -> Result<(), Failure> {
    match args.moment.experiment()?.dtype {
        Dtype::Float32 => in_type::<f32>(args, printer),
        Dtype::Float64 => in_type::<f64>(args, printer),
    }
}

fn in_type<T: Real + TorchReal>(args: &CheckArgs, printer: &mut Printer) -> Result<(), Failure> {
    let samples = (!args.sample.is_empty()).then_some(&args.sample[..]);
    let mut moment = args.moment.moment::<T>(Default::End)?;
    if let Some(file) = &args.gradients {
        let given = Given::read(file, moment.run.at(0)?.model().network())?;
        moment.check_paths(samples, given.len())?;
        let moment = Moment::new(moment.trainer()?, samples)?;
        return own(file, &given, &moment, printer);
    }
    let trainer = moment.trainer()?;
    let samples_in_all =
        samples.map_or(trainer.task().train.x.len() / trainer.model().network().in_features(), <[u32]>::len);
    let pairs = samples_in_all * trainer.model().network().parameters();
    let bar = if printer::watched() && pairs > 20_000 { ProgressBar::new(pairs as u64) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template("{wide_bar} {pos}/{len}  {eta} left").expect("a fixed template"));
    let check = Check::new(trainer, samples, args.tolerance, |done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    if printer.json() {
        printer.value(&serde_json::to_value(&check).expect("plain values"));
    }
    let (name, step, parameters) =
        (&trainer.experiment().name, trainer.steps(), trainer.model().network().parameters());
    printer.heading(format_args!(
        "{name}, after {step} steps: {} gradients ({parameters} parameters) against difference quotients, in float64",
        check.compared
    ));
    if trainer.model().network().has_dropout() {
        printer.line("Dropout: each batch has masks of its own, as a step on it would draw them now.");
    }
    printer.line("");
    print_worst(&check, printer);
    let mut aside = match check.kinks {
        0 => String::new(),
        n => format!("; {n} at a kink of the loss or of an activation, where the gradient is one of the slopes"),
    };
    if check.clamped > 0 {
        let limits = "where the limits of PyTorch's BCELoss act, and the gradient is not the slope of the loss";
        aside = format!("{aside}; {} {limits}", check.clamped);
    }
    if check.wrong > 0 {
        let message = format!(
            "{} of {} gradients are wrong by more than {:e}{aside}",
            check.wrong, check.compared, check.tolerance
        );
        return Err(Failure::Wrong(message));
    }
    printer.line("");
    let all = if aside.is_empty() { "All" } else { "All others" };
    printer.line(format_args!("{all} agree within {:e}, relative{aside}.", check.tolerance));
    Ok(())
}

fn print_worst(check: &Check, printer: &mut Printer) {
    let rows = check.worst.iter().map(|c| {
        let verdict = match c.verdict {
            Verdict::Agrees => "agrees",
            Verdict::Kink => "kink",
            Verdict::Clamped => "clamped",
            Verdict::Wrong => "WRONG",
        };
        vec![
            c.parameter.clone(),
            c.sample.map_or("all".into(), |s| s.to_string()),
            nine(c.backward),
            nine(c.difference),
            significant((c.backward - c.difference).abs(), 2),
            significant(c.ratio, 2),
            verdict.to_string(),
        ]
    });
    printer.line("The worst:");
    let head = ["parameter", "sample", "backward pass", "difference quotient", "apart", "of what is allowed", ""];
    printer.line(tables::table(&head, rows, &[0, 6]));
}

/// A user's gradients.
fn own(file: &Path, given: &[Given], moment: &Moment, printer: &mut Printer) -> Result<(), Failure> {
    let diagnosis = Diagnosis::new(moment, given);
    if printer.json() {
        printer.value(&serde_json::to_value(&diagnosis).expect("plain values"));
    }
    let samples: Vec<String> = moment.samples.iter().take(12).map(u32::to_string).collect();
    let more = if moment.samples.len() > 12 { ", …" } else { "" };
    printer.heading(format_args!(
        "{}: gradients of {} of {} parameters, step {}, sample {}{more}",
        file.display(),
        diagnosis.given,
        diagnosis.parameters,
        moment.origin.as_ref().map_or(0, |origin| origin.step),
        samples.join(", ")
    ));
    if let Some(note) = &diagnosis.note {
        printer.line(tables::indented(note, "", 100));
    }
    if diagnosis.wrong.is_empty() {
        printer.line("All are right.");
        return Ok(());
    }
    let suspicions = diagnosis.suspicions();
    printer.line("");
    let rows = diagnosis.wrong.iter().take(MOST_ROWS).map(|wrong| {
        let number = suspicions.iter().position(|(known, _)| *known == wrong.suspicions);
        let ratio = if wrong.right == 0.0 { "-".to_string() } else { significant(wrong.given / wrong.right, 5) };
        let slip = number.map_or("?".to_string(), |n| format!("({})", n + 1));
        vec![wrong.parameter.clone(), nine(wrong.given), nine(wrong.right), ratio, slip]
    });
    printer.line(tables::table(&["parameter", "yours", "right", "yours / right", "see"], rows, &[0, 4]));
    if diagnosis.wrong.len() > MOST_ROWS {
        printer.line(format_args!(" … and {} more", diagnosis.wrong.len() - MOST_ROWS));
    }
    printer.line("");
    let wrong = diagnosis.wrong.len();
    for (n, (fitting, count)) in suspicions.iter().enumerate() {
        if let [only] = fitting {
            let text = format!("({}) Gives {count} of the {wrong}: {}.", n + 1, only.words());
            printer.line(tables::indented(&text, "", 100));
            continue;
        }
        printer.line(format_args!("({}) Each of these gives {count} of the {wrong}, the most common first:", n + 1));
        for suspicion in *fitting {
            printer.line(tables::indented(&format!("- {}.", suspicion.words()), "    ", 100));
        }
    }
    if diagnosis.wrong.iter().any(|wrong| wrong.suspicions.is_empty()) {
        printer.line(
            "(?) No slip that this program knows gives these numbers; `neuronlab explain` shows how they come about.",
        );
    }
    Err(Failure::Wrong(format!("{wrong} of {} gradients are wrong", diagnosis.given)))
}
