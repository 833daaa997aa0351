//! Networks of linear layers: structure, parameters, forward and backward pass, losses and initialisation.

mod activation;
mod init;
mod linear;
mod loss;
mod model;
mod network;

pub use activation::Activation;
pub use init::{Init, Role};
pub use loss::Loss;
pub use model::{LayerValues, Model};
pub use network::{Layer, LayerConfig, Network, NetworkConfig, Tensor};
