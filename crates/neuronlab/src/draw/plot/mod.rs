//! Plots: a frame with two axes, round numbers along them, and what is drawn inside.

mod frame;
mod histogram;
mod lines;
pub(super) mod ticks;

pub use histogram::{Bar, bars, histogram};
pub use lines::{Line, lines};
