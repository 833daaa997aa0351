//! The chain rule as a graph: every path from a parameter to the loss, counted, added up, and the largest ones listed.
//!
//! Between two neighbouring quantities stands a local derivative. The product of those along a path is that path's part of the
//! gradient, and the sum over all paths is the gradient. Sums over paths are computed from the loss backwards, without listing
//! any, so that they are there for networks with more paths than atoms.

use super::moment::{Derivative, Moment};
use crate::nn::BatchNorm;

/// A local derivative.
#[derive(Debug, Clone, Copy)]
struct Factor {
    value: f64,
    /// Its size; that of its terms, where it is made by subtracting.
    terms: f64,
}

impl Factor {
    fn plain(value: f64) -> Self {
        Self { value, terms: value.abs() }
    }
}

/// A column of the graph: B·O quantities, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Weighted sums of a layer, counted from 0.
    Sum(usize),
    /// What its batch normalisation makes of them.
    Norm(usize),
    /// What its activation makes of that.
    Activation(usize),
    /// What dropout leaves of that.
    Dropout(usize),
}

impl Stage {
    pub(super) fn layer(self) -> usize {
        let (Self::Sum(l) | Self::Norm(l) | Self::Activation(l) | Self::Dropout(l)) = self;
        l
    }
}

/// Sums over all paths from one quantity to the loss.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Total {
    /// Sum of the products: ∂L/∂quantity.
    pub(super) sum: f64,
    /// Sum of the sizes of the products.
    pub(super) size: f64,
    /// The same, with the sizes of the terms that a derivative is the difference of in its place: what the backward pass adds
    /// up, and so what its roundings go by.
    pub(super) terms: f64,
    /// Number of paths; 2¹²⁸ − 1 stands for that many and more.
    pub(super) count: u128,
}

/// The largest paths from a quantity to the loss: the product; the next quantity, and which of its paths.
type Ways = Vec<(f64, usize, usize)>;

/// A path from a parameter to the loss.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    /// The quantity in each stage, from the one that the parameter goes into.
    pub(super) nodes: Vec<usize>,
    /// The local derivatives, from the parameter's own to that of the loss: one more than nodes.
    pub(super) factors: Vec<f64>,
    pub(super) product: f64,
}

/// The graph from a parameter to the loss.
pub(super) struct Graph<'m> {
    moment: &'m Moment,
    /// From the one that the parameter goes into to the last.
    pub(super) stages: Vec<Stage>,
    /// The quantities that the parameter goes into, with ∂quantity/∂parameter.
    pub(super) starts: Vec<(usize, f64)>,
    /// For every quantity of every stage.
    pub(super) totals: Vec<Vec<Total>>,
}

impl<'m> Graph<'m> {
    pub(super) fn new(moment: &'m Moment, parameter: usize) -> Self {
        let (first, starts) = starts(moment, parameter);
        let layers = moment.network().layers().iter().enumerate().skip(first.layer());
        let mut stages = Vec::new();
        for (l, layer) in layers {
            stages.push(Stage::Sum(l));
            stages.extend(layer.batch_norm.as_ref().map(|_| Stage::Norm(l)));
            // What is passed on as it is, is the same quantity.
            let identity = layer.activation == crate::nn::Activation::IDENTITY;
            stages.extend((!identity).then_some(Stage::Activation(l)));
            stages.extend(moment.layers[l].dropout.as_ref().map(|_| Stage::Dropout(l)));
        }
        stages.drain(..stages.iter().position(|&s| s == first).expect("the parameter's own stage"));
        let mut graph = Self { moment, stages, starts, totals: vec![] };
        graph.totals = graph.add_up();
        graph
    }

    /// Neurons in a row of a stage.
    pub(super) fn width(&self, stage: usize) -> usize {
        self.moment.network().layers()[self.stages[stage].layer()].out_features
    }

    /// ∂L/∂quantity of the last stage.
    fn slope(&self, node: usize) -> f64 {
        self.moment.layers[self.moment.layers.len() - 1].da[node]
    }

