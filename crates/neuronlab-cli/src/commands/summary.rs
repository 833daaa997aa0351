//! `neuronlab summary`: layers, shapes, parameters.

use crate::Failure;
use crate::args::SourceArgs;
use crate::printer::Printer;
use serde_json::json;

pub(crate) fn run(args: &SourceArgs, printer: &mut Printer) -> Result<(), Failure> {
    let experiment = args.experiment()?;
    let data = experiment.data.load()?;
    let network = experiment.network(data.input_names.len())?;
    if printer.json() {
        let layers: Vec<_> = network
            .layers()
            .iter()
            .map(|l| {
                json!({
                    "name": l.name, "in_features": l.in_features, "out_features": l.out_features,
                    "bias": l.bias.is_some(), "activation": l.activation.name(), "parameters": l.parameters(),
                })
            })
            .collect();
        printer.value(&json!({
            "layers": layers, "parameters": network.parameters(), "mult_adds": network.mult_adds(),
        }));
    }
    let (batch, _) = experiment.batch.size_and_steps(data.len());
    printer.line(network.summary(batch));
    Ok(())
}
