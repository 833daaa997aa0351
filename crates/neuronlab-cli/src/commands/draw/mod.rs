//! `neuronlab draw`: pictures of a run at a moment.

mod network;
mod neuron;

use super::picture;
use crate::Failure;
use crate::args::{DrawArgs, Drawing, MomentArgs, PictureArgs};
use crate::printer::Printer;
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};

pub(crate) fn run(args: &DrawArgs, printer: &mut Printer) -> Result<(), Failure> {
    let (moment, form) = common(&args.what);
    picture::check(form)?;
    let picture = match moment.experiment()?.dtype {
        Dtype::Float32 => drawn::<f32>(&args.what)?,
        Dtype::Float64 => drawn::<f64>(&args.what)?,
    };
    if form.out.is_some() {
        picture::write(form, &picture, printer)?;
    } else if printer.json() {
        printer.value(&picture);
    } else {
        printer.result(picture.trim_end());
    }
    Ok(())
}

/// What every picture asks for.
fn common(what: &Drawing) -> (&MomentArgs, &PictureArgs) {
    match what {
        Drawing::Network(args) => (&args.moment, &args.picture),
        Drawing::Chain(args) => (&args.moment, &args.picture),
    }
}

fn drawn<T: Real + TorchReal>(what: &Drawing) -> Result<String, Failure> {
    match what {
        Drawing::Network(args) => network::network::<T>(args),
        Drawing::Chain(args) => neuron::chain::<T>(args),
    }
}