    /// Calls `visit` with each quantity of the next stage that a quantity goes into, and the derivative between them.
    fn successors(&self, stage: usize, node: usize, mut visit: impl FnMut(usize, Factor)) {
        let width = self.width(stage);
        let (row, neuron) = (node / width, node % width);
        match self.stages[stage + 1] {
            Stage::Sum(l) => {
                let layer = &self.moment.network().layers()[l];
                for o in 0..layer.out_features {
                    let weight = layer.weight.start + o * layer.in_features + neuron;
                    visit(row * layer.out_features + o, Factor::plain(self.moment.parameters[weight]));
                }
            }
            Stage::Norm(l) => self.through_norm(l, node, visit),
            Stage::Dropout(l) => {
                let mask = self.moment.layers[l].dropout.as_ref().map_or(1.0, |dropped| dropped.mask[node]);
                visit(node, Factor::plain(mask));
            }
            Stage::Activation(l) => match &self.moment.locals[l].activation {
                Derivative::Row(d) => {
                    let (f, values) = (self.moment.network().layers()[l].activation, &self.moment.layers[l]);
                    let a = values.dropout.as_ref().map_or(&values.a, |dropped| &dropped.f);
                    for (to, at) in (0..width).map(|to| (to, row * width + to)) {
                        let (value, terms) = (d[node * width + to], f.terms(a[node], a[at], at == node));
                        visit(at, Factor { value, terms });
                    }
                }
                Derivative::Each(d) | Derivative::Column(d) => visit(node, Factor::plain(d[node])),
            },
        }
    }

    /// The successors of a weighted sum that is normalised.
    fn through_norm(&self, l: usize, node: usize, mut visit: impl FnMut(usize, Factor)) {
        let moment = self.moment;
        let Some((derivative, normed)) = moment.locals[l].norm.as_ref().zip(moment.layers[l].norm.as_ref()) else {
            return;
        };
        match derivative {
            Derivative::Column(d) => {
                let (rows, layer) = (moment.samples.len(), &moment.network().layers()[l]);
                let neuron = node % layer.out_features;
                let affine = layer.batch_norm.as_ref().and_then(|norm| norm.affine.as_ref());
                let weight = affine.map_or(1.0, |(weight, _)| moment.parameters[weight.start + neuron]);
                for to in 0..rows {
                    let at = to * layer.out_features + neuron;
                    let x_hat = (normed.x_hat[node], normed.x_hat[at]);
                    let terms = BatchNorm::terms(weight * normed.inv_std[neuron], x_hat, rows, at == node);
                    visit(at, Factor { value: d[node * rows + to], terms });
                }
            }
            Derivative::Each(d) | Derivative::Row(d) => visit(node, Factor::plain(d[node])),
        }
    }

    fn add_up(&self) -> Vec<Vec<Total>> {
        let rows = self.moment.samples.len();
        let last = self.stages.len() - 1;
        let mut totals: Vec<Vec<Total>> = (0..=last).map(|s| vec![Total::default(); rows * self.width(s)]).collect();
        for (node, total) in totals[last].iter_mut().enumerate() {
            let slope = self.slope(node);
            *total = Total { sum: slope, size: slope.abs(), terms: slope.abs(), count: 1 };
        }
        for stage in (0..last).rev() {
            let (before, after) = totals.split_at_mut(stage + 1);
            for (node, total) in before[stage].iter_mut().enumerate() {
                self.successors(stage, node, |to, factor| {
                    let next = after[0][to];
                    total.sum += factor.value * next.sum;
                    total.size += factor.value.abs() * next.size;
                    total.terms += factor.terms * next.terms;
                    total.count = total.count.saturating_add(next.count);
                });
            }
        }
        totals
    }

    /// Over all paths from the parameter.
    pub(super) fn total(&self) -> Total {
        self.starts.iter().fold(Total::default(), |total, &(node, factor)| {
            let next = self.totals[0][node];
            Total {
                sum: total.sum + factor * next.sum,
                size: total.size + factor.abs() * next.size,
                terms: total.terms + factor.abs() * next.terms,
                count: total.count.saturating_add(next.count),
            }
        })
    }

    /// The part of the gradient that goes through each quantity of each stage: ∂quantity/∂parameter · ∂L/∂quantity. In every
    /// stage these add up to the gradient.
    pub(super) fn through(&self) -> Vec<Vec<f64>> {
        let mut from: Vec<Vec<f64>> = self.totals.iter().map(|stage| vec![0.0; stage.len()]).collect();
        for &(node, factor) in &self.starts {
            from[0][node] += factor;
        }
        for stage in 0..self.stages.len() - 1 {
            let (before, after) = from.split_at_mut(stage + 1);
            for (node, &so_far) in before[stage].iter().enumerate() {
                self.successors(stage, node, |to, factor| after[0][to] += so_far * factor.value);
            }
        }
        let products = |(from, totals): (Vec<f64>, &Vec<Total>)| {
            from.into_iter().zip(totals).map(|(from, total)| from * total.sum).collect()
        };
        from.into_iter().zip(&self.totals).map(products).collect()
    }

