//! `neuronlab data`: a data set as CSV.

use crate::Failure;
use crate::args::{DataArgs, SourceArgs};
use crate::printer::Printer;
use neuronlab::Experiment;
use neuronlab::data::Data;

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
        let rows: Vec<Vec<String>> =
            data.to_csv().lines().map(|line| line.split(',').map(String::from).collect()).collect();
        printer.value(&serde_json::json!({ "columns": rows[0], "rows": rows[1..] }));
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
