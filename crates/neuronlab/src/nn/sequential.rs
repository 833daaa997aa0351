//! A network as its author writes it: layer after layer, each with the words of `torch.nn`.

use super::{Activation, BatchNorm, Init, LayerConfig, Network, NetworkConfig, validate_dropout};
use crate::error::{Error, Result};

/// A linear layer to be, `torch.nn.Linear`, and what follows it.
///
/// ```
/// use neuronlab::nn::Linear;
///
/// let first = Linear::new(2, 4).bias(false).tanh(); // nn.Linear(2, 4, bias=False), nn.Tanh()
/// # let _ = first;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    in_features: usize,
    config: LayerConfig,
}

impl Linear {
    /// `nn.Linear(in_features, out_features)`: with a bias, and nothing after it.
    pub fn new(in_features: usize, out_features: usize) -> Self {
        let config = LayerConfig {
            out_features,
            bias: true,
            batch_norm: None,
            activation: Activation::IDENTITY,
            dropout: 0.0,
            init: None,
            init_bias: None,
            frozen: vec![],
        };
        Self { in_features, config }
    }

    /// Whether each neuron adds a learned constant.
    pub fn bias(mut self, bias: bool) -> Self {
        self.config.bias = bias;
        self
    }

    /// What each neuron does with its weighted sum.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.config.activation = activation;
        self
    }

    /// Followed by `nn.Tanh()`.
    pub fn tanh(self) -> Self {
        self.activation(Activation::TANH)
    }

    /// Followed by `nn.Sigmoid()`.
    pub fn sigmoid(self) -> Self {
        self.activation(Activation::SIGMOID)
    }

    /// Followed by `nn.ReLU()`.
    pub fn relu(self) -> Self {
        self.activation(Activation::RELU)
    }

    /// Normalised between weighted sum and activation.
    pub fn batch_norm(mut self, config: BatchNorm) -> Self {
        self.config.batch_norm = Some(config);
        self
    }

    /// Followed, behind the activation, by `nn.Dropout(p)`.
    pub fn dropout(mut self, p: f64) -> Self {
        self.config.dropout = p;
        self
    }

    /// How its weights are drawn when a [`Model`](super::Model) is made, if not as PyTorch draws them by default.
    pub fn init(mut self, init: Init) -> Self {
        self.config.init = Some(init);
        self
    }

    /// How its biases are drawn then.
    pub fn init_bias(mut self, init: Init) -> Self {
        self.config.init_bias = Some(init);
        self
    }
}

impl Network {
    /// A stack of layers, `torch.nn.Sequential`.
    ///
    /// ```
    /// use neuronlab::nn::{Linear, Network};
    ///
    /// let network = Network::sequential([
    ///     Linear::new(2, 4).bias(false).tanh(),
    ///     Linear::new(4, 1).bias(false),
    /// ])?;
    /// assert_eq!(network.parameters(), 12);
    ///
    /// let wrong = Network::sequential([Linear::new(2, 4).tanh(), Linear::new(3, 1)]);
    /// assert_eq!(wrong.unwrap_err().to_string(), "lin2: expected 4 inputs, as many as lin1 has outputs, got 3");
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    ///
    /// # Errors
    /// There is no layer, a layer has no inputs or no outputs, or two layers do not fit.
    pub fn sequential(layers: impl IntoIterator<Item = Linear>) -> Result<Self> {
        let layers: Vec<Linear> = layers.into_iter().collect();
        let Some(first) = layers.first() else {
            return Err(Error::field("network", "at least one layer", "none"));
        };
        let (in_features, mut width) = (first.in_features, first.in_features);
        for (l, layer) in layers.iter().enumerate() {
            let name = format!("lin{}", l + 1);
            for (what, number) in [("input", layer.in_features), ("output", layer.config.out_features)] {
                if number == 0 {
                    return Err(Error::field(name, format!("at least 1 {what}"), 0));
                }
            }
            if layer.in_features != width {
                let expected = format!("{width} inputs, as many as lin{l} has outputs");
                return Err(Error::field(name, expected, layer.in_features));
            }
            layer.config.activation.validate(&format!("{name}.activation"), layer.config.out_features)?;
            if let Some(norm) = &layer.config.batch_norm {
                norm.validate(&format!("{name}.batch_norm"))?;
            }
            validate_dropout(layer.config.dropout, &format!("{name}.dropout"))?;
            width = layer.config.out_features;
        }
        let layers = layers.into_iter().map(|layer| layer.config).collect();
        Ok(Self::from_config(&NetworkConfig { in_features: None, layers }, in_features))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_that_make_no_network_are_refused() {
        let message = |layers: Vec<Linear>| Network::sequential(layers).unwrap_err().to_string();
        assert_eq!(message(vec![]), "network: expected at least one layer, got none");
        assert_eq!(message(vec![Linear::new(0, 4)]), "lin1: expected at least 1 input, got 0");
        assert_eq!(message(vec![Linear::new(2, 3), Linear::new(3, 0)]), "lin2: expected at least 1 output, got 0");
        let norm = BatchNorm { eps: 0.0, ..BatchNorm::default() };
        let layer = Linear::new(2, 3).batch_norm(norm);
        assert_eq!(message(vec![layer]), "lin1.batch_norm.eps: expected more than 0, got 0");
    }

    #[test]
    fn it_is_the_network_of_the_experiment() {
        let network = Network::sequential([
            Linear::new(2, 4).bias(false).tanh(),
            Linear::new(4, 4).bias(false).tanh(),
            Linear::new(4, 4).bias(false).tanh(),
            Linear::new(4, 1).bias(false),
        ]);
        assert_eq!(network.unwrap(), crate::Experiment::built_in("xor").unwrap().network(2).unwrap());
    }
}