    /// The `most` paths with the largest products, largest first.
    ///
    /// For each quantity, from the loss backwards, its largest paths are made of the largest ones of its successors.
    pub(super) fn largest(&self, most: usize) -> Vec<Path> {
        let keep = |mut ways: Ways| {
            // A stable sort: of equal sizes the first in the order of neurons.
            ways.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
            ways.truncate(most);
            ways
        };
        let last = self.stages.len() - 1;
        let mut ways: Vec<Vec<Ways>> = self.totals.iter().map(|stage| vec![vec![]; stage.len()]).collect();
        for (node, way) in ways[last].iter_mut().enumerate() {
            *way = vec![(self.slope(node), 0, 0)];
        }
        for stage in (0..last).rev() {
            for node in 0..ways[stage].len() {
                let mut all = Ways::new();
                self.successors(stage, node, |to, factor| {
                    all.extend(ways[stage + 1][to].iter().enumerate().map(|(k, way)| (factor.value * way.0, to, k)));
                });
                ways[stage][node] = keep(all);
            }
        }
        let from_start = |&(node, factor): &(usize, f64)| {
            let list = ways[0][node].iter().enumerate();
            list.map(move |(k, way)| (factor * way.0, node, k)).collect::<Ways>()
        };
        let starts = keep(self.starts.iter().flat_map(from_start).collect());
        starts.into_iter().map(|(_, node, k)| self.follow(&ways, node, k)).collect()
    }

    /// The path that begins with the k-th way from a quantity of the first stage.
    fn follow(&self, ways: &[Vec<Ways>], start: usize, k: usize) -> Path {
        let first = self.starts.iter().find(|(node, _)| *node == start).map_or(0.0, |(_, factor)| *factor);
        let (mut nodes, mut factors) = (vec![start], vec![first]);
        let mut at = (start, k);
        for (stage, ways) in ways.iter().enumerate().take(self.stages.len() - 1) {
            let (_, to, k) = ways[at.0][at.1];
            self.successors(stage, at.0, |other, factor| {
                if other == to {
                    factors.push(factor.value);
                }
            });
            nodes.push(to);
            at = (to, k);
        }
        factors.push(self.slope(at.0));
        let product = factors.iter().product();
        Path { nodes, factors, product }
    }
}

/// The stage that a parameter goes into, and ∂quantity/∂parameter for each quantity there.
fn starts(moment: &Moment, parameter: usize) -> (Stage, Vec<(usize, f64)>) {
    let layers = moment.network().layers();
    let rows = 0..moment.samples.len();
    for (l, layer) in layers.iter().enumerate() {
        let width = layer.out_features;
        if layer.weight.contains(&parameter) {
            let (o, i) = (
                (parameter - layer.weight.start) / layer.in_features,
                (parameter - layer.weight.start) % layer.in_features,
            );
            let inputs = moment.activations(l);
            return (Stage::Sum(l), rows.map(|b| (b * width + o, inputs[b * layer.in_features + i])).collect());
        }
        if let Some(bias) = layer.bias.as_ref().filter(|bias| bias.contains(&parameter)) {
            return (Stage::Sum(l), rows.map(|b| (b * width + parameter - bias.start, 1.0)).collect());
        }
        let affine = layer.batch_norm.as_ref().and_then(|norm| norm.affine.as_ref());
        if let Some((weight, bias)) = affine {
            let x_hat = moment.layers[l].norm.as_ref().map_or(&[][..], |norm| &norm.x_hat);
            if weight.contains(&parameter) {
                let at = |b: usize| b * width + parameter - weight.start;
                return (Stage::Norm(l), rows.map(|b| (at(b), x_hat[at(b)])).collect());
            }
            if bias.contains(&parameter) {
                return (Stage::Norm(l), rows.map(|b| (b * width + parameter - bias.start, 1.0)).collect());
            }
        }
        if let Some(slope) = layer.slope.as_ref().filter(|slope| slope.weight.contains(&parameter)) {
            // min(0, z) of the one neuron, or of all.
            let values = &moment.layers[l];
            let given = values.norm.as_ref().map_or(&values.z, |norm| &norm.y);
            let own = (0..given.len()).filter(|at| slope.of(at % width) == parameter);
            return (Stage::Activation(l), own.map(|at| (at, given[at].min(0.0))).collect());
        }
    }
    unreachable!("every parameter is in a layer")
}
