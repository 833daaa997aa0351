//! The network as neurons and weights.

mod diagram;
mod matrices;

pub(super) use diagram::is_wide;
pub use diagram::{Diagram, network};
