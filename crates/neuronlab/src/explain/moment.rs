//! A moment: everything that one step computes, and its update.

use super::penalty::Penalty;
use super::size;
use super::weight_document::in_data;
use crate::error::{Error, Result};
use crate::nn::{Activation, Dropped, LayerValues, Loss, Model, Network, NormBack, NormValues};
use crate::optim::Optimizer;
use crate::scalar::{Dtype, Real, Work};
use crate::train::Trainer;

/// One step of a run, held still. B samples.
///
/// The numbers are the run's own; those of a float32 run are given as `f64`, exactly. Buffers are row by row.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Precision of the numbers.
    pub dtype: Dtype,
    /// The loss that is made small.
    pub loss_function: Loss,
    /// The step of a run that it is, if it is one.
    pub origin: Option<Origin>,
    /// The samples, from 0.
    pub samples: Vec<u32>,
    /// Whether batch normalisation goes by the batch, and dropout leaves neurons out, as in training.
    pub training: bool,
    /// Inputs `[B, I]`.
    pub input: Vec<f64>,
    /// The same as they stand in the user's data, with the names of the columns, a list for each sample: where inputs are shifted
    /// and scaled, else none.
    pub given: Vec<Vec<(String, f64)>>,
    /// Targets `[B, O]`.
    pub target: Vec<f64>,
    /// What each layer computed, forward and backward.
    pub layers: Vec<LayerValues<f64>>,
    /// The loss of these samples.
    pub loss: f64,
    /// Parameters before the update, in the order of [`Network::tensors`].
    pub parameters: Vec<f64>,
    /// ∂loss/∂parameter, as the backward pass computed it.
    pub gradients: Vec<f64>,
    /// What a penalty of the weights adds to loss and gradients, if the experiment has one: they are without it here.
    pub penalty: Option<Penalty>,
    /// Derivatives from z to a of each layer.
    pub(super) locals: Vec<Local>,
    /// The same network in double precision, to try what a small change does.
    pub(super) wide: Model<f64>,
}

/// Where in which run a moment is.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Name of the experiment.
    pub experiment: String,
    /// Epoch, from 0.
    pub epoch: u64,
    /// Step over the whole run, from 0.
    pub step: u64,
    /// Whether the run takes these samples in this step; else they were chosen to be looked at.
    pub own: bool,
    /// The rule of the update.
    pub optimizer: Optimizer,
    /// The update that the gradients cause.
    pub update: Update,
}

/// From gradients to new parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Learning rate of the step.
    pub lr: f64,
    /// Its momentum or β₁, where the rule knows one.
    pub momentum: Option<f64>,
    /// The gradients after clipping, if there is any.
    pub gradients: Vec<f64>,
    /// What the optimizer remembered before, by [`crate::optim::Optimizer::buffers`].
    pub before: Vec<Vec<f64>>,
    /// What it remembers after.
    pub after: Vec<Vec<f64>>,
    /// Parameters after the update.
    pub parameters: Vec<f64>,
}

/// How the activations of a layer follow from its weighted sums, to first order. O neurons.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) norm: Option<Derivative>,
    pub(super) activation: Derivative,
}

/// The derivatives of B·O numbers by the B·O numbers they are made from.
#[derive(Debug, Clone)]
pub(super) enum Derivative {
    /// Each from its own: `[B, O]`.
    Each(Vec<f64>),
    /// Each from all of its row: ∂to/∂from at `[from, to]`, `[B·O, O]`.
    Row(Vec<f64>),
    /// Each from its column in all rows: ∂to/∂from at `[from, row of to]`, `[B·O, B]`.
    Column(Vec<f64>),
}

/// Derivatives of one layer's batch normalisation that are kept.
const MOST_DERIVATIVES: usize = 1 << 24;

