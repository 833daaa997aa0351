//! What there is: `list`, `init`, `schedule`, `methods`, `data`, `experiment`.

use super::{FormArgs, PictureArgs, SourceArgs};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab list activations
  neuronlab list schedules --json")]
pub(crate) struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub(crate) kind: ListKind,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum ListKind {
    Activations,
    Losses,
    Inits,
    Optimizers,
    Schedules,
    Datasets,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab init kaiming_normal --shape 4x2
  neuronlab init kaiming_normal --shape 512x512 --set nonlinearity=relu --seed 7
  neuronlab init default --shape 8x3x5x5 --out conv.svg

The picture of --out is the histogram.")]
pub(crate) struct InitArgs {
    /// Scheme: see neuronlab list inits
    #[arg(default_value = "default")]
    pub(crate) scheme: String,
    /// Sizes of the weight: OUTxIN, or OUTxINxHEIGHTxWIDTH of a convolution
    #[arg(long, value_name = "SIZES", default_value = "4x2")]
    pub(crate) shape: String,
    /// As in torch.manual_seed
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// A setting of the scheme, such as gain=1.6667; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab schedule xor --set 'schedule={name=\"step_lr\",step_size=500}' --set optimizer.lr=0.1
  neuronlab schedule mine.toml --out lr.svg

The picture of --out is the curve of the learning rate.")]
pub(crate) struct ScheduleArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  neuronlab methods --plot figures")]
pub(crate) struct MethodsArgs {
    /// Folder for the pictures, one file each
    #[arg(long, value_name = "DIR")]
    pub(crate) plot: PathBuf,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Overwrite pictures in the folder
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab data xor
  neuronlab data moons --set samples=500 --set noise=0.1 --set seed=3
  neuronlab data experiments/moons.toml")]
pub(crate) struct DataArgs {
    /// Data set, or an experiment for its data
    pub(crate) name: String,
    /// Replace a field of the data, such as noise=0.1; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab experiment xor > mine.toml
  neuronlab experiment runs/xor --set optimizer.lr=0.05
  neuronlab experiment --from flowers.csv --target species > flowers.toml
  neuronlab experiment --schema > experiment.schema.json")]
pub(crate) struct ExperimentArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Print an experiment that learns a table; how the table is written is found out
    #[arg(long, value_name = "TABLE", group = "what", conflicts_with = "source")]
    pub(crate) from: Option<PathBuf>,
    /// The column that is to be learned, with --from; may be repeated
    #[arg(long, value_name = "COLUMN", requires = "from")]
    pub(crate) target: Vec<String>,
    /// Print the names of the built-in experiments
    #[arg(long, group = "what")]
    pub(crate) list: bool,
    /// Print the JSON schema of experiment files, for editors
    #[arg(long, group = "what")]
    pub(crate) schema: bool,
    /// Print the reference page docs/experiment.md
    #[arg(long, group = "what")]
    pub(crate) markdown: bool,
}
