//! The model summary, as torchsummary and torchinfo show it.

use crate::nn::Network;

/// Rows of layer, output shape, parameters and multiply-adds, then the total, for batches of `batch` samples.
pub fn summary(network: &Network, batch: usize) -> Vec<[String; 4]> {
    let shape = |features: usize| format!("[{batch}, {features}]");
    let mut rows = vec![["input".to_string(), shape(network.in_features()), String::new(), String::new()]];
    for layer in network.layers() {
        let bias = if layer.bias.is_some() { "" } else { ", no bias" };
        let name = format!("{} (Linear{bias})", layer.name);
        let multiply_adds = layer.weight.len() * batch;
        let own = layer.weight.len() + layer.bias.as_ref().map_or(0, ExactSizeIterator::len);
        rows.push([name, shape(layer.out_features), own.to_string(), multiply_adds.to_string()]);
        if let Some(norm) = &layer.batch_norm {
            let parameters = if norm.affine.is_some() { 2 * layer.out_features } else { 0 };
            let name = format!("  {} (BatchNorm1d)", norm.name);
            rows.push([name, shape(layer.out_features), parameters.to_string(), "0".into()]);
        }
        if layer.activation != crate::Activation::IDENTITY {
            let activation = format!("  {}", layer.activation.name());
            rows.push([activation, shape(layer.out_features), "0".into(), "0".into()]);
        }
    }
    let total = (network.mult_adds() * batch).to_string();
    rows.push(["Total".into(), String::new(), network.parameters().to_string(), total]);
    rows
}
