//! Networks of linear layers: structure, parameters, forward and backward pass, losses and initialisation.

mod activation;
mod batch_norm;
pub(crate) mod by_name;
mod columns;
mod dropout;
mod init;
mod linear;
mod loss;
mod model;
mod network;
mod numbers;
mod pass;
mod print;
mod product;
mod regularization;
mod sequential;
mod slope;
mod summary;
mod tensor_view;
mod wide;

pub use activation::Activation;
pub(crate) use activation::{Activate, ActivateBack, is_flat_somewhere};
pub use batch_norm::{BatchNorm, NormValues, Running};
pub(crate) use batch_norm::{NormBack, NormForward};
pub use dropout::Dropped;
pub(crate) use dropout::{draw as draw_mask, validate as validate_dropout};
pub use init::{FanMode, Given, Init, Nonlinearity, fans};
pub(crate) use linear::{
    BackwardInput, BackwardParameters, Follow, Keep, LayerForward, MOST_IN_REGISTERS, backward_row, by_inputs,
};
pub(crate) use loss::{Answers, LossBack, LossValue, Targets as Wanted};
pub use loss::{Loss, PerOutput, Reduction};
pub(crate) use model::{Finite, LayerNumbers, Learned};
pub use model::{LayerValues, Model};
pub use network::{Frozen, Layer, LayerConfig, Network, NetworkConfig, Tensor};
pub(crate) use numbers::{Numbers, everywhere, of_lanes};
pub(crate) use pass::{Backward, Forward};
pub(crate) use regularization::Penalise;
pub use regularization::Regularization;
pub use sequential::Linear;
pub use slope::Slope;
pub use summary::Summary;
pub use tensor_view::TensorView;
