//! What something answers all over the plane of two inputs: the network, or one neuron.

mod animation;
mod answers;
mod colours;
mod key;
mod neuron;
mod neurons;
mod plane;
mod samples;

pub(super) use animation::chosen_moments;
pub use animation::{animation, animation_frames, animation_steps};
pub use answers::answer_surface;
pub(super) use colours::{CLASSES, mixed};
pub use neuron::{NEURON_CAPTION, neuron};
pub use neurons::neuron_surfaces;
pub use plane::surface;
pub(super) use plane::{areas, level};
