//! `neuronlab draw`: pictures of a run, at a moment or as a whole.

mod all;
mod film;
mod graph;
mod network;
mod neuron;
mod run;

use super::picture;
use crate::Failure;
use crate::args::{DrawArgs, DrawSurfaceArgs, Drawing, PictureArgs};
use crate::moment::Default;
use crate::printer::Printer;
use neuronlab::draw;
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};

pub(crate) fn run(args: &DrawArgs, printer: &mut Printer) -> Result<(), Failure> {
    let form = match &args.what {
        Drawing::All(args) => return all::all(args, printer),
        Drawing::Graph(args) => return graph::graph(args, printer),
        Drawing::Animation(args) => return film::animation(args, printer),
        what => form(what),
    };
    picture::check(form)?;
    show(form, &drawn(&args.what)?, printer)
}

/// Writes a picture where it is to go, or prints it.
fn show(form: &PictureArgs, picture: &str, printer: &mut Printer) -> Result<(), Failure> {
    if form.out.is_some() {
        picture::write(form, picture, printer)?;
    } else if printer.json() {
        printer.value(picture);
    } else {
        printer.result(picture.trim_end());
    }
    Ok(())
}

/// Where a picture goes, and as what.
fn form(what: &Drawing) -> &PictureArgs {
    match what {
        Drawing::All(_) | Drawing::Graph(_) | Drawing::Animation(_) => unreachable!("drawn in another way"),
        Drawing::Network(args) => &args.picture,
        Drawing::Chain(args) => &args.picture,
        Drawing::Neuron(args) => &args.picture,
        Drawing::Surface(args) => &args.picture,
        Drawing::Landscape(args) => &args.run.picture,
        Drawing::Weights(args) | Drawing::Gradients(args) => &args.picture,
        Drawing::Loss(args) => &args.picture,
    }
}

fn drawn(what: &Drawing) -> Result<String, Failure> {
    let moment = match what {
        // Of several runs each has its own precision.
        Drawing::Loss(args) => return run::loss(args),
        Drawing::All(_) | Drawing::Graph(_) | Drawing::Animation(_) => unreachable!("drawn in another way"),
        Drawing::Network(args) => &args.moment,
        Drawing::Chain(args) => &args.moment,
        Drawing::Neuron(args) => &args.moment,
        Drawing::Surface(args) => &args.moment,
        Drawing::Landscape(args) => &args.run.moment,
        Drawing::Weights(args) | Drawing::Gradients(args) => &args.moment,
    };
    match moment.experiment()?.dtype {
        Dtype::Float32 => at_moment::<f32>(what),
        Dtype::Float64 => at_moment::<f64>(what),
    }
}

fn at_moment<T: Real + TorchReal>(what: &Drawing) -> Result<String, Failure> {
    match what {
        Drawing::Network(args) => network::network::<T>(args),
        Drawing::Chain(args) => neuron::chain::<T>(args),
        Drawing::Neuron(args) => neuron::anatomy::<T>(args),
        Drawing::Surface(args) => surface::<T>(args),
        Drawing::Landscape(args) => run::landscape::<T>(args),
        Drawing::Weights(args) => Ok(draw::weights(&run::trace::<T>(&args.moment)?.0)),
        Drawing::Gradients(args) => Ok(draw::gradients(&run::trace::<T>(&args.moment)?.0)),
        Drawing::Loss(_) | Drawing::All(_) | Drawing::Graph(_) | Drawing::Animation(_) => {
            unreachable!("drawn in another way")
        }
    }
}

fn surface<T: Real + TorchReal>(args: &DrawSurfaceArgs) -> Result<String, Failure> {
    let mut moment = args.moment.moment::<T>(Default::End)?;
    let trainer = moment.trainer()?;
    Ok(if args.neurons { draw::neuron_surfaces(trainer)? } else { draw::answer_surface(trainer)? })
}
