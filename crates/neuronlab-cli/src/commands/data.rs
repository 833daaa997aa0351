//! `neuronlab data`: a data set as CSV.

use crate::Failure;
use crate::args::{DataArgs, SourceArgs};
use crate::printer::Printer;
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
        let (inputs, targets) = (data.inputs.chunks_exact(data.input_names.len()), data.target_names.len());
        let targets: Vec<serde_json::Value> = match &data.targets {
            Targets::Numbers(numbers) => numbers.chunks_exact(targets).map(Into::into).collect(),
            Targets::Classes { labels, names } => labels.iter().map(|&l| names[l as usize].clone().into()).collect(),
        };
        printer.value(&serde_json::json!({
            "inputs": data.input_names, "targets": data.target_names,
            "samples": inputs.zip(targets).map(|(x, y)| json!({ "input": x, "target": y })).collect::<Vec<_>>(),
        }));
    }
    printer.line(data.to_csv().trim_end());
    Ok(())
}

/// The fields that have no default; `--set` replaces them.
fn required(name: &str) -> &'static str {
    match name {
        "parity" => ", bits = 2",
        _ => "",
    }
}
