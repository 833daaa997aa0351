//! `neuronlab answer`.

use crate::answer::Question;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  neuronlab answer learning-rate --quick         some seconds
  neuronlab answer initialization                at full size: more than 100,000 trainings
  neuronlab answer all --out docs/answers        the cards and their pictures, as files")]
pub(crate) struct AnswerArgs {
    /// The question
    #[arg(value_enum)]
    pub(crate) question: Question,
    /// Fewer runs: some seconds, and wider intervals
    #[arg(long)]
    pub(crate) quick: bool,
    /// Write the cards as Markdown and their pictures as SVG into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Replace cards there that were edited by hand
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
}
