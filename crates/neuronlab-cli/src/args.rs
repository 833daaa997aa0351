//! What can be typed.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// A laboratory for the very basics of neural networks.
///
/// Names, defaults, formulas and random streams are PyTorch's.
#[derive(Parser)]
#[command(name = "neuronlab", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
run    train, predict
look   summary, explain, step, check, curvature
many   sweep, replay, merge, bench
learn  list, init, schedule, methods, data, experiment
shell  completions, man

SOURCE is an experiment file, the name of a built-in experiment, or a results folder.
Exit code: 0 done, 1 failed, 2 not understood, 130 interrupted.

  neuronlab train                                      the exercise: XOR, 44 parameters, 2001 epochs
  neuronlab train xor --set optimizer.lr=0.05 --out runs/fast
  neuronlab predict runs/xor --input 0,1
  neuronlab sweep xor --runs 10000 --vary optimizer.lr=log:1e-3:1:13")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print the result as JSON
    #[arg(long, global = true, conflicts_with = "quiet")]
    pub(crate) json: bool,
    /// Print nothing but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Train a network and write a results folder
    Train(TrainArgs),
    /// Ask a trained network
    Predict(PredictArgs),
    /// Train an experiment many times, over a grid of settings, and count
    Sweep(SweepArgs),
    /// Train one run of a sweep again, alone, and check that it is the same
    Replay(ReplayArgs),
    /// Join the shards of a sweep
    Merge(MergeArgs),
    /// Show a network's layers, shapes and parameters
    Summary(SourceArgs),
    /// Show why a weight will move: its gradient at one moment, path by path
    Explain(ExplainArgs),
    /// Walk through training one operation at a time, forward and back
    Step(StepArgs),
    /// Check gradients: this program's against differences, or your own
    Check(CheckArgs),
    /// Show how the loss bends: eigenvalues of its Hessian against the learning rate
    Curvature(CurvatureArgs),
    /// Print a data set as CSV
    Data(DataArgs),
    /// Print an experiment file, or what can stand in one
    Experiment(ExperimentArgs),
    /// Show what an experiment can name, with formulas
    List(ListArgs),
    /// Draw one weight tensor and look at its numbers
    Init(InitArgs),
    /// Show the learning rate of every epoch or step
    Schedule(ScheduleArgs),
    /// Draw every activation, loss and schedule
    Methods(MethodsArgs),
    /// Measure how fast the exercise's run is, alone and many side by side
    Bench(BenchArgs),
    /// Print the script that completes commands in a shell
    Completions(CompletionsArgs),
    /// Write manual pages
    Man(ManArgs),
}

/// Which experiment, with which changes.
#[derive(clap::Args)]
pub(crate) struct SourceArgs {
    /// Experiment file, built-in experiment or results folder
    #[arg(default_value = "xor")]
    pub(crate) source: String,
    /// Replace a field of the experiment, such as optimizer.lr=0.05; may be repeated
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Which run, and when.
#[derive(clap::Args)]
pub(crate) struct MomentArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Step of the run, from 0, before its update; the number of all steps is the end
    #[arg(long, visible_alias = "at", value_name = "N", allow_negative_numbers = true, conflicts_with = "epoch")]
    pub(crate) step: Option<u64>,
    /// Epoch of the run, from 0: its first step
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) epoch: Option<u64>,
}

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
Values of --vary: log:FROM:TO:COUNT and lin:FROM:TO:COUNT, both ends included, or a list with
commas. With --random N the ranges have no count: N cells are drawn from them. In fields of whole
numbers ranges are rounded. optimizer=adam brings PyTorch's defaults with it: vary or set its fields
behind it, as in --vary optimizer=sgd,adam --vary optimizer.lr=0.01,0.1.
Run r of every cell takes the seeds seed.torch + r and seed.numpy + r: it is a run that a PyTorch
user could make. Runs are numbered through all cells: number = cell * runs + r.
The same command again goes on with a sweep that was interrupted, and shows one that is done; so
does the sweep's folder as SOURCE.

