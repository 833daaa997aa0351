//! The model summary, as torchsummary and torchinfo show it.

use crate::nn::Network;

/// Rows of layer, output shape, parameters and multiply-adds, then the total, for batches of `batch` samples.
pub fn summary(network: &Network, batch: usize) -> Vec<[String; 4]> {
    network.summary(batch).rows
}
