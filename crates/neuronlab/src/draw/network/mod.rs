//! The network as neurons and weights.

mod diagram;

pub use diagram::{Diagram, network};
