//! Pictures of a run: `draw`.

use super::{MomentArgs, PictureArgs};

#[derive(clap::Args)]
pub(crate) struct DrawArgs {
    #[command(subcommand)]
    pub(crate) what: Drawing,
}

#[derive(clap::Subcommand)]
pub(crate) enum Drawing {
    /// The network: neurons, weights, and what they compute
    Network(DrawNetworkArgs),
}

#[derive(clap::Args)]
#[command(after_help = "\
The moment is the end of a results folder's run, and the start of an experiment's; --step and
--epoch name another. Without --out the picture is printed.

Examples:
  neuronlab draw network xor --plain --out worksheet.svg
  neuronlab draw network runs/xor --values --out network.svg
  neuronlab draw network runs/xor --step 400 --sample 2 --format png --out slide.png")]
pub(crate) struct DrawNetworkArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// No numbers: the diagram of a textbook, for a worksheet
    #[arg(long, conflicts_with_all = ["values", "sample"])]
    pub(crate) plain: bool,
    /// Write each weight on its line
    #[arg(long)]
    pub(crate) values: bool,
    /// Show what every neuron computes of a training sample, from 0
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) sample: Option<u32>,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}
