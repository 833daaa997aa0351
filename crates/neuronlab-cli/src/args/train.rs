//! One run: `train` and `predict`.

use super::SourceArgs;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab train
  neuronlab train experiments/xor.toml --set seed.torch=7 --set loss=mse --out runs/seven
  neuronlab train --resume runs/xor
  neuronlab train --resume runs/xor --set stop.epochs=4000")]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Results folder [default: runs/NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the results in the folder
    #[arg(long)]
    pub(crate) force: bool,
    /// Go on with an interrupted run; of the fields only stop.* may be replaced
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "force", "source"])]
    pub(crate) resume: Option<PathBuf>,
    /// Print the loss every N epochs
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) every: u64,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab predict runs/xor --input 0,1 --input 1,1
  neuronlab predict runs/xor --csv mine.csv > answers.csv")]
pub(crate) struct PredictArgs {
    /// Results folder
    pub(crate) folder: PathBuf,
    /// Inputs of one sample, with commas; may be repeated
    #[arg(long, value_name = "X1,X2,…", allow_hyphen_values = true, required_unless_present = "csv")]
    pub(crate) input: Vec<String>,
    /// Table of samples; its columns are found by the names of the inputs
    #[arg(long, value_name = "FILE", conflicts_with = "input")]
    pub(crate) csv: Option<PathBuf>,
}
