//! What an explanation of a weight's gradient consists of: plain data, from which the views are made.

use super::Math;
use super::penalty::PenaltyPart;
use crate::scalar::Dtype;
use serde::Serialize;

/// The gradient of one parameter at one moment, in numbers: plain data, from which the views are made.
///
/// ```
/// use neuronlab::explain::{Explanation, Moment, Timeline};
/// use neuronlab::Experiment;
///
/// let mut run = Timeline::<f64>::new(&Experiment::built_in("xor")?.with(&["dtype=float64".into()])?)?;
/// let moment = Moment::new(run.at(400)?, Some(&[2]))?;
/// let why = Explanation::new(&moment, "lin2.weight[1,3]")?;
///
/// assert_eq!(why.count, 4); // through each of the four neurons of layer 3
/// assert!((why.sum - why.backward).abs() < 1e-15);
/// assert!((why.sum - why.difference.value).abs() < 1e-8);
/// println!("{}", why.document());
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// Name of the experiment; none of a model without a run.
    pub experiment: Option<String>,
    /// Precision of the run.
    pub dtype: Dtype,
    /// Epoch, from 0.
    pub epoch: Option<u64>,
    /// Step over the whole run, from 0: what is explained is before its update.
    pub step: Option<u64>,
    /// The samples of the batch.
    pub samples: Vec<u32>,
    /// Whether the run takes these samples in this step.
    pub own: bool,
    /// Name of the parameter.
    pub parameter: String,
    /// What it does in the network.
    pub role: String,
    /// Its value before the update.
    pub value: f64,
    /// The sample whose forward pass is shown: the one that makes most of the gradient.
    pub sample: u32,
    /// Inputs of that sample, with their names.
    pub inputs: Vec<(String, f64)>,
    /// The same as they stand in the user's data, where they are shifted and scaled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<(String, f64)>,
    /// Its forward pass, neuron by neuron.
    pub forward: Vec<Pass>,
    /// Its outputs.
    pub outputs: Vec<Output>,
    /// The loss, its formula, and its value for the batch.
    pub loss: (String, String, f64),
    /// The gradient in symbols, then with numbers, then its value.
    pub formula: Math,
    /// Number of paths from the parameter to the loss.
    #[serde(serialize_with = "count")]
    pub count: u128,
    /// The paths, those with the largest products first; of many paths only these.
    pub paths: Vec<PathPart>,
    /// Sum over all paths, in double precision.
    pub sum: f64,
    /// Sum of the sizes of the products over all paths.
    pub size: f64,
    /// The same with the sizes of its terms for each derivative that is made by subtracting (softmax, log-softmax, batch
    /// normalisation): what the backward pass adds up, and so what its roundings go by.
    pub terms: f64,
    /// What the backward pass computed, in the precision of the run.
    pub backward: f64,
    /// What a penalty of the weights adds, which is in none of the numbers above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub penalty: Option<PenaltyPart>,
    /// (L(w + h) − L(w − h)) / 2h, in double precision.
    pub difference: Difference,
    /// Parts of the gradient by the neurons of each later layer that they go through.
    pub through: Vec<Through>,
    /// Parts of the gradient by sample.
    pub by_sample: Vec<(u32, f64)>,
    /// What the update does with it.
    pub update: Option<ParameterUpdate>,
    /// What is surprising about this gradient.
    pub notes: Vec<String>,
}

/// A neuron's forward pass.
#[derive(Debug, Clone, Serialize)]
pub struct Pass {
    /// Its name.
    pub neuron: String,
    /// Its layer, counted from 1, and its number there.
    pub place: (usize, usize),
    /// Its activation.
    pub activation: &'static str,
    /// Its weights and their inputs.
    pub terms: Vec<(f64, f64)>,
    /// Its bias.
    pub bias: Option<f64>,
    /// Its weighted sum.
    pub z: f64,
    /// What batch normalisation makes of that.
    pub normalised: Option<f64>,
    /// The factor of dropout, if there is one in this step: 0, or 1/(1 − p).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<f64>,
    /// Its output.
    pub a: f64,
}

/// An output of the network.
#[derive(Debug, Clone, Serialize)]
pub struct Output {
    /// Its neuron.
    pub neuron: String,
    /// Its value.
    pub output: f64,
    /// What was wanted.
    pub target: f64,
    /// ∂L/∂output
    pub slope: f64,
}

/// A path from the parameter to the loss.
#[derive(Debug, Clone, Serialize)]
pub struct PathPart {
    /// The sample whose row it begins in.
    pub sample: u32,
    /// Neurons that it goes through.
    pub neurons: Vec<String>,
    /// Quantities that it goes through, from the one that the parameter goes into to the output. (The JSON has their names in
    /// those of the factors.)
    #[serde(skip)]
    pub quantities: Vec<Quantity>,
    /// Local derivatives along it, by name, in the order of the path: one more than quantities.
    pub factors: Vec<(Math, f64)>,
    /// Their product.
    pub product: f64,
}

/// A quantity on a path: a weighted sum, that sum normalised, or an output.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// Its name, such as `z(H#1_2)` or `H#1_2`.
    pub name: String,
    /// The sample whose row it is in.
    pub sample: u32,
    /// The number of its neuron in the layer.
    pub neuron: usize,
    /// Its value.
    pub value: f64,
}

/// A difference quotient.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Difference {
    /// Its value.
    pub value: f64,
    /// Half the distance of its two points.
    pub h: f64,
}

/// A layer that all paths go through.
#[derive(Debug, Clone, Serialize)]
pub struct Through {
    /// The layer's name.
    pub layer: String,
    /// Its neurons, with the sum over the paths through each.
    pub neurons: Vec<(String, f64)>,
}

/// The update of one parameter.
#[derive(Debug, Clone, Serialize)]
pub struct ParameterUpdate {
    /// The rule, such as `SGD(lr=0.02, momentum=0.9)`, and its formula.
    pub rule: (String, String),
    /// Whether it is v = momentum·v + gradient, w = w − lr·v and nothing else.
    pub plain: bool,
    /// Whether it makes the loss large.
    pub maximize: bool,
    /// Whether training leaves the parameter as it is.
    pub frozen: bool,
    /// Learning rate of this step.
    pub lr: f64,
    /// Momentum, or β₁, of this step.
    pub momentum: Option<f64>,
    /// The gradient after clipping.
    pub gradient: f64,
    /// What the optimizer remembers of the parameter: PyTorch's name, before, after.
    pub remembered: Vec<(String, f64, f64)>,
    /// The step taken: the new value less the old one.
    pub change: f64,
    /// The new value.
    pub value: f64,
}

impl Explanation {
    /// How far the backward pass is from the sum over paths, in units of the rounding of the run's precision in the largest
    /// partial sum there can be.
    pub fn roundings(&self) -> f64 {
        let (epsilon, least) = match self.dtype {
            Dtype::Float32 => (f64::from(f32::EPSILON), f64::from(f32::from_bits(1))),
            Dtype::Float64 => (f64::EPSILON, f64::from_bits(1)),
        };
        let difference = (self.sum - self.backward).abs();
        if difference == 0.0 { 0.0 } else { difference / (epsilon * self.terms).max(least) }
    }
}

fn count<S: serde::Serializer>(count: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    match u64::try_from(*count) {
        Ok(count) => serializer.serialize_u64(count),
        Err(_) => serializer.serialize_f64(*count as f64),
    }
}
