//! One step of training, one operation at a time: samples, forward, loss, backward, update.

use super::Math;
use super::document::{Block, Table};
use super::explanation::Pass;
use super::moment::{Derivative, Moment, Origin};
use super::number::{exact, nine};
use super::pass_document::neuron;
use super::penalty::Penalty;
use super::symbols::{Symbols, letter};
use super::weight::forward;
use crate::nn::{Activation, Layer};
use serde::Serialize;

/// Samples of a batch whose numbers are shown.
const ROWS: usize = 3;
/// Neurons of a layer, and parameters of a tensor, that are shown one by one.
const MOST: usize = 16;

/// The part of a step that an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Which samples.
    Samples,
    /// From inputs to outputs.
    Forward,
    /// How wrong that is.
    Loss,
    /// From the loss back to every parameter.
    Backward,
    /// From gradients to new parameters.
    Update,
}

impl Phase {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Forward => "forward",
            Self::Loss => "loss",
            Self::Backward => "backward",
            Self::Update => "update",
        }
    }
}

/// One operation of a step, with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The part of the step.
    pub phase: Phase,
    /// What is computed.
    pub title: String,
    /// With which numbers.
    pub blocks: Vec<Block>,
}

/// The operations of a step in their order.
///
/// ```
/// use neuronlab::explain::{Moment, Phase, Timeline, operations};
/// use neuronlab::Experiment;
///
/// let mut run = Timeline::<f32>::new(&Experiment::built_in("xor")?)?;
/// let operations = operations(&Moment::new(run.at(0)?, None)?);
/// assert_eq!((operations[0].phase, operations[1].title.as_str()), (Phase::Samples, "H#1_0: weighted sum"));
/// assert_eq!(operations.last().unwrap().title, "lin4.weight: update");
/// # Ok::<(), neuronlab::Error>(())
/// ```
pub fn operations(moment: &Moment) -> Vec<Operation> {
    let mut all = vec![samples(moment)];
    for l in 0..moment.layers.len() {
        all.extend(layer_forward(moment, l));
    }
    all.push(loss(moment));
    all.extend(moment.penalty.as_ref().map(|of| penalty(moment, of)));
    all.push(loss_slope(moment));
    for l in (0..moment.layers.len()).rev() {
        all.extend(layer_backward(moment, l));
    }
    all.extend(moment.penalty.iter().flat_map(|of| penalty_slopes(moment, of)));
    all.extend(updates(moment));
    all
}

fn operation(phase: Phase, title: impl Into<String>, formulas: Vec<Math>) -> Operation {
    Operation { phase, title: title.into(), blocks: vec![Block::Formulas(formulas)] }
}

/// Rows of the batch that are shown.
fn shown(moment: &Moment) -> std::ops::Range<usize> {
    0..moment.samples.len().min(ROWS)
}

/// Words for what is left out.
fn more(count: usize, most: usize, what: &str) -> Option<Math> {
    (count > most).then(|| Math::words(format!("… and {} more {what}", count - most)))
}

fn number(moment: &Moment, value: f64) -> Math {
    Math::Number(exact(value, moment.dtype))
}

fn samples(moment: &Moment) -> Operation {
    let (inputs, outputs) = (moment.network().in_features(), moment.network().out_features());
    let symbols = Symbols(moment);
    let mut formulas = Vec::new();
    for b in shown(moment) {
        if moment.samples.len() > 1 {
            formulas.push(Math::words(format!("sample {}:", moment.samples[b])));
        }
        for i in 0..inputs.min(MOST) {
            formulas.push(Math::Equal(vec![
                symbols.output(0, &i.to_string()),
                number(moment, moment.input[b * inputs + i]),
            ]));
        }
        formulas.extend(more(inputs, MOST, "inputs"));
        formulas.extend(moment.in_data(b).map(Math::words));
        for o in 0..outputs.min(MOST) {
            let name = Math::words(format!("target of {}", moment.network().neuron_name(moment.layers.len(), o)));
            formulas.push(Math::Equal(vec![name, number(moment, moment.target[b * outputs + o])]));
        }
    }
    formulas.extend(more(moment.samples.len(), ROWS, "samples"));
    let title = match &moment.samples[..] {
        [one] => format!("sample {one}"),
        several => format!("a batch of {} samples", several.len()),
    };
    operation(Phase::Samples, title, formulas)
}