Examples:
  neuronlab sweep xor --runs 10000
  neuronlab sweep xor --runs 10000 --list worst
  neuronlab sweep xor --runs 1000 --vary optimizer.lr=log:1e-3:1:13 --vary init=zeros,normal --out runs/rates
  neuronlab sweep xor --runs 100 --vary optimizer.lr=log:1e-4:1 --vary optimizer.momentum=lin:0:0.99 \
    --random 500 --out runs/drawn
  neuronlab sweep xor --runs 1000000 --shard 3/8 --out shard-3
  neuronlab sweep runs/rates")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that can be typed")]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Runs in each cell [default: 1000]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) runs: Option<u64>,
    /// A field of the experiment and its values; may be repeated
    #[arg(long, value_name = "FIELD=VALUES")]
    pub(crate) vary: Vec<String>,
    /// Draw N cells from the ranges, instead of a grid
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) random: Option<usize>,
    /// Folder of the sweep [default: runs/NAME-sweep]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite another sweep in the folder
    #[arg(long)]
    pub(crate) force: bool,
    /// Keep the statistics of the cells only, not a row for every run
    #[arg(long)]
    pub(crate) no_runs: bool,
    /// Write runs.parquet as well as runs.csv
    #[arg(long, conflicts_with_all = ["no_runs", "shard"])]
    pub(crate) parquet: bool,
    /// Do the I-th of N shares, to be merged later
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<(usize, usize)>,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Make parts again that are damaged
    #[arg(long)]
    pub(crate) recompute: bool,
    /// Name runs worth a replay
    #[arg(long, value_enum, value_name = "KIND", conflicts_with_all = ["no_runs", "shard"])]
    pub(crate) list: Option<ListRuns>,
}

/// `2/8`, counted from 1.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let parsed = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
    match parsed {
        Some((i, n)) if (1..=n).contains(&i) => Ok((i - 1, n)),
        _ => Err("expected I/N with I from 1 to N, such as 3/8".into()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ListRuns {
    /// Largest errors
    Worst,
    /// Smallest errors
    Best,
    /// Errors nearest to the median
    Median,
    /// Runs that left the finite numbers
    Diverged,
}

#[derive(clap::Args)]
#[command(after_help = "\
Exit code 0 says that the weights at the end have the same bits, of a run that diverged as well.

Example:
  neuronlab replay runs/xor-sweep --run 123
  neuronlab predict runs/xor-sweep-123 --input 0,1")]
pub(crate) struct ReplayArgs {
    /// Folder of a sweep
    pub(crate) folder: PathBuf,
    /// Number of the run, from 0, counted through all cells
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) run: u64,
    /// Results folder [default: DIR-N]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the results in the folder
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  neuronlab merge shard-1 shard-2 shard-3 --out runs/xor-sweep")]
pub(crate) struct MergeArgs {
    /// Folders of the shards
    #[arg(required = true, value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// Folder of the whole sweep
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Overwrite another sweep in the folder
    #[arg(long)]
    pub(crate) force: bool,
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
    /// Write it to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
The moment is the end of a results folder's run, and the start of an experiment's; --step and
--epoch name another. Steps of SGD shrink an error along a direction of curvature c as long as
c < 2(1 + momentum)/lr, and make it grow above.

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
    /// Write the largest eigenvalue over the whole run as SVG
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
  neuronlab experiment --schema > experiment.schema.json")]
pub(crate) struct ExperimentArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
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
  neuronlab init default --shape 8x3x5x5 --out conv.svg")]
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
    /// Write the histogram as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab schedule xor --set 'schedule={name=\"step_lr\",step_size=500}' --set optimizer.lr=0.1
  neuronlab schedule mine.toml --out lr.svg")]
pub(crate) struct ScheduleArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Write the curve as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  neuronlab methods --plot figures")]
pub(crate) struct MethodsArgs {
    /// Folder for the pictures, one SVG each
    #[arg(long, value_name = "DIR")]
    pub(crate) plot: PathBuf,
    /// Overwrite pictures in the folder
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab bench
  neuronlab bench --json > benches/records/my-machine.json")]
pub(crate) struct BenchArgs {
    /// Runs to time
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) runs: u32,
    /// Runs of each timed sweep
    #[arg(long, value_name = "N", default_value_t = 16384, value_parser = clap::value_parser!(u64).range(64..=10_000_000))]
    pub(crate) many: u64,
}

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab completions bash > ~/.local/share/bash-completion/completions/neuronlab
  neuronlab completions zsh > ~/.zfunc/_neuronlab
  neuronlab completions fish > ~/.config/fish/completions/neuronlab.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(clap::Args)]
#[command(after_help = "\
Example:
  neuronlab man --out ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Folder for the pages: neuronlab.1 and one for each command
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Overwrite pages in the folder
    #[arg(long)]
    pub(crate) force: bool,
}
