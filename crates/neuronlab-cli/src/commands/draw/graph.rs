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
    match args.format {
        GraphFormat::Dot => check_dot(args)?,
        _ => picture::check(&to)?,
    }
    let graph = match args.moment.experiment()?.dtype {
        Dtype::Float32 => at_moment::<f32>(args)?,
        Dtype::Float64 => at_moment::<f64>(args)?,
    };
    let text = if args.format == GraphFormat::Dot { graph.dot() } else { graph.svg() };
    super::show(&to, &text, printer)
}

impl DrawGraphArgs {
    /// The same as of any other picture; a text for Graphviz is written as an SVG is.
    fn picture(&self) -> PictureArgs {
        let format = match self.format {
            GraphFormat::Svg | GraphFormat::Dot => PictureFormat::Svg,
            GraphFormat::Png => PictureFormat::Png,
            GraphFormat::Pdf => PictureFormat::Pdf,
        };
        PictureArgs { out: self.out.clone(), form: FormArgs { format, size: self.size }, force: self.force }
    }
}

/// Says before any work whether a text for Graphviz can be written.
fn check_dot(args: &DrawGraphArgs) -> Result<(), Failure> {
    picture::check_size(PictureFormat::Svg, &args.size)?;
    let Some(file) = &args.out else { return Ok(()) };
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    if ["svg", "png", "pdf"].contains(&ending.as_str()) {
        return Err(neuronlab::Error::Field {
            field: "--out".into(),
            expected: "a name that ends with .dot, since --format is dot".into(),
            got: format!("`{}`", file.display()),
            hint: Some(format!("--format {ending} writes {}", ending.to_uppercase())),
        }
        .into());
    }
    Ok(super::super::may_write(file, args.force)?)
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