impl Moment {
    /// The next step of a run. `samples` instead of those that the run would take are looked at as one batch: what the step
    /// would be, if it were made on them. (Batch normalisation then goes by its running statistics, and dropout leaves nothing
    /// out. The step's own samples have its own masks.)
    ///
    /// # Errors
    /// A sample that is none of the training samples; no samples, and the run is at its end.
    pub fn new<T: Real>(trainer: &Trainer<T>, samples: Option<&[u32]>) -> Result<Self> {
        let task = trainer.task();
        // Without the numbers of the last pass, which may be of a million rows.
        let mut model = trainer.model().to_evaluate();
        let (inputs, outputs) = (model.network().in_features(), model.network().out_features());
        let n = task.train.x.len() / inputs;
        let upcoming = trainer.ended().is_none().then(|| trainer.upcoming());
        let own = samples.is_none() || samples == upcoming.as_deref();
        let samples = match (samples, upcoming) {
            (Some(samples), _) => samples.to_vec(),
            (None, Some(samples)) => samples,
            (None, None) => {
                let got = format!("none, and after {} steps the run is at its end", trainer.steps());
                let hint = "with --sample N one is looked at, as if the run went on with it";
                return Err(Error::field("sample", format!("0 to {}", n - 1), got).with_hint(hint));
            }
        };
        if samples.is_empty() {
            return Err(Error::field("sample", "at least one", "none"));
        }
        if let Some(far) = samples.iter().find(|&&s| s as usize >= n) {
            return Err(Error::field("sample", format!("0 to {}", n - 1), far));
        }
        let widest = |l: &crate::nn::Layer| l.batch_norm.as_ref().map_or(0, |_| l.out_features);
        let widest = model.network().layers().iter().map(widest).max().unwrap_or(0);
        if own && samples.len().saturating_pow(2).saturating_mul(widest) > MOST_DERIVATIVES {
            let expected = "a smaller batch, since batch normalisation makes each sample depend on every other";
            return Err(Error::field("sample", expected, samples.len()).with_hint("choose some samples"));
        }
        size::check(trainer, samples.len())?;
        let rows = |values: &[T], width: usize| -> Vec<T> {
            samples.iter().flat_map(|&s| &values[s as usize * width..(s as usize + 1) * width]).copied().collect()
        };
        let (x, y) = (rows(&task.train.x, inputs), rows(&task.train.y, outputs));
        if y.chunks_exact(outputs).all(|target| trainer.loss().ignores(target)) {
            let expected = "at least one that counts in the loss";
            return Err(Error::field("sample", expected, "only samples with ignore_index, or of weight 0"));
        }
        if own {
            model.train();
            model.draw_masks(samples.len(), &mut trainer.mask_stream());
        } else {
            model.eval();
        }
        let mut moment = Self::of_batch(&mut model, trainer.loss(), &x, &y, own)?;
        if task.scaling.is_some() {
            let named = |(i, &x): (usize, &T)| (task.input_names[i].clone(), task.original(i, x).to_f64());
            moment.given = x.chunks_exact(inputs).map(|row| row.iter().enumerate().map(named).collect()).collect();
        }
        moment.samples = samples;
        let penalty = trainer.experiment().regularization;
        moment.penalty = penalty.map(|penalty| Penalty::of(penalty, &mut model, moment.loss));
        moment.origin = Some(Origin {
            experiment: trainer.experiment().name.clone(),
            epoch: trainer.epochs(),
            step: trainer.steps(),
            own,
            optimizer: trainer.experiment().optimizer,
            update: update(trainer, model),
        });
        Ok(moment)
    }

    /// A pass of a model as it is, without a run around it: on rows of inputs `x[B, I]` with their targets `y[B, O]`. (Batch
    /// normalisation goes by its running statistics, and dropout leaves nothing out.)
    ///
    /// # Errors
    /// Not as many inputs or targets as rows of the model have.
    pub fn of_model<T: Real>(model: &Model<T>, loss: &Loss, x: &[T], y: &[T]) -> Result<Self> {
        let (inputs, outputs) = (model.network().in_features(), model.network().out_features());
        if x.is_empty() || !x.len().is_multiple_of(inputs) {
            return Err(Error::field("x", format!("rows of {inputs} inputs"), format!("{} numbers", x.len())));
        }
        let rows = x.len() / inputs;
        if y.len() != rows * outputs {
            return Err(Error::field("y", format!("{} targets", rows * outputs), y.len()));
        }
        let mut model = model.clone();
        model.eval();
        Self::of_batch(&mut model, loss, x, y, false)
    }

