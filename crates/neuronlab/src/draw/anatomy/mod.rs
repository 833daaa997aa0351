//! One neuron as the anatomy of a weighted sum, and beside it, if it is wanted, the living one that it has its name from.

mod biology;
mod curve;
mod sum;

pub use sum::anatomy;
