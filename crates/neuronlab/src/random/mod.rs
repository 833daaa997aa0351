//! The two random streams of an experiment, so that a run can be compared with the Python one.
//!
//! [`TorchRng`] is the stream of `torch.manual_seed`, [`NumpyRng`] the one of `np.random.seed`. Both are bit for bit
//! the originals; the tests compare them with numbers that PyTorch 2.15 and NumPy 2.4 printed.

mod lanes;
mod mt19937;
mod numpy;
mod torch;
mod vector_math;

pub(crate) use lanes::{IntegerLanes, Mt19937Lanes};
pub use mt19937::Mt19937;
pub use numpy::NumpyRng;
pub use torch::{TorchReal, TorchRng};
