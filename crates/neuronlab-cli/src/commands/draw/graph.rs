//! `draw graph`: the computation graph of a step.

use super::picture;
use crate::Failure;
use crate::args::{DrawGraphArgs, FormArgs, GraphFormat, PictureArgs, PictureFormat};
use crate::moment::Default;
use crate::printer::Printer;
use neuronlab::draw::ComputationGraph;
use neuronlab::explain::Moment;
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};

pub(super) fn graph(args: &DrawGraphArgs, printer: &mut Printer) -> Result<(), Failure> {
    let to = args.picture();
    picture::check(&to)?;
    let graph = match args.moment.experiment()?.dtype {
        Dtype::Float32 => at_moment::<f32>(args)?,
        Dtype::Float64 => at_moment::<f64>(args)?,
    };
    let text = if args.format == GraphFormat::Dot { graph.dot() } else { graph.svg() };
    super::show(&to, &text, printer)
}

impl DrawGraphArgs {
    /// Where the picture goes, and as what.
    fn picture(&self) -> PictureArgs {
        let format = match self.format {
            GraphFormat::Svg => PictureFormat::Svg,
            GraphFormat::Dot => PictureFormat::Dot,
            GraphFormat::Png => PictureFormat::Png,
            GraphFormat::Pdf => PictureFormat::Pdf,
        };
        PictureArgs { out: self.out.clone(), form: FormArgs { format, size: self.size }, force: self.force }
    }
}

fn at_moment<T: Real + TorchReal>(args: &DrawGraphArgs) -> Result<ComputationGraph, Failure> {
    let mut moment = args.moment.moment::<T>(Default::LastStep)?;
    let samples = (!args.sample.is_empty()).then_some(&args.sample[..]);
    let moment = Moment::new(moment.trainer()?, samples)?;
    if !args.neurons {
        return Ok(ComputationGraph::of_tensors(&moment));
    }
    ComputationGraph::of_neurons(&moment, 0).map_err(|error| match error {
        neuronlab::Error::Field { field, expected, got, .. } => {
            let hint = Some("without --neurons the graph is drawn tensor by tensor".into());
            neuronlab::Error::Field { field, expected, got, hint }.into()
        }
        other => other.into(),
    })
}
