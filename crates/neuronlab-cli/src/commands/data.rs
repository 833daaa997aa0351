//! `neuronlab data`: a data set as CSV.

use crate::Failure;
use crate::args::{DataArgs, SourceArgs};
use crate::printer::{List, Printer};
use neuronlab::Experiment;
use neuronlab::data::{Data, Targets};
use serde_json::json;

pub(crate) fn run(args: &DataArgs, printer: &mut Printer) -> Result<(), Failure> {
    let settings: Vec<String> = args.set.iter().map(|s| format!("data.{}", s.trim_start_matches("data."))).collect();
    let experiment = if Data::NAMES.contains(&args.name.as_str()) {
        let name = format!("data={{ name = \"{}\"{} }}", args.name, required(&args.name));
        let settings: Vec<String> = std::iter::once(name).chain(settings).collect();
        Experiment::built_in("xor")?.with(&settings)?
    } else {
        SourceArgs { source: args.name.clone(), set: settings }.experiment()?
    };
    let data = experiment.data.load()?;
    if printer.json() {
        #[derive(serde::Serialize)]
        struct Printed<'d, L> {
            inputs: &'d [String],
            targets: &'d [String],
            samples: L,
        }
        let width = data.target_names.len();
        let sample = |(n, x): (usize, &[f64])| match &data.targets {
            Targets::Numbers(numbers) => json!({ "input": x, "target": numbers[n * width..(n + 1) * width] }),
            Targets::Classes { labels, names } => json!({ "input": x, "target": names[labels[n] as usize] }),
        };
        let samples = List::new(data.inputs.chunks_exact(data.input_names.len()).enumerate().map(sample));
        printer.value(&Printed { inputs: &data.input_names, targets: &data.target_names, samples });
    } else {
        printer.line(data.to_csv().trim_end());
    }
    Ok(())
}

/// The fields that have no default; `--set` replaces them.
fn required(name: &str) -> &'static str {
    match name {
        "parity" => ", bits = 2",
        _ => "",
    }
}
