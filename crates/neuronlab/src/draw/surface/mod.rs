//! What something answers all over the plane of two inputs: the network, or one neuron.

mod colours;
mod key;
mod neuron;
mod plane;
mod samples;

pub(super) use key::Key;
pub use neuron::{NEURON_CAPTION, neuron};
pub use plane::surface;
pub(super) use plane::{TITLE, plane};
pub(super) use samples::{dots, points, points_shown, scaled};