fn layer_forward(moment: &Moment, l: usize) -> Vec<Operation> {
    let layer = &moment.network().layers()[l];
    let rows: Vec<Vec<Pass>> = shown(moment).map(|b| forward(moment, b)).collect();
    let mut all = Vec::new();
    for o in 0..layer.out_features.min(MOST) {
        let name = moment.network().neuron_name(l + 1, o);
        // Of every shown row the same formulas; a weighted sum, then what is made of it.
        let passes = rows.iter().filter_map(|row| row.iter().find(|pass| pass.place == (l + 1, o)));
        let formulas: Vec<Vec<Math>> = passes.map(|pass| neuron(pass, moment.dtype)).collect();
        let column = |i: usize| {
            let mut column: Vec<Math> = formulas.iter().filter_map(|row| row.get(i).cloned()).collect();
            column.extend(more(moment.samples.len(), ROWS, "samples"));
            column
        };
        all.push(operation(Phase::Forward, format!("{name}: weighted sum"), column(0)));
        let normed = usize::from(layer.batch_norm.is_some());
        if normed == 1 {
            all.push(operation(Phase::Forward, format!("{name}: batch normalisation"), column(1)));
        }
        if let Some(what) = follows(moment, l) {
            all.push(operation(Phase::Forward, format!("{name}: {what}"), column(1 + normed)));
        }
    }
    if layer.out_features > MOST {
        let words = format!("the other {} neurons of {}", layer.out_features - MOST, layer.name);
        all.push(operation(Phase::Forward, words, vec![Math::words("in the same way")]));
    }
    all
}

/// What follows the sums of a layer, if anything does: its activation, dropout, or both.
fn follows(moment: &Moment, l: usize) -> Option<String> {
    let activation = moment.network().layers()[l].activation;
    let activation = (activation != Activation::IDENTITY).then(|| activation.key().to_string());
    let dropout = moment.layers[l].dropout.as_ref().map(|_| "dropout".to_string());
    let all: Vec<String> = activation.into_iter().chain(dropout).collect();
    (!all.is_empty()).then(|| all.join(" and "))
}

fn loss(moment: &Moment) -> Operation {
    let loss = &moment.loss_function;
    let formula =
        Math::Equal(vec![letter("L"), Math::words(loss.formula_with_settings()), number(moment, moment.loss)]);
    operation(Phase::Loss, loss.name(), vec![formula])
}

/// The penalty of the weights, and the loss with it.
fn penalty(moment: &Moment, penalty: &Penalty) -> Operation {
    let part = penalty.part(0);
    Operation { phase: Phase::Loss, title: "penalty of the weights".into(), blocks: vec![part.of_loss(moment.dtype)] }
}

/// What the penalty adds to the gradients of each layer's weights.
fn penalty_slopes(moment: &Moment, penalty: &Penalty) -> Vec<Operation> {
    let of_layer = |layer: &Layer| {
        let row = |place: usize| {
            let values = [moment.gradients[place], penalty.parts[place], penalty.gradients[place]];
            let cells = values.map(|value| exact(value, moment.dtype));
            std::iter::once(moment.network().parameter_name(place)).chain(cells).collect()
        };
        let head = ["parameter", "gradient of the loss", "l1·sign(w) + 2·l2·w", "together"].map(String::from).to_vec();
        let rows = layer.weight.clone().take(MOST).map(row).collect();
        let mut blocks = vec![Block::Table(Table { head, rows, left: vec![0] })];
        blocks.extend(more(layer.weight.len(), MOST, "weights").map(|words| Block::Formulas(vec![words])));
        Operation { phase: Phase::Backward, title: format!("{}.weight: slope of the penalty", layer.name), blocks }
    };
    moment.network().layers().iter().map(of_layer).collect()
}

fn loss_slope(moment: &Moment) -> Operation {
    let outputs = moment.network().out_features();
    let last = &moment.layers[moment.layers.len() - 1];
    let mut formulas = Vec::new();
    for b in shown(moment) {
        for o in 0..outputs.min(MOST) {
            let name = Symbols(moment).loss_slope(&o.to_string());
            formulas.push(Math::Equal(vec![name, number(moment, last.da[b * outputs + o])]));
        }
        formulas.extend(more(outputs, MOST, "outputs"));
    }
    formulas.extend(more(moment.samples.len(), ROWS, "samples"));
    operation(Phase::Backward, "slope of the loss", formulas)
}