    fn of_batch<T: Real>(model: &mut Model<T>, loss: &Loss, x: &[T], y: &[T], training: bool) -> Result<Self> {
        // Before the pass moves the running statistics.
        let wide_model = wide_model(model, training, x.len() / model.network().in_features())?;
        model.forward(x);
        let value = model.backward(loss, y).to_f64();
        let layers = model.network().layers().len();
        Ok(Self {
            dtype: T::DTYPE,
            loss_function: loss.clone(),
            origin: None,
            samples: (0..(x.len() / model.network().in_features()) as u32).collect(),
            training,
            input: wide(x),
            given: vec![],
            target: wide(y),
            layers: (0..layers).map(|l| wide_layer(model.layer(l), training)).collect(),
            loss: value,
            parameters: wide(model.parameters()),
            gradients: wide(model.gradients()),
            penalty: None,
            locals: locals(model, training),
            wide: wide_model,
        })
    }

    /// The gradients that the step is made with: those of the loss, and what a penalty adds.
    pub fn all_gradients(&self) -> &[f64] {
        self.penalty.as_ref().map_or(&self.gradients, |penalty| &penalty.gradients)
    }

    /// The inputs of a row of the batch as the user knows them, in words; none where the network is given just these.
    pub fn in_data(&self, row: usize) -> Option<String> {
        self.given.get(row).map(|given| in_data(given))
    }

    /// The network.
    pub fn network(&self) -> &Network {
        self.wide.network()
    }

    /// Outputs of a layer, `[B, O]`; of layer 0, as neurons are named, the inputs.
    pub fn activations(&self, layer: usize) -> &[f64] {
        layer.checked_sub(1).map_or(&self.input, |l| &self.layers[l].a)
    }

    /// The outputs at which the limits of `bce` act, by their places in `[B, O]`.
    pub(super) fn clamped(&self) -> impl Iterator<Item = usize> {
        let outputs = self.layers.last().map_or(&[][..], |last| &last.a);
        (0..outputs.len()).filter(|&at| self.loss_function.clamps(outputs[at]))
    }

    /// The gradients without these limits, in double precision, where they act: of a sigmoid and `bce` in one.
    pub(super) fn unclamped(&self) -> Option<Vec<f64>> {
        let sigmoid = self.network().layers().last()?.activation == Activation::SIGMOID;
        let mut loss = Loss::BCE_WITH_LOGITS_LOSS;
        if let (Loss::BceWithLogits(of_logits), Loss::Bce(limited)) = (&mut loss, &self.loss_function) {
            of_logits.reduction = limited.reduction;
            of_logits.weight.clone_from(&limited.weight);
        }
        self.clamped().next().filter(|_| sigmoid)?;
        let network = self.network().clone().ending_with(Activation::IDENTITY);
        let mut model = Model::new(network, self.wide.parameters().to_vec()).ok()?;
        for l in 0..self.layers.len() {
            if let (Some(to), Some(from)) = (model.running_mut(l), self.wide.running(l)) {
                to.clone_from(from);
            }
        }
        if self.training {
            model.train();
            model.take_masks(&self.wide, self.samples.len());
        } else {
            model.eval();
        }
        model.forward(&self.input);
        model.backward(&loss, &self.target);
        Some(model.gradients().to_vec())
    }

    /// The loss in double precision, if one parameter had another value.
    pub fn loss_with(&self, parameter: usize, value: f64) -> f64 {
        let mut model = self.wide.clone();
        model.parameters_mut()[parameter] = value;
        model.forward(&self.input);
        model.loss(&self.loss_function, &self.target)
    }
}

fn wide<T: Real, L: FromIterator<f64>>(values: &[T]) -> L {
    values.iter().map(|v| v.to_f64()).collect()
}

fn wide_layer<T: Real>(layer: &LayerValues<T>, training: bool) -> LayerValues<f64> {
    let norm = layer.norm.as_ref().map(|norm| NormValues {
        x_hat: wide(&norm.x_hat),
        y: wide(&norm.y),
        dy: wide(&norm.dy),
        inv_std: wide(&norm.inv_std),
    });
    let dropped = layer.dropout.as_ref().filter(|_| training);
    let dropout = dropped.map(|of| Dropped { mask: wide(&of.mask), f: wide(&of.f), df: wide(&of.df) });
    LayerValues { z: wide(&layer.z), a: wide(&layer.a), da: wide(&layer.da), dz: wide(&layer.dz), norm, dropout }
}

