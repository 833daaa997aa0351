//! The structure of a network: its layers, and where each parameter lies in the flat list of all.

use super::numbers::Numbers;
use super::{Activation, BatchNorm, Init, Slope};
use crate::error::{Error, Result, unknown};
use crate::random::{TorchReal, TorchRng};
use crate::scalar::Real;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A stack of linear layers, each with its activation, as `torch.nn.Sequential` would hold them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Number of inputs, at least 1, where it is to be checked against the data's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_features: Option<usize>,
    /// The layers, first to last. Their tensors are called `lin1.weight`, `lin1.bias`, `lin2.weight`, …
    pub layers: Vec<LayerConfig>,
}

impl NetworkConfig {
    /// Number of parameters and of neurons for samples of `inputs` numbers; too many are as many as there can be.
    pub(crate) fn sizes(&self, inputs: usize) -> (u128, u128) {
        let (mut parameters, mut neurons, mut width) = (0u128, 0u128, inputs as u128);
        for layer in &self.layers {
            let out = layer.out_features as u128;
            let bias = if layer.bias { out } else { 0 };
            let norm = if layer.batch_norm.is_some() { out.saturating_mul(2) } else { 0 };
            let slopes =
                if let Activation::Prelu(prelu) = &layer.activation { prelu.num_parameters as u128 } else { 0 };
            let weight = width.saturating_mul(out);
            let others = norm.saturating_add(slopes);
            parameters = parameters.saturating_add(weight).saturating_add(bias).saturating_add(others);
            neurons = neurons.saturating_add(out);
            width = out;
        }
        (parameters, neurons)
    }

    /// Whether the weights of all layers can be drawn, as `init` where a layer does not say otherwise.
    pub(crate) fn inits_end(&self, init: &Init, inputs: usize) -> Result<()> {
        let mut width = inputs;
        for layer in &self.layers {
            layer.init.as_ref().unwrap_or(init).check_size(&[layer.out_features, width])?;
            width = layer.out_features;
        }
        Ok(())
    }
}

/// One linear layer, `torch.nn.Linear`, and what follows it.
///
/// The number of its inputs is the number of outputs before it, or of the data's inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerConfig {
    /// Number of neurons, at least 1.
    pub out_features: usize,
    /// Whether each neuron adds a learned constant.
    #[serde(default = "yes")]
    pub bias: bool,
    /// Batch normalisation between the weighted sum and the activation, `torch.nn.BatchNorm1d`. Its tensors are called
    /// `bn1.weight`, `bn1.bias`, … after the layer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<BatchNorm>,
    /// What each neuron does with its weighted sum.
    #[serde(default)]
    pub activation: Activation,
    /// Probability with which training leaves a neuron's output out of a step, `torch.nn.Dropout`, behind the activation. The
    /// others are divided by what is left, so that evaluation takes all of them as they are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dropout: f64,
    /// How this layer's weights are drawn, if not as the experiment's `init`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<Init>,
    /// How this layer's biases are drawn, if not as the experiment's `init_bias`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init_bias: Option<Init>,
    /// What training leaves as it is, as `requires_grad_(False)` does: `weight`, `bias`, or `prelu`, the slopes of that
    /// activation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frozen: Vec<Frozen>,
}

impl LayerConfig {
    /// Refuses to freeze slopes that no activation has.
    pub(crate) fn validate_frozen(&self, field: &str) -> Result<()> {
        if self.frozen.contains(&Frozen::Prelu) && !matches!(self.activation, Activation::Prelu(_)) {
            let expected = "`prelu` where the activation is `prelu` only, whose slopes it freezes";
            return Err(Error::field(field, expected, format!("it with `{}`", self.activation.key())));
        }
        Ok(())
    }
}

/// A tensor of a layer that training leaves as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Frozen {
    /// The weight.
    Weight,
    /// The bias.
    Bias,
    /// The slopes of the activation `prelu`.
    Prelu,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(p: &f64) -> bool {
    *p == 0.0
}

/// A layer in its place: who it is, what it computes, where its parameters lie.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// `lin1`, `lin2`, …
    pub name: String,
    /// Number of inputs, I.
    pub in_features: usize,
    /// Number of neurons, O.
    pub out_features: usize,
    /// What follows the weighted sum.
    pub activation: Activation,
    /// Place of `weight[O, I]`, row by row, in the flat list of parameters.
    pub weight: Range<usize>,
    /// Place of `bias[O]`, if there is one.
    pub bias: Option<Range<usize>>,
    /// What normalises the weighted sums, if anything.
    pub batch_norm: Option<Norm>,
    /// The slopes that its activation learns, if it is PReLU.
    pub slope: Option<Slope>,
    /// Probability with which training leaves an output out.
    pub dropout: f64,
    /// How its weights are drawn, if in a way of its own.
    pub init: Option<Init>,
    /// How its biases are drawn, if in a way of its own.
    pub init_bias: Option<Init>,
    /// What training leaves as it is.
    pub frozen: Vec<Frozen>,
}

