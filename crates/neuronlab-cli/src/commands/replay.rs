//! `neuronlab replay`: one run of a sweep again, alone, with all that a results folder holds.

use super::train;
use crate::Failure;
use crate::args::ReplayArgs;
use crate::printer::{self, Printer};
use neuronlab::scalar::Simd;
use neuronlab::sweep::SweepFolder;
use neuronlab::{Error, Experiment, Results};

pub(crate) fn run(args: &ReplayArgs, printer: &mut Printer) -> Result<(), Failure> {
    let folder = SweepFolder::open(&args.folder)?;
    let experiment = folder.sweep().run_experiment(args.run)?;
    let in_sweep = folder.outcome(args.run, Simd::best())?;
    let default = || {
        let sweep = args.folder.display().to_string();
        format!("{}-{}", sweep.trim_end_matches(std::path::MAIN_SEPARATOR), args.run).into()
    };
    let results = Results::create(&args.out.clone().unwrap_or_else(default), args.force)?;
    let named = Experiment { name: format!("{} run {}", experiment.name, args.run), ..experiment };
    let (weights, outcome) = train::replay(&named, &results, printer);
    if matches!(outcome, Err(Failure::Error(_) | Failure::Interrupted(_))) {
        return outcome;
    }
    if weights != in_sweep.weights {
        let expected = format!("run {} with the weights that it had in the sweep, {:016x}", args.run, in_sweep.weights);
        let got = format!("other ones, {weights:016x}: made by another version of the program?");
        return Err(Error::File { path: args.folder.clone(), expected, got, hint: None }.into());
    }
    // A run that diverged is the same if it diverges again.
    if let Err(Failure::Diverged(message)) = outcome {
        printer::note(&message);
    }
    printer.line(format_args!("Same bits as in the sweep: the weights' hash is {weights:016x}"));
    Ok(())
}
