//! What can be typed.

mod answer;
mod bench;
mod draw;
mod learn;
mod look;
mod picture;
mod shell;
mod sweep;
mod train;

pub(crate) use answer::AnswerArgs;
pub(crate) use bench::{BatchSize, BenchArgs};
pub(crate) use draw::{
    DrawAllArgs, DrawAnimationArgs, DrawArgs, DrawChainArgs, DrawGraphArgs, DrawLandscapeArgs, DrawLossArgs,
    DrawNetworkArgs, DrawNeuronArgs, DrawSurfaceArgs, Drawing, FilmFormat, GraphFormat,
};
pub(crate) use learn::{DataArgs, ExperimentArgs, InitArgs, ListArgs, ListKind, MethodsArgs, ScheduleArgs};
pub(crate) use look::{CheckArgs, CurvatureArgs, ExplainArgs, Format, StepArgs};
pub(crate) use picture::{FormArgs, PictureArgs, PictureFormat, SizeArgs};
pub(crate) use shell::{CompletionsArgs, ManArgs};
pub(crate) use sweep::{ListRuns, MergeArgs, ReplayArgs, SweepArgs};
pub(crate) use train::{PredictArgs, TrainArgs};

use clap::{Parser, Subcommand};

/// A laboratory for the very basics of neural networks.
///
/// Names, defaults, formulas and random streams are PyTorch's.
#[derive(Parser)]
#[command(name = "neuronlab", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
run    train, predict
look   summary, draw, explain, step, check, curvature
many   sweep, replay, merge, bench
learn  answer, list, init, schedule, methods, data, experiment
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
    /// Draw the network, a neuron, the chain rule, or what changed over a run
    Draw(DrawArgs),
    /// Show why a weight will move: its gradient at one moment, path by path
    Explain(ExplainArgs),
    /// Walk through training one operation at a time, forward and back
    Step(StepArgs),
    /// Check gradients: this program's against differences, or your own
    Check(CheckArgs),
    /// Show how the loss bends: eigenvalues of its Hessian against the learning rate
    Curvature(CurvatureArgs),
    /// Answer one of the exercise's five questions, with evidence
    Answer(AnswerArgs),
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
#[derive(Clone, clap::Args)]
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
