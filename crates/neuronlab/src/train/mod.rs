//! Training: from an [`Experiment`](crate::Experiment) to what it left.

mod checkpoint;
mod divergence;
mod evaluation;
mod folder;
mod history;
mod memory;
mod notes;
mod results;
mod sampler;
mod scores;
mod stratified;
mod stuck;
mod sums;
mod task;
mod trainer;

pub use crate::sha256::sum_of as sha256;
pub(crate) use checkpoint::signed as signed_checkpoint;
pub use divergence::{Cause, Divergence};
pub use evaluation::Evaluation;
pub(crate) use evaluation::{is_right, largest};
pub(crate) use folder::Folder;
pub use history::History;
pub use notes::Note;
pub use results::{Predictor, Results};
pub use sampler::Sampler;
pub use scores::Scores;
pub(crate) use sums::Sums;
pub(crate) use task::{FNV1A_OF_NOTHING, fnv1a, fnv1a_and};
pub use task::{Samples, Scaling, Task};
pub(crate) use trainer::start;
pub use trainer::{Ended, Epoch, HeldBack, Listener, Step, Steps, Trainer};
