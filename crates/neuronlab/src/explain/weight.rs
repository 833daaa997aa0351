//! Why a weight will move, and by how much: its gradient at one moment, path by path.

use super::explanation::{Difference, Explanation, Output, ParameterUpdate, Pass, PathPart, Quantity, Through};
use super::moment::{Moment, Origin};
use super::paths::{Graph, Path, Stage};
use super::symbols::Symbols;
use super::{formula, notes};
use crate::error::{Error, Result};
use crate::nn::{Loss, Model};
use crate::optim::Optimizer;
use crate::scalar::Real;

/// Paths up to which all are listed; of more the largest.
const FEW: usize = 32;
/// Paths that are listed of more.
const LARGEST: usize = 12;
/// Paths that can be listed at all.
const MOST: usize = 100_000;

impl Explanation {
    /// Of a parameter, by its name; of more than 32 paths the twelve largest are listed.
    ///
    /// # Errors
    /// A name that the network has not; a batch that is too large.
    pub fn new(moment: &Moment, parameter: &str) -> Result<Self> {
        let place = moment.network().parameter(parameter)?;
        Moment::check_paths(moment.network(), moment.samples.len(), 1)?;
        let graph = Graph::new(moment, place);
        let few = graph.total().count <= FEW as u128;
        Ok(Self::of(moment, place, &graph, if few { FEW } else { LARGEST }))
    }

    /// The same with all paths.
    ///
    /// # Errors
    /// The same, and more than 100,000 paths.
    pub fn with_all_paths(moment: &Moment, parameter: &str) -> Result<Self> {
        let place = moment.network().parameter(parameter)?;
        Moment::check_paths(moment.network(), moment.samples.len(), 1)?;
        let graph = Graph::new(moment, place);
        let count = graph.total().count;
        if count > MOST as u128 {
            let got = format!("{} from {parameter} to the loss", paths_in_words(count));
            let error = Error::field("all-paths", format!("a network of at most {MOST} paths"), got);
            return Err(error.with_hint("without it the largest paths are listed, and the sum is over all of them"));
        }
        Ok(Self::of(moment, place, &graph, MOST))
    }

    fn of(moment: &Moment, place: usize, graph: &Graph<'_>, most: usize) -> Self {
        let (loss, total, origin) = (&moment.loss_function, graph.total(), moment.origin.as_ref());
        let through = graph.through();
        let row = shown_row(moment, graph, &through);
        let paths: Vec<Path> = graph.largest(most);
        let parameter = moment.network().parameter_name(place);
        let mut explanation = Self {
            experiment: origin.map(|origin| origin.experiment.clone()),
            dtype: moment.dtype,
            epoch: origin.map(|origin| origin.epoch),
            step: origin.map(|origin| origin.step),
            samples: moment.samples.clone(),
            own: origin.is_some_and(|origin| origin.own),
            role: role(moment, place),
            value: moment.parameters[place],
            sample: moment.samples[row],
            inputs: inputs(moment, row),
            given: moment.given.get(row).cloned().unwrap_or_default(),
            forward: forward(moment, row),
            outputs: outputs(moment, row),
            loss: (loss.name().into(), loss.formula_with_settings(), moment.loss),
            formula: formula::gradient(moment, place, graph, &paths),
            count: total.count,
            paths: paths.iter().map(|path| part(moment, place, graph, path)).collect(),
            sum: total.sum,
            size: total.size,
            terms: total.terms,
            backward: moment.gradients[place],
            penalty: moment.penalty.as_ref().map(|penalty| penalty.part(place)),
            difference: difference(moment, place),
            through: layers_through(moment, graph, &through),
            by_sample: by_sample(moment, graph),
            update: origin.map(|origin| update(moment, origin, place)),
            notes: vec![],
            parameter,
        };
        explanation.notes = notes::about(moment, place, graph, &explanation);
        explanation
    }
}

/// A number of paths in words.
pub(super) fn paths_in_words(count: u128) -> String {
    match count {
        1 => "1 path".into(),
        u128::MAX => "more than 10^38 paths".into(),
        n if n > 10_000_000 => format!("{:.2e} paths", n as f64),
        n => format!("{n} paths"),
    }
}

/// The row of the batch that makes most of the gradient.
fn shown_row(moment: &Moment, graph: &Graph<'_>, through: &[Vec<f64>]) -> usize {
    let width = graph.width(0);
    let part = |row: usize| through[0][row * width..(row + 1) * width].iter().sum::<f64>().abs();
    (1..moment.samples.len()).fold(0, |best, row| if part(row) > part(best) { row } else { best })
}

