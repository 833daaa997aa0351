//! Slips that people make when they work out gradients by hand, and which of them gives the numbers that somebody has.
//!
//! Each slip is a chain rule with one factor wrong. Its gradients are computed for all parameters; whoever has the same wrong
//! numbers has probably made the same slip.

use super::moment::Moment;
use super::scale::Scale;
use crate::nn::Model;
use serde::Serialize;

/// A factor that is wrong or missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Slip {
    /// The activation's derivative is taken at its output, not at the weighted sum.
    SlopeAtOutput,
    /// The activation's derivative is missing.
    SlopeMissing,
    /// ∂L/∂output is missing.
    LossFactorMissing,
    /// The error output − target stands for ∂L/∂output.
    ErrorForSlope,
    /// The neuron's own output stands for the weight's input.
    OutputForInput,
    /// The input's weighted sum stands for its output.
    InputBeforeActivation,
    /// A weight on the way to the loss is missing.
    WeightMissing,
    /// The weights on the way to the loss are taken with rows and columns exchanged.
    WeightsTransposed,
    /// The weights on the way to the loss are those after the update.
    WeightsUpdated,
    /// Only one of the paths is taken.
    OnePath,
    /// It is the gradient of the weight with rows and columns exchanged.
    GradientTransposed,
    /// All are 0, as before any backward pass.
    NothingComputed,
    /// What the penalty of the weights adds is missing.
    PenaltyMissing,
    /// Of a batch only the last sample counts.
    LastSampleOnly,
    /// Of a batch only the first sample counts.
    FirstSampleOnly,
}

/// What may have happened: a slip, in one layer or in all, and a factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Suspicion {
    /// The wrong factor.
    pub slip: Option<Slip>,
    /// The layer it is in, counted from 1; none for all of them.
    pub layer: Option<usize>,
    /// The factor on everything.
    pub scale: Option<Scale>,
}

impl Suspicion {
    /// How many factors are wrong.
    pub(super) fn factors(&self) -> usize {
        usize::from(self.slip.is_some()) + usize::from(self.scale.is_some())
    }

    /// In words.
    pub fn words(&self) -> String {
        let slip = self.slip.map(|slip| {
            let place = self.layer.map_or(String::new(), |layer| format!(" in layer {layer}"));
            format!("{}{place}", slip.words())
        });
        let scale = self.scale.map(|scale| scale.words().to_string());
        slip.into_iter().chain(scale).collect::<Vec<_>>().join("; and ")
    }
}

impl Slip {
    const ALL: [Self; 9] = [
        Self::SlopeAtOutput,
        Self::SlopeMissing,
        Self::LossFactorMissing,
        Self::ErrorForSlope,
        Self::OutputForInput,
        Self::InputBeforeActivation,
        Self::WeightMissing,
        Self::WeightsTransposed,
        Self::WeightsUpdated,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::SlopeAtOutput => {
                "the activation's derivative is taken at the neuron's output a, f′(a); it belongs at the weighted sum, f′(z) (for tanh 1 − a², without another tanh)"
            }
            Self::SlopeMissing => "the factor f′(z) is missing: the derivative of the activation",
            Self::LossFactorMissing => "the factor ∂L/∂output is missing: the derivative of the loss",
            Self::ErrorForSlope => {
                "the error output − target stands where the derivative of the loss, ∂L/∂output, belongs"
            }
            Self::OutputForInput => {
                "the neuron's own output stands for the input of the weight: ∂z/∂w is what the weight multiplies"
            }
            Self::InputBeforeActivation => {
                "the weighted sum z of the neuron before stands for its output a: the weight multiplies a"
            }
            Self::WeightMissing => "a weight on the way to the loss is missing: ∂z/∂a of the next layer",
            Self::WeightsTransposed => {
                "the weights on the way to the loss have rows and columns exchanged: back goes Σ over k of w[k,i]"
            }
            Self::WeightsUpdated => {
                "the weights on the way to the loss are already the updated ones; all gradients are of the weights before the update"
            }
            Self::OnePath => "only one path is taken; the gradient is the sum over all of them",
            Self::GradientTransposed => {
                "it is the gradient of the weight with rows and columns exchanged: weight[out,in]"
            }
            Self::NothingComputed => {
                "all are 0, as if nothing had been computed: there was no backward pass, or they were set to 0 after it"
            }
            Self::LastSampleOnly => {
                "only the last sample of the batch counts: the loop over samples has `=` where `+=` belongs"
            }
            Self::FirstSampleOnly => "only the first sample of the batch counts: the loop over samples ends after one",
            Self::PenaltyMissing => {
                "the penalty of the weights is missing: `regularization` adds l1·sign(w) + 2·l2·w to the gradient of a weight w"
            }
        }
    }

    /// Whether it can be in one layer by itself.
    fn has_place(self) -> bool {
        matches!(self, Self::SlopeAtOutput | Self::SlopeMissing)
    }
}

