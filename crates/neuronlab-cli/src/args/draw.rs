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
    /// The chain rule for one weight, as a tree: each derivative in symbols and its number
    Chain(DrawChainArgs),
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

#[derive(clap::Args)]
#[command(after_help = "\
The moment is the last step of a results folder's run, and the first of an experiment's. Without
--sample it is the step that the run makes: on its own samples. Of more paths than fit the largest
are drawn, and the picture says so.

Examples:
  neuronlab draw chain xor --weight 'lin3.weight[1,3]' --out chain.svg
  neuronlab draw chain runs/xor --epoch 100 --weight 'lin2.weight[1,3]' --unroll --out tree.svg")]
pub(crate) struct DrawChainArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Parameter by its name, such as 'lin2.weight[1,3]' or 'lin1.bias[0]'
    #[arg(long, value_name = "NAME")]
    pub(crate) weight: String,
    /// Draw each path apart: its product stands at its leaf
    #[arg(long)]
    pub(crate) unroll: bool,
    /// Sample to look at, from 0, instead of those of the step; may be repeated for a batch
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) sample: Vec<u32>,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}
