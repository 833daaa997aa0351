//! `neuronlab explain`: one weight or one neuron at one moment.

use super::picture;
use crate::Failure;
use crate::args::{ExplainArgs, FormArgs, Format, PictureFormat};
use crate::moment::Default;
use crate::printer::Printer;
use neuronlab::explain::{Block, Document, Explanation, Moment, Neuron};
use neuronlab::random::TorchReal;
use neuronlab::scalar::{Dtype, Real};
use neuronlab::{Error, draw};
use serde::Serialize;

pub(crate) fn run(args: &ExplainArgs, printer: &mut Printer) -> Result<(), Failure> {
    check(args)?;
    match args.moment.experiment()?.dtype {
        Dtype::Float32 => in_type::<f32>(args, printer),
        Dtype::Float64 => in_type::<f64>(args, printer),
    }
}

/// Says before any work whether it can be written.
fn check(args: &ExplainArgs) -> Result<(), Failure> {
    if let Some(format) = args.format.picture() {
        picture::check_form(&form(args, format))?;
        match &args.out {
            Some(file) => picture::check_name(file, format)?,
            None if format == PictureFormat::Svg => {}
            None => return Err(picture::no_file(format).into()),
        }
    } else {
        picture::check_size(PictureFormat::Svg, &args.size)?;
    }
    Ok(args.out.as_deref().map_or(Ok(()), |file| super::may_write(file, args.force))?)
}

fn form(args: &ExplainArgs, format: PictureFormat) -> FormArgs {
    FormArgs { format, size: args.size }
}

fn in_type<T: Real + TorchReal>(args: &ExplainArgs, printer: &mut Printer) -> Result<(), Failure> {
    if let Some(name) = &args.neuron {
        return neuron::<T>(args, name, printer);
    }
    let mut moment = args.moment.moment::<T>(Default::LastStep)?;
    let samples = (!args.sample.is_empty()).then_some(&args.sample[..]);
    moment.check_paths(samples, 1)?;
    let moment = Moment::new(moment.trainer()?, samples)?;
    let name = args.weight.as_deref().unwrap_or_default();
    let explanation =
        if args.all_paths { Explanation::with_all_paths(&moment, name)? } else { Explanation::new(&moment, name)? };
    show(args, &explanation.document(), &explanation, Some(&|| draw::explanation(&explanation)), printer)
}

fn neuron<T: Real + TorchReal>(args: &ExplainArgs, name: &str, printer: &mut Printer) -> Result<(), Failure> {
    let mut moment = args.moment.moment::<T>(Default::End)?;
    let trainer = moment.trainer()?;
    let neuron = Neuron::new(trainer, name)?;
    let picture: &dyn Fn() -> String = &|| draw::neuron(trainer, &neuron);
    let flat = trainer.task().input_names.len() == 2;
    show(args, &neuron.document(), &neuron, flat.then_some(picture), printer)
}

/// In the form that was asked for, to the file or the terminal.
fn show(
    args: &ExplainArgs,
    document: &Document,
    value: &impl Serialize,
    picture: Option<&dyn Fn() -> String>,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let format = if printer.json() { Format::Json } else { args.format };
    if format == Format::Json && args.out.is_none() {
        printer.value(value);
        return Ok(());
    }
    let text = match format {
        Format::Text => document.to_string(),
        Format::Markdown => document.markdown(),
        Format::Latex => document.latex(),
        Format::Json => serde_json::to_string_pretty(value).expect("plain values") + "\n",
        Format::Html => {
            let caption = if args.neuron.is_some() && picture.is_some() { draw::NEURON_CAPTION } else { "" };
            draw::explanation_page(document, &picture.map(|picture| picture()).unwrap_or_default(), caption)
        }
        Format::Svg | Format::Png | Format::Pdf => picture.map(|picture| picture()).ok_or_else(|| Error::Field {
            field: "--format".into(),
            expected: "a network with two inputs, for a picture of a neuron over them".into(),
            got: args.format.picture().map_or("none", PictureFormat::name).into(),
            hint: None,
        })?,
    };
    if format == Format::Text && args.out.is_none() {
        on_terminal(document, printer);
        return Ok(());
    }
    if let Some(file) = &args.out {
        match args.format.picture() {
            Some(format) => neuronlab::file::write(file, &picture::bytes(&text, &form(args, format))?)?,
            None => super::write(file, &text)?,
        }
        printer.line(format_args!("Written: {}", file.display()));
    } else {
        printer.result(text.trim_end());
    }
    Ok(())
}

/// As text, with headings in bold where there is a terminal.
pub(super) fn on_terminal(document: &Document, printer: &mut Printer) {
    printer.heading(&document.title);
    for block in &document.blocks {
        match block {
            Block::Heading(words) => {
                printer.line("");
                printer.heading(words);
            }
            Block::Legend(_) => {}
            block => {
                printer.line("");
                printer.numbers(block);
            }
        }
    }
}
