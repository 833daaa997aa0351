//! `neuronlab curvature`: how the loss bends at one moment of a run, and whether the learning rate is too large for it.

use crate::args::CurvatureArgs;
use crate::moment::{Default, Moment, bar};
use crate::printer::Printer;
use crate::{Failure, tables};
use neuronlab::draw;
use neuronlab::explain::{Curvature, LossSurface, Sharpness, Stability};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{Result, Trainer};
use serde_json::{Value, json};

/// Eigenvalues that are printed from the top, and from the bottom where they are below 0.
const LARGEST: usize = 5;
const LOWEST: usize = 2;
/// Parameters of the sharpest direction that are printed.
const PARAMETERS: usize = 5;
/// Moments of the picture.
const MOMENTS: u64 = 60;
/// The picture ends where the largest eigenvalue has become so many times the limit, or what it was at first: all before would
/// be a flat line.
const BEYOND: f64 = 10.0;
/// Width of what is printed.
const WIDTH: usize = 96;

pub(crate) fn run(args: &CurvatureArgs, printer: &mut Printer) -> Result<(), Failure> {
    super::picture::check(&args.picture)?;
    match args.moment.experiment()?.dtype {
        Dtype::Float32 => look::<f32>(args, printer),
        Dtype::Float64 => look::<f64>(args, printer),
    }
}

fn look<T: Real + TorchReal>(args: &CurvatureArgs, printer: &mut Printer) -> Result<(), Failure> {
    let samples = (!args.sample.is_empty()).then_some(&args.sample[..]);
    let mut moment = args.moment.moment::<T>(Default::End)?;
    // What can't be done is said before a long run is made again.
    let start = moment.run.at(0)?;
    let network = start.model().network();
    let rows = samples.map_or(start.task().train.x.len() / network.in_features(), <[u32]>::len);
    Curvature::check_size(network, rows)?;
    LossSurface::of(start, samples)?;

    let trainer = moment.trainer()?.clone();
    let curvature = Curvature::new(&trainer, samples)?;
    let stability = Stability::of(&trainer);
    let along = if args.picture.out.is_some() { along(&mut moment, samples)? } else { vec![] };
    if printer.json() {
        printer.value(&as_json(&trainer, &curvature, stability, samples, &along));
    }
    print(&trainer, &curvature, stability, samples, printer);
    if args.picture.out.is_some() {
        let shown = shown(&along);
        super::picture::write(&args.picture, &draw::sharpness(&trainer.experiment().name, shown), printer)?;
        if let Some(next) = along.get(shown.len()) {
            let Sharpness { step, largest, .. } = *next;
            printer
                .line(format_args!("It ends before step {step}, where the largest eigenvalue is {}.", number(largest)));
        }
    }
    Ok(())
}

fn print<T: Real>(
    trainer: &Trainer<T>,
    curvature: &Curvature,
    stability: Result<Stability, &str>,
    samples: Option<&[u32]>,
    printer: &mut Printer,
) {
    let (name, step, epoch) = (&trainer.experiment().name, trainer.steps(), trainer.epochs());
    let (loss, rows, gradient) = (number(curvature.loss), curvature.rows, number(curvature.gradient_norm()));
    let plural = if rows == 1 { "" } else { "s" };
    printer.heading(format_args!("{name} before step {step} (epoch {epoch})"));
    printer.line(format_args!("loss {loss} over {rows} sample{plural}, gradient of length {gradient}"));
    let [above, zero, below] = curvature.counts();
    let (n, trace) = (curvature.names.len(), number(curvature.trace()));
    printer.line(format_args!(
        "Hessian of {n} parameters: {above} eigenvalues above 0, {zero} at 0, {below} below; sum {trace}"
    ));
    printer.line("");
    if stability.is_ok() {
        printer.line("Along each direction, what a step makes of the distance from where the slope is 0:");
    }
    printer.line(eigenvalues(curvature, stability));
    printer.line("");
    printer.line(tables::indented(&verdict(curvature, stability), "", WIDTH));
    printer.line("");
    let shares = curvature.shares();
    let parts = shares.iter().take(PARAMETERS).map(|(name, share)| format!("{name} {:.0} %", 100.0 * share));
    let parts = parts.collect::<Vec<_>>().join(", ");
    printer.line(tables::indented(&format!("The sharpest direction is made of {parts}."), "", WIDTH));
    for note in notes(trainer, curvature, samples) {
        printer.line(tables::indented(&note, "", WIDTH));
    }
}

/// The largest and the lowest, and what steps make of an error along them.
fn eigenvalues(curvature: &Curvature, stability: Result<Stability, &str>) -> String {
    let values = &curvature.eigenvalues;
    let top = values.len().min(LARGEST);
    let lowest = values.len() - curvature.counts()[2].min(LOWEST).min(values.len() - top);
    let mut head = vec!["eigenvalue"];
    let with_momentum = stability.ok().filter(|s| s.momentum > 0.0).map(|s| format!("with momentum {}", s.momentum));
    if stability.is_ok() {
        head.extend(["lr * eigenvalue", "|1 - lr * eigenvalue|"]);
        head.extend(with_momentum.as_deref());
    }
    let row = |&value: &f64| {
        let mut row = vec![number(value)];
        let factor = |value: f64| if value < 1e4 { format!("{value:.4}") } else { number(value) };
        if let Ok(stability) = stability {
            row.extend([number(stability.lr * value), factor(stability.plain_factor(value))]);
            row.extend(with_momentum.as_ref().map(|_| factor(stability.factor(value))));
        }
        row
    };
    let mut rows: Vec<_> = values[..top].iter().map(row).collect();
    if lowest > top {
        rows.push(std::iter::once("...".to_string()).chain(head.iter().skip(1).map(|_| String::new())).collect());
    }
    rows.extend(values[lowest..].iter().map(row));
    tables::table(&head, rows, &[])
}