fn layer_backward(moment: &Moment, l: usize) -> Vec<Operation> {
    let layer = &moment.network().layers()[l];
    let mut all = Vec::new();
    for o in 0..layer.out_features.min(MOST) {
        let name = moment.network().neuron_name(l + 1, o);
        if let Some(what) = follows(moment, l) {
            all.push(operation(Phase::Backward, format!("{name}: back through {what}"), through(moment, l, o)));
        }
        if layer.batch_norm.is_some() {
            all.push(operation(
                Phase::Backward,
                format!("{name}: back through batch normalisation"),
                through_norm(moment, l, o),
            ));
        }
        all.push(operation(
            Phase::Backward,
            format!("{name}: gradients of its parameters"),
            parameters(moment, layer, l, o),
        ));
    }
    if let Some(slope) = layer.slope.as_ref().filter(|slope| slope.weight.len() == 1) {
        let place = slope.weight.start;
        let name = Math::partial(letter("L"), Symbols(moment).parameter(place));
        let how = Math::words("from all neurons of the layer whose sum is below 0");
        let formula = Math::Equal(vec![name, how, number(moment, moment.gradients[place])]);
        all.push(operation(Phase::Backward, format!("{}: gradient of its slope", slope.name), vec![formula]));
    }
    if l > 0 {
        for i in 0..layer.in_features.min(MOST) {
            let name = moment.network().neuron_name(l, i);
            all.push(operation(
                Phase::Backward,
                format!("{name}: what comes back from {}", layer.name),
                back(moment, layer, l, i),
            ));
        }
    }
    all
}

/// ∂L/∂(what the activation is given) = ∂L/∂a · f′.
fn through(moment: &Moment, l: usize, o: usize) -> Vec<Math> {
    let (symbols, values) = (Symbols(moment), &moment.layers[l]);
    let width = moment.network().layers()[l].out_features;
    let back = values.norm.as_ref().map_or(&values.dz, |norm| &norm.dy);
    let index = o.to_string();
    let mut formulas: Vec<Math> = shown(moment)
        .map(|b| {
            let at = b * width + o;
            let below = Math::partial(letter("L"), symbols.given(l + 1, &index));
            let mut sides = vec![below];
            match &moment.locals[l].activation {
                Derivative::Each(slopes) => {
                    let above = Math::partial(letter("L"), symbols.output(l + 1, &index));
                    let mask = values.dropout.as_ref().map(|dropped| dropped.mask[at]);
                    let named = mask.map(|_| symbols.mask(l + 1, &index));
                    let (mut names, mut numbers) = (vec![above], vec![number(moment, values.da[at])]);
                    names.extend(named);
                    numbers.extend(mask.map(|mask| number(moment, mask)));
                    names.push(symbols.slope(l + 1, &index));
                    numbers.push(number(moment, slopes[at]));
                    sides.push(Math::Product(names));
                    sides.push(Math::Product(numbers));
                }
                _ => sides.push(Math::words("from all outputs of the layer")),
            }
            sides.push(number(moment, back[at]));
            Math::Equal(sides)
        })
        .collect();
    formulas.extend(more(moment.samples.len(), ROWS, "samples"));
    formulas
}

fn through_norm(moment: &Moment, l: usize, o: usize) -> Vec<Math> {
    let width = moment.network().layers()[l].out_features;
    let index = o.to_string();
    let mut formulas: Vec<Math> = shown(moment)
        .map(|b| {
            let below = Math::partial(letter("L"), Symbols(moment).sum(l + 1, &index));
            let how = Math::words("from all samples of the batch");
            Math::Equal(vec![below, how, number(moment, moment.layers[l].dz[b * width + o])])
        })
        .collect();
    formulas.extend(more(moment.samples.len(), ROWS, "samples"));
    formulas
}

