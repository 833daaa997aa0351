//! The arguments of `bench`.

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab bench
  neuronlab bench --width 128 --batch 32,all
  neuronlab bench --json > benches/records/my-machine.json")]
pub(crate) struct BenchArgs {
    /// Runs to time
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) runs: u32,
    /// Runs of each timed sweep
    #[arg(long, value_name = "N", default_value_t = 16384, value_parser = clap::value_parser!(u64).range(64..=10_000_000))]
    pub(crate) many: u64,
    /// Neurons of each of two hidden layers: times a step of such a network instead; several with commas
    #[arg(long, value_name = "W,...", value_delimiter = ',', value_parser = width)]
    pub(crate) width: Vec<usize>,
    /// Samples of a step: 1 to 1000, or `all`; several with commas
    #[arg(long, value_name = "B,...", value_delimiter = ',', default_value = "32", requires = "width")]
    pub(crate) batch: Vec<BatchSize>,
}

/// Samples of a step in a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BatchSize {
    All,
    Rows(usize),
}

impl std::str::FromStr for BatchSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let rows = text.parse().ok().filter(|rows| (1..=1000).contains(rows));
        rows.map(Self::Rows).ok_or_else(|| "expected 1 to 1000, or `all`".to_string())
    }
}

fn width(text: &str) -> Result<usize, String> {
    let width = text.parse().ok().filter(|width| (1..=4096).contains(width));
    width.ok_or_else(|| "expected 1 to 4096 neurons".to_string())
}
