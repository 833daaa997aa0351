//! Training: from an [`Experiment`] to what it left.

mod checkpoint;
mod divergence;
mod history;
mod memory;
mod results;
mod sampler;
mod task;
mod trainer;

pub use divergence::Divergence;
pub use history::History;
pub use results::{Predictor, Results};
pub use sampler::Sampler;
pub use task::{Samples, Scaling, Task};
pub(crate) use trainer::largest;
pub use trainer::{Ended, Epoch, Evaluation, Listener, Step, Trainer};

#[allow(unused_imports, reason = "for the links in this module's documentation")]
use crate::experiment::Experiment;