/// Every suspicion with the gradients that it gives, simple ones first.
pub(super) fn suspicions(moment: &Moment) -> Vec<(Suspicion, Vec<f64>)> {
    let mut model = moment.wide.clone();
    model.forward(&moment.input);
    model.backward(&moment.loss_function, &moment.target);
    let without_penalty = model.gradients().to_vec();
    if let Some(penalty) = &moment.penalty {
        model.penalise(&penalty.regularization);
    }
    let right = model.gradients().to_vec();
    // What the penalty adds, a slip in the chain rule leaves as it is.
    let penalised = |mut gradients: Vec<f64>| {
        let parts = right.iter().zip(&without_penalty).map(|(with, without)| with - without);
        gradients.iter_mut().zip(parts).for_each(|(gradient, part)| *gradient += part);
        gradients
    };
    let layers = moment.network().layers();
    // The chain of simple factors below is that of elementwise activations without normalisation and dropout.
    let simple = layers.iter().all(|l| l.batch_norm.is_none() && l.activation.is_elementwise());
    let simple = simple && !(moment.training && moment.network().has_dropout());

    let mut structural: Vec<(Option<Slip>, Option<usize>, Vec<f64>)> = vec![];
    if simple {
        let of_a_batch = [Slip::LastSampleOnly, Slip::FirstSampleOnly];
        let of_a_batch = of_a_batch.iter().filter(|_| moment.samples.len() > 1);
        for &slip in of_a_batch.chain(&Slip::ALL) {
            structural.push((Some(slip), None, penalised(with_slip(&model, moment, slip, None))));
            for l in (0..layers.len()).filter(|_| slip.has_place()) {
                structural.push((Some(slip), Some(l + 1), penalised(with_slip(&model, moment, slip, Some(l)))));
            }
        }
    }
    if moment.penalty.is_some() {
        structural.push((Some(Slip::PenaltyMissing), None, without_penalty.clone()));
    }
    structural.push((Some(Slip::GradientTransposed), None, transposed(moment, &right)));
    let scales = Scale::all(moment, &model);
    let scaled = |gradients: &[f64], factor: f64| gradients.iter().map(|g| factor * g).collect::<Vec<f64>>();

    let mut all = Vec::new();
    for &(scale, factor) in &scales {
        all.push((Suspicion { slip: None, layer: None, scale: Some(scale) }, scaled(&right, factor)));
    }
    for (slip, layer, gradients) in &structural {
        all.push((Suspicion { slip: *slip, layer: *layer, scale: None }, gradients.clone()));
    }
    for (slip, layer, gradients) in &structural {
        for &(scale, factor) in &scales {
            all.push((Suspicion { slip: *slip, layer: *layer, scale: Some(scale) }, scaled(gradients, factor)));
        }
    }
    all
}

/// The gradients of all parameters by a chain rule with a slip, in all layers or in one.
fn with_slip(model: &Model<f64>, moment: &Moment, slip: Slip, only: Option<usize>) -> Vec<f64> {
    let layers = model.network().layers();
    let rows = moment.samples.len();
    let last = model.layer(layers.len() - 1);
    let mut da = match slip {
        Slip::LossFactorMissing => vec![1.0; last.a.len()],
        Slip::ErrorForSlope => last.a.iter().zip(&moment.target).map(|(o, t)| o - t).collect(),
        Slip::LastSampleOnly => only_row(&last.da, rows, rows - 1),
        Slip::FirstSampleOnly => only_row(&last.da, rows, 0),
        _ => last.da.to_vec(),
    };
    let mut gradients = vec![0.0; model.gradients().len()];
    for (l, layer) in layers.iter().enumerate().rev() {
        let values = model.layer(l);
        let here = only.is_none_or(|only| only == l);
        let f = |at: usize| layer.activation_of(at % layer.out_features, model.parameters());
        let slope = |at: usize| match slip {
            Slip::SlopeAtOutput if here => f(at).derivative(values.a[at]),
            Slip::SlopeMissing if here => 1.0,
            _ => f(at).derivative(values.z[at]),
        };
        for (at, da) in da.iter().enumerate() {
            if let Some(slope) = &layer.slope {
                gradients[slope.of(at % layer.out_features)] += da * values.z[at].min(0.0);
            }
        }
        let dz: Vec<f64> = da.iter().enumerate().map(|(at, da)| da * slope(at)).collect();
        let (inputs, outputs) = (layer.in_features, layer.out_features);
        let given = if l == 0 { model.input() } else { &model.layer(l - 1).a };
        let input = |b: usize, o: usize, i: usize| match slip {
            Slip::OutputForInput => values.a[b * outputs + o],
            Slip::InputBeforeActivation if l > 0 => model.layer(l - 1).z[b * inputs + i],
            _ => given[b * inputs + i],
        };
        let updated = slip == Slip::WeightsUpdated;
        let after = moment.origin.as_ref().map(|origin| &origin.update.parameters[..]);
        let parameters = after.filter(|_| updated).unwrap_or(model.parameters());
        let weight = |o: usize, i: usize| match slip {
            Slip::WeightMissing => 1.0,
            Slip::WeightsTransposed if inputs == outputs => parameters[layer.weight.start + i * inputs + o],
            _ => parameters[layer.weight.start + o * inputs + i],
        };
        let mut before = vec![0.0; rows * inputs];
        for b in 0..rows {
            for o in 0..outputs {
                let dz = dz[b * outputs + o];
                for i in 0..inputs {
                    gradients[layer.weight.start + o * inputs + i] += dz * input(b, o, i);
                    before[b * inputs + i] += dz * weight(o, i);
                }
                if let Some(bias) = &layer.bias {
                    gradients[bias.start + o] += dz;
                }
            }
        }
        da = before;
    }
    gradients
}

/// The same with 0 in all rows but one.
fn only_row(values: &[f64], rows: usize, row: usize) -> Vec<f64> {
    let width = values.len() / rows;
    values.iter().enumerate().map(|(at, &value)| if at / width == row { value } else { 0.0 }).collect()
}

/// Gradients of square weights with rows and columns exchanged.
fn transposed(moment: &Moment, right: &[f64]) -> Vec<f64> {
    let mut all = right.to_vec();
    for layer in moment.network().layers().iter().filter(|l| l.in_features == l.out_features) {
        let n = layer.in_features;
        for k in 0..n * n {
            all[layer.weight.start + k] = right[layer.weight.start + k % n * n + k / n];
        }
    }
    all
}