fn by_sample(moment: &Moment, graph: &Graph<'_>) -> Vec<(u32, f64)> {
    let width = graph.width(0);
    // A slope that all neurons share goes into several quantities of a row.
    let rows = graph.starts.chunk_by(|a, b| a.0 / width == b.0 / width);
    let part = |&(node, factor): &(usize, f64)| factor * graph.totals[0][node].sum;
    rows.map(|row| (moment.samples[row[0].0 / width], row.iter().map(part).sum())).collect()
}

fn inputs(moment: &Moment, row: usize) -> Vec<(String, f64)> {
    let width = moment.network().in_features();
    let values = &moment.input[row * width..(row + 1) * width];
    values.iter().enumerate().map(|(i, &x)| (moment.network().neuron_name(0, i), x)).collect()
}

pub(super) fn forward(moment: &Moment, row: usize) -> Vec<Pass> {
    let mut passes = Vec::new();
    for (l, layer) in moment.network().layers().iter().enumerate() {
        let input = &moment.activations(l)[row * layer.in_features..(row + 1) * layer.in_features];
        let values = &moment.layers[l];
        for o in 0..layer.out_features {
            let weights = &moment.parameters[layer.weight.clone()][o * layer.in_features..(o + 1) * layer.in_features];
            let at = row * layer.out_features + o;
            passes.push(Pass {
                neuron: moment.network().neuron_name(l + 1, o),
                place: (l + 1, o),
                activation: layer.activation.key(),
                terms: weights.iter().copied().zip(input.iter().copied()).collect(),
                bias: layer.bias.as_ref().map(|bias| moment.parameters[bias.start + o]),
                z: values.z[at],
                normalised: values.norm.as_ref().map(|norm| norm.y[at]),
                mask: values.dropout.as_ref().map(|dropped| dropped.mask[at]),
                a: values.a[at],
            });
        }
    }
    passes
}

fn outputs(moment: &Moment, row: usize) -> Vec<Output> {
    let (last, width) = (moment.layers.len(), moment.network().out_features());
    let output = |o: usize| {
        let at = row * width + o;
        let values = &moment.layers[last - 1];
        let neuron = moment.network().neuron_name(last, o);
        Output { neuron, output: values.a[at], target: moment.target[at], slope: values.da[at] }
    };
    (0..width).map(output).collect()
}

fn part(moment: &Moment, place: usize, graph: &Graph<'_>, path: &Path) -> PathPart {
    let symbols = Symbols(moment);
    let neuron = |stage: usize| path.nodes[stage] % graph.width(stage);
    let mut names = vec![formula::first_factor(moment, place, &neuron(0).to_string())];
    let mut neurons = Vec::new();
    for (s, stage) in graph.stages.iter().enumerate() {
        if s > 0 {
            names.push(symbols.step(*stage, neuron(s - 1), neuron(s)));
        }
        let name = moment.network().neuron_name(stage.layer() + 1, neuron(s));
        if neurons.last() != Some(&name) {
            neurons.push(name);
        }
    }
    names.push(symbols.loss_slope(&neuron(graph.stages.len() - 1).to_string()));
    let factors = names.into_iter().zip(path.factors.iter().copied()).collect();
    let sample = moment.samples[path.nodes[0] / graph.width(0)];
    let quantities = (0..graph.stages.len()).map(|s| quantity(moment, graph, s, path.nodes[s])).collect();
    PathPart { sample, neurons, quantities, factors, product: path.product }
}

fn quantity(moment: &Moment, graph: &Graph<'_>, stage: usize, node: usize) -> Quantity {
    let (width, stage) = (graph.width(stage), graph.stages[stage]);
    let values = &moment.layers[stage.layer()];
    let value = match stage {
        Stage::Sum(_) => values.z[node],
        Stage::Norm(_) => values.norm.as_ref().map_or(values.z[node], |norm| norm.y[node]),
        Stage::Activation(_) => values.dropout.as_ref().map_or(values.a[node], |dropped| dropped.f[node]),
        Stage::Dropout(_) => values.a[node],
    };
    let name = Symbols(moment).quantity(stage, node % width).text();
    Quantity { name, sample: moment.samples[node / width], neuron: node % width, value }
}

