//! # neuronlab: a laboratory for the very basics of neural networks
//!
//! Train one small network and see every number in it. Names, defaults, formulas and random streams are PyTorch's.
//!
//! ```
//! use neuronlab::{Experiment, History, Trainer};
//!
//! let xor = Experiment::built_in("xor")?;           // 44 parameters, tanh, L1, SGD with momentum
//! let mut trainer = Trainer::<f32>::new(&xor)?;
//! let mut history = History::new(&trainer);
//! trainer.run(&mut history)?;
//!
//! assert_eq!(history.losses.len(), 8004);           // 2001 epochs of 4 steps
//! let answer = trainer.predict(&[0.0, 1.0])[0];
//! assert!((answer - 1.0).abs() < 0.5);
//! println!("lin2.weight[1,3] = {}", trainer.model().parameter("lin2.weight[1,3]")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ## The parts, in the order in which data flows
//!
//! - [`experiment`]: an [`Experiment`] is the whole description of a run; [`data`], [`nn`] and [`optim`] are what it
//!   can name.
//! - [`train`]: a [`Trainer`] makes an experiment's steps; a [`Listener`] follows; [`Results`] keeps what it left.
//! - [`explain`]: any moment of a run, every derivative in it, factor by factor.
//! - [`draw`]: pictures and pages of what training left.
//! - [`prelude`]: the names that a lesson or a notebook needs, in one line.
//! - [`mod@file`] and [`text`]: how files are written, and how text from them is shown.
//! - [`scalar`] and [`random`]: the arithmetic and the two random streams below all that.
//!
//! The feature `notebook` lets networks, summaries and pictures show themselves in a Jupyter notebook with the kernel evcxr.
//!
//! The library prints nothing (but that feature's `evcxr_display`, which the kernel calls), reads no clock and no environment, and has no global state.

pub mod data;
mod delimiter;
pub mod draw;
pub mod error;
pub mod experiment;
pub mod explain;
pub mod file;
#[doc(hidden)]
pub mod fuzz;
mod kernels;
mod limits;
pub mod nn;
#[cfg(feature = "notebook")]
mod notebook;
pub mod optim;
pub mod prelude;
pub mod random;
pub mod scalar;
mod sha256;
pub mod sweep;
pub mod text;
pub mod train;

pub use error::{Error, Result};
pub use experiment::Experiment;
pub use nn::{Activation, Loss, Model, Network};
pub use train::{Divergence, History, Listener, Results, Step, Trainer};
