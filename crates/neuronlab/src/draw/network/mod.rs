//! The network as neurons and weights.

mod diagram;

pub use diagram::network;
pub(super) use diagram::picture;
