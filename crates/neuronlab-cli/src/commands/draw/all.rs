//! `draw all`: the set of a run's pictures.

use super::{picture, run};
use crate::Failure;
use crate::args::DrawAllArgs;
use crate::printer::{self, Printer};
use neuronlab::draw::{self, ComputationGraph, Diagram};
use neuronlab::explain::{Explanation, Landscape, Moment, Plane};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{Error, Result, file};

/// What the files are called, without what their names end with.
const NAMES: [&str; 13] = [
    "network",
    "graph",
    "graph-neurons",
    "chain",
    "chain-unrolled",
    "neuron",
    "surface",
    "neurons",
    "weights",
    "gradients",
    "loss",
    "landscape",
    "animation",
];
/// Moments of the film.
const FRAMES: u64 = 24;

pub(super) fn all(args: &DrawAllArgs, printer: &mut Printer) -> Result<(), Failure> {
    picture::check_form(&args.form)?;
    let path = |name: &str| args.out.join(format!("{name}.{}", args.form.format.name()));
    for name in NAMES {
        super::super::may_write(&path(name), args.force)?;
    }
    let set = match args.moment.experiment()?.dtype {
        Dtype::Float32 => set::<f32>(args)?,
        Dtype::Float64 => set::<f64>(args)?,
    };
    std::fs::create_dir_all(&args.out).map_err(|error| Error::Field {
        field: "--out".into(),
        expected: "a folder that can be made".into(),
        got: format!("`{}`: {error}", args.out.display()),
        hint: None,
    })?;
    let mut written = Vec::new();
    for (name, picture) in NAMES.into_iter().zip(set) {
        match picture {
            Ok(picture) => {
                let path = path(name);
                file::write(&path, &picture::bytes(&picture, &args.form)?)?;
                printer.line(format_args!("Written: {}", path.display()));
                written.push(path.display().to_string());
            }
            Err(error) => printer::note(&format!("no {name}: {error}")),
        }
    }
    if printer.json() {
        printer.value(&written);
    }
    Ok(())
}

/// In the order of [`NAMES`]; of what the run can't be drawn as, the reason.
fn set<T: Real + TorchReal>(args: &DrawAllArgs) -> Result<[Result<String>; 13], Failure> {
    let (trace, mut moment) = run::trace::<T>(&args.moment)?;
    let end = moment.step;
    let before = moment.run.at(end.saturating_sub(1))?.clone();
    let (losses, per_epoch) = run::losses::<T>(&args.moment.source)?;
    let made = losses.len().min(usize::try_from(end).unwrap_or(usize::MAX));
    let film = draw::animation(&mut moment.run, &draw::animation_steps(end, FRAMES), |_| {});
    let trainer = moment.trainer()?;
    let parameters: Vec<f64> = trainer.model().parameters().iter().map(|w| w.to_f64()).collect();
    let network = trainer.model().network();
    let title = format!("The network of {} at step {end}", trainer.experiment().name);
    let why = |picture: fn(&Explanation) -> String| {
        let step = Moment::new(&before, None)?;
        let weight = network.parameter_name(steepest(&step.gradients));
        Ok(picture(&Explanation::new(&step, &weight)?))
    };
    let first = network.neuron_name(1, 0);
    let step = || Moment::new(&before, None);
    Ok([
        Ok(Diagram::new(network).title(title).weights(&parameters).draw()),
        step().map(|step| ComputationGraph::of_tensors(&step).svg()),
        step().and_then(|step| ComputationGraph::of_neurons(&step, 0)).map(|graph| graph.svg()),
        why(draw::chain),
        why(draw::chain_unrolled),
        Moment::new(trainer, Some(&[0])).and_then(|moment| draw::anatomy(&moment, 0, &first, false)),
        draw::answer_surface(trainer),
        draw::neuron_surfaces(trainer),
        Ok(draw::weights(&trace)),
        Ok(draw::gradients(&trace)),
        Ok(draw::loss_curve(&losses[..made], per_epoch)),
        Landscape::new(trainer, &trace, Plane::Principal).map(|landscape| draw::landscape(&landscape)),
        film,
    ])
}

/// The place of the largest.
fn steepest(gradients: &[f64]) -> usize {
    (0..gradients.len()).fold(0, |best, at| if gradients[at].abs() > gradients[best].abs() { at } else { best })
}
