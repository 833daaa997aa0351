//! The network as neurons and weights.

mod diagram;
mod matrices;

pub use diagram::{Diagram, network};
