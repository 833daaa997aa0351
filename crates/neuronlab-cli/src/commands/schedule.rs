//! `neuronlab schedule`: learning rate and momentum against time.

use crate::args::ScheduleArgs;
use crate::printer::Printer;
use crate::{Failure, tables};
use neuronlab::draw::{self, Line};
use neuronlab::optim::Per;
use neuronlab::scalar::Dtype;
use neuronlab::{Experiment, Trainer};
use serde_json::json;

/// Rows of the table.
const ROWS: usize = 24;
/// Epochs or steps that can be shown.
const MOST: u64 = 10_000_000;

pub(crate) fn run(args: &ScheduleArgs, printer: &mut Printer) -> Result<(), Failure> {
    super::picture::check(&args.picture)?;
    let experiment = args.source.experiment()?;
    let base = experiment.optimizer.hyper();
    let Some(schedule) = &experiment.schedule else {
        return Err(neuronlab::Error::Field {
            field: "schedule".into(),
            expected: "one, to be shown".into(),
            got: format!("none: the learning rate is {} all the time", base.lr),
            hint: Some(
                "for example --set 'schedule={name=\"step_lr\",step_size=500}'; neuronlab list schedules".into(),
            ),
        }
        .into());
    };
    let steps = steps(&experiment)?;
    let (per, unit) = match schedule.per() {
        Per::Epoch => (1, "epoch"),
        Per::Step => (steps as u64, "step"),
    };
    let count = count(&experiment, per, unit)?;
    let mut progress = schedule.start(base);
    let mut points = Vec::with_capacity(count as usize);
    for _ in 0..count {
        points.push(progress.hyper());
        // Of a loss that never becomes better.
        schedule.advance(&mut progress, base, 1.0);
    }

    let lr: Vec<f64> = points.iter().map(|p| p.lr).collect();
    if printer.json() {
        let momentum: Vec<_> = points.iter().map(|p| p.momentum).collect();
        printer.value(&json!({ "schedule": schedule.key(), "per": unit, "lr": lr, "momentum": momentum }));
    }
    printer.heading(format_args!("{} over {count} {unit}s, {}", schedule.name(), experiment.optimizer.describe()));
    if schedule.key() == "reduce_lr_on_plateau" {
        printer.line("(as it would go if the loss never became better)");
    }
    printer.line("");
    let every = points.len().div_ceil(ROWS).max(1);
    let rows = points.iter().enumerate().step_by(every).map(|(t, p)| {
        let momentum = p.momentum.map_or(String::new(), |m| format!("{m:.4}"));
        vec![t.to_string(), format!("{:.6e}", p.lr), momentum]
    });
    printer.line(tables::table(&[unit, "lr", "momentum"], rows, &[]));
    if args.picture.out.is_some() {
        let points: Vec<(f64, f64)> = lr.iter().enumerate().map(|(t, &lr)| (t as f64, lr)).collect();
        let picture = draw::lines(schedule.name(), unit, &[Line::held("learning rate", &points)]);
        super::picture::write(&args.picture, &picture, printer)?;
    }
    Ok(())
}

/// Epochs or steps of the run, `per` of them an epoch; refused where they are too many, since a part would look like the whole.
fn count(experiment: &Experiment, per: u64, unit: &str) -> neuronlab::Result<u64> {
    let count = u128::from(experiment.stop.epochs) * u128::from(per);
    if let Some(count) = u64::try_from(count).ok().filter(|count| *count <= MOST) {
        return Ok(count);
    }
    let each = if per > 1 { format!(", {per} an epoch") } else { String::new() };
    let hint = Some(MOST / per).filter(|most| *most > 0);
    Err(neuronlab::Error::Field {
        field: "stop.epochs".into(),
        expected: format!("at most {MOST} {unit}s to be shown"),
        got: format!("{count}{each}"),
        hint: hint.map(|most| format!("--set stop.epochs={most} shows the first of them")),
    })
}

/// Steps an epoch of the run, which must be one that can be trained: what `train` refuses is not drawn.
fn steps(experiment: &Experiment) -> neuronlab::Result<usize> {
    Ok(match experiment.dtype {
        Dtype::Float32 => Trainer::<f32>::new(experiment)?.sampler().steps(),
        Dtype::Float64 => Trainer::<f64>::new(experiment)?.sampler().steps(),
    })
}
