//! Pictures of a run: `draw`.

use super::{FormArgs, MomentArgs, PictureArgs, SizeArgs};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct DrawArgs {
    #[command(subcommand)]
    pub(crate) what: Drawing,
}

#[derive(clap::Subcommand)]
pub(crate) enum Drawing {
    /// The network: neurons, weights, and what they compute
    Network(DrawNetworkArgs),
    /// The computation graph of a step: what is computed from what, with values and gradients
    Graph(DrawGraphArgs),
    /// The chain rule for one weight, as a tree: each derivative in symbols and its number
    Chain(DrawChainArgs),
    /// One neuron: inputs, weights, products, sum, activation, output
    Neuron(DrawNeuronArgs),
    /// The answer over the plane of two inputs, or every neuron's weighted sum
    Surface(DrawSurfaceArgs),
    /// The run as a film: its answers over the plane of two inputs, and its weights
    Animation(DrawAnimationArgs),
    /// The loss over a plane of parameters, and the run's path over it
    Landscape(DrawLandscapeArgs),
    /// The path of every weight over a run
    Weights(DrawRunArgs),
    /// How large the gradients of each layer are over a run
    Gradients(DrawRunArgs),
    /// The loss of every step, or several runs on one axis
    Loss(DrawLossArgs),
    /// All of them, into a folder
    All(DrawAllArgs),
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
--sample it is the step that the run makes: on its own samples. `--format dot` is the language of
Graphviz.

Examples:
  neuronlab draw graph xor --out graph.svg
  neuronlab draw graph runs/xor --epoch 100 --neurons --out neurons.svg
  neuronlab draw graph xor --format dot --out graph.dot")]
pub(crate) struct DrawGraphArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Neuron by neuron, for the first of the samples, instead of tensor by tensor
    #[arg(long)]
    pub(crate) neurons: bool,
    /// Sample to look at, from 0, instead of those of the step; may be repeated for a batch
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) sample: Vec<u32>,
    /// Write the graph to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What the graph is written as
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub(crate) format: GraphFormat,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum GraphFormat {
    /// For pages and for editing
    Svg,
    /// Pixels, for slides
    Png,
    /// For papers
    Pdf,
    /// For Graphviz
    Dot,
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

#[derive(clap::Args)]
#[command(after_help = "\
The moment is the end of a results folder's run, and the start of an experiment's; --step and
--epoch name another. Batch normalisation goes by its running statistics, and dropout leaves nothing out.

Examples:
  neuronlab draw neuron xor --neuron 'H#1_2' --sample 1 --out neuron.svg
  neuronlab draw neuron runs/xor --neuron 'Y#0' --sample 2 --biology --out neuron.svg")]
pub(crate) struct DrawNeuronArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Neuron by its name, such as 'H#1_2' or 'Y#0'
    #[arg(long, value_name = "NAME")]
    pub(crate) neuron: String,
    /// Training sample that it is given, from 0
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) sample: u32,
    /// Draw the living neuron below: dendrites, soma, axon
    #[arg(long)]
    pub(crate) biology: bool,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
The whole run of a results folder or an experiment, which is made again for it; --step and --epoch
end the picture earlier.

Examples:
  neuronlab draw weights runs/xor --out weights.svg
  neuronlab draw gradients xor --set optimizer.lr=0.1 --epoch 500 --out gradients.svg")]
pub(crate) struct DrawRunArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
One run has every step and their moving average; of several each has its average alone. An
experiment, and a folder without its history, is trained for it.

Examples:
  neuronlab draw loss runs/xor --log --out loss.svg
  neuronlab draw loss runs/slow runs/fast --out losses.svg")]
pub(crate) struct DrawLossArgs {
    /// Experiment files, built-in experiments or results folders
    #[arg(default_value = "xor")]
    pub(crate) sources: Vec<String>,
    /// Replace a field of each experiment, such as optimizer.lr=0.05; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    /// Step of the runs at which the picture ends
    #[arg(long, value_name = "N", allow_negative_numbers = true, conflicts_with = "epoch")]
    pub(crate) step: Option<u64>,
    /// Epoch of the runs at which the picture ends
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) epoch: Option<u64>,
    /// An axis of powers of ten
    #[arg(long)]
    pub(crate) log: bool,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

#[derive(clap::Args)]
#[command(after_help = "\
The moment is the end of a results folder's run, and the start of an experiment's; --step and
--epoch name another.

Examples:
  neuronlab draw surface runs/xor --out surface.svg
  neuronlab draw surface xor --epoch 100 --neurons --out neurons.svg")]
pub(crate) struct DrawSurfaceArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Draw every neuron's weighted sum, in the layout of the network
    #[arg(long)]
    pub(crate) neurons: bool,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FilmFormat {
    /// For browsers
    Svg,
    /// For slides
    Gif,
    /// The end of the run in pixels
    Png,
    /// The end of the run, for papers
    Pdf,
}

#[derive(clap::Args)]
#[command(after_help = "\
One SVG that plays wherever a browser shows it, also in the README of a repository; what knows no
animations shows the end of the run. `--format gif` is for slides, and png the end alone. It is made of the whole run, or up to --step or --epoch, with
more moments early on, where more changes.

Examples:
  neuronlab draw animation runs/xor --out xor.svg
  neuronlab draw animation moons --frames 40 --out moons.svg
  neuronlab draw animation runs/xor --format gif --out xor.gif")]
pub(crate) struct DrawAnimationArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Moments of the run, 2 to 100
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u64).range(2..=100))]
    pub(crate) frames: u64,
    /// Write the film to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What the film is written as
    #[arg(long, value_enum, default_value_t = FilmFormat::Svg)]
    pub(crate) format: FilmFormat,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
The plane goes through the parameters at the end of the run, or at --step or --epoch. Its directions
are the two in which the run's path is widest, unless others are asked for.

Examples:
  neuronlab draw landscape runs/xor --out landscape.svg
  neuronlab draw landscape xor-mse --random 1 --out landscape.svg
  neuronlab draw landscape xor --along 'lin1.weight[0,0]' --along 'lin4.weight[0,3]' --out two.svg")]
pub(crate) struct DrawLandscapeArgs {
    #[command(flatten)]
    pub(crate) run: DrawRunArgs,
    /// Two random directions with this seed, each neuron's as long as its weights
    #[arg(long, value_name = "SEED", conflicts_with = "along")]
    pub(crate) random: Option<u64>,
    /// Parameter by its name; given twice, the plane of the two
    #[arg(long, value_name = "NAME")]
    pub(crate) along: Vec<String>,
}

#[derive(clap::Args)]
#[command(after_help = "\
The run up to its end, or to --step or --epoch. The chain rule is that of the weight with the largest
gradient in the last step, the neuron the first that computes. What the run can't be drawn as is said.

Example:
  neuronlab draw all runs/xor --out pictures")]
pub(crate) struct DrawAllArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Folder for the pictures
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) form: FormArgs,
    /// Overwrite pictures
    #[arg(long)]
    pub(crate) force: bool,
}
