//! What one neuron does: what it computes, where it changes its mind, and what it saturates on.

use super::notes::{SATURATED, steepest};
use crate::error::{Error, Result};
use crate::nn::{Activation, Model};
use crate::scalar::{Dtype, Real};
use crate::train::Trainer;
use serde::Serialize;

/// Samples that are looked at.
const MOST: usize = 10_000;

/// One neuron at one moment, over the training samples.
///
/// ```
/// use neuronlab::explain::{Neuron, Timeline};
/// use neuronlab::Experiment;
///
/// let mut run = Timeline::<f32>::new(&Experiment::built_in("xor")?)?;
/// let neuron = Neuron::new(run.at(8004)?, "H#1_2")?;
/// assert_eq!(neuron.weights.len(), 2);
/// // Without bias the line goes through the origin.
/// assert_eq!(neuron.boundary.as_ref().map(|line| line.offset), Some(0.0));
/// // tanh lets less than a twentieth through beyond ±2.18.
/// assert_eq!(neuron.saturates.above.map(|z| (100.0 * z).round()), Some(218.0));
/// # Ok::<(), neuronlab::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Neuron {
    /// Name of the experiment.
    pub experiment: String,
    /// Precision of the run.
    pub dtype: Dtype,
    /// Epoch, from 0.
    pub epoch: u64,
    /// Steps made.
    pub step: u64,
    /// Its name.
    pub name: String,
    /// Its layer, counted from 1, and its number there.
    pub place: (usize, usize),
    /// The layer's name.
    pub layer: String,
    /// Its weights, with the neurons that they come from.
    pub weights: Vec<(String, f64)>,
    /// Its bias.
    pub bias: Option<f64>,
    /// The name of its activation.
    pub activation: &'static str,
    /// Whether batch normalisation stands between its sum and its activation.
    pub normalised: bool,
    /// Where its weighted sum is 0, for a neuron of the first layer.
    pub boundary: Option<Boundary>,
    /// Where its activation is almost flat.
    pub saturates: Saturation,
    /// The training samples, the first ten thousand.
    pub samples: Vec<Seen>,
    /// Training samples in all.
    pub of: usize,
    /// Names of the network's inputs.
    pub inputs: Vec<String>,
}

/// A hyperplane Σ normalᵢ·xᵢ + offset = 0 in the inputs as they stand in the user's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Boundary {
    /// A factor for each input.
    pub normal: Vec<f64>,
    /// What is added.
    pub offset: f64,
}

/// Where the slope of an activation is less than a twentieth of its largest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Saturation {
    /// From here down.
    pub below: Option<f64>,
    /// From here up.
    pub above: Option<f64>,
}

/// A sample as a neuron sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seen {
    /// Its number.
    pub sample: u32,
    /// Its inputs, as they stand in the user's data.
    pub inputs: Vec<f64>,
    /// The weighted sum, normalised if the layer is.
    pub z: f64,
    /// The output.
    pub a: f64,
    /// The slope of the activation there.
    pub slope: f64,
    /// Whether that is less than a twentieth of the largest.
    pub saturated: bool,
}

impl Neuron {
    /// A neuron by its name, such as `H#1_2` or `Y#0`.
    ///
    /// # Errors
    /// A name that the network has not; an input, which computes nothing.
    pub fn new<T: Real>(trainer: &Trainer<T>, name: &str) -> Result<Self> {
        let network = trainer.model().network();
        let (layer, index) = network.neuron(name)?;
        let Some(l) = layer.checked_sub(1) else {
            let error =
                Error::field("neuron", "a neuron that computes something, such as Y#0", format!("`{name}`, an input"));
            return Err(error.with_hint(format!("it passes on `{}`", trainer.task().input_names[index])));
        };
        let config = &network.layers()[l];
        let parameters = trainer.model().parameters();
        let weights =
            config.weight.start + index * config.in_features..config.weight.start + (index + 1) * config.in_features;
        let weights: Vec<f64> = parameters[weights].iter().map(|w| w.to_f64()).collect();
        let bias = config.bias.as_ref().map(|bias| parameters[bias.start + index].to_f64());
        let normalised = config.batch_norm.is_some();
        let boundary = (l == 0 && !normalised && config.activation.is_elementwise())
            .then(|| boundary(trainer, &weights, bias.unwrap_or(0.0)));
        Ok(Self {
            experiment: trainer.experiment().name.clone(),
            dtype: T::DTYPE,
            epoch: trainer.epochs(),
            step: trainer.steps(),
            name: network.neuron_name(layer, index),
            place: (layer, index),
            layer: config.name.clone(),
            weights: weights.iter().enumerate().map(|(i, &w)| (network.neuron_name(l, i), w)).collect(),
            bias,
            activation: config.activation.key(),
            normalised,
            boundary,
            saturates: Saturation::of(&config.activation_of(index, parameters)),
            samples: seen(trainer, layer, index),
            of: trainer.task().train.x.len() / network.in_features(),
            inputs: trainer.task().input_names.clone(),
        })
    }