/// The network in double precision, as it was before this pass.
fn wide_model<T: Real>(model: &Model<T>, training: bool, rows: usize) -> Result<Model<f64>> {
    let mut wider = Model::new(model.network().clone(), wide(model.parameters()))?;
    for l in 0..model.network().layers().len() {
        if let (Some(to), Some(from)) = (wider.running_mut(l), model.running(l)) {
            (to.mean, to.var) = (wide(&from.mean), wide(&from.var));
        }
    }
    if training {
        wider.train();
        wider.take_masks(model, rows);
    } else {
        wider.eval();
    }
    Ok(wider)
}

fn update<T: Real>(trainer: &Trainer<T>, mut model: Model<T>) -> Update {
    model.hold_frozen();
    if let Some(clip) = &trainer.experiment().clip {
        clip.apply(model.gradients_mut());
    }
    let (hyper, mut state) = (trainer.hyper(), trainer.optimizer_state().clone());
    let before = state.buffers.iter().map(|b| wide(b)).collect();
    let gradients = wide(model.gradients());
    let (parameters, g) = model.parameters_and_gradients();
    trainer.experiment().optimizer.step(hyper, parameters, g, &mut state);
    let after = state.buffers.iter().map(|b| wide(b)).collect();
    model.release_frozen();
    let parameters = wide(model.parameters());
    Update { lr: hyper.lr, momentum: hyper.momentum, gradients, before, after, parameters }
}

/// The derivatives that the backward pass used, in the precision of the run: each is what comes back of a 1.
fn locals<T: Real>(model: &Model<T>, training: bool) -> Vec<Local> {
    let layers = model.network().layers().iter().enumerate();
    let local = |(l, layer): (usize, &crate::nn::Layer)| {
        let values = model.layer(l);
        let norm = layer.batch_norm.as_ref().zip(values.norm.as_ref()).map(|(norm, normed)| {
            let weight = norm.affine.as_ref().map(|(weight, _)| &model.parameters()[weight.clone()]);
            of_norm(weight, training, normed, layer.out_features)
        });
        Local { norm, activation: of_activation(model, l) }
    };
    layers.map(local).collect()
}

fn of_activation<T: Real>(model: &Model<T>, l: usize) -> Derivative {
    let (layer, n) = (&model.network().layers()[l], model.layer(l).a.len());
    let (width, mut dz) = (layer.out_features, vec![T::default(); n]);
    if layer.activation.is_elementwise() {
        model.slopes(l, &vec![T::constant(1.0); n], &mut dz);
        return Derivative::Each(wide(&dz));
    }
    let mut all = vec![0.0; n * width];
    for to in 0..width {
        let mut da = vec![T::default(); n];
        da.iter_mut().skip(to).step_by(width).for_each(|d| *d = T::constant(1.0));
        model.slopes(l, &da, &mut dz);
        for (from, d) in dz.iter().enumerate() {
            all[from * width + to] = d.to_f64();
        }
    }
    Derivative::Row(all)
}

fn of_norm<T: Real>(weight: Option<&[T]>, training: bool, values: &NormValues<T>, width: usize) -> Derivative {
    let (n, mut values) = (values.y.len(), values.clone());
    let (rows, mut dz) = (n / width, vec![T::default(); n]);
    if !training {
        values.dy.fill(T::constant(1.0));
        NormBack { weight, training, values: &values, dz: &mut dz, gradients: None }.run();
        return Derivative::Each(wide(&dz));
    }
    let mut all = vec![0.0; n * rows];
    for to in 0..rows {
        values.dy.fill(T::default());
        values.dy[to * width..(to + 1) * width].fill(T::constant(1.0));
        NormBack { weight, training, values: &values, dz: &mut dz, gradients: None }.run();
        for (from, d) in dz.iter().enumerate() {
            all[from * rows + to] = d.to_f64();
        }
    }
    Derivative::Column(all)
}