/// ∂L/∂w = ∂L/∂z · input, added up over the samples.
fn parameters(moment: &Moment, layer: &Layer, l: usize, o: usize) -> Vec<Math> {
    let (symbols, dz, inputs) = (Symbols(moment), &moment.layers[l].dz, moment.activations(l));
    let gradient = |place: usize| Math::partial(letter("L"), symbols.parameter(place));
    let delta = |b: usize| dz[b * layer.out_features + o];
    let mut formulas = Vec::new();
    for i in 0..layer.in_features.min(MOST) {
        let place = layer.weight.start + o * layer.in_features + i;
        let term = |b| Math::Product(vec![number(moment, delta(b)), number(moment, inputs[b * layer.in_features + i])]);
        let mut terms: Vec<Math> = shown(moment).map(term).collect();
        terms.extend(more(moment.samples.len(), ROWS, "samples"));
        formulas.push(Math::Equal(vec![gradient(place), Math::Sum(terms), number(moment, moment.gradients[place])]));
    }
    formulas.extend(more(layer.in_features, MOST, "weights"));
    let affine = layer.batch_norm.as_ref().and_then(|norm| norm.affine.clone());
    // A slope that all neurons share is shown by itself.
    let slopes = layer.slope.as_ref().map(|slope| slope.weight.clone()).filter(|slopes| slopes.len() > 1);
    let others = [layer.bias.clone(), affine.clone().map(|(weight, _)| weight), affine.map(|(_, bias)| bias), slopes];
    for range in others.into_iter().flatten() {
        let place = range.start + o;
        formulas.push(Math::Equal(vec![gradient(place), number(moment, moment.gradients[place])]));
    }
    formulas
}

/// ∂L/∂a = Σ weight · ∂L/∂z over the neurons that it goes to.
fn back(moment: &Moment, layer: &Layer, l: usize, i: usize) -> Vec<Math> {
    let symbols = Symbols(moment);
    let mut formulas = Vec::new();
    for b in shown(moment) {
        let term = |o: usize| {
            let weight = moment.parameters[layer.weight.start + o * layer.in_features + i];
            Math::Product(vec![number(moment, weight), number(moment, moment.layers[l].dz[b * layer.out_features + o])])
        };
        let mut terms: Vec<Math> = (0..layer.out_features.min(MOST)).map(term).collect();
        terms.extend(more(layer.out_features, MOST, "terms"));
        let name = Math::partial(letter("L"), symbols.output(l, &i.to_string()));
        let value = number(moment, moment.layers[l - 1].da[b * layer.in_features + i]);
        formulas.push(Math::Equal(vec![name, Math::Sum(terms), value]));
    }
    formulas.extend(more(moment.samples.len(), ROWS, "samples"));
    formulas
}

/// One operation a tensor: the rule, and a table of its parameters.
fn updates(moment: &Moment) -> Vec<Operation> {
    let Some(Origin { optimizer, update, .. }) = &moment.origin else {
        return vec![];
    };
    let gradients = moment.all_gradients();
    let clipped = update.gradients != gradients;
    let mut head = vec!["parameter".to_string(), "before".into(), "gradient".into()];
    head.extend(clipped.then(|| "clipped".to_string()));
    head.extend(optimizer.buffers().iter().map(ToString::to_string));
    head.extend(["step".to_string(), "after".into()]);
    let show = |value: f64| exact(value, moment.dtype);
    let row = |place: usize| {
        let mut row =
            vec![moment.network().parameter_name(place), show(moment.parameters[place]), show(gradients[place])];
        row.extend(clipped.then(|| show(update.gradients[place])));
        row.extend(update.after.iter().map(|buffer| show(buffer[place])));
        row.push(nine(update.parameters[place] - moment.parameters[place]));
        row.push(show(update.parameters[place]));
        row
    };
    let of_tensor = |tensor: crate::nn::Tensor| {
        let rows = tensor.range.clone().take(MOST).map(row).collect();
        let mut blocks = vec![Block::Words(format!("{}, lr {}: {}", optimizer.name(), update.lr, optimizer.formula()))];
        blocks.push(Block::Table(Table { head: head.clone(), rows, left: vec![0] }));
        blocks.extend(more(tensor.range.len(), MOST, "parameters").map(|words| Block::Formulas(vec![words])));
        Operation { phase: Phase::Update, title: format!("{}: update", tensor.name), blocks }
    };
    moment.network().tensors().map(of_tensor).collect()
}