/// Batch normalisation in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Norm {
    /// `bn1`, `bn2`, …, after the layer's number.
    pub name: String,
    /// Its settings.
    pub config: BatchNorm,
    /// Places of `weight[O]` and `bias[O]`, if they are learned.
    pub affine: Option<(Range<usize>, Range<usize>)>,
}

impl Layer {
    /// Number of parameters, those of normalisation and activation included.
    #[inline]
    pub fn parameters(&self) -> usize {
        self.before_slope() + self.slope.as_ref().map_or(0, |slope| slope.weight.len())
    }

    /// Number of parameters in front of those of the activation.
    #[inline]
    fn before_slope(&self) -> usize {
        let norm = self.batch_norm.as_ref().is_some_and(|norm| norm.affine.is_some());
        let norm = if norm { 2 * self.out_features } else { 0 };
        self.weight.len() + self.bias.as_ref().map_or(0, Range::len) + norm
    }

    /// Its weight and, if there are any, its bias, those of its normalisation, and the slopes of its activation.
    fn tensors(&self) -> impl Iterator<Item = Tensor> {
        let weight = Tensor {
            name: format!("{}.weight", self.name),
            shape: vec![self.out_features, self.in_features],
            range: self.weight.clone(),
        };
        let bias = self.bias.clone().map(|range| Tensor {
            name: format!("{}.bias", self.name),
            shape: vec![self.out_features],
            range,
        });
        let norm = self.batch_norm.iter().filter_map(|norm| Some((norm, norm.affine.clone()?)));
        let norm = norm.flat_map(|(norm, (weight, bias))| {
            [("weight", weight), ("bias", bias)].map(|(what, range)| Tensor {
                name: format!("{}.{what}", norm.name),
                shape: vec![self.out_features],
                range,
            })
        });
        let slope = self.slope.iter().map(|slope| Tensor {
            name: format!("{}.weight", slope.name),
            shape: vec![slope.weight.len()],
            range: slope.weight.clone(),
        });
        std::iter::once(weight).chain(bias).chain(norm).chain(slope)
    }
}

/// A named tensor and its place in the flat list of parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// PyTorch's name, such as `lin1.weight`.
    pub name: String,
    /// Its sizes: `[out, in]` or `[out]`.
    pub shape: Vec<usize>,
    /// Its elements, row by row.
    pub range: Range<usize>,
}

/// The structure of a network. The numbers are elsewhere, in a [`Model`](super::Model).
///
/// ```
/// use neuronlab::nn::{Activation, Network};
///
/// let network = Network::new(2)
///     .linear(4, false, Activation::TANH)
///     .linear(4, false, Activation::TANH)
///     .linear(4, false, Activation::TANH)
///     .linear(1, false, Activation::IDENTITY);
/// assert_eq!(network.parameters(), 44);
/// assert_eq!(network.parameter_name(8), "lin2.weight[0,0]");
/// assert_eq!(network.parameter("lin2.weight[1,3]")?, 15);
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    in_features: usize,
    layers: Vec<Layer>,
}

impl Network {
    /// A network of no layers yet, for samples of `in_features` numbers.
    pub fn new(in_features: usize) -> Self {
        Self { in_features, layers: Vec::new() }
    }

    /// Adds a linear layer of `out_features` neurons, followed by `activation`.
    ///
    /// # Panics
    /// If there are no inputs or no neurons, or PReLU has neither one slope nor one for each neuron.
    pub fn linear(mut self, out_features: usize, bias: bool, activation: Activation) -> Self {
        let in_features = self.out_features();
        assert!(in_features > 0 && out_features > 0, "a linear layer has at least one input and one output");
        let start = self.parameters();
        let weight = start..start + in_features * out_features;
        let bias = bias.then(|| weight.end..weight.end + out_features);
        let number = self.layers.len() + 1;
        let name = format!("lin{number}");
        let slope = Slope::place(&activation, number, bias.as_ref().unwrap_or(&weight).end, out_features);
        self.layers.push(Layer {
            name,
            in_features,
            out_features,
            activation,
            weight,
            bias,
            batch_norm: None,
            slope,
            dropout: 0.0,
            init: None,
            init_bias: None,
            frozen: vec![],
        });
        self
    }

