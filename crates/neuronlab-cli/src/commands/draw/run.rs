//! `draw weights`, `gradients`, `loss` and `landscape`: what changed over a run.

use crate::Failure;
use crate::args::{DrawLandscapeArgs, DrawLossArgs, MomentArgs, SourceArgs};
use crate::moment::{Default, Moment, bar};
use crate::printer;
use neuronlab::explain::{Landscape, Plane, Trace};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{Error, Experiment, History, Results, Trainer, draw};
use std::path::Path;

/// Moments of a run that are looked at.
const MOMENTS: u64 = 300;

/// A run from its start to the moment that is asked for, or to its end.
pub(super) fn trace<T: Real + TorchReal>(args: &MomentArgs) -> Result<(Trace, Moment<T>), Failure> {
    let (mut moment, end) = whole::<T>(args)?;
    let bar = bar(end);
    let trace = Trace::along(&mut moment.run, &Trace::steps(end, MOMENTS), |at| bar.set_position(at));
    bar.finish_and_clear();
    Ok((trace?, moment))
}

/// A run, and the step up to which it is asked for: its end, if none is named.
pub(super) fn whole<T: Real + TorchReal>(args: &MomentArgs) -> Result<(Moment<T>, u64), Failure> {
    let mut moment = args.moment::<T>(Default::End)?;
    // The moment of an experiment is its start, unless another is named; here it is the whole run.
    let named = args.step.is_some() || args.epoch.is_some();
    let looked = moment.step == 0 && !named;
    let end = if looked { moment.run.end()? } else { moment.step };
    // A step that the run has not is said before anything is drawn.
    moment.step = end;
    if moment.trainer()?.ended().is_none() && looked {
        printer::note(&format!("the run diverges in step {end}: it is drawn up to there"));
    }
    Ok((moment, end))
}

/// The loss over a plane.
pub(super) fn landscape<T: Real + TorchReal>(args: &DrawLandscapeArgs) -> Result<String, Failure> {
    let experiment = args.run.moment.experiment()?;
    let start = Trainer::<T>::new(&experiment)?;
    let place = |name: &String| start.model().network().parameter(name);
    let plane = match (&args.along[..], args.random) {
        ([], None) => Plane::Principal,
        ([], Some(seed)) => Plane::Random(seed),
        ([first, second], _) => Plane::Along(place(first)?, place(second)?),
        (names, _) => {
            return Err(Error::Field {
                field: "--along".into(),
                expected: "two parameters, which make a plane".into(),
                got: names.len().to_string(),
                hint: Some("--along 'lin1.weight[0,0]' --along 'lin1.weight[0,1]'".into()),
            }
            .into());
        }
    };
    let (trace, mut moment) = trace::<T>(&args.run.moment)?;
    Ok(draw::landscape(&Landscape::new(moment.trainer()?, &trace, plane)?))
}

/// One run, or several on one axis.
pub(super) fn loss(args: &DrawLossArgs) -> Result<String, Failure> {
    let mut runs = Vec::new();
    for source in &args.sources {
        let source = SourceArgs { source: source.clone(), set: args.set.clone() };
        let (mut losses, per_epoch) = match source.experiment()?.dtype {
            Dtype::Float32 => losses::<f32>(&source)?,
            Dtype::Float64 => losses::<f64>(&source)?,
        };
        if let Some((end, named)) = end(args, per_epoch) {
            if end == 0 || end > losses.len() as u64 {
                let made = losses.len() as u64;
                let (unit, each) = if named == "--epoch" { ("epochs", per_epoch as u64) } else { ("steps", 1) };
                let expected = format!("1 to {}, the {unit} of {}", made / each, source.source);
                let got = (end / each).to_string();
                return Err(Error::Field { field: named.into(), expected, got, hint: None }.into());
            }
            losses.truncate(end as usize);
        }
        if !losses.iter().any(|loss| loss.is_finite()) {
            printer::note(&format!("{}: no finite loss; it is left out", source.source));
        }
        runs.push((source.source, losses, per_epoch));
    }
    Ok(match &runs[..] {
        [(_, losses, per_epoch)] if args.log => draw::loss_curve_log(losses, *per_epoch),
        [(_, losses, per_epoch)] => draw::loss_curve(losses, *per_epoch),
        runs => draw::losses(runs, args.log),
    })
}

/// The step at which the picture of a loss ends, and the option that says so.
fn end(args: &DrawLossArgs, per_epoch: usize) -> Option<(u64, &'static str)> {
    let of_epoch = |epoch: u64| epoch.saturating_mul(per_epoch as u64);
    args.step.map(|step| (step, "--step")).or(args.epoch.map(|epoch| (of_epoch(epoch), "--epoch")))
}

/// The losses of all steps, and the steps of an epoch.
pub(super) fn losses<T: Real + TorchReal>(source: &SourceArgs) -> Result<(Vec<f64>, usize), Failure> {
    let wide = |losses: &[T]| losses.iter().map(|loss| loss.to_f64()).collect();
    let experiment = source.experiment()?;
    let mut trainer = Trainer::<T>::new(&experiment)?;
    let per_epoch = trainer.sampler().steps();
    let path = Path::new(&source.source);
    let built_in = Experiment::built_in_names().any(|name| name == source.source);
    if !built_in && path.is_dir() && source.set.is_empty() {
        let results = Results::open(path)?;
        if results.path(Results::HISTORY).exists() {
            return Ok((wide(&results.losses::<T>()?), per_epoch));
        }
        printer::note("no history.csv there: the run is made again by its experiment.toml");
    }
    let mut history = History::new(&trainer);
    // A run that diverges has a loss up to there.
    if let Err(diverged) = trainer.run(&mut history) {
        printer::note(&format!("{}: {diverged}", source.source));
    }
    Ok((wide(&history.losses), per_epoch))
}
