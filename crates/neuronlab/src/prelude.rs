//! The names that a lesson or a notebook needs: `use neuronlab::prelude::*;`

pub use crate::draw::Picture;
pub use crate::nn::{Activation, Init, Linear, Loss, Model, Network};
pub use crate::optim::{Adam, Sgd, Stepper};
pub use crate::random::{NumpyRng, TorchRng};