    /// Puts batch normalisation between the weighted sums and the activation of the last layer.
    ///
    /// # Panics
    /// If there is no layer.
    pub fn batch_norm(mut self, config: BatchNorm) -> Self {
        let number = self.layers.len();
        let layer = self.layers.last_mut().expect("a layer to normalise");
        let start = layer.bias.as_ref().unwrap_or(&layer.weight).end;
        let middle = start + layer.out_features;
        let affine = config.affine.then(|| (start..middle, middle..middle + layer.out_features));
        layer.batch_norm = Some(Norm { name: format!("bn{number}"), config, affine });
        // What follows the normalisation lies behind it.
        let start = layer.weight.start + layer.before_slope();
        layer.slope = Slope::place(&layer.activation, number, start, layer.out_features);
        self
    }

    /// Leaves outputs of the last layer out in training, each with probability `p`.
    ///
    /// # Panics
    /// If there is no layer, or `p` is no probability.
    pub fn dropout(mut self, p: f64) -> Self {
        assert!((0.0..=1.0).contains(&p), "dropout has a probability from 0 to 1");
        self.layers.last_mut().expect("a layer to drop outputs of").dropout = p;
        self
    }

    /// Whether training leaves outputs out anywhere.
    pub fn has_dropout(&self) -> bool {
        self.layers.iter().any(|layer| layer.dropout > 0.0)
    }

    /// The network that an experiment describes, for samples of `in_features` numbers.
    pub fn from_config(config: &NetworkConfig, in_features: usize) -> Self {
        config.layers.iter().fold(Self::new(in_features), |mut network, l| {
            network = network.linear(l.out_features, l.bias, l.activation);
            if let Some(config) = l.batch_norm {
                network = network.batch_norm(config);
            }
            network = network.dropout(l.dropout);
            if let Some(layer) = network.layers.last_mut() {
                (layer.init, layer.init_bias) = (l.init.clone(), l.init_bias.clone());
                layer.frozen.clone_from(&l.frozen);
            }
            network
        })
    }

    /// The same with another activation of the last layer.
    pub(crate) fn ending_with(mut self, activation: Activation) -> Self {
        let number = self.layers.len();
        if let Some(layer) = self.layers.last_mut() {
            layer.activation = activation;
            let start = layer.weight.start + layer.before_slope();
            layer.slope = Slope::place(&activation, number, start, layer.out_features);
        }
        self
    }

    /// Numbers in a sample.
    pub fn in_features(&self) -> usize {
        self.in_features
    }

    /// Numbers in an answer.
    pub fn out_features(&self) -> usize {
        self.layers.last().map_or(self.in_features, |layer| layer.out_features)
    }