    /// Samples on which it is saturated.
    pub fn saturated(&self) -> usize {
        self.samples.iter().filter(|seen| seen.saturated).count()
    }
}

impl Saturation {
    fn of(activation: &Activation) -> Self {
        let least = SATURATED * steepest(activation);
        let flat = |z: f64| activation.derivative(z).abs() < least;
        // From far out inwards to where the slope begins; to a hundredth, then halved further.
        let edge = |sign: f64| {
            let inside = (0..=3000).rev().find(|&k| !flat(sign * f64::from(k) / 100.0))?;
            if inside == 3000 {
                return None;
            }
            let (mut slope, mut out) = (f64::from(inside) / 100.0, f64::from(inside + 1) / 100.0);
            for _ in 0..40 {
                let middle = 0.5 * (slope + out);
                if flat(sign * middle) { out = middle } else { slope = middle }
            }
            Some(sign * out)
        };
        if activation.is_elementwise() {
            // A slope that is never there on one side, as of relu, ends at 0.
            let side = |sign: f64| edge(sign).or_else(|| flat(sign * 3.0).then_some(0.0));
            Self { below: side(-1.0), above: side(1.0) }
        } else {
            Self { below: None, above: None }
        }
    }
}

/// In the inputs as the user knows them: scaling taken back.
fn boundary<T: Real>(trainer: &Trainer<T>, weights: &[f64], bias: f64) -> Boundary {
    let Some(scaling) = &trainer.task().scaling else {
        return Boundary { normal: weights.to_vec(), offset: bias };
    };
    let normal: Vec<f64> = weights.iter().zip(&scaling.std).map(|(w, std)| w / std).collect();
    let shift: f64 = normal.iter().zip(&scaling.mean).map(|(n, mean)| n * mean).sum();
    Boundary { normal, offset: bias - shift }
}

/// Sums, outputs and slopes over the training samples.
fn seen<T: Real>(trainer: &Trainer<T>, layer: usize, index: usize) -> Vec<Seen> {
    let task = trainer.task();
    let mut model = trainer.model().clone();
    let (inputs, config) = (model.network().in_features(), &model.network().layers()[layer - 1]);
    let activation = config.activation_of(index, model.parameters());
    let rows = task.train.x.chunks_exact(inputs).take(MOST);
    let least = SATURATED * steepest(&activation);
    model.eval();
    let look = |(sample, x): (usize, &[T])| {
        model.forward(x);
        let (z, a, slope) = at(&model, layer - 1, index);
        let inputs = x.iter().enumerate().map(|(i, &x)| task.original(i, x).to_f64()).collect();
        let saturated = activation.is_elementwise() && slope.abs() < least;
        Seen { sample: sample as u32, inputs, z, a, slope, saturated }
    };
    rows.enumerate().map(look).collect()
}

/// What the activation of a neuron was given, what it made of it, and its slope by the neuron's own sum.
fn at<T: Real>(model: &Model<T>, layer: usize, index: usize) -> (f64, f64, f64) {
    let values = model.layer(layer);
    let given = values.norm.as_ref().map_or(&values.z, |norm| &norm.y);
    let (mut da, mut dz) = (vec![T::default(); given.len()], vec![T::default(); given.len()]);
    da[index] = T::constant(1.0);
    model.slopes(layer, &da, &mut dz);
    (given[index].to_f64(), values.a[index].to_f64(), dz[index].to_f64())
}

/// The weighted sum of a neuron, normalised if the layer is, for rows of inputs as the network is given them.
pub(crate) fn sums<T: Real>(trainer: &Trainer<T>, (layer, index): (usize, usize), x: &[T]) -> Vec<f64> {
    let mut model = trainer.model().clone();
    model.eval();
    let inputs = model.network().in_features();
    let sum = |x: &[T]| {
        model.forward(x);
        let values = model.layer(layer - 1);
        values.norm.as_ref().map_or(&values.z, |norm| &norm.y)[index].to_f64()
    };
    x.chunks_exact(inputs).map(sum).collect()
}
