//! `neuronlab experiment`: the experiment file itself, its schema, its reference.

use crate::Failure;
use crate::args::ExperimentArgs;
use crate::printer::Printer;
use neuronlab::scalar::Dtype;
use neuronlab::{Experiment, Trainer, experiment};

pub(crate) fn run(args: &ExperimentArgs, printer: &mut Printer) -> Result<(), Failure> {
    if let Some(table) = &args.from {
        let text = Experiment::text_for_table(table, &args.target)?;
        let experiment = Experiment::from_toml(&text, "the experiment")?.with(&args.source.set)?;
        // What is printed can be trained.
        match experiment.dtype {
            Dtype::Float32 => drop(Trainer::<f32>::new(&experiment)?),
            Dtype::Float64 => drop(Trainer::<f64>::new(&experiment)?),
        }
        if printer.json() {
            printer.value(&serde_json::to_value(&experiment).expect("plain values"));
        }
        if args.source.set.is_empty() {
            printer.line(text.trim_end());
        } else {
            printer.line(experiment.to_toml().trim_end());
        }
    } else if args.list {
        if printer.json() {
            printer.value(&Experiment::built_in_names().collect::<Vec<_>>());
        }
        Experiment::built_in_names().for_each(|name| printer.line(name));
    } else if args.schema {
        printer.value(&experiment::schema());
    } else if args.markdown {
        printer.result(experiment::reference().trim_end());
    } else {
        let source = &args.source;
        let experiment = source.experiment()?;
        if printer.json() {
            printer.value(&serde_json::to_value(&experiment).expect("plain values"));
        }
        // A built-in experiment prints as its file, with its comments.
        match Experiment::built_in_file(&source.source) {
            Ok(file) if source.set.is_empty() => printer.line(file.trim_end()),
            _ => printer.line(experiment.to_toml().trim_end()),
        }
    }
    Ok(())
}