    /// The layers, first to last.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.layers.iter().map(Layer::parameters).sum()
    }

    /// Multiplications (each with an addition) of one forward pass of one sample.
    pub fn mult_adds(&self) -> usize {
        self.layers.iter().map(|layer| layer.weight.len()).sum()
    }

    /// The tensors in the order of their parameters.
    pub fn tensors(&self) -> impl Iterator<Item = Tensor> {
        self.layers.iter().flat_map(Layer::tensors)
    }

    /// The name of a parameter by its place, such as `lin2.weight[1,3]`.
    ///
    /// # Panics
    /// If there are fewer parameters.
    pub fn parameter_name(&self, index: usize) -> String {
        let tensor = self.tensors().find(|t| t.range.contains(&index)).expect("the index of a parameter");
        let at = index - tensor.range.start;
        match tensor.shape[..] {
            [_, columns] => format!("{}[{},{}]", tensor.name, at / columns, at % columns),
            _ => format!("{}[{at}]", tensor.name),
        }
    }

    /// The place of a parameter by its name, such as `lin2.weight[1,3]` or `lin2.bias[0]`.
    pub fn parameter(&self, name: &str) -> Result<usize> {
        let (tensor_name, place) = name.split_once('[').unwrap_or((name, ""));
        let tensors: Vec<Tensor> = self.tensors().collect();
        let Some(tensor) = tensors.iter().find(|t| t.name == tensor_name.trim()) else {
            let error = unknown("parameter", tensor_name, tensors.iter().map(|t| t.name.as_str()));
            let theirs = tensor_name.trim();
            let of_sequential = theirs.split('.').any(|part| part.parse::<usize>().is_ok());
            return Err(match self.of_sequential(theirs) {
                Some(ours) => error.with_hint(format!("`{theirs}` is called `{ours}` here")),
                // A name that looks alike is not what a number stands for.
                None if of_sequential => error.without_hint(),
                None => error,
            });
        };
        let numbers: Option<Vec<usize>> =
            place.trim_end().strip_suffix(']').and_then(|p| p.split(',').map(|n| n.trim().parse().ok()).collect());
        match numbers {
            Some(at) if at.len() == tensor.shape.len() && at.iter().zip(&tensor.shape).all(|(i, n)| i < n) => {
                Ok(tensor.range.start + at.iter().zip(&tensor.shape).fold(0, |sum, (i, n)| sum * n + i))
            }
            _ => {
                let ranges: Vec<String> = tensor.shape.iter().map(|n| format!("0-{}", n - 1)).collect();
                Err(Error::field("parameter", format!("{}[{}]", tensor.name, ranges.join(",")), name))
            }
        }
    }

    /// Our name of a tensor that PyTorch's `nn.Sequential` calls by the place of its module, such as `2.weight`, or `model.2.weight`
    /// where the `Sequential` is a module's own.
    fn of_sequential(&self, name: &str) -> Option<String> {
        let (path, rest) = name.rsplit_once('.')?;
        let place: usize = path.rsplit('.').next()?.parse().ok()?;
        let mut modules: Vec<Option<&str>> = vec![];
        for layer in &self.layers {
            modules.push(Some(&layer.name));
            modules.extend(layer.batch_norm.as_ref().map(|norm| Some(&*norm.name)));
            modules.extend((layer.activation != Activation::IDENTITY).then_some(None));
            modules.extend((layer.dropout > 0.0).then_some(None));
        }
        let ours = format!("{}.{rest}", (*modules.get(place)?)?);
        self.tensors().any(|tensor| tensor.name == ours).then_some(ours)
    }

    /// The name of a neuron: `X#0` of an input (layer 0), `H#1_2` of neuron 2 of hidden layer 1, `Y#0` of an output.
    pub fn neuron_name(&self, layer: usize, neuron: usize) -> String {
        match layer {
            0 => format!("X#{neuron}"),
            _ if layer == self.layers.len() => format!("Y#{neuron}"),
            _ => format!("H#{layer}_{neuron}"),
        }
    }

    /// The neuron that may have been meant: the last one where the number is too large, and where only signs are missing that one.
    fn nearest_neuron(&self, name: &str, widths: &[usize]) -> Option<String> {
        let name = name.trim();
        let numbers: Vec<usize> =
            name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect();
        let last = widths.len() - 1;
        let (layer, n) = match (name.chars().next()?.to_ascii_uppercase(), &numbers[..]) {
            ('X', &[n]) => (0, n),
            ('Y', &[n]) => (last, n),
            ('H', &[n]) if last == 2 => (1, n),
            ('H', &[layer, n]) if last > 1 => (layer.clamp(1, last - 1), n),
            _ => return None,
        };
        Some(self.neuron_name(layer, n.min(widths[layer] - 1)))
    }

    /// Layer (0 for the inputs) and number of a neuron by its name, as in [`neuron_name`](Self::neuron_name).
    pub fn neuron(&self, name: &str) -> Result<(usize, usize)> {
        let widths: Vec<usize> =
            std::iter::once(self.in_features).chain(self.layers.iter().map(|l| l.out_features)).collect();
        let parsed = match name.trim().split_once('#') {
            Some(("X", n)) => Some(0).zip(n.parse().ok()),
            Some(("Y", n)) => Some(self.layers.len()).zip(n.parse().ok()),
            Some(("H", place)) => place.split_once('_').and_then(|(l, n)| l.parse().ok().zip(n.parse().ok())),
            _ => None,
        };
        let hidden = |layer: usize| name.trim().starts_with('H') && !(1..self.layers.len()).contains(&layer);
        match parsed {
            Some((layer, n)) if !hidden(layer) && n < widths[layer] => Ok((layer, n)),
            _ => {
                let names: Vec<String> = (0..widths.len())
                    .map(|l| match widths[l] {
                        1 => self.neuron_name(l, 0),
                        n => format!("{} to {}", self.neuron_name(l, 0), self.neuron_name(l, n - 1)),
                    })
                    .collect();
                let error = Error::field("neuron", names.join(", "), format!("`{name}`"));
                Err(match self.nearest_neuron(name, &widths) {
                    Some(nearest) => error.with_hint(format!("did you mean `{nearest}`?")),
                    None => error,
                })
            }
        }
    }

    /// The numeric settings of each layer's activation and normalisation.
    pub(crate) fn numbers(&self) -> Vec<[Numbers<f64>; 2]> {
        let norm = |layer: &Layer| layer.batch_norm.as_ref().map_or([0.0; 3], |norm| norm.config.numbers());
        self.layers.iter().map(|layer| [layer.activation.numbers(), norm(layer)]).collect()
    }

    /// Draws all parameters, layer by layer, weight before bias, as making PyTorch's layers in order would. A layer's own
    /// scheme goes before the two given. What normalisation and PReLU learn is not drawn.
    pub fn initialise<T: Real + TorchReal>(&self, weight: &Init, bias: &Init, rng: &mut TorchRng) -> Vec<T> {
        let mut parameters = vec![T::default(); self.parameters()];
        for layer in &self.layers {
            let shape = [layer.out_features, layer.in_features];
            let weight = layer.init.as_ref().unwrap_or(weight);
            weight.fill_weight(rng, &mut parameters[layer.weight.clone()], &shape);
            if let Some(range) = layer.bias.clone() {
                layer.init_bias.as_ref().unwrap_or(bias).fill_bias(rng, &mut parameters[range], &shape);
            }
            if let Some((weight, _)) = layer.batch_norm.as_ref().and_then(|norm| norm.affine.clone()) {
                parameters[weight].fill(T::constant(1.0));
            }
            if let (Some(slope), Activation::Prelu(prelu)) = (&layer.slope, &layer.activation) {
                parameters[slope.weight.clone()].fill(T::constant(prelu.init));
            }
        }
        if let Init::Given(given) = weight {
            let places = given.places(self).expect("names that the experiment was asked for");
            for (place, number) in places {
                parameters[place] = T::constant(number);
            }
        }
        parameters
    }

    /// Places of the parameters that training leaves as they are.
    pub fn frozen(&self) -> Vec<Range<usize>> {
        let of_layer = |layer: &Layer| {
            let place = |frozen: &Frozen| match frozen {
                Frozen::Weight => Some(layer.weight.clone()),
                Frozen::Bias => layer.bias.clone(),
                Frozen::Prelu => layer.slope.as_ref().map(|slope| slope.weight.clone()),
            };
            layer.frozen.iter().filter_map(place).collect::<Vec<_>>()
        };
        self.layers.iter().flat_map(of_layer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Activation;

    /// `nn.Sequential(Linear, BatchNorm1d, Tanh, Linear)`
    #[test]
    fn names_of_sequential_lead_to_ours() {
        let xor = crate::Experiment::built_in("xor").unwrap();
        let settings =
            ["network.layers=[{out_features=3,batch_norm={},activation='tanh'},{out_features=1}]".to_string()];
        let network = xor.with(&settings).unwrap().network(2).unwrap();
        for (theirs, ours) in [
            ("0.weight[0,1]", "lin1.weight"),
            ("model.1.bias[0]", "bn1.bias"),
            ("net.layers.3.weight[0,0]", "lin2.weight"),
        ] {
            let error = network.parameter(theirs).unwrap_err().to_string();
            let tensor = theirs.split('[').next().unwrap();
            assert!(error.ends_with(&format!("hint: `{tensor}` is called `{ours}` here")), "{error}");
        }
        for nothing in ["2.weight[0,0]", "99.weight[0,0]", "net.9.weight[0,0]", "0.slope[0]"] {
            assert!(!network.parameter(nothing).unwrap_err().to_string().contains("hint"), "{nothing}");
        }
    }

    #[test]
    fn neurons_have_names() {
        let network = Network::new(2).linear(4, false, Activation::TANH).linear(1, false, Activation::IDENTITY);
        for (layer, width) in [(0, 2), (1, 4), (2, 1)] {
            for neuron in 0..width {
                assert_eq!(network.neuron(&network.neuron_name(layer, neuron)).unwrap(), (layer, neuron));
            }
        }
        for (wrong, meant) in [
            ("H#1_4", "H#1_3"),
            ("H#2_0", "H#1_0"),
            ("h1_2", "H#1_2"),
            ("X#2", "X#1"),
            ("y#0", "Y#0"),
            ("H#1", "H#1_1"),
            ("Z#0", ""),
            ("lin1", ""),
            ("", ""),
        ] {
            let hint = if meant.is_empty() { String::new() } else { format!("\n  hint: did you mean `{meant}`?") };
            let error = network.neuron(wrong).unwrap_err().to_string();
            assert_eq!(error, format!("neuron: expected X#0 to X#1, H#1_0 to H#1_3, Y#0, got `{wrong}`{hint}"));
        }
    }
}