/// The central difference; h is the cube root of the rounding, where truncation and rounding are about equal.
fn difference(moment: &Moment, place: usize) -> Difference {
    let w = moment.parameters[place];
    let h = f64::EPSILON.cbrt() * w.abs().max(1.0);
    let value = (moment.loss_with(place, w + h) - moment.loss_with(place, w - h)) / ((w + h) - (w - h));
    Difference { value, h }
}

fn layers_through(moment: &Moment, graph: &Graph<'_>, through: &[Vec<f64>]) -> Vec<Through> {
    let sums = graph.stages.iter().enumerate().filter(|(s, stage)| *s > 0 && matches!(stage, Stage::Sum(_)));
    sums.map(|(s, stage)| {
        let (l, width) = (stage.layer(), graph.width(s));
        let part = |o: usize| through[s].iter().skip(o).step_by(width).sum();
        let neurons = (0..width).map(|o| (moment.network().neuron_name(l + 1, o), part(o))).collect();
        Through { layer: moment.network().layers()[l].name.clone(), neurons }
    })
    .collect()
}

fn update(moment: &Moment, origin: &Origin, place: usize) -> ParameterUpdate {
    let Origin { optimizer, update, .. } = origin;
    let buffers = optimizer.buffers().iter().zip(update.before.iter().zip(&update.after));
    ParameterUpdate {
        rule: (optimizer.describe(), optimizer.formula().into()),
        plain: matches!(optimizer, Optimizer::Sgd(sgd) if sgd.is_plain()),
        maximize: optimizer.maximizes(),
        frozen: moment.network().frozen().iter().any(|range| range.contains(&place)),
        lr: update.lr,
        momentum: update.momentum,
        gradient: update.gradients[place],
        remembered: buffers.map(|(name, (b, a))| ((*name).to_string(), b[place], a[place])).collect(),
        change: update.parameters[place] - moment.parameters[place],
        value: update.parameters[place],
    }
}

/// What a parameter does.
fn role(moment: &Moment, place: usize) -> String {
    let symbols = Symbols(moment);
    let network = moment.network();
    for (l, layer) in network.layers().iter().enumerate() {
        if layer.weight.contains(&place) {
            let at = place - layer.weight.start;
            let from = symbols.output(l, &(at % layer.in_features).to_string()).text();
            return format!(
                "multiplies {from} in the weighted sum of {}",
                network.neuron_name(l + 1, at / layer.in_features)
            );
        }
        if let Some(bias) = layer.bias.as_ref().filter(|bias| bias.contains(&place)) {
            return format!("is added to the weighted sum of {}", network.neuron_name(l + 1, place - bias.start));
        }
        let affine = layer.batch_norm.as_ref().and_then(|norm| norm.affine.as_ref());
        if let Some((weight, bias)) = affine {
            if weight.contains(&place) {
                return format!("scales the normalised sum of {}", network.neuron_name(l + 1, place - weight.start));
            }
            if bias.contains(&place) {
                return format!("shifts the normalised sum of {}", network.neuron_name(l + 1, place - bias.start));
            }
        }
        if let Some(slope) = layer.slope.as_ref().filter(|slope| slope.weight.contains(&place)) {
            let whose = match slope.weight.len() {
                1 => format!("all neurons of {}", layer.name),
                _ => network.neuron_name(l + 1, place - slope.weight.start),
            };
            return format!("is the slope below 0 of {whose}");
        }
    }
    unreachable!("every parameter is in a layer")
}

impl<T: Real> Model<T> {
    /// Why the loss of these inputs and targets changes with a parameter: its gradient, path by path.
    ///
    /// ```
    /// use neuronlab::prelude::*;
    ///
    /// let network = Network::sequential([Linear::new(1, 2).bias(false).tanh(), Linear::new(2, 1).bias(false)])?;
    /// let model: Model<f64> = Model::init(network, &mut TorchRng::new(0))?;
    /// let why = model.explain("lin1.weight[1,0]", &Loss::MSE_LOSS, &[0.5], &[1.0])?;
    /// assert_eq!(why.paths[0].neurons, ["H#1_1", "Y#0"]);
    /// # Ok::<(), neuronlab::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name that the network has not; not as many inputs or targets as it has.
    pub fn explain(&self, parameter: &str, loss: &Loss, x: &[T], y: &[T]) -> Result<Explanation> {
        Explanation::new(&Moment::of_model(self, loss, x, y)?, parameter)
    }
}
