//! The command line of neuronlab.

fn main() {}
