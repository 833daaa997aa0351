//! Looks into a run: `explain`, `step`, `check`, `curvature`.

use super::{MomentArgs, PictureArgs, PictureFormat, SizeArgs};
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "\
Without --sample it is the step that the run makes: on its own samples, with the update that it
really makes. Neurons are called X#0 (inputs), H#1_2 (hidden layer 1, neuron 2) and Y#0 (outputs),
weights lin2.weight[1,3]: layer 2, to its neuron 1, from neuron 3.

Examples:
  neuronlab explain xor --weight 'lin2.weight[1,3]'
  neuronlab explain runs/xor --weight 'lin2.weight[1,3]' --sample 2 --epoch 100
  neuronlab explain runs/xor --weight 'lin1.weight[0,0]' --format html --out why.html
  neuronlab explain runs/xor --neuron 'H#1_2'")]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Parameter by its name, such as 'lin2.weight[1,3]' or 'lin1.bias[0]'
    #[arg(long, value_name = "NAME", required_unless_present = "neuron")]
    pub(crate) weight: Option<String>,
    /// Neuron by its name, such as 'H#1_2', instead of a weight: what it computes, where it changes its mind, where it saturates
    #[arg(long, value_name = "NAME", conflicts_with = "weight")]
    pub(crate) neuron: Option<String>,
    /// Sample to look at, from 0, instead of those of the step; may be repeated for a batch
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) sample: Vec<u32>,
    /// List every path, however many
    #[arg(long, conflicts_with = "neuron")]
    pub(crate) all_paths: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Text, conflicts_with = "json")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) size: SizeArgs,
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Aligned text
    Text,
    /// Markdown with formulas, as GitHub shows it
    Markdown,
    /// A LaTeX document
    Latex,
    /// Every number, for machines
    Json,
    /// A page for a browser
    Html,
    /// A picture
    Svg,
    /// The picture in pixels
    Png,
    /// The picture for a paper
    Pdf,
}

impl Format {
    /// That of a picture, if it is one.
    pub(crate) fn picture(self) -> Option<PictureFormat> {
        match self {
            Self::Svg => Some(PictureFormat::Svg),
            Self::Png => Some(PictureFormat::Png),
            Self::Pdf => Some(PictureFormat::Pdf),
            _ => None,
        }
    }
}

#[derive(clap::Args)]
#[command(after_help = "\
In a terminal:  Enter next operation   b back   n next step   p previous step   g N go to step N   q quit
Elsewhere, or with --count, whole steps are printed.

Examples:
  neuronlab step xor
  neuronlab step runs/xor --at 400
  neuronlab step xor --at 4 --count 2 > two-steps.txt")]
pub(crate) struct StepArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Print N whole steps, and ask for nothing
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
}

#[derive(clap::Args)]
#[command(after_help = "\
Your own gradients: CSV with the columns `parameter` and `gradient`, or JSON such as
{\"lin1.weight[0,0]\": 0.25} or {\"lin1.weight\": [[0.25, -0.5], ...]}, what PyTorch's
{n: p.grad.tolist() for n, p in net.named_parameters()} gives; or TOML or safetensors. They are
those of the samples of the step (the first, if none is named), or of --sample.

Examples:
  neuronlab check xor
  neuronlab check runs/xor --step 8000 --json
  neuronlab check xor --sample 1 --gradients mine.csv")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// Sample to check on, from 0; may be repeated [default: each; for --gradients those of the step]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) sample: Vec<u32>,
    /// Gradients to compare with the right ones; says which are wrong, and which factor may be
    #[arg(long, value_name = "FILE")]
    pub(crate) gradients: Option<PathBuf>,
    /// Largest relative difference from the difference quotient
    #[arg(long, value_name = "X", default_value_t = 1e-6, allow_negative_numbers = true, value_parser = positive, conflicts_with = "gradients")]
    pub(crate) tolerance: f64,
}

/// A number above 0.
fn positive(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok().filter(|x: &f64| *x > 0.0 && x.is_finite());
    number.ok_or_else(|| "expected a number above 0, such as 1e-6".into())
}

#[derive(clap::Args)]
#[command(after_help = "\
The moment is the end of a results folder's run, and the start of an experiment's; --step and
--epoch name another. Steps of SGD shrink an error along a direction of curvature c as long as
c < 2(1 + momentum)/lr, and make it grow above. The picture of --out is the largest eigenvalue over
the whole run.

Examples:
  neuronlab curvature xor-mse
  neuronlab curvature xor-mse --epoch 500 --out sharpness.svg
  neuronlab curvature xor-mse --epoch 500 --set optimizer.lr=0.5
  neuronlab curvature runs/xor --sample 0 --sample 3 --json")]
pub(crate) struct CurvatureArgs {
    #[command(flatten)]
    pub(crate) moment: MomentArgs,
    /// A training sample, from 0; may be repeated [default: all of them]
    #[arg(long, value_name = "K", allow_negative_numbers = true)]
    pub(crate) sample: Vec<u32>,
    #[command(flatten)]
    pub(crate) picture: PictureArgs,
}