/// The comparison in a sentence.
fn verdict(curvature: &Curvature, stability: Result<Stability, &str>) -> String {
    let sharpness = curvature.sharpness();
    let largest = short(sharpness);
    let stability = match stability {
        Ok(stability) => stability,
        Err(why) => return format!("Largest {largest}; {why}."),
    };
    let (threshold, formula) = (short(stability.threshold()), stability.formula());
    if sharpness + stability.weight_decay <= 0.0 {
        return "Nothing bends upward here: no learning rate is too large for that.".into();
    }
    if sharpness <= stability.threshold() {
        return format!("Largest {largest} < {threshold} = {formula}: steps along it shrink.");
    }
    let (factor, stable) = (short(stability.factor(sharpness)), short(stability.largest_lr(sharpness)));
    format!(
        "Largest {largest} > {threshold} = {formula}: the learning rate is too large here. Along this direction a step multiplies \
         an error by {factor} in the long run; below {stable} it would be stable."
    )
}

/// What the numbers do not say.
fn notes<T: Real>(trainer: &Trainer<T>, curvature: &Curvature, samples: Option<&[u32]>) -> Vec<String> {
    let mut notes = vec![];
    let (batch, inputs) = (trainer.sampler().size(), trainer.model().network().in_features());
    let all = trainer.task().train.x.len() / inputs;
    if samples.is_some() {
        notes.push(format!("This is the curvature of the chosen samples; a step of the run takes {batch} of {all}."));
    } else if batch < all {
        notes.push(format!(
            "This is the curvature of all {all} samples; a step of the run takes {batch}, whose own may be larger (--sample K)."
        ));
    }
    if !curvature.kinks.is_empty() {
        let kinks = curvature.kinks.join(", ");
        notes.push(format!(
            "The slope of {kinks} jumps: the Hessian is that of the pieces, and what bends in the jumps is not in it."
        ));
    }
    if trainer.model().network().has_dropout() {
        notes.push(
            "Dropout: this is the curvature with one set of masks, those that a step on these samples would draw now."
                .into(),
        );
    }
    let loss = trainer.loss();
    if loss.has_kinks() {
        let name = loss.name();
        notes.push(format!(
            "At the lowest point of {name} steps swing to and fro at any learning rate, however small the largest eigenvalue."
        ));
    }
    notes
}

/// The sharpness at moments spread evenly over the run, up to where it ends or diverges.
fn along<T: Real + TorchReal>(moment: &mut Moment<T>, samples: Option<&[u32]>) -> Result<Vec<Sharpness>> {
    let end = if let Some(made) = moment.run.recorded() {
        made
    } else {
        let mut trainer = moment.run.at(0)?.clone();
        // A run that diverges is shown up to that step.
        let _ = trainer.run(&mut ());
        trainer.steps()
    };
    let mut steps: Vec<u64> =
        (0..=MOMENTS).map(|i| (u128::from(end) * u128::from(i) / u128::from(MOMENTS)) as u64).collect();
    steps.dedup();
    let bar = bar(end);
    let along = Sharpness::along(&mut moment.run, &steps, samples, |at| {
        if at.is_multiple_of(1024) {
            bar.set_position(at);
        }
    });
    bar.finish_and_clear();
    along
}

/// What fits into one picture.
fn shown(along: &[Sharpness]) -> &[Sharpness] {
    let limit = |at: &Sharpness| BEYOND * at.threshold.unwrap_or(0.0).max(along[0].largest);
    let end = along.iter().skip(1).position(|at| at.largest > limit(at)).map_or(along.len(), |at| at + 1);
    &along[..end]
}

fn as_json<T: Real>(
    trainer: &Trainer<T>,
    curvature: &Curvature,
    stability: Result<Stability, &str>,
    samples: Option<&[u32]>,
    along: &[Sharpness],
) -> Value {
    let [above, zero, below] = curvature.counts();
    let hessian: Vec<&[f64]> = curvature.hessian.chunks_exact(curvature.names.len()).collect();
    let mut value = json!({
        "name": trainer.experiment().name, "step": trainer.steps(), "epoch": trainer.epochs(),
        "samples": samples, "rows": curvature.rows, "loss": curvature.loss,
        "gradient": curvature.gradient, "gradient_norm": curvature.gradient_norm(),
        "parameters": curvature.names, "hessian": hessian, "asymmetry": curvature.asymmetry,
        "eigenvalues": curvature.eigenvalues, "direction": curvature.direction, "trace": curvature.trace(),
        "counts": { "above": above, "zero": zero, "below": below },
        "lr": trainer.hyper().lr, "momentum": trainer.hyper().momentum, "kinks": curvature.kinks,
        "threshold": stability.ok().map(|s| s.threshold()),
        "largest_stable_lr": stability.ok().map(|s| s.largest_lr(curvature.sharpness())).filter(|lr| lr.is_finite()),
        "no_threshold": stability.err(),
    });
    if !along.is_empty() {
        let moment = |at: &Sharpness| json!({ "step": at.step, "largest": at.largest, "threshold": at.threshold });
        value["along"] = along.iter().map(moment).collect();
    }
    value
}

/// Four digits or so.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".into(),
        size if !(1e-4..1e7).contains(&size) => format!("{value:.3e}"),
        size => format!("{value:.*}", (3 - size.log10().floor() as i32).clamp(0, 7) as usize),
    }
}

/// The same within a sentence: without zeros at the end.
fn short(value: f64) -> String {
    let text = number(value);
    let decimal = text.contains('.') && !text.contains('e');
    if decimal { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}
