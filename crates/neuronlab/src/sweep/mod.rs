//! The telescope: many runs of an experiment, each with its own seeds and settings, and what is true of them.
//!
//! ```
//! use neuronlab::Experiment;
//! use neuronlab::sweep::{Options, Sweep, SweepMemory};
//!
//! let xor = Experiment::built_in("xor")?.with(&["stop.epochs=200".into()])?;
//! let sweep = Sweep::new(xor, &["optimizer.lr=0.001,0.02,0.05".into()], 64, None, true)?;
//! let memory = SweepMemory::new(sweep)?;
//! memory.train(&memory.missing(), &Options::default(), &|_| std::ops::ControlFlow::Continue(()))?;
//! for tally in memory.tallies()? {
//!     let right = tally.right_share();
//!     println!("{:.1} % right, 95 % interval {:.1} to {:.1}", right.share * 100.0, right.low * 100.0, right.high * 100.0);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`SweepFolder`] keeps the same in files, and goes on where it was interrupted.

mod axis;
mod block;
mod carried;
mod cells;
mod divergence;
mod draws;
mod folder;
mod kept;
mod kind;
mod look;
mod masks;
mod memory;
mod outcome;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod part_file;
mod parts;
mod plan;
#[cfg(test)]
mod same_bits;
mod side;
mod tally;

pub(crate) use part_file::{reads as reads_part, signed as signed_part};

pub use axis::{Axis, brief};
pub use folder::{Options, SweepFolder};
pub use kept::Pick;
pub use memory::SweepMemory;
pub use outcome::Outcome;
pub use plan::{Sweep, is_within};
pub use tally::{Share, Tally, wilson};
