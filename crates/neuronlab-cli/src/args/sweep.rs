//! Many runs: `sweep`, `replay` and `merge`.

use super::SourceArgs;
use std::path::PathBuf;

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
The environment variable NEURONLAB_SIMD chooses the vector instructions (portable, avx2, avx512, neon):
the results have the same bits.

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
