//! The chain rule for one weight, as calculus books draw it: the loss at the top, and below each quantity what it depends on.

mod nodes;
mod tree;

pub use tree::{chain, chain_unrolled};
