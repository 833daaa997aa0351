//! The telescope: many runs of an experiment, each with its own seeds and settings, and what is true of them.

mod block;
mod draws;
mod outcome;
#[cfg(test)]
mod same_bits;

pub use outcome::Outcome;
